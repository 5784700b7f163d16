//! `trim`.

use std::borrow::Cow;

use super::{Argument, Transform, plain};
use crate::mapping::value::{Type, Value};

pub(super) const TRANSFORM: Transform = Transform {
    name: "trim",
    about: "cuts white space at both ends",
    argument: Argument::None,
    accepts: &[Type::Text],
    gives: Type::Text,
    prepare: |_| {
        Ok(plain(|value| {
            Ok(match value {
                Value::Text(Cow::Borrowed(text)) => Value::Text(Cow::Borrowed(text.trim())),
                Value::Text(Cow::Owned(text)) => Value::Text(Cow::Owned(text.trim().to_owned())),
                other => other,
            })
        }))
    },
};
