//! The pipeline's own words as types: where a message stands, who it is, where it goes, and what became of it.
//!
//! A *record* is one message in an export, with the ticket around it. How numbers and times read is here as well, because
//! every stage has something to say to the operator.

mod action;
mod cause;
mod ids;
mod match_rule;
mod mode;
mod place;
mod sequence;
mod settled;
mod state;
mod time_example;
mod time_span;
mod wording;

pub use action::Action;
pub use cause::{Cause, CauseKind};
pub use ids::{ExternalId, ExternalIdError, MessageId, Target, TicketId};
pub use match_rule::MatchRule;
pub use mode::Mode;
pub use place::{InputId, Place};
pub use sequence::Sequence;
pub use settled::Settled;
pub use state::State;
pub use time_example::TimeExample;
pub use time_span::time_span;
pub use wording::{count, duration, grouped, percent, plural, waiting};
