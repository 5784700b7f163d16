//! What joins the stages into the commands.
//!
//! [`Job`] is what all of them work on. [`make_plan`] is pass 1 and [`send`] pass 2; [`read_tickets`] looks at what a
//! sample changed before pass 2 goes on. [`verify`](fn@verify) compares afterwards, [`write_manifest`] puts on record
//! what it found, [`undo`](fn@undo) goes the way back, and [`explain`](fn@explain) follows one record of the export all
//! the way; [`checkup`](fn@checkup) lays the whole export beside its mapping. How far they are, [`Progress`] tells whoever
//! watches.

mod budget;
mod checkup;
mod error;
mod exclusion_list;
mod exclusions;
mod explain;
mod feeder;
mod job;
mod manifest;
mod outlook;
mod pass1;
mod pass2;
mod profile;
mod progress;
mod reading;
mod sample;
mod source;
mod story_at;
mod time_example;
mod undo;
mod undo_plan;
mod verify;

pub use budget::{MaxFailures, MaxFailuresError};
pub use checkup::{Becomes, Checkup, Counted, Example, KindCount, Reason, UnknownValue, checkup};
pub use error::RunError;
pub use exclusions::{Excluded, Exclusions};
pub use explain::{Explained, explain};
pub use feeder::first_parcels;
pub use job::{InputFile, Job, LookupFile, ScanFile, check_unchanged};
pub use manifest::{
    ManifestEnd, ManifestError, ManifestHead, ManifestLine, WrittenManifest, hexadecimal, read_manifest, write_manifest,
};
pub use outlook::Outlook;
pub use pass1::{Planning, make_plan};
pub use pass2::{Ending, Order, Sent, StopRequest, send};
pub use profile::profile;
pub use progress::{Progress, Snapshot};
pub use sample::{Alarm, Tickets, alarms, read_tickets};
pub use story_at::refused_values;
pub use time_example::time_example;
pub use undo::{Tally, Undone, undo};
pub use undo_plan::{UndoPlan, undo_plan};
pub use verify::{Verification, verify};
