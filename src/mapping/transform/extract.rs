//! `extract`.

use super::{Argument, Transform, of_text};
use crate::mapping::syntax::regular_expression;
use crate::mapping::value::Type;

pub(super) const TRANSFORM: Transform = Transform {
    name: "extract",
    about: "takes the first match of a regular expression, of its first group if it has one",
    argument: Argument::Needed("a regular expression"),
    accepts: &[Type::Text],
    gives: Type::Text,
    prepare: |given| {
        let wanted = regular_expression(given.text(r"{ extract = 'ticket-(\d+)' }")?)?;
        Ok(of_text(move |text| {
            let found = wanted.captures(text);
            let found = found.and_then(|groups| groups.get(usize::from(groups.len() > 1)));
            Ok(found.map(|found| found.as_str().to_owned()))
        }))
    },
};
