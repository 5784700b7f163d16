//! What the account's answers tell of its bucket, which other integrations fill as well.

use std::time::Duration;

use tokio::time::Instant;

use super::Pace;
use crate::gorgias::Usage;

/// When a request was asked, and how many had been let go by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    pub(super) at: Instant,
    pub(super) requests: u64,
}

/// The last reading of the bucket.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    reading: Option<(Usage, Asked)>,
}

impl Bucket {
    /// Takes in what an answer told, unless something newer is known.
    pub(super) fn read(&mut self, usage: Usage, asked: Asked) {
        if self.reading.is_none_or(|(_, last)| last.at <= asked.at) {
            self.reading = Some((usage, asked));
        }
    }

    /// When there is room for one more request of ours, after so many `requests` were let go in all; `None` if nothing
    /// is known that says wait.
    ///
    /// Since the reading, the bucket has taken what we sent, and has drained. It drains at the same rate however full it
    /// is, so nothing is lost by waiting until it is nearly empty: then a burst of somebody else's finds room. Where
    /// others take their share all the time, each wait is as long as it takes the rest of the rate to make up for one
    /// request: what they leave is used, and no more.
    pub(super) fn free_at(&self, pace: Pace, requests: u64) -> Option<(Instant, Usage)> {
        let (usage, asked) = self.reading?;
        let drain = pace.drain(usage.limit)?;
        let since = requests.saturating_sub(asked.requests);
        let over = (u64::from(usage.used) + since).saturating_sub(u64::from(level(usage.limit)));
        let wait = drain.saturating_mul(u32::try_from(over).unwrap_or(u32::MAX));
        Some((asked.at + wait.min(LONGEST), usage))
    }
}

/// No bucket of Gorgias takes longer to drain.
const LONGEST: Duration = Duration::from_mins(1);

/// How many requests may be in a bucket of `limit` when one of ours is added: enough that answers which come late do
/// not let it run empty while others use it, and still nearly empty.
fn level(limit: u32) -> u32 {
    (limit / 8).max(2)
}
