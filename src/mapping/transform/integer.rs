//! `integer`.

use super::{Argument, Transform, plain};
use crate::mapping::value::{Type, Value};

pub(super) const TRANSFORM: Transform = Transform {
    name: "integer",
    about: "reads a whole number from text",
    argument: Argument::None,
    accepts: &[Type::Text, Type::Integer],
    gives: Type::Integer,
    prepare: |_| {
        Ok(plain(|value| match value {
            Value::Text(text) => {
                let number = text.trim().parse::<i64>().map_err(|_| "not a whole number".to_owned())?;
                Ok(Value::Integer(number.into()))
            }
            other => Ok(other),
        }))
    },
};
