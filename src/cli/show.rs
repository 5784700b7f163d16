//! `--show N`: messages as they would go out. They hold content, so they are shown only when asked for.

use std::fmt::Write as _;
use std::sync::Arc;

use super::failure::Failure;
use crate::checkpoint::Checkpoint;
use crate::run::{Job, first_parcels};

/// The first `most` updates of the plan, as the API would get them.
pub(super) fn examples(job: Job, checkpoint: Checkpoint, most: usize) -> Result<String, Failure> {
    let mut text = String::new();
    let writes = job.writes.clone();
    for parcel in first_parcels(Arc::new(job), checkpoint, most)? {
        let target = parcel.target;
        let body = serde_json::Value::Object(parcel.as_far_as_known(&writes));
        // Writing into a string can't fail.
        let _ = writeln!(text, "\nPUT /api/tickets/{}/messages/{}\n{body:#}", target.ticket.0, target.message.0);
    }
    Ok(text)
}
