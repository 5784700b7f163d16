//! The checks before a run, as text and as JSON.

use serde_json::{Value, json};

use super::count;
use super::lines::wrapped;
use crate::account::{Check, Level, Preflight};
use crate::deliver::Rate;

/// The name and version of the schema of [`check_json`].
pub const CHECK_SCHEMA: &str = "deskferry.check/1";

/// One check a line, with what to do below it. `paint` colours the check's word.
pub fn check_text<'c>(
    checks: impl IntoIterator<Item = &'c Check>,
    paint: impl Fn(&Check, &'static str) -> String,
) -> String {
    let mut text = String::new();
    for check in checks {
        // Writing into a string can't fail.
        let _ = lines(&mut text, check, &paint);
    }
    text
}

fn lines(text: &mut String, check: &Check, paint: impl Fn(&Check, &'static str) -> String) -> std::fmt::Result {
    let word = check.word();
    let start = format!("  {word:<8} {:<13} ", check.name.word());
    let mut plain = String::new();
    let indent = start.chars().count();
    wrapped(&mut plain, &start, indent, &check.finding)?;
    // Painted only now: colours take no columns.
    text.push_str(&plain.replacen(word, &paint(check, word), 1));
    // What was waived needs nothing more.
    match check.advice.as_ref().filter(|_| !check.waived) {
        Some(advice) => wrapped(text, &format!("{}→ ", " ".repeat(indent)), indent + 2, advice),
        None => Ok(()),
    }
}

/// What the checks come to, in one line.
pub fn check_verdict(preflight: &Preflight) -> String {
    let stops: Vec<_> = preflight.stops().map(|check| check.name.word()).collect();
    if !stops.is_empty() {
        return format!("STOP: a run would not start because of {}", stops.join(" and "));
    }
    let number = |is_one: fn(&Check) -> bool| preflight.checks.iter().filter(|check| is_one(check)).count() as u64;
    let warnings = number(|check| check.level == Level::Warning);
    let waived = number(|check| check.waived);
    match (warnings, waived) {
        (0, 0) => "ready: nothing stands in the way of a run".into(),
        (warnings, 0) => format!("ready, with {}", count(warnings, "warning")),
        (0, waived) => format!("ready, with {}", count(waived, "waived stop")),
        (warnings, waived) => {
            format!("ready, with {} and {}", count(warnings, "warning"), count(waived, "waived stop"))
        }
    }
}

/// The checks of `account` as JSON, for machines.
pub fn check_json(preflight: &Preflight, account: &str, rate: Rate) -> Value {
    json!({
        "schema": CHECK_SCHEMA,
        "account": account,
        "rate": rate.to_string(),
        "ready": preflight.stops().next().is_none(),
        "checks": preflight.checks,
    })
}
