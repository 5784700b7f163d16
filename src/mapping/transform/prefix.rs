//! `prefix`.

use super::{Argument, Transform, of_text};
use crate::mapping::value::Type;

pub(super) const TRANSFORM: Transform = Transform {
    name: "prefix",
    about: "puts a text in front",
    argument: Argument::Needed("the text"),
    accepts: &[Type::Text],
    gives: Type::Text,
    prepare: |given| {
        let prefix = given.text(r#"{ prefix = "msg-" }"#)?.to_owned();
        Ok(of_text(move |text| Ok(Some(format!("{prefix}{text}")))))
    },
};
