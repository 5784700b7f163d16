//! The built-in Front mapping, quirk by quirk.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod mapping_support;

use deskferry::mapping::{Lookups, Mapped, Mapping, builtin};
use deskferry::record::CauseKind;
use deskferry::update::{Channel, Field, Kind};
use mapping_support::{blocked, change, draft, kind, map_in, person, set, skipped};
use serde_json::{Value, json};

fn front(record: &Value) -> Vec<Mapped> {
    let mapping = Mapping::compile(builtin::find("front").unwrap().text, "front.toml").unwrap();
    map_in("export/messages-cnv_55c8.json", &mapping, &Lookups::default(), &record.to_string())
}

/// An email from a customer, with some keys replaced.
fn message(changes: Value) -> Vec<Mapped> {
    let mut message = json!({"_links": {"self": "https://api2.frontapp.com/messages/msg_1q15qmtq", "related": {"conversation": "https://api2.frontapp.com/conversations/cnv_a1b2"}},
        "id": "msg_1q15qmtq", "message_uid": "0d2f1e5e0d2f1e5e0d2f1e5e0d2f1e5e", "type": "email", "is_inbound": true, "draft_mode": null, "error_type": null,
        "created_at": 1_701_292_649.333, "subject": "Lamp", "blurb": "Is it", "body": "<p>Is it blue?</p>", "text": "Is it blue?", "author": null,
        "recipients": [{"name": "Ann", "handle": "ann@home.example", "role": "from"}, {"name": null, "handle": "help@shop.example", "role": "to"},
            {"name": null, "handle": "c@home.example", "role": "cc"}, {"name": null, "handle": "b@home.example", "role": "bcc"}, {"handle": "r@home.example", "role": "reply-to"}],
        "attachments": [{"id": "fil_1", "filename": "a.png", "url": "https://api2.frontapp.com/download/fil_1", "content_type": "image/png", "size": 8, "metadata": {"is_inline": false}}],
        "metadata": {"headers": {"in_reply_to": null}, "external_id": "zd-77"}});
    change(&mut message, changes);
    front(&message)
}

fn ada() -> Value {
    json!({"id": "tea_1", "email": "ada@shop.example", "type": "user"})
}

fn outbound(changes: Value) -> Vec<Mapped> {
    let mut answer = json!({"is_inbound": false, "author": ada(), "recipients": [{"handle": "help@shop.example", "role": "from"}, {"handle": "ann@home.example", "role": "to"}]});
    change(&mut answer, changes);
    message(answer)
}

fn comment() -> Vec<Mapped> {
    front(
        &json!({"id": "com_7f", "author": ada(), "body": "Ask **Rufus** & co", "posted_at": 1_701_292_700.25, "attachments": []}),
    )
}

#[test]
fn a_message_keeps_its_own_id_and_not_its_uid_or_an_earlier_system_s() {
    assert_eq!(draft(&message(json!({}))).external_id, set("msg_1q15qmtq"));
}

#[test]
fn messages_and_comments_are_lists_of_their_own_with_ids_and_times_of_their_own() {
    let made = draft(&comment());
    assert_eq!(made.external_id, set("com_7f"));
    assert_eq!(made.sent_datetime, Field::Set("2023-11-29T21:18:20.25Z".parse().unwrap()));
    assert_eq!(
        blocked(&front(&json!({"id": "cnv_1", "subject": "x"}))).1,
        "no [[message]] block of the mapping is for this record"
    );
}

#[test]
fn a_comment_is_an_internal_note_in_plain_text() {
    let mapped = comment();
    assert_eq!(kind(&draft(&mapped)), Kind::InternalNote);
    let made = draft(&mapped);
    assert_eq!(made.body_text, set("Ask **Rufus** & co"));
    assert!(made.body_html.value().unwrap().contains("&amp;"));
    assert_eq!(made.sender, person("ada@shop.example"));
}

#[test]
fn seconds_may_have_a_fraction() {
    assert_eq!(draft(&message(json!({}))).sent_datetime, Field::Set("2023-11-29T21:17:29.333Z".parse().unwrap()));
    let whole = draft(&message(json!({"created_at": 1_701_292_649}))).sent_datetime;
    assert_eq!(whole, Field::Set("2023-11-29T21:17:29Z".parse().unwrap()));
}

#[test]
fn a_draft_is_left_out() {
    for mode in ["shared", "private"] {
        assert_eq!(skipped(&outbound(json!({"draft_mode": mode}))), "a draft, never sent");
    }
}

#[test]
fn every_type_has_a_channel_and_an_unknown_one_is_named() {
    for (word, channel) in [
        ("email", Channel::Email),
        ("call", Channel::Phone),
        ("phone-call", Channel::Phone),
        ("custom", Channel::Api),
        ("facebook", Channel::FacebookMessenger),
        ("front_chat", Channel::Chat),
        ("googleplay", Channel::Api),
        ("intercom", Channel::Chat),
        ("smooch", Channel::Chat),
        ("sms", Channel::Sms),
        ("tweet", Channel::Twitter),
        ("tweet_dm", Channel::TwitterDirectMessage),
        ("whatsapp", Channel::Whatsapp),
        ("yalo_wha", Channel::Whatsapp),
        ("internal", Channel::InternalNote),
    ] {
        assert_eq!(draft(&message(json!({"type": word}))).channel, Some(channel), "{word}");
    }
    let mapped = message(json!({"type": "line"}));
    let (kind, why) = blocked(&mapped);
    assert_eq!(kind, CauseKind::Unmapped);
    assert!(why.starts_with("channel: `line` is not in table channels"), "{why}");
}

#[test]
fn an_internal_message_is_a_note_whichever_way_it_goes() {
    for is_inbound in [true, false] {
        assert_eq!(
            kind(&draft(&message(json!({"type": "internal", "is_inbound": is_inbound, "author": ada()})))),
            Kind::InternalNote
        );
    }
}

#[test]
fn is_inbound_is_the_direction_even_of_what_a_rule_s_bot_wrote() {
    assert_eq!(kind(&draft(&message(json!({})))), Kind::Incoming);
    let bot = json!({"id": "rul_1", "type": "bot", "email": ""});
    assert_eq!(kind(&draft(&message(json!({"author": bot})))), Kind::Incoming);
    assert_eq!(kind(&draft(&outbound(json!({})))), Kind::Outgoing);
    assert!(blocked(&message(json!({"is_inbound": null}))).1.starts_with("from_agent"));
}

#[test]
fn the_sender_is_the_recipient_whose_role_is_from() {
    let made = draft(&message(json!({"author": ada()})));
    assert_eq!(made.sender, person("ann@home.example"));
    let source = made.source.value().unwrap();
    assert_eq!(source.from.as_ref().unwrap().address.as_deref(), Some("ann@home.example"));
    assert_eq!((source.to.len(), source.cc.len(), source.bcc.len()), (1, 1, 1), "reply-to is none of them");
}

#[test]
fn from_may_stand_behind_the_others() {
    let swapped =
        json!([{"handle": "ann@home.example", "role": "to"}, {"handle": "help@shop.example", "role": "from"}]);
    let made = draft(&outbound(json!({"recipients": swapped})));
    assert_eq!(made.source.value().unwrap().from.as_ref().unwrap().address.as_deref(), Some("help@shop.example"));
    assert_eq!((made.sender, made.receiver), (person("ada@shop.example"), person("ann@home.example")));
}

#[test]
fn a_handle_that_is_no_email_is_nobody_s_address() {
    let phone = json!([{"handle": "+15550100", "role": "from"}, {"handle": "+15550199", "role": "to"}]);
    let made = draft(&message(json!({"type": "sms", "recipients": phone})));
    assert_eq!(made.sender, Field::Keep);
    assert_eq!(made.source.value().unwrap().from.as_ref().unwrap().address.as_deref(), Some("+15550100"));
}

#[test]
fn what_could_not_be_delivered_says_so() {
    assert!(draft(&outbound(json!({"error_type": "address_rejected"}))).failed_datetime.is_sent());
    assert_eq!(draft(&outbound(json!({}))).failed_datetime, Field::Keep);
}

#[test]
fn the_conversation_is_a_link_or_in_the_file_s_name() {
    assert_eq!(message(json!({}))[0].ticket.as_deref(), Some("cnv_a1b2"));
    assert_eq!(message(json!({"_links": {"related": {}}}))[0].ticket.as_deref(), Some("cnv_55c8"));
}

#[test]
fn the_operator_is_told_that_no_real_export_was_at_hand() {
    let text = builtin::find("front").unwrap().text;
    assert!(Mapping::compile(text, "front.toml").unwrap().is_experimental());
}
