//! What an update may be, and how it is written: each rule with its sentence, each field kept, cleared or set, and no
//! more on the wire than `--write` and `--also` let through.

#![allow(clippy::expect_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};

use deskferry::record::{CauseKind, ExternalId};
use deskferry::update::{
    Address, Also, Attachment, Channel, Digest, Draft, Field, FieldName, Kind, Person, RULES, Source, Update, Via,
    Write, Writes,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

const EVERYTHING: Writes = Writes { write: Write::All, also: Vec::new(), replace_external_id: false };

fn text(text: &str) -> Field<String> {
    Field::Set(text.to_owned())
}

fn at(text: &str) -> Field<Timestamp> {
    Field::Set(text.parse().expect("a time"))
}

fn file() -> Attachment {
    Attachment {
        url: "https://files.example.com/a.pdf".into(),
        name: "a.pdf".into(),
        size: Some(12),
        content_type: "application/pdf".into(),
    }
}

fn person(id: Option<u64>, email: Option<&str>) -> Field<Person> {
    Field::Set(Person { id, email: email.map(str::to_owned) })
}

fn address(name: &str, address: &str) -> Address {
    Address { name: Some(name.into()), address: Some(address.into()) }
}

/// An outgoing message that sets every field.
fn whole() -> Draft {
    Draft {
        attachments: Field::Set(vec![file()]),
        body_html: text("<p>Hello</p>"),
        body_text: text("Hello"),
        channel: Some(Channel::Email),
        external_id: text("0042"),
        failed_datetime: at("2024-05-01T10:00:01Z"),
        from_agent: Some(true),
        message_id: text("<1@mail.example.com>"),
        receiver: person(None, Some("ann@example.com")),
        sender: person(Some(7), None),
        sent_datetime: at("2024-05-01T10:00:00Z"),
        source: Field::Set(Source {
            r#type: Some("email".into()),
            from: Some(address("Shop", "shop@example.com")),
            to: vec![address("Ann", "ann@example.com")],
            ..Source::default()
        }),
        subject: text("An order"),
        via: Some(Via::Zendesk),
    }
}

fn update(draft: Draft) -> Update {
    Update::new(draft).unwrap_or_else(|broken| panic!("{}", broken.sentences()))
}

fn body(draft: Draft) -> Map<String, Value> {
    update(draft).to_body(&Writes { also: Also::ALL.to_vec(), ..EVERYTHING })
}

/// Which rules a draft breaks, and the sentences that an operator reads.
fn broken(change: impl FnOnce(&mut Draft)) -> (Vec<&'static str>, String, CauseKind) {
    let mut draft = whole();
    change(&mut draft);
    let broken = Update::new(draft).expect_err("it breaks a rule");
    (broken.rules().iter().map(|rule| rule.name).collect(), broken.sentences(), broken.kind())
}

/// A change that breaks one rule and no other.
type Breaks = fn(&mut Draft);

/// Each rule, what breaks it, and what the operator reads.
const BREAKS: &[(&str, Breaks, &str)] = &[
    (
        "external-id-present",
        |draft| draft.external_id = Field::Keep,
        "external_id is missing: the message has no id of its own",
    ),
    (
        "external-id-length",
        |draft| draft.external_id = Field::Set("é".repeat(256)),
        "external_id is longer than 255 characters, the most that Gorgias keeps",
    ),
    ("channel-present", |draft| draft.channel = None, "channel is missing: the API requires it"),
    ("via-present", |draft| draft.via = None, "via is missing: the API requires it"),
    (
        "from-agent-present",
        |draft| draft.from_agent = None,
        "from_agent is missing: it is not known whether the customer or the company wrote the message",
    ),
    (
        "sent-datetime-present",
        |draft| draft.sent_datetime = Field::Keep,
        "sent_datetime is missing: without it Gorgias may mail the message to the customer",
    ),
    (
        "sent-datetime-kept",
        |draft| draft.sent_datetime = Field::Clear,
        "sent_datetime would be cleared: Gorgias may then mail the message to the customer",
    ),
    (
        "note-from-agent",
        |draft| (draft.channel, draft.from_agent) = (Some(Channel::InternalNote), Some(false)),
        "an internal note is written by an agent: from_agent must be true",
    ),
    (
        "incoming-without-receiver",
        |draft| draft.from_agent = Some(false),
        "receiver is set on an incoming message: Gorgias keeps none there",
    ),
    ("sender-identified", |draft| draft.sender = person(None, None), "sender has neither an id nor an email"),
    ("receiver-identified", |draft| draft.receiver = person(None, None), "receiver has neither an id nor an email"),
    ("source-type-present", |draft| draft.source = Field::Set(Source::default()), "source has no type"),
    (
        "attachment-url",
        |draft| wrong_file(draft, |file| file.url = "file:///a.pdf".into()),
        "an attachment has no http(s) url",
    ),
    ("attachment-name", |draft| wrong_file(draft, |file| file.name = " ".into()), "an attachment has no name"),
    (
        "attachment-content-type",
        |draft| wrong_file(draft, |file| file.content_type.clear()),
        "an attachment has no content_type",
    ),
];

/// Adds a file that is wrong in one way to the one that is right.
fn wrong_file(draft: &mut Draft, change: fn(&mut Attachment)) {
    let mut wrong = file();
    change(&mut wrong);
    draft.attachments = Field::Set(vec![file(), wrong]);
}

#[test]
fn each_rule_is_broken_by_itself_and_says_so_in_its_own_sentence() {
    for (name, change, sentence) in BREAKS {
        let (names, sentences, _) = broken(change);
        assert_eq!((names.as_slice(), sentences.as_str()), (&[*name][..], *sentence));
    }
}

#[test]
fn no_rule_is_without_a_test() {
    let tested: BTreeSet<_> = BREAKS.iter().map(|(name, ..)| *name).collect();
    let rules: BTreeSet<_> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(tested, rules);
    assert_eq!(rules.len(), RULES.len(), "the names are stable, so no two may be the same");
}

#[test]
fn a_message_without_a_time_is_called_unsafe_and_not_merely_invalid() {
    for (name, change, _) in BREAKS {
        let expected = if name.starts_with("sent-datetime") { CauseKind::Unsafe } else { CauseKind::Invalid };
        assert_eq!(broken(change).2, expected, "{name}");
    }
    // Whatever else is wrong with it, that weighs more.
    let (names, sentences, kind) = broken(|draft| (draft.via, draft.sent_datetime) = (None, Field::Keep));
    assert_eq!((names.len(), kind), (2, CauseKind::Unsafe));
    assert!(sentences.starts_with("via is missing: the API requires it; sent_datetime is missing"), "{sentences}");
}

#[test]
fn a_message_whose_direction_is_unknown_is_taken_for_one_that_could_be_mailed() {
    let (names, _, kind) = broken(|draft| (draft.from_agent, draft.sent_datetime) = (None, Field::Keep));
    assert_eq!((names, kind), (vec!["from-agent-present", "sent-datetime-present"], CauseKind::Unsafe));
}

#[test]
fn an_internal_note_needs_no_time_but_its_time_is_never_cleared() {
    let note = Draft { channel: Some(Channel::InternalNote), sent_datetime: Field::Keep, ..whole() };
    assert_eq!(update(note.clone()).kind(), Kind::InternalNote);
    let cleared = Update::new(Draft { sent_datetime: Field::Clear, ..note }).expect_err("unsafe");
    assert_eq!(cleared.kind(), CauseKind::Unsafe);
}

#[test]
fn an_id_is_taken_byte_for_byte_up_to_255_characters() {
    for id in
        ["0", "00042", "33000000000001", " x ", "6f1c2d3e-0a4b-4c5d-8e6f-708192a3b4c5", "é\u{1F4E8}", &"é".repeat(255)]
    {
        let body = body(Draft { external_id: text(id), ..whole() });
        assert_eq!(body["external_id"], json!(id));
    }
    for id in ["", " \t"] {
        assert_eq!(broken(|draft| draft.external_id = text(id)).0, ["external-id-present"], "{id:?}");
    }
    assert!(ExternalId::new("é".repeat(255)).is_ok() && ExternalId::new("e".repeat(256)).is_err());
}

#[test]
fn a_field_that_is_set_is_written_as_the_api_takes_it() {
    let expected = json!({
        "attachments": [{
            "url": "https://files.example.com/a.pdf", "name": "a.pdf", "size": 12, "content_type": "application/pdf",
        }],
        "body_html": "<p>Hello</p>",
        "body_text": "Hello",
        "channel": "email",
        "external_id": "0042",
        "failed_datetime": "2024-05-01T10:00:01+00:00",
        "from_agent": true,
        "message_id": "<1@mail.example.com>",
        "receiver": {"email": "ann@example.com"},
        "sender": {"id": 7},
        "sent_datetime": "2024-05-01T10:00:00+00:00",
        "source": {
            "type": "email",
            "from": {"name": "Shop", "address": "shop@example.com"},
            "to": [{"name": "Ann", "address": "ann@example.com"}],
        },
        "subject": "An order",
        "via": "zendesk",
    });
    assert_eq!(Value::Object(body(whole())), expected);
    assert_eq!(expected.as_object().map(Map::len), Some(14), "all 14 fields, and no other");
}

/// What can be done to a field that may be kept and cleared.
type Changes = (FieldName, fn(&mut Draft), fn(&mut Draft));

/// Each field that may be kept, and how it is kept and cleared.
const KEPT_AND_CLEARED: &[Changes] = &[
    (FieldName::Attachments, |draft| draft.attachments = Field::Keep, |draft| draft.attachments = Field::Clear),
    (FieldName::BodyHtml, |draft| draft.body_html = Field::Keep, |draft| draft.body_html = Field::Clear),
    (FieldName::BodyText, |draft| draft.body_text = Field::Keep, |draft| draft.body_text = Field::Clear),
    (
        FieldName::FailedDatetime,
        |draft| draft.failed_datetime = Field::Keep,
        |draft| draft.failed_datetime = Field::Clear,
    ),
    (FieldName::MessageId, |draft| draft.message_id = Field::Keep, |draft| draft.message_id = Field::Clear),
    (FieldName::Receiver, |draft| draft.receiver = Field::Keep, |draft| draft.receiver = Field::Clear),
    (FieldName::Sender, |draft| draft.sender = Field::Keep, |draft| draft.sender = Field::Clear),
    (FieldName::Source, |draft| draft.source = Field::Keep, |draft| draft.source = Field::Clear),
    (FieldName::Subject, |draft| draft.subject = Field::Keep, |draft| draft.subject = Field::Clear),
];

#[test]
fn a_field_that_is_kept_is_not_sent_and_one_that_is_cleared_is_null_or_an_empty_list() {
    let all = body(whole());
    for (field, keep, clear) in KEPT_AND_CLEARED {
        let (mut kept, mut cleared) = (whole(), whole());
        keep(&mut kept);
        clear(&mut cleared);
        assert_eq!((kept.fields() & field.bit(), cleared.fields() & field.bit()), (0, field.bit()), "{field:?}");
        let mut expected = all.clone();
        // The API takes no null for a list.
        let nothing = if *field == FieldName::Attachments { json!([]) } else { Value::Null };
        expected.insert(field.name().to_owned(), nothing);
        assert_eq!(body(cleared), expected, "{field:?}");
        expected.remove(field.name());
        assert_eq!(body(kept), expected, "{field:?}");
    }
}

#[test]
fn nothing_but_a_cleared_field_is_ever_null() {
    let bare = Draft {
        attachments: Field::Set(vec![Attachment { size: None, ..file() }]),
        source: Field::Set(Source { r#type: Some("api".into()), ..Source::default() }),
        ..whole()
    };
    let body = body(bare);
    assert!(body.values().all(|value| !value.is_null()), "{body:?}");
    // The API's own word for a length that nobody knows.
    assert_eq!(body["attachments"][0]["size"], Value::Null);
    assert_eq!(body["source"].get("from"), None, "nobody is not an empty address");
}

#[test]
fn an_id_of_a_person_goes_alone_because_an_email_beside_it_could_change_the_person() {
    let body = body(Draft { sender: person(Some(7), Some("agent@example.com")), ..whole() });
    assert_eq!(body["sender"], json!({"id": 7}));
}

#[test]
fn every_time_is_written_in_utc_with_its_offset() {
    for (given, written) in [
        ("2024-05-01T12:00:00+02:00", "2024-05-01T10:00:00+00:00"),
        ("2024-12-31T23:30:00-05:00", "2025-01-01T04:30:00+00:00"),
        ("2024-05-01T10:00:00.25Z", "2024-05-01T10:00:00.25+00:00"),
        ("2024-05-01T10:00:00.123456Z", "2024-05-01T10:00:00.123456+00:00"),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59+00:00"),
    ] {
        let body = body(Draft { sent_datetime: at(given), failed_datetime: at(given), ..whole() });
        assert_eq!((&body["sent_datetime"], &body["failed_datetime"]), (&json!(written), &json!(written)));
    }
}

#[test]
fn write_and_also_say_which_fields_go_out() {
    use FieldName::{
        Attachments, BodyHtml, BodyText, Channel, ExternalId, FailedDatetime, FromAgent, MessageId, Receiver, Sender,
        SentDatetime, Source, Subject, Via,
    };
    let ids = BTreeSet::from([Channel, ExternalId, FromAgent, MessageId, SentDatetime, Via]);
    let rest = BTreeSet::from([BodyHtml, BodyText, FailedDatetime, Source, Subject]);
    let named = BTreeMap::from([(Also::Attachments, Attachments), (Also::Sender, Sender), (Also::Receiver, Receiver)]);
    for write in Write::ALL {
        // Every choice of what may be named.
        for choice in 0..1 << Also::ALL.len() {
            let also: Vec<_> =
                (0..).zip(Also::ALL).filter(|(bit, _)| choice >> bit & 1 == 1).map(|(_, also)| also).collect();
            let mut expected = ids.clone();
            if write != Write::Ids {
                expected.extend(&rest);
                expected.extend(also.iter().map(|also| named[also]));
            }
            let writes = Writes { write, also, replace_external_id: false };
            let body = update(whole()).to_body(&writes);
            let sent: BTreeSet<_> = body.keys().map(|name| FieldName::from_name(name).expect("a field")).collect();
            assert_eq!(sent, expected, "{writes:?}");
        }
    }
}

#[test]
fn a_run_that_writes_ids_alone_still_sends_what_the_api_requires_and_what_keeps_it_from_mailing() {
    let body = update(whole()).to_body(&Writes { write: Write::Ids, also: Also::ALL.to_vec(), ..EVERYTHING });
    for name in ["channel", "from_agent", "sent_datetime", "via"] {
        assert!(body.get(name).is_some_and(|value| !value.is_null()), "{name}: {body:?}");
    }
    // A draft that maps nothing else is enough.
    let bare = Draft {
        channel: Some(Channel::Chat),
        external_id: text("1"),
        from_agent: Some(true),
        sent_datetime: at("2024-05-01T10:00:00Z"),
        via: Some(Via::Api),
        ..Draft::default()
    };
    let names: Vec<_> = update(bare).to_body(&EVERYTHING).keys().cloned().collect();
    assert_eq!(names, ["channel", "external_id", "from_agent", "sent_datetime", "via"]);
}

#[test]
fn what_is_not_written_can_not_be_wrong_either() {
    // A receiver on an incoming message, a file without a name, a source without a type: only where they would go out.
    let mut draft = Draft { from_agent: Some(false), source: Field::Set(Source::default()), ..whole() };
    wrong_file(&mut draft, |file| file.name.clear());
    let breaks = |writes: &Writes| {
        let mut draft = draft.clone();
        draft.keep_unwritten(writes);
        let body = Update::new(draft).map(|update| update.to_body(writes));
        body.map_or_else(|broken| broken.rules().iter().map(|rule| rule.name).collect(), |_| Vec::new())
    };
    assert_eq!(breaks(&Writes { write: Write::Ids, also: Also::ALL.to_vec(), ..EVERYTHING }), [""; 0]);
    for write in [Write::Missing, Write::All] {
        assert_eq!(breaks(&Writes { write, ..EVERYTHING }), ["source-type-present"]);
        let also = vec![Also::Attachments, Also::Receiver];
        assert_eq!(
            breaks(&Writes { write, also, ..EVERYTHING }),
            ["incoming-without-receiver", "source-type-present", "attachment-name"]
        );
    }
    // What keeps Gorgias from mailing is always written, so it is always checked.
    draft.sent_datetime = Field::Clear;
    draft.keep_unwritten(&Writes { write: Write::Ids, ..EVERYTHING });
    assert_eq!(Update::new(draft).expect_err("unsafe").kind(), CauseKind::Unsafe);
}

#[test]
fn a_digest_is_the_same_for_the_same_update_and_another_for_any_field_that_differs() {
    let all = body(whole());
    let digest = Digest::of(&all);
    assert_eq!(Digest::of(&body(whole())), digest);
    let mut seen = BTreeSet::from([digest.0]);
    for name in all.keys() {
        for other in [Value::Null, json!("other")] {
            let mut changed = all.clone();
            changed.insert(name.clone(), other);
            assert!(seen.insert(Digest::of(&changed).0), "{name} changed");
        }
        let mut without = all.clone();
        without.remove(name);
        assert!(seen.insert(Digest::of(&without).0), "{name} is not sent");
    }
    assert_eq!(seen.len(), 1 + 3 * 14);
}

#[test]
fn what_is_not_written_does_not_change_the_digest() {
    let ids = Writes { write: Write::Ids, ..EVERYTHING };
    let digest = |draft| Digest::of(&update(draft).to_body(&ids));
    assert_eq!(digest(whole()), digest(Draft { body_text: text("Another text"), ..whole() }));
    assert_ne!(digest(whole()), digest(Draft { message_id: text("<2@mail.example.com>"), ..whole() }));
}

#[test]
fn an_upgrade_of_the_tool_does_not_send_everything_again() {
    // Checkpoints hold this digest. If it has to change, so has the format's number in `Digest`, and the changelog says
    // that the next run sends everything again.
    let digest = u128::from_be_bytes(Digest::of(&body(whole())).0);
    assert_eq!(format!("{digest:032x}"), "cc59ea8c9005c833b736339ca3c2496a");
}
