//! Words, numbers, texts and signs.

use std::ops::Range;

/// What is wrong in a path, a condition or a template, and where in it, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) message: String,
    pub(crate) span: Range<usize>,
    pub(crate) label: String,
}

impl SyntaxError {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self { message: message.into(), span, label: label.into() }
    }

    /// The same mistake, in a text that starts `by` bytes further on.
    pub(super) fn moved(self, by: usize) -> Self {
        Self { span: self.span.start + by..self.span.end + by, ..self }
    }
}

/// A piece of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A key or a keyword: letters, digits, `_` and `-`.
    Word(String),
    /// Digits, with `-` before them at most.
    Number(i64),
    /// Something in single or double quotes.
    Text(String),
    /// One of `== != ( ) [ ] , . @`.
    Sign(&'static str),
}

const SIGNS: [&str; 9] = ["==", "!=", "(", ")", "[", "]", ",", ".", "@"];

/// What people write who know another language, and what it is called here.
const FOREIGN: [(&str, &str); 9] = [
    ("&&", "write `and`"),
    ("||", "write `or`"),
    ("=~", "write `matches`"),
    ("<>", "write `!=`"),
    ("=", "write `==`"),
    ("!", "write `not`"),
    ("<", "only `==`, `!=`, `in`, `exists` and `matches` compare"),
    (">", "only `==`, `!=`, `in`, `exists` and `matches` compare"),
    ("$", "a path starts with a key"),
];

/// Cuts `text` into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, SyntaxError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        } else if first == '\'' || first == '"' {
            let Some(end) = rest[1..].find(first) else {
                return Err(SyntaxError::new(
                    at..text.len(),
                    "a text that does not end",
                    format!("no closing {first}"),
                ));
            };
            tokens.push(Token { kind: TokenKind::Text(rest[1..=end].to_owned()), span: at..at + end + 2 });
            end + 2
        } else if is_word(first) || first == '-' {
            let length =
                rest.char_indices().find(|&(i, c)| i > 0 && !is_word(c) && c != '-').map_or(rest.len(), |(i, _)| i);
            tokens.push(Token { kind: word_or_number(&rest[..length]), span: at..at + length });
            length
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token { kind: TokenKind::Sign(sign), span: at..at + sign.len() });
            sign.len()
        } else {
            return Err(unexpected(rest, at, first));
        };
        at += length;
    }
    Ok(tokens)
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn word_or_number(word: &str) -> TokenKind {
    match word.parse() {
        // A key such as `007` stays what it is.
        Ok(number) if format!("{number}") == word => TokenKind::Number(number),
        _ => TokenKind::Word(word.to_owned()),
    }
}

fn unexpected(rest: &str, at: usize, first: char) -> SyntaxError {
    match FOREIGN.iter().find(|(sign, _)| rest.starts_with(sign)) {
        Some((sign, advice)) => SyntaxError::new(at..at + sign.len(), format!("unexpected `{sign}`"), *advice),
        None => SyntaxError::new(
            at..at + first.len_utf8(),
            format!("unexpected `{first}`"),
            "a key with this sign in it is written in quotes",
        ),
    }
}
