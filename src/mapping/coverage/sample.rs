//! A value of an export as a sample, and what it is in words that give nothing of it away.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::record::count;

/// The most of a text that is kept, in characters.
const KEPT: usize = 60;

/// One value of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// What it is.
    pub kind: SampleKind,
    /// Its text form, cut where it is long. Message content, for all that is known.
    pub text: String,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleKind {
    /// Text of so many characters.
    Text(usize),
    /// A whole number, or text that is one.
    Number,
    /// A number with a fraction, or text that is one.
    Fraction,
    /// True or false.
    Boolean,
    /// A moment or a day.
    Time,
    /// An email address or a phone number, or text with an email address in it.
    Address,
    /// A link.
    Link,
}

impl fmt::Display for SampleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(length) => write!(f, "text of {}", count(*length as u64, "character")),
            Self::Number => f.write_str("whole number"),
            Self::Fraction => f.write_str("number with a fraction"),
            Self::Boolean => f.write_str("true or false"),
            Self::Time => f.write_str("time"),
            Self::Address => f.write_str("address"),
            Self::Link => f.write_str("link"),
        }
    }
}

impl Sample {
    pub(super) fn new(kind: SampleKind, text: &str) -> Self {
        let mut kept: String = text.chars().take(KEPT).collect();
        if kept.len() < text.len() {
            kept.push('…');
        }
        Self { kind, text: kept }
    }

    /// A text, by what it looks like.
    pub(super) fn of_text(text: &str) -> Self {
        Self::new(kind_of(text.trim()), text)
    }
}

/// What `samples` are, each kind once: `text of 3 to 12 characters, time`.
pub fn kinds_of(samples: &[Sample]) -> String {
    let lengths = samples.iter().filter_map(|sample| match sample.kind {
        SampleKind::Text(length) => Some(length),
        _ => None,
    });
    let (least, most) = (lengths.clone().min().unwrap_or_default(), lengths.max().unwrap_or_default());
    let mut kinds = Vec::new();
    for sample in samples {
        let kind = match sample.kind {
            SampleKind::Text(_) if least < most => format!("text of {least} to {}", count(most as u64, "character")),
            kind => kind.to_string(),
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds.join(", ")
}

/// Whether `text` holds an email address, or is a phone number: then it is somebody's.
pub fn looks_like_address(text: &str) -> bool {
    text.contains('@') || is_phone(text.trim())
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_written_as_one = text.starts_with('+') || text.contains([' ', '(']);
    // A time has colons; a number without any sign is an id more often than not.
    is_written_as_one && digits >= 7 && text.chars().all(|sign| sign.is_ascii_digit() || "+ -()./".contains(sign))
}

fn kind_of(text: &str) -> SampleKind {
    if text.starts_with("https://") || text.starts_with("http://") {
        SampleKind::Link
    } else if looks_like_address(text) {
        SampleKind::Address
    } else if text.parse::<i128>().is_ok() {
        SampleKind::Number
    } else if text.starts_with(|sign: char| sign.is_ascii_digit() || sign == '-') && text.parse::<f64>().is_ok() {
        SampleKind::Fraction
    } else if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        SampleKind::Boolean
    } else if text.parse::<Timestamp>().is_ok() || text.parse::<DateTime>().is_ok() {
        SampleKind::Time
    } else {
        SampleKind::Text(text.chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::{SampleKind, kind_of};

    #[test]
    fn a_text_is_told_by_its_looks() {
        for (text, kind) in [
            ("https://x.example/a?b=c@d", SampleKind::Link),
            ("ann@example.com", SampleKind::Address),
            ("\"Lee\" <ann@example.com>", SampleKind::Address),
            ("+1 206-555-0112", SampleKind::Address),
            ("(206) 555 0112", SampleKind::Address),
            ("12065550112", SampleKind::Number),
            ("-1", SampleKind::Number),
            ("3.3E+13", SampleKind::Fraction),
            ("infinity", SampleKind::Text(8)),
            ("FALSE", SampleKind::Boolean),
            ("2024-05-31T10:00:00Z", SampleKind::Time),
            ("2024-05-31 10:00:00", SampleKind::Time),
            ("2024-05-31", SampleKind::Time),
            ("web", SampleKind::Text(3)),
        ] {
            assert_eq!(kind_of(text), kind, "{text}");
        }
    }
}
