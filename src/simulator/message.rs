//! A message as the account holds it, and as an answer shows it.
//!
//! Every property that the API documents is in every answer. Of a message only what differs from an empty one is kept,
//! so that an account of a hundred thousand fits in memory.

use jiff::Timestamp;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::account::{Key, Target};
use super::{moment, people};

const NO: Value = Value::Bool(false);
const YES: Value = Value::Bool(true);
const NULL: Value = Value::Null;
const NONE: Value = Value::Array(Vec::new());

/// What an answer shows besides the ids, the URI and the creation date, and what of it an untouched message has.
static PROPERTIES: [(&str, Value); 34] = [
    ("message_id", NULL),
    ("external_id", NULL),
    ("public", YES),
    ("channel", NULL),
    ("via", NULL),
    ("source", NULL),
    ("sender", NULL),
    ("receiver", NULL),
    ("integration_id", NULL),
    ("rule_id", NULL),
    ("intents", NONE),
    ("macros", NONE),
    ("actions", NULL),
    ("from_agent", NO),
    ("subject", NULL),
    ("body_text", NULL),
    ("body_html", NULL),
    ("stripped_text", NULL),
    ("stripped_html", NULL),
    ("stripped_signature", NULL),
    ("attachments", NONE),
    ("headers", NULL),
    ("meta", NULL),
    ("sent_datetime", NULL),
    ("failed_datetime", NULL),
    ("opened_datetime", NULL),
    ("deleted_datetime", NULL),
    ("last_sending_error", NULL),
    ("is_retriable", NO),
    ("replied_by", NULL),
    ("replied_to", NULL),
    ("imported", YES),
    ("processed_datetime", NULL),
    ("auth_customer_identity", NULL),
];

/// A message as the account holds it.
#[derive(Clone, Debug)]
pub struct Message {
    target: Target,
    created: Timestamp,
    /// By their places among [`PROPERTIES`], in that order.
    held: Vec<(u8, Value)>,
    pub(super) received: Received,
}

/// What was sent for one message.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// Update requests that got as far as the message, applied or not; of this process alone.
    pub requests: u64,
    /// Updates applied.
    pub updates: u64,
    /// Where its first applied update stood among all that were applied to the account, from 1; 0 before that.
    pub first_turn: u64,
    /// Where its last applied update stood among all.
    pub last_turn: u64,
    pub(super) last_body: Option<Box<str>>,
}

impl Received {
    /// The body of the last update that was applied, as it was sent.
    pub fn last_body(&self) -> Option<Value> {
        serde_json::from_str(self.last_body.as_deref()?).ok()
    }
}

impl Message {
    pub(super) fn new(target: Target, created: Timestamp) -> Self {
        Self { target, created, held: Vec::new(), received: Received::default() }
    }

    /// Puts it into another ticket.
    pub(super) fn move_to(&mut self, ticket_id: u64) {
        self.target.ticket_id = ticket_id;
    }

    /// Gives it another place in time.
    pub(super) fn set_created(&mut self, created: Timestamp) {
        self.created = created;
    }

    /// Its place among others.
    pub(super) fn key(&self) -> Key {
        Key { at: self.created, id: self.target.message_id }
    }

    /// Which message it is.
    pub fn target(&self) -> Target {
        self.target
    }

    /// When it was created in the account.
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// What was sent for it.
    pub fn received(&self) -> &Received {
        &self.received
    }

    /// A property by its name in the API, such as `body_text`; null for one that there is not.
    pub fn get(&self, name: &str) -> &Value {
        let Some(place) = place(name) else { return &Value::Null };
        let held = self.held.binary_search_by_key(&place, |(place, _)| *place);
        held.map_or(&PROPERTIES[usize::from(place)].1, |at| &self.held[at].1)
    }

    /// Its `external_id`, if it has one.
    pub fn external_id(&self) -> Option<&str> {
        self.get("external_id").as_str()
    }

    /// The message as the API would show it.
    pub fn shown(&self) -> Value {
        // Serialising fails for maps whose keys are no strings only, and there are none here.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The message as an answer's body.
    pub(super) fn written(&self) -> Vec<u8> {
        // As above.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Whether it goes to the customer by its nature: from an agent, and no internal note.
    pub(super) fn is_outgoing(&self) -> bool {
        self.get("from_agent") == &YES && self.get("channel").as_str() != Some("internal-note")
    }

    /// Sets a property; `false` where there is no such one.
    pub(super) fn set(&mut self, name: &str, value: Value) -> bool {
        let Some(place) = place(name) else { return false };
        match self.held.binary_search_by_key(&place, |(place, _)| *place) {
            Ok(at) => self.held[at].1 = value,
            Err(at) => self.held.insert(at, (place, value)),
        }
        true
    }

    /// Whether there is such a property, that can be set.
    pub(super) fn has(name: &str) -> bool {
        place(name).is_some()
    }
}

/// Where a property stands among all of them.
fn place(name: &str) -> Option<u8> {
    let found = PROPERTIES.iter().position(|(known, _)| *known == name);
    found.and_then(|place| u8::try_from(place).ok())
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Target { ticket_id, message_id } = self.target;
        let mut shown = to.serialize_map(None)?;
        shown.serialize_entry("id", &message_id)?;
        shown.serialize_entry("ticket_id", &ticket_id)?;
        shown.serialize_entry("uri", &format!("/api/tickets/{ticket_id}/messages/{message_id}/"))?;
        shown.serialize_entry("created_datetime", &moment::show(self.created))?;
        let mut held = self.held.iter().peekable();
        for ((name, empty), place) in PROPERTIES.iter().zip(0_u8..) {
            let value = held.next_if(|(held, _)| *held == place).map_or(empty, |(_, value)| value);
            match *name {
                "sender" | "receiver" => shown.serialize_entry(name, &people::show(value))?,
                _ => shown.serialize_entry(name, value)?,
            }
        }
        shown.end()
    }
}
