//! What can happen to the account, as values: applied by the core, kept by the store, and applied again on replay.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::account::Target;
use super::moment;

/// One thing that happened to the account. Applied again in the same order, the same account results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A message was made to exist.
    Seeded(Seed),
    /// A message was updated.
    Updated(Update),
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

    pub(super) fn target(&self) -> Target {
        Target { ticket_id: self.ticket_id, message_id: self.message_id }
    }
}

impl Update {
    pub(super) fn target(&self) -> Target {
        Target { ticket_id: self.ticket_id, message_id: self.message_id }
    }
}
