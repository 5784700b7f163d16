//! The side effect that an update may ask the account for.

/// What Gorgias is to do about the external actions of a message that failed. Only an operator can ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Tries them again.
    Retry,
    /// Runs the rest of them, and sends the message to its customer.
    Force,
    /// Drops them, and deletes the message.
    Cancel,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 3] = [Self::Retry, Self::Force, Self::Cancel];

    /// The word for it: as it is typed, in reports, and as the API knows it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Force => "force",
            Self::Cancel => "cancel",
        }
    }

    /// The action that is called `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.word() == word)
    }

    /// Whether asking twice may do it twice: whoever does not know if it has happened must not ask again.
    pub const fn happens_each_time(self) -> bool {
        match self {
            Self::Retry | Self::Force => true,
            // What is deleted is deleted.
            Self::Cancel => false,
        }
    }
}
