//! The head of a mapping: what it is called, what it reads, its lookups and tables.

use std::collections::HashMap;

use toml::de::{DeTable, DeValue};

use super::dom::{self, Written};
use super::resolve::enter;
use super::{Compiler, PlacedTable};
use crate::export::{Encoding, Format};
use crate::mapping::doubles::Doubles;
use crate::mapping::lookup::{LookupNeed, LookupPlan};
use crate::mapping::recipe::{PathStep, Table};
use crate::mapping::shape::Shape;
use crate::mapping::syntax::{self, Root, Step};
use crate::mapping::transform::{Zone, zone_named};

/// The keys of a lookup.
pub(super) const LOOKUP_KEYS: &[&str] = &["files", "key", "records", "optional"];

impl Compiler<'_> {
    /// A text that must be there.
    pub(super) fn needed_text(&mut self, document: &DeTable<'_>, key: &str) -> String {
        if dom::get(document, key).is_none() {
            self.findings.add(0..0, format!("the mapping has no `{key}`"), format!("write {key} = \"…\""));
        }
        self.findings.text_at(document, key).map(|written| written.text).unwrap_or_default()
    }

    /// The format of the export.
    pub(super) fn format(&mut self, document: &DeTable<'_>) -> Option<Format> {
        let written = self.findings.text_at(document, "format")?;
        let format = Format::NAMED.into_iter().find(|format| format.word() == written.text);
        if format.is_none() {
            let names = Format::NAMED.iter().map(|format| format.word());
            // What people call it elsewhere is spelled nearer to another one.
            let meant = if ["jsonl", "ndjson"].contains(&&*written.text) { "json-lines" } else { &written.text };
            self.findings.add_unknown(written.inner(), format!("unknown format `{}`", written.text), meant, names);
        }
        format
    }

    /// What text that is not UTF-8 is written in.
    pub(super) fn encoding(&mut self, document: &DeTable<'_>) -> Option<Encoding> {
        let written = self.findings.text_at(document, "encoding")?;
        let encoding = Encoding::named(&written.text);
        if encoding.is_none() {
            let message = format!("unknown encoding `{}`", written.text);
            self.findings.add_unknown(written.inner(), message, &written.text, Encoding::COMMON);
        }
        encoding
    }

    /// What separates the cells of a CSV.
    pub(super) fn separator(&mut self, document: &DeTable<'_>) -> Option<Format> {
        let written = self.findings.text_at(document, "separator")?;
        let format = Format::separated_by(&written.text);
        if format.is_none() {
            let message = format!("unknown separator `{}`", written.text);
            self.findings.add_unknown(written.inner(), message, &written.text, [",", ";", "|", "tab"]);
        }
        format
    }

    /// What a time without a zone means.
    pub(super) fn timezone(&mut self, document: &DeTable<'_>) -> Option<Zone> {
        let written = self.findings.text_at(document, "timezone")?;
        let zone = zone_named(&written.text);
        zone.map_err(|label| self.findings.add(written.inner(), format!("unknown time zone `{}`", written.text), label))
            .ok()
    }

    /// The columns that a CSV may lack: names that some field reads, once all of those are known.
    pub(super) fn optional_columns(&mut self, document: &DeTable<'_>, format: Option<Format>) -> Vec<String> {
        let Some(value) = dom::get(document, "optional_columns") else {
            return Vec::new();
        };
        if format.is_some_and(|format| format != Format::Csv) {
            let label = "in JSON every key may be absent";
            self.findings.add(value.span(), "`optional_columns` is for CSV only", label);
        }
        let written = self.findings.texts_at(document, "optional_columns").unwrap_or_default();
        let read: Vec<_> = self.shape.children().iter().map(|child| child.name.clone()).collect();
        for column in written.iter().filter(|column| read.iter().all(|name| **name != *column.text)) {
            let message = format!("no field reads the column `{}`", column.text);
            self.findings.add_unknown(column.inner(), message, &column.text, read.iter().map(|name| &**name));
        }
        written.into_iter().map(|column| column.text).collect()
    }

    /// What becomes of two different records with one id.
    pub(super) fn doubles(&mut self, document: &DeTable<'_>) -> Doubles {
        let Some(written) = self.findings.text_at(document, "doubles") else {
            return Doubles::default();
        };
        Doubles::from_word(&written.text).unwrap_or_else(|| {
            let message = format!("unknown choice `{}`", written.text);
            self.findings.add_unknown(written.inner(), message, &written.text, Doubles::ALL.map(Doubles::word));
            Doubles::default()
        })
    }

    /// Patterns of file names.
    pub(super) fn files(&mut self, table: &DeTable<'_>) -> Vec<String> {
        let written = self.findings.texts_at(table, "files").unwrap_or_default();
        for pattern in &written {
            self.check_pattern(pattern);
        }
        written.into_iter().map(|pattern| pattern.text).collect()
    }

    fn check_pattern(&mut self, pattern: &Written) {
        if let Some((at, sign)) = pattern.text.char_indices().find(|(_, sign)| "[]{}".contains(*sign)) {
            let message = format!("`{sign}` in a pattern of file names");
            self.findings.add(pattern.part(at..at + 1), message, "only `*` and `?` stand for something");
        }
    }

    /// The lookups, by name.
    pub(super) fn declare_lookups(&mut self, document: &DeTable<'_>) {
        let Some(lookups) = self.findings.table_at(document, "lookups") else {
            return;
        };
        for entry in dom::entries(lookups) {
            let DeValue::Table(table) = entry.value.get_ref() else {
                self.findings.add_wrong_type(entry.key, entry.value, "a table: [lookups.NAME]");
                continue;
            };
            self.findings.check_keys(table, "key", " of a lookup", LOOKUP_KEYS);
            if dom::get(table, "key").is_none() {
                let message = format!("lookup `{}` has no `key`", entry.key);
                self.findings.add(entry.span.clone(), message, "which key of a row is it found by?");
            }
            let mut shape = Shape::default();
            let written = self.findings.text_at(table, "key");
            let key = written.as_ref().map(|written| self.lookup_key(written, &mut shape)).unwrap_or_default();
            let need = LookupNeed {
                name: entry.key.to_owned(),
                files: self.files(table),
                records: self.findings.text_at(table, "records").map(|written| written.text),
                optional: self.findings.flag_at(table, "optional"),
            };
            self.lookup_needs.push(need);
            let key_text = written.map(|written| written.text).unwrap_or_default();
            self.lookups.push(LookupPlan { name: entry.key.to_owned(), shape, key, key_text });
        }
    }

    fn lookup_key(&mut self, written: &Written, shape: &mut Shape) -> Vec<PathStep> {
        match syntax::path(&written.text) {
            Ok(path) if path.root == (Root::Here { up: 0 }) && !path.steps.iter().any(is_every) => {
                let mut places = [Vec::new()];
                let place = |span| (0, written.part(span));
                let enter = |step| enter(step, shape, &mut places, &mut self.keys, place);
                path.steps.iter().filter_map(enter).collect()
            }
            Ok(_) => {
                self.findings.add(written.inner(), "a lookup's key stands in its own row", "a plain path is needed");
                Vec::new()
            }
            Err(error) => {
                self.findings.add(written.part(error.span), error.message, error.label);
                Vec::new()
            }
        }
    }

    /// The enum tables, by name.
    pub(super) fn declare_tables(&mut self, document: &DeTable<'_>) {
        let Some(tables) = self.findings.table_at(document, "tables") else {
            return;
        };
        for entry in dom::entries(tables) {
            let DeValue::Table(rows) = entry.value.get_ref() else {
                self.findings.add_wrong_type(entry.key, entry.value, "a table: [tables.NAME]");
                continue;
            };
            let mut table = Table { name: entry.key.to_owned(), rows: HashMap::new() };
            let mut places = PlacedTable::default();
            for row in dom::entries(rows) {
                if let Some(constant) = self.findings.as_constant(row.key, row.value) {
                    places.push((constant.clone(), self.findings.place(row.value)));
                    table.rows.insert(row.key.to_owned(), constant);
                }
            }
            self.tables.push(table);
            self.table_places.push(places);
        }
    }
}

fn is_every(step: &Step) -> bool {
    matches!(step, Step::Every(_))
}
