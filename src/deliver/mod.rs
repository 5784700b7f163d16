//! Stage 5: deliver updates to the account.
//!
//! An account has one leaky bucket for everything that talks to it, so there is one [`Pacer`], and every attempt, a
//! retry as much as a first try, takes a permit from it. What an answer means is decided in [`judge`], without waiting;
//! waiting and trying again is decided in [`Delivery`] and nowhere else; which record may go next, in [`Lanes`].

mod backoff;
mod clock;
mod courier;
mod delivery;
mod greeting;
mod lanes;
mod missing;
mod pacer;
mod rate;
mod tries;
mod verdict;

pub use backoff::Backoff;
pub use clock::Clock;
pub use courier::{Courier, Unread};
pub use delivery::{Delivered, Delivery, StopCause};
pub use lanes::Lanes;
pub use pacer::{Counters, Pacer, Waiting};
pub use rate::{Rate, RateError};
pub use verdict::{Setback, Verdict, judge};

use serde_json::{Map, Value};

use crate::record::{ExternalId, Target};

/// An update on its way: mapped again from the export and found to be the one that was planned.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// Its turn in the plan.
    pub turn: i64,
    /// The message's own id, which the account must confirm.
    pub external_id: ExternalId,
    /// Where it goes.
    pub target: Target,
    /// Whether an earlier run may have written it: its answer was lost.
    pub may_be_written: bool,
    /// What is sent.
    pub body: Map<String, Value>,
}

impl Parcel {
    /// About how many bytes it takes up: its texts, and something for the rest.
    fn weight(&self) -> usize {
        self.body.values().map(|value| 64 + value.as_str().map_or(0, str::len)).sum()
    }
}
