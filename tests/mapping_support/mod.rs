//! What the tests of the mapping share: compile, map one record, look at what came of it.

#![allow(dead_code, reason = "each test file uses its own part of it")]
#![allow(clippy::expect_used, reason = "a test may panic")]

use std::path::Path;

use deskferry::export::{Content, Header};
use deskferry::mapping::{Lookups, Mapped, MappedResult, Mapping};
use deskferry::record::CauseKind;
use deskferry::update::{Address, Draft, Field, Kind, Person, Source, Update};
use serde_json::Value;

/// The smallest mapping that is accepted, with more fields and more top-level text.
pub(crate) fn small(head: &str, fields: &str) -> String {
    format!(
        r#"name = "acme"
system = "Acme"
{head}
[[message]]
[message.fields]
{}
{fields}
"#,
        [
            ("external_id", r#"external_id = { from = "id", apply = ["to_string"] }"#),
            ("channel", r#"channel = { value = "email" }"#),
            ("via", r#"via = { value = "api" }"#),
            ("from_agent", "from_agent = { value = false }"),
            ("sent_datetime", r#"sent_datetime = { value = "2024-05-01T10:00:00Z", apply = ["datetime"] }"#),
        ]
        .iter()
        .filter(|(name, _)| !fields.lines().any(|line| line.starts_with(&format!("{name} "))))
        .map(|(_, line)| *line)
        .collect::<Vec<_>>()
        .join("\n")
    )
}

/// The head of a mapping, with more top-level text.
pub(crate) fn head(more: &str) -> String {
    format!("name = \"acme\"\nsystem = \"Acme\"\n{more}\n")
}

/// A `[[message]]` block for notes, with `keys` of its own and more fields.
pub(crate) fn block(keys: &str, fields: &str) -> String {
    format!(
        r#"[[message]]
{keys}
[message.fields]
external_id = {{ from = "id", apply = ["to_string"] }}
channel = {{ value = "internal-note" }}
via = {{ value = "api" }}
from_agent = {{ value = true }}
{fields}
"#
    )
}

/// Compiles, or shows why not.
pub(crate) fn compile(text: &str) -> Mapping {
    Mapping::compile(text, "acme.toml").unwrap_or_else(|error| panic!("{}", error.render()))
}

/// Lookups of `mapping`, filled from JSON rows.
pub(crate) fn lookups(mapping: &Mapping, tables: &[(&str, &[&str])]) -> Lookups {
    let mut lookups = Lookups::default();
    for (name, rows) in tables {
        let mut builder = mapping.lookup_builder(name).expect("a declared lookup");
        for row in *rows {
            builder.add(Content::Json(row.as_bytes()), None).expect("a readable row");
        }
        lookups.add(builder.finish());
    }
    lookups
}

/// Maps one JSON record.
pub(crate) fn map_with(mapping: &Mapping, lookups: &Lookups, record: &str) -> Vec<Mapped> {
    map_in("export/tickets.jsonl", mapping, lookups, record)
}

/// Maps one JSON record of `file`.
pub(crate) fn map_in(file: &str, mapping: &Mapping, lookups: &Lookups, record: &str) -> Vec<Mapped> {
    let mut out = Vec::new();
    let reader = mapping.reader(None, Path::new(file)).expect("JSON needs no header");
    reader.map(Content::Json(record.as_bytes()), lookups, &mut out);
    out
}

/// Maps one JSON record that needs no lookup.
pub(crate) fn map(text: &str, record: &str) -> Vec<Mapped> {
    map_with(&compile(text), &Lookups::default(), record)
}

/// Maps one row of a CSV.
pub(crate) fn map_row(text: &str, header: &[&str], row: &[&str]) -> Vec<Mapped> {
    let mapping = compile(text);
    let header = Header(header.iter().map(|&column| column.to_owned()).collect());
    let reader = mapping
        .reader(Some(&header), Path::new("export/tickets.csv"))
        .unwrap_or_else(|error| panic!("{}", error.render()));
    let mut out = Vec::new();
    reader.map(Content::Row(&csv::StringRecord::from(row)), &Lookups::default(), &mut out);
    out
}

/// The draft of the only message.
pub(crate) fn draft(mapped: &[Mapped]) -> Draft {
    match mapped {
        [Mapped { result: MappedResult::Message(draft), .. }] => (**draft).clone(),
        other => panic!("not one message: {other:#?}"),
    }
}

/// Kind and words of the only message's reason.
pub(crate) fn blocked(mapped: &[Mapped]) -> (CauseKind, &str) {
    match mapped {
        [Mapped { result: MappedResult::Blocked(cause), .. }] => (cause.kind, &cause.detail),
        other => panic!("not one blocked message: {other:#?}"),
    }
}

/// The reason for which the only message is skipped.
pub(crate) fn skipped(mapped: &[Mapped]) -> &str {
    match mapped {
        [Mapped { result: MappedResult::Skipped(cause), .. }] => &cause.detail,
        other => panic!("not one skipped message: {other:#?}"),
    }
}

/// Puts other values in the place of some of a record's, or adds them.
pub(crate) fn change(record: &mut Value, changes: Value) {
    let (Value::Object(record), Value::Object(changes)) = (record, changes) else { panic!("not two objects") };
    record.extend(changes);
}

/// A text that a field is set to.
pub(crate) fn set(text: &str) -> Field<String> {
    Field::Set(text.to_owned())
}

/// Whether a message comes in, goes out or is a note.
pub(crate) fn kind(draft: &Draft) -> Kind {
    Update::new(draft.clone()).expect("a valid update").kind()
}

/// The routing of a message that has one.
pub(crate) fn source(draft: &Draft) -> &Source {
    draft.source.value().expect("a source")
}

/// An address with a name; either may be empty, which is none.
pub(crate) fn at(name: &str, address: &str) -> Address {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Address { name: some(name), address: some(address) }
}

/// A person who is known by an address only.
pub(crate) fn person(email: &str) -> Field<Person> {
    Field::Set(Person { id: None, email: Some(email.to_owned()) })
}
