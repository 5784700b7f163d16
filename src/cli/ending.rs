//! How a run ended: its headline, its exit code, and what to type next.

use std::path::Path;

use super::Exit;
use super::args::OutputArgs;
use super::checkpoint::named_or_only;
use super::failure::Failure;
use super::plan::quoted;
use super::report_files::write_report;
use super::terminal::{print, say};
use crate::account::ReadError;
use crate::checkpoint::Checkpoint;
use crate::record::{Cause, CauseKind, State};
use crate::report::{Report, count, run_text, to_json, waiting};
use crate::run::{Ending, RunError};

/// What a run says first; `is_sample` is whether it sent a sample only.
pub(super) fn headline(ending: &Ending, report: &Report, is_sample: bool) -> String {
    let left = report.to_send();
    match ending {
        Ending::Finished if left > 0 => {
            format!("Finished: every message was tried; {} not confirmed.", count(left, "message"))
        }
        Ending::Finished => "Finished.".into(),
        Ending::ChosenDone if is_sample => format!("The sample is sent; {}.", waiting(left)),
        Ending::ChosenDone => format!("Finished what was selected; {}.", waiting(report.waiting())),
        Ending::LimitReached => format!("Stopped at the limit; {}.", waiting(left)),
        Ending::TimeIsUp => format!("Stopped at the time that was set; {}. Nothing is lost.", waiting(left)),
        Ending::Interrupted => format!("Interrupted; {}. Nothing is lost.", waiting(left)),
        Ending::Stopped(_) => format!("Stopped; {}. Nothing is lost.", waiting(left)),
    }
}

/// Why a guard stopped the command, as the operator reads it; `then` follows what they can do about it.
pub(super) fn stopped(cause: &Cause, account: &str, then: &str) -> Failure {
    let said = cause.detail.trim_end_matches('.');
    let sentence = match cause.kind {
        CauseKind::Credentials => format!("{account} does not accept the credentials ({said})"),
        CauseKind::Permission => format!("{account} does not allow this user to update messages ({said})"),
        CauseKind::WrongDomain => format!("there is no Gorgias account at {account} ({said})"),
        CauseKind::Unreachable => format!("{account} can't be reached ({said})"),
        _ => format!("{account}: {said}"),
    };
    Failure::stopped(sentence, format!("{}, {then}", cause.kind.advice()))
}

/// What to type after a run with the checkpoint at `path`.
pub(super) fn next_command(report: &Report, path: &Path) -> Option<String> {
    let totals = &report.totals;
    let named = match named_or_only(None) {
        Ok(found) if found == path => String::new(),
        _ => format!(" --checkpoint {}", quoted(&path.to_string_lossy())),
    };
    let undone = report.runs.last().filter(|run| run.is_undo());
    let selected = report.selected.as_ref().filter(|_| report.to_send() > 0);
    if let Some(undone) = undone.filter(|_| report.waiting() > 0) {
        // What was taken back is pending; nobody who has just done that should be told to send it.
        Some(match undone.ended.as_deref() {
            Some("undone") => format!("nothing, if the undo was meant; deskferry resume{named} would send it anew"),
            _ => format!("deskferry undo{named} --yes, to end the undo; deskferry resume{named} would send it anew"),
        })
    } else if let Some(selected) = selected {
        Some(format!("deskferry {}{named}", selected.goes_on))
    } else if report.waiting() > 0 {
        Some(format!("deskferry resume{named}"))
    } else if totals.of(State::Failed) > 0 {
        Some(format!("deskferry errors{named} > errors.csv; when their causes are gone, deskferry retry{named}"))
    } else if totals.of(State::Blocked) > 0 {
        Some(format!("deskferry errors{named} > errors.csv: what to do stands beside each message"))
    } else {
        // Only where something was sent there is something to compare.
        (totals.of(State::Updated) > 0).then(|| format!("deskferry verify{named}"))
    }
}

/// What reading the account came to, where it is no run; `interrupted` says how it goes on.
pub(super) fn ended(looked: Option<Result<(), RunError>>, account: &str, interrupted: &str) -> Result<(), Failure> {
    match looked {
        Some(Err(RunError::Read(ReadError::Stopped(cause)))) => {
            Err(stopped(&cause, account, "then the same command again; nothing is lost"))
        }
        Some(Err(RunError::Read(ReadError::Interrupted))) | None => Err(Failure::interrupted(interrupted.to_owned())),
        Some(result) => Ok(result?),
    }
}

pub(super) fn exit_of(ending: &Ending, report: &Report) -> Exit {
    match ending {
        Ending::Interrupted => Exit::Interrupted,
        Ending::Stopped(_) => Exit::Stopped,
        Ending::Finished | Ending::LimitReached | Ending::ChosenDone | Ending::TimeIsUp if report.troubled() > 0 => {
            Exit::Troubled
        }
        Ending::Finished | Ending::LimitReached | Ending::ChosenDone | Ending::TimeIsUp => Exit::Done,
    }
}

pub(super) fn finish(
    report: &Report,
    checkpoint: &Checkpoint,
    headline: &str,
    explain: &[State],
    next: Option<&str>,
    output: &OutputArgs,
) -> Result<(), Failure> {
    if output.json {
        say(headline);
        print(&format!("{:#}\n", to_json(report, "run")));
    } else {
        print(&run_text(report, headline, explain, next));
    }
    write_report(report, checkpoint, "run", output.report.as_deref())
}
