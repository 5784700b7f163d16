//! Stage 1: read an export, record by record.

mod raw;

pub use raw::{Body, Chunk, Content, Header, RawRecord};
