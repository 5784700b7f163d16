//! What must become of a message: `[[test.message]]`.

use toml::de::{DeTable, DeValue};

use super::parts::Part;
use super::sorts::{AROUND, Parts, Sort, names, sort_of};
use crate::mapping::compile::dom::{self, Entry, Value};
use crate::mapping::diagnostic::Findings;
use crate::mapping::value::Constant;
use crate::update::{Channel, FieldName, Via};

/// What must become of one message of the record.
#[derive(Debug, Default)]
pub(super) struct Expected {
    pub(super) result: ExpectedResult,
    /// The pieces that are looked at, by name.
    pub(super) pieces: Vec<(String, Part)>,
    /// Fields of which nothing may be sent.
    pub(super) kept: Vec<String>,
}

/// What must come of it.
#[derive(Debug, Default)]
pub(super) enum ExpectedResult {
    #[default]
    Update,
    /// Blocked, with these words in the reason.
    Blocked(String),
    /// Skipped, with these words in the reason.
    Skipped(String),
}

impl Expected {
    /// Reads one `[[test.message]]`; mistakes are noted.
    pub(super) fn read(table: &DeTable<'_>, findings: &mut Findings<'_>) -> Self {
        let mut expected = Self::default();
        for entry in dom::entries(table) {
            expected.entry(&entry, findings);
        }
        expected.check(table, findings);
        expected
    }

    fn entry(&mut self, entry: &Entry<'_, '_>, findings: &mut Findings<'_>) {
        let around = AROUND.iter().find(|(name, _)| *name == entry.key).map(|(_, sort)| *sort);
        if let Some(sort) = FieldName::from_name(entry.key).map(sort_of).or(around) {
            self.piece(entry.key.to_owned(), entry.value, sort, findings);
            return;
        }
        match entry.key {
            "blocked" | "skipped" => {
                let words = findings.as_text(entry.key, entry.value).map(|written| written.text).unwrap_or_default();
                let result = if entry.key == "blocked" { ExpectedResult::Blocked } else { ExpectedResult::Skipped };
                self.result = result(words);
            }
            "kept" => self.kept.extend(field_names(entry, findings)),
            "cleared" => {
                self.pieces.extend(field_names(entry, findings).into_iter().map(|name| (name, Part::Cleared)));
            }
            _ => {
                let fields = FieldName::ALL.iter().map(|name| name.name());
                let names = fields.chain(["ticket", "target", "kept", "cleared", "blocked", "skipped"]);
                let message = format!("unknown field `{}`", entry.key);
                findings.add_unknown(entry.span.clone(), message, entry.key, names);
            }
        }
    }

    /// Notes the value of the piece `name`, which is of `sort`.
    fn piece(&mut self, name: String, value: &Value<'_>, sort: Sort, findings: &mut Findings<'_>) {
        let part = match sort {
            Sort::Parts(parts) => return self.parts(&name, value, parts, findings),
            Sort::List(parts) => return self.list(&name, value, parts, findings),
            Sort::Text => text(&name, value, findings).map(Part::Text),
            Sort::Time => time(&name, value, findings),
            Sort::Channel => word(&name, value, Channel::ALL.iter().map(|channel| channel.name()), findings),
            Sort::Via => word(&name, value, Via::ALL.iter().map(|via| via.name()), findings),
            Sort::Number => constant(&name, value, "a whole number", findings, |constant| match constant {
                Constant::Integer(number) => Some(Part::Number((*number).into())),
                Constant::Text(_) | Constant::Boolean(_) => None,
            }),
            Sort::Boolean => constant(&name, value, "true or false", findings, |constant| match constant {
                Constant::Boolean(value) => Some(Part::Boolean(*value)),
                Constant::Text(_) | Constant::Integer(_) => None,
            }),
        };
        self.pieces.extend(part.map(|part| (name, part)));
    }

    fn parts(&mut self, name: &str, value: &Value<'_>, parts: Parts, findings: &mut Findings<'_>) {
        let DeValue::Table(table) = value.get_ref() else {
            let first = parts.first().map_or("", |(part, _)| part);
            findings.add_wrong_type(name, value, &format!("made of parts, such as `{name}.{first} = …`"));
            return;
        };
        for entry in dom::entries(table) {
            if let Some((part, sort)) = parts.iter().find(|(part, _)| *part == entry.key) {
                self.piece(format!("{name}.{part}"), entry.value, *sort, findings);
            } else {
                let valid = parts.iter().map(|(part, _)| *part);
                findings.add_unknown(entry.span, format!("unknown part `{}` of `{name}`", entry.key), entry.key, valid);
            }
        }
    }

    fn list(&mut self, name: &str, value: &Value<'_>, parts: Parts, findings: &mut Findings<'_>) {
        let DeValue::Array(list) = value.get_ref() else {
            findings.add_wrong_type(name, value, "a list of tables");
            return;
        };
        self.pieces.push((name.to_owned(), Part::Elements(list.len())));
        for (index, element) in list.iter().enumerate() {
            self.parts(&format!("{name}[{index}]"), element, parts, findings);
        }
    }

    /// Refuses what can't be asked together.
    fn check(&self, table: &DeTable<'_>, findings: &mut Findings<'_>) {
        let word = match self.result {
            ExpectedResult::Update => return,
            ExpectedResult::Blocked(_) => "blocked",
            ExpectedResult::Skipped(_) => "skipped",
        };
        if let (Some(_), Some(skipped)) = (dom::get(table, "blocked"), dom::get(table, "skipped")) {
            findings.add(skipped.span(), "a message is either blocked or skipped", "leave one out");
        }
        let is_known = |key: &str| ["external_id", "ticket", "target", "blocked", "skipped"].contains(&key);
        for entry in dom::entries(table).iter().filter(|entry| !is_known(entry.key)) {
            let message = format!("`{}` of a message that is {word}", entry.key);
            findings.add(entry.span.clone(), message, "there is no update to compare it with");
        }
    }
}

fn text(name: &str, value: &Value<'_>, findings: &mut Findings<'_>) -> Option<String> {
    findings.as_text(name, value).map(|written| written.text)
}

fn time(name: &str, value: &Value<'_>, findings: &mut Findings<'_>) -> Option<Part> {
    let written = findings.as_text(name, value)?;
    let time = written.text.parse().ok().map(Part::Time);
    if time.is_none() {
        let message = format!("`{}` is no time", written.text);
        findings.add(written.inner(), message, "write it in UTC, such as 2024-05-31T10:00:00Z");
    }
    time
}

/// One word of a closed list.
fn word(
    name: &str,
    value: &Value<'_>,
    words: impl Iterator<Item = &'static str> + Clone,
    findings: &mut Findings<'_>,
) -> Option<Part> {
    let written = findings.as_text(name, value)?;
    if words.clone().any(|word| word == written.text) {
        return Some(Part::Text(written.text));
    }
    findings.add_unknown(written.inner(), format!("unknown {name} `{}`", written.text), &written.text, words);
    None
}

/// A constant of one type.
fn constant(
    name: &str,
    value: &Value<'_>,
    wanted: &str,
    findings: &mut Findings<'_>,
    take: fn(&Constant) -> Option<Part>,
) -> Option<Part> {
    let constant = findings.as_constant(name, value)?;
    let part = take(&constant);
    if part.is_none() {
        findings.add_wrong_type(name, value, wanted);
    }
    part
}

/// The fields that `kept` or `cleared` names.
fn field_names(entry: &Entry<'_, '_>, findings: &mut Findings<'_>) -> Vec<String> {
    let known = names();
    let written = findings.as_texts(entry.key, entry.value).unwrap_or_default();
    for name in written.iter().filter(|name| !known.contains(&name.text)) {
        let message = format!("unknown field `{}`", name.text);
        findings.add_unknown(name.inner(), message, &name.text, known.iter().map(String::as_str));
    }
    written.into_iter().map(|written| written.text).collect()
}
