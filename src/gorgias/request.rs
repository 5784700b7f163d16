//! What is asked of the API: few things, each made in one place.

use std::future::Future;

use serde_json::{Map, Value};

use super::{Answer, Lost};
use crate::record::Target;

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
    /// The path, from `/api/…` on. It never holds the `action` parameter.
    pub path: String,
    /// The body, as JSON; only with [`Method::Put`].
    pub body: Option<Vec<u8>>,
}

impl Request {
    /// `GET /api/account`: checks domain and credentials, and tells how full the bucket is.
    pub fn account() -> Self {
        Self { method: Method::Get, path: "/api/account".into(), body: None }
    }

    /// `GET /api/tickets/{ticket_id}/messages/{id}`.
    pub fn message(target: Target) -> Self {
        Self { method: Method::Get, path: message_path(target), body: None }
    }

    /// `PUT /api/tickets/{ticket_id}/messages/{id}`.
    pub fn update(target: Target, body: &Map<String, Value>) -> Self {
        // A map with text keys always serialises.
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self { method: Method::Put, path: message_path(target), body: Some(body) }
    }
}

fn message_path(target: Target) -> String {
    format!("/api/tickets/{}/messages/{}", target.ticket.0, target.message.0)
}

/// Whatever takes a request to the account and brings the answer back.
pub trait Transport: Send + Sync + 'static {
    /// Sends `request` once: no retry, no redirect.
    fn send(&self, request: Request) -> impl Future<Output = Result<Answer, Lost>> + Send;
}
