//! Paths: `via.channel`, `parent.subject`, `@users[author_id].role`, `@file.number`, `to[-1].address`, `notes[].note`,
//! `'Ticket ID'`, `.`.

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
    /// At something that the name of the record's file says.
    File { part: String, written: Range<usize> },
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Into an object.
    Key(String, Range<usize>),
    /// Into a list, from 0; from its end where negative.
    Index(i64),
    /// Into each element of a list, written `[]`.
    Every(Range<usize>),
}

impl PathSyntax {
    /// Makes it stand `by` bytes further on.
    pub(super) fn move_by(&mut self, by: usize) {
        let shift = |span: &mut Range<usize>| *span = span.start + by..span.end + by;
        shift(&mut self.span);
        for step in &mut self.steps {
            if let Step::Key(_, span) | Step::Every(span) = step {
                shift(span);
            }
        }
        match &mut self.root {
            Root::Here { .. } => {}
            Root::File { written, .. } => shift(written),
            Root::Row { written, key, .. } => {
                shift(written);
                key.move_by(by);
            }
        }
    }
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
            let root = self.beside()?;
            if matches!(root, Root::File { .. }) {
                // A text has nothing inside.
                return Ok(PathSyntax { root, steps, span: start..self.last_end() });
            }
            root
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
                steps.push(self.element()?);
            } else {
                return Ok(PathSyntax { root, steps, span: start..self.last_end() });
            }
        }
    }

    /// What stands beside the record: a row of a lookup, or the name of the file.
    fn beside(&mut self) -> Result<Root, SyntaxError> {
        let written = self.here();
        let Some(TokenKind::Word(lookup)) = self.peek().cloned() else {
            return Err(self.expected("the name of a lookup, as in `@users[author_id].role`"));
        };
        self.take();
        if lookup == "file" && self.take_sign(".") {
            let written = self.here();
            let Some(TokenKind::Word(part)) = self.peek().cloned() else {
                return Err(self.expected("`name`, `stem`, `folder` or `number`"));
            };
            self.take();
            return Ok(Root::File { part, written });
        }
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

    /// What follows `[`.
    fn element(&mut self) -> Result<Step, SyntaxError> {
        let start = self.last_end().saturating_sub(1);
        if self.take_sign("]") {
            return Ok(Step::Every(start..self.last_end()));
        }
        let Some(&TokenKind::Number(index)) = self.peek() else {
            return Err(self.expected("the number of an element: 0 is the first, -1 the last"));
        };
        self.take();
        self.need_sign("]")?;
        Ok(Step::Index(index))
    }
}
