//! How one message of the plan was found in the account.

use rusqlite::params;

use super::totals::{cause, state};
use super::{Checkpoint, CheckpointError};
use crate::record::{Cause, InputId, MatchRule, MessageId, State, Target, TicketId};

/// How one message was found, and what is to be done there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// What becomes of it.
    pub state: State,
    /// Why, unless it is to be sent.
    pub cause: Option<Cause>,
    /// By which rule, and where.
    pub target: Option<(MatchRule, Target)>,
    /// Where it may be, as far as several messages are as likely, with the rule that found them.
    pub candidates: Vec<(MatchRule, Target)>,
    /// The fields that the account lacks and those that it holds otherwise, as bits; `None` where that is not known.
    pub changes: Option<(u16, u16)>,
}

impl Checkpoint {
    /// How the message was found that stands at `line` of `input`, made by `block` of the mapping as its `item`.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn matched(
        &self,
        input: InputId,
        line: u64,
        (block, item): (u16, u32),
    ) -> Result<Option<Matched>, CheckpointError> {
        let mut query = self.connection().prepare(
            "SELECT state, cause.kind AS cause_kind, detail, message.cause AS has_cause, matched, ticket_id, message_id,
                    external_id, fills, replaces
             FROM message LEFT JOIN cause ON cause.id = message.cause
             WHERE input = ?1 AND line = ?2 AND block = ?3 AND item = ?4",
        )?;
        let mut rows = query.query(params![input.0, line, block, item])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let has_cause = row.get::<_, Option<i64>>("has_cause")?.is_some();
        let rule = row.get::<_, Option<i64>>("matched")?.and_then(MatchRule::from_code);
        let (ticket, message): (Option<u64>, Option<u64>) = (row.get("ticket_id")?, row.get("message_id")?);
        let target = ticket.zip(message).map(|(ticket, message)| target(ticket, message));
        let (fills, replaces): (Option<u16>, Option<u16>) = (row.get("fills")?, row.get("replaces")?);
        Ok(Some(Matched {
            state: state(row)?,
            cause: if has_cause { Some(cause(row)?) } else { None },
            target: rule.zip(target),
            candidates: self.candidates_of(row.get::<_, Option<String>>("external_id")?.as_deref())?,
            changes: fills.zip(replaces),
        }))
    }

    fn candidates_of(&self, external_id: Option<&str>) -> Result<Vec<(MatchRule, Target)>, CheckpointError> {
        let mut query = self
            .connection()
            .prepare("SELECT rule, ticket_id, message_id FROM candidate WHERE external_id = ?1 ORDER BY message_id")?;
        let rows = query.query_map([external_id], |row| {
            Ok(MatchRule::from_code(row.get(0)?).zip(Some(target(row.get(1)?, row.get(2)?))))
        })?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }
}

fn target(ticket: u64, message: u64) -> Target {
    Target { ticket: TicketId(ticket), message: MessageId(message) }
}
