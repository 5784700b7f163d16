//! What became of an example's record, against what was to become of it.

use std::path::Path;

use super::expected::{Expected, ExpectedResult};
use super::parts::{Part, Pieces};
use super::read::Example;
use crate::mapping::compiled::Mapping;
use crate::mapping::diagnostic::MappingError;
use crate::mapping::mapped::{Mapped, MappedResult};
use crate::update::{Kind, Update};

/// Something that is not as the example says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Which message of the record it is about, from 1; none where the record has just one, or it is about all.
    pub message: Option<usize>,
    /// The field, such as `source.to[0].address`; or `result`, or `messages`, which is how many there are.
    pub field: String,
    /// What the example says.
    pub expected: String,
    /// What the mapping made.
    pub got: String,
}

impl Mapping {
    /// Maps the record of `example`, and tells what is not as it says.
    ///
    /// # Errors
    /// When the mapping can't read such a record at all.
    pub fn try_example(&self, example: &Example) -> Result<Vec<Mismatch>, MappingError> {
        let mut messages = Vec::new();
        let reader = self.reader(example.record.header(), Path::new(&example.file))?;
        reader.map(example.record.content(), &example.lookups, &mut messages);
        let mut mismatches = Vec::new();
        if messages.len() != example.messages.len() {
            mismatches.push(Mismatch {
                message: None,
                field: "messages".to_owned(),
                expected: example.messages.len().to_string(),
                got: messages.len().to_string(),
            });
        }
        let is_one = messages.len() == 1 && example.messages.len() == 1;
        for ((number, mapped), expected) in (1..).zip(messages).zip(&example.messages) {
            let number = (!is_one).then_some(number);
            mismatches.extend(expected.compare(mapped).into_iter().map(|one| Mismatch { message: number, ..one }));
        }
        Ok(mismatches)
    }
}

/// A message as far as it came.
struct Made {
    result: MadeResult,
    pieces: Pieces,
}

enum MadeResult {
    Update(Kind, &'static str),
    Blocked(String),
    Skipped(String),
}

impl Made {
    /// What the mapping makes must also be a valid update.
    fn of(mapped: Mapped) -> Self {
        let mut pieces = Pieces::around(&mapped);
        let result = match mapped.result {
            MappedResult::Skipped(cause) => MadeResult::Skipped(cause.detail),
            MappedResult::Blocked(cause) => MadeResult::Blocked(cause.detail),
            MappedResult::Message(draft) => {
                pieces.add_draft(&draft);
                match Update::new(*draft) {
                    Ok(update) => MadeResult::Update(update.kind(), update.channel().name()),
                    Err(broken) => MadeResult::Blocked(broken.sentences()),
                }
            }
        };
        Self { result, pieces }
    }

    /// What came of it, in words.
    fn words(&self) -> String {
        match &self.result {
            MadeResult::Update(Kind::InternalNote, _) => "an update: internal note".to_owned(),
            MadeResult::Update(kind, channel) => format!("an update: {}, {channel}", kind.word()),
            MadeResult::Blocked(reason) => format!("blocked: {reason}"),
            MadeResult::Skipped(reason) => format!("skipped: {reason}"),
        }
    }
}

impl Expected {
    fn compare(&self, mapped: Mapped) -> Vec<Mismatch> {
        let made = Made::of(mapped);
        let is_result = match (&self.result, &made.result) {
            (ExpectedResult::Update, MadeResult::Update(..)) => true,
            (ExpectedResult::Blocked(words), MadeResult::Blocked(reason))
            | (ExpectedResult::Skipped(words), MadeResult::Skipped(reason)) => reason.contains(words),
            _ => false,
        };
        if !is_result {
            // Its fields are then of something else than the example is about.
            return vec![mismatch("result", self.words(), made.words())];
        }
        let pieces = self.pieces.iter().filter_map(|(name, part)| differs(name, part, &made.pieces));
        let kept = self.kept.iter().filter_map(|name| {
            let (piece, part) = made.pieces.any_of(name)?;
            Some(mismatch(piece, "nothing to be sent: it is in `kept`".to_owned(), part.to_string()))
        });
        pieces.chain(kept).collect()
    }

    fn words(&self) -> String {
        match &self.result {
            ExpectedResult::Update => "an update".to_owned(),
            ExpectedResult::Blocked(words) => format!("blocked, with `{words}` in the reason"),
            ExpectedResult::Skipped(words) => format!("skipped, with `{words}` in the reason"),
        }
    }
}

fn differs(name: &str, expected: &Part, made: &Pieces) -> Option<Mismatch> {
    let got = made.get(name);
    let is_same = match got {
        Some(got) => got == expected || (*expected == Part::Elements(0) && *got == Part::Cleared),
        None => *expected == Part::Elements(0),
    };
    let got = got.map_or_else(|| "nothing".to_owned(), Part::to_string);
    (!is_same).then(|| mismatch(name, expected.to_string(), got))
}

fn mismatch(field: &str, expected: String, got: String) -> Mismatch {
    Mismatch { message: None, field: field.to_owned(), expected, got }
}
