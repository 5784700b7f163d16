//! What the stand-in for Gorgias promises. Most of it is asked of the core, at made-up times; what concerns the wire
//! goes through a real socket.

#![expect(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use deskferry::simulator::{
    Access, Answer, Fate, Fault, Faults, FaultsError, Limit, MAX_BODY, Message, Moment, Request, Seed, Server,
    ServerError, Settings, Simulator, Store, StoreError, Strike, Target,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

const ONE: &str = "/api/tickets/7/messages/70";
const OTHER: &str = "/api/tickets/7/messages/71";

/// Time, as the tests count it: milliseconds after some start.
fn at(milliseconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_millis(1_800_000_000_000 + milliseconds)
}

fn simulator(settings: Settings) -> Simulator {
    let mut simulator = Simulator::new(settings);
    for message_id in 70..80 {
        simulator.seed(Seed::new(7, message_id)).unwrap();
    }
    simulator.seed(Seed::new(8, 80)).unwrap();
    simulator
}

fn plain() -> Simulator {
    simulator(Settings::default())
}

fn faulty(faults: Faults) -> Simulator {
    simulator(Settings { faults, ..Settings::default() })
}

fn limited(limit: &str) -> Simulator {
    simulator(Settings { limit: limit.parse().unwrap(), ..Settings::default() })
}

fn ask_at(simulator: &mut Simulator, method: &str, path: &str, body: &[u8], now: Timestamp) -> Answer {
    let request = Request { method, path, authorization: None, body };
    simulator.answer(&request, now)
}

fn ask(simulator: &mut Simulator, method: &str, path: &str, body: &str) -> Answer {
    ask_at(simulator, method, path, body.as_bytes(), at(0))
}

fn get(simulator: &mut Simulator, path: &str) -> Answer {
    ask(simulator, "GET", path, "")
}

fn put(simulator: &mut Simulator, path: &str, body: &Value) -> Answer {
    ask(simulator, "PUT", path, &body.to_string())
}

fn read(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

/// The least that an update must carry, and what is given besides.
fn update(more: &Value) -> Value {
    let mut body = json!({"channel": "email", "via": "zendesk", "from_agent": false});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn held(simulator: &Simulator, message_id: u64) -> Value {
    message(simulator, message_id).shown()
}

fn message(simulator: &Simulator, message_id: u64) -> &Message {
    let ticket_id = 7;
    simulator.account().message(Target { ticket_id, message_id }).unwrap()
}

// The update endpoint

#[test]
fn a_valid_value_of_every_field_is_taken() {
    let least = json!({"url": "https://x/y", "name": "y", "content_type": "text/plain"});
    let most = json!({"url": "u", "name": "y", "content_type": "a/b", "size": 3, "public": true, "extra": {"a": 1}});
    let unmeasured = json!({"url": "u", "name": "y", "content_type": "a/b", "size": null});
    let party = json!({"name": "A", "address": "a@example.com"});
    let source = json!({"type": "email", "from": party, "to": [party], "cc": [], "bcc": [{"name": null}]});
    let cases = [
        json!({}),
        json!({"attachments": []}),
        json!({"attachments": [least, most, unmeasured]}),
        json!({"body_html": "<p>", "body_text": "", "subject": "s", "message_id": "<a@b>"}),
        json!({"body_html": null, "body_text": null, "subject": null, "message_id": null}),
        json!({"external_id": null}),
        json!({"external_id": "é".repeat(255)}),
        json!({"sent_datetime": "2024-02-29T10:00:00", "failed_datetime": null}),
        json!({"sent_datetime": "2024-02-29T10:00:00Z"}),
        json!({"sent_datetime": "2024-02-29T10:00:00.123456+05:30"}),
        json!({"receiver": {"id": 5}, "sender": {"email": "a@b.c"}}),
        json!({"sender": {"id": 5, "email": "a@b.c"}}),
        json!({"source": source}),
        json!({"channel": "yotpo-review", "via": "yotpo"}),
        json!({"channel": "internal-note", "via": "internal-note", "from_agent": true}),
    ];
    for case in cases {
        let answer = put(&mut plain(), ONE, &update(&case));
        assert_eq!(answer.status, 202, "{case}: {}", String::from_utf8_lossy(&answer.body));
    }
}

#[test]
fn an_invalid_value_is_refused_with_the_field_that_is_wrong() {
    let cases = [
        ("unknown", json!({"unknown": 1})),
        ("created_datetime", json!({"created_datetime": "2024-01-01T00:00:00Z"})),
        ("imported", json!({"imported": true})),
        ("id", json!({"id": 70})),
        ("channel", json!({"channel": "fax"})),
        ("channel", json!({"channel": null})),
        ("channel", json!({"channel": 3})),
        ("via", json!({"via": "gorgias_chat"})),
        ("via", json!({"via": "offline_capture"})),
        ("via", json!({"via": "self_service"})),
        ("via", json!({"via": null})),
        ("from_agent", json!({"from_agent": "true"})),
        ("from_agent", json!({"from_agent": null})),
        ("external_id", json!({"external_id": 12})),
        ("external_id", json!({"external_id": "x".repeat(256)})),
        ("body_text", json!({"body_text": ["a"]})),
        ("body_html", json!({"body_html": 1})),
        ("subject", json!({"subject": {}})),
        ("message_id", json!({"message_id": 1})),
        ("sent_datetime", json!({"sent_datetime": 1_700_000_000})),
        ("sent_datetime", json!({"sent_datetime": "yesterday"})),
        ("sent_datetime", json!({"sent_datetime": "2024-01-01"})),
        ("sent_datetime", json!({"sent_datetime": "2024-01-01 10:00:00"})),
        ("sent_datetime", json!({"sent_datetime": "2023-02-29T10:00:00Z"})),
        ("sent_datetime", json!({"sent_datetime": "2024-01-01T10:00:00Z[Europe/Paris]"})),
        ("failed_datetime", json!({"failed_datetime": ""})),
        ("sender", json!({"sender": null})),
        ("sender", json!({"sender": {}})),
        ("sender", json!({"sender": {"id": "5"}})),
        ("sender", json!({"sender": {"email": "nobody"}})),
        ("sender", json!({"sender": {"id": 5, "name": "Ann"}})),
        ("receiver", json!({"receiver": "a@b.c"})),
        ("source", json!({"source": {"type": 1}})),
        ("source", json!({"source": {"from": [{"address": "a@b"}]}})),
        ("source", json!({"source": {"to": {"address": "a@b"}}})),
        ("source", json!({"source": {"cc": [{"address": 1}]}})),
        ("source", json!({"source": {"reply_to": []}})),
        ("attachments", json!({"attachments": null})),
        ("attachments", json!({"attachments": {}})),
        ("attachments", json!({"attachments": [{"url": "u", "name": "n"}]})),
        ("attachments", json!({"attachments": [{"url": "u", "name": "n", "content_type": "c", "size": "3"}]})),
        ("attachments", json!({"attachments": [{"url": "u", "name": "n", "content_type": "c", "size": 1.5}]})),
    ];
    let mut simulator = plain();
    for (field, case) in cases {
        let answer = put(&mut simulator, ONE, &update(&case));
        assert_eq!(answer.status, 400, "{case}");
        let error = &read(&answer)["error"];
        assert!(error["msg"].is_string(), "{case}");
        let named: Vec<&String> = error["data"].as_object().unwrap().keys().collect();
        assert_eq!(named, [field], "{case}");
    }
    assert_eq!(simulator.counters().updates, 0);
}

#[test]
fn the_three_required_fields_are_missed() {
    for field in ["channel", "via", "from_agent"] {
        let mut body = update(&json!({}));
        body.as_object_mut().unwrap().remove(field);
        let answer = put(&mut plain(), ONE, &body);
        assert_eq!(answer.status, 400);
        let expected = json!({field: ["Missing data for required field."]});
        assert_eq!(read(&answer)["error"]["data"], expected);
    }
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    for body in ["", "{", "null", "[]", "\"text\"", "{\"channel\": \u{1}}"] {
        assert_eq!(ask(&mut plain(), "PUT", ONE, body).status, 400, "{body:?}");
    }
}

#[test]
fn a_body_over_eight_mebibytes_is_too_large() {
    let frame = update(&json!({"body_text": ""})).to_string().len();
    let sized = |size: usize| update(&json!({"body_text": "x".repeat(size - frame)}));
    assert_eq!(put(&mut plain(), ONE, &sized(MAX_BODY)).status, 202);
    assert_eq!(put(&mut plain(), ONE, &sized(MAX_BODY + 1)).status, 413);
}

#[test]
fn a_message_is_found_under_its_own_ticket_alone() {
    let mut simulator = plain();
    for (ticket, message) in [("7", "80"), ("8", "70"), ("9", "70"), ("7", "999"), ("7", "x"), ("x", "70")] {
        let path = format!("/api/tickets/{ticket}/messages/{message}");
        let answer = put(&mut simulator, &path, &update(&json!({})));
        assert_eq!(answer.status, 404, "{path}");
        assert!(read(&answer)["error"]["msg"].is_string());
        assert_eq!(get(&mut simulator, &path).status, 404);
    }
}

#[test]
fn an_update_changes_what_it_names_and_keeps_the_rest() {
    let mut simulator = plain();
    let mut expected = held(&simulator, 70);
    assert_eq!((&expected["external_id"], &expected["sent_datetime"]), (&Value::Null, &Value::Null));
    let sent = json!({"external_id": "00042", "subject": "Hi", "sent_datetime": "2024-01-01T10:00:00+02:00"});
    let answer = put(&mut simulator, ONE, &update(&sent));
    assert_eq!(answer.status, 202);
    expected["external_id"] = json!("00042");
    expected["subject"] = json!("Hi");
    expected["sent_datetime"] = json!("2024-01-01T08:00:00+00:00");
    assert_eq!(read(&answer), expected);

    put(&mut simulator, ONE, &update(&json!({"subject": null})));
    expected["subject"] = Value::Null;
    assert_eq!(read(&get(&mut simulator, ONE)), expected);
}

#[test]
fn an_answer_holds_every_documented_property() {
    let answer = read(&get(&mut plain(), ONE));
    let documented = "id ticket_id uri message_id external_id public channel via source sender receiver integration_id \
        rule_id intents macros actions from_agent subject body_text body_html stripped_text stripped_html \
        stripped_signature attachments headers meta created_datetime sent_datetime failed_datetime opened_datetime \
        deleted_datetime last_sending_error is_retriable replied_by replied_to imported processed_datetime \
        auth_customer_identity";
    let mut expected: Vec<&str> = documented.split_whitespace().collect();
    expected.sort_unstable();
    let mut shown: Vec<&str> = answer.as_object().unwrap().keys().map(String::as_str).collect();
    shown.sort_unstable();
    assert_eq!(shown, expected);
    assert_eq!(answer["uri"], "/api/tickets/7/messages/70/");
}

#[test]
fn what_a_message_received_is_remembered() {
    let mut simulator = plain();
    let first = update(&json!({"external_id": "a", "sent_datetime": "2024-01-01T10:00:00"}));
    let last = update(&json!({"external_id": "b"}));
    put(&mut simulator, ONE, &first);
    put(&mut simulator, OTHER, &first);
    put(&mut simulator, ONE, &last);
    put(&mut simulator, ONE, &json!({"external_id": "refused"}));
    let received = message(&simulator, 70).received();
    assert_eq!((received.requests, received.updates), (3, 2));
    assert_eq!((received.first_turn, received.last_turn), (1, 3));
    assert_eq!(received.last_body(), Some(last));
    let counters = simulator.counters();
    assert_eq!((counters.updates, counters.repeated, counters.update_requests), (3, 1, 4));
    let applied: Vec<bool> = simulator.recent().map(|entry| entry.applied).collect();
    assert_eq!(applied, [true, true, true, false]);
}

#[test]
fn a_person_that_nobody_knew_is_created_once_and_counted() {
    let mut simulator = plain();
    put(&mut simulator, ONE, &update(&json!({"sender": {"email": "customer-7@example.com"}})));
    assert_eq!(held(&simulator, 70)["sender"]["id"], 7);
    put(&mut simulator, ONE, &update(&json!({"sender": {"id": 7}})));
    assert_eq!(held(&simulator, 70)["sender"]["email"], "customer-7@example.com");
    assert_eq!(simulator.counters().people_created, 0);
    put(&mut simulator, ONE, &update(&json!({"sender": {"email": "new@example.com"}})));
    put(&mut simulator, ONE, &update(&json!({"receiver": {"email": "new@example.com"}})));
    assert_eq!(simulator.counters().people_created, 1);
    assert_eq!(held(&simulator, 70)["sender"], held(&simulator, 70)["receiver"]);
}

// Mails

#[test]
fn an_update_mails_a_customer_exactly_when_it_leaves_an_outgoing_message_unsent() {
    let incoming = json!({});
    let agent = json!({"from_agent": true});
    let dated = json!({"from_agent": true, "sent_datetime": "2024-01-01T10:00:00Z"});
    let cleared = json!({"from_agent": true, "sent_datetime": null});
    let note = json!({"from_agent": true, "channel": "internal-note"});
    let cases = [
        ("an outgoing one without a date", vec![&agent], 1),
        ("with null for a date", vec![&cleared], 1),
        ("with a date", vec![&dated], 0),
        ("dated before, date kept", vec![&dated, &agent], 0),
        ("dated before, date cleared", vec![&dated, &cleared], 1),
        ("mailed once, it is sent", vec![&agent, &agent], 1),
        ("an internal note", vec![&note], 0),
        ("an incoming one", vec![&incoming], 0),
        ("an incoming one that becomes outgoing", vec![&incoming, &agent], 1),
    ];
    for (case, updates, mails) in cases {
        let mut simulator = plain();
        for more in updates {
            assert_eq!(put(&mut simulator, ONE, &update(more)).status, 202);
        }
        let mailed: Vec<u64> = simulator.account().mailed().iter().map(|target| target.message_id).collect();
        assert_eq!(mailed, vec![70; mails], "{case}");
    }
}

#[test]
fn a_mail_shows_later_and_not_in_the_answer() {
    let mut simulator = plain();
    let answer = put(&mut simulator, ONE, &update(&json!({"from_agent": true})));
    assert_eq!(read(&answer)["sent_datetime"], Value::Null);
    assert!(read(&get(&mut simulator, ONE))["sent_datetime"].is_string());
}

#[test]
fn an_action_is_seen_and_does_its_harm() {
    let dated = update(&json!({"from_agent": true, "sent_datetime": "2024-01-01T10:00:00Z"}));
    let mut simulator = plain();
    assert_eq!(put(&mut simulator, &format!("{ONE}?action=retry"), &dated).status, 202);
    assert_eq!(simulator.counters().mails, 0);
    assert_eq!(put(&mut simulator, &format!("{ONE}?action=force"), &dated).status, 202);
    assert_eq!(simulator.counters().mails, 1);
    assert_eq!(put(&mut simulator, &format!("{ONE}?action=cancel"), &dated).status, 202);
    assert_eq!(get(&mut simulator, ONE).status, 404);
    assert_eq!(put(&mut simulator, ONE, &dated).status, 404);
    assert_eq!(simulator.seed(Seed::new(7, 70)), Ok(None), "the deleted stay deleted");
    let counters = simulator.counters();
    assert_eq!((counters.actions_seen, counters.deleted, counters.messages), (3, 1, 10));
    assert_eq!(put(&mut simulator, &format!("{OTHER}?action=explode"), &dated).status, 400);
    assert_eq!(put(&mut simulator, &format!("{OTHER}?force=1"), &dated).status, 400);
}

// The bucket

const USAGE: &str = "x-gorgias-account-api-call-limit";

#[test]
fn a_burst_fills_the_bucket_and_the_next_request_is_told_how_long_to_wait() {
    let mut simulator = limited("40/20s");
    let mut ask = |now: i64| ask_at(&mut simulator, "GET", ONE, b"", at(now));
    for used in 1..=40 {
        let answer = ask(0);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header(USAGE), Some(format!("{used}/40").as_str()));
    }
    let refused = ask(0);
    assert_eq!((refused.status, refused.header(USAGE)), (429, Some("40/40")));
    assert_eq!(refused.header("retry-after"), Some("1"), "half a second, rounded up");
    assert_eq!(ask(499).status, 429, "the refused one has used nothing, but there is no room yet");
    assert_eq!(ask(500).status, 200);
    assert_eq!(ask(500).status, 429);
    assert_eq!(ask(20_500).header(USAGE), Some("1/40"));
    let counters = simulator.counters();
    assert_eq!((counters.throttled_by_bucket, counters.peak_used), (3, 40));
}

#[test]
fn at_the_accounts_own_pace_the_bucket_never_fills() {
    let mut simulator = limited("40/20s");
    for turn in 0..2_000 {
        assert_eq!(ask_at(&mut simulator, "GET", ONE, b"", at(turn * 500)).status, 200);
    }
    let counters = simulator.counters();
    assert_eq!((counters.throttled_by_bucket, counters.peak_used), (0, 1));
}

#[test]
fn a_long_wait_is_rounded_up_to_whole_seconds() {
    let mut simulator = limited("1/20s");
    ask_at(&mut simulator, "GET", ONE, b"", at(0));
    let refused = ask_at(&mut simulator, "GET", ONE, b"", at(7_100));
    assert_eq!(refused.header("retry-after"), Some("13"));
    let clock_went_back = ask_at(&mut simulator, "GET", ONE, b"", at(-5_000));
    assert_eq!(clock_went_back.header("retry-after"), Some("13"));
}

#[test]
fn a_limit_is_read_as_requests_and_seconds() {
    assert_eq!("80/10s".parse(), Ok(Limit::new(80, Duration::from_secs(10))));
    for wrong in ["40", "40/20", "0/20s", "40/0s", "-1/20s", "a/bs"] {
        assert!(wrong.parse::<Limit>().is_err(), "{wrong}");
    }
}

// Who is let in

#[test]
fn only_the_right_credentials_are_let_in_and_others_use_nothing_of_the_bucket() {
    let mut simulator =
        simulator(Settings { access: Access::Only("Basic b3duZXI6a2V5".to_owned()), ..Settings::default() });
    let request = |authorization| Request { method: "GET", path: "/api/account", authorization, body: b"" };
    for authorization in [None, Some("Basic other"), Some("Bearer x")] {
        let answer = simulator.answer(&request(authorization), at(0));
        assert_eq!(answer.status, 401);
        assert_eq!(read(&answer), json!({"error": {"msg": "Unauthorized."}}));
    }
    assert_eq!(simulator.counters().peak_used, 0);
    let right = request(Some("Basic b3duZXI6a2V5"));
    assert_eq!(simulator.answer(&right, at(0)).status, 200);
    simulator.set_access(Access::Forbidden);
    assert_eq!(simulator.answer(&right, at(0)).status, 403);
    simulator.set_access(Access::WrongDomain);
    let answer = simulator.answer(&right, at(0));
    assert_eq!(answer.status, 404);
    assert!(answer.header("content-type").unwrap().starts_with("text/html"));
    assert_eq!(answer.header(USAGE), None);
}

#[test]
fn credentials_are_never_shown() {
    let settings = Settings { access: Access::Only("Basic b3duZXI6a2V5".to_owned()), ..Settings::default() };
    assert!(!format!("{settings:?} {:?}", Simulator::new(settings.clone())).contains("b3duZXI6a2V5"));
}

// Reading

#[test]
fn the_account_tells_its_domain() {
    assert_eq!(read(&get(&mut plain(), "/api/account"))["domain"], "simulator");
}

fn ids(messages: &Value) -> Vec<u64> {
    let messages = messages.as_array().unwrap();
    messages.iter().map(|message| message["id"].as_u64().unwrap()).collect()
}

#[test]
fn a_ticket_comes_with_all_its_messages() {
    let mut simulator = plain();
    let answer = read(&get(&mut simulator, "/api/tickets/7"));
    assert_eq!(ids(&answer["messages"]), (70..80).collect::<Vec<_>>());
    assert_eq!(answer["messages_count"], 10);
    assert_eq!(get(&mut simulator, "/api/tickets/9").status, 404);
}

#[test]
fn unknown_paths_get_404_and_other_methods_405() {
    let mut simulator = plain();
    for path in ["/", "/api", "/api/nothing", "/api/tickets/7/messages", "/simulatorx"] {
        assert_eq!(get(&mut simulator, path).status, 404, "{path}");
    }
    for (method, path) in [("POST", "/api/tickets"), ("DELETE", ONE), ("PUT", "/api/account")] {
        assert_eq!(ask(&mut simulator, method, path, "{}").status, 405, "{method} {path}");
    }
}

/// The ids on every page from the first on, following one kind of link.
fn crawl(simulator: &mut Simulator, first: &str, link: &str) -> Vec<Vec<u64>> {
    let mut pages = Vec::new();
    let mut path = format!("/api/messages?limit=4&{first}");
    loop {
        let answer = get(simulator, &path);
        assert_eq!(answer.status, 200, "{path}");
        let list = read(&answer);
        assert_eq!(list["object"], "list");
        pages.push(ids(&list["data"]));
        let Some(cursor) = list["meta"][link].as_str() else {
            return pages;
        };
        path = format!("/api/messages?limit=4&cursor={cursor}");
    }
}

#[test]
fn cursors_lead_through_all_pages_without_gaps_or_doubles() {
    let mut simulator = plain();
    let mut crawl = |first| crawl(&mut simulator, first, "next_cursor");
    let ascending = [vec![70, 71, 72, 73], vec![74, 75, 76, 77], vec![78, 79, 80]];
    assert_eq!(crawl("order_by=created_datetime%3Aasc"), ascending);
    let descending = [vec![80, 79, 78, 77], vec![76, 75, 74, 73], vec![72, 71, 70]];
    assert_eq!(crawl("order_by=created_datetime:desc"), descending);
    assert_eq!(crawl("ticket_id=8"), [vec![80]]);
    assert_eq!(crawl("ticket_id=999"), [Vec::<u64>::new()]);
}

#[test]
fn cursors_lead_back_as_well() {
    let mut simulator = plain();
    let mut cursor = String::new();
    for query in ["order_by=created_datetime:asc", "cursor", "cursor"] {
        let query = if query == "cursor" { format!("cursor={cursor}") } else { query.to_owned() };
        let list = read(&get(&mut simulator, &format!("/api/messages?limit=4&{query}")));
        assert_eq!(list["meta"]["prev_cursor"].is_null(), cursor.is_empty());
        if let Some(next) = list["meta"]["next_cursor"].as_str() {
            next.clone_into(&mut cursor);
        }
    }
    let pages = crawl(&mut simulator, &format!("cursor={cursor}"), "prev_cursor");
    assert_eq!(pages, [vec![78, 79, 80], vec![74, 75, 76, 77], vec![70, 71, 72, 73]]);
}

#[test]
fn messages_created_in_one_second_are_all_listed() {
    let mut simulator = Simulator::new(Settings::default());
    for message_id in [5, 3, 6, 4, 1, 2] {
        let mut seed = Seed::new(1, message_id);
        seed.properties = Map::from_iter([("created_datetime".to_owned(), json!("2024-01-01T00:00:00"))]);
        simulator.seed(seed).unwrap();
    }
    let pages = crawl(&mut simulator, "order_by=created_datetime:asc", "next_cursor");
    assert_eq!(pages, [vec![1, 2, 3, 4], vec![5, 6]]);
}

#[test]
fn a_list_is_thirty_rows_long_unless_asked_otherwise() {
    let mut simulator = Simulator::new(Settings::default());
    for message_id in 1..=120 {
        simulator.seed(Seed::new(1, message_id)).unwrap();
    }
    let mut rows = |path: &str| read(&get(&mut simulator, path))["data"].as_array().map(Vec::len);
    assert_eq!(rows("/api/messages"), Some(30));
    assert_eq!(rows("/api/messages?limit=100"), Some(100));
    for wrong in ["limit=0", "limit=101", "limit=x", "order_by=id:asc", "ticket_id=x", "cursor=zz", "external_id=1"] {
        assert_eq!(get(&mut simulator, &format!("/api/messages?{wrong}")).status, 400, "{wrong}");
    }
}

// Faults

/// What three updates of each of three hundred messages come to, sent message by message or the other way round.
fn fates(faults: &str, seed: u64, backwards: bool) -> Vec<(u64, u16, Fate, bool)> {
    let mut simulator = Simulator::new(Settings { faults: faults.parse().unwrap(), seed, ..Settings::default() });
    let mut order: Vec<u64> = (1..=300).collect();
    for message_id in &order {
        simulator.seed(Seed::new(1, *message_id)).unwrap();
    }
    if backwards {
        order.reverse();
    }
    let mut fates = Vec::new();
    for _ in 0..3 {
        for message_id in &order {
            let path = format!("/api/tickets/1/messages/{message_id}");
            let answer = put(&mut simulator, &path, &update(&json!({})));
            fates.push((*message_id, answer.status, answer.fate, !answer.changes.is_empty()));
        }
    }
    fates.sort_by_key(|(message_id, ..)| *message_id);
    fates
}

#[test]
fn a_seed_gives_a_message_the_same_faults_in_whatever_order_requests_come() {
    let faults = "500=0.2,reset=0.2,429=0.1,hang=0.1,truncated=0.1";
    assert_eq!(fates(faults, 3, false), fates(faults, 3, true));
    assert_ne!(fates(faults, 3, false), fates(faults, 4, false));
}

#[test]
fn faults_are_as_frequent_as_asked_for_and_half_of_the_lost_answers_were_applied() {
    let all = fates("500=0.3,429=0.2", 11, false);
    let with = |status: u16| all.iter().filter(move |fate| fate.1 == status);
    let percent = |part: usize, whole: usize| part * 100 / whole;
    let failed = with(500).count();
    assert!((25..=35).contains(&percent(failed, all.len())), "{failed}");
    assert!((15..=25).contains(&percent(with(429).count(), all.len())));
    let applied = with(500).filter(|fate| fate.3).count();
    assert!((40..=60).contains(&percent(applied, failed)), "{applied} of {failed}");
    assert!(with(429).all(|fate| !fate.3));
}

#[test]
fn every_fault_looks_as_it_is_documented() {
    let cases = [
        ("400", Some(400), true),
        ("401", Some(401), true),
        ("403", Some(403), true),
        ("404", Some(404), true),
        ("409", Some(409), true),
        ("413", Some(413), true),
        ("429", Some(429), true),
        ("500", Some(500), true),
        ("502", Some(502), false),
        ("503", Some(503), false),
        ("504", Some(504), false),
        ("html404", Some(404), false),
        ("redirect", Some(301), false),
        ("reset", None, true),
        ("hang", None, true),
        ("truncated", Some(202), true),
        ("empty", Some(202), false),
        ("other-id", Some(202), true),
        ("unreadable", Some(202), false),
    ];
    assert_eq!(Faults::names().collect::<Vec<_>>(), cases.map(|(name, ..)| name));
    let after = Duration::ZERO;
    for (name, status, is_json) in cases {
        let mut simulator = faulty(format!("{name}=1").parse().unwrap());
        let answer = put(&mut simulator, ONE, &update(&json!({"external_id": "mine"})));
        assert_eq!(status.unwrap_or(answer.status), answer.status, "{name}");
        assert_eq!(serde_json::from_slice::<Value>(&answer.body).is_ok(), is_json, "{name}");
        let fate = match name {
            "reset" => Fate::Reset,
            "hang" => Fate::Hang,
            "truncated" => Fate::Truncated { after },
            _ => Fate::Answered { after },
        };
        assert_eq!(answer.fate, fate, "{name}");
        assert_eq!(simulator.counters().faults[name], 1);
        match name {
            "429" => assert_eq!(answer.header("retry-after"), Some("1")),
            "other-id" => assert_eq!(read(&answer)["external_id"], "another-mine"),
            "empty" => assert!(answer.body.is_empty()),
            _ => {}
        }
    }
}

#[test]
fn a_script_strikes_at_its_moments_and_nowhere_else() {
    let attempt = |attempt| Moment::Attempt { message_id: 70, attempt };
    let mut simulator = faulty(Faults::script(vec![
        (Moment::Update(2), Strike::unapplied(Fault::BadGateway)),
        (attempt(2), Strike::applied(Fault::Reset)),
        (attempt(3), Strike::unapplied(Fault::Reset)),
    ]));
    let mut put = |path: &str, subject: &str| {
        let answer = put(&mut simulator, path, &update(&json!({"subject": subject})));
        assert_eq!(get(&mut simulator, ONE).status, 200, "reads are spared");
        (answer.status, answer.fate == Fate::Reset, held(&simulator, 70)["subject"].clone())
    };
    assert_eq!(put(ONE, "first"), (202, false, json!("first")));
    assert_eq!(put(OTHER, "second"), (502, false, json!("first")));
    assert_eq!(put(ONE, "third"), (202, true, json!("third")));
    assert_eq!(put(ONE, "fourth"), (202, true, json!("third")));
    assert_eq!(put(ONE, "fifth"), (202, false, json!("fifth")));
    assert!(held(&simulator, 71)["subject"].is_null());
}

#[test]
fn half_an_answer_does_not_tell_whether_the_update_was_applied() {
    for strike in [Strike::applied(Fault::Truncated), Strike::unapplied(Fault::Truncated)] {
        let mut simulator = faulty(Faults::script(vec![(Moment::Update(1), strike)]));
        let answer = put(&mut simulator, ONE, &update(&json!({"external_id": "x"})));
        assert_eq!((answer.status, &read(&answer)["id"]), (202, &json!(70)));
        assert_eq!(!answer.changes.is_empty(), strike.applied);
        assert_eq!(held(&simulator, 70)["external_id"].is_string(), strike.applied);
    }
}

#[test]
fn reads_are_struck_only_when_asked_for() {
    let faults: Faults = "500=1".parse().unwrap();
    assert_eq!(get(&mut faulty(faults.clone()), ONE).status, 200);
    assert_eq!(get(&mut faulty(faults.on_reads_too()), ONE).status, 500);
}

#[test]
fn a_followed_redirect_is_counted() {
    let mut simulator = faulty("redirect=1".parse().unwrap());
    let answer = put(&mut simulator, ONE, &update(&json!({})));
    let location = answer.header("location").unwrap().to_owned();
    assert!(answer.body.is_empty());
    assert_eq!(simulator.counters().redirects_followed, 0);
    assert_eq!(put(&mut simulator, &location, &update(&json!({}))).status, 202);
    assert_eq!(simulator.counters().redirects_followed, 1);
}

#[test]
fn a_wrong_list_of_faults_says_what_is_wrong_with_it() {
    let read = |text: &str| text.parse::<Faults>().map(|_| ()).map_err(|error| error.to_string());
    assert_eq!(read(""), Ok(()));
    assert_eq!(read(" 500 = 0.5 , reset=.5,"), Ok(()));
    let tenths: Vec<String> = Faults::names().take(10).map(|name| format!("{name}=0.1")).collect();
    assert_eq!(read(&tenths.join(",")), Ok(()), "ten tenths are one");
    let unknown = read("rest=0.1").unwrap_err();
    assert!(unknown.starts_with("unknown fault `rest`, did you mean `reset`? (valid: 400, "), "{unknown}");
    for (text, expected) in [
        ("500", "`500` is no fault with its chance: write it as in 500=0.05"),
        ("500=x", "the chance of `500` is `x`: it must be a number from 0 to 1"),
        ("500=1.1", "the chance of `500` is `1.1`: it must be a number from 0 to 1"),
        ("500=NaN", "the chance of `500` is `NaN`: it must be a number from 0 to 1"),
        ("500=0.1,500=0.1", "fault `500` is given twice"),
        ("500=0.6,502=0.6", "the chances add up to 1.200: together they must not exceed 1"),
    ] {
        assert_eq!(read(text), Err(expected.to_owned()));
    }
    assert!(matches!("x=1".parse::<Faults>(), Err(FaultsError::Unknown { .. })));
}

#[test]
fn latency_is_part_of_the_answers_fate() {
    let after = Duration::from_millis(120);
    let mut simulator = simulator(Settings { latency: after, ..Settings::default() });
    assert_eq!(get(&mut simulator, ONE).fate, Fate::Answered { after });
    let after = Duration::ZERO;
    assert_eq!(get(&mut simulator, "/simulator/state").fate, Fate::Answered { after });
}

// Control

#[test]
fn the_control_paths_tell_what_happened_and_are_not_counted() {
    let mut simulator = limited("1/20s");
    simulator.set_access(Access::Forbidden);
    let seeds = [
        json!({"ticket_id": 1, "message_id": 10}).to_string(),
        json!({"ticket_id": 1, "message_id": 10}).to_string(),
        json!({"ticket_id": 1, "message_id": 11, "properties": {"subject": "S"}}).to_string(),
    ];
    let answer = ask(&mut simulator, "POST", "/simulator/seed", &seeds.join("\n"));
    assert_eq!((answer.status, read(&answer)), (200, json!({"seeded": 2})));
    assert_eq!(answer.changes.len(), 2);
    let state = read(&get(&mut simulator, "/simulator/state"));
    assert_eq!((&state["messages"], &state["requests"], &state["peak_used"]), (&json!(13), &json!(0), &json!(0)));
    let messages = String::from_utf8(get(&mut simulator, "/simulator/messages").body).unwrap();
    let lines: Vec<Value> = messages.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 13);
    assert_eq!((&lines[1]["message_id"], &lines[1]["message"]["subject"]), (&json!(11), &json!("S")));
    assert_eq!(get(&mut simulator, "/simulator/nothing").status, 404);
    assert_eq!(get(&mut simulator, "/simulator/seed").status, 405);
}

#[test]
fn a_wrong_seed_is_refused() {
    let mut simulator = plain();
    for wrong in [
        "{",
        "[]",
        r#"{"ticket_id": 1}"#,
        r#"{"ticket_id": 2, "message_id": 70}"#,
        r#"{"ticket_id": 2, "message_id": 12, "properties": {"colour": 1}}"#,
        r#"{"ticket_id": 2, "message_id": 12, "properties": {"created_datetime": null}}"#,
    ] {
        assert_eq!(ask(&mut simulator, "POST", "/simulator/seed", wrong).status, 400, "{wrong}");
    }
    assert_eq!(simulator.account().len(), 11);
}

#[test]
fn updates_of_one_ticket_that_overlap_are_counted() {
    let mut simulator = plain();
    let first = simulator.begin("PUT", ONE);
    let read = simulator.begin("GET", ONE);
    let elsewhere = simulator.begin("PUT", "/api/tickets/8/messages/80");
    assert_eq!(simulator.counters().overlaps, 0);
    let second = simulator.begin("PUT", OTHER);
    for in_flight in [first, read, elsewhere, second] {
        simulator.finish(in_flight);
    }
    let alone = simulator.begin("PUT", ONE);
    simulator.finish(alone);
    let counters = simulator.counters();
    assert_eq!(counters.overlaps, 1);
    assert_eq!((counters.most_in_flight_per_ticket, counters.most_in_flight), (2, 3));
}

// The store

/// An account with some history, all of it stored.
fn stored(path: &Path) -> Simulator {
    let mut simulator = Simulator::new(Settings::default());
    let mut store = Store::open(path, &mut simulator).unwrap();
    for message_id in [70, 71, 72] {
        let change = simulator.seed(Seed::new(7, message_id)).unwrap();
        store.keep(change.as_slice()).unwrap();
    }
    for (path, more) in [
        (ONE, json!({"external_id": "a\n\"", "sender": {"email": "new@example.com"}})),
        (ONE, json!({"from_agent": true})),
        ("/api/tickets/7/messages/71?action=cancel", json!({})),
        ("/api/tickets/7/messages/72", json!({"subject": "last"})),
    ] {
        let answer = put(&mut simulator, path, &update(&more));
        store.keep(&answer.changes).unwrap();
    }
    simulator
}

fn opened(path: &Path) -> (Simulator, Store) {
    let mut simulator = Simulator::new(Settings::default());
    let store = Store::open(path, &mut simulator).unwrap();
    (simulator, store)
}

/// All that a store must bring back.
fn remembered(simulator: &Simulator) -> (Vec<Value>, Vec<Target>, [u64; 5]) {
    let counters = simulator.counters();
    let figures =
        [counters.updates, counters.repeated, counters.actions_seen, counters.deleted, counters.people_created];
    let messages = simulator.account().messages().map(Message::shown).collect();
    (messages, simulator.account().mailed().to_vec(), figures)
}

#[test]
fn a_store_gives_the_same_account_again_to_one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.jsonl");
    let before = remembered(&stored(&path));
    assert_eq!((before.1.len(), before.2), (1, [4, 1, 1, 1, 1]));
    let (again, store) = opened(&path);
    assert_eq!(remembered(&again), before);
    let second = Store::open(&path, &mut Simulator::new(Settings::default()));
    assert!(matches!(second, Err(StoreError::InUse(_))));
    drop(store);
    opened(&path);
}

#[test]
fn half_a_line_at_the_end_is_cut_off_wherever_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.jsonl");
    stored(&path);
    let whole = std::fs::read(&path).unwrap();
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for cut in last..whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let (mut simulator, mut store) = opened(&path);
        assert_eq!(simulator.counters().updates, 3);
        let anew = update(&json!({"subject": "anew"}));
        let answer = put(&mut simulator, "/api/tickets/7/messages/72", &anew);
        store.keep(&answer.changes).unwrap();
        drop(store);
        assert_eq!(held(&opened(&path).0, 72)["subject"], "anew");
    }
}

#[test]
fn a_broken_line_in_the_middle_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.jsonl");
    let first = r#"{"seeded":{"ticket_id":1,"message_id":2}}"#;
    let unknown = r#"{"updated":{"ticket_id":1,"message_id":3,"at":"2024-01-01T00:00:00+00:00","body":{}}}"#;
    let open = |second: &str| {
        std::fs::write(&path, format!("{first}\n{second}\n")).unwrap();
        Store::open(&path, &mut Simulator::new(Settings::default())).unwrap_err()
    };
    assert!(matches!(open("nonsense"), StoreError::Line { line: 2, .. }));
    assert!(matches!(open(unknown), StoreError::Replay { line: 2, .. }));
}

#[cfg(unix)]
#[test]
fn a_store_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.jsonl");
    opened(&path);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

// The wire

fn serve(simulator: Simulator) -> Server {
    Server::start(simulator, "127.0.0.1:0".parse().unwrap(), None).unwrap()
}

fn scripted(fault: Fault) -> Server {
    let first = (Moment::Update(1), Strike::applied(fault));
    serve(faulty(Faults::script(vec![first])))
}

fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.address()).unwrap()
}

fn send(stream: &mut TcpStream, method: &str, path: &str, headers: &str, body: &str) {
    let length = body.len();
    let request = format!("{method} {path} HTTP/1.1\r\nhost: x\r\n{headers}content-length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).unwrap();
}

/// Everything until the server closes the connection; a reset counts as such.
fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// One request on a connection of its own.
fn exchange(server: &Server, method: &str, path: &str, headers: &str, body: &str) -> String {
    let mut stream = connect(server);
    send(&mut stream, method, path, &format!("{headers}connection: close\r\n"), body);
    rest(&mut stream)
}

fn body(more: &Value) -> String {
    update(more).to_string()
}

#[test]
fn one_connection_carries_several_requests() {
    let server = serve(plain());
    let mut stream = connect(&server);
    send(&mut stream, "PUT", ONE, "", &body(&json!({"external_id": "00042"})));
    send(&mut stream, "GET", "/api/account", "", "");
    send(&mut stream, "GET", ONE, "connection: close\r\n", "");
    let answers = rest(&mut stream);
    assert_eq!(answers.matches("HTTP/1.1 20").count(), 3, "{answers}");
    assert_eq!(answers.matches("\"external_id\":\"00042\"").count(), 2, "{answers}");
    assert!(answers.contains("x-gorgias-account-api-call-limit: 1/400000"), "{answers}");
}

#[test]
fn a_reset_drops_the_connection_without_a_word() {
    let server = scripted(Fault::Reset);
    let mut stream = connect(&server);
    send(&mut stream, "PUT", ONE, "", &body(&json!({"subject": "applied"})));
    assert_eq!(rest(&mut stream), "");
    assert_eq!(server.with(|simulator| held(simulator, 70)["subject"].clone()), "applied");
}

#[test]
fn a_truncated_answer_promises_the_whole_and_gives_half() {
    let server = scripted(Fault::Truncated);
    let mut stream = connect(&server);
    send(&mut stream, "PUT", ONE, "", &body(&json!({})));
    let answer = rest(&mut stream);
    let (head, given) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 202"), "{head}");
    let promised = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let promised: usize = promised.unwrap().parse().unwrap();
    assert_eq!(given.len(), promised / 2);
}

#[test]
fn a_hanging_request_is_never_answered_and_others_are() {
    let server = scripted(Fault::Hang);
    let mut hanging = connect(&server);
    send(&mut hanging, "PUT", ONE, "", &body(&json!({})));
    // The first update hangs, whichever it is: so this one must have arrived before the next is sent.
    while server.with(|simulator| simulator.counters().updates) == 0 {
        std::thread::yield_now();
    }
    let other = exchange(&server, "PUT", ONE, "", &body(&json!({})));
    assert!(other.starts_with("HTTP/1.1 202"), "{other}");
    hanging.set_nonblocking(true).unwrap();
    let nothing = hanging.read(&mut [0; 1]).unwrap_err();
    assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
    server.stop();
    hanging.set_nonblocking(false).unwrap();
    assert_eq!(rest(&mut hanging), "", "stopping closes what hangs");
}

#[test]
fn a_client_that_gave_up_on_a_hanging_request_may_ask_again_without_an_overlap() {
    let server = scripted(Fault::Hang);
    let mut hanging = connect(&server);
    send(&mut hanging, "PUT", ONE, "", &body(&json!({})));
    while server.with(|simulator| simulator.counters().updates) == 0 {
        std::thread::yield_now();
    }
    drop(hanging);
    exchange(&server, "PUT", ONE, "", &body(&json!({})));
    assert_eq!(server.with(|simulator| simulator.counters().overlaps), 0);
}

#[test]
fn a_body_too_large_is_answered_after_all_of_it_was_sent() {
    let server = serve(plain());
    let answer = exchange(&server, "PUT", ONE, "", &"x".repeat(MAX_BODY * 2));
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[test]
fn the_authorization_header_reaches_the_core() {
    let server = serve(simulator(Settings { access: Access::Only("Bearer right".to_owned()), ..Settings::default() }));
    for (token, status) in [("right", "200"), ("wrong", "401")] {
        let header = format!("authorization: Bearer {token}\r\n");
        let answer = exchange(&server, "GET", "/api/account", &header, "");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
}

#[test]
fn the_next_server_on_the_same_store_has_the_same_account() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account.jsonl");
    let start = || {
        let (simulator, store) = opened(&path);
        Server::start(simulator, "127.0.0.1:0".parse().unwrap(), Some(store)).unwrap()
    };
    let server = start();
    assert_eq!(server.seed([Seed::new(7, 70), Seed::new(7, 71)]).unwrap(), 2);
    let answer = exchange(&server, "PUT", ONE, "", &body(&json!({"external_id": "kept"})));
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    server.stop();

    let server = start();
    let new = server.seed([Seed::new(7, 70), Seed::new(7, 72)]).unwrap();
    assert_eq!(new, 1, "what exists stays as it is");
    assert_eq!(server.with(|simulator| held(simulator, 70)["external_id"].clone()), "kept");
}

#[test]
fn it_listens_to_this_machine_alone() {
    let refused = Server::start(plain(), "0.0.0.0:0".parse().unwrap(), None);
    assert!(matches!(refused, Err(ServerError::NotLoopback(_))));
}

#[test]
fn a_stopped_server_frees_its_address() {
    let server = serve(plain());
    let address = server.address();
    server.stop();
    assert!(TcpStream::connect(address).is_err());
}
