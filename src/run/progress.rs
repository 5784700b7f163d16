//! How far a run is, for whoever watches it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::deliver::{Counters, Pace, Pacer, Waiting};
use crate::record::State;

/// How far a run is. Written by the run, read by anybody, at any time.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes of the export that pass 1 has read.
    pub bytes_read: AtomicU64,
    /// Messages that pass 1 has mapped.
    pub mapped: AtomicU64,
    to_send: AtomicU64,
    updated: AtomicU64,
    failed: AtomicU64,
    unconfirmed: AtomicU64,
    other: AtomicU64,
    in_flight: AtomicU64,
    pacer: std::sync::OnceLock<Arc<Pacer>>,
}

/// One moment of pass 2.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// Messages that this run is to send.
    pub to_send: u64,
    /// Those that the account has confirmed.
    pub updated: u64,
    /// Those that were refused for good.
    pub failed: u64,
    /// Those whose answer was lost.
    pub unconfirmed: u64,
    /// Those that were put back or blocked.
    pub other: u64,
    /// Those that are out.
    pub in_flight: u64,
    /// What the next request waits for.
    pub waiting: Waiting,
    /// What went through the pacer.
    pub counters: Counters,
    /// The pace that is kept to, as the account's answers have corrected it; `None` before anything was sent.
    pub pace: Option<Pace>,
}

impl Snapshot {
    /// Messages with an outcome of this run.
    pub fn done(&self) -> u64 {
        self.updated + self.failed + self.unconfirmed + self.other
    }
}

impl Progress {
    /// The present moment of pass 2.
    pub fn snapshot(&self) -> Snapshot {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let pacer = self.pacer.get();
        Snapshot {
            to_send: read(&self.to_send),
            updated: read(&self.updated),
            failed: read(&self.failed),
            unconfirmed: read(&self.unconfirmed),
            other: read(&self.other),
            in_flight: read(&self.in_flight),
            waiting: pacer.map(|pacer| pacer.waiting()).unwrap_or_default(),
            counters: pacer.map(|pacer| pacer.counters()).unwrap_or_default(),
            pace: pacer.map(|pacer| pacer.pace()),
        }
    }

    pub(super) fn begin(&self, to_send: u64, pacer: Arc<Pacer>) {
        self.to_send.store(to_send, Ordering::Relaxed);
        // A second run with the same progress would show the first one's pacer; there is none.
        let _ = self.pacer.set(pacer);
    }

    pub(super) fn is_out(&self, number: usize) {
        self.in_flight.store(number as u64, Ordering::Relaxed);
    }

    pub(super) fn count(&self, state: State) {
        let counter = match state {
            State::Updated => &self.updated,
            State::Failed => &self.failed,
            State::Unconfirmed => &self.unconfirmed,
            _ => &self.other,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
