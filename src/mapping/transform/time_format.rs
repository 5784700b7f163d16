//! `time_format`.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::TimeZone;

use super::datetime::named;
use super::zone::{Zone, moment_in, zone_named};
use super::{Argument, BadArgument, Transform, plain_with};
use crate::mapping::value::{Constant, Type, Value};

pub(super) const TRANSFORM: Transform = Transform {
    name: "time_format",
    about: "reads a time of a given form, such as %d.%m.%Y %H:%M",
    argument: Argument::Needed("the form, and if wanted the zone that is meant where it has none"),
    accepts: &[Type::Text],
    gives: Type::Time,
    prepare: |given| {
        let (form, zone) = match given.values {
            [Constant::Text(form)] => (form, given.timezone.cloned()),
            [Constant::Text(form), Constant::Text(zone)] => (form, Some(named(1, zone)?)),
            _ => {
                let label = r#"such as { time_format = "%d.%m.%Y %H:%M" }"#;
                return Err(BadArgument::new(0, "the argument must be a form, and if wanted a zone", label));
            }
        };
        check(form).map_err(|label| BadArgument::new(0, "this is no form of times", label))?;
        let form = form.clone();
        Ok(plain_with(move |value| read(&form, zone.as_ref(), value.text_form().trim()).map(Value::Time)))
    },
};

/// Reads back what `form` makes of an example: what it can't read, and what it reads as another time, shows there.
fn check(form: &str) -> Result<(), String> {
    let example = EXAMPLE.to_zoned(TimeZone::UTC).map_err(|error| words(&error))?;
    let written = strtime::format(form, &example).map_err(|error| words(&error))?;
    let parts = strtime::parse(form, &written).map_err(|error| words(&error))?;
    if parts.timestamp().is_some() {
        let has_fraction = parts.subsec_nanosecond().is_some();
        return if has_fraction { Err("seconds with a fraction are for `epoch_seconds`".to_owned()) } else { Ok(()) };
    }
    let is_day = parts.to_date().is_ok_and(|day| day == EXAMPLE.date());
    if !is_day {
        return Err("it tells no day: it needs %Y, %m and %d, or the like".to_owned());
    }
    match parts.hour() {
        Some(hour) if hour != EXAMPLE.hour() => Err("%I and %l need %p: is it morning or evening?".to_owned()),
        None if parts.meridiem().is_some() => Err("there is no hour: it needs %I".to_owned()),
        Some(_) if parts.minute().is_none() && parts.meridiem().is_none() => {
            Err("there is no minute: it needs %M".to_owned())
        }
        // A day alone is a form of its own.
        _ => parts.to_time().map(|_| ()).map_err(|_| "there is no hour, or no minute: it needs %H and %M".to_owned()),
    }
}

/// What is wrong, without the names of C's functions.
fn words(error: &jiff::Error) -> String {
    let words = error.to_string();
    words.split_once(" failed: ").map_or_else(|| words.clone(), |(_, what)| what.to_owned())
}

/// A night with a fraction of a second, none of whose numbers could be another's.
const EXAMPLE: DateTime = DateTime::constant(2024, 12, 31, 23, 45, 56, 123_456_789);

fn read(form: &str, zone: Option<&Zone>, text: &str) -> Result<Timestamp, String> {
    let other = || format!("this is no time of the form {form}");
    let parts = strtime::parse(form, text).map_err(|_| other())?;
    if parts.timestamp().is_some() || parts.offset().is_some() {
        return with_offset(&parts).map_err(|_| other());
    }
    let time = parts.to_datetime().map_err(|_| other())?;
    match parts.iana_time_zone() {
        Some(name) => moment_in(Some(&zone_named(name).map_err(|_| other())?), time),
        None => moment_in(zone, time),
    }
}

/// The moment, which has to fit the zone as well where there is one.
fn with_offset(parts: &BrokenDownTime) -> Result<Timestamp, jiff::Error> {
    if parts.timestamp().is_none() && parts.iana_time_zone().is_some() {
        return parts.to_zoned().map(|time| time.timestamp());
    }
    parts.to_timestamp()
}
