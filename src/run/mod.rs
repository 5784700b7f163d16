//! The loop that joins the stages: pass 1 makes a plan, pass 2 follows it.
//!
//! [`Job`] is what both passes work on; [`make_plan`] is pass 1 and [`send`] pass 2. How far they are, [`Progress`]
//! tells whoever watches.

mod error;
mod explain;
mod feeder;
mod job;
mod manifest;
mod pass1;
mod pass2;
mod progress;
mod reading;
mod sample;
mod source;
mod undo;
mod verify;

pub use error::RunError;
pub use explain::{Explained, explain};
pub use feeder::first_parcels;
pub use job::{InputFile, Job, LookupFile, ScanFile, check_unchanged};
pub use manifest::{
    ManifestEnd, ManifestError, ManifestHead, ManifestLine, WrittenManifest, hexadecimal, read_manifest, write_manifest,
};
pub use pass1::{Planning, make_plan};
pub use pass2::{Ending, Order, Sent, StopRequest, send};
pub use progress::{Progress, Snapshot};
pub use sample::{Alarm, Tickets, alarms, read_tickets};
pub use undo::{Tally, UndoPlan, Undone, undo, undo_plan};
pub use verify::{Verification, verify};
