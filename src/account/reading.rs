//! Lists and tickets, read from the account.

use serde_json::{Map, Value};

use crate::deliver::{Courier, Unread};
use crate::gorgias::{Listing, Request, Transport};
use crate::record::{Cause, CauseKind, TicketId};
use crate::scan::{HeldTicket, ScanError};

/// Why the account could not be read to the end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The account does not let it be read, or can't be reached.
    #[error("{}", .0.detail)]
    Stopped(Cause),
    /// The operator stopped it.
    #[error("interrupted")]
    Interrupted,
    /// What was read can't be kept.
    #[error(transparent)]
    Scan(#[from] ScanError),
}

impl ReadError {
    /// What a question that got no answer comes to, where the answer was needed.
    pub(super) fn of(unread: Unread) -> Self {
        match unread {
            Unread::Stopping => Self::Interrupted,
            Unread::Stop(cause) | Unread::TriesUsedUp(cause) | Unread::Refused { cause, .. } => Self::Stopped(cause),
        }
    }
}

/// A page of a list, or the API's refusal of what was asked.
pub(super) async fn page<T: Transport>(
    courier: &Courier<T>,
    request: &Request,
) -> Result<Result<Listing, Cause>, ReadError> {
    match courier.read(request).await {
        Ok(answer) => Listing::read(answer)
            .map(Ok)
            .ok_or_else(|| ReadError::Stopped(Cause::new(CauseKind::Unavailable, "the answer is no list"))),
        Err(Unread::Refused { cause, .. }) => Ok(Err(cause)),
        Err(unread) => Err(ReadError::of(unread)),
    }
}

/// A ticket with all its messages.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeTicket {
    /// What it says of itself.
    pub ticket: HeldTicket,
    /// The whole answer, but for the messages.
    pub object: Map<String, Value>,
    /// Its messages, each with the ticket's id.
    pub messages: Vec<Map<String, Value>>,
}

/// Reads a ticket whole; or why the account does not show it, such as that it was deleted or merged.
async fn ticket<T: Transport>(courier: &Courier<T>, id: TicketId) -> Result<Result<WholeTicket, Gone>, ReadError> {
    match courier.read(&Request::ticket(id)).await {
        // Another ticket than was asked for: the one that it was merged into.
        Ok(answer) => match answer.get("id").and_then(Value::as_u64).map(TicketId).filter(|other| *other != id) {
            Some(other) => Ok(Err(Gone::Merged { into: Some(other) })),
            None => whole(id, answer).map(Ok).ok_or_else(|| {
                let detail = format!("ticket {} is answered with no ticket", id.0);
                ReadError::Stopped(Cause::new(CauseKind::Unavailable, detail))
            }),
        },
        Err(Unread::Refused { status: 300..400, location, .. }) => {
            let into = location.as_deref().and_then(ticket_in).filter(|into| *into != id);
            Ok(Err(Gone::Merged { into }))
        }
        Err(Unread::Refused { .. }) => Ok(Err(Gone::Deleted)),
        Err(unread) => Err(ReadError::of(unread)),
    }
}

/// Reads a ticket whole, or the one that it was merged into: its messages are there now.
///
/// # Errors
/// When the account can't be read.
pub async fn find_ticket<T: Transport>(
    courier: &Courier<T>,
    id: TicketId,
) -> Result<Result<WholeTicket, Gone>, ReadError> {
    follow_ticket(courier, id, || {}).await
}

/// The same, and tells before each request that it is made.
pub(super) async fn follow_ticket<T: Transport>(
    courier: &Courier<T>,
    id: TicketId,
    mut asks: impl FnMut(),
) -> Result<Result<WholeTicket, Gone>, ReadError> {
    let mut seen = vec![id];
    loop {
        asks();
        let read = ticket(courier, seen[seen.len() - 1]).await?;
        match read {
            Err(Gone::Merged { into: Some(into) }) if !seen.contains(&into) => seen.push(into),
            read => return Ok(read),
        }
    }
}

/// The ticket that an address of the API names.
fn ticket_in(location: &str) -> Option<TicketId> {
    let (_, rest) = location.split_once("/api/tickets/")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok().map(TicketId)
}

/// Why a ticket is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// It is not there.
    Deleted,
    /// Its messages belong to another ticket now.
    Merged {
        /// That ticket, where the account says which.
        into: Option<TicketId>,
    },
}

fn whole(id: TicketId, answer: Value) -> Option<WholeTicket> {
    let Value::Object(mut object) = answer else { return None };
    let mut messages = Vec::new();
    if let Some(Value::Array(list)) = object.remove("messages") {
        for message in list {
            let Value::Object(mut message) = message else { return None };
            message.insert("ticket_id".into(), id.0.into());
            messages.push(message);
        }
    }
    // However many it says that it has: these are all.
    let ticket = HeldTicket { messages: Some(messages.len() as u64), ..HeldTicket::read(&object)? };
    Some(WholeTicket { ticket, object, messages })
}
