//! How long to wait before the next try.

use std::time::Duration;

/// Exponential backoff with full jitter: the wait is anywhere between nothing and a bound that doubles with each try.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// The bound before the second try.
    pub first: Duration,
    /// The largest bound.
    pub most: Duration,
    /// Tries in all, the first included; those that got no connection or a 429 are not counted.
    pub tries: u32,
    /// How often one update may be answered with a 429.
    pub throttled: u32,
    /// How much time one update may take up with its own tries and the waits between them.
    pub time: Duration,
    /// How long the account may be away before the run stops.
    pub outage: Duration,
    /// How long, at the most, there may be no connection before there has been any.
    pub unreached: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            most: Duration::from_mins(1),
            tries: 7,
            throttled: 100,
            time: Duration::from_mins(30),
            outage: Duration::from_mins(15),
            unreached: Duration::from_mins(15),
        }
    }
}

impl Backoff {
    /// How long the account may be away, after an answer or before any.
    pub fn longest_outage(&self, is_reached: bool) -> Duration {
        if is_reached { self.outage } else { self.outage.min(self.unreached) }
    }

    /// The bound of the wait after try number `tried` (from 1).
    pub fn bound(&self, tried: u32) -> Duration {
        self.first.saturating_mul(2_u32.saturating_pow(tried.saturating_sub(1))).min(self.most)
    }

    /// The wait after try number `tried`, with `chance` between 0 and 1.
    pub fn wait(&self, tried: u32, chance: f64) -> Duration {
        self.bound(tried).mul_f64(chance.clamp(0.0, 1.0))
    }
}
