//! The built-in Intercom mappings, quirk by quirk.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod mapping_support;

use deskferry::mapping::{Lookups, Mapped, MappedResult, Mapping, builtin};
use deskferry::record::CauseKind;
use deskferry::update::{Channel, Draft, Field, Kind, Person, Update};
use mapping_support::{blocked, change, draft, lookups, map_row, map_with, skipped};
use serde_json::{Value, json};

const CONTACTS: [&str; 1] = [r#"{"id":"c2","email":"bo@home.example"}"#];

fn intercom(record: &Value) -> Vec<Mapped> {
    let mapping = Mapping::compile(builtin::find("intercom").unwrap().text, "intercom.toml").unwrap();
    map_with(&mapping, &lookups(&mapping, &[("contacts", &CONTACTS)]), &record.to_string())
}

fn merged(mut object: Value, changes: Value) -> Value {
    change(&mut object, changes);
    object
}

fn conversation(source: Value, parts: &[Value]) -> Value {
    let first = json!({"type": "conversation", "id": "701718739", "delivered_as": "customer_initiated", "subject": "",
        "body": "<p>Hi</p>", "author": {"type": "lead", "id": "c1", "name": "Ann", "email": "ann@home.example"}, "attachments": []});
    json!({"type": "conversation", "id": "215", "created_at": 1_700_000_000, "updated_at": 1_700_000_900, "title": null,
        "source": merged(first, source), "contacts": {"contacts": [{"type": "contact", "id": "c2"}]},
        "conversation_parts": {"type": "conversation_part.list", "conversation_parts": parts, "total_count": parts.len()}})
}

fn part(changes: Value) -> Value {
    let part = json!({"type": "conversation_part", "id": "7288120839", "part_type": "comment", "body": "<p>Yes</p>",
        "created_at": 1_700_000_100, "updated_at": 1_700_000_100, "redacted": false, "external_id": "theirs", "attachments": [],
        "author": {"type": "admin", "id": "9", "name": "Ada", "email": "ada@shop.example"}});
    merged(part, changes)
}

/// The first message, with some of its keys replaced.
fn first(changes: Value) -> Vec<Mapped> {
    intercom(&conversation(changes, &[]))
}

/// A part of a conversation by `channel`, with some of its keys replaced.
fn answer(channel: &str, changes: Value) -> Vec<Mapped> {
    intercom(&conversation(json!({"type": channel}), &[part(changes)])).split_off(1)
}

fn kind(mapped: &[Mapped]) -> Kind {
    Update::new(draft(mapped)).unwrap().kind()
}

fn text(text: &str) -> Field<String> {
    Field::Set(text.to_owned())
}

fn email(draft: &Draft) -> Option<String> {
    draft.sender.value().and_then(|sender| sender.email.clone())
}

#[test]
fn the_source_is_the_first_message_and_has_the_time_of_its_conversation() {
    let mapped = first(json!({}));
    let made = draft(&mapped);
    assert_eq!(made.sent_datetime, Field::Set("2023-11-14T22:13:20Z".parse().unwrap()));
    assert_eq!((made.body_html, made.body_text), (text("<p>Hi</p>"), text("Hi")));
    assert_eq!((mapped[0].ticket.as_deref(), mapped[0].version), (Some("215"), Some(1_700_000_900)));
}

#[test]
fn a_list_response_without_its_parts_is_blocked_since_they_are_missing() {
    let mut record = conversation(json!({}), &[]);
    record.as_object_mut().unwrap().remove("conversation_parts");
    let mapped = intercom(&record);
    let (kind, why) = blocked(&mapped[1..]);
    assert_eq!(kind, CauseKind::Unreadable);
    assert!(why.contains("conversation_parts.conversation_parts"), "{why}");
}

#[test]
fn ids_are_strings_of_two_sequences_so_that_the_source_has_a_prefix() {
    let mapped = intercom(&conversation(json!({"id": "7"}), &[part(json!({"id": "7"}))]));
    let ids: Vec<_> = mapped.iter().filter_map(|one| one.external_id.as_deref()).collect();
    assert_eq!(ids, ["source-7", "7"]);
}

#[test]
fn a_part_whose_id_is_a_number_has_the_same_id() {
    assert_eq!(answer("conversation", json!({"id": 1}))[0].external_id.as_deref(), Some("1"));
}

#[test]
fn a_part_has_an_external_id_of_its_own_that_is_not_the_message_id() {
    assert_eq!(draft(&answer("conversation", json!({}))).external_id, text("7288120839"));
}

#[test]
fn version_1_has_a_conversation_message_a_user_and_an_assignee() {
    let record = json!({"type": "conversation", "id": "16", "created_at": 1_500_000_000, "user": {"type": "user", "id": "c2"},
        "assignee": {"type": "admin", "id": "9"},
        "conversation_message": {"type": "conversation_message", "id": "5", "subject": "", "body": "<p>Vegan?</p>", "author": {"type": "user", "id": "c2"}},
        "conversation_parts": {"conversation_parts": [{"id": "6", "part_type": "comment", "body": "<p>Yes</p>", "created_at": 1_500_000_100, "author": {"type": "admin", "id": "9"}}]}});
    let mapped = intercom(&record);
    let made = draft(&mapped[..1]);
    assert_eq!((made.external_id.clone(), made.channel), (text("source-5"), Some(Channel::Chat)));
    assert_eq!(email(&made).as_deref(), Some("bo@home.example"), "of the contacts file");
    assert_eq!(kind(&mapped[1..]), Kind::Outgoing);
    let mut letter = record;
    letter["conversation_message"]["subject"] = json!("A question");
    assert!(intercom(&letter).iter().all(|one| draft(std::slice::from_ref(one)).channel == Some(Channel::Email)));
}

#[test]
fn a_ticket_has_ticket_parts_and_no_first_message() {
    let record = json!({"type": "ticket", "id": "77", "ticket_id": "3", "ticket_attributes": {"_default_title_": "Engraving"},
        "ticket_parts": {"ticket_parts": [part(json!({"type": "ticket_part"})), part(json!({"part_type": "ticket_state_updated_by_admin", "body": null})), part(json!({"part_type": "note"}))]}});
    let mapped = intercom(&record);
    assert_eq!(mapped.len(), 3);
    let made = draft(&mapped[..1]);
    assert_eq!((made.subject, made.channel), (text("Engraving"), Some(Channel::Chat)));
    assert_eq!(skipped(&mapped[1..2]), "an event without text");
    assert_eq!(kind(&mapped[2..]), Kind::InternalNote);
    assert_eq!(mapped[0].ticket.as_deref(), Some("77"));
}

#[test]
fn times_are_unix_seconds() {
    let made = draft(&answer("email", json!({})));
    assert_eq!(made.sent_datetime, Field::Set("2023-11-14T22:15:00Z".parse().unwrap()));
}

#[test]
fn users_leads_and_contacts_are_customers_and_admins_teams_and_bots_are_not() {
    for (author, is_agent) in
        [("user", false), ("lead", false), ("contact", false), ("admin", true), ("team", true), ("bot", true)]
    {
        let who = json!({"author": {"type": author, "id": "1", "email": "x@y.example"}});
        assert_eq!(draft(&answer("email", who.clone())).from_agent, Some(is_agent), "{author}");
        assert_eq!(draft(&first(who)).from_agent, Some(is_agent), "{author}");
    }
    let unknown = answer("email", json!({"author": {"type": "fin_voice", "id": "1"}}));
    assert_eq!(blocked(&unknown), (CauseKind::Unmapped, "from_agent: `fin_voice` is not in table authors"));
}

#[test]
fn a_bot_writes_for_the_company_and_its_made_up_address_is_nobody_s() {
    let who = json!({"author": {"type": "bot", "id": "4", "name": "Operator", "email": "operator+abc@intercom.io"}});
    let mapped = answer("conversation", who);
    assert_eq!(kind(&mapped), Kind::Outgoing);
    let made = draft(&mapped);
    assert_eq!(email(&made), None);
    let from = made.source.value().unwrap().from.clone().unwrap();
    assert_eq!((from.name.as_deref(), from.address), (Some("Operator"), None));
}

#[test]
fn the_same_person_is_a_lead_in_the_source_and_a_user_in_a_part() {
    let user = json!({"author": {"type": "user", "id": "c1", "email": "ann@home.example"}});
    let mapped = intercom(&conversation(json!({}), &[part(user)]));
    for one in 0..2 {
        assert_eq!(kind(&mapped[one..=one]), Kind::Incoming);
        assert_eq!(email(&draft(&mapped[one..=one])).as_deref(), Some("ann@home.example"));
    }
}

#[test]
fn an_author_s_empty_address_is_no_address_and_the_contacts_have_it() {
    let who = |id: &str| json!({"author": {"type": "user", "id": id, "email": ""}});
    assert_eq!(email(&draft(&answer("email", who("c2")))).as_deref(), Some("bo@home.example"));
    assert_eq!(draft(&answer("email", who("c3"))).sender, Field::Keep);
}

#[test]
fn a_note_is_an_internal_note_whatever_the_channel() {
    for channel in ["email", "twitter", "conversation"] {
        let mapped = answer(channel, json!({"part_type": "note"}));
        assert_eq!(kind(&mapped), Kind::InternalNote);
        let made = draft(&mapped);
        assert_eq!((made.body_text, made.receiver), (text("Yes"), Field::Keep));
        assert_eq!(made.source.value().unwrap().r#type.as_deref(), Some("internal-note"));
    }
}

#[test]
fn parts_of_any_type_are_messages_with_a_body_and_events_without_one() {
    for part_type in ["open", "close", "assignment", "assign_and_reopen", "snoozed"] {
        assert_eq!(kind(&answer("email", json!({"part_type": part_type}))), Kind::Outgoing, "{part_type}");
        for nothing in [Value::Null, json!("")] {
            let event = answer("email", json!({"part_type": part_type, "body": nothing}));
            assert_eq!(skipped(&event), "an event without text", "{part_type}");
        }
    }
}

#[test]
fn a_part_of_type_open_may_be_a_customer_s_message() {
    let who = json!({"part_type": "open", "author": {"type": "user", "id": "c1", "email": "ann@home.example"}});
    assert_eq!(kind(&answer("email", who)), Kind::Incoming);
}

#[test]
fn a_comment_or_quick_reply_without_a_body_is_a_message_still() {
    for part_type in ["comment", "quick_reply", "note"] {
        let file = json!({"type": "upload", "name": "a.pdf", "url": "https://files.example/a.pdf", "content_type": "application/pdf", "filesize": 9});
        let made = draft(&answer("email", json!({"part_type": part_type, "body": null, "attachments": [file]})));
        assert_eq!(made.attachments.value().map(Vec::len), Some(1));
        assert_eq!(made.body_html, Field::Keep);
    }
}

#[test]
fn attributes_actions_and_states_are_events_whatever_stands_in_them() {
    for part_type in
        ["custom_action_started", "conversation_attribute_updated_by_admin", "ticket_state_updated_by_admin"]
    {
        let event = answer("email", json!({"part_type": part_type, "body": "<p>x</p>"}));
        assert!(skipped(&event).contains("an event"), "{part_type}");
    }
}

#[test]
fn however_it_was_delivered_the_author_decides_the_direction() {
    for delivered in ["customer_initiated", "admin_initiated", "automated", "operator_initiated", "campaigns_initiated"]
    {
        assert_eq!(kind(&first(json!({"delivered_as": delivered}))), Kind::Incoming, "{delivered}");
        let who = json!({"type": "admin", "id": "9", "email": "ada@shop.example"});
        let mapped = first(json!({"delivered_as": delivered, "author": who}));
        assert_eq!(kind(&mapped), Kind::Outgoing, "{delivered}");
        let to = Person { id: None, email: Some("bo@home.example".into()) };
        assert_eq!(draft(&mapped).receiver, Field::Set(to), "the conversation's contact");
    }
}

#[test]
fn every_source_type_has_a_channel_and_an_unknown_one_is_named() {
    for (word, channel) in [
        ("conversation", Channel::Chat),
        ("push", Channel::Chat),
        ("email", Channel::Email),
        ("facebook", Channel::FacebookMessenger),
        ("instagram", Channel::InstagramDirectMessage),
        ("phone_call", Channel::Phone),
        ("phone_switch", Channel::Phone),
        ("sms", Channel::Sms),
        ("twitter", Channel::Twitter),
        ("whatsapp", Channel::Whatsapp),
    ] {
        assert_eq!(draft(&first(json!({"type": word}))).channel, Some(channel), "{word}");
        assert_eq!(draft(&answer(word, json!({}))).channel, Some(channel), "{word}");
    }
    let why = "channel: `telegram` is not in table channels; source.type: `telegram` is not in table source_types";
    assert_eq!(blocked(&first(json!({"type": "telegram"}))), (CauseKind::Unmapped, why));
    assert_eq!(blocked(&answer("telegram", json!({}))).1, why);
}

#[test]
fn a_deleted_message_says_so_and_is_carried_over_as_it_stands() {
    let mapped = answer("email", json!({"redacted": true, "body": "<p><i>This message was deleted</i></p>"}));
    assert_eq!(draft(&mapped).body_text, text("This message was deleted"));
}

#[test]
fn what_is_obscured_of_twitter_replaces_nothing() {
    for made in
        [draft(&first(json!({"type": "twitter", "subject": "<p>Obscured</p>"}))), draft(&answer("twitter", json!({})))]
    {
        assert_eq!((made.body_html, made.body_text, made.subject), (Field::Keep, Field::Keep, Field::Keep));
        assert!(made.external_id.is_sent());
    }
}

#[test]
fn a_body_of_version_2_15_is_plain_text() {
    for made in [draft(&first(json!({"body": "1 < 2\nOK"}))), draft(&answer("email", json!({"body": "1 < 2\nOK"})))] {
        assert_eq!(made.body_text, text("1 < 2\nOK"));
        assert!(made.body_html.value().unwrap().contains("1 &lt; 2"));
    }
}

#[test]
fn an_email_s_part_has_a_subject_and_addresses_of_its_own() {
    let metadata = json!({"subject": "Re: Lamp", "email_address_headers": [
        {"type": "from", "email_address": "help@shop.example", "name": "Shop"}, {"type": "to", "email_address": "ann@home.example", "name": null},
        {"type": "cc", "email_address": "books@home.example"}]});
    let made = draft(&answer("email", json!({"email_message_metadata": metadata})));
    assert_eq!(made.subject, text("Re: Lamp"));
    let source = made.source.value().unwrap();
    assert_eq!((source.to.len(), source.cc.len()), (1, 1));
    assert_eq!(source.to[0].address.as_deref(), Some("ann@home.example"));
}

/// A row of the CSV: id, text, type, time, author.
fn row(cells: [&str; 5]) -> Vec<Mapped> {
    let [id, body, message_type, time, author] = cells;
    let header = [
        "message_id",
        "message_body",
        "message_type",
        "message_created_at",
        "message_author_type",
        "message_author_id",
        "message_author_user_id",
        "message_author_name",
        "message_author_email",
        "conversation_id",
        "conversation_state",
        "conversation_created_at",
        "app_id",
    ];
    let row = [
        id,
        body,
        message_type,
        time,
        author,
        "1",
        "",
        "Ann",
        "ann@home.example",
        "215",
        "closed",
        "2017-11-14 21:45:08",
        "app",
    ];
    map_row(builtin::find("intercom-csv").unwrap().text, &header, &row)
}

#[test]
fn a_csv_s_conversation_message_is_the_first_message_and_its_naive_time_is_utc() {
    let mapped = row(["701", "1 < 2", "conversation_message", "2017-11-14 21:45:08", "user"]);
    let made = draft(&mapped);
    assert_eq!(made.external_id, text("source-701"));
    assert_eq!(made.sent_datetime, Field::Set("2017-11-14T21:45:08Z".parse().unwrap()));
    assert_eq!(made.body_text, text("1 < 2"), "plain text");
    assert!(made.body_html.value().unwrap().contains("&lt;"));
    assert_eq!((kind(&mapped), mapped[0].ticket.as_deref()), (Kind::Incoming, Some("215")));
}

#[test]
fn a_csv_s_rows_are_notes_events_and_answers() {
    let time = "2017-11-14 21:45:08";
    assert_eq!(kind(&row(["1", "x", "note", time, "admin"])), Kind::InternalNote);
    assert_eq!(kind(&row(["2", "x", "close", time, "admin"])), Kind::Outgoing);
    assert_eq!(draft(&row(["2", "x", "comment", time, "bot"])).sender, Field::Keep);
    assert_eq!(skipped(&row(["3", "", "assignment", time, "bot"])), "an event without text");
    assert_eq!(blocked(&row(["4", "x", "away", time, "admin"])).1, "channel: `away` is not in table channels");
    assert!(blocked(&row(["5", "x", "comment", "yesterday", "admin"])).1.starts_with("sent_datetime"));
}

#[test]
fn a_record_that_is_neither_conversation_nor_ticket_is_blocked() {
    let mapping = Mapping::compile(builtin::find("intercom").unwrap().text, "intercom.toml").unwrap();
    let mapped = map_with(&mapping, &Lookups::default(), r#"{"type":"contact","id":"1"}"#);
    assert!(mapped.iter().all(|one| matches!(one.result, MappedResult::Blocked(_))));
}
