//! What mapping makes of one message.

use crate::record::{Cause, Target};
use crate::update::Draft;

/// One message of a record, mapped. Who it is is told as far as it can be read, also where it is skipped or blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// Which `[[message]]` block made it, from 0; 0 as well where no block is for the record, or it can't be read.
    pub block: u16,
    /// Its index in that block's list, from 0; 0 where the record itself is the message.
    pub item: u32,
    /// The message's id in the system it comes from.
    pub external_id: Option<String>,
    /// The ticket's id in the system it comes from.
    pub ticket: Option<String>,
    /// Which of two differing copies is the newer: the greater. Comparable within one mapping only.
    pub version: Option<i64>,
    /// The addresses of the people whom it is from and to, if it is skipped or blocked; else its draft holds them.
    pub addresses: Vec<String>,
    /// Where the export itself says that it is in Gorgias.
    pub target: Option<Target>,
    /// What came of it.
    pub result: MappedResult,
}

impl Mapped {
    /// The one message that stands for a record that can't be read.
    pub(crate) fn unreadable(cause: Cause) -> Self {
        Self {
            block: 0,
            item: 0,
            external_id: None,
            ticket: None,
            version: None,
            addresses: Vec::new(),
            target: None,
            result: MappedResult::Blocked(cause),
        }
    }
}

/// What came of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MappedResult {
    /// A draft, yet to be checked against the rules of an update.
    Message(Box<Draft>),
    /// A rule of the mapping leaves it out.
    Skipped(Cause),
    /// The mapping can't make an update of it.
    Blocked(Cause),
}
