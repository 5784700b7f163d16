//! What one attempt came to: a value with a reason, decided without waiting.

use serde_json::Value;

use crate::gorgias::{Answer, Lost};
use crate::record::{Cause, CauseKind, ExternalId};

/// What one attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The account holds the update now.
    Updated,
    /// It will never work as it is.
    Refused(Cause),
    /// It may work later.
    Again {
        /// Whether the update may have been written all the same.
        may_be_written: bool,
        /// The state's cause if no try follows.
        cause: Cause,
    },
    /// No update of this run can work: stop. Nothing was written.
    Stop(Cause),
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

/// The reason that an answer which never came gives.
pub(super) fn unanswered(lost: &Lost) -> Cause {
    match lost {
        Lost::NotReached(reason) => Cause::new(CauseKind::Unreachable, format!("no connection: {reason}")),
        Lost::NoAnswer(reason) => Cause::new(CauseKind::LostAnswer, format!("the answer was lost: {reason}")),
    }
}

/// Reads an answer to an update of the message with `external_id`.
pub fn judge(answer: &Result<Answer, Lost>, external_id: &ExternalId) -> Verdict {
    match answer {
        Ok(answer) => judge_status(answer, external_id),
        Err(lost) => Verdict::Again { may_be_written: matches!(lost, Lost::NoAnswer(_)), cause: unanswered(lost) },
    }
}

fn judge_status(answer: &Answer, external_id: &ExternalId) -> Verdict {
    if let Some(cause) = stops(answer) {
        return Verdict::Stop(cause);
    }
    let status = answer.status;
    let said = answer.complaint().unwrap_or_else(|| "no message".into());
    let refused = |detail: String| Verdict::Refused(Cause::new(CauseKind::Refused, detail));
    match status {
        200..=299 => judge_body(answer, external_id),
        300..=399 => refused(format!("{status}: the message was merged or moved; a redirect is never followed")),
        429 => Verdict::Again {
            may_be_written: false,
            cause: Cause::new(CauseKind::TriesUsedUp, "429: over the account's limit, every time"),
        },
        408 | 500..=599 => Verdict::Again {
            may_be_written: true,
            cause: Cause::new(CauseKind::TriesUsedUp, format!("{status}: {said}, every time")),
        },
        _ => refused(format!("{status}: {said}")),
    }
}

/// A 2xx confirms when its body holds our `external_id`, or is empty.
fn judge_body(answer: &Answer, external_id: &ExternalId) -> Verdict {
    if answer.body.is_empty() {
        return Verdict::Updated;
    }
    let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
    match body.as_ref().and_then(Value::as_object).and_then(|message| message.get("external_id")) {
        Some(Value::String(held)) if held == external_id.as_str() => Verdict::Updated,
        Some(_) => Verdict::Refused(Cause::new(
            CauseKind::WrongAnswer,
            format!("{}: the account answers with another external_id", answer.status),
        )),
        None => Verdict::Again {
            may_be_written: true,
            cause: Cause::new(CauseKind::LostAnswer, format!("{}: the answer can't be read", answer.status)),
        },
    }
}
