//! What a mapping says about finding its messages in the account: `[match]`.

use std::time::Duration;

use crate::record::MatchRule;

/// By which rules a message's target is looked for, the first that finds one winning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matching {
    /// The rules, in the order in which they are tried; at least one, none twice.
    pub rules: Vec<MatchRule>,
    /// How far apart the two times of one message may lie: [`MatchRule::Ticket`].
    pub within: Duration,
}

impl Default for Matching {
    /// Every rule, the surest first. One that the mapping has nothing for finds nothing.
    fn default() -> Self {
        Self { rules: MatchRule::ALL.to_vec(), within: Duration::from_mins(1) }
    }
}
