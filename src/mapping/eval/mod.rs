//! The evaluator: walk the compiled recipes over one record.

mod awaited;
mod draft;
mod field;
mod noticing;
mod reader;
mod scene;
mod story;
mod witness;

pub use awaited::{Awaited, Unmet};
pub use reader::Reader;
pub use story::{FieldStory, Outcome, Seen, Step, Story};
