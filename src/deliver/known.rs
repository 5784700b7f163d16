//! What the account holds of a message before it is updated: as the scan has it, or as it is read now.
//!
//! It is read where that is needed: for undo, for `--write missing`, where the plan knew and it is not known any more, and
//! where nobody knows whether an update arrived. A ticket is read once, with all its messages, before the first of them is updated.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

use super::delivery::Unrecorded;
use super::{Delivered, Delivery, Doubt, LastUpdate, Parcel, Unread};
use crate::checkpoint::{Entry, Image};
use crate::gorgias::{Request, Transport};
use crate::record::{Cause, CauseKind, MessageId, Settled, State, TicketId};
use crate::update::{Agreement, Restoration, Write, compare, restore};

/// What is known of a message before it is updated.
pub(super) enum Read {
    /// Nothing, and nobody asked.
    Unasked,
    /// This, and how it was settled whether an earlier update arrived, if that was not known.
    Holds(Map<String, Value>, Option<Settled>),
    /// Something that is neither what it was before nor what was sent.
    EditedSince,
}

/// Tickets that were read, or that the account refused to show, each until the last of its messages that wait has gone
/// out.
#[derive(Debug, Default)]
pub struct Tickets(Mutex<HashMap<TicketId, Shown>>);

type Messages = HashMap<MessageId, Map<String, Value>>;
type Shown = Result<Arc<Messages>, Unread>;

impl Tickets {
    fn get(&self, ticket: TicketId) -> Option<Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&ticket).cloned()
    }

    fn keep(&self, ticket: TicketId, shown: Shown) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(ticket, shown);
    }

    /// None of its messages waits any more.
    pub fn forget(&self, ticket: TicketId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&ticket);
    }
}

impl<T: Transport> Delivery<T> {
    /// What the account holds of the parcel's target, as far as it must be known.
    pub(super) async fn what_is_there(&self, parcel: &Parcel) -> Result<Read, Unread> {
        if let Some(doubt) = parcel.doubt {
            return self.whether_it_arrived(parcel, doubt).await;
        }
        if let Some(content) = &parcel.held {
            return Ok(Read::Holds(content.clone(), None));
        }
        if !self.must_know(parcel) {
            return Ok(Read::Unasked);
        }
        let messages = match self.tickets.get(parcel.target.ticket) {
            Some(shown) => shown?,
            None => self.read_ticket(parcel.target.ticket).await?,
        };
        let content = messages.get(&parcel.target.message).cloned();
        let content = content.ok_or_else(|| Unread::Refused {
            status: 404,
            cause: Cause::new(CauseKind::Refused, "404: the ticket has no such message"),
            location: None,
        })?;
        // What failed may have been written all the same, as where the account confirmed it with another id; and somebody
        // may have changed it since.
        let image = parcel.image.as_deref().filter(|_| parcel.last == LastUpdate::Open);
        Ok(match image.and_then(|image| arrival(image, &content)) {
            Some(Arrival::Edited) if !parcel.writes_over_edits => Read::EditedSince,
            Some(Arrival::Arrived) => Read::Holds(content, Some(Settled::Found)),
            _ => Read::Holds(content, None),
        })
    }

    /// An update whose answer was lost may have arrived; and if not, somebody may have changed the message since.
    async fn whether_it_arrived(&self, parcel: &Parcel, doubt: Doubt) -> Result<Read, Unread> {
        if !self.keeps_images && !self.must_know(parcel) && doubt == Doubt::Fresh {
            return Ok(Read::Unasked);
        }
        let held = self.read_message(parcel).await?;
        let arrival = match &parcel.image {
            Some(image) => arrival(image, &held).unwrap_or(Arrival::NotThere),
            None if agrees(&parcel.body, &held) => Arrival::Arrived,
            None => Arrival::NotThere,
        };
        Ok(match arrival {
            Arrival::Arrived => Read::Holds(held, Some(Settled::Found)),
            Arrival::NotThere => Read::Holds(held, Some(Settled::SentAfterReading)),
            Arrival::Edited => Read::EditedSince,
        })
    }

    /// Whether the update depends on what the account holds: what is kept for undo, what is filled, and what the plan said
    /// that it does there.
    fn must_know(&self, parcel: &Parcel) -> bool {
        self.keeps(parcel) || self.writes.write == Write::Missing || parcel.was_known
    }

    async fn read_message(&self, parcel: &Parcel) -> Result<Map<String, Value>, Unread> {
        match self.courier.read(&Request::message(parcel.target)).await? {
            Value::Object(message) => Ok(message),
            _ => Err(Unread::TriesUsedUp(Cause::new(CauseKind::LostAnswer, "the answer is no message"))),
        }
    }

    async fn read_ticket(&self, ticket: TicketId) -> Result<Arc<Messages>, Unread> {
        let answer = self.courier.read(&Request::ticket(ticket)).await.inspect_err(|unread| {
            if matches!(unread, Unread::Refused { .. }) {
                self.tickets.keep(ticket, Err(unread.clone()));
            }
        })?;
        let list = answer
            .get("messages")
            .and_then(Value::as_array)
            .ok_or_else(|| Unread::TriesUsedUp(Cause::new(CauseKind::LostAnswer, "the answer is no ticket")))?;
        let messages = list.iter().filter_map(Value::as_object);
        let messages = messages.filter_map(|message| Some((MessageId(message.get("id")?.as_u64()?), message.clone())));
        let messages = Arc::new(messages.collect());
        self.tickets.keep(ticket, Ok(Arc::clone(&messages)));
        Ok(messages)
    }

    /// What can't be read can't be written either: it takes the way of a refused update. What an earlier run may have
    /// written stays unconfirmed for as long as nobody has seen it.
    pub(super) async fn unreadable(&self, parcel: &Parcel, unread: Unread) -> Result<Delivered, Unrecorded> {
        let (state, cause) = match unread {
            Unread::Stopping => return Ok(Delivered::untouched(parcel, None)),
            Unread::Stop(cause) => return Ok(Delivered::untouched(parcel, Some(cause))),
            Unread::TriesUsedUp(cause) if parcel.doubt.is_some() => (State::Unconfirmed, cause),
            Unread::TriesUsedUp(cause) | Unread::Refused { cause, .. } => (State::Failed, cause),
        };
        self.writer.record(Entry::Unsent { turn: parcel.turn }).await?;
        self.settle(parcel, state, Some(cause), None, None).await
    }
}

/// What became of an update that was not confirmed.
enum Arrival {
    /// The account holds it.
    Arrived,
    /// The account holds what it held before.
    NotThere,
    /// The account holds neither: somebody changed it since.
    Edited,
}

/// Whether the last update that `image` tells of is in `held`; `None` where there is none.
fn arrival(image: &Image, held: &Map<String, Value>) -> Option<Arrival> {
    let sent = image.sent.as_ref()?;
    let last = image.last();
    let before = sent.keys().map(|name| (name.clone(), last.get(name).cloned().unwrap_or_default())).collect();
    Some(if agrees(sent, held) {
        Arrival::Arrived
    } else if agrees(&before, held) || restore(&image.before, sent, held) == Restoration::Nothing {
        // Taken back, as far as that can be, or never written.
        Arrival::NotThere
    } else {
        Arrival::Edited
    })
}

/// Whether `held` holds what was `sent`, in whatever spelling.
fn agrees(sent: &Map<String, Value>, held: &Map<String, Value>) -> bool {
    compare(sent, held).iter().all(|(_, agreement)| *agreement != Agreement::Different)
}
