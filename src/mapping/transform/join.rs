//! `join`.

use super::{Argument, Transform};
use crate::mapping::value::{Type, Value};

pub(super) const TRANSFORM: Transform = Transform {
    name: "join",
    about: "writes a list as one text",
    argument: Argument::Needed("what stands between"),
    accepts: &[Type::List],
    gives: Type::Text,
    prepare: |given| {
        let separator = given.text(r#"{ join = ", " }"#)?.to_owned();
        Ok(Box::new(move |value| {
            let Value::List(values) = value else { return Ok(Some(value)) };
            let texts: Vec<_> = values.iter().map(Value::text_form).collect();
            Ok(Some(Value::Text(texts.join(&separator).into())))
        }))
    },
};
