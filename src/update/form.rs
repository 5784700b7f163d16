//! A held value in the form in which an update may say it again.
//!
//! The API answers with more than it takes: custom channels, whole people, routing with keys of its own, nulls where an
//! update must have a value. What can be said again decides what a run may leave as it is, and what can be undone.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::{Channel, FieldName, Via, time};

/// What stands for a property that is not there.
pub(super) static NULL: Value = Value::Null;

/// What an update says so that the account holds `held` in `field`; `None` where no update can.
///
/// `sent_datetime` is never null: an update that cleared it might have the message mailed.
pub(super) fn writable(field: FieldName, held: Option<&Value>) -> Option<Cow<'_, Value>> {
    let held = held.unwrap_or(&NULL);
    let as_it_is = |is_taken: bool| is_taken.then_some(Cow::Borrowed(held));
    match field {
        FieldName::BodyHtml
        | FieldName::BodyText
        | FieldName::ExternalId
        | FieldName::MessageId
        | FieldName::Subject => as_it_is(held.is_null() || held.is_string()),
        FieldName::FailedDatetime if held.is_null() => as_it_is(true),
        FieldName::FailedDatetime | FieldName::SentDatetime => {
            held.as_str().and_then(time::writable).map(|text| Cow::Owned(Value::String(text)))
        }
        FieldName::Channel => as_it_is(held.as_str().and_then(Channel::from_name).is_some()),
        FieldName::Via => as_it_is(held.as_str().and_then(Via::from_name).is_some()),
        FieldName::FromAgent => as_it_is(held.is_boolean()),
        FieldName::Receiver | FieldName::Sender => person(held).map(Cow::Owned),
        FieldName::Source => source(held).map(Cow::Owned),
        FieldName::Attachments => attachments(held).map(Cow::Owned),
    }
}

/// Whether the account, told [`writable`], holds all of `held` again.
pub(super) fn can_be_put_back(field: FieldName, held: Option<&Value>) -> bool {
    let Some(form) = writable(field, held) else { return false };
    match field {
        FieldName::Source => Some(&*form) == held,
        // An empty list says no less than null.
        FieldName::Attachments => held.is_none_or(|held| held.is_null() || *held == *form),
        _ => true,
    }
}

/// The id alone where there is one: an email beside it could change the person.
fn person(held: &Value) -> Option<Value> {
    if let Some(id) = held.get("id").and_then(Value::as_u64) {
        return Some(json!({"id": id}));
    }
    let email = held.get("email")?.as_str().filter(|email| !email.trim().is_empty())?;
    Some(json!({"email": email}))
}

fn source(held: &Value) -> Option<Value> {
    let kept = held.as_object()?.iter().filter_map(|(key, value)| {
        let value = match key.as_str() {
            "type" if value.is_string() => value.clone(),
            "from" => part(value, &["name", "address"])?,
            "to" | "cc" | "bcc" => list(value, |entry| part(entry, &["name", "address"]))?,
            _ => return None,
        };
        Some((key.clone(), value))
    });
    let kept: Map<String, Value> = kept.collect();
    (!kept.is_empty()).then_some(Value::Object(kept))
}

fn attachments(held: &Value) -> Option<Value> {
    if held.is_null() {
        return Some(json!([]));
    }
    list(held, |file| {
        let is_whole = ["url", "name", "content_type"].iter().all(|key| file.get(key).is_some_and(Value::is_string));
        is_whole.then(|| part(file, &["url", "name", "size", "content_type", "public", "extra"]))?
    })
}

/// The part of an object that has these keys.
fn part(value: &Value, keys: &[&str]) -> Option<Value> {
    let kept = value.as_object()?.iter().filter(|(key, _)| keys.contains(&key.as_str()));
    Some(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn list(value: &Value, entry: impl Fn(&Value) -> Option<Value>) -> Option<Value> {
    value.as_array()?.iter().map(entry).collect::<Option<Vec<_>>>().map(Value::Array)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{can_be_put_back, writable};
    use crate::update::FieldName;

    /// Each field, what is held, what an update says, and whether that is all of it.
    #[test]
    fn what_is_held_is_said_again_as_far_as_an_update_can() {
        use FieldName as F;
        let file = json!({"url": "https://f.example/a", "name": "a", "content_type": "text/plain", "size": null});
        let cases: [(F, Value, Value, bool); 20] = [
            (F::Subject, json!(null), json!(null), true),
            (F::BodyText, json!(""), json!(""), true),
            (F::ExternalId, json!(" 7"), json!(" 7"), true),
            (F::FailedDatetime, json!(null), json!(null), true),
            (F::FailedDatetime, json!("2024-05-01T10:00:00"), json!("2024-05-01T10:00:00+00:00"), true),
            (F::SentDatetime, json!("2024-05-01T10:00:00Z"), json!("2024-05-01T10:00:00Z"), true),
            (F::Channel, json!("email"), json!("email"), true),
            (F::Via, json!("zendesk"), json!("zendesk"), true),
            (F::FromAgent, json!(false), json!(false), true),
            (F::Sender, json!({"id": 7, "email": "a@b.example", "name": "Ann"}), json!({"id": 7}), true),
            (F::Receiver, json!({"id": null, "email": "a@b.example"}), json!({"email": "a@b.example"}), true),
            (F::Source, json!({"type": "email", "to": []}), json!({"type": "email", "to": []}), true),
            (
                F::Source,
                json!({"type": "email", "from": {"name": null, "address": "a@b.example"}}),
                json!({"type": "email", "from": {"name": null, "address": "a@b.example"}}),
                true,
            ),
            (F::Source, json!({"type": "email", "extra": {"a": 1}}), json!({"type": "email"}), false),
            (F::Source, json!({"type": "email", "from": null}), json!({"type": "email"}), false),
            (F::Source, json!({"from": {"address": "a", "id": 3}}), json!({"from": {"address": "a"}}), false),
            (F::Attachments, json!(null), json!([]), true),
            (F::Attachments, json!([]), json!([]), true),
            (F::Attachments, json!([file]), json!([file]), true),
            (
                F::Attachments,
                json!([{"id": 1, "url": "u", "name": "n", "content_type": "c"}]),
                json!([{"url": "u", "name": "n", "content_type": "c"}]),
                false,
            ),
        ];
        for (field, held, said, whole) in cases {
            assert_eq!(writable(field, Some(&held)).as_deref(), Some(&said), "{field:?} {held}");
            assert_eq!(can_be_put_back(field, Some(&held)), whole, "{field:?} {held}");
        }
    }

    #[test]
    fn what_no_update_can_say_is_known() {
        use FieldName as F;
        for (field, held) in [
            (F::SentDatetime, json!(null)),
            (F::SentDatetime, json!("soon")),
            (F::Channel, json!("carrier-pigeons")),
            (F::Channel, json!(null)),
            (F::Via, json!("gorgias_chat")),
            (F::FromAgent, json!(null)),
            (F::Sender, json!(null)),
            (F::Receiver, json!({"id": null, "email": "", "name": "Ann"})),
            (F::Source, json!(null)),
            (F::Source, json!({})),
            (F::Attachments, json!([{"name": "n"}])),
            (F::Subject, json!(7)),
        ] {
            assert_eq!(writable(field, Some(&held)), None, "{field:?} {held}");
            assert!(!can_be_put_back(field, Some(&held)), "{field:?} {held}");
        }
        assert!(!can_be_put_back(F::SentDatetime, None));
        assert!(can_be_put_back(F::Subject, None));
    }
}
