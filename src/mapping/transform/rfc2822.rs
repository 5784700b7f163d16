//! `rfc2822`.

use jiff::fmt::rfc2822::DateTimeParser;

use super::{Argument, Transform, plain};
use crate::mapping::value::{Type, Value};

pub(super) const TRANSFORM: Transform = Transform {
    name: "rfc2822",
    about: "reads a time as mail headers have it, such as Fri, 31 May 2024 10:00:00 +0200",
    argument: Argument::None,
    accepts: &[Type::Text],
    gives: Type::Time,
    prepare: |_| {
        Ok(plain(|value| {
            let moment = PARSER.parse_timestamp(value.text_form().trim());
            moment.map(Value::Time).map_err(|_| "this is no time such as Fri, 31 May 2024 10:00:00 +0200".to_owned())
        }))
    },
};

const PARSER: DateTimeParser = DateTimeParser::new();
