//! Points in time as the API writes and reads them.
//!
//! It answers with the offset `+00:00` and takes any offset or none, which means UTC. Serde's `with` names this module.

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use serde::{Deserialize, Deserializer, Serializer, de};

/// How the API writes a point in time.
pub(super) fn show(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S%.f+00:00").to_string()
}

/// The same without an offset, which means UTC.
pub(super) fn show_naive(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S%.f").to_string()
}

/// How a `Date` header writes a point in time (RFC 7231).
pub(super) fn header(moment: Timestamp) -> String {
    moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Reads an ISO 8601 date and time; `None` for anything else, a date without a time among it.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    // jiff also takes a space for the `T`, a time zone in brackets and a bare date: the API documents none of them.
    if text.as_bytes().get(10) != Some(&b'T') || text.contains('[') {
        return None;
    }
    text.parse::<Timestamp>().ok().or_else(|| {
        let local: civil::DateTime = text.parse().ok()?;
        local.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })
}

pub(super) fn serialize<S: Serializer>(moment: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&show(*moment))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(from)?;
    read(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is no point in time")))
}
