//! The keys of an export as a tree, bounded.

use std::collections::BTreeMap;

use super::sample::Sample;
use super::walk::{see_json, see_row};
use crate::export::{Content, Header};
use crate::mapping::shape::Shape;

/// The most keys that are kept. No system has so many fields; an export that has ids for keys has.
const MOST_KEYS: usize = 5000;
/// The most values that are kept of one field.
const MOST_SAMPLES: usize = 3;

/// All that stands in the records, or in the rows of a lookup.
#[derive(Debug, Default)]
pub(super) struct Tree {
    root: Branch,
    budget: Budget,
}

/// How many keys may still be kept.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
    is_cut: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: MOST_KEYS, is_cut: false }
    }
}

/// What was seen under one key; the same for each element where it is a list.
#[derive(Debug, Default)]
pub(super) struct Branch {
    children: BTreeMap<Box<str>, Branch>,
    /// How often it was an object, or an element that is one.
    pub(super) objects: u64,
    /// How often it was there, and not null.
    pub(super) there: u64,
    /// How often it held something.
    pub(super) filled: u64,
    pub(super) is_list: bool,
    pub(super) samples: Vec<Sample>,
}

impl Tree {
    /// Enters a record. One that can't be parsed is entered as far as it goes; that it is broken, mapping it says.
    pub(super) fn see(&mut self, content: Content<'_>, header: Option<&Header>, shape: &Shape) {
        match (content, header) {
            (Content::Json(bytes), _) => see_json(bytes, &mut self.root, &mut self.budget, shape),
            (Content::Row(row), Some(header)) => see_row(row, header, &mut self.root, &mut self.budget, shape),
            (Content::Row(_), None) => {}
        }
    }

    pub(super) fn root(&self) -> &Branch {
        &self.root
    }

    /// Whether there were more keys than are kept.
    pub(super) fn is_cut(&self) -> bool {
        self.budget.is_cut
    }
}

impl Branch {
    /// The keys below it, by name.
    pub(super) fn children(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.children.iter().map(|(name, branch)| (&**name, branch))
    }

    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.get(name)
    }

    pub(super) fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }

    /// The key `name`, which is kept if the budget allows it.
    pub(super) fn enter(&mut self, name: &str, budget: &mut Budget) -> Option<&mut Self> {
        if !self.children.contains_key(name) {
            if budget.left == 0 {
                budget.is_cut = true;
                return None;
            }
            budget.left -= 1;
            self.children.insert(name.into(), Self::default());
        }
        self.children.get_mut(name)
    }

    /// Keeps a value, if it is one of the first that differ.
    pub(super) fn sample(&mut self, make: impl FnOnce() -> Sample) {
        if self.samples.len() < MOST_SAMPLES {
            let sample = make();
            if !self.samples.contains(&sample) {
                self.samples.push(sample);
            }
        }
    }
}
