//! Stage 1: read an export, record by record.

mod format;
mod raw;

pub use format::Format;
pub use raw::{Body, Chunk, Content, Header, RawRecord};
