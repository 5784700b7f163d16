//! The account: tickets and messages in memory, and what happened to them.
//!
//! It changes only through [`Change`]s, so that a stored list of them gives the same account again, mails and all.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use thiserror::Error;

use super::change::{Action, Change, Seed, Update};
use super::message::Message;
use super::people::People;
use super::{field, moment};

/// 2020-01-01T00:00:00Z: no seeded message is older.
const FIRST_DAY: Timestamp = Timestamp::constant(1_577_836_800, 0);
/// Seeded messages are created within so many seconds (a year) of that.
const SPAN: u64 = 31_536_000;

/// A message's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Target {
    /// The ticket it belongs to.
    pub ticket_id: u64,
    /// Its own id, unique in the account.
    pub message_id: u64,
}

/// A message's place in time, by which lists are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) created: Timestamp,
    pub(super) message_id: u64,
}

/// The tickets and messages of an account, and what happened to them.
#[derive(Debug, Default)]
pub struct Account {
    messages: BTreeMap<u64, Message>,
    timeline: BTreeSet<Key>,
    tickets: HashMap<u64, BTreeSet<Key>>,
    deleted: BTreeSet<u64>,
    people: People,
    mailed: Vec<Target>,
    updates: u64,
    repeated: u64,
    actions_seen: u64,
}

/// Why a message can't be made to exist.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SeedError {
    /// Message ids are unique in an account.
    #[error("message {message_id} already exists, in ticket {ticket_id}")]
    Elsewhere {
        /// The message.
        message_id: u64,
        /// The ticket that has it.
        ticket_id: u64,
    },
    /// The API shows no such property.
    #[error("a message has no property `{0}`")]
    Unknown(String),
    /// Lists are sorted by it.
    #[error("created_datetime is no ISO 8601 date and time")]
    Created,
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
        self.deleted.len()
    }

    /// People that updates created, by naming an email that nobody had.
    pub fn people_created(&self) -> u64 {
        self.people.created()
    }

    /// Makes a message exist, with its ticket: imported, from a customer, by email, with a body, and with neither
    /// `sent_datetime` nor `external_id`, which is the worst that an update can meet. `false`, and nothing changed,
    /// where it exists already or was deleted.
    pub fn seed(&mut self, seed: &Seed) -> Result<bool, SeedError> {
        let target = seed.target();
        if let Some(held) = self.messages.get(&target.message_id) {
            let Target { ticket_id, message_id } = held.target();
            let same = ticket_id == target.ticket_id;
            return if same { Ok(false) } else { Err(SeedError::Elsewhere { message_id, ticket_id }) };
        }
        if self.deleted.contains(&target.message_id) {
            return Ok(false);
        }
        let created = match seed.properties.get("created_datetime") {
            None => created_by_default(target.message_id),
            Some(given) => given.as_str().and_then(moment::read).ok_or(SeedError::Created)?,
        };
        let mut message = Message::new(target, created);
        let customer = format!("customer-{}@example.com", target.ticket_id);
        message.set("channel", json!("email"));
        message.set("via", json!("zendesk"));
        message.set("body_text", json!(format!("Imported message {}", target.message_id)));
        message.set("body_html", json!(format!("<p>Imported message {}</p>", target.message_id)));
        message.set("sender", json!({"id": target.ticket_id, "email": customer}));
        for (name, value) in seed.properties.iter().filter(|(name, _)| *name != "created_datetime") {
            if !message.set(name, value.clone()) {
                return Err(SeedError::Unknown(name.clone()));
            }
        }
        self.people.know(target.ticket_id, &customer);
        for person in [message.get("sender"), message.get("receiver")] {
            if let (Some(id), Some(email)) = (person["id"].as_u64(), person["email"].as_str()) {
                self.people.know(id, email);
            }
        }
        let key = key(&message);
        self.timeline.insert(key);
        self.tickets.entry(target.ticket_id).or_default().insert(key);
        self.messages.insert(target.message_id, message);
        Ok(true)
    }

    /// Applies an update that passed the checks and returns the message as JSON, as the answer shows it; `None`
    /// where there is no such message. Sending is asynchronous: that answer never shows a mail that the update caused.
    pub(super) fn update(&mut self, update: &Update) -> Option<Vec<u8>> {
        let target = update.target();
        let message = self.messages.get_mut(&target.message_id);
        let message = message.filter(|message| message.target() == target)?;
        for (name, value) in &update.body {
            message.set(name, field::stored(name, value, &mut self.people));
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

        if update.action == Some(Action::Cancel) {
            message.set("deleted_datetime", json!(moment::show(update.at)));
            let shown = message.written();
            self.delete(target);
            return Some(shown);
        }
        let shown = message.written();
        let unsent = message.get("sent_datetime").is_null();
        if message.is_outgoing() && (unsent || update.action == Some(Action::Force)) {
            self.mailed.push(target);
            message.set("sent_datetime", json!(moment::show(update.at)));
        }
        Some(shown)
    }

    /// Applies a change again that was applied before; says why it can't be.
    pub(super) fn replay(&mut self, change: &Change) -> Result<(), String> {
        match change {
            Change::Seeded(seed) => self.seed(seed).map(|_| ()).map_err(|error| error.to_string()),
            Change::Updated(update) => {
                let Target { ticket_id, message_id } = update.target();
                let found = self.update(update).map(|_| ());
                found.ok_or_else(|| format!("ticket {ticket_id} has no message {message_id}"))
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
        ticket_id.map_or(Some(&self.timeline), |id| self.tickets.get(&id))
    }

    /// A message by its place in time.
    pub(super) fn at(&self, key: Key) -> Option<&Message> {
        self.messages.get(&key.message_id)
    }

    fn delete(&mut self, target: Target) {
        if let Some(message) = self.messages.remove(&target.message_id) {
            let key = key(&message);
            self.timeline.remove(&key);
            if let Some(keys) = self.tickets.get_mut(&target.ticket_id) {
                keys.remove(&key);
            }
            self.deleted.insert(target.message_id);
        }
    }
}

fn key(message: &Message) -> Key {
    Key { created: message.created(), message_id: message.target().message_id }
}

/// Ids grow with time; the same id always gives the same moment.
fn created_by_default(message_id: u64) -> Timestamp {
    let seconds = i64::try_from(message_id % SPAN).unwrap_or_default();
    FIRST_DAY.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(FIRST_DAY)
}
