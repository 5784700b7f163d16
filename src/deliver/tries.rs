//! Whether there is another try, and when.

use std::time::Duration;

use super::verdict::Setback;
use super::{Backoff, Pacer};

/// What follows a try that came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Another try, after this wait and a permit.
    Wait(Duration),
    /// None for this update.
    GiveUp,
    /// None for any update: the account can't be reached.
    Stop,
}

/// The tries of one update so far. What says nothing about the update itself, a 429 or a lost connection, is not
/// counted as a try: it may last for minutes, and the pacer makes everybody wait for it.
#[derive(Debug, Default)]
pub(super) struct Tries {
    counted: u32,
    throttled: u32,
}

impl Tries {
    pub(super) fn next(&mut self, setback: Setback, backoff: &Backoff, pacer: &Pacer) -> Next {
        match setback {
            Setback::NotReached if pacer.is_cut_off(backoff) => Next::Stop,
            Setback::NotReached => Next::Wait(Duration::ZERO),
            Setback::Throttled => {
                self.throttled += 1;
                if self.throttled >= backoff.throttled { Next::GiveUp } else { Next::Wait(Duration::ZERO) }
            }
            Setback::Error | Setback::Lost => {
                self.counted += 1;
                if self.counted >= backoff.tries {
                    Next::GiveUp
                } else {
                    Next::Wait(backoff.wait(self.counted, fastrand::f64()))
                }
            }
        }
    }
}
