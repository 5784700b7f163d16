//! Conditions: `public == false and type not in ['Comment', 'VoiceComment'] or kind matches '^note'`.

use super::lex::{SyntaxError, TokenKind};
use super::parser::Parser;
use super::path::PathSyntax;
use super::pattern::Pattern;
use crate::mapping::nearest::nearest;
use crate::mapping::value::Constant;

/// A condition over paths of kind `P`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition<P> {
    /// All of them hold.
    All(Vec<Condition<P>>),
    /// One of them holds.
    Any(Vec<Condition<P>>),
    /// It does not hold.
    Not(Box<Condition<P>>),
    /// The value is one of these; `None` stands for null, which is also what a missing value is.
    OneOf(P, Vec<Option<Constant>>),
    /// There is a value.
    Exists(P),
    /// The value's text form holds a match of the pattern.
    Matches(P, Pattern),
}

impl<P> Condition<P> {
    /// The same condition over other paths. All paths are tried, so that each mistake in them is found.
    pub(crate) fn resolve<Q>(self, resolve: &mut dyn FnMut(P) -> Option<Q>) -> Option<Condition<Q>> {
        Some(match self {
            Condition::All(parts) => Condition::All(resolve_all(parts, resolve)?),
            Condition::Any(parts) => Condition::Any(resolve_all(parts, resolve)?),
            Condition::Not(part) => Condition::Not(Box::new(part.resolve(resolve)?)),
            Condition::OneOf(path, constants) => Condition::OneOf(resolve(path)?, constants),
            Condition::Exists(path) => Condition::Exists(resolve(path)?),
            Condition::Matches(path, pattern) => Condition::Matches(resolve(path)?, pattern),
        })
    }

    /// Whether `test` holds for every path in it.
    pub(crate) fn all_paths(&self, test: &dyn Fn(&P) -> bool) -> bool {
        match self {
            Condition::All(parts) | Condition::Any(parts) => parts.iter().all(|part| part.all_paths(test)),
            Condition::Not(part) => part.all_paths(test),
            Condition::OneOf(path, _) | Condition::Exists(path) | Condition::Matches(path, _) => test(path),
        }
    }
}

fn resolve_all<P, Q>(parts: Vec<Condition<P>>, resolve: &mut dyn FnMut(P) -> Option<Q>) -> Option<Vec<Condition<Q>>> {
    let parts: Vec<_> = parts.into_iter().map(|part| part.resolve(resolve)).collect();
    parts.into_iter().collect()
}

/// Reads `text` as a condition.
pub(crate) fn condition(text: &str) -> Result<Condition<PathSyntax>, SyntaxError> {
    let mut parser = Parser::new(text)?;
    let condition = parser.either(0)?;
    parser.finish()?;
    Ok(condition)
}

/// Parentheses nest no deeper: a mapping is read on the stack.
const MAX_DEPTH: usize = 50;

impl Parser {
    fn either(&mut self, depth: usize) -> Result<Condition<PathSyntax>, SyntaxError> {
        let mut parts = vec![self.both(depth)?];
        while self.take_word("or") {
            parts.push(self.both(depth)?);
        }
        Ok(single(parts, Condition::Any))
    }

    fn both(&mut self, depth: usize) -> Result<Condition<PathSyntax>, SyntaxError> {
        let mut parts = vec![self.negated(depth)?];
        while self.take_word("and") {
            parts.push(self.negated(depth)?);
        }
        Ok(single(parts, Condition::All))
    }

    fn negated(&mut self, depth: usize) -> Result<Condition<PathSyntax>, SyntaxError> {
        if depth > MAX_DEPTH {
            return Err(self.expected("fewer nested parentheses"));
        }
        if self.take_word("not") {
            Ok(Condition::Not(Box::new(self.negated(depth + 1)?)))
        } else if self.take_sign("(") {
            let inner = self.either(depth + 1)?;
            self.need_sign(")")?;
            Ok(inner)
        } else {
            self.comparison()
        }
    }

    fn comparison(&mut self) -> Result<Condition<PathSyntax>, SyntaxError> {
        let path = self.path()?;
        if self.take_sign("==") {
            Ok(Condition::OneOf(path, vec![self.constant()?]))
        } else if self.take_sign("!=") {
            Ok(not(Condition::OneOf(path, vec![self.constant()?])))
        } else if self.take_word("in") {
            Ok(Condition::OneOf(path, self.constants()?))
        } else if self.take_word("exists") {
            Ok(Condition::Exists(path))
        } else if self.take_word("matches") {
            Ok(Condition::Matches(path, self.pattern()?))
        } else if self.take_word("not") {
            if self.take_word("in") {
                Ok(not(Condition::OneOf(path, self.constants()?)))
            } else if self.take_word("exists") {
                Ok(not(Condition::Exists(path)))
            } else if self.take_word("matches") {
                Ok(not(Condition::Matches(path, self.pattern()?)))
            } else {
                Err(self.expected("`in`, `exists` or `matches`"))
            }
        } else {
            Err(self.expected("`==`, `!=`, `in`, `not in`, `exists`, `not exists` or `matches`"))
        }
    }

    fn constants(&mut self) -> Result<Vec<Option<Constant>>, SyntaxError> {
        self.need_sign("[")?;
        let mut constants = Vec::new();
        while !self.take_sign("]") {
            constants.push(self.constant()?);
            if !self.take_sign(",") {
                self.need_sign("]")?;
                break;
            }
        }
        Ok(constants)
    }

    fn pattern(&mut self) -> Result<Pattern, SyntaxError> {
        let place = self.here();
        let Some(TokenKind::Text(text)) = self.peek() else {
            return Err(self.expected("a regular expression in quotes"));
        };
        // The quote stands before it.
        let pattern = Pattern::new(text).map_err(|error| error.moved(place.start + 1))?;
        self.take();
        Ok(pattern)
    }

    fn constant(&mut self) -> Result<Option<Constant>, SyntaxError> {
        let constant = match self.peek() {
            Some(TokenKind::Text(text)) => Some(Constant::Text(text.clone())),
            Some(TokenKind::Number(number)) => Some(Constant::Integer(*number)),
            Some(TokenKind::Word(word)) => match word.as_str() {
                "true" => Some(Constant::Boolean(true)),
                "false" => Some(Constant::Boolean(false)),
                "null" => None,
                _ => {
                    let meant = nearest(word, ["true", "false", "null"]);
                    let guess = meant.map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
                    let label = format!("{guess}a text is written in quotes: '{word}'");
                    let mut error = self.expected("");
                    error.label = label;
                    return Err(error);
                }
            },
            _ => return Err(self.expected("a 'text', a number, true, false or null")),
        };
        self.take();
        Ok(constant)
    }
}

fn not<P>(condition: Condition<P>) -> Condition<P> {
    Condition::Not(Box::new(condition))
}

fn single<P>(mut parts: Vec<Condition<P>>, many: fn(Vec<Condition<P>>) -> Condition<P>) -> Condition<P> {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            many(parts)
        }
    }
}
