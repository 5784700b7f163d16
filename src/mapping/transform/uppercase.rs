//! `uppercase`.

use super::Transform;
use crate::mapping::value::{Type, Value};

pub(super) const TRANSFORM: Transform = Transform {
    name: "uppercase",
    about: "writes all letters in upper case",
    accepts: &[Type::Text],
    gives: Type::Text,
    run: |value| {
        Ok(match value {
            Value::Text(text) => Value::Text(text.to_uppercase().into()),
            other => other,
        })
    },
};
