//! Who writes for the company: what in an export tells it.

use super::likeness::{Candidate, Role, candidates, plain};
use super::profile::Source;
use super::stat::{Sort, Stat, share};
use super::vocabulary::is_agent;

/// What tells who a message comes from.
#[derive(Debug)]
pub(super) enum Author<'p> {
    /// A word in the message itself.
    Word(Candidate<'p>),
    /// Yes or no in the message itself, and what it is for those of the company.
    Flag(Candidate<'p>, bool),
    /// A word in another file, in the row whose key the message names.
    Joined(Join<'p>),
}

/// A message's author in another file.
#[derive(Debug)]
pub(super) struct Join<'p> {
    /// The other file's source, by its number.
    pub(super) source: usize,
    /// The path in the message that names the row.
    pub(super) own: String,
    /// The row's key.
    pub(super) key: &'p str,
    /// The word in the row.
    pub(super) role: &'p str,
    pub(super) stat: &'p Stat,
    /// Which part of the authors have a row, in per cent.
    pub(super) found: u32,
}

/// What tells it, of the messages in `level` of the source with this number.
pub(super) fn author<'p>(sources: &'p [Source], number: usize, level: &str) -> Option<Author<'p>> {
    let own = sources.get(number)?.levels.get(level)?;
    if let Some(found) = plain(&candidates(Role::Author, own, "")) {
        let found = found.clone();
        if found.stat.part(&[Sort::Boolean]) < 0.95 {
            return Some(Author::Word(found));
        }
        let name = super::vocabulary::bare(found.path.rsplit('.').next().unwrap_or_default());
        let is_theirs = ["agent", "staff", "out"].iter().any(|word| name.contains(word));
        return Some(Author::Flag(found, is_theirs));
    }
    joins(sources, number, level).max_by_key(|join| join.found).filter(|join| join.found >= 50).map(Author::Joined)
}

/// The rows of other files that messages may name.
fn joins<'p>(sources: &'p [Source], number: usize, level: &str) -> impl Iterator<Item = Join<'p>> {
    let own = sources.get(number).and_then(|source| source.levels.get(level));
    let others = sources.iter().enumerate().filter(move |(other, _)| *other != number);
    let rows = others.filter_map(|(other, source)| {
        let rows = source.levels.get("")?;
        let key = rows.paths.iter().find(|(path, stat)| path.as_str() == "id" && stat.uniqueness() > 0.98)?;
        let role = candidates(Role::Author, rows, "").into_iter().find(|role| role.stat.words().is_some())?;
        let role = rows.paths.get_key_value(&role.path)?;
        Some((other, key, role))
    });
    rows.flat_map(move |(source, key, role)| {
        let paths = own.into_iter().flat_map(|level| &level.paths);
        let naming = paths.filter(|(path, _)| {
            let path = path.to_lowercase();
            ["author", "user", "sender", "agent", "created", "from"].iter().any(|word| path.contains(word))
        });
        naming.map(move |(path, stat)| Join {
            source,
            own: path.clone(),
            key: key.0,
            role: role.0,
            stat: role.1,
            found: percent(stat.found_in(key.1)),
        })
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 1")]
fn percent(part: f64) -> u32 {
    (part * 100.0) as u32
}

/// Which part of the words is known to mean one side, and the words in their order with what each means.
pub(super) fn sides(stat: &Stat) -> Vec<(&str, u64, Option<bool>)> {
    let words = stat.words().unwrap_or_default();
    words.into_iter().map(|(word, count)| (word, count, is_agent(word))).collect()
}

/// Whether enough of `objects` have a value.
pub(super) fn is_mostly_there(stat: &Stat, objects: u64) -> bool {
    share(stat.filled, objects) > 0.95
}
