//! What the stand-in tells about itself, under `/simulator`: no part of the API, never throttled, never faulty, and
//! open to whoever reaches the loopback address.

use serde::Serialize;
use serde_json::{Value, json};

use super::account::Target;
use super::answer::{Answer, MAX_BODY};
use super::change::SeedLine;
use super::core::Simulator;
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
        (_, "/state" | "/messages" | "/requests" | "/seed") => Answer::refusal(405, "Method not allowed."),
        _ => Answer::refusal(
            404,
            "Known are: /simulator/state, /simulator/messages, /simulator/requests, /simulator/seed.",
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
    let seeds: Result<Vec<SeedLine>, _> = serde_json::Deserializer::from_slice(body).into_iter().collect();
    let seeds = match seeds {
        Ok(seeds) => seeds,
        Err(error) => return Answer::refusal(400, &error.to_string()),
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
