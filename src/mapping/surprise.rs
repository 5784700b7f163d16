//! What an export holds that its mapping does not expect, and what was done all the same.
//!
//! What blocks a message or leaves it out has a cause and is counted by it. This is about the rest: a default that stood
//! in, a field that was left alone because nobody was found, a way that was passed over.

use std::collections::BTreeMap;

/// Something that was not expected.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Surprise {
    /// The field that it is about.
    pub field: String,
    /// What it is, without message content.
    pub what: String,
    /// What was done.
    pub done: Done,
}

/// What was done about a surprise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Done {
    /// This default stood in.
    Default(String),
    /// Another way made the field.
    AnotherWay,
    /// The field is not sent.
    NotSent,
    /// The field is emptied in Gorgias.
    Cleared,
}

impl Done {
    /// What was done, in words.
    pub fn words(&self) -> String {
        match self {
            Self::Default(value) => format!("default: {value}"),
            Self::AnotherWay => "made in another way".to_owned(),
            Self::NotSent => "not sent".to_owned(),
            Self::Cleared => "cleared".to_owned(),
        }
    }
}

/// Surprises and how often each was met: only the first [`Surprises::MOST`] kinds, the rest together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surprises(BTreeMap<Surprise, u64>);

impl Surprises {
    /// As many kinds are told apart: an export that surprises more often has been given the wrong mapping.
    pub const MOST: usize = 500;

    /// Counts one.
    pub fn add(&mut self, surprise: Surprise, times: u64) {
        let is_new = !self.0.contains_key(&surprise);
        let counted = if is_new && self.0.len() >= Self::MOST {
            Surprise { what: "other values".to_owned(), ..surprise }
        } else {
            surprise
        };
        *self.0.entry(counted).or_default() += times;
    }

    /// Adds those of `other`.
    pub fn merge(&mut self, other: Self) {
        for (surprise, times) in other.0 {
            self.add(surprise, times);
        }
    }

    /// All of them, with how often each was met.
    pub fn iter(&self) -> impl Iterator<Item = (&Surprise, u64)> {
        self.0.iter().map(|(surprise, times)| (surprise, *times))
    }
}
