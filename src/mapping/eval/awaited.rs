//! The words that conditions and `is` wait for, beside what the export holds there.
//!
//! A word that the export spells otherwise is no mistake that can be seen in the mapping: the condition just never holds,
//! and the messages are something else than what was meant.

use std::collections::BTreeMap;

use super::scene::Scene;
use crate::mapping::compiled::Mapping;
use crate::mapping::nearest;
use crate::mapping::recipe::{Alternative, Message, Origin, Path, Recipe, When};
use crate::mapping::syntax::Condition;
use crate::mapping::value::{Constant, Value};

/// As many different values of one path are told apart.
const MOST: usize = 12;

/// A longer value is no word, in characters.
const LONGEST: usize = 40;

/// Every word that a mapping waits for, and what was there so far.
#[derive(Debug)]
pub struct Awaited<'m>(Vec<Place<'m>>);

/// A place where words are waited for.
#[derive(Debug)]
struct Place<'m> {
    block: u16,
    /// Whether it decides about the record, before there is a message.
    is_of_record: bool,
    /// The field, or `when` or `skip`.
    name: &'m str,
    /// The first of these that holds something counts.
    paths: &'m [Path],
    words: Vec<&'m Constant>,
    is_met: bool,
    held: BTreeMap<String, u64>,
    others: u64,
}

/// Words that a mapping waits for, and that are never there, though something is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    /// The number of the block, from 0.
    pub block: u16,
    /// The field, or `when` or `skip`.
    pub place: String,
    /// The path.
    pub path: String,
    /// The words, as the mapping writes them.
    pub words: Vec<String>,
    /// What is there instead, and how often, the commonest first.
    pub held: Vec<(String, u64)>,
    /// How often something else is there.
    pub others: u64,
    /// Which of those is meant, as far as it can be guessed.
    pub guess: Option<String>,
}

impl<'m> Awaited<'m> {
    /// Nothing is seen yet.
    pub fn new(mapping: &'m Mapping) -> Self {
        let mut places = Vec::new();
        for (block, message) in (0..).zip(&mapping.messages) {
            collect(block, message, &mut places);
        }
        Self(places)
    }

    /// Looks at a message of `block`, or at the record around it, before there is one.
    pub(super) fn see(&mut self, block: u16, is_of_record: bool, scene: &Scene<'_>) {
        let here = |place: &&mut Place<'_>| place.block == block && place.is_of_record == is_of_record && !place.is_met;
        for place in self.0.iter_mut().filter(here) {
            let Some(value) = place.paths.iter().find_map(|path| Value::of(scene.find(path)?)) else { continue };
            place.see(&value);
        }
    }

    /// The words that are never there, each once.
    pub fn unmet(self) -> Vec<Unmet> {
        let mut unmet: Vec<Unmet> = Vec::new();
        for place in self.0.into_iter().filter(|place| !place.is_met && !place.held.is_empty()) {
            let one = place.unmet();
            let is_known =
                |other: &Unmet| (other.block, &other.path, &other.words) == (one.block, &one.path, &one.words);
            if !unmet.iter().any(is_known) {
                unmet.push(one);
            }
        }
        // What is surely a mistake comes first.
        unmet.sort_by_key(|one| one.guess.is_none());
        unmet
    }
}

impl Place<'_> {
    fn see(&mut self, value: &Value<'_>) {
        let text = value.text_form();
        if text.trim().is_empty() {
            return;
        }
        if self.words.iter().any(|word| word.is(value)) {
            self.is_met = true;
            self.held.clear();
        } else if let Some(times) = self.held.get_mut(&*text) {
            *times += 1;
        } else if self.held.len() < MOST && text.chars().count() <= LONGEST {
            self.held.insert(text.into_owned(), 1);
        } else {
            self.others += 1;
        }
    }

    fn unmet(self) -> Unmet {
        let mut held: Vec<_> = self.held.into_iter().collect();
        held.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
        let texts: Vec<_> = self.words.iter().map(|word| word.value().text_form().into_owned()).collect();
        let names = held.iter().map(|(word, _)| word.as_str());
        // Of short words, as of numbers, each is near to each.
        let near = |word: &String| match word.chars().count() {
            0..4 => names.clone().find(|name| name.to_lowercase() == word.to_lowercase()),
            _ => nearest::nearest(word, names.clone()),
        };
        let guess = texts.iter().find_map(near).map(ToOwned::to_owned);
        let words = self.words.iter().zip(&texts);
        let words = words
            .map(|(word, text)| if matches!(word, Constant::Text(_)) { format!("'{text}'") } else { text.clone() });
        Unmet {
            block: self.block,
            place: self.name.to_owned(),
            path: self.paths.first().map(|path| path.text.clone()).unwrap_or_default(),
            words: words.collect(),
            held,
            others: self.others,
            guess,
        }
    }
}

fn collect<'m>(block: u16, message: &'m Message, places: &mut Vec<Place<'m>>) {
    let mut add = |is_of_record: bool, name: &'m str, paths: &'m [Path], words: Vec<&'m Constant>| {
        // Only words can be spelled otherwise: that all are no, or none is 0 or empty, is no mistake.
        if words.iter().any(|word| matches!(word, Constant::Text(text) if !text.trim().is_empty())) {
            let (is_met, held, others) = (false, BTreeMap::new(), 0);
            places.push(Place { block, is_of_record, name, paths, words, is_met, held, others });
        }
    };
    let mut conditions: Vec<(bool, &str, &When)> = Vec::new();
    conditions.extend(message.when.iter().map(|when| (true, "when", when)));
    conditions.extend(message.skip.iter().map(|rule| (false, "skip", &rule.when)));
    let recipes: Vec<&Recipe> = message.recipes().chain(&message.newest).collect();
    for recipe in &recipes {
        let whens = recipe.alternatives.iter().filter_map(|way| way.when.as_ref());
        conditions.extend(whens.map(|when| (false, recipe.name.as_str(), when)));
    }
    for list in message.lists() {
        let whens = list.alternatives.iter().filter_map(|way| way.when.as_ref());
        conditions.extend(whens.map(|when| (false, list.name.as_str(), when)));
    }
    for (is_of_record, name, when) in conditions {
        comparisons(&when.condition, &mut |path, words| {
            add(is_of_record, name, std::slice::from_ref(path), words.iter().flatten().collect());
        });
    }
    for recipe in recipes {
        for (paths, word) in recipe.alternatives.iter().filter_map(tested) {
            add(false, &recipe.name, paths, vec![word]);
        }
    }
}

/// What `is` or `is_not` compares, where that is the export's own value.
fn tested(way: &Alternative) -> Option<(&[Path], &Constant)> {
    let Origin::Paths(paths) = &way.origin else { return None };
    let is_own = way.apply.is_empty() && way.table.is_none();
    way.test.as_ref().filter(|_| is_own).map(|test| (paths.as_slice(), &test.constant))
}

/// Shows `visit` each comparison with words in a condition.
fn comparisons<'m>(condition: &'m Condition<Path>, visit: &mut impl FnMut(&'m Path, &'m [Option<Constant>])) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| comparisons(part, visit)),
        Condition::Not(part) => comparisons(part, visit),
        Condition::OneOf(path, words) => visit(path, words),
        Condition::Exists(_) | Condition::Matches(..) => {}
    }
}
