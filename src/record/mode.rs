//! How an account is read.

/// How an account is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// All of it, page by page.
    Whole,
    /// Only the tickets that an export names, one by one.
    ByTicket,
}

impl Mode {
    /// The word for it in the file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::ByTicket => "by-ticket",
        }
    }

    /// The way that the file calls `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Whole, Self::ByTicket].into_iter().find(|mode| mode.word() == word)
    }
}
