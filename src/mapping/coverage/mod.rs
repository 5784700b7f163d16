//! What of an export a mapping reads, and what it passes by.
//!
//! The evaluator leaves unread JSON unparsed, so this is a reading of its own: all of a record, laid beside the shape
//! that the mapping was compiled to. Only the names of keys and a few samples are kept, and of both a bounded number, so
//! that memory does not grow with the export, nor with an export that has people's ids for keys.

mod sample;
mod tree;
mod walk;

use super::compiled::Mapping;
use super::diagnostic::line_of;
use super::nearest;
use super::shape::{Child, Shape};
use crate::export::{Content, Header};
use tree::{Branch, Tree};

pub use sample::{Sample, SampleKind, kinds_of, looks_like_address};

/// What was seen of an export so far.
#[derive(Debug)]
pub struct Coverage<'m> {
    mapping: &'m Mapping,
    records: Tree,
    /// As many as the mapping has lookups.
    rows: Vec<Tree>,
}

/// A value of the export that the mapping never reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Where it is: `comments[].body`, or `@users[].locale` in a lookup's rows.
    pub path: String,
    /// How often it holds something.
    pub filled: u64,
    /// How often it could: the objects or rows that it stands in.
    pub of: u64,
    /// Up to three of its values.
    pub samples: Vec<Sample>,
}

/// A path of the mapping at which the export never holds anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeverThere {
    /// The path, from the record or the row of a lookup, as far as the export does not have it.
    pub path: String,
    /// The line of the mapping that reads it first.
    pub line: usize,
    /// The key that stands beside it and may be meant.
    pub guess: Option<String>,
}

impl<'m> Coverage<'m> {
    /// Nothing is seen yet.
    pub fn new(mapping: &'m Mapping) -> Self {
        let rows = mapping.lookup_plans.iter().map(|_| Tree::default()).collect();
        Self { mapping, records: Tree::default(), rows }
    }

    /// Looks at a record; `header` names the columns of a row.
    pub fn see_record(&mut self, content: Content<'_>, header: Option<&Header>) {
        self.records.see(content, header, &self.mapping.shape);
    }

    /// Looks at a row of the lookup with this number.
    pub fn see_row(&mut self, lookup: usize, content: Content<'_>, header: Option<&Header>) {
        if let (Some(tree), Some(plan)) = (self.rows.get_mut(lookup), self.mapping.lookup_plans.get(lookup)) {
            tree.see(content, header, &plan.shape);
        }
    }

    /// What is never read, what is filled most first.
    pub fn unread(&self) -> Vec<Unread> {
        let mut unread = Vec::new();
        for (prefix, tree, shape) in self.trees() {
            add_unread(&prefix, tree.root(), Some(shape), &mut unread);
        }
        unread.sort_by(|a, b| b.filled.cmp(&a.filled).then_with(|| a.path.cmp(&b.path)));
        unread
    }

    /// How many more keys the mapping never reads, of which the export never fills a single one.
    pub fn never_filled(&self) -> u64 {
        self.trees().map(|(_, tree, shape)| count_empty(tree.root(), Some(shape))).sum()
    }

    /// Whether the export has so many different keys that not all were kept.
    pub fn is_cut(&self) -> bool {
        self.trees().any(|(_, tree, _)| tree.is_cut())
    }

    /// What the mapping reads and the export never has, in the order of the mapping.
    pub fn never_there(&self) -> Vec<NeverThere> {
        let mut missing = Vec::new();
        for (prefix, tree, shape) in self.trees().filter(|(_, tree, _)| tree.root().objects > 0) {
            add_missing(&prefix, Some(tree.root()), shape, self.mapping, &mut missing);
        }
        missing.sort_by_key(|one| one.line);
        missing
    }

    /// The records' tree and those of the lookups, each with what stands before its paths, and what is read of it.
    fn trees(&self) -> impl Iterator<Item = (String, &Tree, &Shape)> {
        let records = std::iter::once((String::new(), &self.records, &self.mapping.shape));
        let rows = self.mapping.lookup_plans.iter().zip(&self.rows);
        records.chain(rows.map(|(plan, tree)| (format!("@{}[].", plan.name), tree, &plan.shape)))
    }
}

/// Adds what is in `branch` and not in `shape`, which is none where `branch` itself is not read.
fn add_unread(prefix: &str, branch: &Branch, shape: Option<&Shape>, unread: &mut Vec<Unread>) {
    for (name, inner) in branch.children() {
        let list = if inner.is_list { "[]" } else { "" };
        let path = format!("{prefix}{}{list}", key(name));
        let read = shape.and_then(|shape| shape.child(name)).map(|(_, shape)| shape);
        if read.is_none() && inner.filled > 0 && !inner.samples.is_empty() {
            let samples = inner.samples.clone();
            unread.push(Unread { path: path.clone(), filled: inner.filled, of: branch.objects, samples });
        }
        add_unread(&format!("{path}."), inner, read, unread);
    }
}

fn count_empty(branch: &Branch, shape: Option<&Shape>) -> u64 {
    let counts = branch.children().map(|(name, inner)| {
        let read = shape.and_then(|shape| shape.child(name)).map(|(_, shape)| shape);
        let is_empty = read.is_none() && inner.filled == 0 && inner.is_leaf();
        u64::from(is_empty) + count_empty(inner, read)
    });
    counts.sum()
}

/// Adds what is in `shape` and not in `branch`: each time the outermost key that is not there, and what can only be meant
/// by it.
fn add_missing(prefix: &str, branch: Option<&Branch>, shape: &Shape, mapping: &Mapping, missing: &mut Vec<NeverThere>) {
    for child in shape.children() {
        let found = branch.and_then(|branch| branch.child(&child.name)).filter(|inner| inner.there > 0);
        let path = format!("{prefix}{}", key(&child.name));
        if let Some(inner) = found {
            let list = if inner.is_list { "[]" } else { "" };
            add_missing(&format!("{path}{list}."), Some(inner), &child.shape, mapping, missing);
        } else {
            let (path, last) = only_way(path, child);
            // What the mapping reads as well is meant there.
            let beside = branch.into_iter().flat_map(Branch::children).map(|(name, _)| name);
            let beside = beside.filter(|name| shape.child(name).is_none());
            let guess = (child.name.chars().count() > 2).then(|| nearest::nearest(&child.name, beside)).flatten();
            missing.push(NeverThere {
                guess: guess.map(ToOwned::to_owned),
                path,
                line: line_of(&mapping.text, last.written.first().map_or(0, |(_, place)| place.start)),
            });
        }
    }
}

/// The path to the end of what is read below `child`, as far as there is just one.
fn only_way(mut path: String, mut child: &Child) -> (String, &Child) {
    while let [only] = child.shape.children() {
        path = format!("{path}.{}", key(&only.name));
        child = only;
    }
    (path, child)
}

/// A key as a path of a mapping writes it.
fn key(name: &str) -> String {
    let is_word = |sign: char| sign.is_alphanumeric() || sign == '_' || sign == '-';
    // These two are words of the language.
    let is_plain = !name.is_empty() && name.chars().all(is_word) && name != "parent" && name != "not";
    match (is_plain, name.contains('\'')) {
        (true, _) => name.to_owned(),
        (false, false) => format!("'{name}'"),
        (false, true) => format!("\"{name}\""),
    }
}
