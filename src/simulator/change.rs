//! What can happen to the account, as values: applied by the core, kept by the store, and applied again on replay.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};

use super::account::Target;
use super::happening::Event;
use super::moment;
use super::reaction::Reaction;

/// One thing that happened to the account. Applied again in the same order, the same account results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A message was made to exist.
    Seeded(Seed),
    /// A ticket was given its properties.
    TicketSeeded(TicketSeed),
    /// A message was updated.
    Updated(Update),
    /// Somebody else changed the account.
    Happened(Happened),
    /// The account's automation answered an update.
    Reacted(Reacted),
}

/// A message to be made to exist, in a ticket that is made to exist with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// The ticket it belongs to.
    pub ticket_id: u64,
    /// Its id, unique in the account.
    pub message_id: u64,
    /// Properties of the message, as the API reads them out, that differ from those of an imported message.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub properties: Map<String, Value>,
}

/// A ticket to be made to exist with properties of its own, before or after messages of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketSeed {
    /// Its id.
    pub ticket_id: u64,
    /// Properties of the ticket, as the API reads them out, that differ from those of a closed one.
    #[serde(rename = "ticket")]
    pub properties: Map<String, Value>,
}

/// A line of a file of seeds: `{"ticket_id":1,"message_id":2,"properties":{…}}` or `{"ticket_id":1,"ticket":{…}}`.
#[derive(Clone, Debug, PartialEq)]
pub enum SeedLine {
    /// A message.
    Message(Seed),
    /// A ticket: what has `ticket`.
    Ticket(TicketSeed),
}

impl<'de> Deserialize<'de> for SeedLine {
    /// Decides first and reads then, so that an error is about what was meant.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        let read = if value.get("ticket").is_some() {
            serde_json::from_value(value).map(Self::Ticket)
        } else {
            serde_json::from_value(value).map(Self::Message)
        };
        read.map_err(de::Error::custom)
    }
}

/// Something that other people did to the account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Happened {
    /// When, on the account's clock.
    #[serde(with = "moment")]
    pub at: Timestamp,
    /// What.
    pub event: Event,
}

/// Something that the account's automation did after an update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reacted {
    /// When, on the account's clock.
    #[serde(with = "moment")]
    pub at: Timestamp,
    /// The message that had been updated.
    pub target: Target,
    /// What was done.
    pub reaction: Reaction,
}

/// An update that passed the checks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Update {
    /// The ticket in the path.
    pub ticket_id: u64,
    /// The message in the path.
    pub message_id: u64,
    /// When it was applied.
    #[serde(with = "moment")]
    pub at: Timestamp,
    /// The `action` of the query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// Whether the account cleans HTML before it stores it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cleans_html: bool,
    /// The body, as it was sent.
    pub body: Map<String, Value>,
}

/// What an update asks to do about failed external actions. None of them belongs into a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Runs the rest of the actions and sends the message.
    Force,
    /// Tries the failed actions again.
    Retry,
    /// Deletes the message.
    Cancel,
}

impl Action {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "force" => Some(Self::Force),
            "retry" => Some(Self::Retry),
            "cancel" => Some(Self::Cancel),
            _ => None,
        }
    }
}

impl Seed {
    /// An imported message with nothing special about it.
    pub fn new(ticket_id: u64, message_id: u64) -> Self {
        Self { ticket_id, message_id, properties: Map::new() }
    }
}

impl TicketSeed {
    /// A ticket with these properties; those left out are a closed one's.
    pub fn new(ticket_id: u64, properties: Map<String, Value>) -> Self {
        Self { ticket_id, properties }
    }
}

impl Update {
    pub(super) fn target(&self) -> Target {
        Target { ticket_id: self.ticket_id, message_id: self.message_id }
    }
}
