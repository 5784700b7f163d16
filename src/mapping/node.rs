//! A record, pruned to what the mapping reads of it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::shape::Shape;

/// A value of a record. Keys are the numbers that the [`Shape`] gives them with which it was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node<'a> {
    Null,
    Boolean(bool),
    Integer(i128),
    /// A fraction, an exponent, or an integer that is too long to be kept exactly.
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Object(Vec<(u32, Node<'a>)>),
}

impl<'a> Node<'a> {
    /// Reads one JSON value, keeping only what `shape` names.
    pub(crate) fn from_json(bytes: &'a [u8], shape: &Shape) -> Result<Self, serde_json::Error> {
        let mut json = serde_json::Deserializer::from_slice(bytes);
        let node = Prune(shape).deserialize(&mut json)?;
        json.end()?;
        Ok(node)
    }

    /// The cells of a CSV row in these columns, under the numbers of their keys; an empty cell is a missing one.
    pub(crate) fn from_row(row: &'a csv::StringRecord, columns: &[(u32, usize)]) -> Self {
        let cells = columns.iter().filter_map(|&(number, column)| {
            let cell = row.get(column).filter(|cell| !cell.is_empty())?;
            Some((number, Node::Text(Cow::Borrowed(cell))))
        });
        Node::Object(cells.collect())
    }

    /// The value under the key with this number.
    pub(crate) fn get(&self, number: u32) -> Option<&Self> {
        match self {
            Node::Object(entries) => entries.iter().find(|(key, _)| *key == number).map(|(_, node)| node),
            _ => None,
        }
    }

    /// The same value, no longer tied to the bytes it was read from.
    pub(crate) fn into_owned(self) -> Node<'static> {
        match self {
            Node::Null => Node::Null,
            Node::Boolean(value) => Node::Boolean(value),
            Node::Integer(value) => Node::Integer(value),
            Node::Float(value) => Node::Float(value),
            Node::Text(text) => Node::Text(Cow::Owned(text.into_owned())),
            Node::List(nodes) => Node::List(nodes.into_iter().map(Node::into_owned).collect()),
            Node::Object(entries) => {
                Node::Object(entries.into_iter().map(|(key, node)| (key, node.into_owned())).collect())
            }
        }
    }
}

/// Reads a value and keeps what the shape names.
struct Prune<'s>(&'s Shape);

impl<'de> DeserializeSeed<'de> for Prune<'_> {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Node<'de>, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Prune<'_> {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::Boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(Node::Integer(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(Node::Integer(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node<'de>, E> {
        Ok(Node::Float(value))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node<'de>, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element_seed(Prune(self.0))? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node<'de>, A::Error> {
        let mut entries: Vec<(u32, Node<'de>)> = Vec::with_capacity(self.0.children().len());
        while let Some(key) = map.next_key_seed(Key(self.0))? {
            let Some((number, shape)) = key else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let node = map.next_value_seed(Prune(shape))?;
            // A key that stands twice: the last one counts, as in every JSON reader that people know.
            match entries.iter_mut().find(|(key, _)| *key == number) {
                Some(entry) => entry.1 = node,
                None => entries.push((number, node)),
            }
        }
        Ok(Node::Object(entries))
    }
}

/// Reads a key: its number and what is read below, or nothing where no field reads it.
struct Key<'s>(&'s Shape);

impl<'de, 's> DeserializeSeed<'de> for Key<'s> {
    type Value = Option<(u32, &'s Shape)>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'s> Visitor<'_> for Key<'s> {
    type Value = Option<(u32, &'s Shape)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.child(name))
    }
}
