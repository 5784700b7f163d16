//! How messages and tickets come to exist: what is special about them is given, the rest is an imported message's.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::account::{Account, Target};
use super::change::{Seed, TicketSeed};
use super::message::Message;
use super::moment;
use super::ticket::Ticket;

/// 2020-01-01T00:00:00Z: nothing is older that was seeded without a date.
pub(super) const FIRST_DAY: Timestamp = Timestamp::constant(1_577_836_800, 0);
/// What is seeded without a date is created within so many seconds (a year) of that.
const SPAN: u64 = 31_536_000;

/// Why a message or a ticket can't be made to exist.
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
    /// The API shows no such property.
    #[error("a ticket has no property `{0}`")]
    UnknownOfTicket(String),
    /// Lists are sorted by it.
    #[error("created_datetime is no ISO 8601 date and time")]
    Created,
    /// Lists are sorted by it.
    #[error("updated_datetime is no ISO 8601 date and time")]
    Updated,
}

impl Account {
    /// Makes a message exist, with its ticket: imported, from a customer, by email, with a body, and with neither
    /// `sent_datetime` nor `external_id`, which is the worst that an update can meet. `false`, and nothing changed,
    /// where it exists already, or where it or its ticket was deleted. A merged ticket's messages go to its heir.
    pub fn seed(&mut self, seed: &Seed) -> Result<bool, SeedError> {
        let created = created(&seed.properties)?;
        self.arrive(seed, created.unwrap_or_else(|| created_by_default(seed.message_id)))
    }

    /// Gives a ticket its properties, and makes it exist if it does not yet. `false`, and nothing changed, where it has
    /// been given some before, or was deleted or merged.
    pub fn seed_ticket(&mut self, seed: &TicketSeed) -> Result<bool, SeedError> {
        let TicketSeed { ticket_id, properties } = seed;
        let known = self.tickets.get(ticket_id).is_some_and(|ticket| ticket.seeded);
        if known || self.gone_tickets.contains(ticket_id) || self.merged.contains_key(ticket_id) {
            return Ok(false);
        }
        let created = created(properties)?;
        let updated = date(properties, "updated_datetime", SeedError::Updated)?;
        if let Some(name) = properties.keys().find(|name| !Ticket::has(name)) {
            return Err(SeedError::UnknownOfTicket(name.clone()));
        }
        let ticket = self.tickets.entry(*ticket_id).or_insert_with(|| Ticket::new(*ticket_id));
        ticket.seeded = true;
        ticket.created = created;
        ticket.touched = ticket.touched.max(updated);
        for (name, value) in properties {
            ticket.set(name, value.clone());
        }
        self.people.know_shown(&ticket.get("customer"));
        self.settle(*ticket_id, None);
        Ok(true)
    }

    /// As [`Account::seed`], at a time that is settled.
    pub(super) fn arrive(&mut self, seed: &Seed, created: Timestamp) -> Result<bool, SeedError> {
        let target = Target { ticket_id: self.heir(seed.ticket_id), message_id: seed.message_id };
        let Target { ticket_id, message_id } = target;
        if let Some(held) = self.messages.get(&message_id).map(Message::target) {
            let elsewhere = SeedError::Elsewhere { message_id, ticket_id: held.ticket_id };
            return if held == target { Ok(false) } else { Err(elsewhere) };
        }
        if self.gone.contains(&message_id) || self.gone_tickets.contains(&ticket_id) {
            return Ok(false);
        }
        known(&seed.properties)?;
        let mut message = Message::new(target, created);
        // Of the ticket that is named, so that the same seed gives the same message, merged or not.
        let customer = format!("customer-{}@example.com", seed.ticket_id);
        message.set("channel", json!("email"));
        message.set("via", json!("zendesk"));
        message.set("body_text", json!(format!("Imported message {message_id}")));
        message.set("body_html", json!(format!("<p>Imported message {message_id}</p>")));
        message.set("sender", json!({"id": seed.ticket_id, "email": customer}));
        self.people.know(seed.ticket_id, &customer);
        self.furnish(&mut message, &seed.properties);
        self.place(message);
        self.settle(ticket_id, None);
        Ok(true)
    }

    /// Sets properties of a message as they are given, checked by nobody: what an account holds may be more than an
    /// update can write. The creation date is none of them.
    pub(super) fn furnish(&mut self, message: &mut Message, properties: &Map<String, Value>) {
        for (name, value) in properties {
            message.set(name, value.clone());
        }
        for person in [message.get("sender"), message.get("receiver")] {
            self.people.know_shown(person);
        }
    }
}

/// Refuses what a message does not have.
pub(super) fn known(properties: &Map<String, Value>) -> Result<(), SeedError> {
    let unknown = properties.keys().find(|name| *name != "created_datetime" && !Message::has(name));
    unknown.map_or(Ok(()), |name| Err(SeedError::Unknown(name.clone())))
}

/// The creation date among properties.
pub(super) fn created(properties: &Map<String, Value>) -> Result<Option<Timestamp>, SeedError> {
    date(properties, "created_datetime", SeedError::Created)
}

fn date(properties: &Map<String, Value>, name: &str, wrong: SeedError) -> Result<Option<Timestamp>, SeedError> {
    let given = properties.get(name);
    given.map(|given| given.as_str().and_then(moment::read).ok_or(wrong)).transpose()
}

/// Ids grow with time; the same id always gives the same moment.
pub(super) fn created_by_default(id: u64) -> Timestamp {
    let seconds = i64::try_from(id % SPAN).unwrap_or_default();
    FIRST_DAY.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(FIRST_DAY)
}
