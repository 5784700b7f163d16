//! Whatever stands in an export, mapping it never panics, and what goes on is never unsafe.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod mapping_support;

use std::path::Path;

use deskferry::export::Content;
use deskferry::mapping::{Mapped, MappedResult, Mapping, builtin};
use deskferry::update::{Kind, Update};
use mapping_support::{lookups, map_with};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Any JSON value, small.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![Just("source".to_owned()), Just("from".to_owned()), Just("address".to_owned()), "[a-z]{1,4}"]
}

/// An object of these keys, each with a fitting value, with any value, or left out.
fn object(fitting: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let keys: Vec<&'static str> = fitting.iter().map(|(key, _)| *key).collect();
    let values: Vec<_> = fitting
        .into_iter()
        .map(|(_, fitting)| prop_oneof![20 => fitting.prop_map(Some), 1 => any_json().prop_map(Some), 1 => Just(None)])
        .collect();
    values
        .prop_map(move |values| {
            let entries = keys.iter().zip(values).filter_map(|(key, value)| Some(((*key).to_owned(), value?)));
            Value::Object(entries.collect::<Map<_, _>>())
        })
        .boxed()
}

fn one_of(values: Vec<Value>) -> BoxedStrategy<Value> {
    prop::sample::select(values).boxed()
}

fn comment() -> BoxedStrategy<Value> {
    object(vec![
        ("id", any::<i64>().prop_map(Value::from).boxed()),
        ("type", one_of(vec![json!("Comment"), json!("VoiceComment"), json!("Change")])),
        ("author_id", one_of(vec![json!(1), json!("2"), json!(-1), json!(99)])),
        ("public", one_of(vec![json!(true), json!(false)])),
        ("created_at", one_of(vec![json!("2020-01-01T00:00:00Z"), json!("2020-01-01T00:00:00"), json!("")])),
        ("plain_body", "\\PC{0,8}".prop_map(Value::from).boxed()),
        ("html_body", "\\PC{0,8}".prop_map(Value::from).boxed()),
        (
            "via",
            object(vec![
                ("channel", one_of(vec![json!("web"), json!("email"), json!(4), json!("pigeon"), json!("twitter")])),
                ("source", any_json().boxed()),
            ]),
        ),
        ("attachments", any_json().boxed()),
        ("metadata", any_json().boxed()),
    ])
}

fn ticket() -> BoxedStrategy<Value> {
    object(vec![
        ("id", any::<u32>().prop_map(Value::from).boxed()),
        ("subject", "\\PC{0,8}".prop_map(Value::from).boxed()),
        ("status", one_of(vec![json!("open"), json!("deleted")])),
        ("generated_timestamp", any::<i64>().prop_map(Value::from).boxed()),
        ("comments", prop::collection::vec(comment(), 0..4).prop_map(Value::from).boxed()),
    ])
}

fn zendesk() -> Mapping {
    Mapping::compile(builtin::find("zendesk").unwrap().text, "zendesk.toml").unwrap()
}

/// Maps `record` and checks what must hold of every message that goes on.
fn check(mapping: &Mapping, record: &str) -> Vec<Mapped> {
    let users = [r#"{"id":1,"role":"agent","email":"a@example.com"}"#, r#"{"id":2,"role":"end-user","email":null}"#];
    let mapped = map_with(mapping, &lookups(mapping, &[("users", &users)]), record);
    for one in &mapped {
        if let MappedResult::Message(draft) = &one.result
            && let Ok(update) = Update::new((**draft).clone())
        {
            assert!(update.sent_at().is_some() || update.kind() == Kind::InternalNote);
            assert_eq!(one.external_id.as_deref(), Some(update.external_id().as_str()));
        }
    }
    mapped
}

proptest! {
    #[test]
    fn a_ticket_is_mapped_comment_by_comment_and_safely(ticket in ticket()) {
        let mapped = check(&zendesk(), &ticket.to_string());
        let expected = match &ticket["comments"] {
            Value::Array(comments) => comments.len(),
            _ => 1,
        };
        prop_assert_eq!(mapped.len(), expected);
    }

    #[test]
    fn any_json_is_mapped_without_a_panic(record in any_json()) {
        check(&zendesk(), &record.to_string());
    }

    #[test]
    fn any_bytes_are_one_message_or_more(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let mapping = zendesk();
        let mut out = Vec::new();
        mapping.reader(None, Path::new("a.jsonl")).unwrap().map(Content::Json(&bytes), &lookups(&mapping, &[]), &mut out);
        // Random bytes are no record with an empty list of comments.
        prop_assert!(!out.is_empty());
    }

    #[test]
    fn a_broken_mapping_is_refused_without_a_panic(at in any::<prop::sample::Index>(), junk in "\\PC{0,3}") {
        let text = builtin::find("zendesk").unwrap().text;
        let starts: Vec<usize> = text.char_indices().map(|(start, _)| start).collect();
        let start = starts[at.index(starts.len())];
        let end = text[start..].chars().next().map_or(start, |character| start + character.len_utf8());
        let broken = format!("{}{junk}{}", &text[..start], &text[end..]);
        if let Err(error) = Mapping::compile(&broken, "broken.toml") {
            prop_assert!(error.render().starts_with("error: "));
        }
    }
}
