//! Transforms: the closed list of things that `apply` can do to a value, one file each.
//!
//! Each says what it takes and what it gives, so that a chain that can't work is refused before a record is read. One
//! that meets a value it can't work with refuses it with a reason; it never guesses.

mod boolean;
mod datetime;
mod epoch;
mod epoch_millis;
mod epoch_seconds;
mod integer;
mod lowercase;
mod to_string;
mod trim;
mod uppercase;

pub(super) use to_string::write;

use super::value::{Type, Value};

/// One transform.
#[derive(Debug)]
pub struct Transform {
    /// Its name in `apply`.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// The types that it takes.
    pub accepts: &'static [Type],
    /// The type that it gives.
    pub gives: Type,
    run: for<'a> fn(Value<'a>) -> Result<Value<'a>, String>,
}

impl Transform {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        trim::TRANSFORM,
        lowercase::TRANSFORM,
        uppercase::TRANSFORM,
        to_string::TRANSFORM,
        datetime::TRANSFORM,
        epoch_seconds::TRANSFORM,
        epoch_millis::TRANSFORM,
        integer::TRANSFORM,
        boolean::TRANSFORM,
    ];

    /// The transform called `name`.
    pub fn from_name(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|transform| transform.name == name)
    }

    /// What it takes, in words.
    pub(crate) fn takes(&self) -> String {
        let kinds: Vec<_> = self.accepts.iter().map(|kind| kind.words()).collect();
        kinds.join(" or ")
    }

    /// Works on `value`, or says why it can't, without showing message content.
    pub(crate) fn apply<'a>(&self, value: Value<'a>) -> Result<Value<'a>, String> {
        if !self.accepts.contains(&value.kind()) {
            return Err(format!("`{}` takes {}, but this is {}", self.name, self.takes(), value.kind().words()));
        }
        (self.run)(value).map_err(|reason| format!("`{}`: {reason}", self.name))
    }
}
