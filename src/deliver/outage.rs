//! When the account is away: no connection, or errors of the other side whatever is asked.
//!
//! Then everybody waits, and one request at a time finds out whether it is over: first one that changes nothing, and when
//! that is answered, a single one of those that wait. So an outage of hours costs a handful of requests, and no message
//! its tries.

use std::time::Duration;

use tokio::time::Instant;

use super::Backoff;
use super::verdict::{not_now, unanswered};
use crate::gorgias::{Answer, Lost};
use crate::record::{Cause, CauseKind, TicketId};

/// So many failures one after the other are an outage …
const FAILURES: u32 = 5;
/// … if they are about so many tickets: one message that the account can't digest is none.
const TICKETS: usize = 3;
/// Errors about fewer tickets than this may still be about those alone: they are tried again soon, so that their tries are
/// used up before the account counts as gone.
const FEW: usize = 8;
/// How soon.
const SOON: Duration = Duration::from_secs(5);
/// How long the single request that tries again may take, before another one does.
const TRIAL: Duration = Duration::from_mins(2);

/// What is known of the account's health.
#[derive(Debug, Default)]
pub(super) struct Health {
    // Whether there has been an answer at all.
    is_reached: bool,
    failing: Option<Failing>,
    outage: Option<Outage>,
}

/// Failures without an answer between them.
#[derive(Debug)]
struct Failing {
    since: Instant,
    failures: u32,
    // What they were about; requests that are about no ticket are all different.
    about: Vec<Option<TicketId>>,
}

#[derive(Debug)]
struct Outage {
    since: Instant,
    holds: u32,
    stage: Stage,
    last: Cause,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    /// Everybody waits until then.
    Holding(Instant),
    /// It answers again: the next request may try.
    Answering,
    /// That one is out; it should be back by then.
    Trying(Instant),
}

/// Whether a request may go.
#[derive(Debug)]
pub(super) enum Gate {
    Open,
    /// Not before `until`; since when the account is away, and how that shows.
    Shut {
        until: Instant,
        since: Instant,
        cause: Cause,
    },
    /// Only one that changes nothing.
    Probe,
    /// It was away for longer than is allowed.
    CutOff(Cause),
}

impl Health {
    /// Whether a request may go now.
    pub(super) fn gate(&self, backoff: &Backoff) -> Gate {
        let Some(outage) = &self.outage else { return Gate::Open };
        let now = Instant::now();
        let end = outage.since + backoff.longest_outage(self.is_reached);
        if now >= end {
            return Gate::CutOff(outage.last.clone());
        }
        match outage.stage {
            Stage::Holding(until) | Stage::Trying(until) if until > now => {
                Gate::Shut { until: until.min(end), since: outage.since, cause: outage.last.clone() }
            }
            // Before the first answer there is nothing to go back to.
            Stage::Holding(_) if !self.is_reached => Gate::Open,
            Stage::Holding(_) | Stage::Trying(_) => Gate::Probe,
            Stage::Answering => Gate::Open,
        }
    }

    /// A request goes. If the account has just come back, it is the one that tries.
    pub(super) fn let_go(&mut self) {
        if let Some(outage) = self.outage.as_mut().filter(|outage| matches!(outage.stage, Stage::Answering)) {
            outage.stage = Stage::Trying(Instant::now() + TRIAL);
        }
    }

    /// Takes in what came of a request about `about`; `is_probe` if it only asked whether the account is there.
    pub(super) fn hear(
        &mut self,
        answer: &Result<Answer, Lost>,
        about: Option<TicketId>,
        is_probe: bool,
        backoff: &Backoff,
    ) {
        if let Some(cause) = failure(answer) {
            return self.fail(cause, matches!(answer, Err(Lost::NotReached(_))), about, backoff);
        }
        self.is_reached = true;
        match &mut self.outage {
            Some(outage) if is_probe => outage.stage = Stage::Answering,
            _ => (self.outage, self.failing) = (None, None),
        }
    }

    fn fail(&mut self, cause: Cause, is_cut_off: bool, about: Option<TicketId>, backoff: &Backoff) {
        let now = Instant::now();
        let failing = self.failing.get_or_insert(Failing { since: now, failures: 0, about: Vec::new() });
        failing.failures += 1;
        if failing.about.len() < FEW && (about.is_none() || !failing.about.contains(&about)) {
            failing.about.push(about);
        }
        let is_outage = is_cut_off || (failing.failures >= FAILURES && failing.about.len() >= TICKETS);
        if self.outage.is_none() && !is_outage {
            return;
        }
        let since = failing.since;
        let is_few = failing.about.len() < FEW && cause.kind == CauseKind::Unavailable;
        let longest = backoff.longest_outage(self.is_reached);
        let outage =
            self.outage.get_or_insert(Outage { since, holds: 0, stage: Stage::Answering, last: cause.clone() });
        outage.last = cause;
        // Requests that were out together fail together: they count once.
        if !matches!(outage.stage, Stage::Holding(until) if until > now) {
            outage.holds += 1;
            let most = if is_few { SOON } else { backoff.most };
            // Often enough that the longest outage allowed is not overrun by much.
            outage.stage = Stage::Holding(now + backoff.bound(outage.holds).min(most).min(longest / 4));
        }
    }
}

/// Why an answer is none of an account that works; `None` if it is one.
fn failure(answer: &Result<Answer, Lost>) -> Option<Cause> {
    match answer {
        Err(lost) => Some(Cause::new(CauseKind::Unreachable, unanswered(lost).1.detail)),
        Ok(answer) if answer.status == 429 => None,
        Ok(answer) => not_now(answer).map(|(_, detail)| Cause::new(CauseKind::Unavailable, detail)),
    }
}
