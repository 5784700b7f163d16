//! What the account holds of a message before it is updated: as the scan has it, or as it is read now.
//!
//! It is read where that is needed: for undo, for `--write missing`, and where nobody knows whether an update arrived. A
//! ticket is read once, with all its messages, before the first of them is updated.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

use super::delivery::Unrecorded;
use super::{Delivered, Delivery, Parcel, Unread};
use crate::checkpoint::Entry;
use crate::gorgias::{Request, Transport};
use crate::record::{Cause, CauseKind, MessageId, Settled, State, TicketId};
use crate::update::{Agreement, Write, compare};

/// What is known of a message before it is updated.
pub(super) enum Read {
    /// Nothing, and nobody asked.
    Unasked,
    /// This, and how it was settled whether an earlier update arrived, if that was not known.
    Holds(Map<String, Value>, Option<Settled>),
    /// Something that is neither what it was before nor what was sent.
    EditedSince,
}

/// Tickets that were read, each until the last of its messages that wait has gone out.
#[derive(Debug, Default)]
pub struct Tickets(Mutex<HashMap<TicketId, Arc<Messages>>>);

type Messages = HashMap<MessageId, Map<String, Value>>;

impl Tickets {
    fn get(&self, ticket: TicketId) -> Option<Arc<Messages>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&ticket).cloned()
    }

    fn keep(&self, ticket: TicketId, messages: Arc<Messages>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(ticket, messages);
    }

    /// None of its messages waits any more.
    pub fn forget(&self, ticket: TicketId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&ticket);
    }
}

impl<T: Transport> Delivery<T> {
    /// What the account holds of the parcel's target, as far as it must be known.
    pub(super) async fn what_is_there(&self, parcel: &Parcel) -> Result<Read, Unread> {
        if parcel.may_be_written {
            return self.whether_it_arrived(parcel).await;
        }
        if let Some(content) = &parcel.held {
            return Ok(Read::Holds(content.clone(), None));
        }
        if !self.keeps_images && self.writes.write != Write::Missing {
            return Ok(Read::Unasked);
        }
        let messages = match self.tickets.get(parcel.target.ticket) {
            Some(messages) => messages,
            None => self.read_ticket(parcel.target.ticket).await?,
        };
        let content = messages.get(&parcel.target.message).cloned();
        content.map(|content| Read::Holds(content, None)).ok_or_else(|| Unread::Refused {
            status: 404,
            cause: Cause::new(CauseKind::Refused, "404: the ticket has no such message"),
            location: None,
        })
    }

    /// An update whose answer was lost may have arrived; and if not, somebody may have changed the message since.
    async fn whether_it_arrived(&self, parcel: &Parcel) -> Result<Read, Unread> {
        if !self.keeps_images && self.writes.write != Write::Missing && !parcel.may_be_edited {
            return Ok(Read::Unasked);
        }
        let held = self.read_message(parcel).await?;
        let agrees = |sent: &Map<String, Value>| {
            compare(sent, &held).iter().all(|(_, agreement)| *agreement != Agreement::Different)
        };
        let Some(image) = &parcel.image else {
            let settled = if agrees(&parcel.body) { Settled::Found } else { Settled::SentAfterReading };
            return Ok(Read::Holds(held, Some(settled)));
        };
        let Some(sent) = image.sent.as_ref() else { return Ok(Read::Holds(held, Some(Settled::SentAfterReading))) };
        if agrees(sent) {
            return Ok(Read::Holds(held, Some(Settled::Found)));
        }
        let prior = image.prior.as_ref().unwrap_or(&image.before);
        let is_as_before = sent.keys().all(|name| {
            let before = prior.get(name).cloned().unwrap_or_default();
            agrees(&Map::from_iter([(name.clone(), before)]))
        });
        Ok(if is_as_before { Read::Holds(held, Some(Settled::SentAfterReading)) } else { Read::EditedSince })
    }

    async fn read_message(&self, parcel: &Parcel) -> Result<Map<String, Value>, Unread> {
        match self.courier.read(&Request::message(parcel.target)).await? {
            Value::Object(message) => Ok(message),
            _ => Err(Unread::TriesUsedUp(Cause::new(CauseKind::LostAnswer, "the answer is no message"))),
        }
    }

    async fn read_ticket(&self, ticket: TicketId) -> Result<Arc<Messages>, Unread> {
        let answer = self.courier.read(&Request::ticket(ticket)).await?;
        let list = answer
            .get("messages")
            .and_then(Value::as_array)
            .ok_or_else(|| Unread::TriesUsedUp(Cause::new(CauseKind::LostAnswer, "the answer is no ticket")))?;
        let messages = list.iter().filter_map(Value::as_object);
        let messages = messages.filter_map(|message| Some((MessageId(message.get("id")?.as_u64()?), message.clone())));
        let messages = Arc::new(messages.collect());
        self.tickets.keep(ticket, Arc::clone(&messages));
        Ok(messages)
    }

    /// What can't be read can't be written either: it takes the way of a refused update. What an earlier run may have
    /// written stays unconfirmed for as long as nobody has seen it.
    pub(super) async fn unreadable(&self, parcel: &Parcel, unread: Unread) -> Result<Delivered, Unrecorded> {
        let (state, cause) = match unread {
            Unread::Stopping => return Ok(Delivered::untouched(parcel, None)),
            Unread::Stop(cause) => return Ok(Delivered::untouched(parcel, Some(cause))),
            Unread::TriesUsedUp(cause) if parcel.may_be_written => (State::Unconfirmed, cause),
            Unread::TriesUsedUp(cause) | Unread::Refused { cause, .. } => (State::Failed, cause),
        };
        self.writer.record(Entry::Intent { turn: parcel.turn, before: None }).await?;
        self.settle(parcel, state, Some(cause), None, None).await
    }
}
