//! Stage 3: the `TicketMessage` update, the only thing this tool ever writes.
//!
//! A mapping fills a [`Draft`]; [`Update::new`] turns it into an [`Update`] or says which [`Rule`]s it breaks. So there
//! is no such thing as an invalid `Update`, and nothing downstream checks again.
//!
//! What becomes of it depends on what the account holds: [`choose`] says what is sent, [`compare`] whether it arrived,
//! and [`restore`] how it is taken back. [`text_key`] and its like tell one message in two copies. All of these are pure
//! functions of a body and a message as read.

mod agreement;
mod channel;
mod choice;
mod content;
mod digest;
mod draft;
mod entities;
mod facts;
mod field;
mod form;
mod html;
mod kind;
mod likeness;
mod normal;
mod readable;
mod restoration;
mod rules;
mod time;
mod valid;
mod writes;

pub use agreement::{Agreement, Class, agree, compare};
pub use channel::{Channel, Via};
pub use choice::{Choice, Sends, body, choose};
pub use content::{pack, unpack};
pub use digest::Digest;
pub use draft::{Address, Attachment, Draft, Person, Source};
pub use facts::Facts;
pub use field::{Field, FieldName};
pub use kind::Kind;
pub use likeness::{html_key, message_ref, text_key};
pub use readable::{text_of_html, without_entities};
pub use restoration::{Restoration, restore};
pub use rules::{Broken, RULES, Rule};
pub use time::moment;
pub use valid::Update;
pub use writes::{Also, Write, Writes};
