//! The balance after a run, and at any time.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::Report;
use super::lines::line;
use super::side_effect::asked;
use crate::checkpoint::{CauseCount, RunRecord, StateCount, Totals};
use crate::record::{State, count, duration, grouped, percent};

/// Causes that are listed before the rest is summed up.
const MOST_CAUSES: usize = 20;

/// The states whose causes can't have stood on the plan's screen.
pub const NEWS: &[State] = &[State::Failed, State::Unconfirmed];
/// Every state that has causes.
pub const EVERYTHING: &[State] = &[State::Skipped, State::Absent, State::Blocked, State::Failed, State::Unconfirmed];

/// What a run came to, with the causes of the states in `explain`. `next` is the command to type next, if there is one.
pub fn run_text(report: &Report, headline: &str, explain: &[State], next: Option<&str>) -> String {
    let mut text = String::new();
    // Writing into a string can't fail.
    let _ = write_run(&mut text, report, headline, explain, next);
    text
}

/// Where a checkpoint stands, at any time.
pub fn status_text(report: &Report, next: Option<&str>) -> String {
    let is_undo = report.runs.last().is_some_and(RunRecord::is_undo);
    let state = match report.at_work.is_some() {
        true if is_undo => "an undo is putting messages back",
        true => "a run is sending",
        false => "no run is sending",
    };
    let headline = format!("{} to {}: {state}", report.system, report.pins.account);
    run_text(report, &headline, EVERYTHING, next)
}

fn write_run(
    text: &mut String,
    report: &Report,
    headline: &str,
    explain: &[State],
    next: Option<&str>,
) -> std::fmt::Result {
    writeln!(text, "{headline}")?;
    writeln!(text)?;
    balance(text, report, &[])?;
    causes(text, report, explain)?;
    writeln!(text)?;
    let settled = &report.totals.settled;
    if !settled.is_empty() {
        let parts: Vec<_> =
            settled.iter().map(|(settled, number)| format!("{} {}", grouped(*number), settled.words())).collect();
        line(text, "settled", &parts.join("; "))?;
    }
    waived(text, report)?;
    for one in asked(report) {
        line(text, "action", &one)?;
    }
    if let Some(selected) = &report.selected {
        line(text, "selected", selected.typed.trim())?;
    }
    if let Some(run) = report.runs.last() {
        writeln!(text, "  {:<9} {}", "last run", last_run(run, report.at_work.is_some()))?;
    }
    if let Some(at_work) = &report.at_work {
        line(text, "now", &at_work.words(report.at))?;
    }
    if report.to_send() > 0 {
        let time = report.forecast().time.map(|time| format!(", {} at {}", duration(time), report.side.pace));
        writeln!(text, "  {:<9} {}{}", "to send", count(report.to_send(), "message"), time.unwrap_or_default())?;
    }
    if let Some(next) = next {
        writeln!(text, "  {:<9} {next}", "next")?;
    }
    Ok(())
}

/// What the operator took upon themselves, one a line.
pub(super) fn waived(text: &mut String, report: &Report) -> std::fmt::Result {
    report.waived().iter().try_for_each(|what| line(text, "waived", what))
}

/// The balance: every state that holds messages, and a sum that must be what was read.
pub(super) fn balance(text: &mut String, report: &Report, names: &[(State, &str)]) -> std::fmt::Result {
    let totals = &report.totals;
    let width = grouped(totals.messages).len().max(6);
    for state in State::ALL {
        let number = totals.of(state);
        let name = names.iter().find(|(named, _)| *named == state).map_or(state.word(), |(_, name)| name);
        if number > 0 || matches!(state, State::Updated) && names.is_empty() {
            writeln!(text, "  {name:<12} {:>width$}  {:>5} %", grouped(number), percent(number, totals.messages))?;
        }
    }
    let verdict = if report.balanced() { "adds up" } else { "DOES NOT ADD UP: this is a bug" };
    writeln!(text, "  {:<12} {:>width$}  {verdict}", "messages", grouped(totals.messages))?;
    writeln!(text)?;
    line(text, "kinds", &shares(totals, |row| row.kind.as_deref()))?;
    line(text, "channels", &shares(totals, |row| row.channel.as_deref()))
}

/// How many messages are of each sort, the commonest first. What is left out need not have one; what is blocked may not
/// have got so far.
fn shares(totals: &Totals, sort: fn(&StateCount) -> Option<&str>) -> String {
    let mut numbers: BTreeMap<&str, u64> = BTreeMap::new();
    for row in &totals.states {
        match sort(row) {
            None if row.state == State::Skipped => {}
            sort => *numbers.entry(sort.unwrap_or(row.state.word())).or_default() += row.count,
        }
    }
    let mut numbers: Vec<_> = numbers.into_iter().collect();
    numbers.sort_by_key(|&(_, number)| std::cmp::Reverse(number));
    let parts: Vec<_> = numbers.into_iter().map(|(name, number)| format!("{name} {}", grouped(number))).collect();
    if parts.is_empty() { "none: all are left out".to_owned() } else { parts.join(", ") }
}

/// Why messages are where they are: each cause with its number, an example, and what to do.
pub(super) fn causes(text: &mut String, report: &Report, states: &[State]) -> std::fmt::Result {
    for &state in states {
        let rows: Vec<_> = report.totals.causes.iter().filter(|row| row.state == state).collect();
        if rows.is_empty() {
            continue;
        }
        writeln!(text)?;
        writeln!(text, "  {}", state.word())?;
        for row in rows.iter().take(MOST_CAUSES) {
            cause(text, report, row)?;
        }
        if let Some(rest) = rows.get(MOST_CAUSES..).filter(|rest| !rest.is_empty()) {
            let messages = rest.iter().map(|row| row.count).sum();
            let causes = count(rest.len() as u64, "more cause");
            let all = if matches!(state, State::Skipped | State::Absent) { " --all" } else { "" };
            let messages = count(messages, "message");
            writeln!(text, "    {messages} with {causes}: `deskferry errors{all}` lists them")?;
        }
    }
    Ok(())
}

fn cause(text: &mut String, report: &Report, row: &CauseCount) -> std::fmt::Result {
    let code = format!("C{}", row.id);
    writeln!(text, "    {:>6} {code:<4} {}", grouped(row.count), row.cause.detail)?;
    let place = row.example.place;
    let id = row.example.external_id.as_deref().map(|id| format!(", message {}", shortened(id))).unwrap_or_default();
    let value = report.refused_values.iter().find(|(cause, _)| *cause == row.id);
    let value = value.map(|(_, value)| format!(": \"{value}\"")).unwrap_or_default();
    writeln!(text, "                {}:{}{id}{value}", report.input_name(place.input), place.line)?;
    writeln!(text, "                {}", row.cause.kind.advice())
}

/// An id of 255 characters would break every line it stands in.
pub(super) fn shortened(id: &str) -> String {
    if id.chars().count() <= 40 { id.to_owned() } else { id.chars().take(37).chain("...".chars()).collect() }
}

fn last_run(run: &RunRecord, is_running: bool) -> String {
    let ended = run.ended.as_deref().unwrap_or("ended");
    let requests = count(run.requests, "request");
    let throttled =
        if run.throttled > 0 { format!(", {} times over the limit (429)", run.throttled) } else { String::new() };
    match run.finished {
        Some(finished) => {
            let took = Duration::try_from(finished.duration_since(run.started)).unwrap_or_default();
            let rate = per_second(run).map(|rate| format!(" ({rate:.1}/s)")).unwrap_or_default();
            format!("{ended}; {requests} in {}{rate}{throttled}", precise(took))
        }
        None if is_running => format!("began {}", run.started.strftime("%Y-%m-%d %H:%M UTC")),
        None => format!("began {}, was killed or crashed; nothing is lost", run.started.strftime("%Y-%m-%d %H:%M UTC")),
    }
}

/// The rate that a run reached; `None` while it runs, or where it was over in no time.
#[expect(clippy::cast_precision_loss, reason = "a rate for the eye")]
pub(super) fn per_second(run: &RunRecord) -> Option<f64> {
    let seconds = run.finished?.duration_since(run.started).as_secs_f64();
    (seconds > 0.0 && run.requests > 0).then(|| run.requests as f64 / seconds)
}

fn precise(length: Duration) -> String {
    if length < Duration::from_secs(10) { format!("{:.1} s", length.as_secs_f64()) } else { duration(length) }
}
