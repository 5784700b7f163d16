//! Settling: from staged rows to a plan that a run can follow.

use rusqlite::{Connection, params};

use super::Staging;
use crate::checkpoint::{Checkpoint, CheckpointError, Pins, Role, cause_id};
use crate::record::{Cause, CauseKind, State};

/// How a new plan differs from the one that the checkpoint held before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delta {
    /// Messages to send that no earlier plan held.
    pub new: u64,
    /// Messages that an earlier plan held with another update or another target.
    pub changed: u64,
    /// Messages whose outcome of an earlier plan still stands.
    pub kept: u64,
    /// Messages with an outcome that the export no longer holds; the outcome stays recorded.
    pub gone: u64,
}

/// Makes the staged rows the plan of the checkpoint, together with what they were made from.
///
/// Says how it differs from the plan before, if there was one.
///
/// # Errors
/// When the checkpoint can't be written; it then holds what it held before.
pub fn settle(staging: Staging, pins: &Pins) -> Result<(Checkpoint, Option<Delta>), CheckpointError> {
    let connection = staging.connection();
    settle_doubles(connection)?;
    find_targets(connection, pins)?;
    block_shared_targets(connection)?;
    let delta = take_over(connection)?;
    pins.store(connection, staging.checkpoint.path())?;
    connection.execute_batch("COMMIT")?;
    Ok((staging.checkpoint, delta))
}

/// Of several rows with one id the newest stays; the last one of the export where they are equally new.
///
/// A version may be any number, so a row without one can't be told newer than a row that has one; among themselves such
/// rows go by their time.
fn settle_doubles(connection: &Connection) -> Result<(), CheckpointError> {
    let doubled = cause_id(connection, &Cause::new(CauseKind::Doubled, "the same message stands in the export again"))?;
    let older = cause_id(connection, &Cause::new(CauseKind::OlderCopy, "a newer copy of it stands in the export"))?;
    connection.execute_batch("CREATE INDEX temp.staged_by_id ON staged (external_id) WHERE state = 0")?;
    connection.execute(
        "UPDATE staged SET state = ?1, cause = iif(copy.same, ?2, ?3), digest = NULL
         FROM (
             SELECT id, row_number() OVER newest AS rank, digest = first_value(digest) OVER newest AS same
             FROM staged
             WHERE state = 0 AND external_id IN (
                 SELECT external_id FROM staged WHERE state = 0 GROUP BY external_id HAVING count(*) > 1
             )
             WINDOW newest AS (
                 PARTITION BY external_id ORDER BY version IS NULL, coalesce(version, sent_at) DESC, id DESC
             )
         ) AS copy
         WHERE copy.id = staged.id AND copy.rank > 1",
        params![State::Skipped.code(), doubled, older],
    )?;
    Ok(())
}

/// A target comes from the export itself, else from the ids file; without one the message is absent.
fn find_targets(connection: &Connection, pins: &Pins) -> Result<(), CheckpointError> {
    connection.execute_batch(
        "CREATE TEMP TABLE target AS
             SELECT external_id, min(ticket_id) AS ticket_id, min(message_id) AS message_id,
                    count(DISTINCT ticket_id || '/' || message_id) AS choices
             FROM ids GROUP BY external_id;
         CREATE UNIQUE INDEX temp.target_by_id ON target (external_id);
         UPDATE staged SET ticket_id = target.ticket_id, message_id = target.message_id FROM target
             WHERE target.external_id = staged.external_id AND choices = 1 AND state = 0 AND staged.message_id IS NULL",
    )?;
    let ambiguous =
        cause_id(connection, &Cause::new(CauseKind::Ambiguous, "the ids file names several targets for it"))?;
    connection.execute(
        "UPDATE staged SET state = ?1, cause = ?2 FROM target
         WHERE target.external_id = staged.external_id AND choices > 1 AND state = 0 AND staged.message_id IS NULL",
        params![State::Blocked.code(), ambiguous],
    )?;
    let detail = if pins.files.iter().any(|file| file.role == Role::Ids) {
        "the ids file has no line for it"
    } else {
        "there is no ids file, and the export does not say where it is in Gorgias"
    };
    let absent = cause_id(connection, &Cause::new(CauseKind::NoTarget, detail))?;
    connection.execute(
        "UPDATE staged SET state = ?1, cause = ?2 WHERE state = 0 AND message_id IS NULL",
        params![State::Absent.code(), absent],
    )?;
    Ok(())
}

/// Two messages for one target: neither is sent, and each names the other.
fn block_shared_targets(connection: &Connection) -> Result<(), CheckpointError> {
    let mut query = connection.prepare(
        "SELECT message_id, group_concat(external_id, ' and ') FROM (
             SELECT message_id, external_id FROM staged WHERE state = 0 ORDER BY id
         ) GROUP BY message_id HAVING count(*) > 1",
    )?;
    let shared = query.query_map([], |row| Ok((row.get::<_, u64>(0)?, row.get::<_, String>(1)?)))?;
    let shared = shared.collect::<Result<Vec<_>, _>>()?;
    connection.execute_batch("CREATE INDEX temp.staged_by_target ON staged (message_id) WHERE state = 0")?;
    for (message, ids) in shared {
        let detail = format!("message {message} in Gorgias would be written by {ids}");
        let cause = cause_id(connection, &Cause::new(CauseKind::SharedTarget, detail))?;
        connection.execute(
            "UPDATE staged SET state = ?1, cause = ?2 WHERE state = 0 AND message_id = ?3",
            params![State::Blocked.code(), cause, message],
        )?;
    }
    Ok(())
}

/// Puts the staged rows in the place of the plan, in the order of sending, and carries over what is already done.
///
/// Tickets come in the order in which the export first names them; the messages of a ticket by their time, then by
/// their place.
fn take_over(connection: &Connection) -> Result<Option<Delta>, CheckpointError> {
    let had_plan: bool = connection.query_row("SELECT EXISTS (SELECT 1 FROM pin)", [], |row| row.get(0))?;
    let interrupted =
        cause_id(connection, &Cause::new(CauseKind::Interrupted, "the process ended while it was on the wire"))?;
    connection.execute(
        "UPDATE message SET state = ?1, cause = ?2 WHERE state = ?3",
        params![State::Unconfirmed.code(), interrupted, State::Sending.code()],
    )?;
    connection.execute_batch(
        // What earlier plans came to, of the messages that have an outcome: updated, failed, unconfirmed, unchanged. The
        // plan before this one knows better than what it had put aside.
        "CREATE TEMP TABLE earlier AS
             SELECT external_id, ticket_id, message_id, digest, state, cause FROM message WHERE state IN (2, 3, 4, 8)
             UNION ALL SELECT external_id, ticket_id, message_id, digest, state, cause FROM past
                 WHERE external_id NOT IN (SELECT external_id FROM message WHERE state IN (2, 3, 4, 8));
         CREATE UNIQUE INDEX temp.earlier_by_id ON earlier (external_id);
         CREATE TEMP TABLE known AS SELECT external_id FROM message WHERE state IN (0, 2, 3, 4, 8)
             UNION SELECT external_id FROM past;
         CREATE UNIQUE INDEX temp.known_by_id ON known (external_id);
         DELETE FROM message;
         INSERT INTO message
             SELECT row_number() OVER (ORDER BY first_of_ticket, staged.sent_at, staged.input, staged.ordinal),
                    input, ordinal, line, offset, length, block, item, staged.external_id, source_ticket,
                    staged.ticket_id, staged.message_id, sent_at, channel, kind, fields, staged.digest,
                    iif(earlier.state IS NULL, staged.state, earlier.state), coalesce(earlier.cause, staged.cause)
             FROM (
                 SELECT *, min(id) OVER (
                     PARTITION BY ticket_id, iif(ticket_id IS NULL, coalesce(source_ticket, 'row ' || id), NULL)
                 ) AS first_of_ticket
                 FROM staged
             ) AS staged
             LEFT JOIN earlier ON staged.state = 0 AND earlier.external_id = staged.external_id
                 AND earlier.digest = staged.digest AND earlier.message_id = staged.message_id
                 AND earlier.ticket_id = staged.ticket_id;
         DELETE FROM past;
         INSERT INTO past SELECT external_id, ticket_id, message_id, digest, state, cause FROM earlier
             WHERE external_id NOT IN (SELECT external_id FROM message WHERE state IN (2, 3, 4, 8))",
    )?;
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, u64>(0));
    let delta = if had_plan {
        let pending = count("SELECT count(*) FROM message WHERE state = 0")?;
        let changed = count("SELECT count(*) FROM message JOIN earlier USING (external_id) WHERE message.state = 0")?;
        let waiting = count(
            "SELECT count(*) FROM message JOIN known USING (external_id) WHERE message.state = 0
             AND external_id NOT IN (SELECT external_id FROM earlier)",
        )?;
        Some(Delta {
            new: pending - changed - waiting,
            changed,
            kept: count("SELECT count(*) FROM message WHERE state IN (2, 3, 4, 8)")?,
            gone: count(
                "SELECT count(*) FROM past WHERE external_id NOT IN (SELECT external_id FROM message WHERE state = 0)",
            )?,
        })
    } else {
        None
    };
    connection.execute_batch(
        "DROP TABLE temp.staged; DROP TABLE temp.ids; DROP TABLE temp.target; DROP TABLE temp.earlier;
         DROP TABLE temp.known;",
    )?;
    Ok(delta)
}
