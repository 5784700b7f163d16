//! One file, read front to back in chunks.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::document::Document;
use super::format::check_encoding;
use super::json::SPACE;
use super::raw::{Chunk, Header};
use super::records::Records;
use super::rows::Rows;
use super::window::Window;
use super::{ExportError, Format, lines};

/// Reads one file of an export.
pub struct Reader {
    path: PathBuf,
    window: Window,
    splitter: Splitter,
    ended: bool,
}

/// What finds the records, one for each format.
enum Splitter {
    Lines,
    Document(Document),
    Rows(Rows),
}

impl Reader {
    /// Opens `path`, and of a CSV file reads the header.
    ///
    /// `records` is where a JSON document holds its records; the other formats do not look at it:
    /// keys joined by dots (`data.comments`), `*` for every element of an array on the way (`*.comments` in an array of
    /// pages), and `.` for the document itself. An array there gives its elements, an object itself. A top-level array
    /// gives its elements whatever `records` says, unless that starts with `*`. Without it, the only top-level key that
    /// holds an array of objects is taken.
    pub fn open(path: &Path, format: Format, records: Option<&str>) -> Result<Self, ExportError> {
        let file = File::open(path).map_err(|error| ExportError::io(path, error))?;
        Self::from_read(Box::new(file), path, format, records)
    }

    /// The same from any source, such as a decompressor; `path` is what errors call it.
    pub fn from_read(
        source: Box<dyn Read + Send>,
        path: &Path,
        format: Format,
        records: Option<&str>,
    ) -> Result<Self, ExportError> {
        let records = Records::parse(records)
            .ok_or_else(|| ExportError::BadRecordsPath { text: records.unwrap_or_default().to_owned() })?;
        let io = |error| ExportError::io(path, error);
        let mut window = Window::new(source).map_err(io)?;
        check_encoding(path, window.unread())?;
        if !format.has_rows() && window.peek_behind(SPACE).map_err(io)?.is_none() {
            return Err(ExportError::Empty { path: path.to_owned() });
        }
        let splitter = match format.separator() {
            Some(separator) => Splitter::Rows(Rows::open(path, &mut window, separator)?),
            None if format == Format::Json => Splitter::Document(Document::new(records)),
            None => Splitter::Lines,
        };
        Ok(Self { path: path.to_owned(), window, splitter, ended: false })
    }

    /// The columns of a CSV file.
    pub fn header(&self) -> Option<&Header> {
        match &self.splitter {
            Splitter::Rows(rows) => Some(rows.header()),
            Splitter::Lines | Splitter::Document(_) => None,
        }
    }

    /// The next records, of about `target_bytes` together and at least one; `None` behind the last one.
    ///
    /// A chunk is larger by at most one record ([`super::MAX_RECORD_BYTES`]).
    pub fn next_chunk(&mut self, target_bytes: usize) -> Result<Option<Chunk>, ExportError> {
        let mut chunk = Chunk::default();
        let target = target_bytes.max(1);
        while !self.ended && chunk.records.is_empty() {
            self.ended = !self.fill(&mut chunk, target)?;
        }
        Ok(Some(chunk).filter(|chunk| !chunk.records.is_empty()))
    }

    fn fill(&mut self, chunk: &mut Chunk, target: usize) -> Result<bool, ExportError> {
        let Self { path, window, splitter, .. } = self;
        let io = |error| ExportError::io(path, error);
        let more = match splitter {
            Splitter::Lines => lines::fill(window, chunk, target).map_err(io)?,
            Splitter::Document(document) => document.fill(path, window, chunk, target)?,
            Splitter::Rows(rows) => rows.fill(window, chunk, target).map_err(io)?,
        };
        if !more {
            // Whatever stands behind the last record is part of the file that the checkpoint pins.
            window.drain().map_err(io)?;
        }
        Ok(more)
    }

    /// The hash of the whole file, once [`Self::next_chunk`] has said that it ended.
    pub fn digest(&self) -> Option<blake3::Hash> {
        self.ended.then(|| self.window.digest())
    }

    /// How many bytes of the file were read so far.
    pub fn bytes_read(&self) -> u64 {
        self.window.bytes_read()
    }

    /// The file, as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
