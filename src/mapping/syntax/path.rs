//! Paths: `via.channel`, `parent.subject`, `@users[author_id].role`, `to[0].address`, `'Ticket ID'`, `.`.

use std::ops::Range;

use super::lex::{SyntaxError, TokenKind};
use super::parser::Parser;

/// A path as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PathSyntax {
    pub(crate) root: Root,
    pub(crate) steps: Vec<Step>,
    /// Where it stands in its string.
    pub(crate) span: Range<usize>,
}

/// Where a path starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Root {
    /// At the value that the block or the list is about, or so many scopes further out.
    Here { up: usize },
    /// At the row of a lookup whose key is the value at `key`.
    Row { lookup: String, written: Range<usize>, key: Box<PathSyntax> },
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Into an object.
    Key(String, Range<usize>),
    /// Into a list, from 0.
    Index(usize),
}

/// Reads `text` as a path.
pub(crate) fn path(text: &str) -> Result<PathSyntax, SyntaxError> {
    let mut parser = Parser::new(text)?;
    let path = parser.path()?;
    parser.finish()?;
    Ok(path)
}

impl Parser {
    /// Reads a path.
    pub(super) fn path(&mut self) -> Result<PathSyntax, SyntaxError> {
        let start = self.here().start;
        let mut steps = Vec::new();
        let root = if self.take_sign("@") {
            self.row()?
        } else if self.take_sign(".") {
            // A lone dot is the value itself: an element of a list of texts.
            return Ok(PathSyntax { root: Root::Here { up: 0 }, steps, span: start..self.last_end() });
        } else {
            let mut up = 0;
            while self.take_word("parent") {
                up += 1;
                if !self.take_sign(".") {
                    return Err(SyntaxError::new(
                        self.last_end()..self.last_end(),
                        "`parent` alone is no value",
                        "add a key, such as `parent.id`",
                    ));
                }
            }
            steps.push(self.key()?);
            Root::Here { up }
        };
        loop {
            if self.take_sign(".") {
                steps.push(self.key()?);
            } else if self.take_sign("[") {
                steps.push(self.index()?);
                self.need_sign("]")?;
            } else {
                return Ok(PathSyntax { root, steps, span: start..self.last_end() });
            }
        }
    }

    fn row(&mut self) -> Result<Root, SyntaxError> {
        let written = self.here();
        let Some(TokenKind::Word(lookup)) = self.peek().cloned() else {
            return Err(self.expected("the name of a lookup, as in `@users[author_id].role`"));
        };
        self.take();
        self.need_sign("[")?;
        let key = Box::new(self.path()?);
        self.need_sign("]")?;
        Ok(Root::Row { lookup, written, key })
    }

    fn key(&mut self) -> Result<Step, SyntaxError> {
        let written = self.here();
        let key = match self.peek() {
            Some(TokenKind::Word(key) | TokenKind::Text(key)) => key.clone(),
            Some(TokenKind::Number(number)) => number.to_string(),
            _ => return Err(self.expected("a key")),
        };
        self.take();
        Ok(Step::Key(key, written))
    }

    fn index(&mut self) -> Result<Step, SyntaxError> {
        let index = match self.peek() {
            Some(TokenKind::Number(number)) => usize::try_from(*number).ok(),
            _ => None,
        };
        let index = index.ok_or_else(|| self.expected("a number from 0"))?;
        self.take();
        Ok(Step::Index(index))
    }
}
