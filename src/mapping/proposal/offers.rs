//! What is offered beside a question: paths that may be the answer, with their words.

use std::fmt::Write as _;

use super::draft::Draft;
use super::stat::{Sort, Stat};
use super::vocabulary::is_agent;

/// As many paths are offered.
const OFFERED: usize = 4;

/// A list of more words is not closed.
const MOST_WORDS: usize = 8;

/// As many keys of a record are named.
const MOST_KEYS: usize = 30;

impl<'p> Draft<'p> {
    /// The paths with few different words, each of which comes again, in the order of the record.
    fn closed_lists(&self) -> Vec<(&'p String, &'p Stat)> {
        let is_closed = |stat: &Stat| {
            let words = stat.words().map_or(0, |words| words.len());
            let comes_again = stat.filled >= 2 * words as u64;
            (2..=MOST_WORDS).contains(&words) && comes_again && stat.part(&[Sort::Word, Sort::Boolean]) > 0.95
        };
        self.message.paths.iter().filter(|(_, stat)| is_closed(stat)).collect()
    }

    /// Closed lists that may say who writes, and how the likeliest would be used.
    pub(super) fn offer_authors(&self, text: &mut String) -> std::fmt::Result {
        let lists = self.closed_lists();
        offer(text, &lists)?;
        // One whose words are known to be for people comes first; a constant is written as the export writes it.
        let known = lists.iter().find_map(|(path, stat)| {
            let words = stat.words()?;
            let (word, _) = words.into_iter().find(|(word, _)| is_agent(word) == Some(true))?;
            Some((path.as_str(), word))
        });
        let (path, word) = known.unwrap_or(("…", "…"));
        writeln!(
            text,
            "# from_agent = {{ from = {}, is = {} }}",
            super::draft::quoted(path),
            super::draft::quoted(word)
        )
    }

    /// Closed lists of two words that may say what is an internal note, and how the likeliest would be used.
    pub(super) fn offer_notes(&self, text: &mut String) -> std::fmt::Result {
        let of_two = |stat: &Stat| stat.words().is_some_and(|words| words.len() == 2);
        let mut lists = self.closed_lists();
        lists.retain(|(_, stat)| of_two(stat));
        offer(text, &lists)?;
        let is_named = |path: &str| {
            let path = path.to_lowercase();
            ["intern", "priva", "note", "public", "visib"].iter().any(|word| path.contains(word))
        };
        let Some((path, stat)) = lists.iter().find(|(path, _)| is_named(path)) else { return Ok(()) };
        // Notes are the rarer ones.
        let Some((word, _)) = stat.words().and_then(|words| words.last().copied()) else { return Ok(()) };
        let when = format!("{path} == {}", word_in_condition(word));
        writeln!(text, "#   {{ when = {}, value = \"internal-note\" }}", super::draft::quoted(&when))
    }

    /// Paths whose values come again and again, as the ids of tickets do; the likeliest of them.
    pub(super) fn offer_tickets(&self, text: &mut String) -> Result<Option<&'p str>, std::fmt::Error> {
        let comes_again = |stat: &Stat| {
            let is_id = stat.part(&[Sort::Whole, Sort::Word]) > 0.95 && stat.filled == self.message.objects;
            is_id && stat.uniqueness() < 0.95 && stat.words().is_none_or(|words| words.len() > 1)
        };
        let mut ids: Vec<_> = self.message.paths.iter().filter(|(_, stat)| comes_again(stat)).collect();
        // A short list of words is less likely one of tickets, unless there is nothing else.
        let lists = self.closed_lists();
        let is_list = |path: &String| lists.iter().any(|(other, _)| *other == path);
        if ids.iter().any(|(path, _)| !is_list(path)) {
            ids.retain(|(path, _)| !is_list(path));
        }
        ids.sort_by(|(_, a), (_, b)| b.uniqueness().total_cmp(&a.uniqueness()));
        offer(text, &ids)?;
        Ok(ids.first().map(|(path, _)| path.as_str()))
    }

    /// The keys of a message, where nothing in it is like what is asked for.
    pub(super) fn name_keys(&self, text: &mut String) -> std::fmt::Result {
        let keys: Vec<_> = self.message.paths.keys().take(MOST_KEYS).map(|path| format!("`{path}`")).collect();
        writeln!(text, "# There are: {}", keys.join(", "))
    }
}

fn offer(text: &mut String, lists: &[(&String, &Stat)]) -> std::fmt::Result {
    for (path, stat) in lists.iter().take(OFFERED) {
        let words = stat.words().unwrap_or_default();
        if words.is_empty() || words.len() > MOST_WORDS {
            let samples = stat.samples().join(", ");
            writeln!(text, "#   `{path}`: {}, such as {samples}", stat.sort().map_or("", |(sort, _)| sort.words()))?;
        } else {
            let words: Vec<_> = words.iter().map(|(word, count)| format!("{word} {count} times")).collect();
            writeln!(text, "#   `{path}`: {}", words.join(", "))?;
        }
    }
    Ok(())
}

/// A word as a condition writes it.
pub(super) fn word_in_condition(word: &str) -> String {
    match word {
        "true" | "false" => word.to_owned(),
        word => format!("'{}'", word.replace('\'', "")),
    }
}
