//! The messages of the account among which the operator chooses, where several may be the one.

use super::totals::listed;
use super::{Checkpoint, CheckpointError, Listed};
use crate::record::{MatchRule, MessageId, State, Target, TicketId};

/// A message of the account that may be the one of an ambiguous record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The record.
    pub of: Listed,
    /// The message in Gorgias.
    pub target: Target,
    /// The rule that found it, with its rivals.
    pub rule: MatchRule,
}

impl Checkpoint {
    /// The candidates of every ambiguous message, in the order of the export, handed to `each` one by one.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn candidates<E: From<CheckpointError>>(
        &self,
        mut each: impl FnMut(Candidate) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut query = self
            .connection()
            .prepare(
                "SELECT turn, input, ordinal, line, offset, length, block, item, message.external_id, source_ticket,
                        message.ticket_id, message.message_id, sent_at, channel, message.kind AS message_kind, state,
                        message.cause AS id, cause.kind AS cause_kind, detail, candidate.ticket_id AS found_ticket,
                        candidate.message_id AS found_message, rule
                 FROM candidate JOIN message ON message.external_id = candidate.external_id
                 JOIN cause ON cause.id = message.cause
                 WHERE state = ?1 AND cause.kind = 'ambiguous' ORDER BY input, ordinal, candidate.message_id",
            )
            .map_err(CheckpointError::from)?;
        let mut rows = query.query([State::Blocked.code()]).map_err(CheckpointError::from)?;
        while let Some(row) = rows.next().map_err(CheckpointError::from)? {
            each(candidate(row)?)?;
        }
        Ok(())
    }
}

fn candidate(row: &rusqlite::Row<'_>) -> Result<Candidate, CheckpointError> {
    let code = row.get("rule")?;
    let odd = || CheckpointError::Corrupt { what: format!("the rule {code}") };
    Ok(Candidate {
        of: listed(row)?,
        target: Target { ticket: TicketId(row.get("found_ticket")?), message: MessageId(row.get("found_message")?) },
        rule: MatchRule::from_code(code).ok_or_else(odd)?,
    })
}
