//! What goes into the core and what comes out of it: HTTP, less the wire.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::change::Change;

/// The largest request body that is read, in bytes; a larger one is answered with 413.
pub const MAX_BODY: usize = 8 * 1024 * 1024;

/// A request as it arrived.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The method, in upper case.
    pub method: &'a str,
    /// The path with its query, still percent-encoded.
    pub path: &'a str,
    /// The `Authorization` header, if there was one. It is compared and never kept.
    pub authorization: Option<&'a str>,
    /// The whole body; of one longer than [`MAX_BODY`], any part that is longer than [`MAX_BODY`].
    pub body: &'a [u8],
}

/// What the stand-in answers, and what becomes of that on the wire.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status. Meaningless where the fate is [`Fate::Reset`] or [`Fate::Hang`].
    pub status: u16,
    /// Header names, in lower case, and their values. `Content-Length` is left to the shell.
    pub headers: Vec<(&'static str, String)>,
    /// The whole body, also where only half of it will go out.
    pub body: Vec<u8>,
    /// What becomes of the answer.
    pub fate: Fate,
    /// What the request changed in the account: to be stored before the answer goes out. They are already applied.
    pub changes: Vec<Change>,
}

/// What becomes of an answer on its way to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives, `after` so long.
    Answered {
        /// How long the client waits for it.
        after: Duration,
    },
    /// The first half of the body arrives, `after` so long, then the connection is dropped.
    Truncated {
        /// How long the client waits for it.
        after: Duration,
    },
    /// The connection is dropped and nothing is answered.
    Reset,
    /// The connection stays open and nothing is answered.
    Hang,
}

impl Answer {
    /// The value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            fate: Fate::Answered { after: Duration::ZERO },
            changes: Vec::new(),
        }
    }

    pub(super) fn text(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut answer = Self::empty(status);
        answer.headers.push(("content-type", kind.to_owned()));
        answer.body = body.into();
        answer
    }

    pub(super) fn json(status: u16, value: &impl Serialize) -> Self {
        // Serialising fails for maps whose keys are no strings only, and there are none here.
        Self::text(status, "application/json", serde_json::to_vec(value).unwrap_or_default())
    }

    /// An error as Gorgias words it.
    pub(super) fn refusal(status: u16, msg: &str) -> Self {
        Self::json(status, &json!({"error": {"msg": msg}}))
    }

    /// A 400 that says which parameters are wrong; `data` maps each to its complaints.
    pub(super) fn invalid(data: &Map<String, Value>) -> Self {
        Self::json(400, &json!({"error": {"msg": "Failed to validate the request.", "data": data}}))
    }

    /// A 400 about one parameter.
    pub(super) fn invalid_parameter(name: &str, complaint: &str) -> Self {
        Self::invalid(&Map::from_iter([(name.to_owned(), json!([complaint]))]))
    }

    /// A 429 that asks to wait so long, rounded up to whole seconds.
    pub(super) fn throttled(wait: Duration) -> Self {
        let seconds = wait.as_nanos().div_ceil(1_000_000_000);
        Self::refusal(429, "Too many requests.").with_header("retry-after", seconds.to_string())
    }

    /// A page for people, from something that stands before Gorgias or in its place.
    pub(super) fn page(status: u16, title: &str) -> Self {
        let body =
            format!("<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>");
        Self::text(status, "text/html; charset=utf-8", body)
    }

    pub(super) fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Whether Gorgias itself answered, and not something before it.
    pub(super) fn is_from_gorgias(&self) -> bool {
        self.header("content-type").is_none_or(|kind| !kind.starts_with("text/html"))
    }
}
