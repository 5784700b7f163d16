//! Transforms: the closed list of things that `apply` can do to a value, one file each.
//!
//! Each says what it takes and what it gives, so that a chain that can't work is refused before a record is read, and
//! what its argument must be; an argument is read once, when the mapping is compiled. One that meets a value it can't
//! work with refuses it with a reason; it never guesses. One that finds nothing says so, and the value is missing.

mod addresses;
mod argument;
mod boolean;
mod datetime;
mod decode_entities;
mod display_name;
mod email_address;
mod epoch;
mod epoch_millis;
mod epoch_seconds;
mod extract;
mod hash;
mod html_to_text;
mod integer;
mod item;
mod join;
mod lowercase;
pub(super) mod mailbox;
mod message_id;
mod phone;
mod prefix;
mod replace;
mod rfc2822;
mod round;
mod slice;
mod split;
mod suffix;
mod text_to_html;
mod time_format;
mod to_string;
mod trim;
mod truncate;
mod uppercase;
mod zone;

use std::fmt;

pub(crate) use argument::{Argument, BadArgument, Given};
pub(crate) use zone::{Zone, zone_named};

pub(super) use to_string::write;

use super::value::{Type, Value};

/// What became of a value; none where there is nothing of it that was looked for.
pub(crate) type Made<'a> = Result<Option<Value<'a>>, String>;

/// A transform that knows its argument.
type Run = Box<dyn for<'a> Fn(Value<'a>) -> Made<'a> + Send + Sync>;

/// One transform.
#[derive(Debug)]
pub struct Transform {
    /// Its name in `apply`.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// Its argument.
    pub argument: Argument,
    /// The types that it takes.
    pub accepts: &'static [Type],
    /// The type that it gives.
    pub gives: Type,
    prepare: fn(&Given<'_>) -> Result<Run, BadArgument>,
}

/// A transform as it stands in a mapping, with its argument.
pub(crate) struct Prepared {
    pub(crate) transform: &'static Transform,
    /// As it is shown: `truncate 80`.
    pub(crate) text: String,
    run: Run,
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Transform {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        trim::TRANSFORM,
        lowercase::TRANSFORM,
        uppercase::TRANSFORM,
        slice::TRANSFORM,
        truncate::TRANSFORM,
        prefix::TRANSFORM,
        suffix::TRANSFORM,
        replace::TRANSFORM,
        extract::TRANSFORM,
        split::TRANSFORM,
        join::TRANSFORM,
        item::TRANSFORM,
        addresses::TRANSFORM,
        email_address::TRANSFORM,
        display_name::TRANSFORM,
        message_id::TRANSFORM,
        phone::TRANSFORM,
        html_to_text::TRANSFORM,
        text_to_html::TRANSFORM,
        decode_entities::TRANSFORM,
        hash::TRANSFORM,
        to_string::TRANSFORM,
        integer::TRANSFORM,
        round::TRANSFORM,
        boolean::TRANSFORM,
        datetime::TRANSFORM,
        time_format::TRANSFORM,
        rfc2822::TRANSFORM,
        epoch_seconds::TRANSFORM,
        epoch_millis::TRANSFORM,
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

    /// The transform with its argument.
    pub(crate) fn prepare(&'static self, given: &Given<'_>) -> Result<Prepared, BadArgument> {
        let text = if given.is_empty() { self.name.to_owned() } else { format!("{} {given}", self.name) };
        Ok(Prepared { transform: self, text, run: (self.prepare)(given)? })
    }
}

impl Prepared {
    /// Works on `value`, or says why it can't, without showing message content.
    pub(crate) fn apply<'a>(&self, value: Value<'a>) -> Made<'a> {
        let Transform { name, accepts, .. } = self.transform;
        if !accepts.contains(&value.kind()) {
            let (takes, kind) = (self.transform.takes(), value.kind().words());
            return Err(format!("`{name}` takes {takes}, but this is {kind}"));
        }
        (self.run)(value).map_err(|reason| format!("`{name}`: {reason}"))
    }
}

/// A transform without an argument.
fn plain(run: for<'a> fn(Value<'a>) -> Result<Value<'a>, String>) -> Run {
    Box::new(move |value| run(value).map(Some))
}

/// The same, where it knows its argument.
fn plain_with(run: impl for<'a> Fn(Value<'a>) -> Result<Value<'a>, String> + Send + Sync + 'static) -> Run {
    Box::new(move |value| run(value).map(Some))
}

/// A transform of text, whatever else it is given being refused before.
fn of_text(run: impl Fn(&str) -> Result<Option<String>, String> + Send + Sync + 'static) -> Run {
    Box::new(move |value| Ok(run(&value.text_form())?.map(|text| Value::Text(text.into()))))
}
