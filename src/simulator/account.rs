//! The account: tickets and messages in memory, and what happened to them.
//!
//! It changes only through [`Change`]s, so that a stored list of them gives the same account again, mails and all. Here
//! is what it holds and how an update changes it; `seeding`, `happening` and `reaction` hold the other ways.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::change::{Action, Change, Update};
use super::index::{Facts, Index};
use super::message::Message;
use super::people::People;
use super::ticket::Ticket;
use super::{field, moment};

/// A message's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Target {
    /// The ticket it belongs to.
    pub ticket_id: u64,
    /// Its own id, unique in the account.
    pub message_id: u64,
}

/// A place in time, by which lists are sorted: of a message or a ticket, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) at: Timestamp,
    pub(super) id: u64,
}

/// The tickets and messages of an account, and what happened to them.
#[derive(Debug, Default)]
pub struct Account {
    pub(super) messages: BTreeMap<u64, Message>,
    pub(super) timeline: BTreeSet<Key>,
    pub(super) tickets: BTreeMap<u64, Ticket>,
    pub(super) index: Index,
    /// Messages and tickets that are gone for good: no seed brings them back.
    pub(super) gone: BTreeSet<u64>,
    pub(super) gone_tickets: BTreeSet<u64>,
    /// Where the messages of a ticket went.
    pub(super) merged: HashMap<u64, u64>,
    pub(super) people: People,
    pub(super) mailed: Vec<Target>,
    updates: u64,
    repeated: u64,
    actions_seen: u64,
    cancelled: usize,
}

/// What an update came to.
pub(super) struct Updated {
    /// The message as the answer shows it.
    pub(super) shown: Vec<u8>,
    /// Whether it was mailed afterwards.
    pub(super) mailed: bool,
}

impl Account {
    /// A message by its address.
    pub fn message(&self, target: Target) -> Option<&Message> {
        let found = self.messages.get(&target.message_id);
        found.filter(|message| message.target() == target)
    }

    /// All messages, by their ids.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.values()
    }

    /// A ticket by its id; none for one that was deleted, or merged into another.
    pub fn ticket(&self, ticket_id: u64) -> Option<&Ticket> {
        self.tickets.get(&ticket_id)
    }

    /// All tickets, by their ids.
    pub fn tickets(&self) -> impl Iterator<Item = &Ticket> {
        self.tickets.values()
    }

    /// How many messages there are.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether there are no messages.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The messages that Gorgias would have mailed to a customer, once for each time.
    pub fn mailed(&self) -> &[Target] {
        &self.mailed
    }

    /// Updates applied.
    pub fn updates(&self) -> u64 {
        self.updates
    }

    /// Updates applied to a message that had been updated before.
    pub fn repeated(&self) -> u64 {
        self.repeated
    }

    /// Applied updates that carried an `action`; none ever should.
    pub fn actions_seen(&self) -> u64 {
        self.actions_seen
    }

    /// Messages deleted by `action=cancel`.
    pub fn deleted(&self) -> usize {
        self.cancelled
    }

    /// People that updates created, by naming an email that nobody had.
    pub fn people_created(&self) -> u64 {
        self.people.created()
    }

    /// Applies an update that passed the checks; `None` where there is no such message. Sending is asynchronous: the
    /// answer never shows a mail that the update caused.
    pub(super) fn update(&mut self, update: &Update) -> Option<Updated> {
        let target = update.target();
        let message = self.messages.get_mut(&target.message_id);
        let message = message.filter(|message| message.target() == target)?;
        for (name, value) in &update.body {
            message.set(name, field::stored(name, value, update.cleans_html, &mut self.people));
        }
        self.updates += 1;
        self.repeated += u64::from(message.received.updates > 0);
        self.actions_seen += u64::from(update.action.is_some());
        let received = &mut message.received;
        received.updates += 1;
        received.last_turn = self.updates;
        if received.first_turn == 0 {
            received.first_turn = self.updates;
        }
        // Serialising fails for maps whose keys are no strings only, and JSON has no others.
        received.last_body = serde_json::to_string(&update.body).ok().map(String::into_boxed_str);

        let cancelled = update.action == Some(Action::Cancel);
        if cancelled {
            message.set("deleted_datetime", json!(moment::show(update.at)));
        }
        let shown = message.written();
        let unsent = message.get("sent_datetime").is_null() || update.action == Some(Action::Force);
        let mailed = !cancelled && message.is_outgoing() && unsent;
        if mailed {
            self.mail(target, update.at);
        }
        if cancelled {
            self.cancelled += 1;
            self.remove(target);
        }
        self.settle(target.ticket_id, Some(update.at));
        Some(Updated { shown, mailed })
    }

    /// Applies a change again that was applied before; says why it can't be.
    pub(super) fn replay(&mut self, change: &Change) -> Result<(), String> {
        match change {
            Change::Seeded(seed) => self.seed(seed).map(|_| ()).map_err(|error| error.to_string()),
            Change::TicketSeeded(seed) => self.seed_ticket(seed).map(|_| ()).map_err(|error| error.to_string()),
            Change::Happened(happened) => self.happen(happened).map(|_| ()).map_err(|error| error.to_string()),
            Change::Updated(update) => self.update(update).map(|_| ()).ok_or_else(|| absent(update.target())),
            Change::Reacted(reacted) => {
                let done = self.react(reacted);
                done.then_some(()).ok_or_else(|| absent(reacted.target))
            }
        }
    }

    /// Counts a request that got as far as a message.
    pub(super) fn note_request(&mut self, target: Target) {
        let message = self.messages.get_mut(&target.message_id);
        if let Some(message) = message.filter(|message| message.target() == target) {
            message.received.requests += 1;
        }
    }

    /// The places in time of all messages, or of one ticket's; `None` for an unknown ticket.
    pub(super) fn keys(&self, ticket_id: Option<u64>) -> Option<&BTreeSet<Key>> {
        ticket_id.map_or(Some(&self.timeline), |id| self.tickets.get(&id).map(|ticket| &ticket.keys))
    }

    /// A message by its place in time.
    pub(super) fn at(&self, key: Key) -> Option<&Message> {
        self.messages.get(&key.id)
    }

    /// The ticket that has the messages which once were this one's: itself, unless it was merged.
    pub(super) fn heir(&self, ticket_id: u64) -> u64 {
        let mut heir = ticket_id;
        // It ends: what was merged never lives again, so nothing is ever merged into it.
        while let Some(into) = self.merged.get(&heir) {
            heir = *into;
        }
        heir
    }

    /// Sends a message to its customer.
    pub(super) fn mail(&mut self, target: Target, at: Timestamp) {
        self.mailed.push(target);
        if let Some(message) = self.messages.get_mut(&target.message_id) {
            message.set("sent_datetime", json!(moment::show(at)));
        }
    }

    /// Puts a message where its ticket and its date say.
    pub(super) fn place(&mut self, message: Message) {
        let Target { ticket_id, message_id } = message.target();
        self.timeline.insert(message.key());
        self.tickets.entry(ticket_id).or_insert_with(|| Ticket::new(ticket_id)).keys.insert(message.key());
        self.messages.insert(message_id, message);
    }

    /// Takes a message out, to be placed again or not.
    pub(super) fn take(&mut self, target: Target) -> Option<Message> {
        self.message(target)?;
        let message = self.messages.remove(&target.message_id)?;
        self.timeline.remove(&message.key());
        if let Some(ticket) = self.tickets.get_mut(&target.ticket_id) {
            ticket.keys.remove(&message.key());
        }
        Some(message)
    }

    /// Takes a message out for good; `false` where there is none.
    pub(super) fn remove(&mut self, target: Target) -> bool {
        let found = self.take(target).is_some();
        if found {
            self.gone.insert(target.message_id);
        }
        found
    }

    /// Notes in the index what became of a ticket after anything of it changed, and that it was touched then.
    pub(super) fn settle(&mut self, ticket_id: u64, touched: Option<Timestamp>) {
        let Some(ticket) = self.tickets.get_mut(&ticket_id) else { return };
        ticket.touched = ticket.touched.max(touched);
        let facts = Facts::of(ticket, &self.messages);
        self.index.replace(ticket_id, &ticket.facts, &facts);
        ticket.facts = facts;
    }
}

fn absent(target: Target) -> String {
    let Target { ticket_id, message_id } = target;
    format!("ticket {ticket_id} has no message {message_id}")
}
