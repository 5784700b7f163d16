//! Several records of one message.

use rusqlite::{Connection, params};

use crate::checkpoint::{CheckpointError, cause_id};
use crate::mapping::Doubles;
use crate::record::{Cause, CauseKind, State};

/// Of several rows with one id one counts: the newest, or as `rule` says; the last one of the export where they are
/// equally new. If that one is blocked, the others are held back with it: an old form must not go out in its place.
///
/// A version may be any number, so a row without one can't be told newer than a row that has one; among themselves such
/// rows go by their time.
pub(super) fn settle_doubles(connection: &Connection, rule: Doubles) -> Result<(), CheckpointError> {
    connection.execute_batch("CREATE INDEX temp.staged_by_id ON staged (external_id)")?;
    let ranking = match rule {
        Doubles::Newest => "version IS NULL, coalesce(version, sent_at) DESC, id DESC",
        Doubles::First => "id",
        // Of differing ones none is left when this is asked.
        Doubles::Last | Doubles::Block => "id DESC",
    };
    if rule == Doubles::Block {
        block_differing(connection)?;
    }
    let doubled = cause_id(connection, &Cause::new(CauseKind::Doubled, "the same message stands in the export again"))?;
    let (older, held) = match rule {
        Doubles::Newest => ("a newer copy of it stands in the export", "a newer copy of it is blocked"),
        Doubles::First => ("an earlier copy of it stands in the export", "an earlier copy of it is blocked"),
        Doubles::Last | Doubles::Block => ("a later copy of it stands in the export", "a later copy of it is blocked"),
    };
    let older = cause_id(connection, &Cause::new(CauseKind::OlderCopy, older))?;
    let held = cause_id(connection, &Cause::new(CauseKind::NewerBlocked, held))?;
    connection.execute(
        &format!(
            "UPDATE staged SET digest = NULL,
                 state = iif(copy.first_state = ?5, ?5, ?1),
                 cause = CASE WHEN copy.first_state = ?5 THEN ?4 WHEN copy.same THEN ?2 ELSE ?3 END
             FROM (
                 SELECT id, row_number() OVER chosen AS rank, first_value(state) OVER chosen AS first_state,
                        digest IS first_value(digest) OVER chosen
                            AND message_id IS first_value(message_id) OVER chosen AS same
                 FROM staged
                 WHERE external_id IN (
                     SELECT external_id FROM staged WHERE external_id IS NOT NULL
                     GROUP BY external_id HAVING count(*) > 1 AND min(state) = 0
                 )
                 WINDOW chosen AS (PARTITION BY external_id ORDER BY {ranking})
             ) AS copy
             WHERE copy.id = staged.id AND copy.rank > 1 AND staged.state = 0"
        ),
        params![State::Skipped.code(), doubled, older, held, State::Blocked.code()],
    )?;
    Ok(())
}

/// Blocks every message that stands in the export in more than one form.
fn block_differing(connection: &Connection) -> Result<(), CheckpointError> {
    let detail = "it stands in the export more than once, in differing forms";
    let differing = cause_id(connection, &Cause::new(CauseKind::Differing, detail))?;
    connection.execute(
        "UPDATE staged SET digest = NULL, state = ?1, cause = ?2
         WHERE state = 0 AND external_id IN (
             SELECT external_id FROM staged WHERE state = 0
             GROUP BY external_id HAVING count(DISTINCT digest) > 1
         )",
        params![State::Blocked.code(), differing],
    )?;
    Ok(())
}
