//! How many requests a run will need, and how long these take at the account's pace.

use std::time::Duration;

use crate::deliver::Pace;

/// What a run will take, if nothing goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// Requests: one to greet the account, one an update, and what is read first.
    pub requests: u64,
    /// Those of them that update.
    pub updates: u64,
    /// Those of them that read tickets first.
    pub ticket_reads: u64,
    /// Those of them that read a message of which nobody knows whether it was written.
    pub message_reads: u64,
    /// How long they take; `None` where there is no rate to count with.
    pub time: Option<Duration>,
}

impl Forecast {
    /// The forecast for `updates` messages, before which so much is read.
    pub fn of(updates: u64, ticket_reads: u64, message_reads: u64, pace: Pace) -> Self {
        let requests = if updates == 0 { 0 } else { 1 + updates + ticket_reads + message_reads };
        // The first request waits for nothing.
        let waits = u32::try_from(requests.saturating_sub(1)).unwrap_or(u32::MAX);
        let time = pace.interval().map(|interval| interval.saturating_mul(waits));
        Self { requests, updates, ticket_reads, message_reads, time }
    }
}
