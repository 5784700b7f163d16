//! Gorgias's own pages: for another account, and put back into the account that they are of.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod mapping_support;

use deskferry::mapping::{Lookups, Mapped, builtin};
use deskferry::record::{MessageId, Target, TicketId};
use deskferry::update::{Channel, Draft, Field, Via};
use mapping_support::{blocked, change, compile, draft, map_in, skipped};
use serde_json::{Value, json};

fn mapped(name: &str, changes: &Value) -> Vec<Mapped> {
    let mapping = compile(builtin::find(name).expect("a built-in mapping").text);
    let mut record = json!({
        "id": 88, "uri": "/api/tickets/41/messages/88/", "ticket_id": 41, "message_id": "<g88@mail.example>",
        "external_id": null, "public": true, "channel": "email", "via": "helpdesk",
        "source": {"type": "email", "from": {"name": "Shop", "address": "help@shop.example"}, "to": [{"name": null, "address": "cleo@home.example"}], "cc": [], "bcc": []},
        "sender": {"id": 51, "email": "ada@shop.example", "name": "Ada"},
        "receiver": {"id": 7, "email": "cleo@home.example", "name": "Cleo"}, "from_agent": true, "subject": "Lost",
        "body_text": "Found.", "body_html": "<p>Found.</p>", "attachments": [],
        "created_datetime": "2023-03-01T09:00:00.123456", "sent_datetime": "2023-03-01T09:00:01+00:00",
        "failed_datetime": null, "deleted_datetime": null,
    });
    change(&mut record, changes.clone());
    map_in("messages-1.json", &mapping, &Lookups::default(), &record.to_string())
}

fn made(name: &str, changes: &Value) -> Draft {
    draft(&mapped(name, changes))
}

fn sent(draft: &Draft) -> Option<String> {
    draft.sent_datetime.value().map(ToString::to_string)
}

#[test]
fn to_another_account_goes_the_messages_number_and_nobodys_number() {
    let message = made("gorgias", &json!({"external_id": "zd-1"}));
    assert_eq!(message.external_id, Field::Set("88".to_owned()));
    let sender = message.sender.value().expect("a sender");
    assert_eq!((sender.id, sender.email.as_deref()), (None, Some("ada@shop.example")));
    assert_eq!(mapped("gorgias", &json!({}))[0].target, None);
}

#[test]
fn a_backup_goes_where_it_came_from_and_keeps_its_external_id() {
    let backup = mapped("gorgias-backup", &json!({"external_id": "zd-1"}));
    assert_eq!(backup[0].target, Some(Target { ticket: TicketId(41), message: MessageId(88) }));
    assert_eq!(draft(&backup).external_id, Field::Set("zd-1".to_owned()));
    assert_eq!(made("gorgias-backup", &json!({})).external_id, Field::Set("88".to_owned()));
    assert_eq!(made("gorgias-backup", &json!({})).sender.value().and_then(|sender| sender.id), Some(51));
}

#[test]
fn a_time_without_an_offset_is_in_utc() {
    let message = made("gorgias", &json!({"sent_datetime": "2023-03-01T09:00:01"}));
    assert_eq!(sent(&message).as_deref(), Some("2023-03-01T09:00:01Z"));
}

#[test]
fn what_was_never_sent_is_blocked_and_a_note_has_the_time_of_its_making() {
    assert!(blocked(&mapped("gorgias", &json!({"sent_datetime": null}))).1.starts_with("sent_datetime: "));
    let note = made("gorgias", &json!({"sent_datetime": null, "channel": "internal-note", "receiver": null}));
    assert_eq!(sent(&note).as_deref(), Some("2023-03-01T09:00:00.123456Z"));
}

#[test]
fn what_the_api_shows_and_does_not_take_is_replaced_or_named() {
    for via in ["gorgias_chat", "offline_capture", "self_service"] {
        assert_eq!(made("gorgias", &json!({"via": via})).via, Some(Via::Chat), "{via}");
    }
    let own = mapped("gorgias", &json!({"channel": "pigeon-post"}));
    assert_eq!(blocked(&own).1, "channel: `pigeon-post` is no channel that Gorgias takes");
    assert_eq!(made("gorgias", &json!({"channel": "chat"})).channel, Some(Channel::Chat));
}

#[test]
fn a_deleted_message_is_left_out() {
    let deleted = json!({"deleted_datetime": "2023-03-02T09:00:00"});
    assert_eq!(skipped(&mapped("gorgias", &deleted)), "deleted in Gorgias");
}
