//! The evaluator: walk the compiled recipes over one record.

mod draft;
mod field;
mod reader;
mod scene;

pub use reader::Reader;
