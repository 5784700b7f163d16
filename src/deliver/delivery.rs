//! Delivering one update: permit, intent, try, and again, until its outcome is on the disk.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::sync::watch;
use tokio::time::sleep;

use super::missing::{may_be_mailed, only_missing, other_external_id};
use super::verdict::{Verdict, judge, stops, unanswered};
use super::{Backoff, Clock, Pacer, Parcel};
use crate::checkpoint::{Attempt, CheckpointError, Entry, Writer};
use crate::gorgias::{Answer, Lost, Request, Transport};
use crate::record::{Cause, CauseKind, State, Target};

/// Everything that the deliveries of one run share.
#[derive(Debug)]
pub struct Delivery<T> {
    /// What takes requests to the account.
    pub transport: T,
    /// What says when one may go.
    pub pacer: Arc<Pacer>,
    /// How tries are spaced.
    pub backoff: Backoff,
    /// Where outcomes go.
    pub writer: Writer,
    /// What time it is.
    pub clock: Clock,
    /// Whether the message is read first and only what it lacks is written (`--write missing`).
    pub read_first: bool,
    /// True once the run is to stop: what is out is finished, nothing new is tried.
    pub stopping: watch::Receiver<bool>,
}

/// What became of one parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Where it went.
    pub target: Target,
    /// Its state now; `None` where the run stopped before it was touched.
    pub state: Option<State>,
    /// Why, unless it is updated.
    pub cause: Option<Cause>,
    /// The run must stop, for this reason.
    pub stop: Option<StopCause>,
}

/// A reason for which no update of this run can work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopCause(pub Cause);

/// The failure of a delivery: its outcome could not be recorded.
type Unrecorded = Arc<CheckpointError>;

enum Held {
    Body(Map<String, Value>),
    Blocked(Cause),
    Unreadable(Cause),
    Stopped(Option<Cause>),
}

impl<T: Transport> Delivery<T> {
    /// Delivers `parcel`; returns once its outcome is committed.
    ///
    /// # Errors
    /// When the checkpoint can't be written. Then nothing more may be sent.
    pub async fn deliver(&self, parcel: Parcel) -> Result<Delivered, Unrecorded> {
        if !self.read_first {
            return self.write(&parcel, &parcel.body).await;
        }
        match self.read(&parcel).await? {
            Held::Body(body) => self.write(&parcel, &body).await,
            Held::Blocked(cause) => self.settle(&parcel, State::Blocked, Some(cause), None).await,
            // Nothing was written, but a plan has no other move for "it is not there" than to try and be refused.
            Held::Unreadable(cause) => {
                self.writer.record(Entry::Intent { turn: parcel.turn }).await?;
                self.settle(&parcel, State::Failed, Some(cause), None).await
            }
            Held::Stopped(cause) => {
                Ok(Delivered { target: parcel.target, state: None, cause: None, stop: cause.map(StopCause) })
            }
        }
    }

    /// Writes `body`, try by try.
    async fn write(&self, parcel: &Parcel, body: &Map<String, Value>) -> Result<Delivered, Unrecorded> {
        if !self.permit().await {
            return Ok(Delivered { target: parcel.target, state: None, cause: None, stop: None });
        }
        self.writer.record(Entry::Intent { turn: parcel.turn }).await?;
        let mut may_be_written = false;
        let mut tried = 0;
        loop {
            tried += 1;
            let (verdict, mut attempt) = self.attempt(parcel, Request::update(parcel.target, body)).await;
            match verdict {
                Verdict::Updated => return self.settle(parcel, State::Updated, None, Some(attempt)).await,
                Verdict::Refused(cause) => {
                    return self.settle(parcel, State::Failed, Some(cause), Some(attempt)).await;
                }
                Verdict::Stop(cause) => {
                    attempt.cause = Some(cause.clone());
                    let delivered = self.release(parcel, may_be_written, Some(attempt)).await?;
                    return Ok(Delivered { stop: Some(StopCause(cause)), ..delivered });
                }
                Verdict::Again { may_be_written: this_one, cause } => {
                    may_be_written |= this_one;
                    attempt.cause = Some(cause.clone());
                    if tried >= self.backoff.tries {
                        return self.give_up(parcel, may_be_written, cause, attempt).await;
                    }
                    self.writer.record(Entry::Tried(attempt)).await?;
                    if !self.pause(tried).await {
                        return self.release(parcel, may_be_written, None).await;
                    }
                }
            }
        }
    }

    /// Reads the message first and decides what is left to write.
    async fn read(&self, parcel: &Parcel) -> Result<Held, Unrecorded> {
        if !self.permit().await {
            return Ok(Held::Stopped(None));
        }
        let mut tried = 0;
        loop {
            tried += 1;
            let answer = self.ask(Request::message(parcel.target)).await;
            if let Some(held) = body_of(&answer) {
                let ours = parcel.external_id.as_str();
                if other_external_id(&held, ours).is_some() {
                    let detail = "its target already holds another external_id";
                    return Ok(Held::Blocked(Cause::new(CauseKind::OtherExternalId, detail)));
                }
                let body = only_missing(&parcel.body, &held);
                if may_be_mailed(&body) {
                    let detail = "the account holds no internal note there, and sent_datetime is missing";
                    return Ok(Held::Blocked(Cause::new(CauseKind::Unsafe, detail)));
                }
                return Ok(Held::Body(body));
            }
            match judge(&answer, &parcel.external_id) {
                Verdict::Stop(cause) => return Ok(Held::Stopped(Some(cause))),
                Verdict::Updated | Verdict::Refused(_) => {
                    let status = answer.map_or(0, |answer| answer.status);
                    let cause = Cause::new(CauseKind::Refused, format!("{status} when it was read"));
                    return Ok(Held::Unreadable(cause));
                }
                Verdict::Again { cause, .. } if tried >= self.backoff.tries => {
                    return Ok(match cause.kind {
                        CauseKind::Unreachable => Held::Stopped(Some(cause)),
                        _ => Held::Unreadable(Cause::new(CauseKind::TriesUsedUp, cause.detail)),
                    });
                }
                Verdict::Again { .. } => {
                    if !self.pause(tried).await {
                        return Ok(Held::Stopped(None));
                    }
                }
            }
        }
    }

    /// One try: sends `request` and says what came of it.
    async fn attempt(&self, parcel: &Parcel, request: Request) -> (Verdict, Attempt) {
        let started = self.clock.now();
        let answer = self.ask(request).await;
        let now = self.clock.now();
        let took = now.duration_since(started).as_millis().try_into().unwrap_or(0);
        let verdict = judge(&answer, &parcel.external_id);
        let status = answer.ok().map(|answer| answer.status);
        (verdict, Attempt { target: parcel.target, started, took, status, cause: None })
    }

    /// Sends `request` once, and lets the pacer learn from the answer.
    async fn ask(&self, request: Request) -> Result<Answer, Lost> {
        let answer = self.transport.send(request).await;
        if let Ok(answer) = &answer {
            self.pacer.learn(answer, self.clock.now(), self.backoff.most);
        }
        answer
    }

    /// Waits for a permit; false if the run is to stop first.
    async fn permit(&self) -> bool {
        let mut stopping = self.stopping.clone();
        tokio::select! {
            biased;
            _ = stopping.wait_for(|&stop| stop) => false,
            () = self.pacer.permit() => true,
        }
    }

    /// Waits before the next try and for its permit; false if the run is to stop first.
    async fn pause(&self, tried: u32) -> bool {
        let wait: Duration = self.backoff.wait(tried, fastrand::f64());
        let mut stopping = self.stopping.clone();
        let is_over = tokio::select! {
            biased;
            _ = stopping.wait_for(|&stop| stop) => false,
            () = sleep(wait) => true,
        };
        is_over && self.permit().await
    }

    /// No try is left.
    async fn give_up(
        &self,
        parcel: &Parcel,
        may_be_written: bool,
        cause: Cause,
        attempt: Attempt,
    ) -> Result<Delivered, Unrecorded> {
        match cause.kind {
            CauseKind::Unreachable => {
                let delivered = self.release(parcel, may_be_written, Some(attempt)).await?;
                Ok(Delivered { stop: Some(StopCause(cause)), ..delivered })
            }
            CauseKind::LostAnswer => self.settle(parcel, State::Unconfirmed, Some(cause), Some(attempt)).await,
            _ => self.settle(parcel, State::Failed, Some(cause), Some(attempt)).await,
        }
    }

    /// The run stops between two tries: pending again if nothing can have been written, else unconfirmed.
    async fn release(
        &self,
        parcel: &Parcel,
        may_be_written: bool,
        attempt: Option<Attempt>,
    ) -> Result<Delivered, Unrecorded> {
        if may_be_written {
            let cause = Cause::new(CauseKind::LostAnswer, "the run stopped before it was confirmed");
            self.settle(parcel, State::Unconfirmed, Some(cause), attempt).await
        } else {
            self.settle(parcel, State::Pending, None, attempt).await
        }
    }

    async fn settle(
        &self,
        parcel: &Parcel,
        state: State,
        cause: Option<Cause>,
        mut attempt: Option<Attempt>,
    ) -> Result<Delivered, Unrecorded> {
        if let Some(attempt) = &mut attempt {
            attempt.cause = attempt.cause.take().or_else(|| cause.clone());
        }
        self.writer.record(Entry::Outcome { turn: parcel.turn, state, cause: cause.clone(), attempt }).await?;
        Ok(Delivered { target: parcel.target, state: Some(state), cause, stop: None })
    }

    /// Asks for the account itself: whether it is there, and whether it lets us in. One request.
    ///
    /// # Errors
    /// With the reason for which no update of this run could work.
    pub async fn greet(&self) -> Result<(), StopCause> {
        let mut tried = 0;
        loop {
            tried += 1;
            if !self.permit().await {
                return Ok(());
            }
            let cause = match self.ask(Request::account()).await {
                Ok(answer) if matches!(answer.status, 408 | 429 | 500..) => {
                    Cause::new(CauseKind::Unreachable, format!("the account answers with {}", answer.status))
                }
                // An account that answers is there; what it thinks of an update, the updates will tell.
                Ok(answer) => return stops(&answer).map_or(Ok(()), |cause| Err(StopCause(cause))),
                Err(lost) => unanswered(&lost),
            };
            if tried >= GREETINGS {
                return Err(StopCause(cause));
            }
            sleep(self.backoff.wait(tried, fastrand::f64())).await;
        }
    }
}

/// Tries for the first word with an account: a wrong address should be told in seconds.
const GREETINGS: u32 = 3;

fn body_of(answer: &Result<Answer, Lost>) -> Option<Map<String, Value>> {
    let answer = answer.as_ref().ok().filter(|answer| answer.status == 200)?;
    serde_json::from_slice(&answer.body).ok()
}
