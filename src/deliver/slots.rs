//! Evenly spaced moments at which requests may go.
//!
//! `governor` does the counting, on tokio's clock; its own waiting would sleep in real time, so whoever waits does that
//! here.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::{Clock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

type Limiter = RateLimiter<NotKeyed, InMemoryState, SlotClock, NoOpMiddleware<Elapsed>>;

/// Hands out one slot after each interval. Slots that nobody took are gone.
#[derive(Debug)]
pub(super) struct Slots {
    limiter: Option<Limiter>,
}

impl Slots {
    /// Slots `interval` apart; without one there is always a slot.
    pub(super) fn new(interval: Option<Duration>) -> Self {
        let clock = |interval| SlotClock { origin: Instant::now(), due: Arc::default(), late: interval / 8 };
        let limiter = interval.and_then(|interval| {
            let quota = Quota::with_period(interval)?.allow_burst(std::num::NonZeroU32::MIN);
            Some(RateLimiter::direct_with_clock(quota, clock(interval)))
        });
        Self { limiter }
    }

    /// The same from now on, and the first slot is one interval away: what went a moment ago went with other slots.
    pub(super) fn after_a_slot(interval: Option<Duration>) -> Self {
        let slots = Self::new(interval);
        // There is always a first one.
        let _ = slots.take();
        slots
    }

    /// Nobody waits for a slot alone any more: whoever comes late was kept by something else, and gets no credit for it.
    pub(super) fn forget(&self) {
        if let Some(limiter) = &self.limiter {
            limiter.clock().due.store(0, Ordering::Relaxed);
        }
    }

    /// Takes the present slot, or says when the next one comes.
    pub(super) fn take(&self) -> Result<(), Instant> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        let clock = limiter.clock();
        let taken = limiter.check();
        clock.due.store(0, Ordering::Relaxed);
        taken.map_err(|refused| {
            let wait = refused.wait_time_from(clock.now());
            clock.due.store((clock.origin.elapsed() + wait).as_nanos().try_into().unwrap_or(0), Ordering::Relaxed);
            Instant::now() + wait
        })
    }
}

/// Governor's view of tokio's clock, which stands still or runs ahead in virtual time.
///
/// A timer always wakes a little late. Whoever waited for a slot and takes it late takes it for the moment at which it
/// was due: otherwise each bit of lateness would put off all that follows, by 1 % in a night at 8 requests a second.
#[derive(Debug, Clone)]
struct SlotClock {
    origin: Instant,
    // The slot that somebody waits for, in nanoseconds since the origin; 0 where nobody does.
    due: Arc<AtomicU64>,
    // So late and no later: after a laptop's sleep, slots that have passed are gone.
    late: Duration,
}

/// Time since the slots were made.
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

impl Clock for SlotClock {
    type Instant = Elapsed;

    fn now(&self) -> Elapsed {
        let now = self.origin.elapsed();
        let due = Duration::from_nanos(self.due.load(Ordering::Relaxed));
        Elapsed(if !due.is_zero() && (due..due + self.late).contains(&now) { due } else { now })
    }
}
