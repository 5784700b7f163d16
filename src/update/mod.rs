//! Stage 3: the `TicketMessage` update, the only thing this tool ever writes.
//!
//! A mapping fills a [`Draft`]; [`Update::new`] turns it into an [`Update`] or says which [`Rule`]s it breaks. So there
//! is no such thing as an invalid `Update`, and nothing downstream checks again.

mod channel;
mod digest;
mod draft;
mod field;
mod kind;
mod rules;
mod valid;
mod writes;

pub use channel::{Channel, Via};
pub use digest::Digest;
pub use draft::{Address, Attachment, Draft, Person, Source};
pub use field::{Field, FieldName};
pub use kind::Kind;
pub use rules::{Broken, RULES, Rule};
pub use valid::Update;
pub use writes::{Also, Write, Writes};
