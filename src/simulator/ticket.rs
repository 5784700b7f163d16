//! A ticket: what it was given, and what its messages tell where it was given nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};

use super::account::{Account, Key};
use super::index::Facts;
use super::message::Message;
use super::{moment, people};

/// What an answer shows besides the id, the URI, the messages and what [`TIMES`] has.
static PROPERTIES: [&str; 12] = [
    "external_id",
    "status",
    "channel",
    "via",
    "subject",
    "customer",
    "is_unread",
    "spam",
    "tags",
    "meta",
    "closed_datetime",
    "trashed_datetime",
];

/// What can be given as well, and is kept as a point in time.
static TIMES: [&str; 2] = ["created_datetime", "updated_datetime"];

/// A ticket as the account holds it.
#[derive(Clone, Debug)]
pub struct Ticket {
    id: u64,
    held: BTreeMap<&'static str, Value>,
    /// Whether it was given properties.
    pub(super) seeded: bool,
    /// When it was created, where that was given.
    pub(super) created: Option<Timestamp>,
    /// When anything last happened to it, or was said to.
    pub(super) touched: Option<Timestamp>,
    /// The places in time of its messages.
    pub(super) keys: BTreeSet<Key>,
    /// What the index has of it.
    pub(super) facts: Facts,
}

impl Ticket {
    pub(super) fn new(id: u64) -> Self {
        Self {
            id,
            held: BTreeMap::new(),
            seeded: false,
            created: None,
            touched: None,
            keys: BTreeSet::new(),
            facts: Facts::default_of(id),
        }
    }

    /// Its id.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// How many messages it has.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether it has no messages.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// A property of its own by its name in the API, such as `status`; null for one that it was not given and that no
    /// closed ticket has.
    pub fn get(&self, name: &str) -> Value {
        self.held.get(name).cloned().unwrap_or_else(|| match name {
            "status" => json!("closed"),
            "is_unread" | "spam" => json!(false),
            "tags" => json!([]),
            _ => Value::Null,
        })
    }

    pub(super) fn is_trashed(&self) -> bool {
        self.held.get("trashed_datetime").is_some_and(|at| !at.is_null())
    }

    /// Whether there is such a property.
    pub(super) fn has(name: &str) -> bool {
        PROPERTIES.contains(&name) || TIMES.contains(&name)
    }

    /// Sets a property that is kept as it is given; another is left alone.
    pub(super) fn set(&mut self, name: &str, value: Value) {
        if let Some(name) = PROPERTIES.iter().find(|known| **known == name) {
            self.held.insert(name, value);
        }
    }

    /// A property as it is shown: where the ticket was given none, its first message tells.
    pub(super) fn told(&self, name: &str, first: Option<&Message>) -> Value {
        let first = first.filter(|_| !self.held.contains_key(name));
        match (name, first) {
            ("channel" | "via" | "subject", Some(first)) => first.get(name).clone(),
            ("customer", Some(first)) if first.is_outgoing() => first.get("receiver").clone(),
            ("customer", Some(first)) => first.get("sender").clone(),
            _ => self.get(name),
        }
    }
}

/// A ticket as an answer shows it.
pub(super) struct Shown<'a> {
    ticket: &'a Ticket,
    first: Option<&'a Message>,
    /// All of its messages; a row of a list carries none.
    messages: Option<Vec<&'a Message>>,
}

impl<'a> Shown<'a> {
    /// As a row of a list.
    pub(super) fn row(account: &'a Account, ticket: &'a Ticket) -> Self {
        let first = ticket.keys.first().and_then(|key| account.at(*key));
        Self { ticket, first, messages: None }
    }

    /// With all of its messages.
    pub(super) fn whole(account: &'a Account, ticket: &'a Ticket) -> Self {
        let messages = ticket.keys.iter().filter_map(|key| account.at(*key));
        Self { messages: Some(messages.collect()), ..Self::row(account, ticket) }
    }
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let ticket = self.ticket;
        let mut shown = to.serialize_map(None)?;
        shown.serialize_entry("id", &ticket.id)?;
        shown.serialize_entry("uri", &format!("/api/tickets/{}/", ticket.id))?;
        for name in PROPERTIES {
            let told = ticket.told(name, self.first);
            match name {
                "customer" => shown.serialize_entry(name, &people::show(&told))?,
                _ => shown.serialize_entry(name, &told)?,
            }
        }
        shown.serialize_entry("created_datetime", &moment::show(ticket.facts.created))?;
        shown.serialize_entry("updated_datetime", &moment::show(ticket.facts.updated))?;
        shown.serialize_entry("messages_count", &ticket.keys.len())?;
        if let Some(messages) = &self.messages {
            shown.serialize_entry("messages", messages)?;
        }
        shown.end()
    }
}
