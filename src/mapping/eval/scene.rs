//! What is in view when a field is made: the record, the message in it, the element of a list, the name of the file, and
//! the lookups.

use crate::mapping::file::FileFacts;
use crate::mapping::lookup::Lookups;
use crate::mapping::node::Node;
use crate::mapping::recipe::{Each, Hop, Path, PathRoot, PathStep, Table, When};
use crate::mapping::syntax::Condition;
use crate::mapping::value::Value;

/// What is in view. Scopes nest three deep at most: record, message, element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'n> {
    scopes: [&'n Node<'n>; 3],
    file: &'n FileFacts,
    lookups: &'n Lookups,
    pub(super) tables: &'n [Table],
    lookup_names: &'n [&'n str],
}

impl<'n> Scene<'n> {
    /// The record alone.
    pub(super) fn new(
        record: &'n Node<'n>,
        file: &'n FileFacts,
        lookups: &'n Lookups,
        tables: &'n [Table],
        lookup_names: &'n [&'n str],
    ) -> Self {
        Self { scopes: [record; 3], file, lookups, tables, lookup_names }
    }

    /// The same with `node` as scope `depth`.
    pub(super) fn with(mut self, depth: usize, node: &'n Node<'n>) -> Self {
        self.scopes[depth] = node;
        self
    }

    /// The value at `path`; none where it is absent or null.
    pub(super) fn find(&self, path: &Path) -> Option<&'n Node<'n>> {
        let node = match &path.root {
            PathRoot::Scope(depth) => self.scopes[*depth],
            PathRoot::Row { lookup, key } => self.row(*lookup, key)?,
            PathRoot::File(part) => self.file.part(*part),
        };
        follow(node, &path.steps)
    }

    /// The first list on the way to the elements at `each`; none where it is absent or null.
    pub(super) fn start(&self, each: &Each) -> Option<&'n Node<'n>> {
        follow(self.scopes[each.scope], &each.hops.first()?.steps)
    }

    /// Shows `visit` each element at `each`, in order.
    pub(super) fn walk(&self, each: &Each, visit: &mut impl FnMut(Found<'n>)) {
        walk(self.scopes[each.scope], &each.hops, 0, visit);
    }

    fn row(&self, lookup: usize, key: &Path) -> Option<&'n Node<'n>> {
        let key = Value::of(self.find(key)?)?;
        self.lookups.find(lookup, &key)
    }

    /// Whether the condition holds.
    pub(super) fn holds(&self, when: &When) -> bool {
        self.is(&when.condition)
    }

    fn is(&self, condition: &Condition<Path>) -> bool {
        match condition {
            Condition::All(parts) => parts.iter().all(|part| self.is(part)),
            Condition::Any(parts) => parts.iter().any(|part| self.is(part)),
            Condition::Not(part) => !self.is(part),
            Condition::Exists(path) => self.find(path).is_some(),
            Condition::Matches(path, pattern) => {
                self.find(path).and_then(Value::of).is_some_and(|value| pattern.is_in(&value.text_form()))
            }
            Condition::OneOf(path, constants) => match self.find(path) {
                None => constants.contains(&None),
                // A list or an object is none of the constants.
                Some(node) => {
                    Value::of(node).is_some_and(|value| constants.iter().flatten().any(|constant| constant.is(&value)))
                }
            },
        }
    }

    /// The lookup in which nobody was found on the way along `path`; none where that is not why nothing is there.
    pub(super) fn lookup_without_row(&self, path: &Path) -> Option<&'n str> {
        let PathRoot::Row { lookup, key } = &path.root else { return None };
        match self.find(key).and_then(Value::of) {
            None => self.lookup_without_row(key),
            Some(value) if self.lookups.find(*lookup, &value).is_none() => self.lookup_names.get(*lookup).copied(),
            Some(_) => None,
        }
    }

    /// Why there is nothing at `path`, without message content.
    pub(super) fn why_missing(&self, path: &Path) -> String {
        let PathRoot::Row { lookup, key } = &path.root else {
            return format!("there is no `{}`", path.text);
        };
        let Some(key_value) = self.find(key).and_then(Value::of) else {
            return self.why_missing(key);
        };
        if self.lookups.find(*lookup, &key_value).is_some() {
            return format!("there is no `{}`", path.text);
        }
        let name = self.lookup_names.get(*lookup).copied().unwrap_or_default();
        match &key_value {
            // Numbers are ids; a text may be an address, which reports don't show.
            Value::Integer(id) => format!("no row with id {id} in lookup {name}"),
            _ => format!("no row for `{}` in lookup {name}", key.text),
        }
    }
}

/// What stands where elements are looked for.
pub(super) enum Found<'n> {
    /// An element of a list.
    Element(&'n Node<'n>),
    /// A single value instead of a list.
    One(&'n Node<'n>),
    /// Nothing, at the hop with this index.
    Nothing(usize),
    /// A value that has no elements to go through, at a hop that is not the last.
    NoList,
}

fn walk<'n>(node: &'n Node<'n>, hops: &[Hop], index: usize, visit: &mut impl FnMut(Found<'n>)) {
    let Some(hop) = hops.get(index) else { return };
    let is_last = index + 1 == hops.len();
    match follow(node, &hop.steps) {
        None => visit(Found::Nothing(index)),
        Some(Node::List(elements)) if is_last => elements.iter().for_each(|element| visit(Found::Element(element))),
        Some(Node::List(elements)) => elements.iter().for_each(|element| walk(element, hops, index + 1, visit)),
        Some(one) if is_last => visit(Found::One(one)),
        Some(one @ Node::Object(_)) => walk(one, hops, index + 1, visit),
        Some(_) => visit(Found::NoList),
    }
}

/// The value behind `steps`; none where it is absent or null.
fn follow<'n>(mut node: &'n Node<'n>, steps: &[PathStep]) -> Option<&'n Node<'n>> {
    for step in steps {
        node = node.step(*step)?;
    }
    (*node != Node::Null).then_some(node)
}
