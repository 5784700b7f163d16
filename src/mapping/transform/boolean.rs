//! `boolean`.

use super::{Argument, Transform, plain};
use crate::mapping::value::{Type, Value};

pub(super) const TRANSFORM: Transform = Transform {
    name: "boolean",
    about: "reads true/false, yes/no, on/off, y/n, t/f and 1/0, in any case",
    argument: Argument::None,
    accepts: &[Type::Text, Type::Integer, Type::Boolean],
    gives: Type::Boolean,
    prepare: |_| {
        Ok(plain(|value| match value.text_form().trim().to_lowercase().as_str() {
            "true" | "yes" | "on" | "y" | "t" | "1" => Ok(Value::Boolean(true)),
            "false" | "no" | "off" | "n" | "f" | "0" => Ok(Value::Boolean(false)),
            _ => Err("none of true, false, yes, no, on, off, y, n, t, f, 1, 0".to_owned()),
        }))
    },
};
