//! What an undo would do, and what it came to.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::lines::line;
use super::{count, duration, grouped};
use crate::checkpoint::{Kept, Stays};
use crate::deliver::Pace;
use crate::run::{Tally, UndoPlan};
use crate::update::FieldName;

/// Messages that stay as they are, as far as a screen lists them.
const LISTED: usize = 20;

/// Everything that an undo says.
#[derive(Debug, Clone)]
pub struct UndoReport {
    /// The account.
    pub account: String,
    /// What it does, if nobody changed anything since.
    pub plan: UndoPlan,
    /// Requests that only read.
    pub reads: u64,
    /// How fast requests go.
    pub pace: Pace,
    /// Updated messages of which nothing was kept.
    pub without_image: u64,
    /// How many came to what, and which stay as they are; `None` before it was done.
    pub result: Option<(Tally, Vec<Stays>)>,
}

impl UndoReport {
    fn requests(&self) -> u64 {
        self.plan.messages + self.reads
    }
}

/// What an undo would do; `next` is the command that does it.
pub fn undo_plan_text(report: &UndoReport, next: Option<&str>) -> String {
    let mut text = String::new();
    // Writing into a string can't fail.
    let _ = write_plan(&mut text, report, next);
    text
}

fn write_plan(text: &mut String, report: &UndoReport, next: Option<&str>) -> std::fmt::Result {
    let plan = &report.plan;
    writeln!(text, "Undo: {}\n", report.account)?;
    line(text, "put back", &format!("{} in {}", count(plan.messages, "message"), count(plan.tickets, "ticket")))?;
    let listed = |fields: &[(FieldName, u64)]| {
        let fields: Vec<_> =
            fields.iter().map(|(field, number)| format!("{} {}", field.name(), grouped(*number))).collect();
        fields.join(", ")
    };
    if !plan.restores.is_empty() {
        line(text, "restores", &listed(&plan.restores))?;
    }
    if !plan.lost.is_empty() {
        line(text, "for good", &format!("{}: stays as it was written", listed(&plan.lost)))?;
    }
    if plan.done > 0 {
        line(text, "as before", &format!("{}: nothing to put back", count(plan.done, "message")))?;
    }
    if plan.stay > 0 {
        line(text, "stays", &format!("{}: nothing there can be put back", count(plan.stay, "message")))?;
    }
    if plan.mailable > 0 {
        let number = count(plan.mailable, "message");
        line(text, "leaves", &format!("{number} as now: Gorgias might mail what is put back to the customer"))?;
    }
    if report.without_image > 0 {
        let number = count(report.without_image, "message");
        line(text, "not kept", &format!("{number}: sent with --undo off, so nobody knows what was there before"))?;
    }
    if plan.messages > 0 {
        let requests = count(report.requests(), "request");
        let waits = u32::try_from(report.requests()).unwrap_or(u32::MAX);
        let time =
            report.pace.interval().map(|each| format!(" at {}: {}", report.pace, duration(each.saturating_mul(waits))));
        let time = time.unwrap_or_default();
        let reads = if report.reads == 1 {
            "1 of them reads".into()
        } else {
            format!("{} of them read", grouped(report.reads))
        };
        line(
            text,
            "time",
            &format!("{requests}{time}; {reads} what is there now, and what somebody changed since stays as it is"),
        )?;
        if let Some(next) = next {
            writeln!(text, "  {:<9} {next}", "next")?;
        }
    }
    Ok(())
}

/// What an undo came to.
pub fn undone_text(report: &UndoReport) -> String {
    let mut text = String::new();
    // Writing into a string can't fail.
    let _ = write_undone(&mut text, report);
    text
}

fn write_undone(text: &mut String, report: &UndoReport) -> std::fmt::Result {
    let Some((tally, kept)) = &report.result else { return Ok(()) };
    writeln!(text, "\n{}\n", if tally.open == 0 { "Undone." } else { "Not all is undone." })?;
    writeln!(text, "  {:<12} {}", "put back", grouped(tally.undone))?;
    writeln!(text, "  {:<12} {}", "left alone", grouped(kept.len() as u64))?;
    for stays in kept.iter().take(LISTED) {
        let id = stays.external_id.as_deref().unwrap_or("?");
        writeln!(text, "    message {id} ({}): {}", stays.target, why(stays.why))?;
    }
    if let Some(rest) = kept.len().checked_sub(LISTED).filter(|rest| *rest > 0) {
        writeln!(text, "    and {}", count(rest as u64, "more message"))?;
    }
    if tally.open > 0 {
        writeln!(text, "  {:<12} {}: the same command looks at them again", "open", grouped(tally.open))?;
    }
    if tally.undone > 0 {
        writeln!(text, "\n  What was put back is pending again: a run would send it anew.")?;
    }
    Ok(())
}

fn why(kept: Kept) -> String {
    match kept {
        Kept::EditedSince(fields) => {
            let fields: Vec<_> =
                FieldName::ALL.into_iter().filter(|field| fields & field.bit() != 0).map(FieldName::name).collect();
            format!("somebody changed {} since", fields.join(", "))
        }
        Kept::Unsafe => "put back, Gorgias might mail it to the customer".into(),
        Kept::Refused => "the account refuses the update".into(),
        Kept::Gone => "it is not there any more".into(),
    }
}

/// The same for a machine.
pub fn undo_json(report: &UndoReport) -> Value {
    let fields = |fields: &[(FieldName, u64)]| -> Value {
        fields.iter().map(|(field, number)| json!({"field": field.name(), "messages": number})).collect()
    };
    json!({
        "schema": "deskferry.undo/1",
        "account": report.account,
        "messages": report.plan.messages,
        "tickets": report.plan.tickets,
        "as_before": report.plan.done,
        "nothing_to_put_back": report.plan.stay,
        "might_be_mailed": report.plan.mailable,
        "not_kept": report.without_image,
        "restores": fields(&report.plan.restores),
        "for_good": fields(&report.plan.lost),
        "requests": report.requests(),
        "undone": report.result.as_ref().map(|(tally, _)| tally.undone),
        "open": report.result.as_ref().map(|(tally, _)| tally.open),
        "left_alone": report.result.as_ref().map(|(_, kept)| kept.iter().map(|stays| json!({
            "external_id": stays.external_id,
            "ticket_id": stays.target.ticket.0,
            "message_id": stays.target.message.0,
            "why": why(stays.why),
        })).collect::<Vec<_>>()),
    })
}
