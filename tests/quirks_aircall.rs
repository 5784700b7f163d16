//! The built-in Aircall mapping, quirk by quirk.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

mod mapping_support;
mod support;

use deskferry::mapping::{Lookups, Mapped, MappedResult, builtin};
use deskferry::record::CauseKind;
use deskferry::simulator::Settings;
use deskferry::update::{Channel, Draft, Field, Kind, Person, Via};
use mapping_support::{at, blocked, change, compile, draft, kind, map_with, set, skipped, source};
use serde_json::{Value, json};
use support::{Account, Folder, totals};

fn text() -> &'static str {
    builtin::find("aircall").expect("it ships inside").text
}

fn aircall(call: &Value) -> Vec<Mapped> {
    map_with(&compile(text()), &Lookups::default(), &call.to_string())
}

/// An answered call from a customer, with some keys replaced.
fn call(changes: Value) -> Value {
    let mut call = json!({
        "id": 812, "sid": "CA0812", "direct_link": "https://api.aircall.io/v1/calls/812", "direction": "inbound",
        "status": "done", "missed_call_reason": null, "started_at": 1_741_017_731, "answered_at": 1_741_017_740,
        "ended_at": 1_741_017_954, "duration": 223, "voicemail": null, "recording": "https://media.example/812.mp3",
        "asset": "https://media.example/812/info", "raw_digits": "+1 206-555-0112", "hangup_cause": "normal_clearing",
        "user": {"id": 456, "name": "Ada & Sons", "email": "ada@shop.example"},
        "contact": {"id": 881, "first_name": "Cleo", "last_name": "Ostrander"},
        "number": {"id": 70, "name": "Orders", "digits": "+1 503 555 01 40"},
        "cost": "0", "comments": [], "tags": [], "teams": [], "participants": [],
    });
    change(&mut call, changes);
    call
}

fn one(changes: Value) -> Draft {
    draft(&aircall(&call(changes)))
}

fn body(changes: Value) -> String {
    one(changes).body_text.value().expect("a body").clone()
}

#[test]
fn an_answered_call_is_one_incoming_message_field_by_field() {
    let mapped = aircall(&call(json!({})));
    assert_eq!((mapped[0].external_id.as_deref(), mapped[0].ticket.as_deref()), (Some("812"), Some("812")));
    let made = draft(&mapped);
    assert_eq!(kind(&made), Kind::Incoming);
    assert_eq!((made.channel, made.via), (Some(Channel::Aircall), Some(Via::Aircall)));
    assert_eq!(made.subject, set("Call from +1 206-555-0112"));
    assert_eq!(source(&made).r#type.as_deref(), Some("aircall"));
    assert_eq!((&made.sender, &made.receiver), (&Field::Keep, &Field::Keep));
}

#[test]
fn id_is_the_calls_own_and_neither_sid_nor_call_uuid_is_taken_for_it() {
    let made = one(json!({"sid": "CA1", "call_uuid": "CA1"}));
    assert_eq!((made.external_id, made.message_id), (set("812"), Field::Keep));
}

#[test]
fn direction_tells_customer_from_agent_and_a_word_that_nobody_knows_blocks() {
    let outbound = one(json!({"direction": "outbound"}));
    assert_eq!(kind(&outbound), Kind::Outgoing);
    assert_eq!(outbound.sender, Field::Set(Person { id: None, email: Some("ada@shop.example".into()) }));
    let mapped = aircall(&call(json!({"direction": "internal"})));
    let (kind, why) = blocked(&mapped);
    assert_eq!(kind, CauseKind::Unmapped);
    assert!(why.contains("`internal` is not in table directions"), "{why}");
}

#[test]
fn started_at_counts_seconds_and_a_call_without_it_is_blocked_as_unsafe() {
    assert_eq!(one(json!({})).sent_datetime, Field::Set("2025-03-03T16:02:11Z".parse().expect("a time")));
    let mapped = aircall(&call(json!({"started_at": null})));
    assert_eq!(blocked(&mapped).0, CauseKind::Unsafe);
}

#[test]
fn a_call_that_is_not_over_is_skipped_with_its_comments() {
    for status in ["initial", "answered"] {
        let mapped = aircall(&call(json!({"status": status})));
        assert_eq!(skipped(&mapped), "the call was not over yet when it was exported", "{status}");
    }
    let comments = json!([{"id": 1, "content": "…", "posted_at": 1_741_017_990}]);
    let mapped = aircall(&call(json!({"status": "answered", "comments": comments})));
    assert_eq!(mapped.len(), 2);
    assert!(mapped.iter().all(|one| matches!(one.result, MappedResult::Skipped(_))), "{mapped:#?}");
}

#[test]
fn the_body_is_made_of_what_is_known_and_says_that_duration_includes_the_ringing() {
    let missed =
        json!({"answered_at": null, "user": null, "recording": null, "missed_call_reason": "no_available_agent"});
    let missed = |more: Value| {
        let mut all = missed.clone();
        all.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        all
    };
    for (changes, expected) in [
        (json!({}), "Call from +1 206-555-0112, answered by Ada & Sons, 223 seconds with the ringing"),
        (json!({"user": null}), "Call from +1 206-555-0112"),
        (missed(json!({})), "Missed call from +1 206-555-0112 (no_available_agent)"),
        (missed(json!({"missed_call_reason": null})), "Missed call from +1 206-555-0112"),
        (
            missed(json!({"voicemail": "https://media.example/v.mp3"})),
            "Missed call from +1 206-555-0112, who left a voicemail",
        ),
        (json!({"direction": "outbound"}), "Call to +1 206-555-0112 by Ada & Sons, 223 seconds with the ringing"),
        (json!({"direction": "outbound", "answered_at": null}), "Call to +1 206-555-0112 by Ada & Sons, not answered"),
        (json!({"direction": "outbound", "user": null}), "Call to +1 206-555-0112"),
        (json!({"raw_digits": null}), "Call"),
    ] {
        let made = one(changes);
        assert_eq!(made.body_text, set(expected));
        assert_eq!(made.body_html, set(&expected.replace('&', "&amp;")));
    }
}

#[test]
fn recording_and_voicemail_links_live_an_hour_and_are_neither_attached_nor_written() {
    let link = "https://media.example/never.mp3";
    let made = one(json!({
        "answered_at": null, "recording": link, "voicemail": link, "asset": link,
        "recording_short_url": link, "voicemail_short_url": link,
    }));
    assert_eq!(made.attachments, Field::Keep);
    assert!(!format!("{made:?}").contains("never.mp3"), "{made:?}");
}

#[test]
fn digits_with_spaces_become_plain_numbers_and_a_withheld_one_no_address() {
    let inbound = one(json!({}));
    assert_eq!(source(&inbound).from, Some(at("Cleo Ostrander", "+12065550112")));
    assert_eq!(source(&inbound).to, [at("Orders", "+15035550140")]);
    let outbound = one(json!({"direction": "outbound", "contact": null}));
    assert_eq!(source(&outbound).from, Some(at("Orders", "+15035550140")));
    assert_eq!(source(&outbound).to, [at("", "+12065550112")]);
    let withheld = one(json!({"raw_digits": "anonymous", "contact": null}));
    assert_eq!(source(&withheld).from, None);
    assert!(body(json!({"raw_digits": "anonymous"})).starts_with("Call from anonymous"));
}

#[test]
fn a_contact_may_be_null_or_have_half_a_name() {
    let half = one(json!({"contact": {"id": 1, "first_name": null, "last_name": "Ostrander"}}));
    assert_eq!(source(&half).from, Some(at("Ostrander", "+12065550112")));
    let nobody = one(json!({"contact": null}));
    assert_eq!(source(&nobody).from, Some(at("", "+12065550112")));
}

#[test]
fn cost_as_text_and_tags_as_objects_or_texts_change_nothing() {
    let plain = one(json!({}));
    assert_eq!(one(json!({"cost": 0.25, "tags": ["vip"]})), plain);
    let tags = json!([{"id": 5, "name": "vip"}]);
    assert_eq!(one(json!({"tags": tags, "conference_participants": [{}], "participants": null})), plain);
}

#[test]
fn comments_are_internal_notes_with_ids_of_their_own_that_no_calls_id_collides_with() {
    let comments: Vec<_> =
        (812..817).map(|id| json!({"id": id, "content": "a <b\nc", "posted_at": 1_741_018_000 + id, "posted_by": {"id": 456, "name": "Ada", "email": "ada@shop.example"}})).collect();
    let mapped = aircall(&call(json!({"comments": comments})));
    let ids: Vec<_> = mapped.iter().filter_map(|one| one.external_id.as_deref()).collect();
    assert_eq!(ids, ["812", "comment-812", "comment-813", "comment-814", "comment-815", "comment-816"]);
    assert!(mapped.iter().all(|one| one.ticket.as_deref() == Some("812")));
    let note = draft(&mapped[1..2]);
    assert_eq!(kind(&note), Kind::InternalNote);
    assert_eq!(note.sent_datetime, Field::Set("2025-03-03T16:20:12Z".parse().expect("a time")));
    assert_eq!((note.body_text, note.body_html), (set("a <b\nc"), set("a &lt;b<br>c")));
    assert_eq!(note.sender, Field::Set(Person { id: None, email: Some("ada@shop.example".into()) }));
}

#[test]
fn a_comment_without_time_or_author_is_put_at_the_end_of_its_call() {
    let mapped = aircall(&call(json!({"comments": [{"id": 1, "content": "by a machine", "posted_by": null}]})));
    let note = draft(&mapped[1..]);
    assert_eq!(note.sent_datetime, Field::Set("2025-03-03T16:05:54Z".parse().expect("a time")));
    assert_eq!(note.sender, Field::Keep);
}

#[test]
fn a_call_without_comments_holds_none() {
    for none in [json!(null), json!([])] {
        assert_eq!(aircall(&call(json!({"comments": none}))).len(), 1);
    }
}

#[test]
fn a_webhook_log_is_read_with_two_lines_more_counts_each_call_once_and_never_shows_its_token() {
    let folder = Folder::new();
    let event = |name: &str, data: Value| json!({"resource": "call", "event": name, "timestamp": 1_741_018_000, "token": "secret-token", "data": data});
    let open = json!({"status": "initial", "answered_at": null, "ended_at": null, "duration": 0});
    let comments = json!([{"id": 9, "content": "later", "posted_at": 1_741_018_100, "posted_by": null}]);
    let log = [
        event("call.created", call(open)),
        event("call.ended", call(json!({"call_uuid": "CA0812", "sid": null}))),
        event(
            "call.commented",
            call(json!({"comments": comments, "user": {"name": "Bo", "email": "bo@shop.example"}})),
        ),
    ];
    folder.write("export/calls.jsonl", log.map(|line| format!("{line}\n")).concat());
    let ids = folder.write("export/ids.csv", "external_id,ticket_id,message_id\n812,1,11\ncomment-9,1,12\n");
    folder.write("mine.toml", text().replace("\nfiles = ", "\nformat = \"json\"\nrecords = \"data\"\nfiles = "));
    let account = Account::start(Settings::default(), &ids);
    let command = format!("run export --mapping mine.toml --checkpoint a.deskferry --rate none {}", account.flag());
    let ran = folder.run(&command).expect(0);
    assert_eq!(folder.outcomes("a.deskferry"), totals([("updated", 2), ("skipped", 2)]), "{}", ran.out);
    let arrived = account.updated();
    assert_eq!(arrived.keys().collect::<Vec<_>>(), [&11, &12]);
    let body = arrived[&11].body["body_text"].as_str().expect("a text");
    assert!(body.contains("answered by Bo"), "the last of the events counts: {body}");
    let told = folder.run("mapping explain export --mapping mine.toml --record 812 --show-content").out;
    for shown in [ran.out, ran.err, told, format!("{arrived:?}")] {
        assert!(!shown.contains("secret-token"), "{shown}");
    }
}
