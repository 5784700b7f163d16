//! What a message says, in few bytes: enough to compare it, and to choose what of an update is sent, without its
//! content.

use serde_json::{Map, Value};

use super::form::can_be_put_back;
use super::normal::{self, parts, parts_of};
use super::{Channel, FieldName, Kind, Via};

/// Raised when the same message would be written differently: when a normal form, a field or one of the closed lists
/// changes.
const FORMAT: u8 = 1;

/// What `from_agent` may be, as [`Facts::to_bytes`] counts them.
const DIRECTIONS: [bool; 2] = [false, true];

/// The parts of all fields.
const FACETS: usize = 20;

/// An update's body, or a message as it is read, for comparison.
///
/// Every part of every field is a hash of its normal form, so that two values agree where Gorgias stores one as the
/// other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The bits of the fields that are there at all, null or not.
    pub fields: u16,
    /// The channel, where an update may write it.
    pub channel: Option<Channel>,
    /// The via, where an update may write it.
    pub via: Option<Via>,
    /// Company to customer, where that is said.
    pub from_agent: Option<bool>,
    /// The bits of the fields whose value no update can give back, nothing among it where an update must say something.
    unsayable: u16,
    facets: [u64; FACETS],
}

impl Facts {
    /// Their length in bytes.
    pub const LENGTH: usize = 8 + 8 * FACETS;

    /// The facts of `message`.
    pub fn of(message: &Map<String, Value>) -> Self {
        let text = |field: FieldName| message.get(field.name()).and_then(Value::as_str);
        let mut facts = Self {
            fields: 0,
            channel: text(FieldName::Channel).and_then(Channel::from_name),
            via: text(FieldName::Via).and_then(Via::from_name),
            from_agent: message.get(FieldName::FromAgent.name()).and_then(Value::as_bool),
            unsayable: 0,
            facets: [0; FACETS],
        };
        let mut at = 0;
        for field in FieldName::ALL {
            let value = message.get(field.name());
            facts.fields |= if value.is_some() { field.bit() } else { 0 };
            facts.unsayable |= if can_be_put_back(field, value) { 0 } else { field.bit() };
            let count = parts_of(field);
            facts.facets[at..at + count].copy_from_slice(&parts(field, value)[..count]);
            at += count;
        }
        facts
    }

    /// Whether `field` is there at all, null or not.
    pub fn has(&self, field: FieldName) -> bool {
        self.fields & field.bit() != 0
    }

    /// Whether `field` says something: neither absent nor null nor empty.
    pub fn says(&self, field: FieldName) -> bool {
        !normal::is_silent(self.parts(field))
    }

    /// Whether `held` says in `field` all that this says; what this says nothing of counts only where it says nothing
    /// at all.
    pub fn agrees(&self, held: &Self, field: FieldName) -> bool {
        normal::agree(self.parts(field), held.parts(field))
    }

    /// Whether an update can say what `field` holds, so that the account would hold it again.
    pub fn can_be_put_back(&self, field: FieldName) -> bool {
        self.unsayable & field.bit() == 0
    }

    /// Which of the three kinds it is, where that follows from what is said.
    pub fn kind(&self) -> Option<Kind> {
        kind_of(self.channel, self.from_agent)
    }

    fn parts(&self, field: FieldName) -> &[u64] {
        let before = FieldName::ALL.into_iter().take_while(|&other| other != field);
        let start: usize = before.map(parts_of).sum();
        &self.facets[start..start + parts_of(field)]
    }

    /// As they are stored.
    pub fn to_bytes(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[0] = FORMAT;
        bytes[1..3].copy_from_slice(&self.fields.to_le_bytes());
        bytes[3..5].copy_from_slice(&self.unsayable.to_le_bytes());
        bytes[5] = position(Channel::ALL, self.channel);
        bytes[6] = position(Via::ALL, self.via);
        bytes[7] = position(&DIRECTIONS, self.from_agent);
        for (facet, to) in self.facets.iter().zip(bytes[8..].chunks_exact_mut(8)) {
            to.copy_from_slice(&facet.to_le_bytes());
        }
        bytes
    }

    /// Back from [`Self::to_bytes`]; `None` for what this version did not write.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LENGTH] = bytes.try_into().ok()?;
        let is_listed = usize::from(bytes[5]) <= Channel::ALL.len()
            && usize::from(bytes[6]) <= Via::ALL.len()
            && usize::from(bytes[7]) <= DIRECTIONS.len();
        if bytes[0] != FORMAT || !is_listed {
            return None;
        }
        let mut facets = [0; FACETS];
        for (facet, from) in facets.iter_mut().zip(bytes[8..].as_chunks().0) {
            *facet = u64::from_le_bytes(*from);
        }
        Some(Self {
            fields: u16::from_le_bytes([bytes[1], bytes[2]]),
            unsayable: u16::from_le_bytes([bytes[3], bytes[4]]),
            channel: at_position(Channel::ALL, bytes[5]),
            via: at_position(Via::ALL, bytes[6]),
            from_agent: at_position(&DIRECTIONS, bytes[7]),
            facets,
        })
    }
}

/// The kind of a message whose channel and direction may be unknown; a note is one whoever wrote it.
pub(super) fn kind_of(channel: Option<Channel>, from_agent: Option<bool>) -> Option<Kind> {
    match (channel?, from_agent) {
        (Channel::InternalNote, _) => Some(Kind::InternalNote),
        (channel, from_agent) => Some(Kind::of(channel, from_agent?)),
    }
}

/// 0 for none, else its place in the list, from 1. No list is as long as 255.
fn position<T: PartialEq>(list: &[T], value: Option<T>) -> u8 {
    let found = value.and_then(|value| list.iter().position(|other| *other == value));
    found.and_then(|index| u8::try_from(index + 1).ok()).unwrap_or(0)
}

/// The other way.
fn at_position<T: Copy>(list: &[T], position: u8) -> Option<T> {
    list.get(usize::from(position).checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::{FACETS, FieldName, parts_of};

    #[test]
    fn there_is_a_place_for_every_part() {
        assert_eq!(FieldName::ALL.into_iter().map(parts_of).sum::<usize>(), FACETS);
    }
}
