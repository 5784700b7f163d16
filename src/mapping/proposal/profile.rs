//! What an export holds: its files, the lists in their records, and what stands at each path.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::stat::{Stat, share};
use crate::export::{Content, Format, Header};

/// Objects nest no deeper, as far as this looks.
const DEEPEST: usize = 5;

/// The files of an export, as far as they were looked at. Files with records of one shape are taken together.
#[derive(Debug, Default)]
pub struct Profile {
    pub(super) sources: Vec<Source>,
}

/// Files with records of one shape.
#[derive(Debug)]
pub(super) struct Source {
    /// Their names.
    pub(super) files: Vec<String>,
    pub(super) format: Format,
    /// Where in the documents the records are, if they do not stand at the top.
    pub(super) records_at: Option<String>,
    keys: BTreeSet<String>,
    /// What the records hold, by the list that it stands in: the empty path is the record itself.
    pub(super) levels: BTreeMap<String, Level>,
    /// Some of the records, to try the built-in mappings on.
    pub(super) records: Vec<Value>,
}

/// What the objects at one place hold.
#[derive(Debug, Default)]
pub(super) struct Level {
    /// How many there were.
    pub(super) objects: u64,
    /// What stands where in them, by its path as a mapping writes it.
    pub(super) paths: BTreeMap<String, Stat>,
    /// The keys of the objects in the lists inside.
    pub(super) lists: BTreeMap<String, BTreeSet<String>>,
}

/// A file that is being looked at.
#[derive(Debug)]
pub struct ProfiledFile<'p> {
    profile: &'p mut Profile,
    name: String,
    format: Format,
    records_at: Option<&'p str>,
    header: Option<Header>,
    source: Option<usize>,
}

impl Profile {
    /// As many records of each shape are kept to try the built-in mappings on.
    const KEPT: usize = 200;

    /// Begins to look at the file called `name`, whose records stand at `records_at`.
    pub fn file<'p>(
        &'p mut self,
        name: &str,
        format: Format,
        records_at: Option<&'p str>,
        header: Option<&Header>,
    ) -> ProfiledFile<'p> {
        ProfiledFile { profile: self, name: name.to_owned(), format, records_at, header: header.cloned(), source: None }
    }

    fn source(&mut self, format: Format, records_at: Option<&str>, record: &Map<String, Value>) -> usize {
        let keys: BTreeSet<String> = record.keys().cloned().collect();
        let alike = |source: &Source| {
            let common = source.keys.intersection(&keys).count() as u64;
            let is_read_alike = source.format == format && source.records_at.as_deref() == records_at;
            is_read_alike && share(common, source.keys.union(&keys).count() as u64) > 0.6
        };
        self.sources.iter().position(alike).unwrap_or_else(|| {
            let (files, levels, records) = (Vec::new(), BTreeMap::new(), Vec::new());
            let records_at = records_at.map(ToOwned::to_owned);
            self.sources.push(Source { files, format, records_at, keys, levels, records });
            self.sources.len() - 1
        })
    }
}

impl Source {
    /// Whether its records are rows of a table.
    pub(super) fn is_table(&self) -> bool {
        self.format.has_rows()
    }
}

impl ProfiledFile<'_> {
    /// Looks at one record; what is no object, or can't be read, says nothing.
    pub fn see(&mut self, content: Content<'_>) {
        let Some(record) = self.record(content) else { return };
        let number = *self.source.get_or_insert_with(|| self.profile.source(self.format, self.records_at, &record));
        let source = &mut self.profile.sources[number];
        if source.files.last() != Some(&self.name) {
            source.files.push(self.name.clone());
        }
        see_object(&mut source.levels, "", &record);
        if source.records.len() < Profile::KEPT {
            source.records.push(Value::Object(record));
        }
    }

    fn record(&self, content: Content<'_>) -> Option<Map<String, Value>> {
        match (content, &self.header) {
            (Content::Json(bytes), _) => serde_json::from_slice(bytes).ok(),
            (Content::Row(row), Some(header)) => {
                let cells = header.0.iter().cloned().zip(row.iter().map(Value::from));
                Some(cells.collect())
            }
            (Content::Row(_), None) => None,
        }
    }
}

fn see_object(levels: &mut BTreeMap<String, Level>, level: &str, object: &Map<String, Value>) {
    levels.entry(level.to_owned()).or_default().objects += 1;
    see_members(levels, level, "", object, 0);
}

fn see_members(
    levels: &mut BTreeMap<String, Level>,
    level: &str,
    before: &str,
    object: &Map<String, Value>,
    depth: usize,
) {
    for (key, value) in object {
        let path = format!("{before}{}{}", if before.is_empty() { "" } else { "." }, written(key));
        match value {
            Value::Object(inner) if depth < DEEPEST => see_members(levels, level, &path, inner, depth + 1),
            Value::Array(elements) => see_list(levels, level, &path, elements),
            value => levels.entry(level.to_owned()).or_default().paths.entry(path).or_default().see(value),
        }
    }
}

/// Messages stand in a list of the record at most; of the lists inside them, only the keys are of interest.
fn see_list(levels: &mut BTreeMap<String, Level>, level: &str, path: &str, elements: &[Value]) {
    for object in elements.iter().filter_map(Value::as_object) {
        if level.is_empty() {
            see_object(levels, path, object);
        }
        let lists = &mut levels.entry(level.to_owned()).or_default().lists;
        lists.entry(path.to_owned()).or_default().extend(object.keys().cloned());
    }
}

/// A key as a path writes it.
fn written(key: &str) -> String {
    let is_plain = !key.is_empty() && key.chars().all(|sign| sign.is_alphanumeric() || sign == '_' || sign == '-');
    let is_word = is_plain && !key.starts_with('-') && !["and", "or", "not", "in", "exists", "parent"].contains(&key);
    if is_word { key.to_owned() } else { format!("'{key}'") }
}
