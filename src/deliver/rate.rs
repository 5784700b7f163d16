//! The account's rate limit, as an operator types it.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

/// So many requests in so many seconds, or no limit of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// `40/20s`.
    Limited {
        /// Requests.
        requests: NonZeroU32,
        /// In this many seconds.
        seconds: NonZeroU32,
    },
    /// `none`: as fast as the other side answers. For simulators and test servers.
    Unlimited,
}

/// The text is no rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no rate: it is written as requests/seconds, neither of them 0")]
pub struct RateError(String);

impl Rate {
    /// What an API key may do: 40 requests in 20 seconds.
    pub const API_KEY: Self = Self::of(40, 20);

    /// The limits that Gorgias gives: by API key, by OAuth app, and both on Enterprise. Of two with the same number of
    /// requests, the slower comes first.
    pub const PROFILES: [Self; 4] = [Self::API_KEY, Self::of(80, 20), Self::of(40, 10), Self::of(80, 10)];

    const fn of(requests: u32, seconds: u32) -> Self {
        match (NonZeroU32::new(requests), NonZeroU32::new(seconds)) {
            (Some(requests), Some(seconds)) => Self::Limited { requests, seconds },
            _ => Self::Unlimited,
        }
    }

    /// The slowest rate of an account whose bucket takes `limit` requests; `None` for 0.
    pub fn slowest(limit: u32) -> Option<Self> {
        // Of Gorgias's own limits, none drains more slowly than in 20 seconds.
        NonZeroU32::new(limit).map(|requests| Self::of(requests.get(), 20))
    }

    /// The time between two requests; `None` without a limit.
    pub fn interval(self) -> Option<Duration> {
        match self {
            Self::Limited { requests, seconds } => Some(Duration::from_secs(u64::from(seconds.get())) / requests.get()),
            Self::Unlimited => None,
        }
    }

    /// Requests per second; `None` without a limit.
    pub fn per_second(self) -> Option<f64> {
        self.interval().map(|interval| 1.0 / interval.as_secs_f64())
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let wrong = || RateError(text.to_owned());
        if text == "none" {
            return Ok(Self::Unlimited);
        }
        let (requests, seconds) = text.split_once('/').ok_or_else(wrong)?;
        let seconds = seconds.strip_suffix('s').unwrap_or(seconds);
        let requests = requests.trim().parse().map_err(|_| wrong())?;
        let seconds = seconds.trim().parse().map_err(|_| wrong())?;
        Ok(Self::Limited { requests, seconds })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limited { requests, seconds } => write!(f, "{requests}/{seconds}s"),
            Self::Unlimited => f.write_str("none"),
        }
    }
}
