//! How much longer a run will take.

use std::collections::VecDeque;
use std::time::Duration;

use super::Snapshot;

/// How far back the speed is measured.
const WINDOW: Duration = Duration::from_mins(5);
/// Fewer requests than this say nothing about the speed.
const SAMPLE: u64 = 20;

/// Looks at a run now and then, and says how long it still takes.
#[derive(Debug, Clone)]
pub struct Outlook {
    // Requests for each message, those that read first included.
    requests_each: f64,
    seen: VecDeque<(Duration, u64)>,
}

impl Outlook {
    /// An outlook for a run that makes about `requests` requests to update `updates` messages.
    #[expect(clippy::cast_precision_loss, reason = "counts of a run fit a float exactly, beyond any account's size")]
    pub fn new(requests: u64, updates: u64) -> Self {
        Self { requests_each: requests as f64 / updates.max(1) as f64, seen: VecDeque::new() }
    }

    /// Notes where the run is, `elapsed` after its beginning.
    pub fn look(&mut self, elapsed: Duration, snapshot: &Snapshot) {
        // A second apart is near enough, however often somebody looks.
        if self.seen.back().is_none_or(|(last, _)| elapsed >= *last + Duration::from_secs(1)) {
            self.seen.push_back((elapsed, snapshot.counters.requests));
        }
        while self.seen.front().is_some_and(|(first, _)| elapsed.saturating_sub(*first) > WINDOW) {
            self.seen.pop_front();
        }
    }

    /// How long it still takes, at its own pace or, where others slow it down, at the speed of the last minutes; `None`
    /// where nothing can be said yet.
    #[expect(clippy::cast_precision_loss, reason = "counts of a run fit a float exactly, beyond any account's size")]
    pub fn left(&self, snapshot: &Snapshot) -> Option<Duration> {
        let own = snapshot.pace.and_then(crate::deliver::Pace::interval).map(|each| each.as_secs_f64());
        let each = match (own, self.measured()) {
            (Some(own), Some(measured)) => own.max(measured),
            (own, measured) => own.or(measured)?,
        };
        let messages = snapshot.to_send.saturating_sub(snapshot.done()) as f64;
        Duration::try_from_secs_f64(messages * self.requests_each * each).ok()
    }

    /// The time between two requests of the last minutes, in seconds.
    #[expect(clippy::cast_precision_loss, reason = "counts of a run fit a float exactly, beyond any account's size")]
    fn measured(&self) -> Option<f64> {
        let ((from, before), (to, after)) = (self.seen.front()?, self.seen.back()?);
        let requests = after - before;
        (requests >= SAMPLE).then(|| to.saturating_sub(*from).as_secs_f64() / requests as f64)
    }
}
