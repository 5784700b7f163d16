//! What a field takes, and the proof that a chain can end there.

use std::ops::Range;

use super::Compiler;
use crate::mapping::value::{Constant, Type};
use crate::update::{Channel, Via};

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    Text,
    /// Text that means nothing when it is empty, such as an address.
    Filled,
    Time,
    Boolean,
    Integer,
    Channel,
    Via,
    /// What tells the newer of two copies.
    Version,
}

impl Want {
    /// All of them.
    pub(super) const ALL: [Self; 8] =
        [Self::Text, Self::Filled, Self::Time, Self::Boolean, Self::Integer, Self::Channel, Self::Via, Self::Version];

    fn takes(self, kind: Type) -> bool {
        match self {
            Self::Text | Self::Filled | Self::Channel | Self::Via => matches!(kind, Type::Any | Type::Text),
            Self::Time => kind == Type::Time,
            Self::Boolean => matches!(kind, Type::Any | Type::Boolean),
            Self::Integer => matches!(kind, Type::Any | Type::Integer),
            Self::Version => matches!(kind, Type::Any | Type::Integer | Type::Time),
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Text | Self::Filled => "text",
            Self::Time => "a time",
            Self::Boolean => "a boolean",
            Self::Integer => "a whole number",
            Self::Channel => "the name of a channel",
            Self::Via => "the name of a via",
            Self::Version => "a whole number or a time",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Text | Self::Filled => "add `to_string` to `apply`",
            Self::Time => "add `datetime`, `epoch_seconds` or `epoch_millis` to `apply`",
            Self::Boolean => "add `boolean` to `apply`, or compare with `is`",
            Self::Integer => "add `integer` to `apply`",
            Self::Channel | Self::Via => "translate it with a `table`",
            Self::Version => "add `integer`, `datetime`, `epoch_seconds` or `epoch_millis` to `apply`",
        }
    }
}

impl Compiler<'_> {
    /// Makes sure that a chain that ends with `kind` fits the field.
    pub(super) fn check_end(&mut self, name: &str, want: Want, kind: Type, span: Range<usize>) {
        if !want.takes(kind) {
            let label = format!("this gives {}", kind.words());
            let hint = if kind == Type::List { "add `join` or `item` to `apply`" } else { want.hint() };
            let hint = Some(hint.to_owned());
            self.findings.add_hinted(span, format!("`{name}` takes {}", want.words()), label, hint);
        }
    }

    /// Makes sure that `constant` fits the field; closed lists are checked by name.
    pub(super) fn check_constant(&mut self, name: &str, want: Want, constant: &Constant, span: Range<usize>) {
        match (want, constant) {
            (Want::Channel, Constant::Text(text)) if Channel::from_name(text).is_none() => {
                let names = Channel::ALL.iter().map(|channel| channel.name());
                self.findings.add_unknown(span, format!("unknown channel `{text}`"), text, names);
            }
            (Want::Via, Constant::Text(text)) if Via::from_name(text).is_none() => {
                let names = Via::ALL.iter().map(|via| via.name());
                self.findings.add_unknown(span, format!("unknown via `{text}`"), text, names);
            }
            _ if !want.takes(constant.kind()) => {
                let label = format!("this is {}", constant.kind().words());
                self.findings.add(span, format!("`{name}` takes {}", want.words()), label);
            }
            _ => {}
        }
    }
}
