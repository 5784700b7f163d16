//! Regular expressions, with their mistakes at the very character.

use regex::{Regex, RegexBuilder};
use regex_syntax::ast;

use super::lex::SyntaxError;

/// A regular expression, compiled. Two are the same if they are written the same.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

impl Pattern {
    /// Compiles `text`.
    pub(crate) fn new(text: &str) -> Result<Self, SyntaxError> {
        regular_expression(text).map(Self)
    }

    /// Whether `text` holds a match of it.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// A regular expression compiles to no more, in bytes: a mapping may come from anywhere.
const MOST: usize = 1 << 20;

/// The regular expression `text`.
pub(crate) fn regular_expression(text: &str) -> Result<Regex, SyntaxError> {
    RegexBuilder::new(text).size_limit(MOST).build().map_err(|_| mistake(text))
}

/// What is wrong with `text`, which is no regular expression: its own compiler tells the place only in a drawing.
fn mistake(text: &str) -> SyntaxError {
    let (span, label) = match regex_syntax::Parser::new().parse(text) {
        Err(regex_syntax::Error::Parse(error)) => (Some(*error.span()), words(error.kind())),
        Err(regex_syntax::Error::Translate(error)) => (Some(*error.span()), error.kind().to_string()),
        // It can be read, but would take up too much memory.
        _ => (None, "it repeats too much".to_owned()),
    };
    let span = span.map_or(0..text.len(), |span| span.start.offset..span.end.offset);
    SyntaxError::new(span, "this is no regular expression that can be used", label)
}

fn words(kind: &ast::ErrorKind) -> String {
    match kind {
        ast::ErrorKind::UnsupportedLookAround => "it can't look ahead or behind".to_owned(),
        ast::ErrorKind::UnsupportedBackreference => "it can't refer back to a group".to_owned(),
        kind => kind.to_string(),
    }
}
