//! One record of the export, read and mapped alone, to be explained.

use std::path::{Path, PathBuf};

use super::job::{CHUNK, InputFile};
use super::reading::check;
use super::{Job, RunError};
use crate::export::{Chunk, RawRecord, Reader};
use crate::mapping::{self, MappedResult, Story};
use crate::record::InputId;

/// A message that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The file that it stands in.
    pub file: PathBuf,
    /// That file's number among those of the job, from 0.
    pub input: InputId,
    /// The line on which its record starts, from 1.
    pub line: u64,
    /// How it was mapped; one that breaks a rule of updates is blocked.
    pub story: Story,
}

/// How the messages that `record` names are mapped: by the message's id, by `FILE:LINE`, or by the line alone in
/// whichever file. An id goes before a place. None where there is no such record; a record may hold no message.
///
/// # Errors
/// When a file can't be read at all, or the mapping does not fit it.
pub fn explain(job: &Job, record: &str) -> Result<Option<Vec<Explained>>, RunError> {
    let mut search = Search { job, id: record, place: Place::read(record, job), by_id: None, by_place: None };
    for (number, input) in (0..).map(InputId).zip(&job.inputs) {
        let mut file = Reader::open(&input.path, input.format, job.mapping.records())?;
        let reader = job.mapping.reader(file.header(), &input.path)?;
        while let Some(chunk) = file.next_chunk(CHUNK)? {
            for raw in &chunk.records {
                search.look_at(raw, &chunk, (number, input), &reader);
            }
        }
    }
    Ok(search.by_id.or(search.by_place))
}

/// A search through the whole export: an id may stand in it more than once, and a place is only taken if no message has
/// such an id.
struct Search<'a> {
    job: &'a Job,
    id: &'a str,
    place: Option<Place<'a>>,
    by_id: Option<Vec<Explained>>,
    by_place: Option<Vec<Explained>>,
}

impl Search<'_> {
    fn look_at(
        &mut self,
        raw: &RawRecord,
        chunk: &Chunk,
        (number, input): (InputId, &InputFile),
        reader: &mapping::Reader<'_>,
    ) {
        let is_there = self.place.as_ref().is_some_and(|place| place.is(&input.path, raw.line));
        let stories = match chunk.content(raw) {
            Err(cause) => vec![Story::unreadable(cause.clone())],
            Ok(content) => {
                // Explaining costs much more than mapping, and nearly no record is the one.
                let mut messages = Vec::new();
                reader.map(content, &self.job.lookups, &mut messages);
                let is_named = messages.iter().any(|message| message.external_id.as_deref() == Some(self.id));
                if !is_there && !is_named {
                    return;
                }
                reader.explain(content, &self.job.lookups)
            }
        };
        let told = stories.into_iter().map(|story| Explained {
            file: input.path.clone(),
            input: number,
            line: raw.line,
            story: checked(story, self.job),
        });
        let told: Vec<_> = told.collect();
        for explained in told.iter().filter(|one| one.story.mapped.external_id.as_deref() == Some(self.id)) {
            self.by_id.get_or_insert_default().push(explained.clone());
        }
        if is_there {
            self.by_place.get_or_insert_default().extend(told);
        }
    }
}

/// The story as a plan would have it: what the mapping makes must also be a valid update.
fn checked(mut story: Story, job: &Job) -> Story {
    if matches!(story.mapped.result, MappedResult::Message(_))
        && let Err((_, cause)) = check(story.mapped.result.clone(), &job.writes)
    {
        story.mapped.result = MappedResult::Blocked(cause);
    }
    story
}

/// Where a record stands, as people write it.
struct Place<'a> {
    /// The end of the file's path; any file where none is said.
    file: Option<&'a Path>,
    line: u64,
}

impl<'a> Place<'a> {
    fn read(text: &'a str, job: &Job) -> Option<Self> {
        if let Ok(line) = text.parse() {
            return Some(Self { file: None, line });
        }
        let (file, line) = text.rsplit_once(':')?;
        let file = Path::new(file);
        // An id may hold a colon, too.
        let is_input = job.inputs.iter().any(|input| input.path.ends_with(file));
        Some(Self { file: Some(is_input.then_some(file)?), line: line.parse().ok()? })
    }

    fn is(&self, path: &Path, line: u64) -> bool {
        self.line == line && self.file.is_none_or(|file| path.ends_with(file))
    }
}
