//! `boolean`.

use super::Transform;
use crate::mapping::value::{Type, Value};

pub(super) const TRANSFORM: Transform = Transform {
    name: "boolean",
    about: "reads true/false, yes/no and 1/0, in any case",
    accepts: &[Type::Text, Type::Integer, Type::Boolean],
    gives: Type::Boolean,
    run: |value| {
        let word = value.text_form().trim().to_lowercase();
        match word.as_str() {
            "true" | "yes" | "1" => Ok(Value::Boolean(true)),
            "false" | "no" | "0" => Ok(Value::Boolean(false)),
            _ => Err("none of true, false, yes, no, 1, 0".to_owned()),
        }
    },
};
