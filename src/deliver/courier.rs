//! Taking requests to the account: permit, try, and again. Everything that talks to an account goes through here, reads
//! as much as updates, because they all drain from one bucket.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::pacer::Permit;
use super::side_effect::{must_not_be_repeated, was_deleted};
use super::tries::Tries;
use super::verdict::{Setback, Verdict, judge, not_now, stops, unanswered};
use super::{Backoff, Clock, Pacer};
use crate::checkpoint::{Attempt, CheckpointError, Entry, Writer};
use crate::gorgias::{Answer, Lost, Request, Transport};
use crate::record::{Action, Cause, CauseKind, Target};

/// What all requests of one command share.
#[derive(Debug)]
pub struct Courier<T> {
    /// What takes requests to the account.
    pub transport: T,
    /// What says when one may go.
    pub pacer: Arc<Pacer>,
    /// How tries are spaced.
    pub backoff: Backoff,
    /// What time it is.
    pub clock: Clock,
    /// True once the command is to stop: what is out is finished, nothing new is tried.
    pub stopping: watch::Receiver<bool>,
}

/// Why no further request may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Halt {
    /// The command was told to stop.
    Stopping,
    /// The account was away for too long: this is how that shows.
    CutOff(Cause),
}

impl Halt {
    /// The reason for which no request of this command can work, if it has one of its own.
    pub fn cause(self) -> Option<Cause> {
        match self {
            Self::Stopping => None,
            Self::CutOff(cause) => Some(cause),
        }
    }
}

impl From<Halt> for Unread {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::Stopping => Self::Stopping,
            Halt::CutOff(cause) => Self::Stop(cause),
        }
    }
}

/// Why there is nothing to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// The account says no, for good: it is not there, merged, or asked for in a wrong way.
    Refused {
        /// The answer's status.
        status: u16,
        /// What it said.
        cause: Cause,
        /// Where it is now, as far as the answer tells.
        location: Option<String>,
    },
    /// Every try was answered with an error, or the answer was lost.
    TriesUsedUp(Cause),
    /// No request of this command can work.
    Stop(Cause),
    /// The command was told to stop first.
    Stopping,
}

/// What an update came to, after all its tries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The account holds it now; its answer.
    Updated(Answer),
    /// It was refused for good, or every try was answered with an error.
    Refused(Cause),
    /// It went out, and whether it arrived is not known.
    Lost(Cause),
    /// The command stops: because of this, or because it was told to between two tries.
    Stopped {
        /// The reason for which no update of this command can work.
        cause: Option<Cause>,
        /// Whether one of the tries may have been written.
        may_be_written: bool,
    },
}

impl<T: Transport> Courier<T> {
    /// Sends an update of `target` that leaves it with `external_id`, try by try; the first one has its permit already.
    /// `action` is the side effect that it asks for.
    /// Tries that another follows are journalled; the last one is handed back, to be recorded with what it came to.
    ///
    /// # Errors
    /// When a try could not be recorded. Then nothing more may be sent.
    pub async fn update(
        &self,
        target: Target,
        body: &Map<String, Value>,
        action: Option<Action>,
        external_id: Option<&str>,
        journal: &Writer,
    ) -> Result<(Sent, Option<Attempt>), Arc<CheckpointError>> {
        let mut may_be_written = false;
        let mut tries = Tries::default();
        loop {
            let begun = Instant::now();
            let (answer, mut attempt) = self.attempt(target, Request::update(target, body, action)).await;
            let (setback, cause) = match judge(&answer, external_id) {
                Verdict::Updated => return Ok((Sent::Updated(answer.unwrap_or_default()), Some(attempt))),
                Verdict::Refused(_) if was_deleted(action, attempt.status, may_be_written) => {
                    return Ok((Sent::Updated(Answer::default()), Some(attempt)));
                }
                Verdict::Refused(cause) => {
                    attempt.cause = Some(cause.clone());
                    return Ok((Sent::Refused(cause), Some(attempt)));
                }
                Verdict::Stop(cause) => {
                    attempt.cause = Some(cause.clone());
                    return Ok((Sent::Stopped { cause: Some(cause), may_be_written }, Some(attempt)));
                }
                Verdict::Again(setback, cause) => (setback, cause),
            };
            may_be_written |= setback.may_be_written();
            attempt.cause = Some(cause.clone());
            if must_not_be_repeated(action, setback) {
                return Ok((Sent::Lost(cause), Some(attempt)));
            }
            let Some(wait) = tries.next(setback, begun, &self.backoff) else {
                let sent = if setback == Setback::Lost { Sent::Lost(cause) } else { Sent::Refused(cause) };
                return Ok((sent, Some(attempt)));
            };
            journal.record(Entry::Tried(attempt)).await?;
            if let Err(halt) = self.pause(wait).await {
                return Ok((Sent::Stopped { cause: halt.cause(), may_be_written }, None));
            }
        }
    }

    /// One try: sends `request`, and notes how that went.
    async fn attempt(&self, target: Target, request: Request) -> (Result<Answer, Lost>, Attempt) {
        let started = self.clock.now();
        // The time of day may be put forward or back meanwhile.
        let began = Instant::now();
        let answer = self.ask(request).await;
        let took = began.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
        let status = answer.as_ref().ok().map(|answer| answer.status);
        (answer, Attempt { target, started, took, status, cause: None })
    }

    /// Reads what `request` asks for, try by try.
    ///
    /// # Errors
    /// When there is nothing to be read, with the reason.
    pub async fn read(&self, request: &Request) -> Result<Value, Unread> {
        self.read_answer(request).await.map(|(value, _)| value)
    }

    /// The same, with the answer around it for what its headers tell.
    ///
    /// # Errors
    /// When there is nothing to be read, with the reason.
    pub async fn read_answer(&self, request: &Request) -> Result<(Value, Answer), Unread> {
        self.permit().await?;
        let mut tries = Tries::default();
        loop {
            let begun = Instant::now();
            let answer = self.ask(request.clone()).await;
            let (setback, cause) = match answer {
                Ok(answer) => match judge_read(&answer) {
                    Ok(value) => return Ok((value, answer)),
                    Err(Judged::Final(unread)) => return Err(unread),
                    Err(Judged::Again(setback, cause)) => (setback, cause),
                },
                Err(lost) => unanswered(&lost),
            };
            match tries.next(setback, begun, &self.backoff) {
                Some(wait) => self.pause(wait).await?,
                None => return Err(Unread::TriesUsedUp(Cause::new(CauseKind::TriesUsedUp, cause.detail))),
            }
        }
    }

    /// Sends `request` once, and lets the pacer learn from the answer.
    ///
    /// # Errors
    /// When no answer arrived.
    pub async fn ask(&self, request: Request) -> Result<Answer, Lost> {
        self.send(request, false).await
    }

    async fn send(&self, request: Request, is_probe: bool) -> Result<Answer, Lost> {
        let (asked, about) = (self.pacer.asks(), request.ticket);
        let answer = self.transport.send(request).await;
        self.pacer.learn(asked, &answer, about, is_probe, self.clock.now());
        answer
    }

    /// Waits for a permit. While the account is away, whoever is next in turn finds out when it is back.
    ///
    /// # Errors
    /// When the command is to stop first.
    pub async fn permit(&self) -> Result<(), Halt> {
        let mut stopping = self.stopping.clone();
        let permitted = async {
            loop {
                match self.pacer.permit().await {
                    Permit::Go => return Ok(()),
                    Permit::CutOff(cause) => return Err(Halt::CutOff(cause)),
                    Permit::Probe(turn) => {
                        // What it came to, the pacer has learnt.
                        let _ = self.send(Request::account(), true).await;
                        drop(turn);
                    }
                }
            }
        };
        tokio::select! {
            biased;
            _ = stopping.wait_for(|&stop| stop) => Err(Halt::Stopping),
            permitted = permitted => permitted,
        }
    }

    /// Waits before the next try and for its permit.
    ///
    /// # Errors
    /// When the command is to stop first.
    pub async fn pause(&self, wait: Duration) -> Result<(), Halt> {
        let mut stopping = self.stopping.clone();
        tokio::select! {
            biased;
            _ = stopping.wait_for(|&stop| stop) => return Err(Halt::Stopping),
            () = sleep(wait) => {}
        }
        self.permit().await
    }
}

/// What an answer to a question comes to, where it is not what was asked for.
enum Judged {
    Final(Unread),
    Again(Setback, Cause),
}

fn judge_read(answer: &Answer) -> Result<Value, Judged> {
    if let Some(cause) = stops(answer) {
        return Err(Judged::Final(Unread::Stop(cause)));
    }
    if let Some((setback, detail)) = not_now(answer) {
        return Err(Judged::Again(setback, Cause::new(CauseKind::Unavailable, detail)));
    }
    let status = answer.status;
    match status {
        200..=299 => serde_json::from_slice(&answer.body).map_err(|_| {
            let cause = Cause::new(CauseKind::LostAnswer, format!("{status}: the answer can't be read"));
            Judged::Again(Setback::Lost, cause)
        }),
        300..=399 => {
            let cause = Cause::new(CauseKind::Refused, format!("{status}: it was merged into another or moved"));
            Err(Judged::Final(Unread::Refused { status, cause, location: answer.location.clone() }))
        }
        _ => {
            let said = answer.complaint().unwrap_or_else(|| "no message".into());
            let cause = Cause::new(CauseKind::Refused, format!("{status}: {said}"));
            Err(Judged::Final(Unread::Refused { status, cause, location: None }))
        }
    }
}
