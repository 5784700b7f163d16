//! Which parcel may go next: the messages of one ticket one at a time and in order, tickets side by side.

use std::collections::{HashMap, VecDeque};

use super::Parcel;
use crate::record::TicketId;

/// Parcels that wait for their ticket. A ticket has a queue while one of its messages is out or waits.
#[derive(Debug, Default)]
pub struct Lanes {
    // In the order in which their tickets came up, so that no ticket starves.
    ready: VecDeque<Parcel>,
    busy: HashMap<TicketId, VecDeque<Parcel>>,
    bytes: usize,
}

impl Lanes {
    /// Adds a parcel behind those of its ticket.
    pub fn push(&mut self, parcel: Parcel) {
        self.bytes += parcel.weight();
        if let Some(queue) = self.busy.get_mut(&parcel.target.ticket) {
            queue.push_back(parcel);
        } else {
            self.busy.insert(parcel.target.ticket, VecDeque::new());
            self.ready.push_back(parcel);
        }
    }

    /// A parcel that may go now; its ticket is busy until [`Self::release`].
    pub fn take(&mut self) -> Option<Parcel> {
        let parcel = self.ready.pop_front()?;
        self.bytes -= parcel.weight();
        Some(parcel)
    }

    /// The message that was out for `ticket` is back, whatever came of it: the next one may go. False if none waits.
    pub fn release(&mut self, ticket: TicketId) -> bool {
        let next = self.busy.get_mut(&ticket).and_then(VecDeque::pop_front);
        let has_next = next.is_some();
        if let Some(parcel) = next {
            self.ready.push_back(parcel);
        } else {
            self.busy.remove(&ticket);
        }
        has_next
    }

    /// How many parcels may go now, because nothing of their ticket is out.
    pub fn ready(&self) -> usize {
        self.ready.len()
    }

    /// How many bytes the parcels that wait take up, about.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}
