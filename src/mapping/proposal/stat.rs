//! What sort of values stand at one path.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashSet};
use std::hash::{Hash, Hasher};

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::Value;

use super::forms::Forms;

/// As many different values are told apart: enough to see that ids are ids.
const MOST_DISTINCT: usize = 20_000;

/// As many different words are kept: a closed list has no more.
const MOST_WORDS: usize = 40;

/// A word of a closed list is no longer, in characters.
const LONGEST_WORD: usize = 40;

/// 2001 to 2096 in seconds: a number between these is likelier a time than anything else, if it is called one.
const EPOCH_SECONDS: std::ops::Range<f64> = 1.0e9..4.0e9;

/// What sort of value it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    Boolean,
    Whole,
    Fraction,
    /// RFC 3339, with its zone.
    Time,
    /// A time without a zone.
    NaiveTime,
    MailTime,
    /// Day, month and year in some other form.
    WrittenTime,
    EpochSeconds,
    EpochMillis,
    Address,
    MessageId,
    Link,
    Html,
    /// One short word, as of a closed list.
    Word,
    Text,
}

impl Sort {
    /// Values of this sort, in words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Boolean => "true or false",
            Self::Whole => "whole numbers",
            Self::Fraction => "numbers with a fraction",
            Self::Time => "times with a zone",
            Self::NaiveTime => "times without a zone",
            Self::MailTime => "times as emails have them",
            Self::WrittenTime => "times in a form of their own",
            Self::EpochSeconds => "seconds since 1970",
            Self::EpochMillis => "milliseconds since 1970",
            Self::Address => "email addresses",
            Self::MessageId => "Message-IDs",
            Self::Link => "links",
            Self::Html => "HTML",
            Self::Word => "short words",
            Self::Text => "text",
        }
    }

    /// Whether people's words or names could be among such values.
    pub(super) fn is_content(self) -> bool {
        matches!(self, Self::Address | Self::MessageId | Self::Link | Self::Html | Self::Text)
    }

    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(_) => Some(Self::Boolean),
            Value::Number(number) => Some(of_number(number.as_f64()?, number.is_f64())),
            Value::String(text) => of_text(text.trim()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

fn of_number(number: f64, is_fraction: bool) -> Sort {
    if EPOCH_SECONDS.contains(&number) {
        Sort::EpochSeconds
    } else if EPOCH_SECONDS.contains(&(number / 1000.0)) {
        Sort::EpochMillis
    } else if is_fraction {
        Sort::Fraction
    } else {
        Sort::Whole
    }
}

fn of_text(text: &str) -> Option<Sort> {
    if text.is_empty() {
        return None;
    }
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && let Ok(number) = text.parse::<f64>()
    {
        return Some(of_number(number, text.contains('.')));
    }
    let is_bare = !text.contains(char::is_whitespace);
    Some(if matches!(text.to_lowercase().as_str(), "true" | "false" | "yes" | "no") {
        Sort::Boolean
    } else if text.parse::<Timestamp>().is_ok() {
        Sort::Time
    } else if text.len() >= "2024-05-31".len() && text.parse::<DateTime>().is_ok() {
        Sort::NaiveTime
    } else if jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).is_ok() {
        Sort::MailTime
    } else if Forms::of(text).is_some() {
        Sort::WrittenTime
    } else if is_bare && text.starts_with('<') && text.ends_with('>') && text.contains('@') {
        Sort::MessageId
    } else if is_bare && text.contains('@') && text.rsplit('@').next().is_some_and(|domain| domain.contains('.')) {
        Sort::Address
    } else if is_bare && text.contains("://") {
        Sort::Link
    } else if text.contains("</") || text.contains("<br") {
        Sort::Html
    } else if is_bare && text.chars().count() <= LONGEST_WORD {
        Sort::Word
    } else {
        Sort::Text
    })
}

/// What was seen at one path.
#[derive(Debug, Clone, Default)]
pub(super) struct Stat {
    /// How often there was a value that says something.
    pub(super) filled: u64,
    sorts: BTreeMap<Sort, u64>,
    /// The forms by which every written time can be read.
    forms: Option<Forms>,
    /// Hashes of the different values.
    distinct: HashSet<u64>,
    /// The different short values, while they are few, and how often each was there.
    words: Option<BTreeMap<String, u64>>,
    samples: Vec<String>,
    letters: u64,
}

impl Stat {
    /// Takes note of one value.
    pub(super) fn see(&mut self, value: &Value) {
        let Some(sort) = Sort::of(value) else { return };
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            other => other.to_string(),
        };
        if self.filled == 0 {
            self.words = Some(BTreeMap::new());
        }
        self.filled += 1;
        self.letters += text.chars().count() as u64;
        *self.sorts.entry(sort).or_default() += 1;
        if sort == Sort::WrittenTime
            && let Some(forms) = Forms::of(&text)
        {
            self.forms = Some(self.forms.map_or(forms, |before| before.and(forms)));
        }
        if self.distinct.len() < MOST_DISTINCT {
            self.distinct.insert(hash(&text));
        }
        if self.samples.len() < 3 && !self.samples.contains(&text) {
            self.samples.push(text.clone());
        }
        self.see_word(text);
    }

    fn see_word(&mut self, text: String) {
        let Some(words) = &mut self.words else { return };
        let is_new = !words.contains_key(&text);
        if text.chars().count() > LONGEST_WORD || (is_new && words.len() == MOST_WORDS) {
            self.words = None;
        } else {
            *words.entry(text).or_default() += 1;
        }
    }

    /// The commonest sort, and which part of the values it is, from 0 to 1.
    pub(super) fn sort(&self) -> Option<(Sort, f64)> {
        let (&sort, &count) = self.sorts.iter().max_by_key(|(_, count)| **count)?;
        Some((sort, share(count, self.filled)))
    }

    /// The forms by which all its written times can be read.
    pub(super) fn forms(&self) -> Vec<&'static str> {
        self.forms.into_iter().flat_map(Forms::each).collect()
    }

    /// Its word for yes, or for no, as it is written; none where it has none.
    pub(super) fn word_for(&self, is_yes: bool) -> Option<&str> {
        let known = if is_yes { ["true", "yes"] } else { ["false", "no"] };
        let words = self.words()?;
        words.into_iter().map(|(word, _)| word).find(|word| known.contains(&word.to_lowercase().as_str()))
    }

    /// Which part of the values is one of `sorts`, from 0 to 1.
    pub(super) fn part(&self, sorts: &[Sort]) -> f64 {
        share(sorts.iter().filter_map(|sort| self.sorts.get(sort)).sum(), self.filled)
    }

    /// Which part of the values stands nowhere else, from 0 to 1.
    pub(super) fn uniqueness(&self) -> f64 {
        share(self.distinct.len() as u64, self.filled.min(MOST_DISTINCT as u64))
    }

    /// Which part of the different values `other` has, too, from 0 to 1.
    pub(super) fn found_in(&self, other: &Self) -> f64 {
        let found = self.distinct.iter().filter(|value| other.distinct.contains(value)).count();
        share(found as u64, self.distinct.len() as u64)
    }

    /// The words of the closed list that it seems to be, the commonest first; none where it is no such list.
    pub(super) fn words(&self) -> Option<Vec<(&str, u64)>> {
        let words = self.words.as_ref().filter(|words| !words.is_empty())?;
        let mut words: Vec<_> = words.iter().map(|(word, count)| (word.as_str(), *count)).collect();
        words.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Some(words)
    }

    /// Up to three different values.
    pub(super) fn samples(&self) -> &[String] {
        &self.samples
    }

    /// How long its values are on average, in characters.
    pub(super) fn length(&self) -> f64 {
        share(self.letters, self.filled)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a sample is small, and a share need not be exact")]
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
