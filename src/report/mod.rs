//! What the operator reads: one model of the numbers, and its forms as text and as JSON, so that they can't disagree.

mod ambiguous;
mod checkup_json;
mod checkup_text;
mod effects;
mod forecast;
mod json;
mod lines;
mod listing;
mod matched_text;
mod missing;
mod model;
mod plan_text;
mod preflight;
mod run_text;
mod seen_scan;
mod story_text;
mod undo_text;
mod verify_text;
mod warnings;

pub use crate::record::{count, duration, grouped, percent, plural, waiting};
pub use ambiguous::write_ambiguous;
pub use checkup_json::{CHECKUP_SCHEMA, checkup_json};
pub use checkup_text::checkup_text;
pub use forecast::Forecast;
pub use json::{SCHEMA, to_json};
pub use listing::ListingError;
pub use matched_text::matched_text;
pub use missing::write_missing;
pub use model::{Report, Side};
pub use plan_text::plan_text;
pub use preflight::{CHECK_SCHEMA, check_json, check_text, check_verdict};
pub use run_text::{EVERYTHING, NEWS, run_text, status_text};
pub use seen_scan::SeenScan;
pub use story_text::story_text;
pub use undo_text::{UndoReport, undo_json, undo_plan_text, undone_text};
pub use verify_text::{VerifyReport, verify_json, verify_text};
