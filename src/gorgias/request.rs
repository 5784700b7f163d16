//! What is asked of the API: few things, each made in one place.

use std::fmt::Write as _;
use std::future::Future;

use serde_json::{Map, Value};

use super::{Answer, Lost};
use crate::record::{Action, Target, TicketId};

/// The most rows that a list answers with.
pub const PAGE: usize = 100;

/// In which order messages are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By when they were created.
    OldestFirst,
    /// The other way round.
    NewestFirst,
}

/// The methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Update.
    Put,
}

/// A request to the API, without its origin and its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// How.
    pub method: Method,
    /// The path, from `/api/…` on. It holds the `action` parameter only where the operator asked for one.
    pub path: String,
    /// The ticket that it is about, where it is about one alone.
    pub ticket: Option<TicketId>,
    /// The body, as JSON; only with [`Method::Put`].
    pub body: Option<Vec<u8>>,
}

impl Request {
    /// `GET /api/account`: checks domain and credentials, and tells how full the bucket is.
    pub fn account() -> Self {
        Self::get("/api/account".into())
    }

    /// `GET /api/tickets/{ticket_id}/messages/{id}`.
    pub fn message(target: Target) -> Self {
        Self { ticket: Some(target.ticket), ..Self::get(message_path(target)) }
    }

    /// `GET /api/tickets/{id}`: a ticket with all its messages.
    pub fn ticket(ticket: TicketId) -> Self {
        Self { ticket: Some(ticket), ..Self::get(format!("/api/tickets/{}", ticket.0)) }
    }

    /// `GET /api/messages`: a page of the account's messages by when they were created. Whether a cursor brings its order
    /// along is not documented, so it goes with every page.
    pub fn messages(order: Order, cursor: Option<&str>) -> Self {
        let order = match order {
            Order::OldestFirst => "asc",
            Order::NewestFirst => "desc",
        };
        Self::list(&format!("messages?order_by=created_datetime:{order}&"), cursor)
    }

    /// `GET /api/tickets`: a page of the account's tickets, without their messages.
    pub fn tickets(cursor: Option<&str>) -> Self {
        Self::list("tickets?", cursor)
    }

    /// `GET /api/tickets?ticket_ids=…`: these tickets, at most [`PAGE`] of them, without their messages.
    pub fn tickets_by_id(tickets: &[TicketId]) -> Self {
        let ids: Vec<_> = tickets.iter().map(|ticket| format!("ticket_ids={}", ticket.0)).collect();
        Self::get(format!("/api/tickets?limit={PAGE}&{}", ids.join("&")))
    }

    /// `GET /api/tickets?external_id=…`: the tickets that hold this foreign id.
    pub fn tickets_by_external_id(external_id: &str) -> Self {
        Self::get(format!("/api/tickets?limit={PAGE}&external_id={}", escaped(external_id)))
    }

    /// `GET /api/users?email=…`: the user that the credentials belong to.
    pub fn users(email: &str) -> Self {
        Self::get(format!("/api/users?email={}", escaped(email)))
    }

    /// `GET /api/rules`: the account's automation rules.
    pub fn rules(cursor: Option<&str>) -> Self {
        Self::list("rules?", cursor)
    }

    /// `GET /api/integrations`: what the account is connected with.
    pub fn integrations(cursor: Option<&str>) -> Self {
        Self::list("integrations?", cursor)
    }

    fn list(list: &str, cursor: Option<&str>) -> Self {
        let from = cursor.map(|cursor| format!("&cursor={}", escaped(cursor))).unwrap_or_default();
        Self::get(format!("/api/{list}limit={PAGE}{from}"))
    }

    fn get(path: String) -> Self {
        Self { method: Method::Get, path, ticket: None, body: None }
    }

    /// `PUT /api/tickets/{ticket_id}/messages/{id}`, with the side effect that the operator asked for, if they did.
    pub fn update(target: Target, body: &Map<String, Value>, action: Option<Action>) -> Self {
        let asked = action.map(|action| format!("?action={}", action.word())).unwrap_or_default();
        // A map with text keys always serialises.
        let body = serde_json::to_vec(body).unwrap_or_default();
        let path = message_path(target) + &asked;
        Self { method: Method::Put, path, ticket: Some(target.ticket), body: Some(body) }
    }
}

/// Percent-encodes what is not plain in a query.
fn escaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            plain.push(char::from(byte));
        } else {
            // Writing into a string can't fail.
            let _ = write!(plain, "%{byte:02X}");
        }
    }
    plain
}

fn message_path(target: Target) -> String {
    format!("/api/tickets/{}/messages/{}", target.ticket.0, target.message.0)
}

/// Whatever takes a request to the account and brings the answer back.
pub trait Transport: Send + Sync + 'static {
    /// Sends `request` once: no retry, no redirect.
    fn send(&self, request: Request) -> impl Future<Output = Result<Answer, Lost>> + Send;
}
