//! What a mapping says about an `external_id` that stands in the export in two different forms: `doubles`.

/// Which of two differing copies is carried over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Doubles {
    /// The newer one, by `newest` of its block, else by its time.
    #[default]
    Newest,
    /// The one that stands first in the export.
    First,
    /// The one that stands last in the export.
    Last,
    /// None of them: they are blocked.
    Block,
}

impl Doubles {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Newest, Self::First, Self::Last, Self::Block];

    /// Its name in a mapping.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::First => "first",
            Self::Last => "last",
            Self::Block => "block",
        }
    }

    /// The one called `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|doubles| doubles.word() == word)
    }
}
