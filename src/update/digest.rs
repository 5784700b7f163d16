//! Digests: by which a rerun knows whether a record is still the one that was planned or sent, and an undo whether a
//! message is still the one that was read.

use serde_json::{Map, Value, json};

use super::{FieldName, time};

/// Raised when the same update would be written differently, so that no old digest is mistaken for a new one.
const FORMAT: u8 = 1;

/// The same for messages as read; no update has it, so that a message is never taken for an update.
const HELD_FORMAT: u8 = 129;

/// The first 16 bytes of a BLAKE3 hash over a format version and the update as it is sent, or the message as it is
/// held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; Self::LENGTH]);

impl Digest {
    /// Its length in bytes: at a million records, two would share one with a chance of 1 in 10²⁶.
    pub const LENGTH: usize = 16;

    /// The digest of `body`, as [`super::Update::to_body`] makes it. A record is the same only if its target is, too.
    pub fn of(body: &Map<String, Value>) -> Self {
        Self::over(FORMAT, body)
    }

    /// The digest of the 14 fields of `message` as it is read, by which it is known whether anything changed since.
    ///
    /// What is absent is null, times have one spelling, and people count by id and email: their names may change
    /// elsewhere, and an answer may leave them out.
    pub fn of_held(message: &Map<String, Value>) -> Self {
        let fields = FieldName::ALL.into_iter();
        let held = fields.map(|field| (field.name().to_owned(), plain(field, message.get(field.name()))));
        Self::over(HELD_FORMAT, &held.collect())
    }

    fn over(format: u8, fields: &Map<String, Value>) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&[format]);
        // A map with text keys always serialises; and it can't fail into a hasher, which takes every byte.
        let _ = serde_json::to_writer(&mut hasher, fields);
        let mut short = [0; Self::LENGTH];
        short.copy_from_slice(&hasher.finalize().as_bytes()[..Self::LENGTH]);
        Self(short)
    }
}

fn plain(field: FieldName, held: Option<&Value>) -> Value {
    let held = held.cloned().unwrap_or_default();
    match field {
        FieldName::FailedDatetime | FieldName::SentDatetime => {
            held.as_str().and_then(time::read).map_or(held, |at| Value::String(time::spelled(at)))
        }
        FieldName::Receiver | FieldName::Sender if held.is_object() => {
            json!({"id": held.get("id"), "email": held.get("email")})
        }
        _ => held,
    }
}
