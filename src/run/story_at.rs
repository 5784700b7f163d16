//! How one message of a plan came about, read again where it stands.

use super::{Job, RunError};
use crate::checkpoint::Checkpoint;
use crate::export::Rereader;
use crate::mapping::Story;
use crate::record::{CauseKind, Place, State};

/// As many causes are shown with a value.
const LOOKED_AT: usize = 20;

/// How the message at `place` is mapped; none where its record can't be read.
///
/// # Errors
/// When its file can't be read.
pub(super) fn story_at(job: &Job, place: Place) -> Result<Option<Story>, RunError> {
    let Some(input) = job.inputs.get(place.input.0 as usize) else { return Ok(None) };
    let mut file = Rereader::open(&input.path, input.format, input.header.clone())?;
    let chunk = file.read(place.offset, place.length)?;
    let Some(content) = chunk.records.first().and_then(|record| chunk.content(record).ok()) else { return Ok(None) };
    let reader = job.mapping.reader(input.header.as_ref(), &input.path)?;
    let stories = reader.explain(content, &job.lookups);
    let place = (place.block, place.item);
    Ok(stories.into_iter().find(|story| (story.mapped.block, story.mapped.item) == place))
}

/// For the causes why messages are blocked, by their numbers: a value that the first such message has, where the mapping
/// can't work with it and it is no message content.
///
/// # Errors
/// When the export or the checkpoint can't be read.
pub fn refused_values(job: &Job, checkpoint: &Checkpoint) -> Result<Vec<(i64, String)>, RunError> {
    let causes = checkpoint.totals()?.causes;
    let is_refused = |kind| kind == CauseKind::Unmapped;
    let rows = causes.iter().filter(|row| row.state == State::Blocked && is_refused(row.cause.kind));
    let mut values = Vec::new();
    for row in rows.take(LOOKED_AT) {
        let story = story_at(job, row.example.place)?;
        values.extend(story.and_then(|story| Some((row.id, story.refused_value()?.to_owned()))));
    }
    Ok(values)
}
