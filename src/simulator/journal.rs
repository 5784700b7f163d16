//! What this process was asked, as far as the account itself does not remember it.

use std::collections::{BTreeMap, HashMap, VecDeque};

use jiff::Timestamp;
use serde::Serialize;

use super::faults::Fault;
use super::moment;

/// How many requests the journal remembers one by one.
const REMEMBERED: usize = 1_000;

/// One request, as the journal remembers it. It holds neither bodies nor credentials.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// When it arrived.
    #[serde(with = "moment")]
    pub at: Timestamp,
    /// Its method.
    pub method: String,
    /// Its path, with the query.
    pub path: String,
    /// What was answered, or would have been.
    pub status: u16,
    /// Whether it changed the account.
    pub applied: bool,
    /// The fault that struck it.
    pub fault: Option<&'static str>,
}

/// Figures to judge a client by. Those marked with (account) go on counting from one run to the next where there is a
/// store; the others begin anew with each process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Requests to the API, refused ones among them.
    pub requests: u64,
    /// Requests to update a message, refused ones among them.
    pub update_requests: u64,
    /// Requests to read a list or an object, refused ones among them.
    pub reads: u64,
    /// Pages of lists that were answered.
    pub pages: u64,
    /// Updates applied (account).
    pub updates: u64,
    /// Updates applied to a message that had been updated before (account).
    pub repeated: u64,
    /// 429s because the bucket was full.
    pub throttled_by_bucket: u64,
    /// 429s because of a fault.
    pub throttled_by_fault: u64,
    /// Mails that Gorgias would have sent to customers (account). None ever should be.
    pub mails: u64,
    /// Applied updates that carried an `action` (account).
    pub actions_seen: u64,
    /// Messages deleted by `action=cancel` (account).
    pub deleted: u64,
    /// People created by naming an email that nobody had (account).
    pub people_created: u64,
    /// Requests that followed a redirect. None ever should.
    pub redirects_followed: u64,
    /// The highest level of the bucket, in requests, rounded up.
    pub peak_used: u64,
    /// Updates that began while another of the same ticket was on its way.
    pub overlaps: u64,
    /// The most updates of one ticket on their way at once.
    pub most_in_flight_per_ticket: u64,
    /// The most updates on their way at once.
    pub most_in_flight: u64,
    /// How many messages the account holds.
    pub messages: u64,
    /// Requests by the fault that struck them.
    pub faults: BTreeMap<&'static str, u64>,
}

/// An update that is on its way; to be given back to [`super::Simulator::finish`].
#[derive(Debug)]
#[must_use = "an update that is never finished overlaps with all that follow"]
pub struct InFlight {
    pub(super) ticket_id: Option<u64>,
}

#[derive(Debug, Default)]
pub(super) struct Journal {
    pub(super) counters: Counters,
    recent: VecDeque<Entry>,
    in_flight: HashMap<u64, u64>,
}

impl Journal {
    pub(super) fn note(&mut self, entry: Entry) {
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back(entry);
    }

    pub(super) fn recent(&self) -> impl Iterator<Item = &Entry> {
        self.recent.iter()
    }

    pub(super) fn note_fault(&mut self, fault: Fault) {
        *self.counters.faults.entry(fault.name()).or_default() += 1;
        self.counters.throttled_by_fault += u64::from(fault == Fault::Throttled);
    }

    pub(super) fn begin(&mut self, ticket_id: u64) {
        let of_ticket = self.in_flight.entry(ticket_id).or_default();
        *of_ticket += 1;
        let counters = &mut self.counters;
        counters.overlaps += u64::from(*of_ticket > 1);
        counters.most_in_flight_per_ticket = counters.most_in_flight_per_ticket.max(*of_ticket);
        counters.most_in_flight = counters.most_in_flight.max(self.in_flight.values().sum());
    }

    pub(super) fn finish(&mut self, ticket_id: u64) {
        if let Some(of_ticket) = self.in_flight.get_mut(&ticket_id) {
            *of_ticket -= 1;
            if *of_ticket == 0 {
                self.in_flight.remove(&ticket_id);
            }
        }
    }
}
