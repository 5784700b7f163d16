//! Which call a path means.

use super::account::Target;
use super::query::Query;

/// Where a redirect leads. Nobody should ever arrive there.
pub(super) const REDIRECTED: &str = "/api/redirected";

/// A path of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Account,
    Messages,
    Tickets,
    Rules,
    Integrations,
    Users,
    Ticket(u64),
    Message(Target),
    Redirected,
    Unknown,
}

/// Splits a path from its query.
pub(super) fn split(path: &str) -> (&str, Query) {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    (path, Query::read(query))
}

impl Route {
    /// The route of a path without a query. One slash at the end is allowed, as in the URIs that answers show.
    pub(super) fn of(path: &str) -> Self {
        if path.starts_with(REDIRECTED) {
            return Self::Redirected;
        }
        let path = path.strip_suffix('/').unwrap_or(path);
        let segments: Vec<&str> = path.split('/').collect();
        match segments[..] {
            ["", "api", "account"] => Self::Account,
            ["", "api", "messages"] => Self::Messages,
            ["", "api", "tickets"] => Self::Tickets,
            ["", "api", "rules"] => Self::Rules,
            ["", "api", "integrations"] => Self::Integrations,
            ["", "api", "users"] => Self::Users,
            ["", "api", "tickets", ticket] => ticket.parse().map_or(Self::Unknown, Self::Ticket),
            ["", "api", "tickets", ticket, "messages", message] => match (ticket.parse(), message.parse()) {
                (Ok(ticket_id), Ok(message_id)) => Self::Message(Target { ticket_id, message_id }),
                _ => Self::Unknown,
            },
            _ => Self::Unknown,
        }
    }

    /// Whether it can be read.
    pub(super) fn is_read(self) -> bool {
        !matches!(self, Self::Redirected | Self::Unknown)
    }

    /// Whether it is read page by page.
    pub(super) fn is_list(self) -> bool {
        matches!(self, Self::Messages | Self::Tickets | Self::Rules | Self::Integrations | Self::Users)
    }

    /// The ticket that it is in.
    pub(super) fn ticket_id(self) -> Option<u64> {
        match self {
            Self::Ticket(ticket_id) | Self::Message(Target { ticket_id, .. }) => Some(ticket_id),
            _ => None,
        }
    }

    /// The same in another ticket.
    pub(super) fn path_in(self, ticket_id: u64) -> String {
        match self {
            Self::Message(Target { message_id, .. }) => format!("/api/tickets/{ticket_id}/messages/{message_id}"),
            _ => format!("/api/tickets/{ticket_id}"),
        }
    }

    /// The message that a request updates.
    pub(super) fn updated(self, method: &str) -> Option<Target> {
        match self {
            Self::Message(target) if method == "PUT" => Some(target),
            _ => None,
        }
    }
}
