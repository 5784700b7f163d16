//! Whether a built-in mapping is for this export: how much of what it reads is there.

use std::collections::BTreeSet;

use serde_json::Value;

use super::profile::Profile;
use super::stat::share;
use crate::mapping::builtin::{self, BuiltIn};
use crate::mapping::compiled::Mapping;
use crate::mapping::recipe::{ListRecipe, Message, Origin, Path, PathRoot, Recipe, TemplatePiece};
use crate::mapping::shape::Shape;

/// An export is recognised if so much of what the mapping reads is in it.
const ENOUGH: f64 = 0.6;

/// How much of what a built-in mapping reads is in an export.
#[derive(Debug, Clone, PartialEq)]
pub struct Recognised {
    /// The mapping.
    pub built_in: BuiltIn,
    /// How many fields it makes from the export.
    pub reads: usize,
    /// Those of them for which the sample holds nothing.
    pub lacks: Vec<String>,
    /// Another mapping for the same system that reads the export as well: which is meant, no export says.
    pub rival: Option<BuiltIn>,
    /// How much of what the mapping reads is there, from 0 to 1.
    share: f64,
}

/// What every message has counts for so much more than what some have: what came by a web form has no addresses.
const WEIGHT: u64 = 3;

/// The fields that every message has, or almost every one.
const CORE: [&str; 8] = [
    "external_id",
    "channel",
    "from_agent",
    "sent_datetime",
    "body_html",
    "body_text",
    "subject",
    "ticket.external_id",
];

fn weight(field: &str) -> u64 {
    if CORE.contains(&field) { WEIGHT } else { 1 }
}

/// How much of what the built-in mapping reads is in the export; none where it does not compile.
fn compare(profile: &Profile, built_in: &BuiltIn) -> Option<Recognised> {
    let mapping = Mapping::compile(built_in.text, built_in.name).ok()?;
    let mut there = BTreeSet::new();
    let records = profile
        .sources
        .iter()
        .filter(|source| mapping.format().is_none_or(|format| format.has_rows() == source.is_table()));
    for record in records.flat_map(|source| &source.records) {
        mark(&mapping.shape, record, "", &mut there);
    }
    let recipes: Vec<_> = mapping.messages.iter().flat_map(recipes).filter(|(_, paths)| !paths.is_empty()).collect();
    let is_there = |paths: &[&Path]| paths.iter().any(|path| holds(&there, path));
    // Without what a message's id is made from, the rest is a likeness by chance.
    let has_id = recipes.iter().any(|(name, paths)| *name == "external_id" && is_there(paths));
    let lacks = |paths: &[&Path]| !has_id || !is_there(paths);
    let weigh = |is_meant: &dyn Fn(&[&Path]) -> bool| {
        let meant = recipes.iter().filter(|(_, paths)| is_meant(paths));
        meant.map(|(name, _)| weight(name)).sum()
    };
    let share = share(weigh(&|paths| !lacks(paths)), weigh(&|_| true));
    let lacks = recipes.iter().filter(|(_, paths)| lacks(paths)).map(|(name, _)| (*name).to_owned()).collect();
    Some(Recognised { built_in: *built_in, reads: recipes.len(), lacks, rival: None, share })
}

/// Where in a document a built-in mapping finds its records, where that is not at the top.
pub fn places() -> BTreeSet<String> {
    let mappings = builtin::all().iter().filter_map(|one| Mapping::compile(one.text, one.name).ok());
    mappings.filter_map(|mapping| mapping.records().map(ToOwned::to_owned)).filter(|path| path.contains('.')).collect()
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
    let compared: Vec<_> = compared.filter(|one| like.is_some() || one.share >= ENOUGH).collect();
    // Of two that are as likely, the first in the list is the plainer one.
    let best = compared.iter().reduce(|best, one| if one.share > best.share { one } else { best })?;
    // Targets of the export are right in one account only: whether it is that one, the operator knows.
    let (system, has_targets) = nature(&best.built_in)?;
    let plainer = compared.iter().find(|one| has_targets && nature(&one.built_in) == Some((system.clone(), false)));
    Some(match plainer {
        Some(plainer) => Recognised { rival: Some(best.built_in), ..plainer.clone() },
        None => best.clone(),
    })
}

/// The system that a built-in mapping is for, and whether it takes targets from the export.
fn nature(built_in: &BuiltIn) -> Option<(String, bool)> {
    let mapping = Mapping::compile(built_in.text, built_in.name).ok()?;
    Some((mapping.system().to_owned(), mapping.has_targets()))
}

/// The fields that a block makes, with the paths in the record that they are read from.
fn recipes(message: &Message) -> Vec<(&str, Vec<&Path>)> {
    let lists = message.lists().flat_map(elements);
    message.recipes().chain(lists).map(|recipe| (recipe.name.as_str(), own_paths(recipe))).collect()
}

fn elements(list: &ListRecipe) -> impl Iterator<Item = &Recipe> {
    // The first part that must be there, an address or a link, says enough.
    list.alternatives.iter().flat_map(|way| way.parts.iter().flatten().take(2))
}

/// The paths that start in the record, whatever a condition says.
fn own_paths(recipe: &Recipe) -> Vec<&Path> {
    let paths = recipe.alternatives.iter().flat_map(|way| match &way.origin {
        Origin::Paths(paths) => paths.iter().collect(),
        Origin::Template(template) => template.0.iter().filter_map(template_path).collect(),
        Origin::Expression(_, with) => with.iter().map(|(_, path)| path).collect(),
        Origin::Constant(_) => Vec::new(),
    });
    paths.filter(|path| matches!(path.root, PathRoot::Scope(_)) && path.text != ".").collect()
}

fn template_path(piece: &TemplatePiece) -> Option<&Path> {
    match piece {
        TemplatePiece::Path(path) => Some(path),
        TemplatePiece::Text(_) => None,
    }
}

/// Whether something was found at the end of `path`, wherever the list that it starts in stands.
fn holds(there: &BTreeSet<String>, path: &Path) -> bool {
    let plain: String = path.text.replace("parent.", "").chars().filter(|sign| !"'\"".contains(*sign)).collect();
    let plain = plain.split('[').next().unwrap_or_default();
    let end = format!(".{plain}");
    there.iter().any(|found| format!(".{found}").ends_with(&end))
}

/// Adds to `found` what is there of `shape` in `value`, and says something.
fn mark(shape: &Shape, value: &Value, before: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(elements) => elements.iter().for_each(|element| mark(shape, element, before, found)),
        Value::Object(members) => {
            for child in shape.children() {
                let Some(value) = members.get(&*child.name).filter(|value| !value.is_null()) else { continue };
                let path = joined(before, &child.name);
                mark(&child.shape, value, &path, found);
                found.insert(path);
            }
        }
        _ => {}
    }
}

fn joined(before: &str, name: &str) -> String {
    if before.is_empty() { name.to_owned() } else { format!("{before}.{name}") }
}
