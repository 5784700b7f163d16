//! The one place that says when the next request may go.
//!
//! A bucket drains at the same rate however full it is, so nothing is gained by filling it: permits are spaced evenly
//! (a burst of one), and the bucket stays nearly empty, with room for the account's other integrations. Permits are
//! handed out in the order in which they are asked for.
//!
//! `governor` does the counting, on tokio's clock; its own waiting would sleep in real time, so the waiting is ours.

use std::sync::Mutex;
use std::time::Duration;

use governor::clock::{Clock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use jiff::Timestamp;
use tokio::sync::Mutex as Turnstile;
use tokio::time::{Instant, sleep_until};

use super::{Backoff, Rate};
use crate::gorgias::{Answer, Lost, Usage};

/// The most that `Retry-After` may ask for: a longer pause is somebody's mistake, and a run would seem dead.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// What a run waits for; the operator reads it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Waiting {
    /// Nothing: a request may go.
    #[default]
    Nothing,
    /// The account's rate.
    Rate,
    /// The account asked for a pause (429), and all requests wait together.
    RetryAfter {
        /// How long it asked for.
        pause: Duration,
    },
    /// There is no connection; now and then one request tries.
    NoConnection {
        /// Since when.
        since: Instant,
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

/// Hands out permits, one a request.
#[derive(Debug)]
pub struct Pacer {
    limiter: Option<RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Elapsed>>>,
    // Whoever is in it waits for the next permit; the others queue behind, first come, first served.
    turnstile: Turnstile<()>,
    state: Mutex<PacerState>,
}

#[derive(Debug, Default)]
struct PacerState {
    // Until when everybody waits, and why.
    hold: Option<(Instant, Waiting)>,
    outage: Option<Outage>,
    // Whether there has been a connection at all.
    is_reached: bool,
    waiting: Waiting,
    counters: Counters,
}

/// A time without a connection.
#[derive(Debug)]
struct Outage {
    since: Instant,
    // How often everybody was made to wait for it.
    holds: u32,
}

impl PacerState {
    /// Makes everybody wait for `pause`, unless they wait longer already.
    fn hold(&mut self, pause: Duration, reason: Waiting) {
        let until = Instant::now() + pause;
        if self.hold.as_ref().is_none_or(|(earlier, _)| *earlier < until) {
            self.hold = Some((until, reason));
        }
    }
}

impl Pacer {
    /// A pacer at `rate`.
    pub fn new(rate: Rate) -> Self {
        let quota = rate.interval().and_then(Quota::with_period);
        Self {
            limiter: quota.map(|quota| {
                RateLimiter::direct_with_clock(quota.allow_burst(std::num::NonZeroU32::MIN), TokioClock::new())
            }),
            turnstile: Turnstile::new(()),
            state: Mutex::default(),
        }
    }

    /// Waits until a request may go, and counts it.
    pub async fn permit(&self) {
        let _turn = self.turnstile.lock().await;
        while let Some((until, waiting)) = self.blocked_until() {
            self.with_state(|state| state.waiting = waiting);
            sleep_until(until).await;
        }
        self.with_state(|state| {
            state.waiting = Waiting::Nothing;
            state.counters.requests += 1;
        });
    }

    /// Learns from an answer: how full the bucket is, after a 429 how long everybody has to wait, and whether there is
    /// a connection at all.
    pub fn learn(&self, answer: &Result<Answer, Lost>, now: Timestamp, backoff: &Backoff) {
        self.with_state(|state| match answer {
            Ok(answer) => {
                state.outage = None;
                state.is_reached = true;
                if let Some(usage) = answer.usage {
                    state.counters.usage = Some(usage);
                    state.counters.peak = state.counters.peak.max(usage.used);
                }
                if answer.status == 429 {
                    state.counters.throttled += 1;
                    // Without a number, a second is what the slowest account needs for two requests.
                    let asked = answer.pause(now).unwrap_or(Duration::from_secs(1));
                    let pause = asked.min(LONGEST_PAUSE);
                    state.hold(pause, Waiting::RetryAfter { pause });
                }
            }
            Err(Lost::NotReached(_)) => {
                let outage = state.outage.get_or_insert(Outage { since: Instant::now(), holds: 0 });
                let since = outage.since;
                // Requests that were out together fail together: they count once.
                if state.hold.as_ref().is_none_or(|(until, _)| *until <= Instant::now()) {
                    outage.holds += 1;
                    // Often enough that the longest outage allowed is not overrun by much.
                    let longest = backoff.longest_outage(state.is_reached);
                    let pause = backoff.bound(outage.holds).min(longest / 4);
                    state.hold(pause, Waiting::NoConnection { since });
                }
            }
            Err(Lost::NoAnswer(_)) => {}
        });
    }

    /// Whether there has been no connection for as long as `backoff` allows.
    pub fn is_cut_off(&self, backoff: &Backoff) -> bool {
        self.with_state(|state| {
            let longest = backoff.longest_outage(state.is_reached);
            state.outage.as_ref().is_some_and(|outage| outage.since.elapsed() >= longest)
        })
    }

    /// What the next request waits for.
    pub fn waiting(&self) -> Waiting {
        self.with_state(|state| state.waiting.clone())
    }

    /// What went through so far.
    pub fn counters(&self) -> Counters {
        self.with_state(|state| state.counters)
    }

    /// Until when the next request must wait, and why; `None` if it may go, and then it has its permit.
    fn blocked_until(&self) -> Option<(Instant, Waiting)> {
        let now = Instant::now();
        let held = self.with_state(|state| state.hold.clone().filter(|&(until, _)| until > now));
        if held.is_some() {
            return held;
        }
        let limiter = self.limiter.as_ref()?;
        let refused = limiter.check().err()?;
        Some((now + refused.wait_time_from(limiter.clock().now()), Waiting::Rate))
    }

    fn with_state<T>(&self, change: impl FnOnce(&mut PacerState) -> T) -> T {
        // Nothing in here panics while it holds the lock, so a poisoned one holds good values.
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        change(&mut state)
    }
}

/// Governor's view of tokio's clock, which stands still or runs ahead in virtual time.
#[derive(Debug, Clone)]
struct TokioClock {
    origin: Instant,
}

impl TokioClock {
    fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

/// Time since the pacer was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Elapsed(Duration);

impl std::ops::Add<Nanos> for Elapsed {
    type Output = Self;

    fn add(self, other: Nanos) -> Self {
        Self(self.0 + Duration::from(other))
    }
}

impl Reference for Elapsed {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_sub(earlier.0).into()
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.saturating_sub(duration.into()))
    }
}

impl Clock for TokioClock {
    type Instant = Elapsed;

    fn now(&self) -> Elapsed {
        Elapsed(self.origin.elapsed())
    }
}
