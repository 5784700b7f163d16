//! A proposal: a mapping for an export that nobody has mapped yet, with the evidence for each line of it.
//!
//! A sample of the export is profiled (which paths there are, and what sort of values they hold), the profile is
//! compared with the built-in mappings, and where none of them fits, each field's likeliest path is written down with
//! its score. What can't be told is left as a question: a wrong guess that looks like an answer would carry over
//! customers' mail the wrong way round.
//!
//! ```text
//! records ─▶ Profile ─▶ known: a built-in mapping that reads most of it ─▶ its text
//!                   └─▶ likeness: for each field the candidates, scored ─▶ draft: TOML with evidence and questions
//! ```

mod author;
mod draft;
mod fields;
mod forms;
mod known;
mod likeness;
mod offers;
mod profile;
mod stat;
mod vocabulary;

pub use draft::reading;
pub use known::{Recognised, places, recognise};
pub use profile::Profile;

use crate::export::Format;

/// Why nothing is proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoProposal {
    /// There is no record at all.
    NoRecord,
    /// Nothing is like a time, a text, or an id; with the keys that there are.
    NoMessage(Vec<String>),
}

/// How a proposal is made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner<'a> {
    /// Whether values that are message content, or could be, may stand in it.
    pub show_content: bool,
    /// The encoding that was named for the export.
    pub encoding: Option<&'a str>,
    /// The format of rows that was named for it.
    pub rows: Option<Format>,
}

/// A mapping for the export that `profile` was made of, as TOML.
///
/// # Errors
/// When nothing in it looks like a message.
pub fn propose(profile: &Profile, manner: Manner<'_>) -> Result<String, NoProposal> {
    draft::draft(profile, manner)
}
