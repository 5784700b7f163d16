//! How people write a length of time: `90s`, `15m`, `2h`.

use std::time::Duration;

/// Reads a whole number with `s`, `m` or `h` behind it; none where `text` is anything else.
pub fn time_span(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        _ => return None,
    };
    Some(Duration::from_secs(number.saturating_mul(seconds)))
}
