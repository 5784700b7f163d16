//! Counts since 1970, which come as numbers and, from CSV, as text.

use jiff::Timestamp;

use crate::mapping::value::Value;

/// Reads a count of seconds or milliseconds with `make`.
pub(super) fn read<'a>(
    value: &Value<'a>,
    make: fn(i64) -> Result<Timestamp, jiff::Error>,
) -> Result<Value<'a>, String> {
    let count = match value {
        Value::Integer(count) => i64::try_from(*count).ok(),
        Value::Text(text) => text.trim().parse().ok(),
        Value::Fraction(_) | Value::Boolean(_) | Value::Time(_) => None,
    };
    let count = count.ok_or_else(|| "not a whole number".to_owned())?;
    make(count).map(Value::Time).map_err(|_| "beyond the years that can be written".to_owned())
}
