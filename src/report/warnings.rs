//! What a plan warns of at its top: it may be sent, and its mapping looks wrong.

use super::Report;
use crate::record::{CauseKind, count, grouped};
use crate::update::Kind;

/// From so many messages on, one direction alone is odd.
const FEW: u64 = 10;

/// What looks wrong, a sentence each.
pub(super) fn warnings(report: &Report) -> Vec<String> {
    let of_kind = |kind: Kind| {
        let rows = report.totals.states.iter().filter(|row| row.kind.as_deref() == Some(kind.word()));
        rows.map(|row| row.count).sum()
    };
    let copies = [CauseKind::OlderCopy, CauseKind::NewerBlocked, CauseKind::Differing];
    let copies = report.totals.causes.iter().filter(|row| copies.contains(&row.cause.kind)).map(|row| row.count).sum();
    [
        one_direction(of_kind(Kind::Incoming), of_kind(Kind::Outgoing)),
        shared_ids(copies, report.totals.messages),
        left_out(report.by_rule(), report.totals.messages),
    ]
    .into_iter()
    .flatten()
    .chain(report.missing_lookups.iter().map(|(name, files)| {
        format!("no file of the lookup {name} was found, so nobody is found in it; it is looked for as {files}")
    }))
    .collect()
}

/// Said where messages go one way only.
pub(super) fn one_direction(incoming: u64, outgoing: u64) -> Option<String> {
    let missing = match (incoming, outgoing) {
        (0, some) if some >= FEW => "incoming",
        (some, 0) if some >= FEW => "outgoing",
        _ => return None,
    };
    Some(format!("not one message is {missing}: check `from_agent` in the mapping"))
}

/// Said where many of `messages` have an id that another one has, too.
pub(super) fn shared_ids(copies: u64, messages: u64) -> Option<String> {
    (copies >= FEW && copies * 10 >= messages).then(|| {
        let of = format!("{} of {}", grouped(copies), count(messages, "message"));
        format!("{of} have an external_id that a different one has, too: is it really the message's own id?")
    })
}

/// Said where rules leave out most of `messages`.
pub(super) fn left_out(skipped: u64, messages: u64) -> Option<String> {
    (skipped * 2 > messages).then(|| {
        let skipped = grouped(skipped);
        format!("rules of the mapping leave out {skipped} of {}: check them", count(messages, "message"))
    })
}
