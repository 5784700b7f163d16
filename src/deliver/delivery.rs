//! Delivering one update: permit, intent, try, and again, until its outcome is on the disk.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::tries::{Next, Tries};
use super::verdict::{Setback, Verdict, judge};
use super::{Courier, Parcel};
use crate::checkpoint::{Attempt, CheckpointError, Entry, Writer};
use crate::gorgias::{Request, Transport};
use crate::record::{Cause, CauseKind, State, Target};

/// Everything that the deliveries of one run share.
#[derive(Debug)]
pub struct Delivery<T> {
    /// What takes requests to the account.
    pub courier: Courier<T>,
    /// Where outcomes go.
    pub writer: Writer,
    /// Whether the message is read first and only what it lacks is written (`--write missing`).
    pub read_first: bool,
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
pub(super) type Unrecorded = Arc<CheckpointError>;

impl<T: Transport> Delivery<T> {
    /// Delivers `parcel`; returns once its outcome is committed.
    ///
    /// # Errors
    /// When the checkpoint can't be written. Then nothing more may be sent.
    pub async fn deliver(&self, parcel: Parcel) -> Result<Delivered, Unrecorded> {
        if self.read_first { self.write_missing(&parcel).await } else { self.write(&parcel, &parcel.body).await }
    }

    /// Writes `body`, try by try.
    pub(super) async fn write(&self, parcel: &Parcel, body: &Map<String, Value>) -> Result<Delivered, Unrecorded> {
        if !self.courier.permit().await {
            return Ok(Delivered::untouched(parcel, None));
        }
        self.writer.record(Entry::Intent { turn: parcel.turn }).await?;
        let mut may_be_written = parcel.may_be_written;
        let mut tries = Tries::default();
        loop {
            let (verdict, mut attempt) = self.attempt(parcel, Request::update(parcel.target, body)).await;
            match verdict {
                Verdict::Updated => return self.settle(parcel, State::Updated, None, Some(attempt)).await,
                Verdict::Refused(cause) => {
                    return self.settle(parcel, State::Failed, Some(cause), Some(attempt)).await;
                }
                Verdict::Stop(cause) => {
                    attempt.cause = Some(cause.clone());
                    return self.release(parcel, may_be_written, Some(attempt), Some(cause)).await;
                }
                Verdict::Again(setback, cause) => {
                    may_be_written |= setback.may_be_written();
                    attempt.cause = Some(cause.clone());
                    match tries.next(setback, &self.courier.backoff, &self.courier.pacer) {
                        Next::Wait(wait) => {
                            self.writer.record(Entry::Tried(attempt)).await?;
                            if !self.courier.pause(wait).await {
                                return self.release(parcel, may_be_written, None, None).await;
                            }
                        }
                        Next::Stop => return self.release(parcel, may_be_written, Some(attempt), Some(cause)).await,
                        Next::GiveUp => {
                            let is_lost = setback == Setback::Lost;
                            let state = if is_lost { State::Unconfirmed } else { State::Failed };
                            return self.settle(parcel, state, Some(cause), Some(attempt)).await;
                        }
                    }
                }
            }
        }
    }

    /// One try: sends `request` and says what came of it.
    async fn attempt(&self, parcel: &Parcel, request: Request) -> (Verdict, Attempt) {
        let started = self.courier.clock.now();
        let answer = self.courier.ask(request).await;
        let now = self.courier.clock.now();
        let took = now.duration_since(started).as_millis().try_into().unwrap_or(0);
        let verdict = judge(&answer, &parcel.external_id);
        let status = answer.ok().map(|answer| answer.status);
        (verdict, Attempt { target: parcel.target, started, took, status, cause: None })
    }

    /// The run stops between two tries: pending again if nothing can have been written, else unconfirmed.
    async fn release(
        &self,
        parcel: &Parcel,
        may_be_written: bool,
        attempt: Option<Attempt>,
        stop: Option<Cause>,
    ) -> Result<Delivered, Unrecorded> {
        let delivered = if may_be_written {
            let cause = Cause::new(CauseKind::LostAnswer, "the run stopped before it was confirmed");
            self.settle(parcel, State::Unconfirmed, Some(cause), attempt).await?
        } else {
            self.settle(parcel, State::Pending, None, attempt).await?
        };
        Ok(Delivered { stop: stop.map(StopCause), ..delivered })
    }

    pub(super) async fn settle(
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
}

impl Delivered {
    /// The parcel was not sent: the run stops, for the reason `stop` if it has one of its own.
    pub(super) fn untouched(parcel: &Parcel, stop: Option<Cause>) -> Self {
        Self { target: parcel.target, state: None, cause: None, stop: stop.map(StopCause) }
    }
}
