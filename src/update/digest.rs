//! The digest by which a rerun knows whether a record is still the one that was planned or sent.

use serde_json::{Map, Value};

/// Raised when the same update would be written differently, so that no old digest is mistaken for a new one.
const FORMAT: u8 = 1;

/// The first 16 bytes of a BLAKE3 hash over a format version and the update as it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; Self::LENGTH]);

impl Digest {
    /// Its length in bytes: at a million records, two would share one with a chance of 1 in 10²⁶.
    pub const LENGTH: usize = 16;

    /// The digest of `body`, as [`super::Update::to_body`] makes it. A record is the same only if its target is, too.
    pub fn of(body: &Map<String, Value>) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&[FORMAT]);
        // A map with text keys always serialises; and it can't fail into a hasher, which takes every byte.
        let _ = serde_json::to_writer(&mut hasher, body);
        let mut short = [0; Self::LENGTH];
        short.copy_from_slice(&hasher.finalize().as_bytes()[..Self::LENGTH]);
        Self(short)
    }
}
