//! The three kinds of message that Gorgias knows.

use super::Channel;

/// Which of the three kinds a message is; it follows from `channel` and `from_agent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// From a customer.
    Incoming,
    /// From the company to a customer: the one kind that can mail somebody.
    Outgoing,
    /// Between agents; never sent.
    InternalNote,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Incoming, Self::Outgoing, Self::InternalNote];

    /// The kind of a message on `channel`, from an agent or not.
    pub fn of(channel: Channel, from_agent: bool) -> Self {
        match (channel, from_agent) {
            (Channel::InternalNote, _) => Self::InternalNote,
            (_, true) => Self::Outgoing,
            (_, false) => Self::Incoming,
        }
    }

    /// The word for it in reports and in `--json`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Incoming => "incoming",
            Self::Outgoing => "outgoing",
            Self::InternalNote => "internal note",
        }
    }
}
