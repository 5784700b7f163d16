//! Stage 4: settle the plan, with the whole export known, before anything is sent.
//!
//! Every record is staged as a row ([`Staging`]); then doubles, targets, conflicts, what an earlier plan already did,
//! the order and the batches are settled in one transaction ([`settle`]). Either the whole new plan is in the
//! checkpoint afterwards, or the old one.

mod absent;
mod choices;
mod conflicts;
mod doubles;
mod earlier;
mod matching;
mod outstanding;
mod settle;
mod staging;

pub use outstanding::SENDABLE;
pub use settle::{Delta, settle};
pub use staging::{Likeness, ScanAtHand, Staged, Staging};
