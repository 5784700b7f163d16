//! How a message was settled whose outcome was not known for a while.

/// How a message was settled that was on the wire when a process died or an answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Settled {
    /// It was read, and the update was there: nothing was sent.
    Found,
    /// It was read, the update was not there, and it was sent again.
    SentAfterReading,
    /// It was sent again, with the same effect as the first time.
    SentAgain,
    /// It was read, and somebody had changed it: nothing was sent.
    EditedSince,
}

impl Settled {
    /// Every way.
    pub const ALL: [Self; 4] = [Self::Found, Self::SentAfterReading, Self::SentAgain, Self::EditedSince];

    /// The number that the checkpoint stores for it. Never reused for another meaning.
    pub const fn code(self) -> i64 {
        match self {
            Self::Found => 1,
            Self::SentAfterReading => 2,
            Self::SentAgain => 3,
            Self::EditedSince => 4,
        }
    }

    /// The way that the checkpoint stores as `code`.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|settled| settled.code() == code)
    }

    /// The words for it in reports.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Found => "read, and found to have arrived",
            Self::SentAfterReading => "read, and sent again",
            Self::SentAgain => "sent again, with the same effect",
            Self::EditedSince => "read, and left alone: somebody had changed it",
        }
    }
}
