//! `to_string`.

use super::{Argument, Transform, plain};
use crate::mapping::value::{Type, Value};

pub(super) const TRANSFORM: Transform = Transform {
    name: "to_string",
    about: "writes a whole number or a boolean as text; refuses a number that has lost digits",
    argument: Argument::None,
    accepts: &[Type::Text, Type::Integer, Type::Fraction, Type::Boolean],
    gives: Type::Text,
    prepare: |_| Ok(plain(write)),
};

/// Writes `value` as text.
pub(in crate::mapping) fn write(value: Value<'_>) -> Result<Value<'_>, String> {
    match value {
        // A fraction is taken only to be refused in words that tell why: an id that a spreadsheet has rounded looks
        // like any other once it is text, and would never be found again.
        Value::Fraction(number) => Err(damaged(&exponential(number))),
        Value::Text(text) if is_spreadsheet_exponential(&text) => Err(damaged(&text)),
        Value::Integer(number) => Ok(Value::Text(number.to_string().into())),
        Value::Boolean(value) => Ok(Value::Text(if value { "true" } else { "false" }.into())),
        Value::Text(_) | Value::Time(_) | Value::List(_) => Ok(value),
    }
}

fn damaged(shown: &str) -> String {
    format!("the number looks damaged by a spreadsheet ({shown})")
}

fn exponential(number: f64) -> String {
    let text = format!("{number:E}");
    if text.contains("E-") { text } else { text.replace('E', "E+") }
}

/// Whether it has the very form in which spreadsheets write long numbers, such as `3.3E+13`.
fn is_spreadsheet_exponential(text: &str) -> bool {
    let Some((digits, exponent)) = text.split_once("E+") else {
        return false;
    };
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, "0"));
    let numeric = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    whole.len() == 1 && numeric(whole) && numeric(fraction) && exponent.len() >= 2 && numeric(exponent)
}

#[cfg(test)]
mod tests {
    use super::{exponential, is_spreadsheet_exponential};

    #[test]
    fn only_the_form_of_spreadsheets_counts_as_damaged() {
        assert!(is_spreadsheet_exponential("3.31447E+13"));
        assert!(is_spreadsheet_exponential("3E+13"));
        for id in ["3E13", "5e10", "E+13", "12.5E+3", "007", "3.3"] {
            assert!(!is_spreadsheet_exponential(id), "{id}");
        }
        assert_eq!(exponential(3.3e13), "3.3E+13");
    }
}
