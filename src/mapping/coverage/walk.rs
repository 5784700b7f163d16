//! One record walked through: every key of it, beside what the mapping reads.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::sample::{Sample, SampleKind, looks_like_address};
use super::tree::{Branch, Budget};
use crate::export::Header;
use crate::mapping::shape::Shape;

/// Enters the JSON value `bytes` into `branch`.
pub(super) fn see_json(bytes: &[u8], branch: &mut Branch, budget: &mut Budget, shape: &Shape) {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    // Whoever maps the record says what is wrong with it.
    let _ = Walk { branch, budget, read: Some(shape) }.deserialize(&mut json);
}

/// Enters the cells of a CSV's row into `branch`; an empty cell is a missing one.
pub(super) fn see_row(
    row: &csv::StringRecord,
    header: &Header,
    branch: &mut Branch,
    budget: &mut Budget,
    shape: &Shape,
) {
    branch.objects += 1;
    for (name, cell) in header.0.iter().zip(row) {
        let Some(inner) = branch.enter(name, budget) else { continue };
        if !cell.is_empty() {
            Walk { branch: inner, budget, read: shape.child(name).map(|(_, shape)| shape) }.text(cell);
            inner.count(!cell.trim().is_empty());
        }
    }
}

/// Enters a value.
struct Walk<'t, 's> {
    branch: &'t mut Branch,
    budget: &'t mut Budget,
    /// What the mapping reads of it; none where it does not read it.
    read: Option<&'s Shape>,
}

/// What a value turned out to be.
enum Seen {
    Null,
    Empty,
    Something,
}

impl Walk<'_, '_> {
    /// A single value is kept only where nobody reads it.
    fn one(self, make: impl FnOnce() -> Sample) -> Seen {
        if self.read.is_none() {
            self.branch.sample(make);
        }
        Seen::Something
    }

    fn text(self, text: &str) -> Seen {
        if text.trim().is_empty() { Seen::Empty } else { self.one(|| Sample::of_text(text)) }
    }
}

impl Branch {
    fn count(&mut self, is_filled: bool) {
        self.there += 1;
        self.filled += u64::from(is_filled);
    }

    /// Counts what stood under a key once.
    fn count_seen(&mut self, seen: &Seen) {
        match seen {
            Seen::Null => {}
            Seen::Empty => self.count(false),
            Seen::Something => self.count(true),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = Seen;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Seen, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = Seen;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Seen, E> {
        Ok(Seen::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Seen, E> {
        Ok(self.one(|| Sample::new(SampleKind::Boolean, &value.to_string())))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Seen, E> {
        Ok(self.one(|| Sample::new(SampleKind::Number, &value.to_string())))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Seen, E> {
        Ok(self.one(|| Sample::new(SampleKind::Number, &value.to_string())))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Seen, E> {
        Ok(self.one(|| Sample::new(SampleKind::Fraction, &value.to_string())))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Seen, E> {
        Ok(self.text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Seen, A::Error> {
        let Walk { branch, budget, read } = self;
        branch.is_list = true;
        let mut seen = Seen::Empty;
        while let Some(element) = list.next_element_seed(Walk { branch, budget, read })? {
            if matches!(element, Seen::Something) {
                seen = Seen::Something;
            }
        }
        Ok(seen)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Seen, A::Error> {
        let Walk { branch, budget, read } = self;
        branch.objects += 1;
        let mut seen = Seen::Empty;
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            seen = Seen::Something;
            let read = read.and_then(|shape| shape.child(&name)).map(|(_, shape)| shape);
            // Somebody's address is a value, also where it stands for a key.
            let is_address = read.is_none() && looks_like_address(&name);
            let name = if is_address { "an address" } else { &*name };
            let Some(inner) = branch.enter(name, budget) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = map.next_value_seed(Walk { branch: inner, budget, read })?;
            inner.count_seen(&value);
        }
        Ok(seen)
    }
}
