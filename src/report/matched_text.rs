//! How one message was found in the account, as text.

use std::fmt::Write as _;

use super::lines::wrapped;
use crate::checkpoint::Matched;
use crate::mapping::Matching;
use crate::record::{MatchRule, State};
use crate::update::FieldName;

/// How a message was found by the rules of `matching`, of which those that look into the account were only tried if there
/// is a scan. Ends with a line break.
pub fn matched_text(matched: &Matched, matching: &Matching, has_scan: bool) -> String {
    let mut text = String::from("\n");
    // Writing into a string can't fail.
    let _ = write(&mut text, matched, matching, has_scan);
    text
}

fn write(text: &mut String, matched: &Matched, matching: &Matching, has_scan: bool) -> std::fmt::Result {
    let decided = matched.target.map(|(rule, _)| rule).or_else(|| matched.candidates.first().map(|(rule, _)| *rule));
    let found = match (&matched.target, matched.candidates.len()) {
        (Some((rule, target)), _) => format!("{target}, {}", rule.words()),
        (None, 0) => "not found".to_owned(),
        (None, several) => format!("{several} messages that are as likely"),
    };
    wrapped(text, "  in Gorgias: ", 6, &found)?;
    let is_tried = |rule: &MatchRule| {
        has_scan || !matches!(rule, MatchRule::ExternalId | MatchRule::MessageId | MatchRule::Ticket)
    };
    for rule in &matching.rules {
        let what = match rule {
            _ if decided == Some(*rule) => "found",
            _ if is_tried(rule) => "nothing",
            _ => "not tried, as there is no scan",
        };
        writeln!(text, "    {}: {what}", rule.word())?;
        if decided == Some(*rule) {
            break;
        }
    }
    for (_, target) in &matched.candidates {
        writeln!(text, "    may be {target}")?;
    }
    wrapped(text, "    then: ", 8, &then(matched))
}

fn then(matched: &Matched) -> String {
    let state = match (matched.state, matched.changes) {
        (State::Pending, Some((fills, replaces))) => {
            let listed = |bits: u16| {
                let fields = FieldName::ALL.into_iter().filter(|field| bits & field.bit() != 0);
                fields.map(FieldName::name).collect::<Vec<_>>().join(", ")
            };
            let parts = [("fills", listed(fills)), ("replaces", listed(replaces))];
            let parts: Vec<_> = parts
                .iter()
                .filter(|(_, fields)| !fields.is_empty())
                .map(|(what, fields)| format!("{what} {fields}"))
                .collect();
            format!("to update; with --write all, it {}", parts.join("; "))
        }
        (State::Pending, None) => "to update".to_owned(),
        (State::Unchanged, _) => "unchanged: the account holds all of it already".to_owned(),
        (state, _) => state.word().to_owned(),
    };
    match &matched.cause {
        Some(cause) => format!("{state}: {}", cause.detail),
        None => state,
    }
}
