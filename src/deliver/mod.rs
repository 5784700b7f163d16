//! Stage 5: deliver updates to the account.
//!
//! An account has one leaky bucket for everything that talks to it, so there is one [`Pacer`], and every attempt, a
//! retry as much as a first try, takes a permit from it. What an answer means is decided in [`judge`], without waiting;
//! waiting and trying again is decided in [`Delivery`] and nowhere else; which record may go next, in [`Lanes`].

mod backoff;
mod bucket;
mod clock;
mod courier;
mod delivery;
mod greeting;
mod known;
mod lanes;
mod outage;
mod pace;
mod pacer;
mod rate;
mod side_effect;
mod slots;
mod tries;
mod verdict;

pub use backoff::Backoff;
pub use bucket::Asked;
pub use clock::Clock;
pub use courier::{Courier, Halt, Sent, Unread};
pub use delivery::{Delivered, Delivery, StopCause};
pub use known::Tickets;
pub use lanes::Lanes;
pub use pace::{Pace, Reserve, ReserveError};
pub use pacer::{Counters, Pacer, Waiting};
pub use rate::{Rate, RateError};
pub use verdict::{Setback, Verdict, judge};

use serde_json::{Map, Value};

use crate::checkpoint::Image;
use crate::record::{ExternalId, Target};
use crate::update::{Choice, Facts, Writes, body, choose};

/// How long ago it is that an update went out whose answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// So short that nobody can have come in between.
    Fresh,
    /// Somebody may have changed the message since.
    Old,
}

/// What is known of the last update of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastUpdate {
    /// There was none.
    None,
    /// It went out, and the account has told since what it holds.
    Told,
    /// It went out, and what became of it is not known.
    Open,
}

/// An update on its way: mapped again from the export and found to be the one that was planned.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// Its turn in the plan.
    pub turn: i64,
    /// The message's own id, which the account must confirm.
    pub external_id: ExternalId,
    /// Where it goes.
    pub target: Target,
    /// That an earlier run may have written it, because its answer was lost; and whether that is long ago.
    pub doubt: Option<Doubt>,
    /// What is known of the last update of the target.
    pub last: LastUpdate,
    /// Whether the plan knew what the account holds, and was shown so.
    pub was_known: bool,
    /// Whether the operator had it put back, to be written over what somebody changed meanwhile.
    pub writes_over_edits: bool,
    /// What is planned to be sent; what the account holds decides how much of it is.
    pub body: Map<String, Value>,
    /// What the account holds, where the scan or our own updates tell it.
    pub held: Option<Map<String, Value>>,
    /// What earlier updates of the target kept.
    pub image: Option<Box<Image>>,
}

impl Parcel {
    /// What of it goes out, as far as it is known what the account holds.
    pub fn as_far_as_known(&self, writes: &Writes) -> Map<String, Value> {
        let held = self.held.as_ref();
        let chosen = held.map(|held| (held, choose(&Facts::of(&self.body), &Facts::of(held), writes)));
        match chosen {
            Some((held, Choice::Send(sends))) => body(&self.body, held, &sends),
            _ => self.body.clone(),
        }
    }

    /// About how many bytes it takes up: its texts, and something for the rest.
    fn weight(&self) -> usize {
        let weigh = |content: &Map<String, Value>| -> usize {
            content.values().map(|value| 64 + value.as_str().map_or(0, str::len)).sum()
        };
        let images =
            self.image.iter().flat_map(|image| [Some(&image.before), image.prior.as_ref(), image.sent.as_ref()]);
        let contents = [Some(&self.body), self.held.as_ref()].into_iter().chain(images);
        contents.flatten().map(weigh).sum()
    }
}
