//! By what a message of an export is found in the account: a closed list of rules, tried in the mapping's order.

/// A way to find a record's target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MatchRule {
    /// The record itself says where it is in Gorgias.
    Export,
    /// The ids file says it.
    Ids,
    /// The account's message already holds the record's `external_id`.
    ExternalId,
    /// The account's message has the same RFC Message-ID.
    MessageId,
    /// The account's message is of the same ticket and the same kind, has the same text, and was sent at about the
    /// same time.
    Ticket,
}

impl MatchRule {
    /// Every rule, in the order in which they are tried where the mapping doesn't say another: the surest first.
    pub const ALL: [Self; 5] = [Self::Export, Self::Ids, Self::ExternalId, Self::MessageId, Self::Ticket];

    /// Its name in a mapping and in `--json`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Export => "export",
            Self::Ids => "ids",
            Self::ExternalId => "external_id",
            Self::MessageId => "message_id",
            Self::Ticket => "ticket",
        }
    }

    /// The rule called `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.word() == word)
    }

    /// How reports say that a target was found by it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Export => "by the export itself",
            Self::Ids => "by the ids file",
            Self::ExternalId => "by external_id",
            Self::MessageId => "by Message-ID",
            Self::Ticket => "by ticket, time and text",
        }
    }

    /// The number that the checkpoint stores for it. Never reused for another meaning.
    pub const fn code(self) -> i64 {
        match self {
            Self::Export => 0,
            Self::Ids => 1,
            Self::ExternalId => 2,
            Self::MessageId => 3,
            Self::Ticket => 4,
        }
    }

    /// The rule that the checkpoint stores as `code`.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.code() == code)
    }
}
