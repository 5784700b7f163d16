//! The steps of a walk through JSON: where a value ends, found without parsing it, and what stands between values.
//!
//! Only strings and the value's own kind of bracket matter for that, so three bytes are sought at a time. What is
//! between them is not checked: whoever parses the value will say what is wrong with it.

use std::io;

use memchr::{memchr2, memchr3};

use super::ExportError;
use super::lines::{CUT_OFF, json};
use super::raw::{Body, RawRecord};
use super::window::{MAX_RECORD_BYTES, Window};
use crate::record::{Cause, CauseKind};

/// White space as JSON knows it.
pub(super) const SPACE: &[u8] = b" \t\r\n";

/// Finds the end of one value, in as many pieces as its bytes arrive in.
pub(super) struct ValueScan {
    open: u8,
    close: u8,
    depth: u64,
    in_string: bool,
    /// The last byte so far was a backslash in a string.
    escaped: bool,
    scalar: bool,
}

impl ValueScan {
    /// A scan for the value that begins with `first`.
    pub(super) fn new(first: u8) -> Self {
        let (open, close) = match first {
            b'{' => (b'{', b'}'),
            b'[' => (b'[', b']'),
            // A string has no brackets: its quotes are sought in their place.
            _ => (b'"', b'"'),
        };
        Self { open, close, depth: 0, in_string: false, escaped: false, scalar: !matches!(first, b'{' | b'[' | b'"') }
    }

    /// The index behind the value's last byte, if that is in `bytes`.
    pub(super) fn end_in(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.scalar {
            return bytes.iter().position(|byte| b",:{}[]\" \t\r\n".contains(byte));
        }
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            at += if self.in_string { self.string_in(rest) } else { self.structure_in(rest) };
            if self.depth == 0 && !self.in_string {
                return Some(at);
            }
        }
        None
    }

    /// Goes on inside a string; says how many bytes it took.
    fn string_in(&mut self, bytes: &[u8]) -> usize {
        if self.escaped {
            self.escaped = false;
            return 1;
        }
        match memchr2(b'"', b'\\', bytes) {
            None => bytes.len(),
            Some(at) => {
                self.escaped = bytes[at] == b'\\';
                self.in_string = self.escaped;
                at + 1
            }
        }
    }

    /// Goes on between strings; says how many bytes it took.
    fn structure_in(&mut self, bytes: &[u8]) -> usize {
        match memchr3(b'"', self.open, self.close, bytes) {
            None => bytes.len(),
            Some(at) => {
                match bytes[at] {
                    b'"' => self.in_string = true,
                    byte if byte == self.open => self.depth += 1,
                    _ => self.depth -= 1,
                }
                at + 1
            }
        }
    }
}

/// The next byte that is no white space, left unread.
pub(super) fn peek(window: &mut Window) -> io::Result<Option<u8>> {
    window.peek_behind(SPACE)
}

/// Why the walk can't go on.
pub(super) enum Stop {
    Io(io::Error),
    Export(ExportError),
    /// The structure is broken here.
    Garbled(String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The next byte that is no white space; inside a document there must be one.
pub(super) fn require(window: &mut Window) -> Result<u8, Stop> {
    peek(window)?.ok_or_else(ended)
}

/// Passes over the value that starts here.
pub(super) fn skip(window: &mut Window) -> Result<(), Stop> {
    let first = require(window)?;
    let mut scan = ValueScan::new(first);
    let piece = window.measure(0, |bytes| scan.end_in(bytes))?;
    window.consume(piece.unread);
    if piece.length == 0 {
        return Err(unexpected(first, "a value"));
    }
    Ok(())
}

pub(super) fn unexpected(found: u8, wanted: &str) -> Stop {
    Stop::Garbled(format!("expected {wanted} here, found `{}`; what follows is not read", found.escape_ascii()))
}

/// Reads an object's next key and its colon, up to the value.
pub(super) fn read_key(window: &mut Window) -> Result<String, Stop> {
    let first = require(window)?;
    if first != b'"' {
        return Err(unexpected(first, "a key in quotes"));
    }
    let mut scan = ValueScan::new(first);
    let piece = window.measure(MAX_RECORD_BYTES, |bytes| scan.end_in(bytes))?;
    if !piece.whole {
        return Err(ended());
    }
    let key: Option<String> = serde_json::from_slice(&window.unread()[..piece.unread]).ok();
    let key = key.ok_or_else(|| Stop::Garbled("a key is not valid JSON; what follows is not read".to_owned()))?;
    window.consume(piece.unread);
    let colon = require(window)?;
    if colon != b':' {
        return Err(unexpected(colon, "`:`"));
    }
    window.consume(1);
    require(window)?;
    Ok(key)
}

fn ended() -> Stop {
    Stop::Garbled("the file ends in the middle of the document: what came after is missing".to_owned())
}

/// Reads the value that starts here as a record, its bytes added to `kept`. Sets `cut_off` where the file ends in it.
pub(super) fn read_record(window: &mut Window, kept: &mut Vec<u8>, cut_off: &mut bool) -> Result<RawRecord, Stop> {
    let first = require(window)?;
    let (offset, line) = (window.offset(), window.line());
    let mut scan = ValueScan::new(first);
    let piece = window.measure(MAX_RECORD_BYTES, |bytes| scan.end_in(bytes))?;
    if piece.length == 0 {
        return Err(unexpected(first, "a record"));
    }
    *cut_off = !piece.whole;
    let body = if *cut_off {
        Body::Broken(Cause::new(CauseKind::Unreadable, CUT_OFF))
    } else if let Some(cause) = piece.too_long() {
        Body::Broken(cause)
    } else {
        json(&window.unread()[..piece.unread], "record", kept)
    };
    window.consume(piece.unread);
    Ok(RawRecord { line, offset, length: piece.length, body })
}
