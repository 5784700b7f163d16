//! Times as the API writes and takes them: an explicit offset in UTC, and where an answer has none, it means UTC.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

/// RFC 3339 with the offset of UTC spelled out, as the API answers it.
pub(super) fn spelled(at: Timestamp) -> String {
    format!("{}+00:00", at.strftime("%Y-%m-%dT%H:%M:%S%.f"))
}

/// The instant that a value of an answer names; without an offset it means UTC.
pub fn moment(value: &Value) -> Option<Timestamp> {
    read(value.as_str()?)
}

/// The instant that `text` names.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| without_offset(text))
}

/// `text` as an update may say it: as it is, with the offset that the API leaves out and means.
pub(super) fn writable(text: &str) -> Option<String> {
    let at = read(text)?;
    // What else can be read, such as a space for the `T` or a bare date, is not documented to be taken.
    if text.as_bytes().get(10) != Some(&b'T') || text.contains('[') {
        return Some(spelled(at));
    }
    let is_naive = text.parse::<Timestamp>().is_err();
    Some(if is_naive { format!("{text}+00:00") } else { text.to_owned() })
}

fn without_offset(text: &str) -> Option<Timestamp> {
    let time: DateTime = text.parse().ok()?;
    time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::{read, writable};

    #[test]
    fn a_time_keeps_its_spelling_and_gets_the_offset_that_it_lacks() {
        for (text, expected) in [
            ("2024-05-01T10:00:00", Some("2024-05-01T10:00:00+00:00")),
            ("2024-05-01T10:00:00.120", Some("2024-05-01T10:00:00.120+00:00")),
            ("2024-05-01T10:00:00+00:00", Some("2024-05-01T10:00:00+00:00")),
            ("2024-05-01T10:00:00Z", Some("2024-05-01T10:00:00Z")),
            ("2024-05-01T12:00:00+02:00", Some("2024-05-01T12:00:00+02:00")),
            ("2024-05-01 10:00:00", Some("2024-05-01T10:00:00+00:00")),
            ("2024-05-01", Some("2024-05-01T00:00:00+00:00")),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(writable(text).as_deref(), expected, "{text}");
            assert_eq!(expected.and_then(read), read(text), "{text}");
        }
    }
}
