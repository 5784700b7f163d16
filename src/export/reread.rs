//! A record read again from its place, for the second pass.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::lines::json;
use super::raw::{Body, Chunk, Header, RawRecord};
use super::{ExportError, Format, MAX_RECORD_BYTES, rows};
use crate::record::{Cause, CauseKind};

/// Reads single records of one file, in any order.
#[derive(Debug)]
pub struct Rereader {
    path: PathBuf,
    file: File,
    format: Format,
    header: Header,
}

impl Rereader {
    /// Opens `path`. `header` is what [`super::Reader::header`] said in the first pass; rows are checked against it.
    pub fn open(path: &Path, format: Format, header: Option<Header>) -> Result<Self, ExportError> {
        Ok(Self {
            path: path.to_owned(),
            file: File::open(path).map_err(|error| ExportError::io(path, error))?,
            format,
            header: header.unwrap_or(Header(Vec::new())),
        })
    }

    /// The record at `offset`, `length` bytes long, alone in a chunk.
    ///
    /// Its line is not known here and 0. Whether it is still the record that was planned, only its digest can tell.
    pub fn read(&mut self, offset: u64, length: u64) -> Result<Chunk, ExportError> {
        let mut chunk = Chunk::default();
        let body = match usize::try_from(length) {
            Ok(size) if length <= MAX_RECORD_BYTES => {
                let bytes = self.bytes(offset, size)?;
                match self.format.separator() {
                    Some(separator) => rows::reread(&bytes, &self.header, separator),
                    None if self.format == Format::Json => json(&bytes, "record", &mut chunk.bytes),
                    None => json(&bytes, "line", &mut chunk.bytes),
                }
            }
            _ => Body::Broken(Cause::new(
                CauseKind::Unreadable,
                format!("the record is {length} bytes long; at most {MAX_RECORD_BYTES} are read"),
            )),
        };
        chunk.records.push(RawRecord { line: 0, offset, length, body });
        Ok(chunk)
    }

    fn bytes(&mut self, offset: u64, size: usize) -> Result<Vec<u8>, ExportError> {
        let mut bytes = vec![0; size];
        let result = self.file.seek(SeekFrom::Start(offset)).and_then(|_| self.file.read_exact(&mut bytes));
        match result {
            Ok(()) => Ok(bytes),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                Err(ExportError::Changed { path: self.path.clone(), offset })
            }
            Err(error) => Err(ExportError::io(&self.path, error)),
        }
    }
}
