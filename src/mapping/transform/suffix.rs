//! `suffix`.

use super::{Argument, Transform, of_text};
use crate::mapping::value::Type;

pub(super) const TRANSFORM: Transform = Transform {
    name: "suffix",
    about: "puts a text behind",
    argument: Argument::Needed("the text"),
    accepts: &[Type::Text],
    gives: Type::Text,
    prepare: |given| {
        let suffix = given.text(r#"{ suffix = "-a" }"#)?.to_owned();
        Ok(of_text(move |text| Ok(Some(format!("{text}{suffix}")))))
    },
};
