//! Targets that two messages would be written to.

use rusqlite::{Connection, params};

use crate::checkpoint::{CheckpointError, cause_id};
use crate::record::{Cause, CauseKind, State};

/// A target that was written for another message already holds that one's id: whoever comes now is blocked, unless this
/// plan moves the other one away, as after a correction of the ids file.
pub(super) fn block_taken_targets(connection: &Connection) -> Result<(), CheckpointError> {
    let mut query = connection.prepare(
        "SELECT staged.id, staged.message_id, earlier.external_id FROM staged
         JOIN earlier ON earlier.message_id = staged.message_id AND earlier.external_id <> staged.external_id
         WHERE staged.state = 0 AND earlier.state IN (2, 4, 8) AND NOT EXISTS (
             SELECT 1 FROM staged AS holder
             WHERE holder.external_id = earlier.external_id AND holder.state = 0
               AND holder.message_id <> earlier.message_id
         )",
    )?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, u64>(1)?, row.get::<_, String>(2)?)))?;
    // Collected first: blocking changes what the query selects from.
    for (id, message, holder) in rows.collect::<Result<Vec<_>, _>>()? {
        let detail = format!("message {message} in Gorgias was already written for {holder}");
        block(connection, id, &Cause::new(CauseKind::SharedTarget, detail))?;
    }
    Ok(())
}

/// Two messages for one target: neither is sent, and both are named.
pub(super) fn block_shared_targets(connection: &Connection) -> Result<(), CheckpointError> {
    // Failed ones have not arrived either, and would be in the way of each other again.
    let mut query = connection.prepare(
        "SELECT id, message_id, first_value(external_id) OVER sharing, nth_value(external_id, 2) OVER sharing,
                count(*) OVER (PARTITION BY message_id)
         FROM staged
         WHERE message_id IN (
             SELECT message_id FROM staged WHERE state IN (0, 3) GROUP BY message_id HAVING count(*) > 1
         ) AND state IN (0, 3)
         WINDOW sharing AS (
             PARTITION BY message_id ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
         )",
    )?;
    let rows = query.query_map([], |row| {
        let ids: (String, String) = (row.get(2)?, row.get(3)?);
        Ok((row.get::<_, i64>(0)?, row.get::<_, u64>(1)?, ids, row.get::<_, u64>(4)?))
    })?;
    // Collected first, as above.
    for (id, message, (first, second), count) in rows.collect::<Result<Vec<_>, _>>()? {
        let more = if count > 2 { format!(" and {} more", count - 2) } else { String::new() };
        let detail = format!("message {message} in Gorgias would be written by {first} and {second}{more}");
        block(connection, id, &Cause::new(CauseKind::SharedTarget, detail))?;
    }
    Ok(())
}

pub(super) fn block(connection: &Connection, id: i64, cause: &Cause) -> Result<(), CheckpointError> {
    let cause = cause_id(connection, cause)?;
    connection.prepare_cached("UPDATE staged SET state = ?2, cause = ?3 WHERE id = ?1")?.execute(params![
        id,
        State::Blocked.code(),
        cause
    ])?;
    Ok(())
}
