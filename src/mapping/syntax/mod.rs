//! The two little languages inside a mapping's strings: paths and conditions.
//!
//! Both are read by hand, so that a mistake is shown at its very character. What comes out knows nothing of shapes and
//! scopes yet: the compiler resolves that.

mod condition;
mod lex;
mod parser;
mod path;

pub(crate) use condition::{Condition, condition};
pub(crate) use lex::SyntaxError;
pub(crate) use path::{PathSyntax, Root, Step, path};
