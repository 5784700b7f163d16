//! What the stand-in's lists promise: what they hold, in which order, and how long a cursor is good for.

#![expect(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

mod simulator_support;

use std::time::Duration;

use deskferry::simulator::{Event, Fate, Faults, Seed, SeedError, Settings, Simulator, TicketSeed};
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator_support::{ask, at, crawl, get, get_at, ids, members, message, put, read, seed, seed_ticket, status};

/// Six tickets with a message each, the later the newer; the third is trashed.
fn desk(settings: Settings) -> Simulator {
    let mut simulator = Simulator::new(settings);
    for ticket_id in 1..=6 {
        let customer = json!({"id": 70 + ticket_id % 2, "email": format!("c{}@example.com", ticket_id % 2)});
        let created = format!("2024-01-0{ticket_id}T10:00:00+00:00");
        let properties = json!({"created_datetime": created, "sender": customer});
        seed(&mut simulator, message(ticket_id, 10 * ticket_id), &properties);
    }
    for (ticket_id, external_id) in [(1, "Z-1"), (2, "Z-2"), (4, "Z-2")] {
        seed_ticket(&mut simulator, ticket_id, &json!({"external_id": external_id}));
    }
    seed_ticket(&mut simulator, 3, &json!({"trashed_datetime": "2024-03-01T00:00:00+00:00"}));
    seed_ticket(&mut simulator, 5, &json!({"updated_datetime": "2024-02-01T00:00:00Z"}));
    simulator
}

fn plain() -> Simulator {
    desk(Settings::default())
}

#[test]
fn a_ticket_shows_what_it_was_given_and_else_what_its_messages_tell() {
    let mut simulator = Simulator::new(Settings::default());
    let given = json!({"external_id": "Z-7", "status": "open", "created_datetime": "2024-01-01T10:00:00"});
    seed_ticket(&mut simulator, 7, &given);
    seed(&mut simulator, message(7, 71), &json!({"subject": "Second", "created_datetime": "2024-01-03T10:00:00Z"}));
    seed(&mut simulator, message(7, 70), &json!({"subject": "First", "created_datetime": "2024-01-02T10:00:00Z"}));
    let ticket = get(&mut simulator, "/api/tickets/7");
    assert_eq!(ids(&ticket["messages"]), [70, 71]);
    for (name, expected) in [
        ("uri", json!("/api/tickets/7/")),
        ("external_id", json!("Z-7")),
        ("status", json!("open")),
        ("subject", json!("First")),
        ("is_unread", json!(false)),
        ("trashed_datetime", Value::Null),
        ("messages_count", json!(2)),
        ("created_datetime", json!("2024-01-01T10:00:00+00:00")),
        ("updated_datetime", json!("2024-01-03T10:00:00+00:00")),
    ] {
        assert_eq!(ticket[name], expected, "{name}");
    }
    assert_eq!(ticket["customer"]["id"], 7);
    seed(&mut simulator, message(8, 80), &json!({}));
    assert_eq!(simulator.account().ticket(8).unwrap().get("status"), "closed");
}

#[test]
fn a_ticket_is_given_its_properties_once() {
    let mut simulator = plain();
    let seed = |properties| TicketSeed::new(1, members(&properties));
    assert_eq!(simulator.seed_ticket(seed(json!({"external_id": "other"}))), Ok(None));
    assert_eq!(get(&mut simulator, "/api/tickets/1")["external_id"], "Z-1");
    let mut refused = |properties| simulator.seed_ticket(TicketSeed::new(6, members(&properties))).unwrap_err();
    assert_eq!(refused(json!({"colour": 1})), SeedError::UnknownOfTicket("colour".to_owned()));
    assert_eq!(refused(json!({"updated_datetime": "soon"})), SeedError::Updated);
    assert_eq!(simulator.account().ticket(6).unwrap().get("external_id"), Value::Null);
}

#[test]
fn tickets_come_in_the_order_that_was_asked_for_page_by_page() {
    let mut simulator = plain();
    let mut tickets = |query| crawl(&mut simulator, "/api/tickets", query);
    assert_eq!(tickets(""), [vec![6, 5, 4, 3, 2, 1]]);
    assert_eq!(tickets("limit=4"), [vec![6, 5, 4, 3], vec![2, 1]]);
    assert_eq!(tickets("limit=4&order_by=created_datetime:asc"), [vec![1, 2, 3, 4], vec![5, 6]]);
    assert_eq!(tickets("limit=4&order_by=updated_datetime:desc"), [vec![5, 6, 4, 3], vec![2, 1]]);
    assert_eq!(tickets("limit=4&order_by=updated_datetime:asc"), [vec![1, 2, 3, 4], vec![6, 5]]);
}

#[test]
fn an_update_moves_a_ticket_to_the_end_of_those_updated() {
    let mut simulator = plain();
    assert_eq!(put(&mut simulator, message(2, 20), &json!({}), at(5)).status, 202);
    let page = get(&mut simulator, "/api/tickets?order_by=updated_datetime:desc");
    assert_eq!(ids(&page["data"]), [2, 5, 6, 4, 3, 1]);
    assert_eq!(page["data"][0]["updated_datetime"], "2027-01-15T08:00:05+00:00");
    assert_eq!(page["data"][0]["created_datetime"], "2024-01-02T10:00:00+00:00");
}

#[test]
fn tickets_are_found_by_what_is_known_of_them() {
    let mut simulator = plain();
    for (query, expected) in [
        ("external_id=Z-2", vec![4, 2]),
        ("external_id=Z%2D1", vec![1]),
        ("external_id=Z", vec![]),
        ("customer_id=71", vec![5, 3, 1]),
        ("customer_id=1", vec![]),
        ("ticket_ids=2&ticket_ids=6", vec![6, 2]),
        ("ticket_ids=2,99&ticket_ids=6,2", vec![6, 2]),
        ("ticket_ids=1,2,3&customer_id=71", vec![3, 1]),
        ("ticket_ids=1,2&external_id=Z-2", vec![2]),
        ("customer_id=71&trashed=false", vec![5, 1]),
        ("customer_id=71&trashed=true", vec![5, 3, 1]),
        ("trashed=false&limit=3&order_by=created_datetime:asc", vec![1, 2, 4, 5, 6]),
    ] {
        assert_eq!(crawl(&mut simulator, "/api/tickets", query).concat(), expected, "{query}");
    }
    let row = &get(&mut simulator, "/api/tickets?ticket_ids=2")["data"][0];
    assert_eq!((&row["id"], &row["messages_count"], row.get("messages")), (&json!(2), &json!(1), None));
}

#[test]
fn a_ticket_is_found_by_the_customer_that_an_update_gave_it() {
    let mut simulator = plain();
    put(&mut simulator, message(1, 10), &json!({"sender": {"id": 900}}), at(0));
    assert_eq!(crawl(&mut simulator, "/api/tickets", "customer_id=900"), [vec![1]]);
    assert_eq!(crawl(&mut simulator, "/api/tickets", "customer_id=71"), [vec![5, 3]]);
}

#[test]
fn a_wrong_query_is_told_which_parameter_is_wrong() {
    let mut simulator = plain();
    let many = (1..=101).map(|id| id.to_string()).collect::<Vec<_>>().join(",");
    for (name, value) in [
        ("limit", "101"),
        ("order_by", "external_id:asc"),
        ("customer_id", "x"),
        ("ticket_ids", ""),
        ("ticket_ids", "1,x"),
        ("ticket_ids", &many),
        ("trashed", "maybe"),
        ("cursor", "00"),
        ("message_id", "1"),
    ] {
        let answer = ask(&mut simulator, "GET", &format!("/api/tickets?{name}={value}"), "", at(0));
        assert_eq!(answer.status, 400, "{name}={value}");
        assert_eq!(members(&read(&answer)["error"]["data"]).keys().collect::<Vec<_>>(), [name]);
    }
    assert_eq!(status(&mut simulator, "/api/messages?order_by=updated_datetime:asc"), 400);
}

#[test]
fn a_cursor_holds_its_list_and_no_other() {
    let mut simulator = plain();
    let first = get(&mut simulator, "/api/tickets?limit=2&customer_id=71&order_by=created_datetime:asc");
    let cursor = first["meta"]["next_cursor"].as_str().unwrap();
    let page = get(&mut simulator, &format!("/api/tickets?cursor={cursor}"));
    assert_eq!(ids(&page["data"]), [5]);
    let back = page["meta"]["prev_cursor"].as_str().unwrap();
    assert_eq!(ids(&get(&mut simulator, &format!("/api/tickets?limit=2&cursor={back}"))["data"]), [1, 3]);
    for other in ["tickets?customer_id=70&", "tickets?order_by=updated_datetime:asc&", "messages?", "rules?"] {
        assert_eq!(status(&mut simulator, &format!("/api/{other}cursor={cursor}")), 400, "{other}");
    }
}

#[test]
fn a_cursor_expires_when_its_life_is_over() {
    let mut simulator = desk(Settings { cursor_life: Some(Duration::from_mins(1)), ..Settings::default() });
    for list in ["/api/messages", "/api/tickets"] {
        let page = get_at(&mut simulator, &format!("{list}?limit=2"), at(0));
        let next = format!("{list}?limit=2&cursor={}", page["meta"]["next_cursor"].as_str().unwrap());
        let renewed = get_at(&mut simulator, &next, at(60));
        let late = ask(&mut simulator, "GET", &next, "", at(61));
        assert_eq!(late.status, 400);
        let complaint = json!({"msg": "Failed to validate the request.", "data": {"cursor": ["Invalid cursor."]}});
        assert_eq!(read(&late), json!({"error": complaint}));
        let last = format!("{list}?cursor={}", renewed["meta"]["next_cursor"].as_str().unwrap());
        assert_eq!(ids(&get_at(&mut simulator, &last, at(120))["data"]).len(), 2, "each page's cursor lives anew");
    }
}

#[test]
fn without_a_life_a_cursor_is_good_for_ever() {
    let mut simulator = plain();
    let page = get(&mut simulator, "/api/messages?limit=4");
    let next = format!("/api/messages?cursor={}", page["meta"]["next_cursor"].as_str().unwrap());
    assert_eq!(ids(&get_at(&mut simulator, &next, at(100_000_000))["data"]), [20, 10]);
}

#[test]
fn what_comes_and_goes_meanwhile_shifts_no_page() {
    let events = vec![
        (2, Event::DeleteMessage(message(2, 20))),
        (2, Event::Arrive(Seed::new(6, 61))),
        (3, Event::DeleteTicket(5)),
    ];
    let mut simulator = desk(Settings { events, ..Settings::default() });
    let pages = crawl(&mut simulator, "/api/messages", "limit=2&order_by=created_datetime:asc");
    assert_eq!(pages, [vec![10, 20], vec![30, 40], vec![60, 61]]);
}

#[test]
fn rules_and_integrations_are_listed_unless_the_role_may_not_read_them() {
    let listed = |count: u64| (1..=count).map(|id| json!({"id": id, "name": format!("No. {id}")})).collect();
    let settings = Settings { rules: listed(5), integrations: listed(1), ..Settings::default() };
    let mut simulator = Simulator::new(settings.clone());
    assert_eq!(crawl(&mut simulator, "/api/rules", "limit=2"), [vec![1, 2], vec![3, 4], vec![5]]);
    let page = get(&mut simulator, "/api/integrations");
    assert_eq!(page["data"], json!([{"id": 1, "name": "No. 1"}]));
    assert_eq!((&page["object"], &page["uri"]), (&json!("list"), &json!("/api/integrations")));
    let mut hidden = Simulator::new(Settings { hides_automation: true, ..settings });
    for list in ["/api/rules", "/api/integrations"] {
        assert_eq!(status(&mut hidden, list), 403);
    }
    assert_eq!(status(&mut hidden, "/api/users"), 200);
}

#[test]
fn the_accounts_user_has_the_role_that_was_set() {
    let mut simulator = Simulator::new(Settings { role: "basic-agent".to_owned(), ..Settings::default() });
    let users = get(&mut simulator, "/api/users?email=ann%2Bx@example.com");
    let [user] = &users["data"].as_array().unwrap()[..] else { panic!("{users}") };
    assert_eq!((&user["id"], &user["active"]), (&json!(1), &json!(true)));
    assert_eq!((&user["email"], &user["role"]), (&json!("ann+x@example.com"), &json!({"name": "basic-agent"})));
    assert!(user["name"].is_string());
}

#[test]
fn reads_and_pages_are_counted() {
    let mut simulator = plain();
    for path in ["/api/messages", "/api/tickets", "/api/tickets?limit=0", "/api/tickets/1", "/api/tickets/99", "/api/x"]
    {
        status(&mut simulator, path);
    }
    put(&mut simulator, message(1, 10), &json!({}), at(0));
    let counters = simulator.counters();
    assert_eq!((counters.requests, counters.reads, counters.pages), (7, 5, 2));
}

#[test]
fn half_a_page_is_half_of_the_true_one() {
    let faults: Faults = "truncated=1".parse().unwrap();
    let mut simulator = desk(Settings { faults: faults.on_reads_too(), ..Settings::default() });
    for path in ["/api/messages", "/api/tickets", "/api/tickets/1"] {
        let answer = ask(&mut simulator, "GET", path, "", at(0));
        assert!(matches!(answer.fate, Fate::Truncated { .. }));
        assert_eq!(read(&answer), get(&mut plain(), path));
    }
}

#[test]
fn every_answer_tells_the_accounts_time() {
    let mut simulator = desk(Settings { clock_ahead: SignedDuration::from_secs(-90), ..Settings::default() });
    for path in ["/api/tickets", "/api/tickets/99", "/simulator/state"] {
        let answer = ask(&mut simulator, "GET", path, "", at(0));
        assert_eq!(answer.header("date"), Some("Fri, 15 Jan 2027 07:58:30 GMT"), "{path}");
    }
    put(&mut simulator, message(1, 10), &json!({"from_agent": true}), at(0));
    let mailed = get(&mut simulator, "/api/tickets/1/messages/10");
    assert_eq!(mailed["sent_datetime"], "2027-01-15T07:58:30+00:00", "what happens there goes by that clock too");
}

#[test]
fn a_large_account_is_read_to_the_last_row() {
    let mut simulator = Simulator::new(Settings::default());
    for ticket_id in 1..=2_000 {
        for message_id in 0..5 {
            simulator.seed(Seed::new(ticket_id, ticket_id * 10 + message_id)).unwrap();
        }
        seed_ticket(&mut simulator, ticket_id, &json!({"external_id": format!("Z-{ticket_id}")}));
    }
    let messages = crawl(&mut simulator, "/api/messages", "limit=100&order_by=created_datetime:asc").concat();
    let expected = (1..=2_000).flat_map(|ticket_id| (0..5).map(move |message_id| ticket_id * 10 + message_id));
    assert_eq!(messages, expected.collect::<Vec<_>>());
    let tickets = crawl(&mut simulator, "/api/tickets", "limit=100").concat();
    assert_eq!(tickets, (1..=2_000).rev().collect::<Vec<_>>());
    assert_eq!(simulator.counters().pages, 120);
}
