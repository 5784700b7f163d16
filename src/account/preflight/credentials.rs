//! Is the account there, and does it let us in?

use super::{Check, CheckName};
use crate::deliver::Unread;
use crate::record::{Cause, CauseKind};

pub(super) fn accepted() -> Check {
    Check::ok(CheckName::Credentials, "accepted")
}

pub(super) fn refused(unread: Unread) -> Check {
    let (finding, advice) = match unread {
        Unread::Stop(cause) => said(&cause),
        Unread::Refused { cause, .. } => (
            format!("this does not answer as a Gorgias account does ({})", tail(&cause)),
            "check GORGIAS_DOMAIN, or --base-url",
        ),
        Unread::TriesUsedUp(cause) => {
            (format!("the account does not answer as it should ({})", tail(&cause)), "try again later")
        }
        Unread::Stopping => ("the checks were interrupted".into(), "check again"),
    };
    Check::stop(CheckName::Credentials, finding, advice)
}

fn said(cause: &Cause) -> (String, &'static str) {
    let said = tail(cause);
    let finding = match cause.kind {
        CauseKind::Credentials => format!("the credentials are not accepted ({said})"),
        CauseKind::Permission => format!("the user may not read the account ({said})"),
        CauseKind::WrongDomain => {
            return (format!("there is no Gorgias account here ({said})"), "check GORGIAS_DOMAIN");
        }
        CauseKind::Unreachable => format!("the account can't be reached ({said})"),
        _ => said.to_owned(),
    };
    (finding, cause.kind.advice())
}

fn tail(cause: &Cause) -> &str {
    cause.detail.trim_end_matches('.')
}
