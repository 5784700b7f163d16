//! The types that an update's fields may have. Each function says what is wrong with a value, or nothing.
//!
//! Whether Gorgias refuses unknown keys inside people, sources and attachments is not documented. Here they are
//! refused, because an extra key in a person may change that person: a migration that sends one should hear of it in a
//! rehearsal.

use serde_json::{Map, Value, json};

use super::moment as time;

pub(super) fn text(value: &Value) -> Option<Value> {
    (!value.is_string()).then(|| json!(["Not a valid string."]))
}

pub(super) fn at_most(value: &Value, characters: usize) -> Option<Value> {
    let long = value.as_str().is_some_and(|text| text.chars().count() > characters);
    long.then(|| json!([format!("Longer than maximum length {characters}.")]))
}

pub(super) fn flag(value: &Value) -> Option<Value> {
    (!value.is_boolean()).then(|| json!(["Not a valid boolean."]))
}

pub(super) fn moment(value: &Value) -> Option<Value> {
    let valid = value.as_str().and_then(time::read).is_some();
    (!valid).then(|| json!(["Not a valid datetime."]))
}

pub(super) fn one_of(value: &Value, valid: &[&str]) -> Option<Value> {
    let known = value.as_str().is_some_and(|text| valid.contains(&text));
    (!known).then(|| json!([format!("Must be one of: {}.", valid.join(", "))]))
}

/// `{id?, email?}`, one of them at least.
pub(super) fn person(value: &Value) -> Option<Value> {
    object(value, &[], |key, value| match key {
        "id" => positive(value),
        "email" => email(value),
        _ => unknown(),
    })
    .or_else(|| {
        let nobody = value.as_object().is_some_and(Map::is_empty);
        nobody.then(|| json!(["Either id or email is required."]))
    })
}

/// `{type, from{name,address}, to[], cc[], bcc[]}`.
pub(super) fn source(value: &Value) -> Option<Value> {
    object(value, &[], |key, value| match key {
        "type" => text(value),
        "from" => party(value),
        "to" | "cc" | "bcc" => list(value, party),
        _ => unknown(),
    })
}

pub(super) fn attachments(value: &Value) -> Option<Value> {
    list(value, |attachment| {
        object(attachment, &["url", "name", "content_type"], |key, value| match key {
            "url" | "name" | "content_type" => text(value),
            "size" if value.is_null() => None,
            "size" => (!value.is_u64()).then(|| json!(["Not a valid integer."])),
            "public" => flag(value),
            "extra" => None,
            _ => unknown(),
        })
    })
}

fn party(value: &Value) -> Option<Value> {
    object(value, &[], |key, value| match key {
        "name" | "address" if value.is_null() => None,
        "name" | "address" => text(value),
        _ => unknown(),
    })
}

fn positive(value: &Value) -> Option<Value> {
    let valid = value.as_u64().is_some_and(|id| id > 0);
    (!valid).then(|| json!(["Not a valid integer."]))
}

fn email(value: &Value) -> Option<Value> {
    let valid = value.as_str().is_some_and(|text| text.contains('@'));
    (!valid).then(|| json!(["Not a valid email address."]))
}

#[expect(clippy::unnecessary_wraps, reason = "it stands where the other checks stand")]
fn unknown() -> Option<Value> {
    Some(json!(["Unknown field."]))
}

fn object(value: &Value, required: &[&str], check: impl Fn(&str, &Value) -> Option<Value>) -> Option<Value> {
    let Value::Object(members) = value else {
        return Some(json!(["Not a valid object."]));
    };
    let wrong = members.iter().filter_map(|(key, value)| Some((key.clone(), check(key, value)?)));
    let missing = required
        .iter()
        .filter(|key| !members.contains_key(**key))
        .map(|key| ((*key).to_owned(), json!(["Missing data for required field."])));
    let complaints: Map<String, Value> = wrong.chain(missing).collect();
    (!complaints.is_empty()).then_some(Value::Object(complaints))
}

fn list(value: &Value, check: impl Fn(&Value) -> Option<Value>) -> Option<Value> {
    let Value::Array(items) = value else {
        return Some(json!(["Not a valid list."]));
    };
    let wrong = items.iter().enumerate();
    let complaints: Map<String, Value> =
        wrong.filter_map(|(index, item)| Some((index.to_string(), check(item)?))).collect();
    (!complaints.is_empty()).then_some(Value::Object(complaints))
}
