//! How many requests a run will need, and how long these take at the account's rate.

use std::time::Duration;

use crate::deliver::Rate;
use crate::update::Write;

/// What a run will take, if nothing goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// Requests: one to greet the account, one an update, and one more an update where each message is read first.
    pub requests: u64,
    /// How long they take; `None` where there is no rate to count with.
    pub time: Option<Duration>,
}

impl Forecast {
    /// The forecast for `messages` updates.
    pub fn of(messages: u64, write: Write, rate: Rate) -> Self {
        let each = if write == Write::Missing { 2 } else { 1 };
        let requests = if messages == 0 { 0 } else { messages * each + 1 };
        // The first request waits for nothing.
        let waits = u32::try_from(requests.saturating_sub(1)).unwrap_or(u32::MAX);
        Self { requests, time: rate.interval().map(|interval| interval.saturating_mul(waits)) }
    }
}
