//! What the stand-in's automation does after an update: never in the answer, always by the next request.

#![expect(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

mod simulator_support;

use deskferry::simulator::{Reactions, Seed, Settings, Simulator};
use serde_json::{Value, json};
use simulator_support::{ask, at, get, message, path, put, read, seed, update};

/// Ticket 7, with one message from its customer.
fn desk(reactions: &str) -> Simulator {
    let mut simulator = Simulator::new(Settings { reactions: reactions.parse().unwrap(), ..Settings::default() });
    seed(&mut simulator, message(7, 70), &json!({"receiver": {"id": 7, "email": "customer-7@example.com"}}));
    simulator
}

fn sent() -> Value {
    json!({"from_agent": true, "sent_datetime": "2024-01-01T10:00:00+00:00"})
}

/// Updates the message with its date and returns what the answer shows and what the ticket is afterwards.
fn reacted(reactions: &str) -> (Value, Value, Simulator) {
    let mut simulator = desk(reactions);
    let answer = put(&mut simulator, message(7, 70), &sent(), at(5));
    assert_eq!(answer.status, 202);
    let ticket = get(&mut simulator, "/api/tickets/7");
    (read(&answer), ticket, simulator)
}

#[test]
fn by_default_an_update_with_its_date_has_no_consequences() {
    let (answer, ticket, simulator) = reacted("");
    assert_eq!(ticket["messages"], json!([answer]));
    assert_eq!((&ticket["status"], &ticket["is_unread"]), (&json!("closed"), &json!(false)));
    assert_eq!(simulator.counters().mails, 0);
}

#[test]
fn a_message_is_mailed_whatever_its_date_and_only_the_next_request_shows_it() {
    let (answer, ticket, simulator) = reacted("mails");
    assert_eq!(answer["sent_datetime"], "2024-01-01T10:00:00+00:00");
    assert_eq!(ticket["messages"][0]["sent_datetime"], "2027-01-15T08:00:05+00:00");
    assert_eq!(simulator.account().mailed(), [message(7, 70)]);
}

#[test]
fn what_is_mailed_already_is_not_mailed_twice_and_what_goes_to_nobody_never() {
    for (more, mails) in [
        (json!({"from_agent": true}), 1),
        (json!({"from_agent": false, "sent_datetime": "2024-01-01T10:00:00Z"}), 0),
        (json!({"from_agent": true, "channel": "internal-note"}), 0),
    ] {
        let mut simulator = desk("mails,fails_sending");
        put(&mut simulator, message(7, 70), &more, at(0));
        assert_eq!(simulator.counters().mails, mails, "{more}");
        let failed = !get(&mut simulator, "/api/tickets/7/messages/70")["failed_datetime"].is_null();
        assert_eq!(failed, mails > 0, "{more}");
    }
}

#[test]
fn a_ticket_is_reopened_or_marked_unread() {
    for (reactions, status, is_unread) in
        [("reopens", "open", false), ("marks_unread", "closed", true), ("reopens,marks_unread", "open", true)]
    {
        let (answer, ticket, _) = reacted(reactions);
        assert_eq!((&ticket["status"], &ticket["is_unread"]), (&json!(status), &json!(is_unread)));
        assert_eq!(ticket["messages"], json!([answer]), "the message itself is left alone");
    }
}

#[test]
fn a_message_that_fails_says_so_later() {
    let (answer, ticket, _) = reacted("fails_sending");
    assert_eq!((&answer["failed_datetime"], &answer["last_sending_error"]), (&Value::Null, &Value::Null));
    let held = &ticket["messages"][0];
    assert_eq!(held["failed_datetime"], "2027-01-15T08:00:05+00:00");
    assert!(held["last_sending_error"].is_object());
    assert_eq!(held["sent_datetime"], answer["sent_datetime"]);
}

#[test]
fn a_rule_answers_with_a_message_of_its_own() {
    let (answer, ticket, mut simulator) = reacted("answers");
    let [first, second] = &ticket["messages"].as_array().unwrap()[..] else { panic!("{ticket}") };
    assert_eq!(first, &answer);
    for (name, expected) in [
        ("from_agent", json!(true)),
        ("via", json!("rule")),
        ("receiver", answer["receiver"].clone()),
        ("created_datetime", json!("2027-01-15T08:00:05+00:00")),
        ("sent_datetime", json!("2027-01-15T08:00:05+00:00")),
    ] {
        assert_eq!(second[name], expected, "{name}");
    }
    assert_eq!(simulator.counters().mails, 1, "the customer got it");
    put(&mut simulator, message(7, 70), &sent(), at(6));
    assert_eq!(get(&mut simulator, "/api/tickets/7")["messages_count"], 3);
    assert!(simulator.seed(Seed::new(7, 71)).unwrap().is_some(), "its ids are out of everybody's way");
}

#[test]
fn a_refused_update_and_one_that_deletes_have_no_consequences() {
    let mut simulator = desk("mails,reopens,marks_unread,fails_sending,answers");
    assert_eq!(put(&mut simulator, message(7, 70), &json!({"subject": 1}), at(0)).status, 400);
    assert_eq!(put(&mut simulator, message(7, 71), &sent(), at(0)).status, 404);
    let cancel = format!("{}?action=cancel", path(message(7, 70)));
    assert_eq!(ask(&mut simulator, "PUT", &cancel, &update(&sent()), at(0)).status, 202);
    let ticket = get(&mut simulator, "/api/tickets/7");
    assert_eq!((&ticket["messages_count"], &ticket["status"]), (&json!(0), &json!("closed")));
    assert_eq!(simulator.counters().mails, 0);
}

#[test]
fn reactions_are_read_as_a_list_of_names() {
    let read = |text: &str| text.parse::<Reactions>();
    assert_eq!(read(""), Ok(Reactions::default()));
    let two = Reactions { mails: true, marks_unread: true, ..Reactions::default() };
    assert_eq!(read("marks_unread, mails"), Ok(two));
    let wrong = read("mails,reopen").unwrap_err().to_string();
    insta::assert_snapshot!(wrong, @"unknown reaction `reopen`, did you mean `reopens`? (valid: mails, reopens, marks_unread, fails_sending, answers)");
}
