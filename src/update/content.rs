//! A message's content, small enough to keep a copy of an account.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde_json::{Map, Value};

use super::FieldName;

/// The largest content that is unpacked, in bytes; the API's answers are far smaller.
const MOST: u64 = 64 * 1024 * 1024;

/// The 14 fields of `message`, packed; what it has besides is left out.
pub fn pack(message: &Map<String, Value>) -> Vec<u8> {
    let fields: Map<String, Value> = FieldName::ALL
        .into_iter()
        .filter_map(|field| Some((field.name().to_owned(), message.get(field.name())?.clone())))
        .collect();
    // Maps with text keys always serialise, and a vector takes every byte.
    let text = serde_json::to_vec(&fields).unwrap_or_default();
    let mut packed = DeflateEncoder::new(Vec::with_capacity(text.len() / 2), Compression::fast());
    let _ = packed.write_all(&text);
    packed.finish().unwrap_or_default()
}

/// What [`pack`] packed; `None` where it is damaged.
pub fn unpack(packed: &[u8]) -> Option<Map<String, Value>> {
    let mut text = Vec::new();
    DeflateDecoder::new(packed).take(MOST).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}
