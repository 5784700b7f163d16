//! TOML with its places: keys that are checked, values that are asked for by type.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::mapping::diagnostic::Findings;
use crate::mapping::value::Constant;

/// A TOML value with its place.
pub(crate) type Value<'i> = Spanned<DeValue<'i>>;

/// A key with its place, and its value.
pub(crate) struct Entry<'a, 'i> {
    pub(crate) key: &'a str,
    pub(crate) span: Range<usize>,
    pub(crate) value: &'a Value<'i>,
}

/// A text of the mapping with its place.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) text: String,
    /// With its quotes.
    pub(crate) span: Range<usize>,
    /// Where its first character stands; none where escapes make the places inside unknown.
    inside: Option<usize>,
}

impl Written {
    fn new(text: &str, span: Range<usize>, source: &str) -> Self {
        let raw = source.get(span.clone()).unwrap_or_default();
        let quotes = if raw.starts_with("\"\"\"") || raw.starts_with("'''") { 3 } else { 1 };
        let is_plain = raw.get(quotes..quotes + text.len()) == Some(text);
        Self { text: text.to_owned(), inside: is_plain.then_some(span.start + quotes), span }
    }

    /// A key, which has no quotes around it.
    pub(super) fn of_key(key: &str, span: Range<usize>) -> Self {
        Self { text: key.to_owned(), inside: Some(span.start), span }
    }

    /// The place of a part of the text.
    pub(crate) fn part(&self, part: Range<usize>) -> Range<usize> {
        self.inside.map_or_else(|| self.span.clone(), |start| start + part.start..start + part.end)
    }

    /// The place of the text without its quotes.
    pub(crate) fn inner(&self) -> Range<usize> {
        self.part(0..self.text.len())
    }
}

/// The entries of `table` in the order of the file.
pub(crate) fn entries<'a, 'i>(table: &'a DeTable<'i>) -> Vec<Entry<'a, 'i>> {
    let entries = table.iter().map(|(key, value)| Entry { key: key.get_ref(), span: key.span(), value });
    let mut entries: Vec<_> = entries.collect();
    entries.sort_by_key(|entry| entry.span.start);
    entries
}

/// The value of `key`.
pub(crate) fn get<'a, 'i>(table: &'a DeTable<'i>, key: &str) -> Option<&'a Value<'i>> {
    table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
}

impl Findings<'_> {
    /// Makes sure that `table` has no keys but `valid`; `what` and `of` say whose keys they are.
    pub(crate) fn check_keys(&mut self, table: &DeTable<'_>, what: &str, of: &str, valid: &[&str]) {
        for entry in entries(table) {
            if !valid.contains(&entry.key) {
                let message = format!("unknown {what} `{}`{of}", entry.key);
                self.add_unknown(entry.span, message, entry.key, valid.iter().copied());
            }
        }
    }

    /// The place of a value, without its quotes.
    pub(crate) fn place(&self, value: &Value<'_>) -> Range<usize> {
        self.part_of(value, None)
    }

    /// The place of a part of a value that is text; of all of it, without its quotes, where no part is given.
    pub(super) fn part_of(&self, value: &Value<'_>, part: Option<Range<usize>>) -> Range<usize> {
        let DeValue::String(text) = value.get_ref() else {
            return value.span();
        };
        let written = Written::new(text, value.span(), self.text());
        part.map_or_else(|| written.inner(), |part| written.part(part))
    }

    /// Notes that `key` holds something else than `wanted`.
    pub(crate) fn add_wrong_type(&mut self, key: &str, value: &Value<'_>, wanted: &str) {
        self.add(value.span(), format!("`{key}` must be {wanted}"), format!("this is {}", type_words(value.get_ref())));
    }

    /// The value as text.
    pub(crate) fn as_text(&mut self, key: &str, value: &Value<'_>) -> Option<Written> {
        if let DeValue::String(text) = value.get_ref() {
            return Some(Written::new(text, value.span(), self.text()));
        }
        self.add_wrong_type(key, value, "text in quotes");
        None
    }

    /// The text under `key`, if there is one.
    pub(crate) fn text_at(&mut self, table: &DeTable<'_>, key: &str) -> Option<Written> {
        self.as_text(key, get(table, key)?)
    }

    /// The texts under `key`: one, or a list. None where the key is absent or anything is wrong.
    pub(crate) fn texts_at(&mut self, table: &DeTable<'_>, key: &str) -> Option<Vec<Written>> {
        self.as_texts(key, get(table, key)?)
    }

    /// The value as texts: one, or a list. None where anything is wrong.
    pub(crate) fn as_texts(&mut self, key: &str, value: &Value<'_>) -> Option<Vec<Written>> {
        match value.get_ref() {
            DeValue::Array(list) => list.iter().map(|value| self.as_text(key, value)).collect(),
            _ => Some(vec![self.as_text(key, value)?]),
        }
    }

    /// The boolean under `key`; false where it is absent.
    pub(crate) fn flag_at(&mut self, table: &DeTable<'_>, key: &str) -> bool {
        match get(table, key) {
            None => false,
            Some(value) => value.get_ref().as_bool().unwrap_or_else(|| {
                self.add_wrong_type(key, value, "true or false");
                false
            }),
        }
    }

    /// The table under `key`, if there is one.
    pub(crate) fn table_at<'a, 'i>(&mut self, table: &'a DeTable<'i>, key: &str) -> Option<&'a DeTable<'i>> {
        let value = get(table, key)?;
        if let DeValue::Table(inner) = value.get_ref() {
            return Some(inner);
        }
        self.add_wrong_type(key, value, "a table");
        None
    }

    /// The value as a constant.
    pub(crate) fn as_constant(&mut self, key: &str, value: &Value<'_>) -> Option<Constant> {
        let constant = match value.get_ref() {
            DeValue::String(text) => Some(Constant::Text(text.clone().into_owned())),
            DeValue::Boolean(value) => Some(Constant::Boolean(*value)),
            DeValue::Integer(number) => {
                i64::from_str_radix(number.as_str(), number.radix()).ok().map(Constant::Integer)
            }
            _ => None,
        };
        if constant.is_none() {
            self.add_wrong_type(key, value, "text, a whole number, true or false");
        }
        constant
    }
}

fn type_words(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
