//! The same checkup as JSON, for machines.

use serde_json::{Value, json};

use super::checkup_text::{shown_value, words_there};
use crate::mapping::{Mapping, Unmet, Unread, kinds_of};
use crate::run::{Checkup, Counted, Example, Reason};
use crate::update::FieldName;

/// The name and version of the schema; raised when a field changes its meaning or goes.
pub const CHECKUP_SCHEMA: &str = "deskferry.checkup/1";

/// The checkup of `mapping` as JSON; values of the export are in it only if `show_content`. Without a checkup, only what
/// the mapping itself says.
pub fn checkup_json(checkup: Option<&Checkup>, mapping: &Mapping, show_content: bool) -> Value {
    let lookups = mapping.lookups().iter();
    let lookups = lookups.map(|need| json!({"name": need.name, "files": need.files, "optional": need.optional}));
    json!({
        "schema": CHECKUP_SCHEMA,
        "mapping": mapping.name(),
        "system": mapping.system(),
        "files": mapping.files(),
        "lookups": lookups.collect::<Vec<_>>(),
        "sets": mapping.sets().into_iter().map(FieldName::name).collect::<Vec<_>>(),
        "export": checkup.map(|checkup| export(checkup, mapping, show_content)),
    })
}

fn export(checkup: &Checkup, mapping: &Mapping, show_content: bool) -> Value {
    let names = mapping.block_names();
    let block = |number: u16| names.get(usize::from(number)).map(ToString::to_string);
    let made = checkup
        .made
        .iter()
        .map(|row| json!({"block": block(row.block), "kind": row.kind.word(), "messages": row.messages}));
    let unknown = checkup.unknown.rows.iter().map(|(value, number, example)| {
        json!({
            "table": value.table,
            "value": shown_value(value, show_content),
            "becomes": value.becomes.word(),
            "messages": number,
            "example": place(example),
        })
    });
    let never_there =
        checkup.never_there.iter().map(|one| json!({"path": one.path, "line": one.line, "guess": one.guess}));
    json!({
        "records": checkup.records,
        "messages": checkup.messages,
        "made": made.collect::<Vec<_>>(),
        "skipped": reasons(&checkup.skipped, &block),
        "blocked": reasons(&checkup.blocked, &block),
        "unknown_values": unknown.collect::<Vec<_>>(),
        "unmet_words": checkup.unmet.iter().map(|one| unmet(one, &block, show_content)).collect::<Vec<_>>(),
        "repeated": checkup.repeated,
        "sharing_ids": checkup.sharing_ids,
        "never_there": never_there.collect::<Vec<_>>(),
        "never_read": checkup.unread.iter().map(|one| unread(one, show_content)).collect::<Vec<_>>(),
        "never_filled": checkup.never_filled,
        "is_cut": checkup.is_cut,
    })
}

fn reasons(reasons: &Counted<Reason>, block: &dyn Fn(u16) -> Option<String>) -> Value {
    let rows = reasons.rows.iter().map(|(reason, number, example)| {
        json!({
            "block": block(reason.block),
            "kind": reason.cause.kind.name(),
            "detail": reason.cause.detail,
            "advice": reason.cause.kind.advice(),
            "messages": number,
            "example": place(example),
            "values": example.values,
        })
    });
    json!({"messages": reasons.messages(), "reasons": rows.collect::<Vec<_>>(), "others": reasons.others})
}

fn unmet(unmet: &Unmet, block: &dyn Fn(u16) -> Option<String>, show_content: bool) -> Value {
    let there = words_there(unmet, show_content);
    let there = there.iter().map(|(word, times)| json!({"value": word, "times": times}));
    json!({
        "block": block(unmet.block),
        "place": unmet.place,
        "path": unmet.path,
        "words": unmet.words,
        "there": there.collect::<Vec<_>>(),
        "guess": unmet.guess,
    })
}

fn unread(unread: &Unread, show_content: bool) -> Value {
    let samples: Option<Vec<_>> =
        show_content.then(|| unread.samples.iter().map(|sample| sample.text.as_str()).collect());
    json!({
        "path": unread.path,
        "filled": unread.filled,
        "of": unread.of,
        "kinds": kinds_of(&unread.samples),
        "samples": samples,
    })
}

fn place(example: &Example) -> Value {
    json!({"file": example.file.display().to_string(), "line": example.line, "external_id": example.external_id})
}
