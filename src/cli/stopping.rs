//! When a run is to stop by itself: at a time, or after too many failures.

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

use super::args::SendArgs;
use super::failure::Failure;
use crate::run::MaxFailures;

/// What `--max-failures` says.
pub(super) fn max_failures(args: &SendArgs) -> Result<Option<MaxFailures>, Failure> {
    Ok(args.max_failures.as_deref().map(str::parse).transpose()?)
}

/// Reads `--stop-at` when it is typed: a time of day is the next one from then on, however long the plan takes.
pub(super) fn stop_at(text: &str) -> Result<Timestamp, String> {
    let now = Timestamp::now();
    let at = read(text, now).ok_or(
        "it is no time: 07:00, '07:00 Europe/Berlin' (else it is the time of this machine), 2026-11-26T07:00, or \
         2026-11-26T07:00Z",
    )?;
    if at <= now { Err("it is over: name a time to come".into()) } else { Ok(at) }
}

fn read(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    // The zone comes first: without it, the rest would still be a time.
    let zoned = text.rsplit_once([' ', '[']).and_then(|(text, zone)| {
        let zone = TimeZone::get(zone.trim_end_matches(']')).ok()?;
        in_zone(text, &now.to_zoned(zone))
    });
    let is_zoned = text.contains('[');
    zoned.or_else(|| in_zone(text, &now.to_zoned(TimeZone::system())).filter(|_| !is_zoned))
}

/// A date with its time, or a time of day, in the zone of `now`.
fn in_zone(text: &str, now: &Zoned) -> Option<Timestamp> {
    // A date alone would be midnight, and `07:00` alone could be taken for a date.
    if !text.contains(':') {
        return None;
    }
    if let Ok(at) = text.parse::<DateTime>() {
        return Some(at.to_zoned(now.time_zone().clone()).ok()?.timestamp());
    }
    next(text.parse().ok()?, now)
}

/// The next moment at which a clock in the zone of `now` shows `time`.
fn next(time: Time, now: &Zoned) -> Option<Timestamp> {
    let on = |day: jiff::civil::Date| Some(day.to_datetime(time).to_zoned(now.time_zone().clone()).ok()?.timestamp());
    let today = on(now.date())?;
    if today > now.timestamp() { Some(today) } else { on(now.date().checked_add(1.day()).ok()?) }
}
