//! Counts since 1970, which come as numbers and, from CSV, as text.

use jiff::Timestamp;

use crate::mapping::value::Value;

const NANOS: i128 = 1_000_000_000;

/// Reads a count of which `a_second` make a second. Digits are read as they are written: a computer's fractions would
/// move times by a hair.
pub(super) fn read<'a>(value: &Value<'a>, a_second: i128) -> Result<Value<'a>, String> {
    let text = value.text_form();
    let nanos = nanos(text.trim(), NANOS / a_second).ok_or_else(|| "not a number".to_owned())?;
    let moment = Timestamp::from_nanosecond(nanos).map_err(|_| "beyond the years that can be written".to_owned())?;
    Ok(Value::Time(moment))
}

/// `12.345` in nanoseconds, of which a whole one is `unit`.
fn nanos(text: &str, unit: i128) -> Option<i128> {
    let (is_negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    // More digits than this are beyond any year.
    if whole.is_empty() || whole.len() > 20 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let fraction: String = fraction.chars().take(9).collect();
    let part = if fraction.is_empty() {
        0
    } else {
        fraction.parse::<i128>().ok()? * unit / 10_i128.pow(u32::try_from(fraction.len()).ok()?)
    };
    let nanos = whole.parse::<i128>().ok()? * unit + part;
    Some(if is_negative { -nanos } else { nanos })
}

#[cfg(test)]
mod tests {
    use super::nanos;

    #[test]
    fn digits_are_kept_as_they_are_written() {
        assert_eq!(nanos("1701292649.333", 1_000_000_000), Some(1_701_292_649_333_000_000));
        assert_eq!(nanos("1701292649333", 1_000_000), Some(1_701_292_649_333_000_000));
        assert_eq!(nanos("-1.5", 1_000_000_000), Some(-1_500_000_000));
        for text in ["", ".", ".5", "1e9", "1,5", "12h", "99999999999999999999999"] {
            assert_eq!(nanos(text, 1_000_000_000), None, "{text}");
        }
    }
}
