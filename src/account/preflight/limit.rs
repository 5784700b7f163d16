//! Is the rate in use the account's, and is there room in its bucket?
//!
//! The header tells how many requests the bucket takes, not in what time it drains. So two of Gorgias's profiles fit
//! each number, and the slower one is the safe guess.

use super::{Check, CheckName, Level};
use crate::deliver::{Pace, Rate};
use crate::gorgias::Usage;
use crate::record::count;

pub(super) fn check(usage: Option<Usage>, pace: Pace) -> Check {
    let Some(usage) = usage else {
        return Check::warning(
            CheckName::Limit,
            format!("the account doesn't tell its limit; {} is kept to", kept(pace.rate)),
            format!("make sure that it is the account's: {}", either(&Rate::PROFILES)),
        );
    };
    let mut finding = format!("{}, {} in use now", count(usage.limit.into(), "request"), usage.used);
    let mut advice = Vec::new();
    if let Rate::Limited { requests, .. } = pace.rate
        && requests.get() != usage.limit
    {
        let kept = pace.corrected(usage.limit).rate;
        let effect = match (pace.is_typed, kept == pace.rate) {
            (false, _) => "",
            (true, true) => ", slower than it could be",
            (true, false) => ", because the account allows no more",
        };
        finding = format!("{finding}; {kept} is kept to{effect}");
        if pace.is_typed {
            advice.push(fitting(usage.limit));
        }
    }
    // The question itself is in the bucket, too.
    if usage.used.saturating_sub(1).saturating_mul(2) > usage.limit {
        finding = format!("{finding}; the account is busy");
        advice.push(
            "other integrations use more than half of the limit; run when they rest, or expect it to take longer"
                .into(),
        );
    }
    if advice.is_empty() {
        return Check::ok(CheckName::Limit, finding);
    }
    Check { level: Level::Warning, advice: Some(advice.join("; ")), ..Check::ok(CheckName::Limit, finding) }
}

/// Which rates fit a bucket of `limit` requests.
fn fitting(limit: u32) -> String {
    let fits = |rate: &Rate| matches!(rate, Rate::Limited { requests, .. } if requests.get() == limit);
    let fitting: Vec<_> = Rate::PROFILES.into_iter().filter(fits).collect();
    match fitting.as_slice() {
        [] => format!("that is none of Gorgias's own limits ({})", either(&Rate::PROFILES)),
        [slowest, ..] => format!(
            "it fits {}, and the account doesn't tell which: `--rate {slowest}` is on the safe side",
            either(&fitting)
        ),
    }
}

fn kept(rate: Rate) -> String {
    match rate {
        Rate::Unlimited => "no rate".into(),
        Rate::Limited { .. } => rate.to_string(),
    }
}

fn either(rates: &[Rate]) -> String {
    let names: Vec<_> = rates.iter().map(ToString::to_string).collect();
    match names.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => names.concat(),
    }
}
