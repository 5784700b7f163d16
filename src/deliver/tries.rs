//! Whether there is another try, and when.

use std::time::Duration;

use tokio::time::Instant;

use super::Backoff;
use super::verdict::Setback;

/// The tries of one update so far. What says nothing about the update itself, a 429 or a lost connection, is not
/// counted as a try: it may last for minutes, and the pacer makes everybody wait for it.
#[derive(Debug, Default)]
pub(super) struct Tries {
    counted: u32,
    throttled: u32,
    // What its own tries and waits have taken; not what everybody waited for.
    spent: Duration,
}

impl Tries {
    /// How long to wait before the next try, which then waits for its permit; `None` if there is none. `begun` is when the
    /// last one went out.
    pub(super) fn next(&mut self, setback: Setback, begun: Instant, backoff: &Backoff) -> Option<Duration> {
        self.spent += begun.elapsed();
        let wait = match setback {
            Setback::NotReached => Duration::ZERO,
            Setback::Throttled => {
                self.throttled += 1;
                if self.throttled >= backoff.throttled {
                    return None;
                }
                Duration::ZERO
            }
            Setback::Error | Setback::Lost => {
                self.counted += 1;
                if self.counted >= backoff.tries {
                    return None;
                }
                backoff.wait(self.counted, fastrand::f64())
            }
        };
        self.spent += wait;
        (self.spent <= backoff.time).then_some(wait)
    }
}
