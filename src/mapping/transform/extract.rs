//! `extract`.

use regex::{Regex, RegexBuilder};

use super::{Argument, BadArgument, Transform, of_text};
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

/// A regular expression compiles to no more, in bytes: a mapping may come from anywhere.
const MOST: usize = 1 << 20;

/// The regular expression `text`.
pub(super) fn regular_expression(text: &str) -> Result<Regex, BadArgument> {
    RegexBuilder::new(text).size_limit(MOST).build().map_err(|error| {
        let words = error.to_string();
        let words = words.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        BadArgument::new(0, "this is no regular expression", words)
    })
}
