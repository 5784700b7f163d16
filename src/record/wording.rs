//! Numbers, counts and times as people read them.

use std::time::Duration;

/// `87412` as `87,412`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 message`, `2 messages`: regular nouns only.
pub fn count(number: u64, noun: &str) -> String {
    format!("{} {}", grouped(number), plural(number, noun))
}

/// `message` or `messages`: regular nouns only.
pub fn plural(number: u64, noun: &str) -> String {
    if number == 1 { noun.to_owned() } else { format!("{noun}s") }
}

/// `1 message waits`, `2 messages wait` to be sent.
pub fn waiting(number: u64) -> String {
    format!("{} {} to be sent", count(number, "message"), if number == 1 { "waits" } else { "wait" })
}

/// A duration in its two largest units: `11 h 34 min`, `4 min 10 s`, `8 s`.
pub fn duration(length: Duration) -> String {
    // Rounded, so that a forecast of 9.9999 s reads as 10 s.
    let seconds = length.as_secs() + u64::from(length.subsec_millis() >= 500);
    match (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, seconds) => format!("{seconds} s"),
        (0, 0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (0, hours, minutes, _) => format!("{hours} h {minutes} min"),
        (days, hours, _, _) => format!("{} {hours} h", count(days, "day")),
    }
}

/// A share in percent with one digit behind the point; `100.0` only if it is all, `0.0` only if it is none.
pub fn percent(part: u64, whole: u64) -> String {
    let tenths = part.saturating_mul(1000).saturating_add(whole / 2).checked_div(whole).unwrap_or(1000);
    let tenths = match part {
        0 if whole > 0 => 0,
        _ if part < whole => tenths.clamp(1, 999),
        _ => tenths,
    };
    format!("{}.{}", tenths / 10, tenths % 10)
}
