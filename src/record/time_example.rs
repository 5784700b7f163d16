//! A time as the export has it, and what it was taken for.

use jiff::Timestamp;

/// A time of the export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeExample {
    /// The message that it is of.
    pub external_id: String,
    /// How it is written in the export.
    pub exported: String,
    /// What it means.
    pub at: Timestamp,
}
