//! JSON documents: records are the elements of an array inside.
//!
//! The document is walked, not parsed: only the containers on the way to the records are entered, everything else is
//! passed over. A file may hold several documents one after another, such as the pages of an API.
//!
//! Where `records` is not set, the records are the elements of a top-level array, or of the only top-level key with an
//! array of objects. That there is only one is known at the end of the document; a second one is an error then, and as
//! it is found while planning, nothing has been sent. So a file is read once, from any source.
//!
//! Nothing is lost in silence: a document without the array is a broken record (an error page among good ones), and so
//! is the place where the structure breaks, behind which nothing is read.

use std::path::Path;

use super::ExportError;
use super::json::{Stop, peek, read_key, read_record, require, skip, unexpected};
use super::page::{Page, Pages};
use super::raw::Chunk;
use super::records::{Records, Step};
use super::window::Window;

/// As many of a document's keys are remembered: enough to tell a ticket from a page, however many fields it has.
const KEYS_KEPT: usize = 100;

/// The walk through a file of documents, between two records.
pub(super) struct Document {
    records: Records,
    /// The containers that are open, the outermost first.
    open: Vec<Level>,
    pages: Pages,
    /// The key whose array holds the records, where that had to be found out.
    only: Option<String>,
    /// Some of the keys at the top of the first document.
    keys: Vec<String>,
    documents: u64,
    garbled: bool,
    done: bool,
}

/// A container that was entered.
struct Level {
    /// `}` or `]`.
    close: u8,
    role: Role,
    /// Whether no element was read yet.
    first: bool,
    /// Whether a page ends with it.
    is_page: bool,
}

/// What the elements of a container are.
#[derive(Clone, Copy)]
enum Role {
    /// Records.
    Records,
    /// Candidates for the next step, this many steps down.
    Way(usize),
    /// The top of a document in which the array must be found.
    Top,
    /// Of no interest.
    Ignored,
}

impl Document {
    pub(super) fn new(records: Records) -> Self {
        Self {
            records,
            open: Vec::new(),
            pages: Pages::default(),
            only: None,
            keys: Vec::new(),
            documents: 0,
            garbled: false,
            done: false,
        }
    }

    /// Puts the records of the next `target` bytes or so into `chunk`; false at the end of the file.
    pub(super) fn fill(
        &mut self,
        path: &Path,
        window: &mut Window,
        chunk: &mut Chunk,
        target: usize,
    ) -> Result<bool, ExportError> {
        let start = window.offset();
        while !self.done && window.offset() - start < target as u64 {
            match self.advance(path, window, chunk) {
                Ok(()) => {}
                Err(Stop::Io(error)) => return Err(ExportError::io(path, error)),
                Err(Stop::Export(error)) => return Err(error),
                Err(Stop::Garbled(what)) => {
                    self.done = true;
                    self.garbled = true;
                    chunk.records.push(Page::at(window).broken(window, what));
                }
            }
        }
        if self.done && !self.pages.found_any && !self.garbled {
            return Err(ExportError::NoRecords {
                path: path.to_owned(),
                wanted: self.records.describe(),
                keys: std::mem::take(&mut self.keys),
            });
        }
        Ok(!self.done)
    }

    /// Whether a place for records was found so far, even an empty one.
    pub(super) fn found_any(&self) -> bool {
        self.pages.found_any
    }

    /// The keys at the top of the first document, as far as they were read; the first 100 of many.
    pub(super) fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Whether the first document is at its end.
    pub(super) fn is_past_first(&self) -> bool {
        self.documents > 1 || (self.documents == 1 && self.open.is_empty())
    }

    /// Goes one element further: of the innermost open container, or of the file.
    fn advance(&mut self, path: &Path, window: &mut Window, chunk: &mut Chunk) -> Result<(), Stop> {
        let Some(level) = self.open.last_mut() else {
            return self.next_document(window, chunk);
        };
        let (close, role) = (level.close, level.role);
        let first = std::mem::replace(&mut level.first, false);
        let next = require(window)?;
        if next == close {
            window.consume(1);
            if self.open.pop().is_some_and(|level| level.is_page) {
                self.close_page(window, chunk);
            }
            return Ok(());
        }
        if !first {
            if next != b',' {
                return Err(unexpected(next, &format!("`,` or `{}`", char::from(close))));
            }
            window.consume(1);
        }
        if close == b'}' { self.member(role, path, window, chunk) } else { self.element(role, window, chunk) }
    }

    fn next_document(&mut self, window: &mut Window, chunk: &mut Chunk) -> Result<(), Stop> {
        if peek(window)? == Some(0xEF) {
            // Joined files may each bring their byte order mark.
            while window.unread().len() < 3 && window.fill()? {}
            window.skip_byte_order_mark();
        }
        let Some(first) = peek(window)? else {
            self.done = true;
            return Ok(());
        };
        self.documents += 1;
        self.pages.begin(window);
        let depth = self.open.len();
        match (&self.records, first) {
            (Records::Only, b'{') => self.enter(window, b'}', Role::Top),
            (Records::Only, b'[') => self.enter_records(window),
            (Records::At(steps), b'[') if steps.first() != Some(&Step::Every) => self.enter_records(window),
            (Records::At(_), _) => self.go_down(0, window, chunk)?,
            (Records::Only, _) => skip(window)?,
        }
        self.settle_page(depth, window, chunk);
        Ok(())
    }

    fn element(&mut self, role: Role, window: &mut Window, chunk: &mut Chunk) -> Result<(), Stop> {
        require(window)?;
        match role {
            Role::Records => self.take(window, chunk),
            Role::Top | Role::Ignored => skip(window),
            Role::Way(taken) => {
                self.pages.begin(window);
                let depth = self.open.len();
                self.go_down(taken, window, chunk)?;
                self.settle_page(depth, window, chunk);
                Ok(())
            }
        }
    }

    fn member(&mut self, role: Role, path: &Path, window: &mut Window, chunk: &mut Chunk) -> Result<(), Stop> {
        let key = read_key(window)?;
        if self.documents == 1 && self.open.len() == 1 && self.keys.len() < KEYS_KEPT {
            self.keys.push(key.clone());
        }
        match role {
            Role::Way(taken) if matches!(self.records.step(taken - 1), Some(Step::Key(wanted)) if *wanted == key) => {
                self.go_down(taken, window, chunk)
            }
            Role::Top => self.try_array(key, path, window),
            _ => skip(window),
        }
    }

    /// Enters the value that starts here if it leads to the records, `taken` steps down; passes it over if not.
    fn go_down(&mut self, taken: usize, window: &mut Window, chunk: &mut Chunk) -> Result<(), Stop> {
        let first = require(window)?;
        match (self.records.step(taken), first) {
            (None, b'[') => self.enter_records(window),
            // One object where an array could be is one record, as in {"ticket": {…}}.
            (None, b'{') => {
                self.pages.found();
                self.take(window, chunk)?;
            }
            (None, b'n') => {
                self.pages.found();
                skip(window)?;
            }
            (Some(Step::Key(_)), b'{') => self.enter(window, b'}', Role::Way(taken + 1)),
            (Some(Step::Every), b'[') => {
                // Its elements are pages of their own.
                self.pages.found();
                self.enter(window, b']', Role::Way(taken + 1));
            }
            _ => skip(window)?,
        }
        Ok(())
    }

    /// Enters the value of `key` if it is the array of objects that was to be found.
    fn try_array(&mut self, key: String, path: &Path, window: &mut Window) -> Result<(), Stop> {
        let is_known = self.only.as_ref() == Some(&key);
        match require(window)? {
            b'[' => {}
            b'n' if is_known => {
                self.pages.found();
                return skip(window);
            }
            _ => return skip(window),
        }
        self.enter(window, b']', Role::Ignored);
        match (require(window)?, &self.only) {
            (b'{', Some(first)) if !is_known => Err(Stop::Export(ExportError::SeveralArrays {
                path: path.to_owned(),
                line: window.line(),
                first: first.clone(),
                second: key,
            })),
            (b'{', _) => {
                self.only = Some(key);
                self.pages.found();
                if let Some(array) = self.open.last_mut() {
                    array.role = Role::Records;
                }
                Ok(())
            }
            // An empty array may be the one; it is as good as any while there is no other.
            (b']', only) if is_known || only.is_none() => {
                self.pages.found();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn enter(&mut self, window: &mut Window, close: u8, role: Role) {
        window.consume(1);
        self.open.push(Level { close, role, first: true, is_page: false });
    }

    fn enter_records(&mut self, window: &mut Window) {
        self.pages.found();
        self.enter(window, b']', Role::Records);
    }

    /// The page that starts with the value just read ends with the container it opened, or has ended.
    fn settle_page(&mut self, depth: usize, window: &Window, chunk: &mut Chunk) {
        match self.open.get_mut(depth) {
            Some(level) => level.is_page = true,
            None => self.close_page(window, chunk),
        }
    }

    fn close_page(&mut self, window: &Window, chunk: &mut Chunk) {
        chunk.records.extend(self.pages.end(window, &self.records));
    }

    /// Takes the value that starts here as a record.
    fn take(&mut self, window: &mut Window, chunk: &mut Chunk) -> Result<(), Stop> {
        let record = read_record(window, &mut chunk.bytes, &mut self.done)?;
        chunk.records.push(record);
        Ok(())
    }
}
