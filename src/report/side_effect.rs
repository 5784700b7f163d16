//! The side effect that an operator asks the account for, in words.

use super::{Report, count};
use crate::record::Action;

/// What is said before the first request of a run that asks for `action` with the updates of so many messages.
pub fn announcement(action: Action, messages: u64) -> String {
    let word = action.word();
    format!("SIDE EFFECT (--action {word}): this run {}. No undo takes it back.", does(action, messages))
}

/// What `action` does, with the updates of so many messages.
pub(super) fn does(action: Action, messages: u64) -> String {
    let number = count(messages, "message");
    let (them, customers) = if messages == 1 { ("it", "its customer") } else { ("them", "their customers") };
    match action {
        Action::Retry => format!("has Gorgias try the failed external actions of {number} again"),
        Action::Force => {
            format!("has Gorgias run the other external actions of {number} and SEND {them} to {customers}")
        }
        Action::Cancel => format!("deletes {number} in Gorgias"),
    }
}

/// One line for each run so far that asked for one.
pub(super) fn asked(report: &Report) -> Vec<String> {
    let asked = report.runs.iter().filter_map(|run| Some((run, run.asked?)));
    let lines = asked.map(|(run, (action, messages))| {
        format!("{}, asked for {} by run {} (`{}`)", action.word(), count(messages, "message"), run.id, run.command)
    });
    lines.collect()
}
