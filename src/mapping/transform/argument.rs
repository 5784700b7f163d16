//! The argument of a transform: `{ truncate = 80 }`, `{ replace = ['\\s+', " "] }`.

use std::fmt;
use std::ops::Range;

use super::zone::Zone;
use crate::mapping::syntax::SyntaxError;
use crate::mapping::value::Constant;

/// What a transform's argument is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    /// It has none.
    None,
    /// It may have one: what it is.
    Optional(&'static str),
    /// It must have one: what it is.
    Needed(&'static str),
}

/// The argument that was given, and what goes for the whole mapping.
pub(crate) struct Given<'m> {
    /// One value, or those of a list; none where nothing was given.
    pub(crate) values: &'m [Constant],
    /// What a time without a zone means, where the mapping says it.
    pub(crate) timezone: Option<&'m Zone>,
}

/// What is wrong with an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadArgument {
    /// What is wrong, in one fragment.
    pub(crate) message: String,
    /// What would be right.
    pub(crate) label: String,
    /// Which of several values it is.
    pub(crate) index: usize,
    /// Which part of a text it is, in bytes, where it is one.
    pub(crate) part: Option<Range<usize>>,
}

impl From<SyntaxError> for BadArgument {
    fn from(error: SyntaxError) -> Self {
        Self { part: Some(error.span), ..Self::new(0, error.message, error.label) }
    }
}

impl BadArgument {
    pub(super) fn new(index: usize, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self { message: message.into(), label: label.into(), index, part: None }
    }
}

impl Given<'_> {
    /// Whether nothing was given.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The one text.
    pub(super) fn text(&self, example: &str) -> Result<&str, BadArgument> {
        match self.values {
            [Constant::Text(text)] => Ok(text),
            _ => Err(BadArgument::new(0, "the argument must be one text", format!("such as {example}"))),
        }
    }

    /// The one whole number.
    pub(super) fn number(&self, example: &str) -> Result<i64, BadArgument> {
        match self.values {
            [Constant::Integer(number)] => Ok(*number),
            _ => Err(BadArgument::new(0, "the argument must be one whole number", format!("such as {example}"))),
        }
    }
}

impl fmt::Display for Given<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, value) in self.values.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            match value {
                Constant::Text(text) => write!(f, "{comma}'{text}'")?,
                other => write!(f, "{comma}{}", other.value().text_form())?,
            }
        }
        Ok(())
    }
}
