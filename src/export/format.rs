//! The formats an export comes in, and how a file's own is told.
//!
//! By content first, because names lie, and by name where the content could be either. The hard case is one JSON object
//! a line, which may be a record of JSON lines or a page around records: it is a page if it holds an array of objects
//! and no id of its own (a ticket with its comments has one), and if the file is not named `.jsonl` or `.ndjson`.
//!
//! What a mapping says always wins over this.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use super::ExportError;
use super::document::Document;
use super::raw::Chunk;
use super::records::Records;
use super::window::Window;

/// How many bytes of a file are looked at to tell its format.
const SAMPLE_BYTES: u64 = 64 << 10;

/// How records are written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// A JSON value a line.
    JsonLines,
    /// One JSON document, or several one after another, with an array of records inside.
    Json,
    /// Comma-separated rows under a header row.
    Csv,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::JsonLines, Self::Json, Self::Csv];

    /// The word for it in a mapping.
    pub const fn word(self) -> &'static str {
        match self {
            Self::JsonLines => "json-lines",
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }

    /// The format that a mapping calls `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }

    /// Looks at the first 64 KiB of a file, and at its name, to tell its format.
    pub fn of_file(path: &Path) -> Result<Self, ExportError> {
        let mut first = Vec::new();
        File::open(path)
            .and_then(|file| file.take(SAMPLE_BYTES).read_to_end(&mut first))
            .map_err(|error| ExportError::io(path, error))?;
        Self::detect(path, &first)
    }

    /// Tells the format from the name of a file and its `first` bytes, some tens of KiB or all there are.
    pub fn detect(path: &Path, first: &[u8]) -> Result<Self, ExportError> {
        check_encoding(path, first)?;
        let text = first.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first).trim_ascii_start();
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        let named_lines = extension == "jsonl" || extension == "ndjson";
        match text.first() {
            None => Err(ExportError::Empty { path: path.to_owned() }),
            Some(b'[') => Ok(Self::Json),
            Some(b'{') => Ok(object(text, named_lines)),
            Some(_) if named_lines => Ok(Self::JsonLines),
            Some(_) if extension == "csv" || extension == "tsv" => Ok(Self::Csv),
            Some(_) if extension != "json" && has_separator(text) => Ok(Self::Csv),
            Some(_) => Err(ExportError::UnknownFormat { path: path.to_owned() }),
        }
    }
}

/// The format of a file that starts with an object.
fn object(text: &[u8], named_lines: bool) -> Format {
    let line_end = memchr::memchr(b'\n', text);
    let first_line = &text[..line_end.unwrap_or(text.len())];
    let goes_on_below = line_end.is_some()
        && serde_json::from_slice::<serde::de::IgnoredAny>(first_line).is_err_and(|error| error.is_eof());
    if goes_on_below || (!named_lines && is_page(first_line)) { Format::Json } else { Format::JsonLines }
}

/// Whether the first line of a file, or what is known of it, is a page around records: it holds an array of objects (or
/// an empty one), and no id of its own.
fn is_page(first_line: &[u8]) -> bool {
    let Ok(mut window) = Window::new(Box::new(Cursor::new(first_line.to_vec()))) else {
        return false;
    };
    let mut document = Document::new(Records::Only);
    let mut chunk = Chunk::default();
    // What is wrong further on, or cut off by the sample's end, does not matter here.
    while !document.is_past_first() && matches!(document.fill(Path::new(""), &mut window, &mut chunk, 1), Ok(true)) {}
    document.found_any() && !document.keys().iter().any(|key| names_an_id(key))
}

/// `id`, and names such as `ticket_id`, `conversationId` or `uuid`.
fn names_an_id(key: &str) -> bool {
    let word = key.to_ascii_lowercase();
    word == "id" || word == "key" || word == "uuid" || word.ends_with("_id") || key.ends_with("Id")
}

fn has_separator(text: &[u8]) -> bool {
    let header = text.split(|&byte| byte == b'\n' || byte == b'\r').next();
    header.is_some_and(|header| header.iter().any(|byte| b",;\t|".contains(byte)))
}

/// Refuses what is packed or not in UTF-8, by its first four bytes.
pub(super) fn check_encoding(path: &Path, first: &[u8]) -> Result<(), ExportError> {
    let path = || path.to_owned();
    let packed = |what| Err(ExportError::Packed { path: path(), what });
    let encoded = |what| Err(ExportError::Encoding { path: path(), what });
    match first {
        [0x1F, 0x8B, ..] => packed("gzip"),
        [b'P', b'K', 3, ..] => packed("zip"),
        [0x28, 0xB5, 0x2F, ..] => packed("zstd"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => encoded("UTF-16"),
        _ => Ok(()),
    }
}
