//! Pages: what should hold records, and is missed if it does not. A document is one, and each element of an array that
//! `*` goes through.

use super::raw::{Body, RawRecord};
use super::records::Records;
use super::window::Window;
use crate::record::{Cause, CauseKind};

/// The pages that are being read, the outermost first.
#[derive(Default)]
pub(super) struct Pages {
    open: Vec<Page>,
    /// Whether a place for records was found in any page so far.
    pub(super) found_any: bool,
}

impl Pages {
    /// A page starts where `window` is.
    pub(super) fn begin(&mut self, window: &Window) {
        self.open.push(Page::at(window));
    }

    /// The place for records was found in the innermost page.
    pub(super) fn found(&mut self) {
        self.found_any = true;
        if let Some(page) = self.open.last_mut() {
            page.found = true;
        }
    }

    /// The innermost page ends where `window` is. Gives the record that stands for it if it did not hold what was
    /// `wanted`.
    pub(super) fn end(&mut self, window: &Window, wanted: &Records) -> Option<RawRecord> {
        let page = self.open.pop().filter(|page| !page.found)?;
        let what = format!("this part of the file holds no {}", wanted.describe());
        Some(page.broken(window, what))
    }
}

/// A stretch of a file.
pub(super) struct Page {
    offset: u64,
    line: u64,
    /// Whether the place for records was found in it, however many they are.
    found: bool,
}

impl Page {
    /// A page that starts where `window` is.
    pub(super) fn at(window: &Window) -> Self {
        Self { offset: window.offset(), line: window.line(), found: false }
    }

    /// The record that stands for the bytes from here to where `window` is now, which can't be read.
    pub(super) fn broken(&self, window: &Window, detail: String) -> RawRecord {
        RawRecord {
            line: self.line,
            offset: self.offset,
            length: window.offset() - self.offset,
            body: Body::Broken(Cause::new(CauseKind::Unreadable, detail)),
        }
    }
}
