//! What undo sends: what the account held before, where it still holds what we wrote.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::agreement::{Agreement, Class, agree};
use super::choice::CARRIED;
use super::form::{NULL, writable};
use super::{Channel, FieldName};

/// What taking an update back comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Restoration {
    /// The account already holds what it held before, as far as that can be put back.
    Nothing,
    /// Somebody changed these fields since; all of the message stays as it is.
    Conflict(Vec<FieldName>),
    /// It could have the message mailed to a customer.
    Unsafe,
    /// An update puts it back.
    Restore {
        /// The update.
        body: Map<String, Value>,
        /// The fields that stay changed all the same, as their bits.
        lost: u16,
    },
}

/// How to take back `sent`, which went to a message that was `before` and is `now`.
///
/// Both are messages as read. Fields that were not sent are not touched.
pub fn restore(before: &Map<String, Value>, sent: &Map<String, Value>, now: &Map<String, Value>) -> Restoration {
    let case = Case { before, sent, now };
    let written = || FieldName::ALL.into_iter().filter(|field| sent.contains_key(field.name()));
    let conflicts: Vec<_> = written().filter(|&field| case.is_foreign(field)).collect();
    if !conflicts.is_empty() {
        return Restoration::Conflict(conflicts);
    }
    let mut body: Map<_, _> =
        written().filter_map(|field| Some((field.name().to_owned(), case.put_back(field)?.into_owned()))).collect();
    if body.is_empty() {
        return Restoration::Nothing;
    }
    for field in CARRIED {
        if let Some(value) = case.carried(field) {
            body.insert(field.name().to_owned(), value.into_owned());
        }
    }
    let is_note = body.get("channel").and_then(Value::as_str) == Some(Channel::InternalNote.name());
    if !is_note && !body.contains_key("sent_datetime") {
        return Restoration::Unsafe;
    }
    let lost = FieldName::ALL.into_iter().filter(|&field| case.stays_changed(field, &body));
    Restoration::Restore { lost: lost.fold(0, |lost, field| lost | field.bit()), body }
}

/// A message at three times.
struct Case<'a> {
    before: &'a Map<String, Value>,
    sent: &'a Map<String, Value>,
    now: &'a Map<String, Value>,
}

impl<'a> Case<'a> {
    /// Whether the account holds what we wrote.
    fn is_ours(&self, field: FieldName) -> bool {
        let ours = self.sent.get(field.name());
        ours.is_some_and(|ours| agree(field, ours, self.now.get(field.name())) != Agreement::Different)
    }

    /// Whether the account holds neither what we wrote nor what it held before.
    fn is_foreign(&self, field: FieldName) -> bool {
        let before = self.before.get(field.name()).unwrap_or(&NULL);
        !self.is_ours(field) && agree(field, before, self.now.get(field.name())) == Agreement::Different
    }

    /// The value from before, where it can be put back and that changes something.
    fn put_back(&self, field: FieldName) -> Option<Cow<'a, Value>> {
        if !self.is_ours(field) {
            return None;
        }
        let before = writable(field, self.before.get(field.name()))?;
        let now = self.now.get(field.name()).unwrap_or(&NULL);
        let changes = match agree(field, &before, Some(now)) {
            // The account would look the same person up, and spells times in its own way.
            Agreement::Equal | Agreement::Normalised(Class::Person | Class::TimeZone) => false,
            Agreement::Normalised(_) | Agreement::Different => true,
        };
        changes.then_some(before)
    }

    /// What the update says of a field that it must not leave out: as it was before, else as it is, else as we sent it.
    ///
    /// A field that we did not write stays as it is. A time that we sent and somebody took away is not given back.
    fn carried(&self, field: FieldName) -> Option<Cow<'a, Value>> {
        let name = field.name();
        let [first, second] =
            if self.sent.contains_key(name) { [self.before, self.now] } else { [self.now, self.before] };
        let sent = || writable(field, self.sent.get(name).filter(|_| field != FieldName::SentDatetime));
        writable(field, first.get(name)).or_else(|| writable(field, second.get(name))).or_else(sent)
    }

    /// Whether the account will hold something else in `field` than before, once told `body`, though we or the undo
    /// wrote it.
    fn stays_changed(&self, field: FieldName, body: &Map<String, Value>) -> bool {
        let name = field.name();
        if !self.sent.contains_key(name) && !body.contains_key(name) {
            return false;
        }
        let after = body.get(name).or_else(|| self.now.get(name)).unwrap_or(&NULL);
        let before = self.before.get(name).unwrap_or(&NULL);
        match agree(field, after, Some(before)) {
            Agreement::Equal | Agreement::Normalised(Class::Person | Class::TimeZone | Class::Blank) => false,
            Agreement::Normalised(_) | Agreement::Different => true,
        }
    }
}
