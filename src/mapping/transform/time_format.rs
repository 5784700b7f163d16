//! `time_format`.

use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use super::datetime::named;
use super::zone::{Zone, moment_in};
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
        // Whether the form can be read at all shows when something is written in it.
        let example = jiff::Zoned::new(Timestamp::UNIX_EPOCH, TimeZone::UTC);
        if let Err(error) = strtime::format(form, &example) {
            return Err(BadArgument::new(0, "this is no form of times", error.to_string()));
        }
        let form = form.clone();
        Ok(plain_with(move |value| read(&form, zone.as_ref(), value.text_form().trim()).map(Value::Time)))
    },
};

fn read(form: &str, zone: Option<&Zone>, text: &str) -> Result<Timestamp, String> {
    let other = || format!("this is no time of the form {form}");
    let parts = strtime::parse(form, text).map_err(|_| other())?;
    if parts.offset().is_some() || parts.iana_time_zone().is_some() {
        return parts.to_timestamp().map_err(|_| other());
    }
    let time = parts.to_datetime().or_else(|_| parts.to_date().map(|date| date.at(0, 0, 0, 0))).map_err(|_| other())?;
    moment_in(zone, time)
}
