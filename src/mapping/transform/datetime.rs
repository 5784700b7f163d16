//! `datetime`.

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::Transform;
use crate::mapping::value::{Type, Value};

pub(super) const TRANSFORM: Transform = Transform {
    name: "datetime",
    about: "reads an RFC 3339 time, such as 2015-07-19T22:41:43Z, with any offset and fraction",
    accepts: &[Type::Text],
    gives: Type::Time,
    run: |value| match value {
        Value::Text(text) => read(text.trim()).map(Value::Time),
        other => Ok(other),
    },
};

fn read(text: &str) -> Result<Timestamp, String> {
    text.parse::<Timestamp>().map_err(|_| {
        // A time without a zone may be hours off; guessing one would move every message.
        if text.parse::<DateTime>().is_ok() {
            "the time has no zone: it needs Z or an offset such as +02:00".to_owned()
        } else {
            "this is no time such as 2024-05-31T12:00:00Z".to_owned()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn any_offset_and_fraction_is_read_and_a_missing_zone_is_named() {
        let at = read("2015-07-19T22:41:43Z");
        assert_eq!(read("2015-07-20T00:41:43+02:00"), at);
        assert_eq!(read("2015-07-19 22:41:43.000000+0000"), at);
        assert_eq!(
            read("2015-07-19T22:41:43"),
            Err("the time has no zone: it needs Z or an offset such as +02:00".to_owned())
        );
        assert_eq!(read("2015-07-19"), Err("the time has no zone: it needs Z or an offset such as +02:00".to_owned()));
        assert_eq!(read("yesterday"), Err("this is no time such as 2024-05-31T12:00:00Z".to_owned()));
    }
}
