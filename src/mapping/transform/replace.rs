//! `replace`.

use std::ops::Range;

use regex::Regex;

use super::{Argument, BadArgument, Transform, of_text};
use crate::mapping::syntax::regular_expression;
use crate::mapping::value::{Constant, Type};

pub(super) const TRANSFORM: Transform = Transform {
    name: "replace",
    about: "replaces each match of a regular expression; $1 is its first group",
    argument: Argument::Needed("a regular expression, and what to write in its place"),
    accepts: &[Type::Text],
    gives: Type::Text,
    prepare: |given| {
        let [Constant::Text(wanted), Constant::Text(with)] = given.values else {
            let label = r#"such as { replace = ['\s+', " "] }"#;
            return Err(BadArgument::new(
                0,
                "the argument must be two texts: what to look for, and what to write",
                label,
            ));
        };
        let (wanted, with) = (regular_expression(wanted)?, with.clone());
        check_groups(&wanted, &with)?;
        Ok(of_text(move |text| Ok(Some(wanted.replace_all(text, with.as_str()).into_owned()))))
    },
};

/// Makes sure that every group that `with` names is there: the regular expression takes another for an empty text.
fn check_groups(wanted: &Regex, with: &str) -> Result<(), BadArgument> {
    for (group, place) in groups(with) {
        let is_there = match group.parse::<usize>() {
            Ok(number) => number < wanted.captures_len(),
            Err(_) => wanted.capture_names().flatten().any(|name| name == group),
        };
        if !is_there {
            let digits = group.len() - group.trim_start_matches(|sign: char| sign.is_ascii_digit()).len();
            let label = match group.split_at(digits) {
                ("", _) | (_, "") => "write $$ for a dollar sign".to_owned(),
                (number, rest) => format!("write ${{{number}}}{rest} for group {number} before `{rest}`"),
            };
            let message = format!("the regular expression has no group `{group}`");
            return Err(BadArgument { part: Some(place), ..BadArgument::new(1, message, label) });
        }
    }
    Ok(())
}

/// The groups that a replacement names, and where: `$1`, `$name` and `${name}`; `$$` is a dollar sign.
fn groups(with: &str) -> Vec<(&str, Range<usize>)> {
    let mut groups = Vec::new();
    let mut at = 0;
    while let Some(dollar) = with[at..].find('$').map(|found| at + found) {
        let rest = &with[dollar + 1..];
        at = dollar + 1;
        if rest.starts_with('$') {
            at += 1;
            continue;
        }
        let (group, length) = if let Some(braced) = rest.strip_prefix('{') {
            let Some(end) = braced.find('}') else { continue };
            (&braced[..end], end + 2)
        } else {
            let end = rest.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_').unwrap_or(rest.len());
            (&rest[..end], end)
        };
        at += length;
        if length > 0 {
            groups.push((group, dollar..at));
        }
    }
    groups
}
