//! How fast requests go: what the account allows, and how much of that is left to others.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::Rate;

/// The share of the account's limit that is left to its other integrations, in percent: 0 to 90.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reserve(u8);

/// The text is no share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no share of the limit: it is a whole number of percent from 0 to {most}, such as 25%", most = Reserve::MOST)]
pub struct ReserveError(String);

impl Reserve {
    /// Nothing is set aside.
    pub const NONE: Self = Self(0);
    /// The most that can be set aside, in percent.
    const MOST: u8 = 90;

    /// Whether nothing is set aside.
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }
}

impl FromStr for Reserve {
    type Err = ReserveError;

    fn from_str(text: &str) -> Result<Self, ReserveError> {
        let number = text.trim().trim_end_matches('%').trim_end();
        let percent = number.parse().ok().filter(|percent| *percent <= Self::MOST);
        percent.map(Self).ok_or_else(|| ReserveError(text.to_owned()))
    }
}

impl fmt::Display for Reserve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

/// How fast requests go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The account's limit, as far as it is known.
    pub rate: Rate,
    /// Whether the operator has said so: then it is never exceeded, even where the account allows more.
    pub is_typed: bool,
    /// What is left to others.
    pub reserve: Reserve,
}

impl Pace {
    /// All of `rate`, which the operator has typed.
    pub const fn typed(rate: Rate) -> Self {
        Self { rate, is_typed: true, reserve: Reserve::NONE }
    }

    /// The time between two requests; `None` without a limit.
    pub fn interval(self) -> Option<Duration> {
        // At most 90 % are set aside, so it is never divided by 0.
        self.rate.interval().map(|interval| interval * 100 / u32::from(100 - self.reserve.0))
    }

    /// Requests per second; `None` without a limit.
    pub fn per_second(self) -> Option<f64> {
        self.interval().map(|interval| 1.0 / interval.as_secs_f64())
    }

    /// The pace for an account that tells that its bucket takes `limit` requests.
    ///
    /// It does not tell in what time they drain away. If the number is the one that was said, so is the time; else the
    /// slowest account that has such a bucket is assumed.
    #[must_use]
    pub fn corrected(self, limit: u32) -> Self {
        match self.allowed(limit) {
            Some(allowed) if !(self.is_typed && self.rate.interval() >= allowed.interval()) => {
                Self { rate: allowed, ..self }
            }
            _ => self,
        }
    }

    /// In what time one request drains from a bucket that takes `limit` of them; `None` without a limit.
    pub(super) fn drain(self, limit: u32) -> Option<Duration> {
        self.allowed(limit).unwrap_or(self.rate).interval()
    }

    /// The slowest rate that has a bucket of `limit` requests, where it is another one than was said.
    fn allowed(self, limit: u32) -> Option<Rate> {
        match self.rate {
            Rate::Limited { requests, .. } if requests.get() != limit => Rate::slowest(limit),
            _ => None,
        }
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.rate)?;
        if self.reserve.is_none() { Ok(()) } else { write!(f, " less {} for others", self.reserve) }
    }
}
