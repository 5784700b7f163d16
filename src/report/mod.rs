//! What the operator reads: one model of the numbers, and its forms as text and as JSON, so that they can't disagree.

mod forecast;
mod json;
mod lines;
mod model;
mod plan_text;
mod run_text;
mod story_text;
mod wording;

pub use forecast::Forecast;
pub use json::{SCHEMA, to_json};
pub use model::{Report, Side};
pub use plan_text::plan_text;
pub use run_text::{EVERYTHING, NEWS, run_text, status_text};
pub use story_text::story_text;
pub use wording::{count, duration, grouped, percent, plural, waiting};
