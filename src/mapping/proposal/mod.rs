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
mod known;
mod likeness;
mod profile;
mod stat;
mod vocabulary;

pub use known::{Recognised, recognise};
pub use profile::Profile;

/// A mapping for the export that `profile` was made of, as TOML; none where nothing in it looks like a message.
///
/// Values that are message content, or could be, stand in it only if `show_content`.
pub fn propose(profile: &Profile, show_content: bool) -> Option<String> {
    draft::draft(profile, show_content)
}
