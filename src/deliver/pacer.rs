//! The one place that says when the next request may go.
//!
//! A bucket drains at the same rate however full it is, so nothing is gained by filling it: permits are spaced evenly, and
//! wait while others fill it. So it stays nearly empty, with room for a burst of the account's other integrations.
//! Permits are handed out in the order in which they are asked for.

use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Mutex as Turnstile, MutexGuard, Notify};
use tokio::time::{Instant, sleep_until};

use super::bucket::{Asked, Bucket};
use super::outage::{Gate, Health};
use super::slots::Slots;
use super::{Backoff, Pace};
use crate::gorgias::{Answer, Lost, Usage};
use crate::record::{Cause, TicketId};

/// The most that `Retry-After` may ask for: a longer pause is somebody's mistake, and a run would seem dead.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// What a run waits for; the operator reads it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Waiting {
    /// Nothing: a request may go.
    #[default]
    Nothing,
    /// The next slot of its own pace.
    Rate,
    /// Others have filled the account's bucket: it has to drain first.
    Bucket(Usage),
    /// The account asked for a pause (429 or 503), and all requests wait together.
    RetryAfter {
        /// How long it asked for.
        pause: Duration,
    },
    /// The account is away; now and then one request tries.
    Outage {
        /// Since when.
        since: Instant,
        /// How that shows.
        cause: Cause,
    },
}

/// What went through the pacer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Requests that were let go, reads and retries included.
    pub requests: u64,
    /// Answers with status 429.
    pub throttled: u64,
    /// The bucket as the last answer told it.
    pub usage: Option<Usage>,
    /// The fullest that the bucket was seen.
    pub peak: u32,
}

/// What a request has got that asked for a permit.
#[derive(Debug)]
pub(super) enum Permit<'a> {
    /// It may go.
    Go,
    /// The account is away: ask it whether it is back. Nobody else gets a permit for as long as the turn is held.
    Probe(MutexGuard<'a, ()>),
    /// The account was away for too long.
    CutOff(Cause),
}

/// Hands out permits, one a request.
#[derive(Debug)]
pub struct Pacer {
    backoff: Backoff,
    // Whoever is in it waits for the next permit; the others queue behind, first come, first served.
    turnstile: Turnstile<()>,
    // That an answer has come, and a wait may be over sooner than was thought.
    heard: Notify,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    pace: Pace,
    slots: Slots,
    bucket: Bucket,
    health: Health,
    // Until when the account asked everybody to wait, and for how long.
    pause: Option<(Instant, Duration)>,
    waiting: Waiting,
    counters: Counters,
}

/// What the next request may do.
enum Next {
    Go,
    Probe,
    CutOff(Cause),
    Wait(Instant, Waiting),
}

impl Pacer {
    /// A pacer at `pace`, which what the account tells of its limit corrects.
    pub fn new(pace: Pace, backoff: Backoff) -> Self {
        Self {
            backoff,
            turnstile: Turnstile::new(()),
            heard: Notify::new(),
            state: Mutex::new(State {
                pace,
                slots: Slots::new(pace.interval()),
                bucket: Bucket::default(),
                health: Health::default(),
                pause: None,
                waiting: Waiting::default(),
                counters: Counters::default(),
            }),
        }
    }

    /// Waits until a request may go, and counts it.
    pub(super) async fn permit(&self) -> Permit<'_> {
        let turn = self.turnstile.lock().await;
        loop {
            let heard = self.heard.notified();
            let (until, waiting) = match self.with_state(|state| state.next(&self.backoff)) {
                Next::Wait(until, waiting) => (until, waiting),
                Next::CutOff(cause) => return Permit::CutOff(cause),
                Next::Go => return Permit::Go,
                Next::Probe => return Permit::Probe(turn),
            };
            self.with_state(|state| state.waiting = waiting);
            tokio::select! {
                () = sleep_until(until) => {}
                () = heard => {}
            }
        }
    }

    /// Notes that a request is on its way from now on.
    pub(super) fn asks(&self) -> Asked {
        self.with_state(|state| Asked { at: Instant::now(), requests: state.counters.requests })
    }

    /// Learns from the answer to a request about `about`: how full the bucket is and how much it takes, how long everybody
    /// has to wait, and whether the account is there at all.
    pub(super) fn learn(
        &self,
        asked: Asked,
        answer: &Result<Answer, Lost>,
        about: Option<TicketId>,
        is_probe: bool,
        now: Timestamp,
    ) {
        self.with_state(|state| {
            state.health.hear(answer, about, is_probe, &self.backoff);
            if let Ok(answer) = answer {
                state.read(answer, asked, now);
            }
        });
        // Only whoever is in the turnstile waits for it.
        self.heard.notify_waiters();
    }

    /// What the next request waits for.
    pub fn waiting(&self) -> Waiting {
        self.with_state(|state| state.waiting.clone())
    }

    /// The pace that is kept to, as the account's answers have corrected it.
    pub fn pace(&self) -> Pace {
        self.with_state(|state| state.pace)
    }

    /// What went through so far.
    pub fn counters(&self) -> Counters {
        self.with_state(|state| state.counters)
    }

    fn with_state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        // Nothing in here panics while it holds the lock, so a poisoned one holds good values.
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        change(&mut state)
    }
}

impl State {
    /// What the next request may do; if it may go, it has taken its slot and is counted.
    fn next(&mut self, backoff: &Backoff) -> Next {
        let next = self.apart_from_pace(backoff);
        if !matches!(next, Next::Go | Next::Probe) {
            self.slots.forget();
            return next;
        }
        if let Err(until) = self.slots.take() {
            return Next::Wait(until, Waiting::Rate);
        }
        self.health.let_go();
        self.waiting = Waiting::Nothing;
        self.counters.requests += 1;
        next
    }

    /// What the next request might do if it need not keep to a pace of its own.
    fn apart_from_pace(&self, backoff: &Backoff) -> Next {
        let now = Instant::now();
        if let Some((until, pause)) = self.pause.filter(|(until, _)| *until > now) {
            return Next::Wait(until, Waiting::RetryAfter { pause });
        }
        if let Some((until, usage)) = self.bucket.free_at(self.pace, self.counters.requests)
            && until > now
        {
            return Next::Wait(until, Waiting::Bucket(usage));
        }
        match self.health.gate(backoff) {
            Gate::Open => Next::Go,
            Gate::Probe => Next::Probe,
            Gate::CutOff(cause) => Next::CutOff(cause),
            Gate::Shut { until, since, cause } => Next::Wait(until, Waiting::Outage { since, cause }),
        }
    }

    fn read(&mut self, answer: &Answer, asked: Asked, now: Timestamp) {
        if let Some(usage) = answer.usage {
            self.counters.usage = Some(usage);
            self.counters.peak = self.counters.peak.max(usage.used);
            self.bucket.read(usage, asked);
            let pace = self.pace.corrected(usage.limit);
            if pace != self.pace {
                self.pace = pace;
                self.slots = Slots::after_a_slot(pace.interval());
            }
        }
        let asks_to_wait = answer.status == 429 || (answer.status >= 500 && answer.retry_after.is_some());
        self.counters.throttled += u64::from(answer.status == 429);
        if asks_to_wait {
            // Without a number, a second is what the slowest account needs for two requests.
            let asked = answer.pause(now).unwrap_or(Duration::from_secs(1));
            let pause = asked.min(LONGEST_PAUSE);
            let until = Instant::now() + pause;
            if self.pause.is_none_or(|(earlier, _)| earlier < until) {
                self.pause = Some((until, pause));
            }
        }
    }
}
