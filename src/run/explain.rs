//! One record of the export, read and mapped alone, to be explained.

use std::path::{Path, PathBuf};

use super::job::CHUNK;
use super::reading::check;
use super::{Job, RunError};
use crate::export::Reader;
use crate::mapping::{MappedResult, Story};

/// A message that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The file that it stands in.
    pub file: PathBuf,
    /// The line on which its record starts, from 1.
    pub line: u64,
    /// How it was mapped; one that breaks a rule of updates is blocked.
    pub story: Story,
}

/// How the messages that `record` names are mapped: by the message's id, by `FILE:LINE`, or by the line alone in
/// whichever file. An id goes before a line. None where there is no such record.
///
/// # Errors
/// When a file can't be read at all, or the mapping does not fit it.
pub fn explain(job: &Job, record: &str) -> Result<Vec<Explained>, RunError> {
    let place = Place::read(record, job);
    let mut by_id = Vec::new();
    let mut by_line = Vec::new();
    for input in &job.inputs {
        let mut reader = Reader::open(&input.path, input.format, job.mapping.records())?;
        let mapper = job.mapping.reader(reader.header())?;
        let mut mapped = Vec::new();
        while let Some(chunk) = reader.next_chunk(CHUNK)? {
            for raw in &chunk.records {
                let is_there = place.as_ref().is_some_and(|place| place.is(&input.path, raw.line));
                let tell = |story| Explained { file: input.path.clone(), line: raw.line, story: checked(story, job) };
                let content = match chunk.content(raw) {
                    Ok(content) => content,
                    Err(cause) => {
                        by_line.extend(is_there.then(|| tell(Story::unreadable(cause.clone()))));
                        continue;
                    }
                };
                // Explaining costs much more than mapping, and nearly no record is the one.
                mapped.clear();
                mapper.map(content, &job.lookups, &mut mapped);
                let is_named = mapped.iter().any(|mapped| mapped.external_id.as_deref() == Some(record));
                if !is_there && !is_named {
                    continue;
                }
                let stories = mapper.explain(content, &job.lookups);
                let named = stories.iter().filter(|story| story.mapped.external_id.as_deref() == Some(record));
                by_id.extend(named.cloned().map(tell));
                if is_there {
                    by_line.extend(stories.into_iter().map(tell));
                }
            }
        }
    }
    Ok(if by_id.is_empty() { by_line } else { by_id })
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
