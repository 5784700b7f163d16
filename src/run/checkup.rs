//! A mapping beside its export: what of it is never read, what it never has, and what comes of its messages.
//!
//! Everything is read once, front to back, and only counted. Whatever an export could make endless is counted up to a
//! bound and lumped together beyond it.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::path::{Path, PathBuf};

use super::job::{CHUNK, InputFile};
use super::reading::check;
use super::{Job, RunError};
use crate::export::{Chunk, Format, RawRecord, Reader};
use crate::mapping::{self, Awaited, Coverage, NeverThere, Outcome, Seen, Step, Story, Unmet, Unread};
use crate::record::{Cause, State};
use crate::update::{Digest, Kind};

/// The most different things of one sort that are told apart.
const MOST: usize = 1000;

/// As many different values of a reason are shown.
const VALUES: usize = 3;

/// The most ids that are remembered, to see whether one comes again.
const MOST_IDS: usize = 1_000_000;

/// The most of a value that is kept, in characters.
const LONGEST: usize = 60;

/// What a mapping makes of an export, and what it passes by.
#[derive(Debug)]
pub struct Checkup {
    /// How many records there are.
    pub records: u64,
    /// How many messages they hold.
    pub messages: u64,
    /// The updates that would be made, by block and kind.
    pub made: Vec<KindCount>,
    /// What is skipped, by reason.
    pub skipped: Counted<Reason>,
    /// What would be blocked, by reason.
    pub blocked: Counted<Reason>,
    /// Values that a table does not know.
    pub unknown: Counted<UnknownValue>,
    /// What the mapping never reads, what is filled most first.
    pub unread: Vec<Unread>,
    /// How many more keys are never read and never filled.
    pub never_filled: u64,
    /// Whether the export has so many different keys that not all were looked at.
    pub is_cut: bool,
    /// What the mapping reads and the export never has.
    pub never_there: Vec<NeverThere>,
    /// Words that the mapping waits for and the export never has, where it has others.
    pub unmet: Vec<Unmet>,
    /// Messages that stand there once more as they are.
    pub repeated: u64,
    /// Messages with the id of a different one.
    pub sharing_ids: u64,
}

/// Messages of one kind that one block makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindCount {
    /// The block's number, from 0.
    pub block: u16,
    /// The kind.
    pub kind: Kind,
    /// How many there are.
    pub messages: u64,
}

/// Why messages of one block are skipped or blocked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reason {
    /// The block's number, from 0.
    pub block: u16,
    /// The reason.
    pub cause: Cause,
}

/// A value that a table does not know.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnknownValue {
    /// The table.
    pub table: String,
    /// The value; whoever shows it decides whether it may be seen.
    pub value: String,
    /// What becomes of it.
    pub becomes: Becomes,
}

/// What becomes of a value that a table does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Becomes {
    /// The default is taken in its place.
    Default,
    /// Its message is blocked.
    Blocked,
    /// Its message is left out.
    Skipped,
}

impl Becomes {
    /// Its word in `--json`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Blocked => "blocked",
            Self::Skipped => "skipped",
        }
    }

    /// The same in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Default => "the default is taken",
            Self::Blocked => "blocked",
            Self::Skipped => "skipped",
        }
    }
}

/// Things and how many messages each concerns, the most frequent first.
#[derive(Debug)]
pub struct Counted<T> {
    /// Each with its number, and where the first one stands.
    pub rows: Vec<(T, u64, Example)>,
    /// How many messages concern things that are not told apart any more.
    pub others: u64,
}

/// Where a message stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The file.
    pub file: PathBuf,
    /// The line on which its record starts, from 1.
    pub line: u64,
    /// Its id, where it can be read.
    pub external_id: Option<String>,
    /// Up to three different values that stand against such messages, where they are no content.
    pub values: Vec<String>,
}

impl<T> Counted<T> {
    /// How many messages there are.
    pub fn messages(&self) -> u64 {
        self.rows.iter().map(|(_, number, _)| number).sum::<u64>() + self.others
    }
}

/// Reads all of the export of `job`, whose lookups are loaded, and says what its mapping makes of it.
///
/// # Errors
/// When a file can't be read at all, or the mapping does not fit it.
pub fn checkup(job: &Job) -> Result<Checkup, RunError> {
    let mut look = Look::new(job);
    for input in &job.inputs {
        look.input(input)?;
    }
    for (number, need) in job.mapping.lookups().iter().enumerate() {
        for file in job.lookup_files.iter().filter(|file| file.name == need.name) {
            look.lookup(number, &file.path, need.records.as_deref())?;
        }
    }
    Ok(look.finish())
}

/// The look at an export, under way.
struct Look<'j> {
    job: &'j Job,
    coverage: Coverage<'j>,
    records: u64,
    messages: u64,
    made: HashMap<(u16, Kind), u64>,
    skipped: Counter<Reason>,
    blocked: Counter<Reason>,
    unknown: Counter<UnknownValue>,
    awaited: Awaited<'j>,
    /// By the hash of its id what the first message with it says, as far as there is room.
    ids: HashMap<u64, Digest>,
    hashes: RandomState,
    repeated: u64,
    sharing_ids: u64,
}

impl<'j> Look<'j> {
    fn new(job: &'j Job) -> Self {
        Self {
            job,
            coverage: Coverage::new(&job.mapping),
            records: 0,
            messages: 0,
            made: HashMap::new(),
            skipped: Counter::default(),
            blocked: Counter::default(),
            unknown: Counter::default(),
            awaited: Awaited::new(&job.mapping),
            ids: HashMap::new(),
            hashes: RandomState::new(),
            repeated: 0,
            sharing_ids: 0,
        }
    }

    fn input(&mut self, input: &InputFile) -> Result<(), RunError> {
        let mut file = Reader::open(&input.path, input.format, self.job.mapping.records())?;
        let reader = self.job.mapping.reader(file.header(), &input.path)?;
        while let Some(chunk) = file.next_chunk(CHUNK)? {
            for raw in &chunk.records {
                self.records += 1;
                if let Ok(content) = chunk.content(raw) {
                    self.coverage.see_record(content, file.header());
                    reader.look_for(content, &self.job.lookups, &mut self.awaited);
                }
                for story in stories(raw, &chunk, &reader, self.job) {
                    self.message(story, &input.path, raw.line);
                }
            }
        }
        Ok(())
    }

    fn lookup(&mut self, number: usize, path: &Path, records: Option<&str>) -> Result<(), RunError> {
        let mut file = Reader::open(path, Format::of_file(path)?, records)?;
        while let Some(chunk) = file.next_chunk(CHUNK)? {
            // A row that can't be read has stopped the loading of the lookup already.
            for content in chunk.records.iter().filter_map(|raw| chunk.content(raw).ok()) {
                self.coverage.see_row(number, content, file.header());
            }
        }
        Ok(())
    }

    fn message(&mut self, story: Story, path: &Path, line: u64) {
        self.messages += 1;
        let external_id = story.mapped.external_id.clone();
        let example = || Example { file: path.to_owned(), line, external_id: external_id.clone(), values: Vec::new() };
        for value in unknown_values(&story) {
            self.unknown.add(value, None, example);
        }
        let refused = story.refused_value().map(ToOwned::to_owned);
        let block = story.mapped.block;
        match check(story.mapped.result, &self.job.writes) {
            Ok(checked) => {
                *self.made.entry((block, checked.update.kind())).or_default() += 1;
                self.compare(checked.update.external_id().as_str(), checked.digest);
            }
            Err((State::Skipped, cause)) => self.skipped.add(Reason { block, cause }, None, example),
            Err((_, cause)) => self.blocked.add(Reason { block, cause }, refused, example),
        }
    }

    /// Compares a message with the one of the same id that came before, if there was one.
    fn compare(&mut self, external_id: &str, digest: Digest) {
        let id = self.hashes.hash_one(external_id);
        match self.ids.get(&id) {
            Some(first) if *first == digest => self.repeated += 1,
            Some(_) => self.sharing_ids += 1,
            None if self.ids.len() < MOST_IDS => drop(self.ids.insert(id, digest)),
            None => {}
        }
    }

    fn finish(self) -> Checkup {
        let made = self.made.into_iter().map(|((block, kind), messages)| KindCount { block, kind, messages });
        let mut made: Vec<_> = made.collect();
        made.sort_by_key(|count| (count.block, count.kind));
        Checkup {
            records: self.records,
            messages: self.messages,
            made,
            skipped: self.skipped.finish(),
            blocked: self.blocked.finish(),
            unknown: self.unknown.finish(),
            unread: self.coverage.unread(),
            never_filled: self.coverage.never_filled(),
            is_cut: self.coverage.is_cut(),
            never_there: self.coverage.never_there(),
            unmet: self.awaited.unmet(),
            repeated: self.repeated,
            sharing_ids: self.sharing_ids,
        }
    }
}

/// What becomes of each message of a record, and how.
fn stories(raw: &RawRecord, chunk: &Chunk, reader: &mapping::Reader<'_>, job: &Job) -> Vec<Story> {
    match chunk.content(raw) {
        Ok(content) => reader.explain(content, &job.lookups),
        Err(cause) => vec![Story::unreadable(cause.clone())],
    }
}

/// The values of one message that a table does not know, each once.
fn unknown_values(story: &Story) -> Vec<UnknownValue> {
    let mut unknown = Vec::new();
    for field in &story.fields {
        let becomes = match field.outcome {
            Outcome::Refused(_) => Becomes::Blocked,
            Outcome::Skips(_) => Becomes::Skipped,
            _ => Becomes::Default,
        };
        let mut last: Option<&Seen> = None;
        for step in &field.steps {
            match step {
                Step::Read(_, seen) | Step::Applied(_, seen) | Step::Filled(seen) | Step::Computed(_, Some(seen)) => {
                    last = Some(seen);
                }
                Step::NotIn(table) => {
                    // The words of a closed list are short; what is long is something else, and needs no room.
                    let value = last.map(|seen| seen.text.chars().take(LONGEST).collect()).unwrap_or_default();
                    let value = UnknownValue { table: table.clone(), value, becomes };
                    if !unknown.contains(&value) {
                        unknown.push(value);
                    }
                }
                _ => {}
            }
        }
    }
    unknown
}

/// Counts things, up to a bound.
struct Counter<T> {
    counts: HashMap<T, Count>,
    others: u64,
}

struct Count {
    number: u64,
    /// How many different things were met before this one.
    turn: usize,
    first: Example,
}

impl<T> Default for Counter<T> {
    fn default() -> Self {
        Self { counts: HashMap::new(), others: 0 }
    }
}

impl<T: Eq + Hash> Counter<T> {
    fn add(&mut self, thing: T, value: Option<String>, example: impl FnOnce() -> Example) {
        let turn = self.counts.len();
        if let Some(count) = self.counts.get_mut(&thing) {
            count.number += 1;
            let values = &mut count.first.values;
            let is_new = |value: &String| values.len() < VALUES && !values.contains(value);
            let new = value.filter(is_new);
            values.extend(new);
        } else if turn < MOST {
            let first = Example { values: value.into_iter().collect(), ..example() };
            self.counts.insert(thing, Count { number: 1, turn, first });
        } else {
            self.others += 1;
        }
    }

    fn finish(self) -> Counted<T> {
        let mut rows: Vec<_> = self.counts.into_iter().collect();
        rows.sort_by_key(|(_, count)| (Reverse(count.number), count.turn));
        let rows = rows.into_iter().map(|(thing, count)| (thing, count.number, count.first)).collect();
        Counted { rows, others: self.others }
    }
}
