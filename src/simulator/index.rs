//! By what tickets are listed and found, kept in order, so that a page costs its rows and not the account.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::account::Key;
use super::message::Message;
use super::seeding::created_by_default;
use super::ticket::Ticket;

/// What the index knows of one ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) external_id: Option<String>,
    pub(super) customer_id: Option<u64>,
}

#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) created: BTreeSet<Key>,
    pub(super) updated: BTreeSet<Key>,
    external_ids: BTreeSet<(String, u64)>,
    customer_ids: BTreeSet<(u64, u64)>,
}

impl Facts {
    /// Of a ticket that nothing is known of yet.
    pub(super) fn default_of(ticket_id: u64) -> Self {
        let created = created_by_default(ticket_id);
        Self { created, updated: created, external_id: None, customer_id: None }
    }

    /// Of a ticket as it is now. One whose last message is gone was still created when it was.
    pub(super) fn of(ticket: &Ticket, messages: &BTreeMap<u64, Message>) -> Self {
        let first = ticket.keys.first();
        let created = ticket.created.or(first.map(|key| key.at)).unwrap_or(ticket.facts.created);
        let last = ticket.keys.last().map_or(created, |key| key.at.max(created));
        let customer = ticket.told("customer", first.and_then(|key| messages.get(&key.id)));
        Self {
            created,
            updated: ticket.touched.unwrap_or(last),
            external_id: ticket.get("external_id").as_str().map(str::to_owned),
            customer_id: customer["id"].as_u64(),
        }
    }
}

impl Index {
    /// Takes a ticket's old facts out, where they are in, and puts the new ones in.
    pub(super) fn replace(&mut self, ticket_id: u64, old: &Facts, new: &Facts) {
        self.remove(ticket_id, old);
        self.created.insert(Key { at: new.created, id: ticket_id });
        self.updated.insert(Key { at: new.updated, id: ticket_id });
        self.external_ids.extend(new.external_id.clone().map(|known| (known, ticket_id)));
        self.customer_ids.extend(new.customer_id.map(|known| (known, ticket_id)));
    }

    /// Takes a ticket out.
    pub(super) fn remove(&mut self, ticket_id: u64, facts: &Facts) {
        self.created.remove(&Key { at: facts.created, id: ticket_id });
        self.updated.remove(&Key { at: facts.updated, id: ticket_id });
        if let Some(known) = &facts.external_id {
            self.external_ids.remove(&(known.clone(), ticket_id));
        }
        if let Some(known) = facts.customer_id {
            self.customer_ids.remove(&(known, ticket_id));
        }
    }

    /// The tickets with this `external_id`.
    pub(super) fn with_external_id(&self, known: &str) -> Vec<u64> {
        let found = self.external_ids.range((known.to_owned(), 0)..=(known.to_owned(), u64::MAX));
        found.map(|(_, ticket_id)| *ticket_id).collect()
    }

    /// The tickets of this customer.
    pub(super) fn of_customer(&self, known: u64) -> Vec<u64> {
        self.customer_ids.range((known, 0)..=(known, u64::MAX)).map(|(_, ticket_id)| *ticket_id).collect()
    }
}
