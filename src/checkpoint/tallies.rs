//! What a plan knows of the account, counted: how targets were found, what updates change there, and how it was settled
//! what nobody knew for a while.

use rusqlite::Connection;

use super::{CheckpointError, Which};
use crate::record::{MatchRule, Settled};

/// What an update changes in the account, as sets of fields (their bits).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effect {
    /// Where the account holds nothing.
    pub fills: u16,
    /// Where the account holds something else.
    pub replaces: u16,
    /// Of those two, what no update can put back as it was.
    pub lost: u16,
}

/// How many messages that are still to be sent set the same fields, to the same effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldCount {
    /// The bits of the fields that the mapping sets.
    pub fields: u16,
    /// What they change; `None` where the plan does not know what the account holds.
    pub effect: Option<Effect>,
    /// How many.
    pub count: u64,
}

pub(super) fn field_counts(connection: &Connection, which: Which) -> Result<Vec<FieldCount>, CheckpointError> {
    // Pending, sending and unconfirmed.
    let mut query = connection.prepare(&format!(
        "SELECT fields, fills, replaces, lost, count(*) FROM message WHERE state IN (0, 1, 4){}
         GROUP BY fields, fills, replaces, lost",
        which.also()
    ))?;
    let rows = query.query_map([], |row| {
        let known: (Option<u16>, Option<u16>, Option<u16>) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let effect = match known {
            (Some(fills), Some(replaces), Some(lost)) => Some(Effect { fills, replaces, lost }),
            _ => None,
        };
        Ok(FieldCount { fields: row.get(0)?, effect, count: row.get(4)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many messages have their target by which rule.
pub(super) fn match_counts(connection: &Connection) -> Result<Vec<(MatchRule, u64)>, CheckpointError> {
    let sql = "SELECT matched, count(*) FROM message WHERE matched IS NOT NULL AND message_id IS NOT NULL
               GROUP BY matched ORDER BY matched";
    counts(connection, sql, MatchRule::from_code, "rule")
}

/// How those were settled whose outcome was not known; what is unknown again does not count.
pub(super) fn settled_counts(connection: &Connection) -> Result<Vec<(Settled, u64)>, CheckpointError> {
    let sql = "SELECT settled, count(*) FROM receipt JOIN message ON message.message_id = receipt.message_id
               WHERE settled IS NOT NULL AND state NOT IN (0, 1, 4) GROUP BY settled ORDER BY settled";
    counts(connection, sql, Settled::from_code, "way to settle")
}

fn counts<T>(
    connection: &Connection,
    sql: &str,
    from_code: fn(i64) -> Option<T>,
    what: &str,
) -> Result<Vec<(T, u64)>, CheckpointError> {
    let mut query = connection.prepare(sql)?;
    let rows = query.query_and_then([], |row| {
        let code = row.get(0)?;
        let meaning = from_code(code);
        let meaning = meaning.ok_or_else(|| CheckpointError::Corrupt { what: format!("the {what} {code}") })?;
        Ok((meaning, row.get(1)?))
    })?;
    rows.collect()
}
