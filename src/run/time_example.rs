//! One message's time, as the export has it and as it was understood: a wrong zone moves every message, and shows at once
//! to whoever knows when one of them was sent.

use super::story_at::story_at;
use super::{Job, RunError};
use crate::checkpoint::Checkpoint;
use crate::mapping::{Outcome, Step};
use crate::record::TimeExample;

/// So many messages are looked at to find one whose time is not in UTC.
const LOOKED_AT: usize = 20;

/// The time of one of the first messages of the plan, of one that is not written in UTC if there is one; none where it is
/// not read from the export, or is written in no way that may be shown.
///
/// # Errors
/// When the export or the checkpoint can't be read.
pub fn time_example(job: &Job, checkpoint: &Checkpoint) -> Result<Option<TimeExample>, RunError> {
    let mut first = None;
    for (place, external_id) in checkpoint.first_places(LOOKED_AT)? {
        let story = story_at(job, place)?;
        let story = story.as_ref();
        let field = story.and_then(|story| story.fields.iter().find(|field| field.name == "sent_datetime"));
        let Some(Outcome::Value(value)) = field.map(|field| &field.outcome) else { continue };
        let read = field.and_then(|field| {
            field.steps.iter().find_map(|step| match step {
                Step::Read(_, seen) if !seen.is_content => Some(&seen.text),
                _ => None,
            })
        });
        let (Some(exported), Ok(at)) = (read, value.text.parse()) else { continue };
        let example = TimeExample { external_id, exported: exported.clone(), at };
        if !example.exported.ends_with('Z') {
            return Ok(Some(example));
        }
        first.get_or_insert(example);
    }
    Ok(first)
}
