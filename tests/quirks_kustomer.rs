//! The built-in Kustomer mapping, quirk by quirk.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod mapping_support;

use deskferry::mapping::{Mapped, Mapping, builtin};
use deskferry::record::CauseKind;
use deskferry::update::{Channel, Field, Kind};
use mapping_support::{blocked, change, draft, kind, lookups, map_with, person, set, skipped};
use serde_json::{Value, json};

const USERS: [&str; 1] =
    [r#"{"type":"user","id":"5f3c0000000000000000000a","attributes":{"name":"Ada","email":"ada@shop.example"}}"#];
const CONVERSATIONS: [&str; 1] =
    [r#"{"type":"conversation","id":"5f3c0000000000000000000c","attributes":{"name":"Blue lamp"}}"#];

fn kustomer(record: &Value) -> Vec<Mapped> {
    let mapping = Mapping::compile(builtin::find("kustomer").unwrap().text, "kustomer.toml").unwrap();
    let lookups = lookups(&mapping, &[("users", &USERS), ("conversations", &CONVERSATIONS)]);
    map_with(&mapping, &lookups, &record.to_string())
}

/// Something of a type, whose attributes are those given besides the usual ones.
fn resource(kind: &str, changes: Value) -> Vec<Mapped> {
    let mut attributes = json!({"app": "postmark", "auto": false, "channel": "email", "createdAt": "2022-06-04T12:00:00.113Z", "direction": "in", "directionType": "initial-in",
        "externalId": "9-1", "importedAt": null, "meta": {"from": "ann@home.example", "subject": "Lamp", "to": [{"email": "help@shop.example"}]},
        "modifiedAt": "2022-06-04T12:01:00.000Z", "preview": "1 < 2", "redacted": false, "sentAt": "2022-06-04T11:59:58.000Z", "size": 5, "status": "received", "updatedAt": "2022-06-04T12:01:00.000Z"});
    change(&mut attributes, changes);
    kustomer(
        &json!({"type": kind, "id": "5f3c0000000000000000000b", "attributes": attributes, "links": {"self": "/v1/messages/b"},
        "relationships": {"conversation": {"data": {"type": "conversation", "id": "5f3c0000000000000000000c"}}, "customer": {"data": {"type": "customer", "id": "5f3c0000000000000000000d"}},
            "createdBy": {"data": {"type": "user", "id": "5f3c0000000000000000000a"}}}}),
    )
}

fn message(changes: Value) -> Vec<Mapped> {
    resource("message", changes)
}

#[test]
fn attributes_and_relationships_make_a_message() {
    let mapped = message(json!({}));
    assert_eq!(
        (kind(&draft(&mapped)), mapped[0].ticket.as_deref()),
        (Kind::Incoming, Some("5f3c0000000000000000000c"))
    );
    let made = draft(&mapped);
    assert_eq!((made.subject, made.sender, made.receiver), (set("Lamp"), person("ann@home.example"), Field::Keep));
    assert_eq!(made.source.value().unwrap().to[0].address.as_deref(), Some("help@shop.example"));
}

#[test]
fn of_two_foreign_ids_it_is_kustomer_s_own() {
    assert_eq!(draft(&message(json!({}))).external_id, set("5f3c0000000000000000000b"));
}

#[test]
fn direction_says_who_wrote_and_an_automatic_answer_is_the_company_s() {
    let to = json!({"from": "help@shop.example", "subject": "Re", "to": [{"email": "ann@home.example"}]});
    for auto in [false, true] {
        let mapped = message(json!({"direction": "out", "auto": auto, "meta": to}));
        assert_eq!(kind(&draft(&mapped)), Kind::Outgoing);
        let made = draft(&mapped);
        assert_eq!((made.sender, made.receiver), (person("ada@shop.example"), person("ann@home.example")));
    }
    let mapped = message(json!({"direction": "both"}));
    assert_eq!(blocked(&mapped), (CauseKind::Unmapped, "from_agent: `both` is not in table directions"));
}

#[test]
fn the_preview_is_the_plain_text() {
    let made = draft(&message(json!({})));
    assert_eq!(made.body_text, set("1 < 2"));
    assert!(made.body_html.value().unwrap().contains("1 &lt; 2"));
}

#[test]
fn every_channel_is_known_and_another_is_named() {
    for (word, channel) in [
        ("email", Channel::Email),
        ("sms", Channel::Sms),
        ("chat", Channel::Chat),
        ("facebook", Channel::FacebookMessenger),
        ("twitter-dm", Channel::TwitterDirectMessage),
        ("twitter-tweet", Channel::Twitter),
        ("voice", Channel::Phone),
        ("instagram", Channel::InstagramDirectMessage),
        ("instagram-comment", Channel::InstagramComment),
        ("whatsapp", Channel::Whatsapp),
        ("form", Channel::ContactForm),
    ] {
        assert_eq!(draft(&message(json!({"channel": word}))).channel, Some(channel), "{word}");
    }
    let mapped = message(json!({"channel": "line"}));
    assert!(blocked(&mapped).1.starts_with("channel: `line` is not in table channels"));
}

#[test]
fn an_imported_message_has_the_time_of_its_sending_or_none() {
    let imported = "2023-01-15T03:00:00.000Z";
    let sent = draft(&message(json!({"importedAt": imported, "createdAt": imported}))).sent_datetime;
    assert_eq!(sent, Field::Set("2022-06-04T11:59:58Z".parse().unwrap()));
    let without = message(json!({"importedAt": imported, "createdAt": imported, "sentAt": null}));
    assert!(blocked(&without).1.starts_with("sent_datetime"));
    let created = draft(&message(json!({"sentAt": null}))).sent_datetime;
    assert_eq!(created, Field::Set("2022-06-04T12:00:00.113Z".parse().unwrap()));
}

#[test]
fn notes_are_a_resource_of_their_own_and_internal() {
    let mapped = resource(
        "note",
        json!({"body": "Ask Rufus", "preview": null, "direction": null, "channel": null, "sentAt": null}),
    );
    assert_eq!(kind(&draft(&mapped)), Kind::InternalNote);
    let made = draft(&mapped);
    assert_eq!((made.body_text, made.subject), (set("Ask Rufus"), set("Blue lamp")));
    assert_eq!(made.sender, person("ada@shop.example"));
}

#[test]
fn drafts_are_a_resource_of_their_own_and_left_out() {
    assert_eq!(skipped(&resource("draft", json!({"direction": "out"}))), "a draft, never sent");
}

#[test]
fn another_resource_is_blocked() {
    assert_eq!(blocked(&resource("company", json!({}))).1, "no [[message]] block of the mapping is for this record");
}

#[test]
fn an_address_in_a_channel_without_email_is_no_sender() {
    let made =
        draft(&message(json!({"channel": "sms", "meta": {"from": "+15550100", "to": [{"phone": "+15550198"}]}})));
    assert_eq!(made.sender, Field::Keep);
    let source = made.source.value().unwrap();
    assert_eq!(source.from.as_ref().unwrap().address.as_deref(), Some("+15550100"));
    assert_eq!(source.to[0].address.as_deref(), Some("+15550198"));
}

#[test]
fn a_redacted_message_is_carried_over_as_it_stands() {
    assert_eq!(draft(&message(json!({"redacted": true, "preview": "[redacted]"}))).body_text, set("[redacted]"));
}

#[test]
fn the_operator_is_told_that_no_real_export_was_at_hand() {
    let text = builtin::find("kustomer").unwrap().text;
    assert!(Mapping::compile(text, "kustomer.toml").unwrap().is_experimental());
}
