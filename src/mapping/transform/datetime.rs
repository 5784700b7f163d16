//! `datetime`.

use jiff::Timestamp;
use jiff::fmt::temporal::{DateTimeParser, Pieces};
use jiff::tz::Disambiguation;

use super::zone::{Zone, moment_in, zone_named};
use super::{Argument, BadArgument, Transform, plain_with};
use crate::mapping::value::{Constant, Type, Value};

pub(super) const TRANSFORM: Transform = Transform {
    name: "datetime",
    about: "reads an RFC 3339 time, such as 2015-07-19T22:41:43Z, with any offset and fraction",
    argument: Argument::Optional("the zone that is meant where a time has none, such as Europe/Berlin"),
    accepts: &[Type::Text],
    gives: Type::Time,
    prepare: |given| {
        let zone = match given.values {
            [] => given.timezone.cloned(),
            [Constant::Text(zone)] => Some(named(0, zone)?),
            _ => return Err(BadArgument::new(0, "the argument must be a zone", r#"such as { datetime = "UTC" }"#)),
        };
        Ok(plain_with(move |value| match value {
            Value::Text(text) => read(text.trim(), zone.as_ref()).map(Value::Time),
            other => Ok(other),
        }))
    },
};

/// The zone that the value `index` of an argument names.
pub(super) fn named(index: usize, zone: &str) -> Result<Zone, BadArgument> {
    zone_named(zone).map_err(|label| BadArgument::new(index, format!("unknown time zone `{zone}`"), label))
}

fn no_time() -> String {
    "this is no time such as 2024-05-31T12:00:00Z (`time_format` reads other forms)".to_owned()
}

fn read(text: &str, zone: Option<&Zone>) -> Result<Timestamp, String> {
    let pieces = Pieces::parse(text).map_err(|_| no_time())?;
    // Midnight would be a guess.
    let time = pieces.time().ok_or("the time of day is missing: `time_format` reads a day alone, such as %Y-%m-%d")?;
    match (pieces.offset(), pieces.time_zone_annotation()) {
        (Some(_), None) => text.parse().map_err(|_| no_time()),
        (_, Some(_)) => {
            let moment = PARSER.parse_zoned(text).map(|moment| moment.timestamp());
            moment.map_err(|_| "the time does not fit the zone in brackets behind it".to_owned())
        }
        // A time without a zone may be hours off; guessing one would move every message.
        (None, None) => moment_in(zone, pieces.date().to_datetime(time)),
    }
}

/// Reads times with a zone in brackets, and none that its clocks showed twice or never.
const PARSER: DateTimeParser = DateTimeParser::new().disambiguation(Disambiguation::Reject);

#[cfg(test)]
mod tests {
    use super::super::zone::{Zone, zone_named};
    use super::{no_time, read};

    fn zone(name: &str) -> Option<Zone> {
        zone_named(name).ok()
    }

    #[test]
    fn any_offset_and_fraction_is_read_and_a_missing_zone_is_named() {
        let at = read("2015-07-19T22:41:43Z", None);
        assert_eq!(read("2015-07-20T00:41:43+02:00", None), at);
        assert_eq!(read("2015-07-19 22:41:43.000000+0000", None), at);
        let naive = read("2015-07-19T22:41:43", None);
        assert!(naive.is_err_and(|reason| reason.starts_with("the time has no zone")));
        assert_eq!(read("yesterday", None), Err(no_time()));
    }

    #[test]
    fn a_zone_says_what_a_naive_time_means_and_a_clock_that_is_put_back_says_nothing() {
        assert_eq!(read("2015-07-20 00:41:43", zone("Europe/Berlin").as_ref()), read("2015-07-19T22:41:43Z", None));
        assert_eq!(read("2015-07-20T00:41:43Z", zone("Europe/Berlin").as_ref()), read("2015-07-20T00:41:43Z", None));
        let twice = read("2024-10-27 02:30:00", zone("Europe/Berlin").as_ref());
        assert!(twice.is_err_and(|reason| reason.contains("twice")));
        let never = read("2024-03-31 02:30:00", zone("Europe/Berlin").as_ref());
        assert!(never.is_err_and(|reason| reason.contains("never")));
    }
}
