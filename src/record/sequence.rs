//! In which order tickets are sent.

/// In which order tickets are sent; the messages of a ticket always go by their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sequence {
    /// As the export first names them.
    #[default]
    AsExported,
    /// The ticket with the newest message first.
    NewestFirst,
}

impl Sequence {
    /// The word for it in the checkpoint.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AsExported => "as-exported",
            Self::NewestFirst => "newest-first",
        }
    }

    /// The order that the checkpoint calls `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::AsExported, Self::NewestFirst].into_iter().find(|sequence| sequence.word() == word)
    }
}
