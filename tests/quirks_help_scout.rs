//! The built-in Help Scout mapping, quirk by quirk.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod mapping_support;

use deskferry::mapping::{Mapped, Mapping, builtin};
use deskferry::record::CauseKind;
use deskferry::update::{Channel, Field, Kind};
use mapping_support::{blocked, change, draft, kind, lookups, map_in, map_with, person, set, skipped};
use serde_json::{Value, json};

const LISTED: [&str; 1] = [r#"{"id":910,"threads":1,"subject":"From the list"}"#];

fn mapping() -> Mapping {
    Mapping::compile(builtin::find("help-scout").unwrap().text, "help-scout.toml").unwrap()
}

fn help_scout(record: &Value) -> Vec<Mapped> {
    let mapping = mapping();
    map_with(&mapping, &lookups(&mapping, &[("conversations", &LISTED)]), &record.to_string())
}

/// A thread of a customer's, with some keys replaced.
fn thread(changes: Value) -> Value {
    let mut thread = json!({"id": 2_417_300_977_u64, "type": "customer", "status": "active", "state": "published",
        "action": {"type": "default", "associatedEntities": {}}, "body": "Hello<br>there", "source": {"type": "email", "via": "customer"},
        "customer": {"id": 3, "first": "Ann", "last": "Lee", "email": "ann@home.example"},
        "createdBy": {"id": 3, "type": "customer", "first": "Ann", "last": "Lee", "email": "ann@home.example"},
        "assignedTo": {"id": 4, "type": "team"}, "to": ["help@shop.example"], "cc": [], "bcc": [], "createdAt": "2017-04-21T14:39:56Z", "openedAt": null,
        "_embedded": {"attachments": [{"id": 5, "filename": "a.png", "mimeType": "image/png", "size": 8}]}});
    change(&mut thread, changes);
    thread
}

fn agent() -> Value {
    json!({"id": 9, "type": "user", "first": "Ada", "last": "Oz", "email": "ada@shop.example"})
}

fn conversation(changes: Value, threads: &[Value]) -> Value {
    let mut conversation = json!({"id": 700, "number": 12, "threads": threads.len(), "type": "email", "subject": "Lamp", "tags": null,
        "_embedded": {"threads": threads}});
    change(&mut conversation, changes);
    conversation
}

fn one(changes: Value) -> Vec<Mapped> {
    help_scout(&conversation(json!({}), &[thread(changes)]))
}

#[test]
fn version_2_embeds_its_threads_and_counts_them_in_a_number() {
    let mapped = one(json!({}));
    let made = draft(&mapped);
    assert_eq!(made.external_id, set("2417300977"));
    assert_eq!((made.subject, made.body_text), (set("Lamp"), set("Hello\nthere")));
    assert_eq!(made.body_html, set("Hello<br>there"));
    assert_eq!(made.sent_datetime, Field::Set("2017-04-21T14:39:56Z".parse().unwrap()));
    assert_eq!((mapped[0].ticket.as_deref(), kind(&draft(&mapped))), (Some("700"), Kind::Incoming));
}

#[test]
fn version_1_and_webhooks_have_an_array_of_threads() {
    let threads = json!([thread(
        json!({"type": "reply", "body": null, "text": "<p>Sent</p>", "createdBy": {"id": 9, "type": "user", "firstName": "Ada", "lastName": "Oz", "email": "ada@shop.example"}})
    )]);
    let plain = json!({"id": 701, "subject": "Old", "threads": threads});
    for record in [plain.clone(), json!({"item": plain})] {
        let mapped = help_scout(&record);
        let made = draft(&mapped);
        assert_eq!((kind(&draft(&mapped)), mapped[0].ticket.as_deref()), (Kind::Outgoing, Some("701")));
        assert_eq!((made.subject, made.body_text), (set("Old"), set("Sent")));
        let from = made.source.value().unwrap().from.clone().unwrap();
        assert_eq!(from.name.as_deref(), Some("Ada Oz"));
    }
}

#[test]
fn a_page_of_threads_belongs_to_the_conversation_in_its_file_s_name() {
    let mapping = mapping();
    let lookups = lookups(&mapping, &[("conversations", &LISTED)]);
    let page = json!({"_embedded": {"threads": [thread(json!({}))]}, "page": {"size": 25, "totalElements": 1, "totalPages": 1, "number": 1}, "_links": {}});
    let mapped = map_in("export/threads-910.json", &mapping, &lookups, &page.to_string());
    assert_eq!(mapped[0].ticket.as_deref(), Some("910"));
    assert_eq!(draft(&mapped).subject, set("From the list"));
}

#[test]
fn an_empty_page_has_no_embedded_at_all() {
    let page = json!({"page": {"size": 25, "totalElements": 0, "totalPages": 0, "number": 1}, "_links": {}});
    assert_eq!(skipped(&help_scout(&page)), "an empty page");
    let mut empty = conversation(json!({"threads": 0}), &[]);
    assert_eq!(skipped(&help_scout(&empty)), "a conversation without threads");
    empty.as_object_mut().unwrap().remove("_embedded");
    assert_eq!(skipped(&help_scout(&empty)), "a conversation without threads");
}

#[test]
fn a_conversation_exported_without_its_threads_is_blocked() {
    let mut record = conversation(json!({"threads": 3}), &[]);
    record.as_object_mut().unwrap().remove("_embedded");
    assert_eq!(blocked(&help_scout(&record)).1, "`threads` is not a list");
}

#[test]
fn message_and_reply_are_an_agent_s_answer() {
    for word in ["message", "reply"] {
        let mapped = one(json!({"type": word, "createdBy": agent(), "to": ["ann@home.example"]}));
        assert_eq!(kind(&draft(&mapped)), Kind::Outgoing, "{word}");
        let made = draft(&mapped);
        assert_eq!((made.sender, made.receiver), (person("ada@shop.example"), person("ann@home.example")));
    }
}

#[test]
fn a_note_is_an_internal_note() {
    let mapped = one(json!({"type": "note", "createdBy": agent(), "source": {"type": "web", "via": "user"}}));
    assert_eq!(kind(&draft(&mapped)), Kind::InternalNote);
    assert_eq!(draft(&mapped).source.value().unwrap().r#type.as_deref(), Some("internal-note"));
}

#[test]
fn a_lineitem_is_an_event_without_a_body() {
    let action = json!({"type": "changed-ticket-status", "text": "Ada marked as closed"});
    assert_eq!(skipped(&one(json!({"type": "lineitem", "body": null, "action": action}))), "an event, not a message");
}

#[test]
fn chats_and_calls_have_the_direction_of_their_author() {
    for (word, channel) in [("chat", Channel::Chat), ("beaconchat", Channel::Chat), ("phone", Channel::Phone)] {
        let from_customer = draft(&one(json!({"type": word})));
        assert_eq!((from_customer.channel, from_customer.from_agent), (Some(channel), Some(false)), "{word}");
        assert_eq!(draft(&one(json!({"type": word, "createdBy": agent()}))).from_agent, Some(true), "{word}");
    }
}

#[test]
fn created_by_decides_and_not_source_via() {
    assert_eq!(kind(&draft(&one(json!({"source": {"type": "email", "via": "user"}})))), Kind::Incoming);
    let mapped = one(json!({"type": "message", "createdBy": agent(), "source": {"type": "email", "via": "customer"}}));
    assert_eq!(kind(&draft(&mapped)), Kind::Outgoing);
    let team = json!({"id": 4, "type": "team"});
    assert_eq!(kind(&draft(&one(json!({"type": "message", "createdBy": team})))), Kind::Outgoing);
    let unknown = one(json!({"createdBy": {"id": 1, "type": "robot"}}));
    assert_eq!(blocked(&unknown), (CauseKind::Unmapped, "from_agent: `robot` is not in table authors"));
}

#[test]
fn where_nobody_is_named_the_type_says_who_wrote() {
    assert_eq!(draft(&one(json!({"createdBy": null}))).from_agent, Some(false));
    assert_eq!(draft(&one(json!({"createdBy": null, "type": "reply"}))).from_agent, Some(true));
    assert!(blocked(&one(json!({"createdBy": null, "type": "chat"}))).1.contains("`chat` is not in table types"));
}

#[test]
fn what_was_never_sent_is_left_out() {
    for (state, reason) in [
        ("draft", "a draft, never sent"),
        ("underreview", "held back for review, never sent"),
        ("hidden", "hidden in Help Scout"),
    ] {
        assert_eq!(skipped(&one(json!({"state": state, "type": "message", "createdBy": agent()}))), reason);
    }
}

#[test]
fn every_source_type_has_a_channel_and_an_unknown_one_is_named() {
    for (word, channel) in [
        ("email", Channel::Email),
        ("web", Channel::ContactForm),
        ("notification", Channel::Email),
        ("emailfwd", Channel::Email),
        ("api", Channel::Api),
        ("chat", Channel::Chat),
    ] {
        assert_eq!(draft(&one(json!({"source": {"type": word, "via": "customer"}}))).channel, Some(channel), "{word}");
    }
    let why = blocked(&one(json!({"source": {"type": "beacon-v9"}}))).1.to_owned();
    assert!(why.starts_with("channel: `beacon-v9` is not in table channels"), "{why}");
}

#[test]
fn an_agent_s_answer_from_the_web_page_goes_out_by_email_or_by_chat() {
    let answer = thread(json!({"type": "message", "createdBy": agent(), "source": {"type": "web", "via": "user"}}));
    let channel = |record: &Value| draft(&help_scout(record)).channel;
    assert_eq!(channel(&conversation(json!({}), std::slice::from_ref(&answer))), Some(Channel::Email));
    assert_eq!(channel(&conversation(json!({"type": "chat"}), &[answer])), Some(Channel::Chat));
}

#[test]
fn the_placeholder_address_is_nobody_s() {
    let nobody = json!({"id": 3, "type": "customer", "first": "Ann", "last": null, "email": "none@nowhere.com"});
    let made = draft(&one(json!({"customer": nobody, "createdBy": nobody})));
    assert_eq!(made.sender, Field::Keep);
    let from = made.source.value().unwrap().from.clone().unwrap();
    assert_eq!((from.name.as_deref(), from.address), (Some("Ann"), None));
    let answer =
        draft(&one(json!({"type": "message", "createdBy": agent(), "customer": nobody, "to": ["none@nowhere.com"]})));
    assert_eq!((answer.receiver, answer.source.value().unwrap().to.len()), (Field::Keep, 0));
}

#[test]
fn a_customer_without_an_address_gets_nobody_else_s() {
    let ann = json!({"id": 3, "type": "customer", "first": "Ann"});
    let threads = [
        thread(json!({"id": 1, "customer": ann, "createdBy": ann})),
        thread(json!({"id": 2, "type": "message", "createdBy": agent(), "customer": ann})),
    ];
    let mapped = help_scout(&conversation(json!({}), &threads));
    assert_eq!(draft(&mapped[..1]).sender, Field::Keep);
    assert_eq!((draft(&mapped[1..]).sender, draft(&mapped[1..]).receiver), (person("ada@shop.example"), Field::Keep));
}

#[test]
fn recipients_may_be_null() {
    let made = draft(&one(json!({"to": null, "cc": null, "bcc": null})));
    assert_eq!(made.source.value().unwrap().to.len(), 0);
}

#[test]
fn a_chat_s_event_has_a_uuid_and_microseconds() {
    let event = json!({"id": "c7a1f0de-5b1d-4a7e-9a51-1d0a3f6f2b01", "type": "chat", "createdAt": "2021-04-12T08:44:34.736330Z"});
    let made = draft(&one(event));
    assert_eq!(made.external_id, set("c7a1f0de-5b1d-4a7e-9a51-1d0a3f6f2b01"));
    assert_eq!(made.sent_datetime, Field::Set("2021-04-12T08:44:34.736330Z".parse().unwrap()));
}

#[test]
fn files_without_a_link_stay_behind_and_those_with_one_come_along() {
    assert_eq!(draft(&one(json!({}))).attachments.value().map_or(0, Vec::len), 0);
    let files = json!([{"id": 1, "fileName": "a.png", "mimeType": "image/png", "size": 8, "url": "https://files.example/a.png"}]);
    let made = draft(&one(json!({"attachments": files})));
    assert_eq!(made.attachments.value().map(|files| files[0].name.as_str()), Some("a.png"));
}

#[test]
fn an_unknown_type_of_thread_is_blocked() {
    assert!(blocked(&one(json!({"type": "workflow"}))).1.starts_with("channel: none of its conditions holds"));
}
