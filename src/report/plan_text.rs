//! The plan's first screen: may I press the button?

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::effects::effects;
use super::lines::line;
use super::run_text::{EVERYTHING, balance, causes, shortened, waived};
use super::side_effect::does;
use super::warnings::warnings;
use super::{Forecast, Report, SeenScan, Side};
use crate::export::shown;
use crate::record::{Action, State, TimeExample, count, duration, grouped, waiting};
use crate::run::Excluded;

/// The plan as text. `next` is the command to type next; `zone` is the operator's time zone.
pub fn plan_text(report: &Report, next: Option<&str>, zone: &TimeZone) -> String {
    let mut text = String::new();
    // Writing into a string can't fail.
    let _ = write_plan(&mut text, report, next, zone);
    text
}

fn write_plan(text: &mut String, report: &Report, next: Option<&str>, zone: &TimeZone) -> std::fmt::Result {
    writeln!(text, "Plan: {} to {}", report.system, account(&report.side))?;
    writeln!(text)?;
    line(text, "verdict", &verdict(report))?;
    warnings(report).iter().try_for_each(|warning| line(text, "warning", warning))?;
    if let Some(selected) = &report.selected {
        line(text, "selected", selected.typed.trim())?;
    }
    if let Some(action) = report.action {
        line(text, "action", &does(action, report.to_send_now()))?;
    }
    line(text, "export", &export(report))?;
    line(text, "messages", &messages(report))?;
    if report.is_experimental {
        let what = "experimental: written without a real export at hand; look at a --sample before all is sent";
        line(text, "mapping", what)?;
    }
    if let Some(example) = &report.time_example {
        line(text, "times", &time_seen(example, zone))?;
    }
    if let Some(excluded) = &report.excluded {
        line(text, "excluded", &left_out(excluded))?;
    }
    if let Some(scan) = &report.scan {
        line(text, "account", &scanned(report, scan))?;
    }
    if !report.totals.matched.is_empty() {
        line(text, "matched", &matched(report))?;
    }
    if let Some(delta) = report.delta {
        let parts = [
            (delta.new, "new"),
            (delta.changed, "changed"),
            (delta.kept, "as they are in the checkpoint"),
            (delta.gone, "with an outcome that this plan does not send"),
        ];
        let parts: Vec<_> = parts
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{} {what}", grouped(*number)))
            .collect();
        line(
            text,
            "delta",
            &format!(
                "a new plan in an existing checkpoint: {}",
                if parts.is_empty() { "nothing new or changed".to_owned() } else { parts.join(", ") }
            ),
        )?;
    }
    writeln!(text)?;
    balance(text, report, &[(State::Pending, "to update")])?;
    causes(text, report, EVERYTHING)?;
    unexpected(text, report)?;
    writeln!(text)?;
    if report.taken_back() > 0 {
        let taken_back = count(report.taken_back(), "message");
        line(text, "undone", &format!("{taken_back} to send that an undo took back"))?;
    }
    if report.over_edits() > 0 {
        let edited = count(report.over_edits(), "message");
        line(text, "edits", &format!("{edited} to send over what somebody changed in Gorgias"))?;
    }
    // What is deleted holds nothing afterwards.
    if report.action != Some(Action::Cancel) {
        effects(text, report)?;
        images(text, report)?;
    }
    let unsafe_blocked = report.unsafe_blocked();
    line(text, "mail", &format!("{} blocked that Gorgias might have mailed", count(unsafe_blocked, "message")))?;
    waived(text, report)?;
    line(text, "time", &time(report, zone))?;
    if let Some(at) = report.stop_at {
        line(text, "stops", &stops(report, at, zone))?;
    }
    if let Some(next) = next {
        // In one line, however long: it is there to be copied.
        writeln!(text, "  {:<9} {next}", "next")?;
    }
    Ok(())
}

fn images(text: &mut String, report: &Report) -> std::fmt::Result {
    if report.inline_images() == 0 {
        return Ok(());
    }
    let images = count(report.inline_images(), "message");
    line(text, "images", &format!("{images} with an image in body_html, linked as exported: such links may expire"))
}

fn account(side: &Side) -> String {
    match &side.account {
        Some(name) if side.is_loopback => format!("{name} (on this machine)"),
        Some(name) => format!("the account {name}"),
        None => "Gorgias (no account named)".into(),
    }
}

fn verdict(report: &Report) -> String {
    if !report.balanced() {
        return "STOP: the numbers do not add up; this is a bug".into();
    }
    if report.totals.messages == 0 {
        return "nothing to do: the export holds no message".into();
    }
    let (failed, blocked) = report.left_behind();
    let reasons = [
        (blocked, "blocked"),
        (failed, "failed earlier (`deskferry retry` sends them again)"),
        (report.totals.of(State::Absent), "not known in Gorgias"),
    ];
    let reasons: Vec<_> = reasons
        .into_iter()
        .filter(|&(number, _)| number > 0)
        .map(|(number, what)| format!("{} {what}", count(number, "message")))
        .collect();
    let (to_send, now) = (report.to_send(), report.to_send_now());
    let all = report.waiting() + report.again.all();
    let ready = if now < all {
        format!("ready: {} of {} to send", grouped(now), count(all, "message"))
    } else {
        format!("ready: {} to send", count(to_send, "message"))
    };
    let (by_rule, excluded) = (report.by_rule(), report.excluded_messages());
    let left_out = [(by_rule, "by rules of the mapping"), (excluded, "by --exclude")];
    let left_out = left_out.into_iter().filter(|&(number, _)| number > 0);
    let left_out: Vec<_> = left_out.map(|(number, by)| format!("{} {by}", grouped(number))).collect();
    let verdict = match (to_send, reasons.is_empty()) {
        (0, _) if all > 0 => return format!("nothing to send of what is selected; {}", waiting(all)),
        (0, true) if by_rule + excluded == report.totals.messages => {
            return format!("nothing to send: everything is left out, {}", left_out.join(", "));
        }
        (0, true) => "nothing to send: everything is done".into(),
        (0, false) => format!("nothing to send: {}", reasons.join(", ")),
        (_, true) => ready,
        (_, false) => format!("{ready}; left behind: {}", reasons.join(", ")),
    };
    if left_out.is_empty() { verdict } else { format!("{verdict}; left out: {}", left_out.join(", ")) }
}

fn export(report: &Report) -> String {
    let inputs = report.inputs();
    let names: Vec<_> = inputs.iter().take(3).map(|path| shown(path)).collect();
    let more = inputs.len().saturating_sub(names.len());
    let more = if more > 0 { format!(" and {} more", count(more as u64, "file")) } else { String::new() };
    format!("{}{more}, {}", names.join(", "), count(report.pins.records, "record"))
}

fn messages(report: &Report) -> String {
    let totals = &report.totals;
    let mut text = count(totals.messages, "message");
    if totals.source_tickets > 0 {
        text = format!("{text} in {}", count(totals.source_tickets, "ticket"));
    }
    if let Some((first, last)) = totals.span {
        let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
        text = format!("{text}, sent {} to {} (UTC)", day(first), day(last));
    }
    text
}

fn scanned(report: &Report, scan: &SeenScan) -> String {
    let (account, mode) = (&report.pins.account, scan.pinned.mode.word());
    let of = if account.is_empty() { String::new() } else { format!(" of {account}") };
    match scan.finished {
        Some(finished) => format!("scan{of}, {mode}, finished {}", finished.strftime("%Y-%m-%d %H:%M UTC")),
        None => format!("scan{of}, {mode}, which is not there any more: what it told is read again"),
    }
}

/// As many lines of a list of exclusions are named.
const MOST_LINES: usize = 10;

/// What the list of exclusions came to; it is pointed at by its lines, and what stands there is not repeated.
fn left_out(excluded: &Excluded) -> String {
    let Excluded { entries, unmatched, out_of_reach, updated_earlier } = excluded;
    let mut text = match entries {
        1 => "by 1 entry of --exclude".to_owned(),
        many => format!("by {} entries of --exclude", grouped(*many)),
    };
    if !unmatched.is_empty() {
        let is_one_file = unmatched.iter().all(|(path, _)| *path == unmatched[0].0);
        let places = unmatched.iter().take(MOST_LINES).map(|(path, line)| match path.file_name() {
            Some(name) if !is_one_file => format!("{}:{line}", name.to_string_lossy()),
            _ => line.to_string(),
        });
        let places = places.collect::<Vec<_>>().join(", ");
        let label = match unmatched.len() {
            _ if !is_one_file => "",
            1 => "line ",
            _ => "lines ",
        };
        let more = unmatched.len().saturating_sub(MOST_LINES);
        let more = if more > 0 { format!(" and {} more", grouped(more as u64)) } else { String::new() };
        text = format!("{text}; {} of them matched nothing: {label}{places}{more}", grouped(unmatched.len() as u64));
    }
    if !out_of_reach.is_empty() {
        let blocks = out_of_reach.join(", ");
        text = format!("{text}; an address can't leave out any of these, in which the mapping names nobody: {blocks}");
    }
    if *updated_earlier > 0 {
        let verb = if *updated_earlier == 1 { "was" } else { "were" };
        let updated = count(*updated_earlier, "excluded message");
        text =
            format!("{text}; {updated} {verb} updated by an earlier run: `deskferry undo --message ID` takes one back");
    }
    text
}

/// A time as the export has it, in UTC, and where the operator is.
fn time_seen(example: &TimeExample, zone: &TimeZone) -> String {
    let TimeExample { external_id, exported, at } = example;
    let utc = at.strftime("%Y-%m-%d %H:%M:%S UTC");
    let here = at.to_zoned(zone.clone());
    let local = match zone.iana_name() {
        _ if here.offset().is_zero() => String::new(),
        None => format!(", {} here", here.strftime("%H:%M")),
        Some(name) => format!(", {} in {name}", here.strftime("%H:%M")),
    };
    format!("message {}: \"{exported}\" in the export is {utc}{local}", shortened(external_id))
}

/// As many kinds of surprises are shown.
const MOST_UNEXPECTED: usize = 12;

/// What the mapping did not expect, and was carried over all the same.
fn unexpected(text: &mut String, report: &Report) -> std::fmt::Result {
    if report.unexpected.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n  unexpected")?;
    for one in report.unexpected.iter().take(MOST_UNEXPECTED) {
        writeln!(text, "    {:>6}      {}: {}; {}", grouped(one.times), one.field, one.what, one.done)?;
    }
    let more = report.unexpected.len().saturating_sub(MOST_UNEXPECTED);
    if more > 0 {
        writeln!(text, "                and {}: --json lists them", count(more as u64, "more kind"))?;
    }
    Ok(())
}

fn matched(report: &Report) -> String {
    let parts: Vec<_> =
        report.totals.matched.iter().map(|(rule, number)| format!("{} {}", grouped(*number), rule.words())).collect();
    parts.join(", ")
}

fn time(report: &Report, zone: &TimeZone) -> String {
    let forecast = report.forecast();
    let requests = count(forecast.requests, "request");
    let purposes = purposes(report, forecast);
    match forecast.time {
        _ if forecast.requests == 0 => "none: no request is needed".into(),
        None => format!("{requests}, as fast as the other side answers: {purposes}"),
        Some(time) => {
            let end = report.at.checked_add(time).unwrap_or(report.at).to_zoned(zone.clone());
            let pace = report.side.pace;
            let end = end.strftime("%a %Y-%m-%d %H:%M");
            format!("{requests} at {pace}: {}, until {end} if it starts now: {purposes}", duration(time))
        }
    }
}

/// When it stops by itself, and how far it gets until then.
fn stops(report: &Report, at: Timestamp, zone: &TimeZone) -> String {
    let forecast = report.forecast();
    let until = Duration::try_from(at.duration_since(report.at)).unwrap_or_default();
    let so_far = match report.side.pace.interval() {
        Some(each) if forecast.time.is_some_and(|time| time > until) => {
            let requests = until.as_nanos() / each.as_nanos().max(1);
            let messages = requests * u128::from(forecast.updates) / u128::from(forecast.requests.max(1));
            let messages = u64::try_from(messages).unwrap_or(u64::MAX);
            format!(", with about {} of {} sent", grouped(messages), count(forecast.updates, "message"))
        }
        _ => String::new(),
    };
    format!("at {} by itself{so_far}", at.to_zoned(zone.clone()).strftime("%a %Y-%m-%d %H:%M"))
}

/// What the requests are for: every one of them.
fn purposes(report: &Report, forecast: Forecast) -> String {
    let why = if report.reads_first() {
        "to see what the account lacks"
    } else if !report.undo {
        "to see what the account holds"
    } else {
        "so that the run can be undone (--undo off saves them)"
    };
    let verb =
        |number: u64, one: &str, many: &str| format!("{} {}", grouped(number), if number == 1 { one } else { many });
    let mut parts = vec!["1 greets the account".to_owned(), verb(forecast.updates, "updates", "update")];
    if forecast.ticket_reads > 0 {
        parts.push(format!("{}, {why}", verb(forecast.ticket_reads, "reads a ticket first", "read tickets first")));
    }
    if forecast.message_reads > 0 {
        let read = verb(forecast.message_reads, "reads a message", "read messages");
        parts.push(format!("{read} that may have been written already"));
    }
    parts.join("; ")
}
