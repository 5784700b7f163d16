//! The leaky bucket that everything in an account shares.
//!
//! A request adds one to the level, which drains all the time at limit / period. Counting goes in whole nanoseconds,
//! and a request weighs as many of them as the period has, so that a night of virtual time adds up exactly.

use std::time::Duration;

use jiff::Timestamp;

use super::settings::Limit;

#[derive(Debug)]
pub(super) struct Bucket {
    limit: u128,
    /// What one request adds: the period in nanoseconds. In one nanosecond, `limit` drains away.
    weight: u128,
    level: u128,
    /// When `level` was true.
    at: Option<Timestamp>,
    peak: u128,
}

impl Bucket {
    pub(super) fn new(limit: Limit) -> Self {
        Self { limit: u128::from(limit.requests()), weight: limit.per().as_nanos(), level: 0, at: None, peak: 0 }
    }

    /// Takes one request in, or says how long until there is room for it; such a one leaves the bucket as it was.
    pub(super) fn take(&mut self, now: Timestamp) -> Result<(), Duration> {
        self.drain(now);
        let filled = self.level + self.weight;
        let over = filled.saturating_sub(self.limit * self.weight);
        if over > 0 {
            let wait = over.div_ceil(self.limit);
            return Err(Duration::from_nanos(u64::try_from(wait).unwrap_or(u64::MAX)));
        }
        self.level = filled;
        self.peak = self.peak.max(filled);
        Ok(())
    }

    /// The header `X-Gorgias-Account-Api-Call-Limit`: used, rounded up, of limit.
    pub(super) fn reading(&self) -> String {
        format!("{}/{}", self.level.div_ceil(self.weight), self.limit)
    }

    /// The highest level ever, in requests, rounded up.
    pub(super) fn peak_used(&self) -> u64 {
        u64::try_from(self.peak.div_ceil(self.weight)).unwrap_or(u64::MAX)
    }

    fn drain(&mut self, now: Timestamp) {
        let elapsed = self.at.map_or(0, |at| now.as_nanosecond() - at.as_nanosecond());
        // A clock that went back drains nothing, and the time it repeats is not counted twice.
        if let Ok(elapsed) = u128::try_from(elapsed) {
            self.level = self.level.saturating_sub(elapsed * self.limit);
            self.at = Some(now);
        }
    }
}
