//! What a fault makes of an answer.

use std::time::Duration;

use serde_json::Value;

use super::answer::{Answer, Fate};
use super::faults::Fault;
use super::route::REDIRECTED;

/// The answer that goes out in the place of `answer`, with the same changes. `path` comes without its query;
/// `retry_after` is what a 429 asks for.
pub(super) fn spoilt(fault: Fault, mut answer: Answer, path: &str, retry_after: Duration) -> Answer {
    let changes = std::mem::take(&mut answer.changes);
    let mut spoilt = match fault {
        Fault::BadRequest => Answer::refusal(400, "Bad request."),
        Fault::Unauthorized => Answer::refusal(401, "Unauthorized."),
        Fault::Forbidden => Answer::refusal(403, "Forbidden."),
        Fault::NotFound => Answer::refusal(404, "Not found."),
        Fault::Conflict => Answer::refusal(409, "The identifier is already in use."),
        Fault::TooLarge => Answer::refusal(413, "Payload too large."),
        Fault::Throttled => Answer::throttled(retry_after),
        Fault::ServerError => Answer::refusal(500, "Internal server error."),
        Fault::BadGateway => Answer::page(502, "Bad Gateway"),
        Fault::Unavailable => Answer::page(503, "Service Unavailable"),
        Fault::GatewayTimeout => Answer::page(504, "Gateway Timeout"),
        Fault::WrongDomain => Answer::page(404, "Not Found"),
        Fault::Redirect => Answer::empty(301).with_header("location", format!("{REDIRECTED}{path}")),
        Fault::Reset => Answer { fate: Fate::Reset, ..answer },
        Fault::Hang => Answer { fate: Fate::Hang, ..answer },
        Fault::Truncated => Answer { fate: Fate::Truncated { after: Duration::ZERO }, ..answer },
        // A request that is refused anyway gets its refusal: the rest is about successes that do not look like one.
        Fault::Empty | Fault::OtherId | Fault::Unreadable if answer.status >= 300 => answer,
        Fault::Empty => Answer::empty(answer.status),
        Fault::OtherId => with_other_id(&answer),
        Fault::Unreadable => Answer::text(answer.status, "application/json", "{\"id\": 12, <!-- upstream"),
    };
    spoilt.changes = changes;
    spoilt
}

fn with_other_id(answer: &Answer) -> Answer {
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if let Some(id) = body.get_mut("external_id") {
        let other = id.as_str().map_or("another".to_owned(), |id| format!("another-{id}"));
        *id = Value::String(other);
    }
    Answer::json(answer.status, &body)
}
