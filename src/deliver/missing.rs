//! `--write missing`: what is left to write once it is known what the account holds.

use serde_json::{Map, Value};

use crate::update::{Channel, FieldName, Via};

/// The part of `planned` that fills what `held` lacks, with the ids and whatever the API requires.
///
/// What the API requires is sent as the account has it, where it has it and an update may say it.
pub(super) fn only_missing(planned: &Map<String, Value>, held: &Map<String, Value>) -> Map<String, Value> {
    FieldName::ALL
        .into_iter()
        .filter_map(|field| {
            let name = field.name();
            let planned = planned.get(name)?;
            let held = held.get(name).filter(|value| !is_nothing(value));
            let value = match (field, held) {
                (FieldName::ExternalId | FieldName::MessageId, _) | (_, None) => planned,
                (FieldName::Channel, Some(held)) => writable(held, planned, |name| Channel::from_name(name).is_some()),
                (FieldName::Via, Some(held)) => writable(held, planned, |name| Via::from_name(name).is_some()),
                (FieldName::FromAgent | FieldName::SentDatetime, Some(held)) => held,
                (_, Some(_)) => return None,
            };
            Some((name.to_owned(), value.clone()))
        })
        .collect()
}

/// Whether Gorgias may mail a customer what `body` makes of a message.
///
/// The plan lets a note be without a time. Where the account holds something else than a note and that is kept, the note's
/// freedom ends.
pub(super) fn may_be_mailed(body: &Map<String, Value>) -> bool {
    let is_note = body.get("channel").and_then(Value::as_str) == Some(Channel::InternalNote.name());
    !is_note && body.get("sent_datetime").is_none_or(Value::is_null)
}

/// Whether `held` already belongs to a message with another id.
pub(super) fn other_external_id<'a>(held: &'a Map<String, Value>, ours: &str) -> Option<&'a str> {
    held.get("external_id").and_then(Value::as_str).filter(|id| !id.is_empty() && *id != ours)
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The API answers with values that it does not take, such as custom channels.
fn writable<'a>(held: &'a Value, planned: &'a Value, is_known: impl Fn(&str) -> bool) -> &'a Value {
    if held.as_str().is_some_and(is_known) { held } else { planned }
}
