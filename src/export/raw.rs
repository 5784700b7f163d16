//! What reading gives: records as they stand in their file, in chunks that keep their order.

use std::ops::Range;

use crate::record::Cause;

/// Consecutive records of one file, so that reading and mapping can run on different cores.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The bytes that [`Body::Json`] points into.
    pub bytes: Vec<u8>,
    /// The records, in the order of the file.
    pub records: Vec<RawRecord>,
}

/// One record of a file: a JSON value, or a row. It may hold many messages.
#[derive(Debug)]
pub struct RawRecord {
    /// The line on which it starts, from 1.
    pub line: u64,
    /// Where it starts, in bytes from the start of the file.
    pub offset: u64,
    /// Its length in bytes, without the line's end.
    pub length: u64,
    /// What it holds.
    pub body: Body,
}

/// What a record holds.
#[derive(Debug)]
pub enum Body {
    /// A JSON value in [`Chunk::bytes`]; well-formed UTF-8, not yet parsed.
    Json(Range<usize>),
    /// The cells of a CSV row, as many as the header has; well-formed UTF-8.
    Row(csv::StringRecord),
    /// It can't be read; the record counts, and says why.
    Broken(Cause),
}

impl Chunk {
    /// The record as the mapping reads it; or why it can't be read.
    ///
    /// # Errors
    /// With the cause of one that is broken.
    pub fn content<'a>(&'a self, record: &'a RawRecord) -> Result<Content<'a>, &'a Cause> {
        match &record.body {
            Body::Json(range) => Ok(Content::Json(&self.bytes[range.clone()])),
            Body::Row(row) => Ok(Content::Row(row)),
            Body::Broken(cause) => Err(cause),
        }
    }
}

/// A readable record, borrowed.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// The bytes of one JSON value.
    Json(&'a [u8]),
    /// The cells of one CSV row; which column is which, the file's [`Header`] says.
    Row(&'a csv::StringRecord),
}

/// The column names of a CSV file, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header(pub Vec<String>);
