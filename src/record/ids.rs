//! Ids that must not be mixed up: the foreign one, and the two that name a message in Gorgias.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The id of a message in the system it comes from, kept byte for byte.
///
/// 1 to [`ExternalId::MAX_CHARS`] characters, and not only white space.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ExternalId(String);

impl ExternalId {
    /// The longest `external_id` that the Gorgias API takes, in characters.
    pub const MAX_CHARS: usize = 255;

    /// Takes `text` as it is: nothing is trimmed, no leading zero is lost.
    ///
    /// # Errors
    /// When `text` is blank or longer than [`Self::MAX_CHARS`].
    pub fn new(text: impl Into<String>) -> Result<Self, ExternalIdError> {
        let text = text.into();
        if text.trim().is_empty() {
            return Err(ExternalIdError::Blank);
        }
        let chars = text.chars().count();
        if chars > Self::MAX_CHARS {
            return Err(ExternalIdError::TooLong { chars });
        }
        Ok(Self(text))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text can't be an [`ExternalId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExternalIdError {
    /// Empty, or white space only.
    #[error("the message has no id of its own")]
    Blank,
    /// Longer than the API takes.
    #[error("the message's id has {chars} characters; Gorgias keeps at most {}", ExternalId::MAX_CHARS)]
    TooLong {
        /// How long it is, in characters.
        chars: usize,
    },
}

/// A ticket's id in Gorgias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TicketId(pub u64);

/// A message's id in Gorgias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub u64);

/// The message in Gorgias that an update goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Target {
    /// The ticket that holds the message.
    pub ticket: TicketId,
    /// The message itself.
    pub message: MessageId,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ticket {}, message {}", self.ticket.0, self.message.0)
    }
}
