//! The SQLite file that holds the plan and every outcome.
//!
//! One connection writes, and whoever holds it also holds the [`Lock`] on a file beside it; any number may read.
//! Nothing counts as done before it is committed, and a commit is on the disk when it returns (`synchronous = FULL`).

mod batches;
mod candidates;
mod control;
mod error;
mod first_reads;
mod images;
mod lock;
mod matched;
mod pins;
mod progress;
mod sample;
mod schema;
mod selection;
mod store;
mod surprises;
mod tallies;
mod totals;
mod undo;
mod verified;
mod whereabouts;
mod writer;

pub use batches::{Batch, Standing};
pub use candidates::Candidate;
pub use control::{Control, Heartbeat};
pub use error::{CheckpointError, Saved};
pub use first_reads::FirstReads;
pub(crate) use images::seen;
pub use images::{Agreed, Before, Image, Receipt, Written};
pub use lock::{Holder, Lock, holder_of};
pub use matched::Matched;
pub use pins::{Note, PinnedFile, PinnedScan, Pins, Role};
pub(crate) use progress::of_kind;
pub use progress::{Planned, Retriable, RunRecord};
pub use sample::Sampled;
pub use selection::{Selection, SelectionError, Which};
pub(crate) use store::create_for_owner;
pub use store::{Access, Checkpoint};
pub use surprises::Unexpected;
pub use tallies::{Effect, FieldCount};
pub use totals::{CauseCount, Example, Listed, StateCount, Totals};
pub use undo::{Kept, Scope, Stays};
pub use verified::{Differing, Finding, Found, Recorded};
pub(crate) use writer::cause_id;
pub use writer::{Attempt, Entry, Writer};
