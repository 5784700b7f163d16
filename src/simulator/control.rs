//! What the stand-in tells about itself, under `/simulator`: no part of the API, never throttled, never faulty, and
//! open to whoever reaches the loopback address.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::account::Target;
use super::answer::{Answer, MAX_BODY};
use super::change::SeedLine;
use super::core::Simulator;
use super::happening::Event;
use super::message::{Message, Received};

const ROOT: &str = "/simulator";

/// Whether a path, without its query, is one of these.
pub(super) fn is_meant(path: &str) -> bool {
    path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

pub(super) fn answer(simulator: &mut Simulator, method: &str, path: &str, body: &[u8]) -> Answer {
    match (method, path.strip_prefix(ROOT).unwrap_or_default()) {
        ("GET", "/state") => Answer::json(200, &simulator.counters()),
        ("GET", "/messages") => lines(simulator.account().messages().map(line)),
        ("GET", "/requests") => lines(simulator.recent()),
        ("POST", "/seed") => seed(simulator, body),
        ("POST", "/happen") => happen(simulator, body),
        (_, "/state" | "/messages" | "/requests" | "/seed" | "/happen") => Answer::refusal(405, "Method not allowed."),
        _ => Answer::refusal(
            404,
            "Known are: /simulator/state, /simulator/messages, /simulator/requests, /simulator/seed, /simulator/happen.",
        ),
    }
}

fn line(message: &Message) -> Value {
    let Target { ticket_id, message_id } = message.target();
    let received: &Received = message.received();
    json!({
        "ticket_id": ticket_id,
        "message_id": message_id,
        "external_id": message.get("external_id"),
        "requests": received.requests,
        "updates": received.updates,
        "first_turn": received.first_turn,
        "last_turn": received.last_turn,
        "last_body": received.last_body(),
        "message": message,
    })
}

fn lines(rows: impl Iterator<Item = impl Serialize>) -> Answer {
    let mut body = Vec::new();
    for row in rows {
        // Serialising fails for maps whose keys are no strings only, and there are none here.
        body.extend(serde_json::to_vec(&row).unwrap_or_default());
        body.push(b'\n');
    }
    Answer::text(200, "application/x-ndjson", body)
}

/// Seeds one message or ticket a line. All lines are read before the first is carried out; one that contradicts the account stops
/// there, and what was seeded before it stays.
fn seed(simulator: &mut Simulator, body: &[u8]) -> Answer {
    if body.len() > MAX_BODY {
        return Answer::refusal(413, "Too many at once: seed them in several requests.");
    }
    let seeds: Vec<SeedLine> = match all_of(body) {
        Ok(seeds) => seeds,
        Err(refused) => return refused,
    };
    let mut changes = Vec::new();
    let mut refused = None;
    for seed in seeds {
        let seeded = match seed {
            SeedLine::Message(seed) => simulator.seed(seed),
            SeedLine::Ticket(seed) => simulator.seed_ticket(seed),
        };
        match seeded {
            Ok(change) => changes.extend(change),
            Err(error) => {
                refused = Some(Answer::refusal(400, &error.to_string()));
                break;
            }
        }
    }
    let mut answer = refused.unwrap_or_else(|| Answer::json(200, &json!({"seeded": changes.len()})));
    answer.changes = changes;
    answer
}

/// Lets each [`Event`] happen, one a line; one that can't stops there, and what happened before it stays.
fn happen(simulator: &mut Simulator, body: &[u8]) -> Answer {
    let events: Vec<Event> = match all_of(body) {
        Ok(events) => events,
        Err(refused) => return refused,
    };
    let mut changed = 0;
    for event in events {
        match simulator.happen(event) {
            Ok(is_change) => changed += u64::from(is_change),
            Err(error) => return Answer::refusal(400, &error.to_string()),
        }
    }
    Answer::json(200, &json!({"changed": changed}))
}

/// Every value of a body of JSON lines, or what refuses it.
fn all_of<T: DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, Answer> {
    let values: Result<Vec<T>, _> = serde_json::Deserializer::from_slice(body).into_iter().collect();
    values.map_err(|error| Answer::refusal(400, &error.to_string()))
}
