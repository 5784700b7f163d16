//! Values written as hexadecimal digits, so that nobody is tempted to make a cursor up or to look into one.

use std::fmt::Write as _;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub(super) fn written(value: &impl Serialize) -> String {
    // Serialising fails for maps whose keys are no strings only, and there are none here.
    let plain = serde_json::to_vec(value).unwrap_or_default();
    plain.iter().fold(String::with_capacity(2 * plain.len()), |mut digits, byte| {
        // Writing to a string never fails.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// `None` for anything that was not [`written`] so.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    let digits = |pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    let plain: Option<Vec<u8>> = text.as_bytes().chunks(2).map(digits).collect();
    serde_json::from_slice(&plain?).ok()
}
