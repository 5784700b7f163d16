//! `round`.

use super::{Argument, Transform, plain};
use crate::mapping::value::{Type, Value};

pub(super) const TRANSFORM: Transform = Transform {
    name: "round",
    about: "rounds a number to a whole one",
    argument: Argument::None,
    accepts: &[Type::Text, Type::Integer, Type::Fraction],
    gives: Type::Integer,
    prepare: |_| {
        Ok(plain(|value| match value {
            Value::Fraction(number) => whole(number),
            Value::Text(text) => whole(text.trim().parse().map_err(|_| "not a number".to_owned())?),
            other => Ok(other),
        }))
    },
};

#[expect(clippy::cast_possible_truncation, reason = "what does not fit was refused")]
fn whole(number: f64) -> Result<Value<'static>, String> {
    // Beyond this, whole numbers are no longer told apart.
    const MOST: f64 = 9_007_199_254_740_992.0;
    if number.abs() < MOST {
        Ok(Value::Integer(number.round() as i128))
    } else {
        Err("a number that is too large".to_owned())
    }
}
