//! What one attempt came to: a value with a reason, decided without waiting.

use serde_json::Value;

use crate::gorgias::{Answer, Lost};
use crate::record::{Cause, CauseKind};

/// What one attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The account holds the update now.
    Updated,
    /// It will never work as it is.
    Refused(Cause),
    /// It may work later.
    Again(Setback, Cause),
    /// No update of this run can work: stop. Nothing was written.
    Stop(Cause),
}

/// Why a try came to nothing, though another may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setback {
    /// 429: the account is over its limit.
    Throttled,
    /// There was no connection.
    NotReached,
    /// The answer was an error of the other side.
    Error,
    /// The answer did not come back, or can't be read.
    Lost,
}

impl Setback {
    /// Whether the update may have been written all the same.
    pub fn may_be_written(self) -> bool {
        matches!(self, Self::Error | Self::Lost)
    }
}

/// The reason for which no request of this run can work, if `answer` gives one.
pub(super) fn stops(answer: &Answer) -> Option<Cause> {
    let said = || answer.complaint().unwrap_or_else(|| "no message".into());
    match answer.status {
        401 => Some(Cause::new(CauseKind::Credentials, format!("401: {}", said()))),
        403 => Some(Cause::new(CauseKind::Permission, format!("403: {}", said()))),
        404 if answer.is_html => Some(Cause::new(CauseKind::WrongDomain, "404 with a web page in place of an answer")),
        _ => None,
    }
}

/// What an answer that never came is taken for.
pub(super) fn unanswered(lost: &Lost) -> (Setback, Cause) {
    match lost {
        Lost::NotReached(reason) => {
            (Setback::NotReached, Cause::new(CauseKind::Unreachable, format!("no connection: {reason}")))
        }
        Lost::NoAnswer(reason) => {
            (Setback::Lost, Cause::new(CauseKind::LostAnswer, format!("the answer was lost: {reason}")))
        }
    }
}

/// What an answer is taken for that only says "not now"; `None` for any other.
pub(super) fn not_now(answer: &Answer) -> Option<(Setback, String)> {
    let said = || answer.complaint().unwrap_or_else(|| "no message".into());
    match answer.status {
        429 => Some((Setback::Throttled, "429: over the account's limit".into())),
        status @ (408 | 500..=599) => Some((Setback::Error, format!("{status}: {}", said()))),
        _ => None,
    }
}

/// Reads an answer to an update that leaves the message with `external_id`.
pub fn judge(answer: &Result<Answer, Lost>, external_id: Option<&str>) -> Verdict {
    match answer {
        Ok(answer) => judge_status(answer, external_id),
        Err(lost) => {
            let (setback, cause) = unanswered(lost);
            Verdict::Again(setback, cause)
        }
    }
}

fn judge_status(answer: &Answer, external_id: Option<&str>) -> Verdict {
    if let Some(cause) = stops(answer) {
        return Verdict::Stop(cause);
    }
    if let Some((setback, detail)) = not_now(answer) {
        return Verdict::Again(setback, Cause::new(CauseKind::TriesUsedUp, detail));
    }
    let status = answer.status;
    let refused = |detail: String| Verdict::Refused(Cause::new(CauseKind::Refused, detail));
    match status {
        200..=299 => judge_body(answer, external_id),
        300..=399 => refused(format!("{status}: the message was merged or moved; a redirect is never followed")),
        _ => refused(format!("{status}: {}", answer.complaint().unwrap_or_else(|| "no message".into()))),
    }
}

/// A 2xx confirms when its body holds our `external_id`, or is empty.
fn judge_body(answer: &Answer, external_id: Option<&str>) -> Verdict {
    if answer.body.is_empty() {
        return Verdict::Updated;
    }
    let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
    match body.as_ref().and_then(Value::as_object).and_then(|message| message.get("external_id")) {
        Some(Value::String(held)) if Some(held.as_str()) == external_id => Verdict::Updated,
        Some(Value::Null) if external_id.is_none() => Verdict::Updated,
        Some(_) => Verdict::Refused(Cause::new(
            CauseKind::WrongAnswer,
            format!("{}: the account answers with another external_id", answer.status),
        )),
        None => Verdict::Again(
            Setback::Lost,
            Cause::new(CauseKind::LostAnswer, format!("{}: the answer can't be read", answer.status)),
        ),
    }
}
