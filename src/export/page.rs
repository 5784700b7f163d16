//! Something that should hold records: a document, or an element of an array that `*` goes through.

use super::raw::{Body, RawRecord};
use super::window::Window;
use crate::record::{Cause, CauseKind};

/// A page that is being read.
pub(super) struct Page {
    offset: u64,
    line: u64,
    /// Whether the place for records was found in it, however many they are.
    pub(super) found: bool,
}

impl Page {
    /// A page that starts where `window` is.
    pub(super) fn at(window: &Window) -> Self {
        Self {
            offset: window.offset(),
            line: window.line(),
            found: false,
        }
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
