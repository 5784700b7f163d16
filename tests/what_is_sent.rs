//! What of an update is sent follows from what the account holds: nothing is null by accident, nothing is sent twice,
//! and nobody is mailed.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod messages;

use deskferry::record::CauseKind;
use deskferry::update::{Choice, Facts, FieldName, Kind, Sends, Write, Writes, body, choose};
use messages::{Message, any_held, any_update, any_writes, apply, bits, fields, map, writes};
use proptest::prelude::*;
use serde_json::{Value, json};

fn chosen(planned: &Message, held: &Message, writes: &Writes) -> Choice {
    choose(&Facts::of(planned), &Facts::of(held), writes)
}

/// An outgoing message.
fn planned(changes: Value) -> Message {
    let update = map(json!({
        "external_id": "1", "channel": "email", "via": "zendesk", "from_agent": true,
        "sent_datetime": "2024-05-01T10:00:00+00:00",
    }));
    update.into_iter().chain(map(changes)).collect()
}

/// The same, as the account holds it already.
fn held(changes: Value) -> Message {
    let held = map(json!({
        "external_id": "1", "message_id": null, "channel": "email", "via": "zendesk", "from_agent": true,
        "sent_datetime": "2024-05-01T10:00:00", "body_text": null, "body_html": null, "subject": null,
        "attachments": [], "sender": null, "receiver": null, "source": null, "failed_datetime": null,
    }));
    held.into_iter().chain(map(changes)).collect()
}

fn sends(planned: &Message, held: &Message, write: Write) -> Sends {
    match chosen(planned, held, &writes(write)) {
        Choice::Send(sends) => sends,
        other => panic!("{other:?}"),
    }
}

fn sent(planned: &Message, held: &Message, write: Write) -> Value {
    Value::Object(body(planned, held, &sends(planned, held, write)))
}

fn blocked(planned: &Message, held: &Message, writes: &Writes) -> (CauseKind, String) {
    match chosen(planned, held, writes) {
        Choice::Blocked(cause) => (cause.kind, cause.detail),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_the_account_holds_already_is_not_sent() {
    for write in Write::ALL {
        assert_eq!(chosen(&planned(json!({})), &held(json!({})), &writes(write)), Choice::Unchanged);
    }
    let ours = json!({"body_html": "<P>a</P>", "body_text": "a\r\n", "sender": {"email": "Ann@shop.example"},
        "source": {"type": "email"}, "message_id": "<a@b>"});
    let theirs = json!({"body_html": "<p>\na</p>", "body_text": "a", "message_id": "<a@b>",
        "sender": {"id": 4, "email": "ann@shop.example", "name": "Ann"}, "source": {"type": "email", "to": [{"address": "a"}]}});
    assert_eq!(chosen(&planned(ours), &held(theirs), &writes(Write::All)), Choice::Unchanged);
}

#[test]
fn the_ids_are_what_every_run_is_for() {
    let ours = planned(json!({"message_id": "<a@b>", "subject": "New", "body_text": null}));
    let theirs = held(json!({"external_id": null, "message_id": "<old@b>", "subject": "Old", "body_text": "x"}));
    let required = json!({"external_id": "1", "message_id": "<a@b>", "channel": "email", "via": "zendesk",
        "from_agent": true, "sent_datetime": "2024-05-01T10:00:00+00:00"});
    assert_eq!(sent(&ours, &theirs, Write::Ids), required);
    assert_eq!(sent(&ours, &theirs, Write::Missing), required);
    let mut all = required;
    (all["subject"], all["body_text"]) = (json!("New"), Value::Null);
    assert_eq!(sent(&ours, &theirs, Write::All), all);
}

#[test]
fn what_is_filled_replaced_and_lost_is_known() {
    use FieldName as F;
    let ours = planned(json!({"message_id": "<a@b>", "subject": "New", "body_text": "x", "sender": {"id": 3},
        "source": {"type": "chat"}}));
    let theirs = held(json!({"external_id": null, "channel": "carrier-pigeons", "sent_datetime": null,
        "message_id": "<old@b>", "subject": "Old", "source": {"type": "email", "extra": {"a": 1}}}));
    let all = sends(&ours, &theirs, Write::All);
    assert_eq!(fields(all.fills), [F::BodyText, F::ExternalId, F::Sender, F::SentDatetime]);
    assert_eq!(fields(all.replaces), [F::Channel, F::MessageId, F::Source, F::Subject]);
    assert_eq!(fields(all.lost), [F::Channel, F::Sender, F::SentDatetime, F::Source]);
    let missing = sends(&ours, &theirs, Write::Missing);
    assert_eq!(fields(missing.replaces), [F::Channel, F::MessageId]);
    assert_eq!(missing.fills, all.fills);
}

#[test]
fn what_the_api_requires_stays_as_the_account_has_it() {
    let ours = planned(json!({"external_id": "1"}));
    let theirs = held(json!({"external_id": null, "channel": "chat", "via": "helpdesk", "from_agent": false,
        "sent_datetime": "2021-02-03T04:05:06"}));
    let expected = json!({"external_id": "1", "channel": "chat", "via": "helpdesk", "from_agent": false,
        "sent_datetime": "2021-02-03T04:05:06+00:00"});
    for write in Write::ALL {
        assert_eq!(sent(&ours, &theirs, write), expected);
    }
    // Even where the plan says none.
    let note = map(json!({"external_id": "1", "channel": "internal-note", "via": "zendesk", "from_agent": true}));
    assert_eq!(sent(&note, &theirs, Write::All), expected);
}

#[test]
fn a_channel_or_via_that_no_update_can_say_is_no_reason_to_send() {
    let theirs = held(json!({"channel": "carrier-pigeons", "via": "gorgias_chat"}));
    assert_eq!(chosen(&planned(json!({})), &theirs, &writes(Write::All)), Choice::Unchanged);
    let theirs = held(json!({"channel": "carrier-pigeons", "via": "gorgias_chat", "external_id": ""}));
    let replaced = sends(&planned(json!({})), &theirs, Write::Ids);
    assert_eq!(replaced.replaces, bits(&[FieldName::Channel, FieldName::Via]));
    assert_eq!(replaced.lost, replaced.replaces);
}

#[test]
fn what_the_api_requires_and_the_account_lacks_is_a_reason_to_send() {
    for field in [FieldName::Channel, FieldName::Via, FieldName::FromAgent, FieldName::SentDatetime] {
        for nothing in [json!({field.name(): null}), json!({field.name(): ""})] {
            let sends = sends(&planned(json!({})), &held(nothing), Write::Ids);
            assert_eq!((sends.fills, sends.lost), (field.bit(), field.bit()), "{field:?}");
        }
    }
}

#[test]
fn another_external_id_blocks_unless_it_may_be_replaced() {
    let (ours, theirs) = (planned(json!({})), held(json!({"external_id": "01"})));
    let mut writes = writes(Write::All);
    assert_eq!(
        blocked(&ours, &theirs, &writes),
        (CauseKind::OtherExternalId, "its target already holds another external_id".to_owned())
    );
    writes.replace_external_id = true;
    let Choice::Send(sends) = chosen(&ours, &theirs, &writes) else { panic!("it is sent") };
    assert_eq!((sends.replaces, sends.lost), (FieldName::ExternalId.bit(), 0));
}

#[test]
fn what_is_no_note_there_and_has_no_time_is_blocked_even_if_nothing_would_change() {
    let note = map(json!({"external_id": "1", "channel": "internal-note", "via": "zendesk", "from_agent": true}));
    for theirs in [json!({"sent_datetime": null}), json!({"sent_datetime": "soon"})] {
        assert_eq!(
            blocked(&note, &held(theirs), &writes(Write::Ids)),
            (CauseKind::Unsafe, "the account holds no internal note there, and sent_datetime is missing".to_owned())
        );
    }
    let there = held(json!({"sent_datetime": null, "channel": "internal-note"}));
    assert_eq!(chosen(&note, &there, &writes(Write::Ids)), Choice::Unchanged);
}

#[test]
fn a_receiver_is_not_written_where_the_account_holds_an_incoming_message() {
    let ours = planned(json!({"receiver": {"id": 3}}));
    let theirs = held(json!({"from_agent": false}));
    assert_eq!(
        blocked(&ours, &theirs, &writes(Write::Missing)),
        (
            CauseKind::Invalid,
            "the account holds an incoming message there, on which Gorgias keeps no receiver".to_owned()
        )
    );
    assert_eq!(chosen(&ours, &theirs, &writes(Write::Ids)), Choice::Unchanged);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn the_body_holds_what_was_chosen_and_no_null_by_accident(
        planned in any_update(), held in any_held(), writes in any_writes(),
    ) {
        let Choice::Send(sends) = chosen(&planned, &held, &writes) else { return Ok(()) };
        let body = body(&planned, &held, &sends);
        let names: Vec<_> = fields(sends.fields).into_iter().map(FieldName::name).collect();
        prop_assert_eq!(body.keys().map(String::as_str).collect::<Vec<_>>(), names);
        for required in ["external_id", "channel", "via", "from_agent"] {
            prop_assert!(body.contains_key(required), "{}", required);
        }
        for (name, value) in &body {
            prop_assert!(!value.is_null() || planned[name].is_null() && name != "sent_datetime", "{}", name);
        }
        prop_assert_eq!(sends.fills & sends.replaces, 0);
        prop_assert_eq!((sends.fills | sends.replaces) & !sends.fields, 0);
        prop_assert_eq!(sends.lost & !(sends.fills | sends.replaces), 0);
        // Beside the id and what the API requires, only what changes.
        let always = ["external_id", "channel", "via", "from_agent", "sent_datetime"];
        for field in fields(sends.fields & !(sends.fills | sends.replaces)) {
            prop_assert!(always.contains(&field.name()), "{:?} changes nothing", field);
        }
        let facts = Facts::of(&held);
        for field in fields(sends.fills | sends.replaces) {
            prop_assert_eq!(sends.replaces & field.bit() != 0, facts.says(field), "{:?}", field);
        }
    }

    #[test]
    fn what_was_sent_is_not_sent_again(planned in any_update(), held in any_held(), writes in any_writes()) {
        let Choice::Send(sends) = chosen(&planned, &held, &writes) else { return Ok(()) };
        let after = apply(&held, &body(&planned, &held, &sends));
        prop_assert_eq!(chosen(&planned, &after, &writes), Choice::Unchanged, "{:?}", after);
    }

    #[test]
    fn nothing_is_left_that_may_be_mailed(planned in any_update(), held in any_held(), writes in any_writes()) {
        let Choice::Send(sends) = chosen(&planned, &held, &writes) else { return Ok(()) };
        let after = apply(&held, &body(&planned, &held, &sends));
        let has_time = after.get("sent_datetime").is_some_and(|time| time.as_str() > Some("2"));
        prop_assert!(has_time || Facts::of(&after).kind() == Some(Kind::InternalNote), "{:?}", after);
    }

    #[test]
    fn missing_replaces_nothing_but_ids_and_what_no_update_can_say(planned in any_update(), held in any_held()) {
        let Choice::Send(sends) = chosen(&planned, &held, &writes(Write::Missing)) else { return Ok(()) };
        let after = apply(&held, &body(&planned, &held, &sends));
        let facts = Facts::of(&held);
        for field in FieldName::ALL {
            let may_change = match field {
                FieldName::ExternalId | FieldName::MessageId => true,
                FieldName::Channel | FieldName::Via | FieldName::FromAgent | FieldName::SentDatetime => {
                    !facts.can_be_put_back(field)
                }
                _ => !facts.says(field),
            };
            if may_change {
                continue;
            }
            prop_assert!(facts.agrees(&Facts::of(&after), field), "{:?}", field);
        }
    }

    #[test]
    fn facts_survive_the_way_into_bytes(held in any_held()) {
        let facts = Facts::of(&held);
        let mut bytes = facts.to_bytes().to_vec();
        prop_assert_eq!(Facts::from_bytes(&bytes), Some(facts));
        prop_assert_eq!(Facts::from_bytes(&bytes[1..]), None);
        bytes[5] = 22;
        prop_assert_eq!(Facts::from_bytes(&bytes), None, "there is no such channel");
        (bytes[5], bytes[0]) = (0, 0);
        prop_assert_eq!(Facts::from_bytes(&bytes), None, "there is no such format");
    }
}
