//! The bytes of a file that are being looked at: the one place that reads, hashes, counts lines and knows offsets.
//!
//! Splitters see only what is unread, ask for more when they need it, and consume what they are done with. A buffer
//! grows to the largest record and no further: beyond [`MAX_RECORD_BYTES`] the bytes of a record are dropped while its
//! end is sought.

use std::io::{self, Read};

use crate::record::{Cause, CauseKind};

/// The longest record that is read, in bytes: 64 MiB. A longer one is broken, and says how long it is.
pub const MAX_RECORD_BYTES: u64 = 64 << 20;

/// What is asked of the system at once; large enough to make calls rare, small enough for the processor's cache.
const READ_BYTES: usize = 128 << 10;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

pub(super) struct Window {
    source: Box<dyn Read + Send>,
    hasher: blake3::Hasher,
    bytes: Vec<u8>,
    /// The unread bytes are `bytes[begin..end]`.
    begin: usize,
    end: usize,
    /// Where `begin` is in the file.
    offset: u64,
    /// The line that `begin` is on, from 1.
    line: u64,
    ended: bool,
}

/// How far something reaches from the start of what is unread.
pub(super) struct Piece {
    /// Its length in bytes.
    pub length: u64,
    /// How much of it is still unread; all of it, unless it was longer than the limit.
    pub unread: usize,
    /// Whether its end was found before the file's.
    pub whole: bool,
}

impl Piece {
    /// Why it can't be read, where it is longer than a record may be.
    pub(super) fn too_long(&self) -> Option<Cause> {
        (self.length > MAX_RECORD_BYTES).then(|| {
            let detail = format!("the record is {} bytes long; at most {MAX_RECORD_BYTES} are read", self.length);
            Cause::new(CauseKind::Unreadable, detail)
        })
    }
}

impl Window {
    /// A window at the start of `source`, behind its byte order mark if it has one.
    pub(super) fn new(source: Box<dyn Read + Send>) -> io::Result<Self> {
        let mut window = Self {
            source,
            hasher: blake3::Hasher::new(),
            bytes: vec![0; READ_BYTES],
            begin: 0,
            end: 0,
            offset: 0,
            line: 1,
            ended: false,
        };
        while window.unread().len() < BYTE_ORDER_MARK.len() && window.fill()? {}
        window.skip_byte_order_mark();
        Ok(window)
    }

    pub(super) fn unread(&self) -> &[u8] {
        &self.bytes[self.begin..self.end]
    }

    /// Where the unread bytes start, in bytes from the start of the file.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The line on which the unread bytes start, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// How many bytes were read from the source.
    pub(super) fn bytes_read(&self) -> u64 {
        self.offset + self.unread().len() as u64
    }

    /// The hash of all that was read so far.
    pub(super) fn digest(&self) -> blake3::Hash {
        self.hasher.finalize()
    }

    /// Leaves `count` unread bytes behind.
    pub(super) fn consume(&mut self, count: usize) {
        let left_behind = &self.bytes[self.begin..self.begin + count];
        self.line += memchr::memchr_iter(b'\n', left_behind).count() as u64;
        self.offset += count as u64;
        self.begin += count;
    }

    /// Reads more behind what is unread; false at the end of the file.
    pub(super) fn fill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        self.make_room();
        let count = loop {
            match self.source.read(&mut self.bytes[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.hasher.update(&self.bytes[self.end..self.end + count]);
        self.end += count;
        self.ended = count == 0;
        Ok(count > 0)
    }

    fn make_room(&mut self) {
        if self.begin == self.end {
            (self.begin, self.end) = (0, 0);
            // One giant record must not hold its memory for the rest of the file.
            if self.bytes.len() > 8 * READ_BYTES {
                self.bytes = vec![0; READ_BYTES];
            }
        }
        if self.bytes.len() - self.end >= READ_BYTES / 2 {
            return;
        }
        self.bytes.copy_within(self.begin..self.end, 0);
        (self.begin, self.end) = (0, self.end - self.begin);
        if self.bytes.len() - self.end < READ_BYTES / 2 {
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
    }

    /// The next byte that `skipped` does not hold, left unread; `None` at the end of the file.
    pub(super) fn peek_behind(&mut self, skipped: &[u8]) -> io::Result<Option<u8>> {
        loop {
            let found = self.unread().iter().position(|byte| !skipped.contains(byte));
            self.consume(found.unwrap_or(self.unread().len()));
            if found.is_some() {
                return Ok(self.unread().first().copied());
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Measures what starts here. `end_in` is shown its bytes once, in order, and says where in them the end is.
    ///
    /// Nothing is consumed as long as it is no longer than `keep` bytes; of what is longer, the front is dropped.
    pub(super) fn measure(&mut self, keep: u64, mut end_in: impl FnMut(&[u8]) -> Option<usize>) -> io::Result<Piece> {
        let mut seen = 0;
        let mut dropped = 0;
        loop {
            let end = end_in(&self.unread()[seen..]);
            let unread = end.map_or(self.unread().len(), |end| seen + end);
            seen = unread;
            if end.is_none() && seen as u64 > keep {
                self.consume(seen);
                dropped += seen as u64;
                seen = 0;
            }
            if end.is_some() || !self.fill()? {
                return Ok(Piece { length: dropped + seen as u64, unread: seen, whole: end.is_some() });
            }
        }
    }

    /// Leaves a byte order mark behind, if one comes next.
    pub(super) fn skip_byte_order_mark(&mut self) {
        if self.unread().starts_with(BYTE_ORDER_MARK) {
            self.consume(BYTE_ORDER_MARK.len());
        }
    }

    /// Reads on to the end of the file, only to hash it.
    pub(super) fn drain(&mut self) -> io::Result<()> {
        loop {
            self.consume(self.unread().len());
            if !self.fill()? {
                return Ok(());
            }
        }
    }
}
