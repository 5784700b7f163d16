//! What other people do to the account while a client works with it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use super::account::{Account, Target};
use super::change::{Happened, Seed};
use super::seeding::{SeedError, created, known};

/// One thing that somebody else does. Done twice, the second time changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A message arrives: now, unless its seed says when.
    Arrive(Seed),
    /// An agent edits a message.
    Edit {
        /// The message.
        target: Target,
        /// What it becomes, as the API reads it out.
        properties: Map<String, Value>,
    },
    /// A message is deleted.
    DeleteMessage(Target),
    /// A ticket is deleted, with its messages.
    DeleteTicket(u64),
    /// A ticket is merged into another, which gets its messages.
    Merge {
        /// The ticket that ends.
        from: u64,
        /// The ticket that goes on.
        into: u64,
    },
}

/// Why something can't happen to the account.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HappeningError {
    /// There is no such message, and never was.
    #[error("ticket {} has no message {}", .0.ticket_id, .0.message_id)]
    NoMessage(Target),
    /// There is no such ticket, and never was.
    #[error("there is no ticket {0}")]
    NoTicket(u64),
    /// A ticket can't be merged into itself.
    #[error("ticket {0} can't be merged into itself")]
    IntoItself(u64),
    /// A message can't become that.
    #[error(transparent)]
    Seed(#[from] SeedError),
}

impl Account {
    /// Lets something happen; `false` where that changes nothing.
    pub(super) fn happen(&mut self, happened: &Happened) -> Result<bool, HappeningError> {
        let at = happened.at;
        match &happened.event {
            Event::Arrive(seed) => {
                let new = self.arrive(seed, created(&seed.properties)?.unwrap_or(at))?;
                self.settle(self.heir(seed.ticket_id), new.then_some(at));
                Ok(new)
            }
            Event::Edit { target, properties } => self.edit(*target, properties, at),
            Event::DeleteMessage(target) => self.delete_message(*target, at),
            Event::DeleteTicket(ticket_id) => self.delete_ticket(*ticket_id),
            Event::Merge { from, into } => self.merge(*from, *into, at),
        }
    }

    fn edit(&mut self, target: Target, properties: &Map<String, Value>, at: Timestamp) -> Result<bool, HappeningError> {
        known(properties)?;
        let created = created(properties)?;
        let mut message = self.take(target).ok_or(HappeningError::NoMessage(target))?;
        self.furnish(&mut message, properties);
        if let Some(created) = created {
            message.set_created(created);
        }
        self.place(message);
        self.settle(target.ticket_id, Some(at));
        Ok(true)
    }

    fn delete_message(&mut self, target: Target, at: Timestamp) -> Result<bool, HappeningError> {
        if self.gone.contains(&target.message_id) {
            return Ok(false);
        }
        let found = self.remove(target);
        self.settle(target.ticket_id, Some(at));
        if found { Ok(true) } else { Err(HappeningError::NoMessage(target)) }
    }

    fn delete_ticket(&mut self, ticket_id: u64) -> Result<bool, HappeningError> {
        if self.gone_tickets.contains(&ticket_id) {
            return Ok(false);
        }
        let ticket = self.tickets.get(&ticket_id).ok_or(HappeningError::NoTicket(ticket_id))?;
        for message_id in ticket.keys.iter().map(|key| key.id).collect::<Vec<_>>() {
            self.remove(Target { ticket_id, message_id });
        }
        self.end(ticket_id);
        self.gone_tickets.insert(ticket_id);
        Ok(true)
    }

    fn merge(&mut self, from: u64, into: u64, at: Timestamp) -> Result<bool, HappeningError> {
        if from == into {
            return Err(HappeningError::IntoItself(from));
        }
        if self.merged.get(&from) == Some(&into) {
            return Ok(false);
        }
        if !self.tickets.contains_key(&into) {
            return Err(HappeningError::NoTicket(into));
        }
        let ticket = self.tickets.get(&from).ok_or(HappeningError::NoTicket(from))?;
        for message_id in ticket.keys.iter().map(|key| key.id).collect::<Vec<_>>() {
            if let Some(mut message) = self.take(Target { ticket_id: from, message_id }) {
                message.move_to(into);
                self.place(message);
            }
        }
        self.end(from);
        self.merged.insert(from, into);
        self.settle(into, Some(at));
        Ok(true)
    }

    /// Takes a ticket out that has no messages any more.
    fn end(&mut self, ticket_id: u64) {
        if let Some(ticket) = self.tickets.remove(&ticket_id) {
            self.index.remove(ticket_id, &ticket.facts);
        }
    }
}
