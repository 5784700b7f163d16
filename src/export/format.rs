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
    /// Rows under a header row, their cells separated by commas.
    Csv,
    /// The same with semicolons.
    SemicolonCsv,
    /// The same with tabs.
    Tsv,
    /// The same with vertical bars.
    BarCsv,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 6] = [Self::JsonLines, Self::Json, Self::Csv, Self::SemicolonCsv, Self::Tsv, Self::BarCsv];

    /// Those that a mapping may name: what separates the cells of a CSV is found out.
    pub const NAMED: [Self; 3] = [Self::JsonLines, Self::Json, Self::Csv];

    /// The formats of rows, the likeliest first.
    const ROWS: [Self; 4] = [Self::Csv, Self::SemicolonCsv, Self::Tsv, Self::BarCsv];

    /// The word for it in a mapping and in a checkpoint.
    pub const fn word(self) -> &'static str {
        match self {
            Self::JsonLines => "json-lines",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::SemicolonCsv => "csv with semicolons",
            Self::Tsv => "csv with tabs",
            Self::BarCsv => "csv with bars",
        }
    }

    /// The format with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }

    /// What separates the cells of a row; none where there are no rows.
    pub const fn separator(self) -> Option<u8> {
        match self {
            Self::JsonLines | Self::Json => None,
            Self::Csv => Some(b','),
            Self::SemicolonCsv => Some(b';'),
            Self::Tsv => Some(b'\t'),
            Self::BarCsv => Some(b'|'),
        }
    }

    /// The format of rows whose cells `word` separates: a sign, or its name.
    pub fn separated_by(word: &str) -> Option<Self> {
        match word {
            "," | "comma" => Some(Self::Csv),
            ";" | "semicolon" => Some(Self::SemicolonCsv),
            "\t" | "\\t" | "tab" => Some(Self::Tsv),
            "|" | "bar" | "pipe" => Some(Self::BarCsv),
            _ => None,
        }
    }

    /// Whether its records are rows.
    pub const fn has_rows(self) -> bool {
        self.separator().is_some()
    }

    /// Looks at the first 64 KiB of a file, and at its name, to tell its format.
    pub fn of_file(path: &Path) -> Result<Self, ExportError> {
        Self::detect(path, &first_of(path)?)
    }

    /// The same where a mapping says where the records of a JSON document are: what holds that place is such a document,
    /// even if it stands on one line.
    pub fn of_file_with(path: &Path, records: Option<&str>) -> Result<Self, ExportError> {
        let format = Self::of_file(path)?;
        let place =
            records.and_then(|records| Records::parse(Some(records))).filter(|place| *place != Records::At(Vec::new()));
        let (Self::JsonLines, Some(place)) = (format, place) else { return Ok(format) };
        let first = first_of(path)?;
        let line = first.split(|&byte| byte == b'\n').next().unwrap_or_default();
        Ok(if holds_records(line, place) { Self::Json } else { format })
    }

    /// Whether the document that the file begins with holds records at the place `records`, as a mapping writes it.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn has_records_at(path: &Path, records: &str) -> Result<bool, ExportError> {
        let Some(place) = Records::parse(Some(records)) else { return Ok(false) };
        let first = first_of(path)?;
        // A bare array holds its records itself.
        Ok(first.trim_ascii_start().starts_with(b"{") && holds_records(&first, place))
    }

    /// The same where it is known to be one of rows: only what separates the cells is looked for.
    pub fn of_rows(path: &Path) -> Result<Self, ExportError> {
        rows(path, &first_of(path)?)
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
            Some(_) if extension == "csv" || extension == "tsv" => rows(path, first),
            Some(_) if extension != "json" && has_separator(text) => rows(path, first),
            Some(_) => Err(ExportError::UnknownFormat { path: path.to_owned() }),
        }
    }
}

fn first_of(path: &Path) -> Result<Vec<u8>, ExportError> {
    let mut first = Vec::new();
    File::open(path)
        .and_then(|file| file.take(SAMPLE_BYTES).read_to_end(&mut first))
        .map_err(|error| ExportError::io(path, error))?;
    Ok(first)
}

/// The one separator that gives all rows of the sample one width.
///
/// Where none does, the rows are ragged, and the one with the widest header is taken: each wrong row is told then. More
/// than one is nothing to guess about.
fn rows(path: &Path, first: &[u8]) -> Result<Format, ExportError> {
    let is_whole = (first.len() as u64) < SAMPLE_BYTES;
    let widths = Format::ROWS.map(|format| (format, widths(first, format, is_whole)));
    let fit: Vec<_> =
        widths.iter().filter(|(_, (header, even))| *header > 1 && *even).map(|(format, _)| *format).collect();
    match fit.as_slice() {
        [only] => Ok(*only),
        [] => {
            let widest = widths.iter().rev().max_by_key(|(_, (header, _))| *header);
            Ok(widest.map_or(Format::Csv, |(format, _)| *format))
        }
        [one, other, ..] => Err(ExportError::Separator { path: path.to_owned(), one: *one, other: *other }),
    }
}

/// How many cells the header has if `format` separates them, and whether every other row has as many.
fn widths(first: &[u8], format: Format, is_whole: bool) -> (usize, bool) {
    let separator = format.separator().unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(first);
    let rows: Vec<_> = reader.byte_records().map_while(Result::ok).map(|row| row.len()).collect();
    let Some((header, rest)) = rows.split_first() else { return (0, false) };
    // The sample ends in the middle of its last row.
    let rest = if is_whole { rest } else { &rest[..rest.len().saturating_sub(1)] };
    (*header, rest.iter().all(|width| width == header))
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

/// Whether the document that `first` begins with, as far as it is known, has something at the place where records should
/// be.
fn holds_records(first: &[u8], place: Records) -> bool {
    let Ok(mut window) = Window::new(Box::new(Cursor::new(first.to_vec()))) else { return false };
    let mut document = Document::new(place);
    let mut chunk = Chunk::default();
    while !document.is_past_first() && matches!(document.fill(Path::new(""), &mut window, &mut chunk, 1), Ok(true)) {}
    document.found_any()
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
    match Packing::of(first) {
        Some(packing) => Err(ExportError::Packed { path: path(), what: packing.word() }),
        None if is_tar(first) => Err(ExportError::Packed { path: path(), what: "tar" }),
        None if matches!(first, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) => {
            Err(ExportError::Encoding { path: path(), what: "UTF-16" })
        }
        None => Ok(()),
    }
}

/// Whether it is an archive as `tar` makes them.
pub(super) fn is_tar(first: &[u8]) -> bool {
    first.get(257..262) == Some(b"ustar")
}

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Zstd,
    Zip,
}

impl Packing {
    /// Told by its first four bytes, because names lie.
    pub(super) fn of(first: &[u8]) -> Option<Self> {
        match first {
            [0x1F, 0x8B, ..] => Some(Self::Gzip),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Some(Self::Zstd),
            [b'P', b'K', 3 | 5, _, ..] => Some(Self::Zip),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Zip => "zip",
        }
    }
}
