//! What the operator reads: one model of the numbers, and its forms as text and as JSON, so that they can't disagree.

mod ambiguous;
mod effects;
mod forecast;
mod json;
mod lines;
mod listing;
mod missing;
mod model;
mod plan_text;
mod preflight;
mod run_text;
mod seen_scan;

pub use crate::record::{count, duration, grouped, percent, plural, waiting};
pub use ambiguous::write_ambiguous;
pub use forecast::Forecast;
pub use json::{SCHEMA, to_json};
pub use listing::ListingError;
pub use missing::write_missing;
pub use model::{Report, Side};
pub use plan_text::plan_text;
pub use preflight::{CHECK_SCHEMA, check_json, check_text, check_verdict};
pub use run_text::{EVERYTHING, NEWS, run_text, status_text};
pub use seen_scan::SeenScan;
