//! What is wrong with an export as a whole: each case with its file, what was found there, and what to do next.

use std::io;
use std::path::{Path, PathBuf};

use super::Format;
use super::discover::nearest;
use super::spool::shown;

/// Why an export can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The system refused to open, list or read it.
    #[error("can't read {}: {source}", shown(path))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no such file or folder.
    #[error("{} does not exist", shown(path))]
    Missing {
        /// The path as it was given.
        path: PathBuf,
        /// The most similar name in the same folder.
        nearest: Option<String>,
    },
    /// A file without content, or with white space only.
    #[error("{} is empty", shown(path))]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A folder without files.
    #[error("the folder {} holds no files", shown(path))]
    EmptyFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A folder in which nothing is named like an export.
    #[error("no file in {} is named like an export: looked for {}; there is {}", shown(path), patterns.join(", "), listed(there))]
    NothingMatches {
        /// The folder.
        path: PathBuf,
        /// The patterns that were looked for.
        patterns: Vec<String>,
        /// Some of the names that are there.
        there: Vec<String>,
    },
    /// More than one ids file lies beside the export.
    #[error("there are several ids files: {} and {}", shown(first), shown(second))]
    SeveralIds {
        /// One of them.
        first: PathBuf,
        /// Another.
        second: PathBuf,
    },
    /// It is packed.
    #[error("{} is a {what} file", shown(path))]
    Packed {
        /// The file.
        path: PathBuf,
        /// How it is packed.
        what: &'static str,
    },
    /// It is not in UTF-8.
    #[error("{} is written in {what}, not in UTF-8", shown(path))]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The encoding that its first bytes show.
        what: &'static str,
    },
    /// Neither content nor name tell what it is.
    #[error("can't tell the format of {}: it starts neither like JSON nor like CSV", shown(path))]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// The first row of a CSV file can't be used.
    #[error("{}:{line}: the header row can't be read: {reason}", shown(path))]
    BadHeader {
        /// The file.
        path: PathBuf,
        /// The line of the header row, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// Two columns of a CSV file have one name.
    #[error("{}:{line}: the header names the column `{name}` twice, as columns {first} and {second}", shown(path))]
    DoubledColumn {
        /// The file.
        path: PathBuf,
        /// The line of the header row, from 1.
        line: u64,
        /// The name.
        name: String,
        /// The first column of that name, from 1.
        first: usize,
        /// The next one.
        second: usize,
    },
    /// A CSV file whose cells may be separated by one sign as well as by another.
    #[error("the cells of {} may be separated by {} or by {}", shown(path), words(*one), words(*other))]
    Separator {
        /// The file.
        path: PathBuf,
        /// With one sign.
        one: Format,
        /// With the other.
        other: Format,
    },
    /// A text file that is not in UTF-8.
    #[error("{}:{line}: not UTF-8 at byte {offset}; it looks like {looks_like}", shown(path))]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The line of the first byte that is not, from 1.
        line: u64,
        /// That byte, from 1.
        offset: u64,
        /// The encoding that it is likely in.
        looks_like: String,
    },
    /// A text file that can't be in the encoding that was named.
    #[error("{} is not in {encoding}: some of its bytes mean nothing there", shown(path))]
    WrongEncoding {
        /// The file.
        path: PathBuf,
        /// The encoding that was named.
        encoding: String,
    },
    /// What is packed can't be unpacked.
    #[error("{} can't be unpacked: {reason}", shown(path))]
    Unpacking {
        /// The packed file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A pattern of file names that no file is like.
    #[error("there is no file like {pattern}")]
    NoneLike {
        /// The pattern.
        pattern: String,
    },
    /// `records` is no dotted path.
    #[error("`records = \"{text}\"` is no path")]
    BadRecordsPath {
        /// What was written.
        text: String,
    },
    /// A JSON document holds several arrays that could be the records.
    #[error("{}:{line}: the document holds several arrays of objects, `{first}` and `{second}`", shown(path))]
    SeveralArrays {
        /// The file.
        path: PathBuf,
        /// The line on which the second one starts, from 1.
        line: u64,
        /// The key of the first one.
        first: String,
        /// The key of the second one.
        second: String,
    },
    /// A JSON document holds no records.
    #[error("{} holds no {wanted}; its top-level keys are {}", shown(path), listed(keys))]
    NoRecords {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        wanted: String,
        /// Some of the keys at the top of the first document.
        keys: Vec<String>,
    },
    /// A file is not what it was when it was planned.
    #[error("{} has changed: it ends before the record at byte {offset} does", shown(path))]
    Changed {
        /// The file.
        path: PathBuf,
        /// Where the record started, in bytes from the start of the file.
        offset: u64,
    },
    /// An ids file lacks a column.
    #[error("{}:{line}: the ids file has no column `{column}`; it has {}", shown(path), listed(there))]
    IdsColumn {
        /// The file.
        path: PathBuf,
        /// The line of the header, or of the JSON row, from 1.
        line: u64,
        /// The column that is missing.
        column: &'static str,
        /// The columns that are there.
        there: Vec<String>,
    },
    /// A row of an ids file can't be used.
    #[error("{}:{line}: {reason}", shown(path))]
    IdsRow {
        /// The file.
        path: PathBuf,
        /// The line on which the row starts, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
}

impl ExportError {
    /// What the operator can do next.
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Io { .. } => "may you read it, and is the disk it is on still there?",
            Self::Missing { nearest, .. } => {
                return Some(nearest.as_ref().map_or_else(
                    || "check the name, and the folder that you are in".to_owned(),
                    |name| format!("did you mean `{name}`?"),
                ));
            }
            Self::Empty { .. } => "export it again, or leave the file out",
            Self::EmptyFolder { .. } => "name the folder or the files that hold the export",
            Self::NothingMatches { .. } => "name the files themselves, or choose another mapping with --mapping",
            Self::SeveralIds { .. } => "say which one it is with --ids FILE",
            Self::Packed { .. } => "unpack it first, and name the unpacked file",
            Self::Encoding { .. } => "save it as UTF-8 and try again",
            Self::BadHeader { .. } => "save it as UTF-8 with the column names in the first row and try again",
            Self::UnknownFormat { .. } => "set `format` in the mapping to json-lines, json or csv",
            Self::DoubledColumn { .. } => "rename one of the two in the file's first row",
            Self::Separator { .. } => "say which one it is, such as --separator ';'",
            Self::NotUtf8 { looks_like, .. } => {
                return Some(format!(
                    "if that is so, --encoding {looks_like} reads it; look at some messages then: `deskferry plan` has --show 5"
                ));
            }
            Self::WrongEncoding { .. } => "name another one, such as --encoding windows-1252",
            Self::Unpacking { .. } => "fetch it again, or unpack it yourself and name the unpacked files",
            Self::NoneLike { .. } => "check the pattern, and the folder that you are in",
            Self::BadRecordsPath { .. } => {
                "write keys joined by dots, such as \"data.comments\"; `*` is every element of an array, and \".\" is the document itself"
            }
            Self::SeveralArrays { first, .. } => {
                return Some(format!(
                    "say in the mapping which one holds the records, such as `records = \"{first}\"`"
                ));
            }
            Self::NoRecords { .. } => {
                "set `records` in the mapping to the path of the array; \".\" takes each document as one record"
            }
            Self::Changed { .. } => "run again with the export: a new plan is made",
            Self::IdsColumn { .. } => "the ids file needs the columns external_id, ticket_id and message_id",
            Self::IdsRow { .. } => "correct this row; spreadsheets must keep ids as text",
        };
        Some(text.to_owned())
    }

    /// What the system said about `path`; a file that is not there has a case of its own.
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                Self::Missing { path: path.to_owned(), nearest: nearest(path) }
            }
            _ => Self::Io { path: path.to_owned(), source },
        }
    }
}

/// Names in one line, the first few of many.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 8;
    if names.is_empty() {
        return "none".to_owned();
    }
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// What separates the cells, in words.
fn words(format: Format) -> &'static str {
    match format.separator() {
        Some(b';') => "semicolons",
        Some(b'\t') => "tabs",
        Some(b'|') => "vertical bars",
        _ => "commas",
    }
}
