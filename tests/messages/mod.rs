//! Updates and messages of every sort, and an account that is as simple as a map.

#![allow(dead_code, reason = "each test file takes what it needs")]
#![allow(clippy::expect_used, reason = "a test may panic")]

use deskferry::update::{Also, FieldName, Write, Writes};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

pub(crate) type Message = Map<String, Value>;

pub(crate) fn map(value: Value) -> Message {
    serde_json::from_value(value).expect("an object")
}

pub(crate) fn bits(fields: &[FieldName]) -> u16 {
    fields.iter().fold(0, |bits, field| bits | field.bit())
}

pub(crate) fn fields(bits: u16) -> Vec<FieldName> {
    FieldName::ALL.into_iter().filter(|field| bits & field.bit() != 0).collect()
}

pub(crate) fn writes(write: Write) -> Writes {
    Writes { write, also: Also::ALL.to_vec(), replace_external_id: false }
}

pub(crate) fn any_writes() -> impl Strategy<Value = Writes> {
    let also = prop::sample::subsequence(Also::ALL.to_vec(), 0..=3);
    (prop::sample::select(Write::ALL.to_vec()), also, any::<bool>())
        .prop_map(|(write, also, replace_external_id)| Writes { write, also, replace_external_id })
}

/// What the account shows of a person; those of ids 1 to 3 have an email.
pub(crate) fn person(id: u64) -> Value {
    let email = (id < 4).then(|| format!("p{id}@shop.example"));
    json!({"id": id, "email": email, "name": format!("Person {id}"), "firstname": "Person", "lastname": null, "meta": {}})
}

/// Stores `body` as the account does: people are looked up, and routing is replaced as a whole.
pub(crate) fn apply(held: &Message, body: &Message) -> Message {
    let mut held = held.clone();
    for (name, value) in body {
        let value = match name.as_str() {
            "sender" | "receiver" => looked_up(value),
            _ => value.clone(),
        };
        held.insert(name.clone(), value);
    }
    held
}

fn looked_up(given: &Value) -> Value {
    let known = (1..4).find(|&id| {
        given["id"] == id || given["id"].is_null() && given["email"].as_str().map(str::to_lowercase) == email(id)
    });
    match (known, given["id"].as_u64()) {
        (Some(id), _) | (None, Some(id)) => person(id),
        (None, None) => json!({"id": 1000, "email": given["email"], "name": null}),
    }
}

fn email(id: u64) -> Option<String> {
    person(id)["email"].as_str().map(str::to_owned)
}

fn pick(values: Value) -> BoxedStrategy<Option<Value>> {
    let Value::Array(values) = values else { panic!("a list") };
    prop::sample::select(values).prop_map(Some).boxed()
}

fn object(fields: Vec<(&'static str, BoxedStrategy<Option<Value>>)>) -> BoxedStrategy<Message> {
    let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    values
        .prop_map(move |values| {
            let entries = names.iter().zip(values);
            entries.filter_map(|(name, value)| Some(((*name).to_owned(), value?))).collect()
        })
        .boxed()
}

/// Or absent.
fn maybe(values: Value) -> BoxedStrategy<Option<Value>> {
    prop_oneof![2 => pick(values), 1 => Just(None)].boxed()
}

/// The body of a valid update; its `sent_datetime` may be missing only where it makes a note.
pub(crate) fn any_update() -> BoxedStrategy<Message> {
    object(vec![
        ("attachments", maybe(json!([[], [file("a")], [file("a"), file("b")]]))),
        ("body_html", maybe(json!([null, "", "<p>a</p>", "<P> a </P>", "<p>b</p>"]))),
        ("body_text", maybe(json!([null, "", "a", "a\nb", "a \r\nb"]))),
        ("channel", pick(json!(["email", "chat", "internal-note"]))),
        ("external_id", pick(json!(["1", "2"]))),
        ("failed_datetime", maybe(json!([null, "2024-05-01T10:00:00+00:00", "2024-05-01T11:00:00+00:00"]))),
        ("from_agent", pick(json!([true, false]))),
        ("message_id", maybe(json!([null, "<a@b>", " <a@b>", "<c@d>"]))),
        ("receiver", maybe(json!([{"id": 1}, {"email": "P2@shop.example"}, {"email": "new@shop.example"}]))),
        ("sender", maybe(json!([{"id": 1}, {"id": 7}, {"email": "p2@shop.example"}]))),
        ("sent_datetime", maybe(json!(["2024-05-01T10:00:00+00:00", "2024-05-01T11:00:00+00:00"]))),
        ("source", maybe(json!([{"type": "email"}, {"type": "email", "from": address("A@b")}, routing()]))),
        ("subject", maybe(json!([null, "", "An order", "Another"]))),
        ("via", pick(json!(["zendesk", "email"]))),
    ])
    .prop_map(|mut update| {
        if update["channel"] != "internal-note" {
            update.entry("sent_datetime").or_insert(json!("2024-05-01T10:00:00+00:00"));
        }
        update
    })
    .boxed()
}

/// A message as the account holds it, with what no update can say among it.
pub(crate) fn any_held() -> BoxedStrategy<Message> {
    object(vec![
        ("attachments", maybe(json!([null, [], [file("a")], [stored_file()], [{"name": "a"}]]))),
        ("body_html", maybe(json!([null, "", "<p>a</p>", "<p>\na</p>", "<p>z</p>"]))),
        ("body_text", maybe(json!([null, "", "a", "a\nb", " "]))),
        ("channel", maybe(json!([null, "email", "chat", "internal-note", "carrier-pigeons"]))),
        ("external_id", maybe(json!([null, "", "1", "2", "3"]))),
        ("failed_datetime", maybe(json!([null, "2024-05-01T10:00:00", "2024-05-02T10:00:00+00:00"]))),
        ("from_agent", maybe(json!([null, true, false]))),
        ("message_id", maybe(json!([null, "", "<a@b>", "<z@z>"]))),
        ("receiver", maybe(json!([null, {}, person(1), person(2), person(9), {"id": null, "name": "Ann"}]))),
        ("sender", maybe(json!([null, person(1), person(2), person(3), {"id": null, "name": "Ann"}]))),
        ("sent_datetime", maybe(json!([null, "2024-05-01T10:00:00", "2024-05-03T10:00:00+00:00", "soon"]))),
        (
            "source",
            maybe(json!([
                null, {}, {"type": "email", "from": address("a@b")}, {"type": "email", "extra": {"a": 1}},
                {"extra": null}, routing(), {"type": "chat", "from": null, "to": []}
            ])),
        ),
        ("subject", maybe(json!([null, "", "An order", "Held"]))),
        ("via", maybe(json!([null, "zendesk", "helpdesk", "gorgias_chat"]))),
        ("public", pick(json!([true, false]))),
        ("stripped_text", pick(json!([null, "a"]))),
    ])
}

fn file(name: &str) -> Value {
    json!({"url": format!("https://old.example/{name}"), "name": name, "size": 3, "content_type": "text/plain"})
}

/// As the account might show its own copy.
fn stored_file() -> Value {
    json!({"id": 8, "url": "https://kept.example/1", "name": "a", "size": 3, "content_type": "text/plain"})
}

fn address(address: &str) -> Value {
    json!({"name": null, "address": address})
}

fn routing() -> Value {
    json!({"type": "email", "from": address("a@b"), "to": [address("c@d")], "cc": [], "bcc": [address("e@f")]})
}
