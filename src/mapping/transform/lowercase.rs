//! `lowercase`.

use super::Transform;
use crate::mapping::value::{Type, Value};

pub(super) const TRANSFORM: Transform = Transform {
    name: "lowercase",
    about: "writes all letters in lower case",
    accepts: &[Type::Text],
    gives: Type::Text,
    run: |value| {
        Ok(match value {
            Value::Text(text) => Value::Text(text.to_lowercase().into()),
            other => other,
        })
    },
};
