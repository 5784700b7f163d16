//! `datetime`.

use jiff::Timestamp;
use jiff::civil::DateTime;

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

fn read(text: &str, zone: Option<&Zone>) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse() {
        return Ok(moment);
    }
    // A time without a zone may be hours off; guessing one would move every message.
    match text.parse::<DateTime>() {
        Ok(time) => moment_in(zone, time),
        Err(_) => Err("this is no time such as 2024-05-31T12:00:00Z".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::zone::{Zone, zone_named};
    use super::read;

    fn zone(name: &str) -> Option<Zone> {
        zone_named(name).ok()
    }

    #[test]
    fn any_offset_and_fraction_is_read_and_a_missing_zone_is_named() {
        let at = read("2015-07-19T22:41:43Z", None);
        assert_eq!(read("2015-07-20T00:41:43+02:00", None), at);
        assert_eq!(read("2015-07-19 22:41:43.000000+0000", None), at);
        for naive in ["2015-07-19T22:41:43", "2015-07-19"] {
            assert!(read(naive, None).is_err_and(|reason| reason.starts_with("the time has no zone")), "{naive}");
        }
        assert_eq!(read("yesterday", None), Err("this is no time such as 2024-05-31T12:00:00Z".to_owned()));
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
