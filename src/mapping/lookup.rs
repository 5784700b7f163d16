//! Lookups: side files that records are joined with, kept in memory as far as the mapping reads them.

use std::collections::HashMap;

use super::compiled::Mapping;
use super::node::Node;
use super::recipe::PathStep;
use super::shape::Shape;
use super::value::Value;
use crate::export::{Content, Header};

/// What a mapping says about a side file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupNeed {
    /// Its name in the mapping.
    pub name: String,
    /// Which files of an export folder hold it.
    pub files: Vec<String>,
    /// The path to its rows in a JSON document.
    pub records: Option<String>,
    /// Whether the mapping works without it; then nobody is found in it.
    pub optional: bool,
}

/// A declared lookup, compiled.
#[derive(Debug)]
pub(crate) struct LookupPlan {
    pub(crate) name: String,
    pub(crate) shape: Shape,
    pub(crate) key: Vec<PathStep>,
    pub(crate) key_text: String,
}

/// The rows of one lookup, by key.
#[derive(Debug)]
pub struct Lookup {
    index: usize,
    /// Nearly all keys are numbers; kept as such they cost a fraction of the memory.
    numbers: HashMap<i64, Node<'static>>,
    texts: HashMap<Box<str>, Node<'static>>,
}

impl Lookup {
    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.numbers.len() + self.texts.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn insert(&mut self, key: &str, row: Node<'static>) {
        match number(key) {
            Some(number) => self.numbers.insert(number, row),
            None => self.texts.insert(key.into(), row),
        };
    }

    fn find(&self, key: &Value<'_>) -> Option<&Node<'static>> {
        if let Value::Integer(key) = key {
            return self.numbers.get(&i64::try_from(*key).ok()?);
        }
        let key = key.text_form();
        match number(&key) {
            Some(number) => self.numbers.get(&number),
            None => self.texts.get(&*key),
        }
    }
}

/// The number that `key` is the usual text of: `17`, but not `017`.
fn number(key: &str) -> Option<i64> {
    key.parse::<i64>().ok().filter(|number| number.to_string() == key)
}

/// All lookups of a run. One that was not filled has no rows.
#[derive(Debug, Default)]
pub struct Lookups {
    lookups: Vec<Lookup>,
}

impl Lookups {
    /// Adds a filled lookup; one that was added before under the same name is replaced.
    pub fn add(&mut self, lookup: Lookup) {
        self.lookups.retain(|other| other.index != lookup.index);
        self.lookups.push(lookup);
    }

    /// The row of the lookup `index` with this key.
    pub(crate) fn find(&self, index: usize, key: &Value<'_>) -> Option<&Node<'static>> {
        self.lookups.iter().find(|lookup| lookup.index == index)?.find(key)
    }
}

/// Fills a lookup row by row. Where two rows have one key, the last wins.
#[derive(Debug)]
pub struct LookupBuilder<'m> {
    plan: &'m LookupPlan,
    lookup: Lookup,
    /// The header that was seen last, and where the columns that are read stand in it.
    columns: Option<(Header, Vec<(u32, usize)>)>,
}

impl Mapping {
    /// Starts to fill the lookup `name`; none if the mapping has no such lookup.
    pub fn lookup_builder(&self, name: &str) -> Option<LookupBuilder<'_>> {
        let index = self.lookup_plans.iter().position(|plan| plan.name == name)?;
        let lookup = Lookup { index, numbers: HashMap::new(), texts: HashMap::new() };
        Some(LookupBuilder { plan: &self.lookup_plans[index], lookup, columns: None })
    }
}

impl LookupBuilder<'_> {
    /// Takes a row; `header` is needed for CSV.
    ///
    /// # Errors
    /// When the row can't be read or has no key, in a fragment that names the lookup.
    pub fn add(&mut self, content: Content<'_>, header: Option<&Header>) -> Result<(), String> {
        let name = &self.plan.name;
        let row = match content {
            Content::Json(bytes) => Node::from_json(bytes, &self.plan.shape)
                .map_err(|error| format!("lookup {name}: a row is not valid JSON: {error}"))?,
            Content::Row(row) => {
                self.bind(header)?;
                Node::from_row(row, self.columns.as_ref().map_or(&[], |(_, columns)| columns))
            }
        };
        if !matches!(row, Node::Object(_)) {
            return Err(format!("lookup {name}: a row is not a JSON object"));
        }
        let mut key = Some(&row);
        for step in &self.plan.key {
            key = key.and_then(|node| node.step(*step));
        }
        let key = match key.and_then(Value::of) {
            Some(Value::Text(text)) => text.into_owned(),
            Some(Value::Integer(number)) => number.to_string(),
            Some(_) => {
                return Err(format!("lookup {name}: `{}` is neither text nor a whole number", self.plan.key_text));
            }
            None => return Err(format!("lookup {name}: a row has no `{}`", self.plan.key_text)),
        };
        self.lookup.insert(&key, row.into_owned());
        Ok(())
    }

    /// The filled lookup.
    pub fn finish(self) -> Lookup {
        self.lookup
    }

    fn bind(&mut self, header: Option<&Header>) -> Result<(), String> {
        let name = &self.plan.name;
        let header = header.ok_or_else(|| format!("lookup {name}: a CSV needs a header"))?;
        if self.columns.as_ref().is_some_and(|(known, _)| known == header) {
            return Ok(());
        }
        let columns = self.plan.shape.children().iter().map(|child| {
            let position = header.0.iter().position(|column| **column == *child.name);
            position.map(|position| (child.number, position)).ok_or_else(|| {
                format!("lookup {name} has no column `{}`; its columns are {}", child.name, header.0.join(", "))
            })
        });
        self.columns = Some((header.clone(), columns.collect::<Result<_, _>>()?));
        Ok(())
    }
}

impl<'a> Node<'a> {
    /// The value one step further in.
    pub(crate) fn step(&self, step: PathStep) -> Option<&Node<'a>> {
        match (step, self) {
            (PathStep::Child(number), _) => self.get(number),
            (PathStep::Index(index), Node::List(nodes)) => nodes.get(index),
            (PathStep::FromEnd(index), Node::List(nodes)) => nodes.get(nodes.len().checked_sub(index)?),
            (PathStep::Index(_) | PathStep::FromEnd(_), _) => None,
        }
    }
}
