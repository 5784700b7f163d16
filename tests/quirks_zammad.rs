//! What is odd in Zammad's articles, and what becomes of it: one quirk a test.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod mapping_support;

use deskferry::mapping::{Mapped, builtin};
use deskferry::update::{Channel, Draft, Field};
use mapping_support::{blocked, change, compile, draft, lookups, map_in, set, skipped};
use serde_json::{Value, json};

fn mapped(changes: &Value) -> Vec<Mapped> {
    let mapping = compile(builtin::find("zammad").expect("a built-in mapping").text);
    let mut record = json!({
        "id": 5203, "ticket_id": 87, "type_id": 1, "sender_id": 2, "from": "\"Lee, Cleo\" <cleo@home.example>",
        "to": "Shop <help@shop.example>, bo@home.example", "cc": "", "subject": "", "message_id": "<1@mail.example>",
        "content_type": "text/html", "body": "<div>One<br>two</div>", "internal": false, "preferences": {},
        "created_at": "2021-05-14T12:30:19.123Z", "type": "email", "sender": "Customer", "created_by": "cleo@home.example",
    });
    change(&mut record, changes.clone());
    let tickets = lookups(&mapping, &[("tickets", &[r#"{"id": 87, "number": "48001", "title": "Lost parcel"}"#])]);
    map_in("articles-87.json", &mapping, &tickets, &record.to_string())
}

fn made(changes: &Value) -> Draft {
    draft(&mapped(changes))
}

#[test]
fn times_have_milliseconds() {
    let at = made(&json!({})).sent_datetime;
    assert_eq!(at.value().map(ToString::to_string).as_deref(), Some("2021-05-14T12:30:19.123Z"));
}

#[test]
fn who_wrote_is_said_in_words_or_in_numbers() {
    for (sender, number, from_agent) in [("Agent", 1, true), ("Customer", 2, false), ("System", 3, true)] {
        assert_eq!(made(&json!({"sender": sender})).from_agent, Some(from_agent), "{sender}");
        assert_eq!(made(&json!({"sender": null, "sender_id": number})).from_agent, Some(from_agent), "{number}");
    }
}

#[test]
fn every_type_is_a_channel_and_a_fax_is_named() {
    for (kind, channel) in [
        ("email", Channel::Email),
        ("sms", Channel::Sms),
        ("chat", Channel::Chat),
        ("phone", Channel::Phone),
        ("twitter status", Channel::Twitter),
        ("twitter direct-message", Channel::TwitterDirectMessage),
        ("facebook feed post", Channel::Facebook),
        ("facebook feed comment", Channel::Facebook),
        ("web", Channel::ContactForm),
        ("telegram personal-message", Channel::Chat),
        ("facebook direct-message", Channel::FacebookMessenger),
    ] {
        assert_eq!(made(&json!({"type": kind})).channel, Some(channel), "{kind}");
    }
    assert!(blocked(&mapped(&json!({"type": "fax"}))).1.starts_with("channel: `fax` is not in table channels"));
    assert_eq!(
        made(&json!({"type": null, "type_id": 7})).channel,
        Some(Channel::TwitterDirectMessage),
        "without words"
    );
}

#[test]
fn an_internal_article_is_a_note_whatever_its_type_and_a_public_note_is_none() {
    let internal = made(&json!({"internal": true, "sender": "Agent"}));
    assert_eq!((internal.channel, internal.from_agent), (Some(Channel::InternalNote), Some(true)));
    let public = made(&json!({"type": "note", "type_id": 10, "sender": "Agent"}));
    assert_eq!(public.channel, Some(Channel::ContactForm));
    let unsaid = mapped(&json!({"internal": null, "type": "note"}));
    assert!(blocked(&unsaid).1.starts_with("channel"), "{unsaid:?}");
}

#[test]
fn what_an_agent_writes_in_zammads_pages_goes_out_by_email() {
    assert_eq!(made(&json!({"type": "web", "sender": "Agent"})).channel, Some(Channel::Email));
    assert_eq!(made(&json!({"type": "web", "sender": "Customer"})).channel, Some(Channel::ContactForm));
}

#[test]
fn what_zammad_notes_by_itself_is_left_out() {
    let note = json!({"internal": true, "sender": "System", "type": "note"});
    assert_eq!(skipped(&mapped(&note)), "a note that Zammad wrote itself");
}

#[test]
fn the_id_of_the_system_before_stands_in_message_id_and_is_no_message_id() {
    assert_eq!(made(&json!({"message_id": "zd-8812"})).message_id, Field::Keep);
    assert_eq!(made(&json!({})).message_id, set("<1@mail.example>"));
}

#[test]
fn the_body_is_html_or_text_as_its_type_says() {
    assert_eq!(
        (made(&json!({})).body_html, made(&json!({})).body_text),
        (set("<div>One<br>two</div>"), set("One\ntwo"))
    );
    let plain = made(&json!({"content_type": "text/plain; charset=utf-8", "body": "a < b"}));
    assert_eq!((plain.body_html, plain.body_text), (Field::Keep, set("a < b")));
}

#[test]
fn addresses_are_lists_in_one_text_and_names_may_have_commas() {
    let source = made(&json!({})).source;
    let source = source.value().expect("a source");
    assert_eq!(source.from.as_ref().and_then(|from| from.name.as_deref()), Some("Lee, Cleo"));
    let to: Vec<_> = source.to.iter().filter_map(|to| to.address.as_deref()).collect();
    assert_eq!((to, source.cc.len()), (vec!["help@shop.example", "bo@home.example"], 0));
}

#[test]
fn a_tickets_id_and_its_number_differ_and_the_id_counts() {
    assert_eq!(mapped(&json!({}))[0].ticket.as_deref(), Some("87"));
    assert_eq!(made(&json!({})).subject, set("Lost parcel"), "an article's own subject is mostly empty");
    assert_eq!(made(&json!({"subject": "Re: Lost"})).subject, set("Re: Lost"));
}
