//! Single values on their way from a record to a field, their types, and the constants that a mapping writes.

use std::borrow::Cow;

use jiff::Timestamp;

use super::node::Node;

/// What sort of value it is. The compiler follows it from step to step, so that a wrong chain never meets a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// Whatever the export holds; known only when a record is read.
    Any,
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number with a fraction or an exponent.
    Fraction,
    /// True or false.
    Boolean,
    /// A moment.
    Time,
    /// A list of single values.
    List,
}

impl Type {
    /// The type in words, with its article.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Any => "whatever the export holds",
            Self::Text => "text",
            Self::Integer => "a whole number",
            Self::Fraction => "a number with a fraction",
            Self::Boolean => "a boolean",
            Self::Time => "a time",
            Self::List => "a list",
        }
    }
}

/// A single value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Text(Cow<'a, str>),
    Integer(i128),
    Fraction(f64),
    Boolean(bool),
    Time(Timestamp),
    List(Vec<Value<'a>>),
}

impl<'a> Value<'a> {
    /// The value of a node; none where it is null, a list or an object.
    pub(crate) fn of(node: &'a Node<'a>) -> Option<Self> {
        match node {
            Node::Text(text) => Some(Value::Text(Cow::Borrowed(text))),
            Node::Integer(value) => Some(Value::Integer(*value)),
            Node::Float(value) => Some(Value::Fraction(*value)),
            Node::Boolean(value) => Some(Value::Boolean(*value)),
            Node::Null | Node::List(_) | Node::Object(_) => None,
        }
    }

    /// The value of a list of single values, without its nulls; none where something else is in it, or it is no list.
    pub(crate) fn of_list(node: &'a Node<'a>) -> Option<Self> {
        let Node::List(nodes) = node else { return None };
        let nodes = nodes.iter().filter(|node| **node != Node::Null);
        nodes.map(Value::of).collect::<Option<_>>().map(Value::List)
    }

    /// Its type.
    pub(crate) fn kind(&self) -> Type {
        match self {
            Value::Text(_) => Type::Text,
            Value::Integer(_) => Type::Integer,
            Value::Fraction(_) => Type::Fraction,
            Value::Boolean(_) => Type::Boolean,
            Value::Time(_) => Type::Time,
            Value::List(_) => Type::List,
        }
    }

    /// Its text form, by which tables and lookups find it and conditions compare it.
    pub(crate) fn text_form(&self) -> Cow<'_, str> {
        match self {
            Value::Text(text) => Cow::Borrowed(text),
            Value::Integer(value) => Cow::Owned(value.to_string()),
            Value::Fraction(value) => Cow::Owned(value.to_string()),
            Value::Boolean(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
            Value::Time(at) => Cow::Owned(at.to_string()),
            Value::List(values) => {
                let texts: Vec<_> = values.iter().map(Value::text_form).collect();
                Cow::Owned(texts.join(", "))
            }
        }
    }
}

/// A constant that stands in a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Constant {
    Text(String),
    Integer(i64),
    Boolean(bool),
}

impl Constant {
    /// Its type.
    pub(crate) fn kind(&self) -> Type {
        match self {
            Constant::Text(_) => Type::Text,
            Constant::Integer(_) => Type::Integer,
            Constant::Boolean(_) => Type::Boolean,
        }
    }

    /// The constant as a value.
    pub(crate) fn value(&self) -> Value<'_> {
        match self {
            Constant::Text(text) => Value::Text(Cow::Borrowed(text)),
            Constant::Integer(value) => Value::Integer((*value).into()),
            Constant::Boolean(value) => Value::Boolean(*value),
        }
    }

    /// Whether `value` is this constant.
    ///
    /// By text form, because a CSV has nothing but text: `public == false` means the same for `false` in JSON and in a
    /// cell. A boolean also knows `FALSE` and `False`, as spreadsheets write it.
    pub(crate) fn is(&self, value: &Value<'_>) -> bool {
        let own = self.value();
        match self {
            Constant::Boolean(_) => own.text_form().eq_ignore_ascii_case(&value.text_form()),
            Constant::Text(_) | Constant::Integer(_) => own.text_form() == value.text_form(),
        }
    }
}
