//! What the plan changes in the account, field by field, as lines of the screen.

use super::Report;
use super::lines::line;
use crate::record::{count, grouped};
use crate::update::FieldName;

/// The lines about what is written, what stays, and what can't be taken back.
pub(super) fn effects(text: &mut String, report: &Report) -> std::fmt::Result {
    line(text, "writes", &writes(report))?;
    for (label, changed) in [("fills", report.fills()), ("replaces", report.replaces())] {
        if !changed.is_empty() {
            line(text, label, &fields(&changed))?;
        }
    }
    let unwritten = report.unwritten();
    if !unwritten.is_empty() {
        line(text, "leaves", &format!("{} as the account has them", fields(&unwritten)))?;
    }
    for_good(text, report)
}

fn writes(report: &Report) -> String {
    let word = report.pins.writes.write.word();
    let first = if report.reads_first() { "; each message is read first" } else { "" };
    match report.known_and_unknown() {
        (0, _) => format!("{word}: {}{first}", or_nothing(&fields(&report.written()))),
        (_, 0) => word.to_owned(),
        (_, unknown) => {
            let messages = count(unknown, "message");
            let unknown = format!("where it is not known what the account holds ({messages})");
            format!("{word}; {unknown}: {}{first}", or_nothing(&fields(&report.written())))
        }
    }
}

fn for_good(text: &mut String, report: &Report) -> std::fmt::Result {
    let lost = report.for_good();
    if report.to_send() > 0 && !report.undo {
        line(text, "for good", "all of it: nothing is kept to undo it with (--undo off)")
    } else if lost.is_empty() {
        Ok(())
    } else {
        let parts: Vec<_> = lost
            .iter()
            .map(|&(field, number)| format!("{} {} ({})", field.name(), grouped(number), why_lost(field)))
            .collect();
        line(text, "for good", &format!("can't be undone: {}", parts.join(", ")))
    }
}

/// Why an undo can't put `field` back as it was.
pub(super) fn why_lost(field: FieldName) -> &'static str {
    match field {
        FieldName::SentDatetime => "never set back to null",
        _ => "no update can bring back what Gorgias holds there now",
    }
}

pub(super) fn fields(fields: &[(FieldName, u64)]) -> String {
    let fields: Vec<_> =
        fields.iter().map(|(field, number)| format!("{} {}", field.name(), grouped(*number))).collect();
    fields.join(", ")
}

fn or_nothing(text: &str) -> &str {
    if text.is_empty() { "nothing" } else { text }
}
