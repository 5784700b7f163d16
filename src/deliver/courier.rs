//! Taking requests to the account: permit, try, and again. Everything that talks to an account goes through here, reads
//! as much as updates, because they all drain from one bucket.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use tokio::time::sleep;

use super::tries::{Next, Tries};
use super::verdict::{Setback, not_now, stops, unanswered};
use super::{Backoff, Clock, Pacer};
use crate::gorgias::{Answer, Lost, Request, Transport};
use crate::record::{Cause, CauseKind};

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

/// Why there is nothing to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// The account says no, for good: it is not there, merged, or asked for in a wrong way.
    Refused {
        /// The answer's status.
        status: u16,
        /// What it said.
        cause: Cause,
    },
    /// Every try was answered with an error, or the answer was lost.
    TriesUsedUp(Cause),
    /// No request of this command can work.
    Stop(Cause),
    /// The command was told to stop first.
    Stopping,
}

impl<T: Transport> Courier<T> {
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
        if !self.permit().await {
            return Err(Unread::Stopping);
        }
        let mut tries = Tries::default();
        loop {
            let answer = self.ask(request.clone()).await;
            let (setback, cause) = match answer {
                Ok(answer) => match judge_read(&answer) {
                    Ok(value) => return Ok((value, answer)),
                    Err(Judged::Final(unread)) => return Err(unread),
                    Err(Judged::Again(setback, cause)) => (setback, cause),
                },
                Err(lost) => unanswered(&lost),
            };
            match tries.next(setback, &self.backoff, &self.pacer) {
                Next::Wait(wait) if self.pause(wait).await => {}
                Next::Wait(_) => return Err(Unread::Stopping),
                Next::Stop => return Err(Unread::Stop(cause)),
                Next::GiveUp => return Err(Unread::TriesUsedUp(Cause::new(CauseKind::TriesUsedUp, cause.detail))),
            }
        }
    }

    /// Sends `request` once, and lets the pacer learn from the answer.
    ///
    /// # Errors
    /// When no answer arrived.
    pub async fn ask(&self, request: Request) -> Result<Answer, Lost> {
        let answer = self.transport.send(request).await;
        self.pacer.learn(&answer, self.clock.now(), &self.backoff);
        answer
    }

    /// Waits for a permit; false if the command is to stop first.
    pub async fn permit(&self) -> bool {
        let mut stopping = self.stopping.clone();
        tokio::select! {
            biased;
            _ = stopping.wait_for(|&stop| stop) => false,
            () = self.pacer.permit() => true,
        }
    }

    /// Waits before the next try and for its permit; false if the command is to stop first.
    pub async fn pause(&self, wait: Duration) -> bool {
        let mut stopping = self.stopping.clone();
        let is_over = tokio::select! {
            biased;
            _ = stopping.wait_for(|&stop| stop) => false,
            () = sleep(wait) => true,
        };
        is_over && self.permit().await
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
            Err(Judged::Final(Unread::Refused { status, cause }))
        }
        _ => {
            let said = answer.complaint().unwrap_or_else(|| "no message".into());
            let cause = Cause::new(CauseKind::Refused, format!("{status}: {said}"));
            Err(Judged::Final(Unread::Refused { status, cause }))
        }
    }
}
