//! The shapes in which an export's files come.

/// How the records of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// One JSON value a line.
    JsonLines,
    /// One JSON document that holds an array of records.
    Json,
    /// Rows under a header.
    Csv,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::JsonLines, Self::Json, Self::Csv];

    /// The word for it in a mapping and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::JsonLines => "json-lines",
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }

    /// The format that is written as `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }
}
