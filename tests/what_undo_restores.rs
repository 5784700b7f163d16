//! Undo puts back what the account held, byte for byte where an update can say it, says beforehand where none can, and
//! leaves alone what somebody changed since.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod messages;

use deskferry::update::{Choice, Digest, Facts, FieldName, Restoration, body, choose, restore};
use messages::{Message, any_held, any_update, any_writes, apply, bits, fields, map};
use proptest::prelude::*;
use serde_json::{Value, json};

/// An outgoing message of the account's.
fn before(changes: Value) -> Message {
    let held = map(json!({
        "external_id": null, "message_id": "<a@b>", "channel": "email", "via": "helpdesk", "from_agent": true,
        "sent_datetime": "2024-05-01T10:00:00", "body_text": "x ", "body_html": null, "subject": "Old",
        "attachments": [], "sender": {"id": 1, "email": "p1@shop.example", "name": "Ann"}, "receiver": null,
        "source": {"type": "email", "to": [{"name": null, "address": "c@d"}], "cc": []}, "failed_datetime": null,
    }));
    held.into_iter().chain(map(changes)).collect()
}

/// What was sent to it.
fn sent(changes: Value) -> Message {
    let body = map(json!({
        "external_id": "1", "channel": "email", "via": "helpdesk", "from_agent": true,
        "sent_datetime": "2024-05-01T10:00:00+00:00",
    }));
    body.into_iter().chain(map(changes)).collect()
}

#[test]
fn every_field_gets_back_what_it_had() {
    let body = json!({"body_text": "new", "body_html": "<p>new</p>", "subject": null, "sender": {"id": 2},
        "source": {"type": "chat"}, "attachments": [{"url": "u", "name": "n", "size": 1, "content_type": "c"}],
        "failed_datetime": "2024-05-01T10:00:01+00:00", "message_id": "<new@b>"});
    let (before, sent) = (before(json!({})), sent(body));
    let expected = json!({"external_id": null, "channel": "email", "via": "helpdesk", "from_agent": true,
        "sent_datetime": "2024-05-01T10:00:00+00:00", "message_id": "<a@b>", "body_text": "x ", "body_html": null,
        "subject": "Old", "sender": {"id": 1}, "attachments": [], "failed_datetime": null,
        "source": {"type": "email", "to": [{"name": null, "address": "c@d"}], "cc": []}});
    let restoration = restore(&before, &sent, &apply(&before, &sent));
    assert_eq!(restoration, Restoration::Restore { body: map(expected), lost: 0 });
}

#[test]
fn what_no_update_can_say_is_named_and_stays() {
    use FieldName as F;
    let before = before(json!({"channel": "carrier-pigeons", "via": "gorgias_chat", "sent_datetime": null,
        "sender": null, "source": {"type": "email", "extra": {"a": 1}}}));
    let sent = sent(json!({"sender": {"id": 2}, "source": {"type": "chat"}}));
    let Restoration::Restore { body, lost } = restore(&before, &sent, &apply(&before, &sent)) else {
        panic!("it is put back")
    };
    let expected = json!({"external_id": null, "channel": "email", "via": "helpdesk", "from_agent": true,
        "sent_datetime": "2024-05-01T10:00:00+00:00", "source": {"type": "email"}});
    assert_eq!(Value::Object(body), expected);
    assert_eq!(fields(lost), [F::Channel, F::Sender, F::SentDatetime, F::Source, F::Via]);
}

#[test]
fn where_nothing_can_be_put_back_nothing_is_sent() {
    let (before, sent) = (before(json!({"external_id": "1", "sent_datetime": null})), sent(json!({})));
    assert_eq!(restore(&before, &sent, &apply(&before, &sent)), Restoration::Nothing);
    assert_eq!(restore(&before, &sent, &before), Restoration::Nothing, "it never arrived");
}

#[test]
fn what_somebody_changed_since_is_a_conflict_and_what_was_not_sent_is_none() {
    let (before, sent) = (before(json!({})), sent(json!({"subject": "New"})));
    let mut now = apply(&before, &sent);
    now.insert("body_text".into(), json!("an agent's words"));
    let Restoration::Restore { body, lost: 0 } = restore(&before, &sent, &now) else { panic!("it is put back") };
    assert!(!body.contains_key("body_text"), "what was not sent is not touched");
    now.insert("subject".into(), json!("Mended"));
    now.insert("channel".into(), json!("chat"));
    let conflict = Restoration::Conflict(vec![FieldName::Channel, FieldName::Subject]);
    assert_eq!(restore(&before, &sent, &now), conflict);
}

#[test]
fn what_somebody_put_back_already_is_no_conflict() {
    let (before, sent) = (before(json!({})), sent(json!({"subject": "New"})));
    let mut now = apply(&before, &sent);
    now.insert("subject".into(), json!("Old"));
    let Restoration::Restore { body, .. } = restore(&before, &sent, &now) else { panic!("it is put back") };
    assert!(!body.contains_key("subject"));
    assert_eq!(body["external_id"], Value::Null);
}

#[test]
fn an_undo_never_lets_a_message_be_mailed() {
    // It was no note before, and has no time: as an email again it might be sent.
    let before = before(json!({"sent_datetime": null}));
    let mut note = sent(json!({"channel": "internal-note"}));
    note.remove("sent_datetime");
    assert_eq!(restore(&before, &note, &apply(&before, &note)), Restoration::Unsafe);
    // The time that we sent was taken away since.
    let sent = sent(json!({}));
    let mut now = apply(&before, &sent);
    now.insert("sent_datetime".into(), Value::Null);
    now.insert("external_id".into(), json!("1"));
    assert_eq!(restore(&before, &sent, &now), Restoration::Unsafe);
}

#[test]
fn a_change_since_shows_in_the_digest_and_a_spelling_does_not() {
    let held = before(json!({"id": 5, "stripped_text": "x"}));
    let digest = Digest::of_held(&held);
    let with = |changes: Value| Digest::of_held(&before(changes));
    for same in [
        json!({"sent_datetime": "2024-05-01T10:00:00+00:00", "id": 6, "meta": {}}),
        json!({"sender": {"id": 1, "email": "p1@shop.example", "name": "Ann Other", "meta": {}}}),
    ] {
        assert_eq!(with(same.clone()), digest, "{same}");
    }
    let mut absent = held.clone();
    absent.remove("receiver");
    assert_eq!(Digest::of_held(&absent), digest);
    for other in [
        json!({"sent_datetime": "2024-05-01T10:00:01"}),
        json!({"body_text": "x"}),
        json!({"sender": {"id": 2, "email": "p1@shop.example"}}),
        json!({"source": {"type": "email"}}),
    ] {
        assert_ne!(with(other.clone()), digest, "{other}");
    }
    assert_ne!(Digest::of(&map(json!({}))), Digest::of_held(&map(json!({}))), "an update is no message");
}

/// What was sent of an update to a message, and what no update can put back then.
fn send(planned: &Message, held: &Message, writes: &deskferry::update::Writes) -> Option<(Message, u16)> {
    match choose(&Facts::of(planned), &Facts::of(held), writes) {
        Choice::Send(sends) => Some((body(planned, held, &sends), sends.lost)),
        _ => None,
    }
}

/// A value as it counts for byte-for-byte: times may be spelled otherwise, what is absent is null, and people are looked
/// up, so that their id, or else their email, decides.
fn plain(field: FieldName, message: &Message) -> Value {
    let value = message.get(field.name()).cloned().unwrap_or_default();
    match field {
        FieldName::SentDatetime | FieldName::FailedDatetime => {
            value.as_str().map_or(Value::Null, |text| json!(text.trim_end_matches("+00:00")))
        }
        FieldName::Attachments if value.is_null() => json!([]),
        _ => value,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn what_was_sent_is_taken_back_but_for_what_was_named_beforehand(
        planned in any_update(), before in any_held(), writes in any_writes(),
    ) {
        let Some((sent, lost_as_planned)) = send(&planned, &before, &writes) else { return Ok(()) };
        let now = apply(&before, &sent);
        let (after, lost) = match restore(&before, &sent, &now) {
            Restoration::Restore { body, lost } => {
                prop_assert!(body.get("sent_datetime").is_none_or(|time| !time.is_null()));
                (apply(&now, &body), lost)
            }
            Restoration::Nothing => (now, lost_as_planned),
            Restoration::Unsafe => {
                // Only what we made a note of can be unsafe to take back.
                prop_assert_eq!(&now["channel"], "internal-note");
                prop_assert!(before.get("channel") != now.get("channel"));
                return Ok(());
            }
            Restoration::Conflict(fields) => return Err(TestCaseError::fail(format!("{fields:?}"))),
        };
        prop_assert_eq!(lost & !lost_as_planned, 0, "{:?} was not named", fields(lost & !lost_as_planned));
        for field in FieldName::ALL.into_iter().filter(|field| lost & field.bit() == 0) {
            prop_assert_eq!(plain(field, &after), plain(field, &before), "{:?}", field);
        }
        prop_assert_eq!(restore(&before, &sent, &after), Restoration::Nothing, "a second undo");
        prop_assert_eq!(after.get("stripped_text"), before.get("stripped_text"));
    }

    #[test]
    fn an_edit_since_survives(
        planned in any_update(), before in any_held(), writes in any_writes(), field in 0_usize..14,
    ) {
        let Some((sent, _)) = send(&planned, &before, &writes) else { return Ok(()) };
        let field = FieldName::ALL[field];
        let mut now = apply(&before, &sent);
        now.insert(field.name().to_owned(), json!("an edit"));
        match restore(&before, &sent, &now) {
            Restoration::Conflict(fields) => prop_assert_eq!(fields, vec![field]),
            Restoration::Restore { body, .. } => {
                prop_assert_eq!(bits(&[field]) & Facts::of(&body).fields & Facts::of(&sent).fields, 0);
                prop_assert_eq!(&apply(&now, &body)[field.name()], "an edit");
            }
            Restoration::Nothing => {}
            Restoration::Unsafe => prop_assert!(field != FieldName::SentDatetime),
        }
    }
}
