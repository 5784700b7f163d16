//! What the tests of the simulator share: questions to the core at made-up times.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]
#![allow(clippy::unwrap_used, clippy::must_use_candidate, reason = "a test may panic")]

use std::path::Path;

use deskferry::simulator::{Answer, Message, Request, Seed, Settings, Simulator, Store, Target, TicketSeed};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

/// Time, as the tests count it: seconds after 2027-01-15T08:00:00Z.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_800_000_000 + seconds)
}

pub fn message(ticket_id: u64, message_id: u64) -> Target {
    Target { ticket_id, message_id }
}

pub fn path(target: Target) -> String {
    format!("/api/tickets/{}/messages/{}", target.ticket_id, target.message_id)
}

pub fn members(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

pub fn seed(simulator: &mut Simulator, target: Target, properties: &Value) {
    let Target { ticket_id, message_id } = target;
    simulator.seed(Seed { ticket_id, message_id, properties: members(properties) }).unwrap();
}

pub fn seed_ticket(simulator: &mut Simulator, ticket_id: u64, properties: &Value) {
    let new = simulator.seed_ticket(TicketSeed::new(ticket_id, members(properties))).unwrap();
    assert!(new.is_some(), "ticket {ticket_id} has properties already");
}

pub fn ask(simulator: &mut Simulator, method: &str, path: &str, body: &str, now: Timestamp) -> Answer {
    simulator.answer(&Request { method, path, authorization: None, body: body.as_bytes() }, now)
}

/// What is at a path, which must be there.
pub fn get(simulator: &mut Simulator, path: &str) -> Value {
    get_at(simulator, path, at(0))
}

pub fn get_at(simulator: &mut Simulator, path: &str, now: Timestamp) -> Value {
    let answer = ask(simulator, "GET", path, "", now);
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    read(&answer)
}

pub fn status(simulator: &mut Simulator, path: &str) -> u16 {
    ask(simulator, "GET", path, "", at(0)).status
}

/// The least that an update must carry, and what is given besides.
pub fn update(more: &Value) -> String {
    let mut body = members(&json!({"channel": "email", "via": "zendesk", "from_agent": false}));
    body.extend(members(more));
    Value::Object(body).to_string()
}

pub fn put(simulator: &mut Simulator, target: Target, more: &Value, now: Timestamp) -> Answer {
    ask(simulator, "PUT", &path(target), &update(more), now)
}

pub fn read(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

pub fn ids(rows: &Value) -> Vec<u64> {
    rows.as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect()
}

/// The ids on all pages of a list; `query` without its cursor.
pub fn crawl(simulator: &mut Simulator, list: &str, query: &str) -> Vec<Vec<u64>> {
    let mut pages = Vec::new();
    let mut path = format!("{list}?{query}");
    loop {
        let page = get(simulator, &path);
        pages.push(ids(&page["data"]));
        let Some(cursor) = page["meta"]["next_cursor"].as_str() else { return pages };
        path = format!("{list}?{query}&cursor={cursor}");
    }
}

/// What an account holds, as far as a store must bring it back.
pub fn remembered(simulator: &mut Simulator) -> Value {
    let messages: Vec<Value> = simulator.account().messages().map(Message::shown).collect();
    let mailed = json!(simulator.account().mailed());
    let tickets = crawl(simulator, "/api/tickets", "limit=100&order_by=updated_datetime:asc").concat();
    let tickets: Vec<Value> = tickets.iter().map(|id| get(simulator, &format!("/api/tickets/{id}"))).collect();
    let counters = simulator.counters();
    let figures = [counters.updates, counters.repeated, counters.mails, counters.deleted, counters.people_created];
    json!({"messages": messages, "mailed": mailed, "tickets": tickets, "figures": figures})
}

/// The account that a store holds, in a simulator with nothing else about it.
pub fn reopened(path: &Path) -> Simulator {
    let mut simulator = Simulator::new(Settings::default());
    Store::open(path, &mut simulator).unwrap();
    simulator
}
