//! The mapping file as a JSON Schema, for editors that complete TOML and check it while it is typed.
//!
//! It is made of the lists that the compiler itself goes by: keys, fields, parts, transforms, and the words of closed
//! lists. What only a compiler can say (whether a path can be read, whether a chain of transforms fits) it leaves to
//! `deskferry mapping check`.

use serde_json::{Map, Value, json};

use super::field::CLEARABLE;
use super::fields::{FROM, PERSON, SOURCE};
use super::head::LOOKUP_KEYS;
use super::list::{self, ADDRESS, ATTACHMENT, Parts};
use super::message::{self, NEEDED, SKIP_KEYS, TARGET_KEYS, TICKET_KEYS};
use super::spec::{self, SOURCES, WHEN_MISSING, WHEN_UNKNOWN};
use super::want::Want;
use super::{KEYS, matching};
use crate::export::Format;
use crate::mapping::doubles::Doubles;
use crate::mapping::transform::{Argument, Transform};
use crate::mapping::value::Type;
use crate::record::MatchRule;
use crate::update::{Channel, FieldName, Via};

/// How the file is called that a mapping's first line names.
pub const SCHEMA_FILE: &str = "deskferry-mapping.schema.json";

/// The JSON Schema (draft 2020-12) of a mapping.
pub fn schema() -> Value {
    let mut schema = table(KEYS, &["name", "system", "message"], head);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("A mapping of deskferry");
    schema["$defs"] = definitions();
    schema
}

/// What is meant by name in many places.
fn definitions() -> Value {
    let mut all = Map::new();
    all.insert("texts".to_owned(), json!({"anyOf": [text(), {"type": "array", "items": text()}]}));
    all.insert("constant".to_owned(), json!({"type": ["string", "integer", "boolean"]}));
    all.insert("step".to_owned(), step());
    for want in Want::ALL {
        for may_clear in [false, true] {
            all.insert(ways_name(want, may_clear), one_or_more(&one_way(want, may_clear)));
        }
    }
    all.insert("addresses".to_owned(), lists("addresses", &ADDRESS));
    Value::Object(all)
}

/// A table with these keys and no others. What has no definition may be anything.
fn table(keys: &[&str], required: &[&str], define: impl Fn(&str) -> Value) -> Value {
    let properties: Map<_, _> = keys.iter().map(|key| ((*key).to_owned(), define(key))).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn text() -> Value {
    json!({"type": "string"})
}

fn defined(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

fn texts() -> Value {
    defined("texts")
}

fn boolean() -> Value {
    json!({"type": "boolean"})
}

fn constant() -> Value {
    defined("constant")
}

fn one_of<'w>(words: impl IntoIterator<Item = &'w str>) -> Value {
    json!({"enum": words.into_iter().collect::<Vec<_>>()})
}

/// `schema`, and what an editor says about it.
fn about(words: &str, mut schema: Value) -> Value {
    schema["description"] = json!(words);
    schema
}

/// The head of a mapping.
fn head(key: &str) -> Value {
    match key {
        "name" => about("What it is called", text()),
        "system" => about("What reports call the system", text()),
        "experimental" => about("No real export was at hand when it was written; the plan says so", boolean()),
        "format" => {
            about("How the files are written; found out where left out", one_of(Format::NAMED.map(Format::word)))
        }
        "files" => about("Names of the files that hold records, with * and ?", texts()),
        "records" => about("Where in a JSON document the records are, such as data.tickets, or . for itself", text()),
        "encoding" => about("The encoding of a text file that is not UTF-8, such as windows-1252", text()),
        "separator" => about("What separates the cells of a CSV, where that can't be told", text()),
        "optional_columns" => about("Columns of a CSV that may be missing; they are then empty", texts()),
        "timezone" => about("What a time without a zone means, such as UTC or Europe/Berlin", text()),
        "doubles" => {
            let words = one_of(Doubles::ALL.map(Doubles::word));
            about("Which of two different records with one external_id is carried over", words)
        }
        "lookups" => {
            let lookup = table(LOOKUP_KEYS, &["key"], lookup);
            about("Side files that records are joined with", json!({"type": "object", "additionalProperties": lookup}))
        }
        "tables" => {
            let rows = json!({"type": "object", "additionalProperties": constant()});
            let words = "Words of the export, and what they are in Gorgias";
            about(words, json!({"type": "object", "additionalProperties": rows}))
        }
        "match" => about("How a message is found in Gorgias", table(matching::KEYS, &[], match_key)),
        "message" => {
            let block = table(message::KEYS, &["fields"], block);
            about("The kinds of message in a record", json!({"type": "array", "items": block, "minItems": 1}))
        }
        _ => json!({}),
    }
}

fn lookup(key: &str) -> Value {
    match key {
        "files" => about("Names of its files, with * and ?", texts()),
        "key" => about("What its rows are found by: a path in the row", text()),
        "records" => about("Where in a JSON document its rows are", text()),
        "optional" => about("The mapping works without it; then nobody is found in it", boolean()),
        _ => json!({}),
    }
}

fn match_key(key: &str) -> Value {
    match key {
        "rules" => {
            let rule = one_of(MatchRule::ALL.map(MatchRule::word));
            let list = json!({"type": "array", "items": rule, "minItems": 1, "uniqueItems": true});
            about("The rules, in the order in which they are tried", json!({"anyOf": [rule, list]}))
        }
        "within" => {
            let time = json!({"type": "string", "pattern": "^[0-9]+[smh]$"});
            about("How far apart the two times of one message may lie, such as 90s, 1m, 2h", time)
        }
        _ => json!({}),
    }
}

/// A `[[message]]` block.
fn block(key: &str) -> Value {
    match key {
        "name" => about("What reports call this kind of message", text()),
        "files" => about("The block is only for records of these files", texts()),
        "when" => about("The block is only for records where this holds", text()),
        "each" => about("The path to the messages in the record; without it the record is the message", texts()),
        "optional" => about("A record without the list holds no message of this kind", boolean()),
        "skip" => {
            let rule = table(SKIP_KEYS, SKIP_KEYS, |_| text());
            about("Messages that are left out, each with the reason", json!({"type": "array", "items": rule}))
        }
        "newest" => about("What tells which of two copies is newer: a number or a time", ways("newest", Want::Version)),
        "fields" => {
            let fields: Vec<_> = FieldName::ALL.iter().map(|field| field.name()).collect();
            about("The fields of the update", table(&fields, &NEEDED, field))
        }
        "ticket" => {
            let id = table(TICKET_KEYS, &[], |_| ways("ticket.external_id", Want::Filled));
            about("The ticket in the old system: order goes by it, and matching", id)
        }
        "target" => {
            let ids = table(TARGET_KEYS, TARGET_KEYS, |_| ways("target", Want::Integer));
            about("Where the message is in Gorgias, if the export says it", ids)
        }
        _ => json!({}),
    }
}

/// A field of the update.
fn field(name: &str) -> Value {
    let Some(field) = FieldName::from_name(name) else { return json!({}) };
    match field {
        FieldName::BodyHtml | FieldName::BodyText | FieldName::ExternalId | FieldName::Subject => {
            ways(name, Want::Text)
        }
        FieldName::MessageId => ways(name, Want::Filled),
        FieldName::Channel => ways(name, Want::Channel),
        FieldName::Via => ways(name, Want::Via),
        FieldName::FromAgent => ways(name, Want::Boolean),
        FieldName::FailedDatetime | FieldName::SentDatetime => ways(name, Want::Time),
        FieldName::Receiver | FieldName::Sender => {
            table(PERSON, &[], |part| ways(part, if part == "id" { Want::Integer } else { Want::Filled }))
        }
        FieldName::Source => table(SOURCE, &["type"], |part| match part {
            "type" => ways(part, Want::Filled),
            "from" => table(FROM, &[], |part| ways(part, Want::Filled)),
            _ => defined("addresses"),
        }),
        FieldName::Attachments => lists(name, &ATTACHMENT),
    }
}

/// One way to make something, or a list of ways.
fn one_or_more(way: &Value) -> Value {
    json!({"anyOf": [way, {"type": "array", "items": way, "minItems": 1}]})
}

/// The ways to make the single value `name`.
fn ways(name: &str, want: Want) -> Value {
    defined(&ways_name(want, CLEARABLE.contains(&name)))
}

fn ways_name(want: Want, may_clear: bool) -> String {
    let clear = if may_clear { " that can be cleared" } else { "" };
    format!("{}{clear}", want.words()).replace(' ', "-")
}

fn one_way(want: Want, may_clear: bool) -> Value {
    let mut way = table(spec::KEYS, &[], |key| way(key, want, may_clear));
    way["oneOf"] = SOURCES.iter().map(|source| json!({"required": [source]})).collect();
    way["not"] = json!({"required": ["is", "is_not"]});
    // What comes through a transform, a table or a comparison is another value.
    let changed = ["apply", "table", "is", "is_not"].map(|key| json!({"required": [key]}));
    way["if"] = json!({"not": {"anyOf": changed}});
    way["then"] = json!({"properties": {"value": words(want)}});
    way
}

fn way(key: &str, want: Want, may_clear: bool) -> Value {
    match key {
        "from" => about("The path to the value; of several, the first that holds something", texts()),
        "value" => about("Always this value", constant()),
        "template" => about("Text with paths in it: Call from {raw_digits}", text()),
        "expr" => about("An expression, for what nothing else says", text()),
        "with" => {
            let paths = json!({"type": "object", "additionalProperties": text()});
            about("The names that the expression sees, and their paths", paths)
        }
        "when" => about("The way applies only where this condition holds", text()),
        "apply" => {
            let step = defined("step");
            let chain = json!({"anyOf": [step, {"type": "array", "items": step}]});
            about("Transforms, one after another", chain)
        }
        "table" => about("The table in which the result is looked up", text()),
        "is" => about("True where the result is this", constant()),
        "is_not" => about("False where the result is this", constant()),
        "default" => about("What it is where the source is missing, or the table does not know it", words(want)),
        "required" => about("A missing value blocks the message", boolean()),
        "when_missing" => about("What becomes of a missing value", when_missing(may_clear)),
        "when_unknown" => {
            let words = one_of(WHEN_UNKNOWN);
            about("What becomes of a value that the table does not know", words)
        }
        _ => json!({}),
    }
}

fn when_missing(may_clear: bool) -> Value {
    one_of(WHEN_MISSING.into_iter().filter(|word| may_clear || *word != "clear"))
}

/// The constants that a field takes.
fn words(want: Want) -> Value {
    match want {
        Want::Channel => one_of(Channel::ALL.iter().map(|channel| channel.name())),
        Want::Via => one_of(Via::ALL.iter().map(|via| via.name())),
        Want::Boolean => boolean(),
        Want::Text | Want::Filled => text(),
        Want::Integer | Want::Version => json!({"type": "integer"}),
        // A constant is no time before a transform has read it.
        Want::Time => constant(),
    }
}

/// The ways to make a list.
fn lists(name: &str, parts: &Parts) -> Value {
    let way = table(list::KEYS, &["fields"], |key| match key {
        "each" => about("The path to a list", text()),
        "skip" => about("Elements where this condition holds are left out", text()),
        "fields" => {
            let names: Vec<_> = parts.names.iter().map(|(part, _)| *part).collect();
            let want = |part: &str| parts.names.iter().find(|(name, _)| *name == part).map(|(_, want)| *want);
            let fields = table(&names, parts.needed, |part| want(part).map_or(json!({}), |want| ways(part, want)));
            about("The parts of an element", fields)
        }
        // The rest is as for a single value.
        _ => self::way(key, Want::Text, name == "attachments"),
    });
    one_or_more(&way)
}

/// A step of `apply`.
fn step() -> Value {
    let steps = Transform::ALL.iter().map(|transform| {
        let kinds = transform.accepts.iter().map(|kind| kind.words()).collect::<Vec<_>>().join(" or ");
        let types = format!("{kinds} → {}", Type::words(transform.gives));
        let name = json!({"const": transform.name});
        let argued = |what: &str| {
            let one = json!({"type": ["string", "integer"]});
            let argument = about(what, json!({"anyOf": [one, {"type": "array", "items": one}]}));
            table(&[transform.name], &[transform.name], |_| argument.clone())
        };
        let written = match transform.argument {
            Argument::None => name,
            Argument::Optional(what) => json!({"anyOf": [name, argued(what)]}),
            Argument::Needed(what) => argued(what),
        };
        about(&format!("{}: {types}", transform.about), written)
    });
    json!({"oneOf": steps.collect::<Vec<_>>()})
}
