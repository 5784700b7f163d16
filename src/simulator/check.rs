//! The checks that an update's query and body go through before its target is looked up.

use serde_json::{Map, Value, json};

use super::answer::{Answer, MAX_BODY};
use super::change::Action;
use super::field::{FIELDS, Field};
use super::query::Query;

/// The `action` of an update's query, which has no other parameter.
pub(super) fn action(query: &Query) -> Result<Option<Action>, Answer> {
    query.only(&["action"])?;
    let Some(name) = query.get("action") else {
        return Ok(None);
    };
    let action = Action::named(name);
    action.map(Some).ok_or_else(|| Answer::invalid_parameter("action", "Must be one of: force, retry, cancel."))
}

/// The body of an update, or the answer that refuses it.
pub(super) fn body(bytes: &[u8]) -> Result<Map<String, Value>, Answer> {
    if bytes.len() > MAX_BODY {
        return Err(Answer::refusal(413, "Payload too large."));
    }
    let Ok(Value::Object(body)) = serde_json::from_slice(bytes) else {
        return Err(Answer::refusal(400, "The request's body is not a JSON object."));
    };
    let wrong = body.iter().filter_map(|(name, value)| {
        let complaint = match Field::named(name) {
            Some(field) => field.complaint(value)?,
            None => json!(["Unknown field."]),
        };
        Some((name.clone(), complaint))
    });
    let missing = FIELDS
        .iter()
        .filter(|field| field.required && !body.contains_key(field.name))
        .map(|field| (field.name.to_owned(), json!(["Missing data for required field."])));
    let complaints: Map<String, Value> = wrong.chain(missing).collect();
    if complaints.is_empty() { Ok(body) } else { Err(Answer::invalid(&complaints)) }
}
