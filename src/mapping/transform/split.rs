//! `split`.

use super::{Argument, BadArgument, Transform};
use crate::mapping::value::{Type, Value};

pub(super) const TRANSFORM: Transform = Transform {
    name: "split",
    about: "cuts a text at each separator; the parts are trimmed, and empty ones left out",
    argument: Argument::Needed("the separator"),
    accepts: &[Type::Text],
    gives: Type::List,
    prepare: |given| {
        let separator = given.text(r#"{ split = "," }"#)?.to_owned();
        if separator.is_empty() {
            return Err(BadArgument::new(0, "there is no separator", r#"such as { split = "," }"#));
        }
        Ok(Box::new(move |value| {
            let text = value.text_form();
            let parts = text.split(&separator).map(str::trim).filter(|part| !part.is_empty());
            Ok(Some(Value::List(parts.map(|part| Value::Text(part.to_owned().into())).collect())))
        }))
    },
};
