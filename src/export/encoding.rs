//! Text that is not UTF-8: what it is written in is said by a byte order mark or by the operator, never guessed.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, UTF_8, UTF_16BE, UTF_16LE};

use super::ExportError;

/// How much is read at a time.
const PIECE: usize = 64 << 10;

/// How much of a file is looked at to say what it could be written in.
const LOOKED_AT: u64 = 16 << 20;

/// So many lines that are not UTF-8, and none that is more than ASCII, are no slip of a single record.
const TOO_MANY: usize = 3;

/// An encoding of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    /// The encoding called `label`, as web pages name them: `windows-1252`, `iso-8859-15`, `utf-16le`, `shift_jis`, ….
    pub fn named(label: &str) -> Option<Self> {
        encoding_rs::Encoding::for_label(label.as_bytes()).map(Self)
    }

    /// Some of the names, to suggest.
    pub const COMMON: [&str; 10] = [
        "windows-1252",
        "iso-8859-1",
        "iso-8859-15",
        "windows-1250",
        "windows-1251",
        "macintosh",
        "utf-16le",
        "utf-16be",
        "shift_jis",
        "gbk",
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

/// Whether `path` is plain UTF-8, as far as it is to be read as such: single lines that are not are told one by one.
///
/// # Errors
/// When so much of it is not that it must be in another encoding, and none was named.
pub(super) fn is_utf8(path: &Path, encoding: Option<Encoding>) -> Result<bool, ExportError> {
    let io = |error| ExportError::io(path, error);
    let mut first = Vec::new();
    File::open(path).and_then(|file| file.take(LOOKED_AT).read_to_end(&mut first)).map_err(io)?;
    if let Some((marked, _)) = encoding_rs::Encoding::for_bom(&first) {
        return Ok(marked == UTF_8);
    }
    if encoding.is_some_and(|encoding| encoding.0 == UTF_16LE || encoding.0 == UTF_16BE) {
        return Ok(false);
    }
    if encoding.is_some() {
        return is_all_utf8(path).map_err(io);
    }
    match doubts(&first) {
        Some((line, offset)) => {
            let looks_like = looks_like(&first);
            Err(ExportError::NotUtf8 { path: path.to_owned(), line, offset, looks_like })
        }
        None => Ok(true),
    }
}

/// Whether every byte of the file is part of UTF-8.
fn is_all_utf8(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut bytes = vec![0; PIECE];
    let mut kept = 0;
    loop {
        let count = file.read(&mut bytes[kept..])?;
        let end = kept + count;
        let rest = match std::str::from_utf8(&bytes[..end]) {
            Ok(_) => end,
            // A character may be cut by the piece's end, but not by the file's.
            Err(error) if error.error_len().is_none() && count > 0 => error.valid_up_to(),
            Err(_) => return Ok(false),
        };
        if count == 0 {
            return Ok(true);
        }
        bytes.copy_within(rest..end, 0);
        kept = end - rest;
    }
}

/// The line and the byte, from 1, at which a sample that is in another encoding first shows it; none where it may be UTF-8.
fn doubts(sample: &[u8]) -> Option<(u64, u64)> {
    let mut found = None;
    let (mut lines, mut offset) = (0, 0);
    for (number, line) in (1_u64..).zip(sample.split_inclusive(|&byte| byte == b'\n')) {
        match std::str::from_utf8(line) {
            Ok(text) if text.is_ascii() => {}
            Ok(_) => return None,
            Err(error) => {
                // The sample may end in the middle of a character.
                if error.error_len().is_some() {
                    lines += 1;
                    found.get_or_insert((number, (offset + error.valid_up_to()) as u64 + 1));
                }
            }
        }
        offset += line.len();
    }
    found.filter(|_| lines >= TOO_MANY)
}

/// What a sample that is not UTF-8 is likely written in.
fn looks_like(sample: &[u8]) -> String {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    detector.guess(None, Utf8Detection::Deny).name().to_lowercase()
}

/// Writes the text of `path` as UTF-8 into `to`.
///
/// # Errors
/// When some of its bytes mean nothing in its encoding.
pub(super) fn decoded(path: &Path, encoding: Option<Encoding>, mut to: File) -> Result<(), ExportError> {
    let io = |error| ExportError::io(path, error);
    let mut file = BufReader::new(File::open(path).map_err(io)?);
    let encoding = encoding.map_or(UTF_16LE, |encoding| encoding.0);
    let mut decoder = encoding.new_decoder();
    let (mut bytes, mut text) = (vec![0; PIECE], String::with_capacity(4 * PIECE));
    let mut is_wrong = false;
    loop {
        let count = file.read(&mut bytes).map_err(io)?;
        let mut read = 0;
        loop {
            let (result, taken, had_errors) = decoder.decode_to_string(&bytes[read..count], &mut text, count == 0);
            is_wrong |= had_errors;
            read += taken;
            to.write_all(text.as_bytes()).map_err(io)?;
            text.clear();
            if result == CoderResult::InputEmpty {
                break;
            }
        }
        if count == 0 {
            break;
        }
    }
    if is_wrong {
        let encoding = decoder.encoding().name().to_owned();
        return Err(ExportError::WrongEncoding { path: path.to_owned(), encoding });
    }
    to.sync_all().map_err(io)
}
