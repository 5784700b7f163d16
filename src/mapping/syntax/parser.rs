//! A place in a list of tokens.

use std::ops::Range;

use super::lex::{SyntaxError, Token, TokenKind, tokens};

/// Reads tokens one by one.
pub(super) struct Parser {
    tokens: Vec<Token>,
    at: usize,
    end: usize,
}

impl Parser {
    pub(super) fn new(text: &str) -> Result<Self, SyntaxError> {
        Ok(Self { tokens: tokens(text)?, at: 0, end: text.len() })
    }

    /// The next token, not taken.
    pub(super) fn peek(&self) -> Option<&TokenKind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    /// Where the next token stands, or the end.
    pub(super) fn here(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.end..self.end, |token| token.span.clone())
    }

    /// Where the last taken token ends.
    pub(super) fn last_end(&self) -> usize {
        self.at.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(0, |token| token.span.end)
    }

    /// Takes the next token.
    pub(super) fn take(&mut self) -> Option<TokenKind> {
        let kind = self.peek().cloned();
        self.at += 1;
        kind
    }

    /// Takes the next token if it is `sign`.
    pub(super) fn take_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(TokenKind::Sign(next)) if *next == sign);
        if found {
            self.at += 1;
        }
        found
    }

    /// Takes the next token if it is the keyword `word`.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.sees_word(word);
        if found {
            self.at += 1;
        }
        found
    }

    /// Whether the next token is the keyword `word`.
    pub(super) fn sees_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(TokenKind::Word(next)) if next == word)
    }

    /// Takes `sign`, or says that it is missing.
    pub(super) fn need_sign(&mut self, sign: &str) -> Result<(), SyntaxError> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.expected(&format!("`{sign}`"))) }
    }

    /// Makes sure that nothing is left.
    pub(super) fn finish(&self) -> Result<(), SyntaxError> {
        if self.peek().is_none() { Ok(()) } else { Err(self.expected("the end")) }
    }

    /// A mistake at the next token: `what` should stand here.
    pub(super) fn expected(&self, what: &str) -> SyntaxError {
        let found = match self.peek() {
            None => "it ends too early".to_owned(),
            Some(TokenKind::Word(word)) => format!("unexpected `{word}`"),
            Some(TokenKind::Number(number)) => format!("unexpected `{number}`"),
            Some(TokenKind::Text(text)) => format!("unexpected text '{text}'"),
            Some(TokenKind::Sign(sign)) => format!("unexpected `{sign}`"),
        };
        SyntaxError::new(self.here(), found, format!("expected {what}"))
    }
}
