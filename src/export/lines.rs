//! JSON lines: a record is a line.
//!
//! A line is not parsed here, with one exception: the last one, if no line end follows, may have been cut off, and only
//! its syntax tells. Lines that are white space are no records.

use std::io;

use super::raw::{Body, Chunk, RawRecord};
use super::window::{MAX_RECORD_BYTES, Window};
use crate::record::{Cause, CauseKind};

/// What the operator reads about a record that the file's end cuts off.
pub(super) const CUT_OFF: &str = "the file ends in the middle of this record";

/// Puts lines into `chunk` until it holds `target` bytes; false at the end of the file.
pub(super) fn fill(window: &mut Window, chunk: &mut Chunk, target: usize) -> io::Result<bool> {
    let mut weight = 0;
    while weight < target {
        let (offset, line) = (window.offset(), window.line());
        let piece = window.measure(MAX_RECORD_BYTES, |bytes| memchr::memchr(b'\n', bytes))?;
        if piece.length == 0 && !piece.whole {
            return Ok(false);
        }
        let (length, body) = if let Some(cause) = piece.too_long() {
            (piece.length, Some(Body::Broken(cause)))
        } else {
            let bytes = &window.unread()[..piece.unread];
            let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
            let bytes = without_comma(bytes);
            (bytes.len() as u64, body(bytes, piece.whole, &mut chunk.bytes))
        };
        window.consume(piece.unread + usize::from(piece.whole));
        if let Some(body) = body {
            weight += piece.unread;
            chunk.records.push(RawRecord { line, offset, length, body });
        }
    }
    Ok(true)
}

/// Scripts that make one document of JSON lines leave a comma behind each.
fn without_comma(line: &[u8]) -> &[u8] {
    match line.trim_ascii_end().strip_suffix(b",") {
        Some(record) if record.trim_ascii_start().starts_with(b"{") => record,
        _ => line,
    }
}

/// What a line holds; `None` for a blank one.
fn body(line: &[u8], ended: bool, kept: &mut Vec<u8>) -> Option<Body> {
    if line.trim_ascii().is_empty() {
        return None;
    }
    if !ended && is_cut_off(line) {
        return Some(Body::Broken(Cause::new(CauseKind::Unreadable, CUT_OFF)));
    }
    Some(json(line, "line", kept))
}

fn is_cut_off(line: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(line).is_err_and(|error| error.is_eof())
}

/// A JSON record whose bytes are added to `kept`, if they are UTF-8. `what` says what bytes are counted from.
pub(super) fn json(bytes: &[u8], what: &str, kept: &mut Vec<u8>) -> Body {
    if let Err(error) = std::str::from_utf8(bytes) {
        let detail = format!("not valid UTF-8 at byte {} of the {what}", error.valid_up_to() + 1);
        return Body::Broken(Cause::new(CauseKind::Unreadable, detail));
    }
    let start = kept.len();
    kept.extend_from_slice(bytes);
    Body::Json(start..kept.len())
}
