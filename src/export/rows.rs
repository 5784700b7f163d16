//! CSV and its like: a record is a row, and the first row names the columns.
//!
//! The `csv` crate reads the cells, but it does not tell exactly where a row starts and ends (it leaves half a line end
//! for the next one). So rows are found here first, by the same rules: a quote opens only at the start of a cell, a
//! doubled one stays inside, and a row ends at `\r` or `\n` outside of quotes. The cells of all rows of a chunk are
//! then read in one go.

use std::io;
use std::path::Path;

use super::ExportError;
use super::lines::CUT_OFF;
use super::raw::{Body, Chunk, Header, RawRecord};
use super::window::{MAX_RECORD_BYTES, Window};
use crate::record::{Cause, CauseKind};

const LINE_ENDS: &[u8] = b"\r\n";

/// The rows of one file, behind its header.
pub(super) struct Rows {
    header: Header,
    separator: u8,
    /// The raw rows of the chunk in the making, kept for its memory.
    raw: Vec<u8>,
}

impl Rows {
    /// Reads the header row.
    pub(super) fn open(path: &Path, window: &mut Window, separator: u8) -> Result<Self, ExportError> {
        let io = |error| ExportError::io(path, error);
        if window.peek_behind(LINE_ENDS).map_err(io)?.is_none() {
            return Err(ExportError::Empty { path: path.to_owned() });
        }
        let line = window.line();
        let mut raw = Vec::new();
        let mut chunk = Chunk::default();
        if let Some(mut row) = next_row(window, &mut raw, separator).map_err(io)? {
            row.fill_cells(&mut cells_of(&raw, separator), None);
            chunk.records.push(row.record);
        }
        let names = match chunk.records.pop().map(|record| record.body) {
            Some(Body::Row(names)) => names,
            Some(Body::Broken(cause)) => {
                return Err(ExportError::BadHeader { path: path.to_owned(), line, reason: cause.detail });
            }
            _ => return Err(ExportError::Empty { path: path.to_owned() }),
        };
        let header = Header(names.iter().map(|name| name.trim().to_owned()).collect());
        check_doubles(path, line, &header)?;
        Ok(Self { header, separator, raw })
    }

    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// Puts rows into `chunk` until `target` bytes of the file are read; false at the end of the file.
    pub(super) fn fill(&mut self, window: &mut Window, chunk: &mut Chunk, target: usize) -> io::Result<bool> {
        self.raw.clear();
        let mut rows = Vec::new();
        let mut more = true;
        while more && self.raw.len() < target {
            match next_row(window, &mut self.raw, self.separator)? {
                Some(row) => rows.push(row),
                None => more = false,
            }
        }
        let mut cells = cells_of(&self.raw, self.separator);
        chunk.records.extend(rows.into_iter().map(|mut row| {
            row.fill_cells(&mut cells, Some(&self.header));
            row.record
        }));
        Ok(more)
    }
}

/// What a row that is read again holds.
pub(super) fn reread(bytes: &[u8], header: &Header, separator: u8) -> Body {
    let mut row = FoundRow::new(1, 0, bytes.len() as u64);
    let mut raw = bytes.to_vec();
    raw.push(b'\n');
    let mut scan = RowScan::new(separator);
    if scan.end_in(bytes).is_some() || scan.is_open() {
        return broken("the row does not end where it did");
    }
    row.fill_cells(&mut cells_of(&raw, separator), Some(header));
    row.record.body
}

/// A row whose place is known; its cells are read later, from the raw rows.
struct FoundRow {
    record: RawRecord,
    has_cells: bool,
    /// Whether the file ends without a line end behind it.
    is_last: bool,
}

impl FoundRow {
    fn new(line: u64, offset: u64, length: u64) -> Self {
        Self {
            record: RawRecord { line, offset, length, body: broken("the row could not be read") },
            has_cells: true,
            is_last: false,
        }
    }

    /// Reads the cells of this row, which comes next in `cells`.
    fn fill_cells(&mut self, cells: &mut csv::Reader<impl io::Read>, header: Option<&Header>) {
        let mut row = csv::ByteRecord::new();
        if self.has_cells && matches!(cells.read_byte_record(&mut row), Ok(true)) {
            self.record.body = self.body(row, header);
        }
    }

    fn body(&self, row: csv::ByteRecord, header: Option<&Header>) -> Body {
        let row = match csv::StringRecord::from_byte_record(row) {
            Ok(row) => row,
            Err(error) => {
                let column = error.utf8_error().field();
                let name = header.and_then(|header| header.0.get(column));
                let name = name.map(|name| format!(" (`{name}`)")).unwrap_or_default();
                return broken(format!("not valid UTF-8 in column {}{name}", column + 1));
            }
        };
        match header.map(|header| header.0.len()) {
            Some(width) if width != row.len() => {
                let cells = if row.len() == 1 { "cell" } else { "cells" };
                let end = if self.is_last { ", and the file ends in it" } else { "" };
                broken(format!("row has {} {cells}, the header has {width}{end}", row.len()))
            }
            _ => Body::Row(row),
        }
    }
}

/// The next row, its bytes added to `raw`; `None` at the end of the file. Empty lines are no rows.
fn next_row(window: &mut Window, raw: &mut Vec<u8>, separator: u8) -> io::Result<Option<FoundRow>> {
    if window.peek_behind(LINE_ENDS)?.is_none() {
        return Ok(None);
    }
    let (line, offset) = (window.line(), window.offset());
    let mut scan = RowScan::new(separator);
    let piece = window.measure(MAX_RECORD_BYTES, |bytes| scan.end_in(bytes))?;
    let mut row = FoundRow::new(line, offset, piece.length);
    row.is_last = !piece.whole;
    if let Some(cause) = piece.too_long() {
        row.has_cells = false;
        row.record.body = Body::Broken(cause);
    } else if !piece.whole && scan.is_open() {
        row.has_cells = false;
        row.record.body = broken(format!("{CUT_OFF}, or a quote is not closed"));
    } else {
        raw.extend_from_slice(&window.unread()[..piece.unread]);
        raw.push(b'\n');
    }
    window.consume(piece.unread);
    Ok(Some(row))
}

/// A reader over whole rows.
///
/// The empty line in front keeps the `csv` crate from taking a byte order mark off the first row, which is that of a
/// file only once.
fn cells_of(raw: &[u8], separator: u8) -> csv::Reader<impl io::Read + '_> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(io::Read::chain(&b"\n"[..], raw))
}

/// Finds the end of one row, in as many pieces as its bytes arrive in.
struct RowScan {
    state: Quote,
    separator: u8,
    /// The byte before the ones to come; at a row's start, as good as a separator.
    previous: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    Closed,
    Open,
    /// A quote inside quotes: the next byte tells whether it closes or is doubled.
    Unsettled,
}

impl RowScan {
    fn new(separator: u8) -> Self {
        Self { state: Quote::Closed, separator, previous: separator }
    }

    /// Whether a quote is open.
    fn is_open(&self) -> bool {
        self.state == Quote::Open
    }

    /// The index of the line end that ends the row, if it is in `bytes`.
    fn end_in(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            match self.state {
                Quote::Open => match memchr::memchr(b'"', &bytes[at..]) {
                    Some(found) => {
                        self.state = Quote::Unsettled;
                        at += found + 1;
                    }
                    None => at = bytes.len(),
                },
                Quote::Unsettled if bytes[at] == b'"' => {
                    self.state = Quote::Open;
                    at += 1;
                }
                Quote::Unsettled => self.state = Quote::Closed,
                Quote::Closed => {
                    let found = at + memchr::memchr3(b'"', b'\r', b'\n', &bytes[at..]).unwrap_or(bytes.len() - at);
                    if found < bytes.len() && bytes[found] != b'"' {
                        return Some(found);
                    }
                    let before = if found == 0 { self.previous } else { bytes[found - 1] };
                    if found < bytes.len() && before == self.separator {
                        self.state = Quote::Open;
                    }
                    at = found + 1;
                }
            }
        }
        self.previous = bytes.last().copied().unwrap_or(self.previous);
        None
    }
}

/// Columns without a name may be many: no mapping can mean one of them.
fn check_doubles(path: &Path, line: u64, header: &Header) -> Result<(), ExportError> {
    for (second, name) in header.0.iter().enumerate() {
        let first = header.0[..second].iter().position(|other| other == name);
        if let Some(first) = first.filter(|_| !name.is_empty()) {
            return Err(ExportError::DoubledColumn {
                path: path.to_owned(),
                line,
                name: name.clone(),
                first: first + 1,
                second: second + 1,
            });
        }
    }
    Ok(())
}

fn broken(detail: impl Into<String>) -> Body {
    Body::Broken(Cause::new(CauseKind::Unreadable, detail))
}
