//! What other people do to the stand-in's account while a client works with it, and what the account makes of what it
//! is given: it shows, and it is still there after a restart.

#![expect(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

mod simulator_support;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use deskferry::simulator::{
    Event, HappeningError, Limit, Seed, SeedError, Server, Settings, Simulator, Store, Storing, TicketSeed,
};
use serde_json::{Value, json};
use simulator_support::{
    ask, at, crawl, get, get_at, ids, members, message, path, put, read, remembered, reopened, seed, seed_ticket,
    status, update,
};

/// Tickets 7 (messages 70, 71) and 8 (message 80).
fn desk(settings: Settings) -> Simulator {
    let mut simulator = Simulator::new(settings);
    for target in [message(7, 70), message(7, 71), message(8, 80)] {
        seed(&mut simulator, target, &json!({}));
    }
    simulator
}

fn plain() -> Simulator {
    desk(Settings::default())
}

fn edit(ticket_id: u64, message_id: u64, properties: &Value) -> Event {
    Event::Edit { target: message(ticket_id, message_id), properties: members(properties) }
}

// When

#[test]
fn an_event_happens_right_before_the_request_it_is_due_at() {
    let events = vec![
        (4, edit(7, 70, &json!({"subject": "third"}))),
        (2, edit(7, 70, &json!({"subject": "first"}))),
        (2, edit(7, 70, &json!({"subject": "second"}))),
    ];
    let mut simulator = desk(Settings { events, ..Settings::default() });
    let subjects: Vec<Value> =
        (1..=4).map(|_| get(&mut simulator, "/api/tickets/7/messages/70")["subject"].clone()).collect();
    assert_eq!(subjects, [Value::Null, json!("second"), json!("second"), json!("third")]);
}

#[test]
fn a_refused_request_counts_and_what_is_asked_of_the_simulator_itself_does_not() {
    let events = vec![(3, Event::DeleteTicket(8))];
    let mut simulator =
        desk(Settings { events, limit: Limit::new(1, std::time::Duration::from_secs(1)), ..Settings::default() });
    assert_eq!(status(&mut simulator, "/api/tickets/8"), 200);
    assert_eq!(status(&mut simulator, "/api/tickets/8"), 429);
    assert_eq!(status(&mut simulator, "/simulator/state"), 200);
    assert!(simulator.account().ticket(8).is_some());
    assert_eq!(status(&mut simulator, "/api/tickets/8"), 429);
    assert!(simulator.account().ticket(8).is_none());
}

#[test]
fn a_script_that_can_not_happen_is_told_to_every_request() {
    let mut simulator = desk(Settings { events: vec![(2, Event::DeleteTicket(99))], ..Settings::default() });
    assert_eq!(status(&mut simulator, "/api/account"), 200);
    for _ in 0..2 {
        let answer = ask(&mut simulator, "GET", "/api/account", "", at(0));
        assert_eq!(answer.status, 500);
        assert_eq!(read(&answer)["error"]["msg"], "What was to happen can't: there is no ticket 99.");
    }
}

// What

#[test]
fn a_message_arrives_now_unless_it_says_when() {
    let mut simulator = plain();
    get_at(&mut simulator, "/api/account", at(30));
    assert_eq!(simulator.happen(Event::Arrive(Seed::new(8, 5))), Ok(true));
    assert_eq!(simulator.happen(Event::Arrive(Seed::new(8, 5))), Ok(false));
    let mut dated = Seed::new(9, 90);
    dated.properties = members(&json!({"created_datetime": "2019-01-01T00:00:00Z"}));
    assert_eq!(simulator.happen(Event::Arrive(dated)), Ok(true));
    assert_eq!(crawl(&mut simulator, "/api/messages", "order_by=created_datetime:asc"), [vec![90, 70, 71, 80, 5]]);
    let ticket = get(&mut simulator, "/api/tickets/8");
    assert_eq!(ticket["messages"][1]["created_datetime"], "2027-01-15T08:00:30+00:00");
    assert_eq!(ticket["updated_datetime"], "2027-01-15T08:00:30+00:00");
}

#[test]
fn an_edit_changes_a_message_and_is_no_update_of_the_clients() {
    let mut simulator = plain();
    let properties = members(&json!({"body_text": "Edited", "created_datetime": "2019-01-01T00:00:00Z"}));
    assert_eq!(simulator.edit(message(7, 71), properties), Ok(true));
    let ticket = get(&mut simulator, "/api/tickets/7");
    assert_eq!(ids(&ticket["messages"]), [71, 70]);
    assert_eq!(ticket["messages"][0]["body_text"], "Edited");
    let received = simulator.account().message(message(7, 71)).unwrap().received();
    assert_eq!((received.updates, simulator.counters().updates), (0, 0));
    let wrong = simulator.edit(message(7, 71), members(&json!({"colour": 1})));
    assert_eq!(wrong, Err(HappeningError::Seed(SeedError::Unknown("colour".to_owned()))));
    let wrong = simulator.edit(message(8, 71), members(&json!({})));
    assert_eq!(wrong, Err(HappeningError::NoMessage(message(8, 71))));
    assert_eq!(get(&mut simulator, "/api/tickets/7")["messages"], ticket["messages"]);
}

#[test]
fn a_deleted_message_is_nowhere_and_stays_so() {
    let mut simulator = plain();
    assert_eq!(simulator.delete_message(message(8, 70)), Err(HappeningError::NoMessage(message(8, 70))));
    assert_eq!(simulator.delete_message(message(7, 70)), Ok(true));
    assert_eq!(simulator.delete_message(message(7, 70)), Ok(false));
    assert_eq!(simulator.seed(Seed::new(7, 70)), Ok(None));
    assert_eq!(status(&mut simulator, "/api/tickets/7/messages/70"), 404);
    assert_eq!(put(&mut simulator, message(7, 70), &json!({}), at(0)).status, 404);
    assert_eq!(ids(&get(&mut simulator, "/api/tickets/7")["messages"]), [71]);
    assert_eq!(crawl(&mut simulator, "/api/messages", ""), [vec![80, 71]]);
    assert_eq!(simulator.counters().deleted, 0, "not by the client");
}

#[test]
fn a_deleted_ticket_is_gone_with_its_messages_and_stays_so() {
    let mut simulator = plain();
    assert_eq!(simulator.delete_ticket(7), Ok(true));
    assert_eq!(simulator.delete_ticket(7), Ok(false));
    assert_eq!(simulator.delete_ticket(9), Err(HappeningError::NoTicket(9)));
    for again in [70, 72] {
        assert_eq!(simulator.seed(Seed::new(7, again)), Ok(None));
    }
    assert_eq!(simulator.seed_ticket(TicketSeed::new(7, members(&json!({})))), Ok(None));
    for path in ["/api/tickets/7", "/api/tickets/7/messages/70"] {
        let answer = ask(&mut simulator, "GET", path, "", at(0));
        assert_eq!((answer.status, read(&answer)), (404, json!({"error": {"msg": "Not found."}})));
    }
    assert_eq!(crawl(&mut simulator, "/api/messages", ""), [vec![80]]);
    assert_eq!(crawl(&mut simulator, "/api/messages", "ticket_id=7"), [Vec::<u64>::new()]);
    assert_eq!(crawl(&mut simulator, "/api/tickets", "ticket_ids=7,8"), [vec![8]]);
    assert_eq!(crawl(&mut simulator, "/api/tickets", "customer_id=7"), [Vec::<u64>::new()]);
}

#[test]
fn what_is_under_a_merged_ticket_is_led_to_the_one_that_goes_on() {
    let mut simulator = plain();
    seed(&mut simulator, message(9, 90), &json!({}));
    assert_eq!(simulator.merge(7, 8), Ok(true));
    assert_eq!(simulator.merge(7, 8), Ok(false));
    assert_eq!(simulator.merge(8, 9), Ok(true));
    for (method, path, expected) in [
        ("GET", "/api/tickets/7", "/api/tickets/9"),
        ("PUT", "/api/tickets/7", "/api/tickets/9"),
        ("GET", "/api/tickets/8/", "/api/tickets/9"),
        ("GET", "/api/tickets/7/messages/70", "/api/tickets/9/messages/70"),
        ("PUT", "/api/tickets/7/messages/70", "/api/tickets/9/messages/70"),
        ("PUT", "/api/tickets/8/messages/80?action=cancel", "/api/tickets/9/messages/80"),
    ] {
        let answer = ask(&mut simulator, method, path, &update(&json!({})), at(0));
        assert_eq!((answer.status, answer.header("location")), (301, Some(expected)), "{method} {path}");
        assert!(answer.body.is_empty());
    }
    assert_eq!(simulator.counters().updates, 0);
    let ticket = get(&mut simulator, "/api/tickets/9");
    assert_eq!(ids(&ticket["messages"]), [70, 71, 80, 90]);
    assert_eq!(ticket["messages"][0]["ticket_id"], 9);
    assert_eq!(ticket["messages"][0]["uri"], "/api/tickets/9/messages/70/");
    assert_eq!(crawl(&mut simulator, "/api/tickets", ""), [vec![9]]);
    assert_eq!(crawl(&mut simulator, "/api/messages", "ticket_id=7"), [Vec::<u64>::new()]);
    assert_eq!(put(&mut simulator, message(9, 70), &json!({}), at(0)).status, 202);
}

#[test]
fn a_seed_for_a_merged_ticket_goes_to_the_one_that_goes_on() {
    let mut simulator = plain();
    simulator.merge(7, 8).unwrap();
    assert_eq!(simulator.seed(Seed::new(7, 70)), Ok(None), "it is there already");
    assert!(simulator.seed(Seed::new(7, 72)).unwrap().is_some());
    assert!(simulator.account().message(message(8, 72)).is_some());
    assert_eq!(simulator.merge(8, 8), Err(HappeningError::IntoItself(8)));
    assert_eq!(simulator.merge(8, 7), Err(HappeningError::NoTicket(7)));
    assert_eq!(simulator.merge(6, 8), Err(HappeningError::NoTicket(6)));
}

// What an account makes of what it is given

#[test]
fn values_that_no_update_may_write_can_be_held_and_survive_an_update_of_the_rest() {
    let mut simulator = plain();
    let custom = json!({"channel": "acme-forum", "via": "gorgias_chat"});
    seed(&mut simulator, message(9, 90), &custom);
    let shown = get(&mut simulator, "/api/tickets/9/messages/90");
    assert_eq!((&shown["channel"], &shown["via"]), (&json!("acme-forum"), &json!("gorgias_chat")));
    let answer = put(&mut simulator, message(9, 90), &custom, at(0));
    assert_eq!(answer.status, 400);
    assert_eq!(members(&read(&answer)["error"]["data"]).keys().collect::<Vec<_>>(), ["channel", "via"]);
    assert_eq!(get(&mut simulator, "/api/tickets/9/messages/90"), shown);
}

#[test]
fn html_is_cleaned_only_where_the_account_does_that() {
    let html = "<p class='a' onclick=\"x()\">Hi<!-- no --><script>x()</script></p>";
    for (cleans_html, expected) in [(true, "<p class=\"a\">Hi</p>"), (false, html)] {
        let storing = Storing { cleans_html, ..Storing::default() };
        let mut simulator = desk(Settings { storing, ..Settings::default() });
        let answer = put(&mut simulator, message(7, 70), &json!({"body_html": html, "body_text": html}), at(0));
        assert_eq!(read(&answer)["body_html"], expected);
        assert_eq!(read(&answer)["body_text"], html, "text is no HTML");
        let received = simulator.account().message(message(7, 70)).unwrap().received();
        assert_eq!(received.last_body().unwrap()["body_html"], html, "that is what was sent");
    }
}

#[test]
fn times_are_shown_without_an_offset_only_where_the_account_does_that() {
    let storing = Storing { naive_times: true, ..Storing::default() };
    let mut simulator = desk(Settings { storing, ..Settings::default() });
    let sent = json!({"sent_datetime": "2024-01-01T12:00:00.5+02:00", "subject": "2024-01-01T12:00:00Z"});
    let answer = read(&put(&mut simulator, message(7, 70), &sent, at(0)));
    assert_eq!(answer["sent_datetime"], "2024-01-01T10:00:00.5");
    assert_eq!(answer["subject"], "2024-01-01T12:00:00Z");
    let ticket = get(&mut simulator, "/api/tickets/7");
    assert_eq!(ticket["updated_datetime"], "2027-01-15T08:00:00");
    assert_eq!(ticket["messages"][1]["created_datetime"], "2020-01-01T00:01:11");
    assert_eq!(status(&mut simulator, "/nothing"), 404);
    let held = simulator.account().message(message(7, 70)).unwrap();
    assert_eq!(held.get("sent_datetime"), "2024-01-01T10:00:00.5+00:00");
}

// After a restart

#[test]
fn all_that_happened_is_still_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("account.jsonl");
    let settings = Settings {
        events: vec![(1, Event::Arrive(Seed::new(8, 81))), (2, Event::Merge { from: 9, into: 8 })],
        reactions: "mails,reopens,marks_unread,fails_sending,answers".parse().unwrap(),
        storing: Storing { cleans_html: true, naive_times: false },
        ..Settings::default()
    };
    let mut simulator = Simulator::new(settings);
    let store = Store::open(&file, &mut simulator).unwrap();
    let server = Server::start(simulator, "127.0.0.1:0".parse().unwrap(), Some(store)).unwrap();
    server.seed((6..10).map(|ticket_id| Seed::new(ticket_id, 10 * ticket_id))).unwrap();
    let external_id = members(&json!({"external_id": "Z-8", "created_datetime": "2019-01-01T00:00:00Z"}));
    assert_eq!(server.seed_tickets([TicketSeed::new(8, external_id)]).unwrap(), 1);
    let sent = json!({"from_agent": true, "sent_datetime": "2024-01-01T00:00:00Z", "body_html": "<p id='a'>"});
    for path in [path(message(8, 80)), path(message(6, 60))] {
        let answer = exchange(&server, "PUT", &path, &update(&sent));
        assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    }
    server.with(|simulator| {
        simulator.edit(message(8, 81), members(&json!({"subject": "Edited"}))).unwrap();
        simulator.delete_ticket(6).unwrap();
        simulator.delete_message(message(7, 70)).unwrap();
    });
    let before = server.with(remembered);
    assert_eq!(before["figures"][2], 4, "two mails and two answers");
    assert_eq!(ids(&before["tickets"]).len(), 2);
    server.stop();
    assert_eq!(remembered(&mut reopened(&file)), before);
}

#[test]
fn what_is_seeded_over_http_may_be_a_ticket_too() {
    let mut simulator = plain();
    let lines = [
        r#"{"ticket_id": 5, "message_id": 50, "properties": {"subject": "S"}}"#,
        r#"{"ticket_id": 5, "ticket": {"external_id": "Z-5"}}"#,
    ];
    let answer = ask(&mut simulator, "POST", "/simulator/seed", &lines.join("\n"), at(0));
    assert_eq!((read(&answer), answer.changes.len()), (json!({"seeded": 2}), 2));
    assert_eq!(crawl(&mut simulator, "/api/tickets", "external_id=Z-5"), [vec![5]]);
    for wrong in [r#"{"ticket_id": 5, "ticket": 1}"#, r#"{"ticket_id": 6, "message_id": 60, "ticket": {}}"#] {
        assert_eq!(ask(&mut simulator, "POST", "/simulator/seed", wrong, at(0)).status, 400, "{wrong}");
    }
}

#[test]
fn what_happens_over_http_is_kept_and_what_can_not_is_refused() {
    let mut simulator = plain();
    seed(&mut simulator, message(5, 50), &json!({"subject": "S"}));
    let mut happen = |event: &str| ask(&mut simulator, "POST", "/simulator/happen", event, at(0));
    let edit = r#"{"edit": {"target": {"ticket_id": 5, "message_id": 50}, "properties": {"subject": "T"}}}"#;
    let answer = happen(&format!("{edit}\n{}", r#"{"delete_message": {"ticket_id": 5, "message_id": 50}}"#));
    assert_eq!((read(&answer), answer.changes.len()), (json!({"changed": 2}), 2));
    for wrong in [edit, r#"{"delete_ticket": 99}"#, r#"{"merge": {"from": 5, "into": 5}}"#, r#"{"burn": 5}"#, "edit"] {
        assert_eq!(happen(wrong).status, 400, "{wrong}");
    }
    assert_eq!(status(&mut simulator, &path(message(5, 50))), 404);
}

#[test]
fn on_the_wire_an_answer_has_one_date() {
    let mut simulator = plain();
    seed_ticket(&mut simulator, 8, &json!({}));
    let server = Server::start(simulator, "127.0.0.1:0".parse().unwrap(), None).unwrap();
    let answer = exchange(&server, "GET", "/api/tickets/8", "").to_ascii_lowercase();
    assert_eq!(answer.matches("\r\ndate: ").count(), 1, "{answer}");
}

fn exchange(server: &Server, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
