//! How many messages may fail before a run stops.

use std::collections::VecDeque;
use std::str::FromStr;

use crate::record::{Cause, CauseKind, State, count, grouped};

/// So many of the last [`RECENT`] outcomes with one cause are no accident.
const SAME: usize = 20;
/// How far back one looks for that.
const RECENT: usize = 25;
/// A share says nothing before so many messages have their outcome.
const SAMPLE: u64 = 100;

/// The operator's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaxFailures {
    /// So many messages of the run.
    Count(u64),
    /// A share of those that have their outcome, in ten thousandths; counted from the 100th outcome on.
    Share(u32),
}

/// The text is no limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no limit for failures: it is a number of messages, or a share of them such as 2%")]
pub struct MaxFailuresError(String);

impl FromStr for MaxFailures {
    type Err = MaxFailuresError;

    fn from_str(text: &str) -> Result<Self, MaxFailuresError> {
        let wrong = || MaxFailuresError(text.to_owned());
        let Some(percent) = text.strip_suffix('%') else {
            return text.parse().map(Self::Count).map_err(|_| wrong());
        };
        let (whole, decimals) = percent.trim().split_once('.').unwrap_or((percent.trim(), ""));
        let hundredths = format!("{decimals:0<2}").parse::<u32>().ok().filter(|_| decimals.len() <= 2);
        let whole = whole.parse::<u32>().ok().filter(|whole| *whole <= 100);
        let share = whole.zip(hundredths).map(|(whole, hundredths)| whole * 100 + hundredths);
        share.filter(|share| *share <= 10_000).map(Self::Share).ok_or_else(wrong)
    }
}

impl std::fmt::Display for MaxFailures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(most) => f.write_str(&grouped(*most)),
            Self::Share(share) if share % 100 == 0 => write!(f, "{}%", share / 100),
            Self::Share(share) => write!(f, "{}.{:02}%", share / 100, share % 100),
        }
    }
}

/// Counts what fails, and says when that is enough.
#[derive(Debug)]
pub(super) struct Budget {
    limit: Option<MaxFailures>,
    keeps_going: bool,
    done: u64,
    failed: u64,
    // Why each of the last messages failed; `None` for one that did not.
    recent: VecDeque<Option<Cause>>,
}

impl Budget {
    /// A budget of `limit`; with `keeps_going`, one cause may strike again and again.
    pub(super) fn new(limit: Option<MaxFailures>, keeps_going: bool) -> Self {
        Self { limit, keeps_going, done: 0, failed: 0, recent: VecDeque::with_capacity(RECENT) }
    }

    /// Counts an outcome; gives the reason to stop if it is one too many.
    pub(super) fn count(&mut self, state: State, cause: Option<&Cause>) -> Option<Cause> {
        let failed = cause.filter(|_| matches!(state, State::Failed | State::Unconfirmed));
        self.done += 1;
        self.failed += u64::from(failed.is_some());
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(failed.cloned());
        failed.and_then(|cause| self.same_again(cause)).or_else(|| self.too_many())
    }

    /// One cause that strikes nearly every message is not about the messages.
    fn same_again(&self, cause: &Cause) -> Option<Cause> {
        let same = self.recent.iter().flatten().filter(|recent| *recent == cause).count();
        (same >= SAME && !self.keeps_going).then(|| {
            let of = self.recent.len();
            Cause::new(CauseKind::SameAgain, format!("{same} of the last {of} messages failed alike: {}", cause.detail))
        })
    }

    fn too_many(&self) -> Option<Cause> {
        let limit = self.limit?;
        let is_over = match limit {
            MaxFailures::Count(most) => self.failed > most,
            MaxFailures::Share(share) => {
                self.done >= SAMPLE && self.failed.saturating_mul(10_000) > self.done.saturating_mul(share.into())
            }
        };
        is_over.then(|| {
            let (failed, done) = (grouped(self.failed), count(self.done, "message"));
            let detail = format!("{failed} of {done} failed, and --max-failures {limit} allows no more");
            Cause::new(CauseKind::TooManyFailures, detail)
        })
    }
}
