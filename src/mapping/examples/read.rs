//! The file of examples: `[[test]]`, its record, and the rows of its lookups.

use toml::de::{DeTable, DeValue};

use super::expected::Expected;
use crate::export::{Content, Format, Header};
use crate::mapping::compile::dom::{self, Value};
use crate::mapping::compiled::Mapping;
use crate::mapping::diagnostic::{Findings, MappingError};
use crate::mapping::lookup::Lookups;
use crate::mapping::nearest;

/// One example: a record, and what must become of each message in it.
#[derive(Debug)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// The line on which it starts, from 1.
    pub line: usize,
    /// The name of the file that the record stands in; empty where that does not matter.
    pub file: String,
    pub(super) record: Record,
    pub(super) lookups: Lookups,
    pub(super) messages: Vec<Expected>,
}

/// The record of an example.
#[derive(Debug)]
pub(super) enum Record {
    Json(String),
    Row(Header, csv::StringRecord),
}

impl Record {
    pub(super) fn content(&self) -> Content<'_> {
        match self {
            Self::Json(text) => Content::Json(text.as_bytes()),
            Self::Row(_, row) => Content::Row(row),
        }
    }

    pub(super) fn header(&self) -> Option<&Header> {
        match self {
            Self::Json(_) => None,
            Self::Row(header, _) => Some(header),
        }
    }
}

impl Mapping {
    /// Reads examples of this mapping; `file_name` is how mistakes name their file.
    ///
    /// # Errors
    /// With every mistake in them.
    pub fn examples(&self, text: &str, file_name: &str) -> Result<Vec<Example>, MappingError> {
        let mut findings = Findings::new(text, file_name);
        let document = match DeTable::parse(text) {
            Ok(document) => document,
            Err(error) => {
                findings.add(error.span().unwrap_or(0..0), format!("not valid TOML: {}", error.message()), "");
                return Err(findings.into_error());
            }
        };
        let document = document.get_ref();
        findings.check_keys(document, "key", "", &["test"]);
        let mut reading = Reading { mapping: self, findings };
        let examples = match dom::get(document, "test").map(|value| (value, value.get_ref())) {
            Some((_, DeValue::Array(tests))) => tests.iter().filter_map(|test| reading.example(test)).collect(),
            Some((value, _)) => {
                reading.findings.add(value.span(), "`test` is written once for each example", "write [[test]]");
                Vec::new()
            }
            None => {
                reading.findings.add(0..0, "the file has no [[test]]", "each shows what becomes of one record");
                Vec::new()
            }
        };
        if reading.findings.is_empty() { Ok(examples) } else { Err(reading.findings.into_error()) }
    }
}

/// A file of examples on its way in.
struct Reading<'m> {
    mapping: &'m Mapping,
    findings: Findings<'m>,
}

impl Reading<'_> {
    fn example(&mut self, value: &Value<'_>) -> Option<Example> {
        let DeValue::Table(test) = value.get_ref() else {
            self.findings.add_wrong_type("test", value, "a table: [[test]]");
            return None;
        };
        self.findings.check_keys(test, "key", " of [[test]]", &["name", "file", "record", "lookups", "message"]);
        for key in ["name", "record"] {
            if dom::get(test, key).is_none() {
                self.findings.add(value.span(), format!("the test has no `{key}`"), format!("write {key} = …"));
            }
        }
        let name = self.findings.text_at(test, "name").map(|written| written.text);
        let file = self.findings.text_at(test, "file").map(|written| written.text).unwrap_or_default();
        let record = dom::get(test, "record").and_then(|value| self.record(value));
        let lookups = self.lookups(test);
        let messages = self.messages(test);
        let line = self.findings.line_at(value.span().start);
        Some(Example { name: name?, line, file, record: record?, lookups, messages })
    }

    fn record(&mut self, value: &Value<'_>) -> Option<Record> {
        if let DeValue::Table(table) = value.get_ref() {
            if self.mapping.format().is_some_and(|format| format != Format::Csv) {
                let label = "write it as text: '{\"id\": 1}'";
                self.findings.add(value.span(), "the records of this mapping are JSON", label);
                return None;
            }
            self.check_columns(table);
            let (mut header, mut row) = self.row(table);
            // A column that the example leaves out is there, and empty.
            for column in self.mapping.columns_read() {
                if !header.0.iter().any(|name| name == column) {
                    header.0.push(column.to_owned());
                    row.push_field("");
                }
            }
            return Some(Record::Row(header, row));
        }
        self.findings.as_text("record", value).map(|written| Record::Json(written.text))
    }

    /// Refuses a column that the mapping does not read, and that is nearly one that it reads.
    fn check_columns(&mut self, table: &DeTable<'_>) {
        for entry in dom::entries(table) {
            let read = || self.mapping.columns_read();
            if read().any(|column| column == entry.key) {
                continue;
            }
            let named = |column: &&str| dom::get(table, column).is_some();
            if let Some(label) = nearest::did_you_mean(entry.key, read().filter(|column| !named(column))) {
                let message = format!("the mapping reads no column `{}`", entry.key);
                self.findings.add(entry.span, message, label);
            }
        }
    }

    fn row(&mut self, table: &DeTable<'_>) -> (Header, csv::StringRecord) {
        let (mut header, mut row) = (Header(Vec::new()), csv::StringRecord::new());
        for entry in dom::entries(table) {
            if let Some(cell) = self.findings.as_constant(entry.key, entry.value) {
                header.0.push(entry.key.to_owned());
                row.push_field(&cell.value().text_form());
            }
        }
        (header, row)
    }

    fn lookups(&mut self, test: &DeTable<'_>) -> Lookups {
        let mut lookups = Lookups::default();
        let Some(table) = self.findings.table_at(test, "lookups") else { return lookups };
        for entry in dom::entries(table) {
            let Some(mut builder) = self.mapping.lookup_builder(entry.key) else {
                let names = self.mapping.lookups().iter().map(|need| need.name.as_str());
                let message = format!("unknown lookup `{}`", entry.key);
                self.findings.add_unknown(entry.span, message, entry.key, names);
                continue;
            };
            let DeValue::Array(rows) = entry.value.get_ref() else {
                self.findings.add_wrong_type(entry.key, entry.value, "a list of rows");
                continue;
            };
            for row in rows {
                let added = match row.get_ref() {
                    DeValue::Table(cells) => {
                        let (header, row) = self.row(cells);
                        builder.add(Content::Row(&row), Some(&header))
                    }
                    _ => self
                        .findings
                        .as_text(entry.key, row)
                        .map_or(Ok(()), |written| builder.add(Content::Json(written.text.as_bytes()), None)),
                };
                if let Err(reason) = added {
                    self.findings.add(self.findings.place(row), reason, "this row can't be looked up");
                }
            }
            lookups.add(builder.finish());
        }
        lookups
    }

    fn messages(&mut self, test: &DeTable<'_>) -> Vec<Expected> {
        let Some(value) = dom::get(test, "message") else { return Vec::new() };
        let DeValue::Array(messages) = value.get_ref() else {
            self.findings.add(value.span(), "`message` is written once for each message", "write [[test.message]]");
            return Vec::new();
        };
        let mut expected = Vec::with_capacity(messages.len());
        for message in messages {
            match message.get_ref() {
                DeValue::Table(table) => expected.push(Expected::read(table, &mut self.findings)),
                _ => self.findings.add_wrong_type("message", message, "a table: [[test.message]]"),
            }
        }
        expected
    }
}
