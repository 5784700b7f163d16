//! What a field says, apart from how it is spelled: the normal forms in which two values are compared, as hashes.
//!
//! Gorgias stores some values otherwise than they are sent: times get another spelling, HTML is cleaned, an id becomes
//! a whole person. What it may change so is left out of the normal form; everything else is in it.

mod html;
mod text;

pub(super) use html::html;
pub(super) use text::text;

use serde_json::{Value, json};

use super::{FieldName, time};

/// The most parts that a field has.
pub(super) const MOST_PARTS: usize = 5;

/// The parts of a field, each a hash, 0 where it says nothing. A part that a field does not have is 0, too.
pub(super) type Parts = [u64; MOST_PARTS];

/// How many parts a field has: people have an id and an email; routing has a type, a sender and three lists.
pub(super) const fn parts_of(field: FieldName) -> usize {
    match field {
        FieldName::Receiver | FieldName::Sender => 2,
        FieldName::Source => MOST_PARTS,
        _ => 1,
    }
}

/// What `value` says as the value of `field`.
pub(super) fn parts(field: FieldName, value: Option<&Value>) -> Parts {
    let Some(value) = value.filter(|value| !is_nothing(value)) else { return Parts::default() };
    match field {
        FieldName::Receiver | FieldName::Sender => person(value),
        FieldName::Source => source(value),
        _ => [single(field, value), 0, 0, 0, 0],
    }
}

/// Whether `held` says all that `ours` says; what ours leaves out may be anything, but for a field that says nothing.
pub(super) fn agree(ours: &[u64], held: &[u64]) -> bool {
    if is_silent(ours) {
        return is_silent(held);
    }
    ours.iter().zip(held).all(|(ours, held)| *ours == 0 || ours == held)
}

/// Whether a field with these parts says nothing.
pub(super) fn is_silent(parts: &[u64]) -> bool {
    parts.iter().all(|&part| part == 0)
}

/// The first 8 bytes of a BLAKE3 hash; never 0, which stands for nothing.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&blake3::hash(bytes).as_bytes()[..8]);
    u64::from_le_bytes(first).max(1)
}

/// Null, an empty text or list, and an object of nothing but those.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.values().all(is_nothing),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn single(field: FieldName, value: &Value) -> u64 {
    if field == FieldName::Attachments {
        return value.as_array().map_or_else(|| odd(value), |files| list(files, attachment));
    }
    let Some(said) = value.as_str() else { return odd(value) };
    match field {
        FieldName::FailedDatetime | FieldName::SentDatetime => {
            time::read(said).map_or_else(|| odd(value), |at| hash(at.as_nanosecond().to_string().as_bytes()))
        }
        FieldName::BodyHtml => hash_of(&html(said)),
        FieldName::BodyText => hash_of(&text(said)),
        FieldName::MessageId => hash_of(said.trim()),
        _ => hash_of(said),
    }
}

fn hash_of(text: &str) -> u64 {
    if text.is_empty() { 0 } else { hash(text.as_bytes()) }
}

/// A value of another type than the field has, which agrees with its like alone.
fn odd(value: &Value) -> u64 {
    hash(format!("\0{value}").as_bytes())
}

/// A list without the entries that say nothing.
fn list(entries: &[Value], normal: fn(&Value) -> Value) -> u64 {
    let said: Vec<_> = entries.iter().map(normal).filter(|entry| !is_nothing(entry)).collect();
    if said.is_empty() { 0 } else { hash(Value::Array(said).to_string().as_bytes()) }
}

/// Without the link: Gorgias may keep a copy of its own elsewhere.
fn attachment(file: &Value) -> Value {
    match file {
        Value::Object(_) => json!({"name": file.get("name"), "content_type": file.get("content_type")}),
        other => other.clone(),
    }
}

fn person(value: &Value) -> Parts {
    let scalar = |key: &str| value.get(key).filter(|part| !is_nothing(part));
    let id = scalar("id").map_or(0, |id| id.as_str().map_or_else(|| hash(id.to_string().as_bytes()), hash_of));
    let email =
        scalar("email").map_or(0, |email| email.as_str().map_or_else(|| odd(email), |email| hash_of(&lower(email))));
    // Somebody whom neither an id nor an email names agrees with the very same alone.
    let id = if id == 0 && email == 0 { odd(value) } else { id };
    [id, email, 0, 0, 0]
}

/// The keys that an update has; routing without any of them agrees with the very same alone.
fn source(value: &Value) -> Parts {
    let part = |key: &str| value.get(key).filter(|part| !is_nothing(part));
    let kind = part("type").map_or(0, |kind| kind.as_str().map_or_else(|| odd(kind), hash_of));
    let from = part("from").map(address).filter(|from| !is_nothing(from));
    let from = from.map_or(0, |from| hash(from.to_string().as_bytes()));
    let [to, cc, bcc] = ["to", "cc", "bcc"].map(|key| {
        part(key).map_or(0, |value| value.as_array().map_or_else(|| odd(value), |entries| list(entries, address)))
    });
    let parts = [kind, from, to, cc, bcc];
    if is_silent(&parts) { [odd(value), 0, 0, 0, 0] } else { parts }
}

fn address(value: &Value) -> Value {
    if !value.is_object() {
        return value.clone();
    }
    let part = |key: &str| value.get(key).filter(|part| !is_nothing(part));
    let address =
        part("address").map(|address| address.as_str().map_or_else(|| address.clone(), |it| lower(it).into()));
    let said = [("name", part("name").cloned()), ("address", address)];
    said.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

fn lower(address: &str) -> String {
    address.trim().to_lowercase()
}
