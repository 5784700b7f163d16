//! Times that come without a zone, and the zone that is meant.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::mapping::nearest;

/// A named time zone.
#[derive(Debug, Clone)]
pub(crate) struct Zone {
    name: String,
    zone: TimeZone,
}

/// The zone called `name`; else what is said under a name that is none.
pub(crate) fn zone_named(name: &str) -> Result<Zone, String> {
    if let Ok(zone) = TimeZone::get(name) {
        return Ok(Zone { name: name.to_owned(), zone });
    }
    let example = || "such as \"UTC\" or \"Europe/Berlin\"".to_owned();
    let is_abbreviation = name.len() <= 4 && name.chars().all(|sign| sign.is_ascii_uppercase());
    let meant = if is_abbreviation { of_abbreviation(name) } else { zone_like(name) };
    Err(meant.map_or_else(example, |zone| format!("did you mean `{zone}`?")))
}

/// The zone whose clocks go by the abbreviation: another one that looks like it is hours off.
fn of_abbreviation(name: &str) -> Option<String> {
    let zone = match name {
        "PST" | "PDT" => "America/Los_Angeles",
        "MDT" => "America/Denver",
        "CDT" => "America/Chicago",
        "EDT" => "America/New_York",
        "CEST" => "Europe/Berlin",
        _ => return None,
    };
    Some(zone.to_owned())
}

/// The zone with a name like `name`, or with a city of that name.
fn zone_like(name: &str) -> Option<String> {
    let known: Vec<_> = jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
    let city = |zone: &str| zone.rsplit_once('/').map(|(_, city)| city.to_lowercase());
    let wanted = name.trim().to_lowercase().replace([' ', '-'], "_");
    let of_city = known.iter().find(|zone| city(zone).is_some_and(|city| city == wanted));
    of_city.cloned().or_else(|| nearest::nearest(name, known.iter().map(String::as_str)).map(str::to_owned))
}

impl Zone {
    /// The moment at which the clocks of the zone show `time`.
    pub(super) fn moment(&self, time: DateTime) -> Result<Timestamp, String> {
        let ambiguous = self.zone.to_ambiguous_timestamp(time);
        let name = &self.name;
        match ambiguous.offset() {
            AmbiguousOffset::Gap { .. } => {
                Err(format!("the clocks in {name} never showed this time: summer time began"))
            }
            AmbiguousOffset::Fold { .. } => {
                Err(format!("the clocks in {name} showed this time twice: summer time ended"))
            }
            AmbiguousOffset::Unambiguous { .. } => {
                ambiguous.unambiguous().map_err(|_| "beyond the years that can be written".to_owned())
            }
        }
    }
}

/// The moment of a time without a zone, if its zone is known.
pub(super) fn moment_in(zone: Option<&Zone>, time: DateTime) -> Result<Timestamp, String> {
    let zone =
        zone.ok_or("the time has no zone: it needs Z or an offset such as +02:00, or `timezone` in the mapping")?;
    zone.moment(time)
}
