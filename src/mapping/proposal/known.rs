//! Whether a built-in mapping is for this export: how much of what it reads is there.

use std::collections::BTreeSet;

use serde_json::Value;

use super::profile::Profile;
use super::stat::share;
use crate::mapping::builtin::{self, BuiltIn};
use crate::mapping::compiled::Mapping;
use crate::mapping::shape::Shape;

/// An export is recognised if so much of what the mapping reads is in it.
const ENOUGH: f64 = 0.5;

/// How much of what a built-in mapping reads is in an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// The mapping.
    pub built_in: BuiltIn,
    /// How many paths of records it reads.
    pub reads: usize,
    /// Those of them that are nowhere in the sample.
    pub lacks: Vec<String>,
}

impl Recognised {
    fn share(&self) -> f64 {
        share((self.reads - self.lacks.len()) as u64, self.reads as u64)
    }
}

/// How much of what the built-in mapping `name` reads is in the export; none where there is no such mapping.
fn compare(profile: &Profile, built_in: &BuiltIn) -> Option<Recognised> {
    let mapping = Mapping::compile(built_in.text, built_in.name).ok()?;
    let (mut all, mut found) = (BTreeSet::new(), BTreeSet::new());
    leaves(&mapping.shape, "", &mut all);
    let records = profile.sources.iter().filter(|source| {
        mapping.format().is_none_or(|format| (format == crate::export::Format::Csv) == source.is_table())
    });
    for record in records.flat_map(|source| &source.records) {
        mark(&mapping.shape, record, "", &mut found);
    }
    let lacks = all.difference(&found).cloned().collect();
    Some(Recognised { built_in: *built_in, reads: all.len(), lacks })
}

/// The built-in mapping that the export is for, if there is one; `like` names one, or its system, whatever the export
/// looks like.
pub fn recognise(profile: &Profile, like: Option<&str>) -> Option<Recognised> {
    let is_named = |built_in: &BuiltIn| {
        like.is_none_or(|name| {
            let system = Mapping::compile(built_in.text, built_in.name).map(|mapping| mapping.system().to_lowercase());
            built_in.name == name || system.is_ok_and(|system| system == name.to_lowercase())
        })
    };
    let compared = builtin::all().iter().filter(|one| is_named(one)).filter_map(|one| compare(profile, one));
    let best = compared.max_by(|a, b| a.share().total_cmp(&b.share()))?;
    (like.is_some() || best.share() >= ENOUGH).then_some(best)
}

/// Every path that is read to its end.
fn leaves(shape: &Shape, before: &str, all: &mut BTreeSet<String>) {
    for child in shape.children() {
        let path = joined(before, &child.name);
        if child.shape.children().is_empty() {
            all.insert(path);
        } else {
            leaves(&child.shape, &path, all);
        }
    }
}

/// Adds to `found` what is there of `shape` in `value`.
fn mark(shape: &Shape, value: &Value, before: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(elements) => elements.iter().for_each(|element| mark(shape, element, before, found)),
        Value::Object(members) => {
            for child in shape.children() {
                let Some(value) = members.get(&*child.name) else { continue };
                let path = joined(before, &child.name);
                if child.shape.children().is_empty() {
                    found.insert(path);
                } else {
                    mark(&child.shape, value, &path, found);
                }
            }
        }
        _ => {}
    }
}

fn joined(before: &str, name: &str) -> String {
    if before.is_empty() { name.to_owned() } else { format!("{before}.{name}") }
}
