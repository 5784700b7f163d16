//! The ids file: which message of Gorgias each message of the export is.
//!
//! CSV or JSON, with `external_id`, `ticket_id` and `message_id`; more columns do no harm. A foreign id is kept byte
//! for byte. The other two are numbers, and one that a spreadsheet has rounded is an error: it would lead to another
//! customer's message.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::raw::{Body, Chunk, Content, RawRecord};
use super::{ExportError, Format, Header, Reader};
use crate::record::{MessageId, Target, TicketId};

/// The columns that every ids file has.
const COLUMNS: [&str; 3] = ["external_id", "ticket_id", "message_id"];

const CHUNK_BYTES: usize = 64 << 10;

/// One line of an ids file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdRow {
    /// The line on which it starts, from 1.
    pub line: u64,
    /// The message's id in the system that it comes from, as it is written there.
    pub external_id: String,
    /// The message in Gorgias.
    pub target: Target,
}

/// An ids file, read row by row. A bad row is an error and not the end; reading may go on behind it.
pub struct IdsFile {
    path: PathBuf,
    reader: Reader,
    /// Where the columns are in a CSV file.
    columns: Option<[usize; 3]>,
    chunk: Chunk,
    next: usize,
    failed: bool,
}

impl IdsFile {
    /// Opens `path`; a CSV file must have the three columns.
    pub fn open(path: &Path) -> Result<Self, ExportError> {
        let reader = Reader::open(path, Format::of_file(path)?, None)?;
        Ok(Self {
            path: path.to_owned(),
            columns: reader.header().map(|header| columns_in(path, header)).transpose()?,
            reader,
            chunk: Chunk::default(),
            next: 0,
            failed: false,
        })
    }

    /// The hash of the whole file, once its rows are at an end.
    pub fn digest(&self) -> Option<blake3::Hash> {
        self.reader.digest()
    }

    fn row(&self, record: &RawRecord) -> Result<IdRow, ExportError> {
        let bad = |reason: String| ExportError::IdsRow { path: self.path.clone(), line: record.line, reason };
        let [external_id, ticket, message] = match (self.chunk.content(record), &self.columns) {
            (Ok(Content::Row(row)), Some(columns)) => columns.map(|column| row.get(column).unwrap_or("").to_owned()),
            (Ok(Content::Json(bytes)), _) => self.json(record.line, bytes)?,
            _ => return Err(bad(reason_of(record))),
        };
        if external_id.trim().is_empty() {
            return Err(bad("external_id is empty".to_owned()));
        }
        if is_damaged(&external_id) {
            return Err(bad(format!(
                "external_id `{external_id}` was damaged by a spreadsheet, which must keep ids as text"
            )));
        }
        Ok(IdRow {
            line: record.line,
            external_id,
            target: Target {
                ticket: TicketId(number("ticket_id", &ticket).map_err(bad)?),
                message: MessageId(number("message_id", &message).map_err(bad)?),
            },
        })
    }

    /// The three values of a JSON row, as text.
    fn json(&self, line: u64, bytes: &[u8]) -> Result<[String; 3], ExportError> {
        let bad = |reason: String| ExportError::IdsRow { path: self.path.clone(), line, reason };
        let row: Map<String, Value> =
            serde_json::from_slice(bytes).map_err(|_| bad("the line holds no JSON object".to_owned()))?;
        let mut texts = [const { String::new() }; 3];
        for (text, column) in texts.iter_mut().zip(COLUMNS) {
            *text = match row.get(column) {
                Some(Value::String(value)) => value.clone(),
                Some(Value::Number(value)) if !value.is_f64() => value.to_string(),
                Some(Value::Number(value)) => return Err(bad(format!("{column} `{value}` is no whole number"))),
                Some(Value::Null) => String::new(),
                Some(_) => return Err(bad(format!("{column} is neither a text nor a number"))),
                None => {
                    return Err(ExportError::IdsColumn {
                        path: self.path.clone(),
                        line,
                        column,
                        there: row.keys().cloned().collect(),
                    });
                }
            };
        }
        Ok(texts)
    }
}

impl Iterator for IdsFile {
    type Item = Result<IdRow, ExportError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.next == self.chunk.records.len() {
            if self.failed {
                return None;
            }
            self.next = 0;
            match self.reader.next_chunk(CHUNK_BYTES) {
                Ok(Some(chunk)) => self.chunk = chunk,
                Ok(None) => {
                    self.chunk = Chunk::default();
                    return None;
                }
                Err(error) => {
                    self.failed = true;
                    self.chunk = Chunk::default();
                    return Some(Err(error));
                }
            }
        }
        let record = &self.chunk.records[self.next];
        self.next += 1;
        Some(self.row(record))
    }
}

fn columns_in(path: &Path, header: &Header) -> Result<[usize; 3], ExportError> {
    let mut columns = [0; 3];
    for (at, column) in columns.iter_mut().zip(COLUMNS) {
        let found = header.0.iter().position(|name| name == column);
        *at = found.ok_or_else(|| ExportError::IdsColumn {
            path: path.to_owned(),
            line: 1,
            column,
            there: header.0.clone(),
        })?;
    }
    Ok(columns)
}

fn reason_of(record: &RawRecord) -> String {
    match &record.body {
        Body::Broken(cause) => cause.detail.clone(),
        Body::Json(_) | Body::Row(_) => "the row can't be read".to_owned(),
    }
}

/// An id of Gorgias: a whole number from 1.
fn number(column: &str, text: &str) -> Result<u64, String> {
    let digits = text.trim();
    if digits.is_empty() {
        return Err(format!("{column} is empty"));
    }
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits.parse() {
        Ok(id) if id > 0 && all_digits => Ok(id),
        _ if digits.parse::<f64>().is_ok() && !all_digits => {
            Err(format!("{column} `{digits}` is no whole number: a spreadsheet may have changed it"))
        }
        _ => Err(format!("{column} `{digits}` is no id of Gorgias, which is a whole number")),
    }
}

/// Whether a spreadsheet has made a number of an id, as in `3.19386E+10` or `31938600000.0`: its digits may be lost.
fn is_damaged(id: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    if id.strip_suffix(".0").is_some_and(is_digits) {
        return true;
    }
    id.split_once("E+").is_some_and(|(number, power)| {
        is_digits(power)
            && number.split_once(['.', ',']).is_some_and(|(whole, rest)| is_digits(whole) && is_digits(rest))
    })
}
