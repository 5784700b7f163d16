//! The little languages inside a mapping's strings: paths, conditions and templates.
//!
//! They are read by hand, so that a mistake is shown at its very character. What comes out knows nothing of shapes and
//! scopes yet: the compiler resolves that.

mod condition;
mod lex;
mod parser;
mod path;
mod pattern;
mod template;

pub(crate) use condition::{Condition, condition};
pub(crate) use lex::SyntaxError;
pub(crate) use path::{PathSyntax, Root, Step, path};
pub(crate) use pattern::regular_expression;
pub(crate) use template::{Piece, template};
