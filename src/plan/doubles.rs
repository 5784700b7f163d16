//! Several records of one message.

use rusqlite::{Connection, params};

use crate::checkpoint::{CheckpointError, cause_id};
use crate::record::{Cause, CauseKind, State};

/// Of several rows with one id the newest counts; the last one of the export where they are equally new. If that one is
/// blocked, the older ones are held back with it: an old form must not go out in its place.
///
/// A version may be any number, so a row without one can't be told newer than a row that has one; among themselves such
/// rows go by their time.
pub(super) fn settle_doubles(connection: &Connection) -> Result<(), CheckpointError> {
    let doubled = cause_id(connection, &Cause::new(CauseKind::Doubled, "the same message stands in the export again"))?;
    let older = cause_id(connection, &Cause::new(CauseKind::OlderCopy, "a newer copy of it stands in the export"))?;
    let held = cause_id(connection, &Cause::new(CauseKind::NewerBlocked, "a newer copy of it is blocked"))?;
    connection.execute_batch("CREATE INDEX temp.staged_by_id ON staged (external_id)")?;
    connection.execute(
        "UPDATE staged SET digest = NULL,
             state = iif(copy.newest_state = ?5, ?5, ?1),
             cause = CASE WHEN copy.newest_state = ?5 THEN ?4 WHEN copy.same THEN ?2 ELSE ?3 END
         FROM (
             SELECT id, row_number() OVER newest AS rank, first_value(state) OVER newest AS newest_state,
                    digest IS first_value(digest) OVER newest
                        AND message_id IS first_value(message_id) OVER newest AS same
             FROM staged
             WHERE external_id IN (
                 SELECT external_id FROM staged WHERE external_id IS NOT NULL
                 GROUP BY external_id HAVING count(*) > 1 AND min(state) = 0
             )
             WINDOW newest AS (
                 PARTITION BY external_id ORDER BY version IS NULL, coalesce(version, sent_at) DESC, id DESC
             )
         ) AS copy
         WHERE copy.id = staged.id AND copy.rank > 1 AND staged.state = 0",
        params![State::Skipped.code(), doubled, older, held, State::Blocked.code()],
    )?;
    Ok(())
}
