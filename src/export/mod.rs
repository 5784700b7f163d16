//! Stage 1: read an export, record by record.
//!
//! An export is read front to back, once, in memory that depends on its largest record and not on its size. Every
//! record keeps its exact place, so that the second pass can seek to it and read just that record again.
//!
//! A [`Reader`] finds where records begin and end, and leaves their inside to the mapping: a JSON record is checked for
//! UTF-8 and no more. What is wrong with one record is a [`Body::Broken`] record, which is counted and reported like
//! any other; what is wrong with a whole file is an [`ExportError`].
//!
//! All bytes pass through one `Window`, which hashes them, counts lines and knows the offset. The doors for what comes
//! later are there: [`Reader::from_read`] takes any source, such as a decompressor, and what can't be sought in is
//! spooled before.

mod discover;
mod document;
mod encoding;
mod error;
mod format;
mod ids;
mod json;
mod lines;
mod natural;
mod page;
mod pattern;
mod raw;
mod reader;
mod records;
mod reread;
mod rows;
mod spool;
mod unpack;
mod window;

pub(crate) use discover::is_like;
pub use discover::{Found, Names, expand, find};
pub use encoding::Encoding;
pub use error::ExportError;
pub use format::Format;
pub use ids::{IdRow, IdsFile};
pub use raw::{Body, Chunk, Content, Header, RawRecord};
pub use reader::Reader;
pub use reread::Rereader;
pub use spool::{STANDARD_INPUT, Spool, is_unpacked, shown};
pub(crate) use spool::{folder_name, origin};
pub use window::MAX_RECORD_BYTES;
