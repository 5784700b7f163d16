//! What of an update is sent, given what the account holds.
//!
//! The decision needs [`Facts`] alone, so that it can be made for a whole plan; [`body`] then takes the values.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::facts::kind_of;
use super::form::writable;
use super::{Channel, Facts, FieldName, Kind, Write, Writes};
use crate::record::{Cause, CauseKind};

/// The fields that are sent as the account has them, where it has them and an update can say it: the API requires the
/// first three, and without the last it may mail the customer.
pub(super) const CARRIED: [FieldName; 4] =
    [FieldName::Channel, FieldName::FromAgent, FieldName::SentDatetime, FieldName::Via];

/// What becomes of an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The account holds it already: nothing is sent.
    Unchanged,
    /// It must not be sent.
    Blocked(Cause),
    /// It is sent, with these fields.
    Send(Sends),
}

/// What an update sends, as sets of fields ([`FieldName::bit`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sends {
    /// All that is sent.
    pub fields: u16,
    /// Where the account holds nothing.
    pub fills: u16,
    /// Where the account holds something else.
    pub replaces: u16,
    /// Of those two, what no update can put back as it was.
    pub lost: u16,
}

/// What is sent of `planned` to a message that holds `held`.
pub fn choose(planned: &Facts, held: &Facts, writes: &Writes) -> Choice {
    let sends = Sends::of(planned, held, writes);
    if let Some(cause) = why_not(planned, held, writes, sends) {
        return Choice::Blocked(cause);
    }
    if sends.has_effect() { Choice::Send(sends) } else { Choice::Unchanged }
}

/// The body of the update that [`choose`] settled on for the same `planned` and `held`.
pub fn body(planned: &Map<String, Value>, held: &Map<String, Value>, sends: &Sends) -> Map<String, Value> {
    let sent = FieldName::ALL.into_iter().filter(|field| sends.fields & field.bit() != 0);
    sent.filter_map(|field| {
        let name = field.name();
        let planned = planned.get(name);
        let value = if CARRIED.contains(&field) {
            let held = writable(field, held.get(name));
            held.map(Cow::into_owned).or_else(|| planned.filter(|value| !value.is_null()).cloned())
        } else {
            planned.cloned()
        };
        Some((name.to_owned(), value?))
    })
    .collect()
}

impl Sends {
    /// An update that says what the account holds already.
    pub const NOTHING_NEW: Self = Self {
        fields: FieldName::ExternalId.bit()
            | FieldName::Channel.bit()
            | FieldName::FromAgent.bit()
            | FieldName::SentDatetime.bit()
            | FieldName::Via.bit(),
        fills: 0,
        replaces: 0,
        lost: 0,
    };

    fn of(planned: &Facts, held: &Facts, writes: &Writes) -> Self {
        let mut sends = Self::default();
        for field in FieldName::ALL.into_iter().filter(|&field| is_sent(field, planned, held, writes)) {
            sends.fields |= field.bit();
            let stays = is_carried_over(field, held) || planned.agrees(held, field);
            if stays {
                continue;
            }
            if held.says(field) {
                sends.replaces |= field.bit();
            } else {
                sends.fills |= field.bit();
            }
            if !held.can_be_put_back(field) {
                sends.lost |= field.bit();
            }
        }
        sends
    }

    /// Whether anything would change but a channel or a via that no update can say: those are not replaced for their
    /// own sake.
    fn has_effect(self) -> bool {
        let aside = self.replaces & (FieldName::Channel.bit() | FieldName::Via.bit());
        (self.fills | self.replaces) & !aside != 0
    }
}

/// Whether `field` is in the body.
fn is_sent(field: FieldName, planned: &Facts, held: &Facts, writes: &Writes) -> bool {
    let is_planned = planned.has(field) && writes.includes(field);
    match field {
        FieldName::ExternalId => is_planned,
        FieldName::MessageId => is_planned && !planned.agrees(held, field),
        // Never null: what the plan clears it may not clear here.
        _ if CARRIED.contains(&field) => is_carried_over(field, held) || planned.says(field),
        _ => {
            is_planned
                && match writes.write {
                    Write::Ids => false,
                    Write::Missing => planned.says(field) && !held.says(field),
                    Write::All => !planned.agrees(held, field),
                }
        }
    }
}

/// Whether the body says of `field` what the account holds.
fn is_carried_over(field: FieldName, held: &Facts) -> bool {
    CARRIED.contains(&field) && held.says(field) && held.can_be_put_back(field)
}

/// Why the update must not be sent.
fn why_not(planned: &Facts, held: &Facts, writes: &Writes, sends: Sends) -> Option<Cause> {
    let id = FieldName::ExternalId;
    if !writes.replace_external_id && held.says(id) && !planned.agrees(held, id) {
        return Some(Cause::new(CauseKind::OtherExternalId, "its target already holds another external_id"));
    }
    // As the body will say them.
    let channel = held.channel.or(planned.channel);
    let from_agent = held.from_agent.or(planned.from_agent);
    let is_sent = |field: FieldName| sends.fields & field.bit() != 0;
    // The plan lets a note be without a time. Where the account holds something else and that is kept, this ends.
    if channel != Some(Channel::InternalNote) && !is_sent(FieldName::SentDatetime) {
        let detail = "the account holds no internal note there, and sent_datetime is missing";
        return Some(Cause::new(CauseKind::Unsafe, detail));
    }
    if kind_of(channel, from_agent) == Some(Kind::Incoming) && is_sent(FieldName::Receiver) {
        let detail = "the account holds an incoming message there, on which Gorgias keeps no receiver";
        return Some(Cause::new(CauseKind::Invalid, detail));
    }
    None
}
