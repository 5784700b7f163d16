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
    /// Messages with an outcome that this plan does not send, unlike the one before; the outcome stays recorded.
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
    let had_plan: bool = connection.query_row("SELECT EXISTS (SELECT 1 FROM pin)", [], |row| row.get(0))?;
    settle_doubles(connection)?;
    find_targets(connection, pins)?;
    gather_earlier(&staging.checkpoint)?;
    carry_over(connection)?;
    block_taken_targets(connection)?;
    block_shared_targets(connection)?;
    let delta = count_delta(connection)?;
    replace_plan(connection)?;
    pins.store(connection, staging.checkpoint.path())?;
    connection.execute_batch("COMMIT")?;
    Ok((staging.checkpoint, had_plan.then_some(delta)))
}

/// Of several rows with one id the newest counts; the last one of the export where they are equally new. If that one is
/// blocked, the older ones are held back with it: an old form must not go out in its place.
///
/// A version may be any number, so a row without one can't be told newer than a row that has one; among themselves such
/// rows go by their time.
fn settle_doubles(connection: &Connection) -> Result<(), CheckpointError> {
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

/// Gathers in `earlier` the messages to which an earlier plan gave an outcome (updated, failed, unconfirmed,
/// unchanged), and in
/// `known` these and those that were still waiting. The plan before this one knows better than what it had put aside.
fn gather_earlier(checkpoint: &Checkpoint) -> Result<(), CheckpointError> {
    checkpoint.settle_interrupted()?;
    let connection = checkpoint.connection();
    connection.execute_batch(
        "CREATE TEMP TABLE earlier AS
             SELECT external_id, ticket_id, message_id, digest, state, cause FROM message WHERE state IN (2, 3, 4, 8)
             UNION ALL SELECT external_id, ticket_id, message_id, digest, state, cause FROM past
                 WHERE external_id NOT IN (SELECT external_id FROM message WHERE state IN (2, 3, 4, 8));
         CREATE UNIQUE INDEX temp.earlier_by_id ON earlier (external_id);
         CREATE INDEX temp.earlier_by_target ON earlier (message_id);
         CREATE TEMP TABLE known AS SELECT external_id FROM message WHERE state IN (0, 2, 3, 4, 8)
             UNION SELECT external_id FROM past;
         CREATE UNIQUE INDEX temp.known_by_id ON known (external_id);",
    )?;
    Ok(())
}

/// The same message, to be written the same way to the same target, keeps its outcome.
fn carry_over(connection: &Connection) -> Result<(), CheckpointError> {
    connection.execute_batch(
        "UPDATE staged SET state = earlier.state, cause = earlier.cause FROM earlier
         WHERE staged.state = 0 AND earlier.external_id = staged.external_id AND earlier.digest = staged.digest
           AND earlier.message_id = staged.message_id AND earlier.ticket_id = staged.ticket_id",
    )?;
    Ok(())
}

/// A target that was written for another message already holds that one's id: whoever comes now is blocked, unless this
/// plan moves the other one away, as after a correction of the ids file.
fn block_taken_targets(connection: &Connection) -> Result<(), CheckpointError> {
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
fn block_shared_targets(connection: &Connection) -> Result<(), CheckpointError> {
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

fn block(connection: &Connection, id: i64, cause: &Cause) -> Result<(), CheckpointError> {
    let cause = cause_id(connection, cause)?;
    connection.prepare_cached("UPDATE staged SET state = ?2, cause = ?3 WHERE id = ?1")?.execute(params![
        id,
        State::Blocked.code(),
        cause
    ])?;
    Ok(())
}

fn count_delta(connection: &Connection) -> Result<Delta, CheckpointError> {
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, u64>(0));
    Ok(Delta {
        new: count(
            "SELECT count(*) FROM staged WHERE state = 0 AND external_id NOT IN (SELECT external_id FROM known)",
        )?,
        changed: count(
            "SELECT count(*) FROM staged WHERE state = 0 AND external_id IN (SELECT external_id FROM earlier)",
        )?,
        kept: count("SELECT count(*) FROM staged WHERE state IN (2, 3, 4, 8)")?,
        gone: count(
            "SELECT count(*) FROM message WHERE state IN (2, 3, 4, 8) AND external_id NOT IN (
                 SELECT external_id FROM staged WHERE state IN (0, 2, 3, 4, 8)
             )",
        )?,
    })
}

/// Puts the staged rows in the place of the plan, in the order of sending. Outcomes that it does not keep stay recorded
/// in
/// `past`: those of messages that it does not send, and, until they go out, of those that it sends anew.
///
/// Tickets come in the order in which the export first names them; the messages of a ticket by their time, then by
/// their place.
fn replace_plan(connection: &Connection) -> Result<(), CheckpointError> {
    connection.execute_batch(
        "DELETE FROM past;
         INSERT INTO past SELECT external_id, ticket_id, message_id, digest, state, cause FROM earlier
             WHERE external_id NOT IN (SELECT external_id FROM staged WHERE state IN (2, 3, 4, 8));
         DELETE FROM message;
         INSERT INTO message
             SELECT row_number() OVER (ORDER BY first_of_ticket, sent_at, input, ordinal),
                    input, ordinal, line, offset, length, block, item, external_id, source_ticket, ticket_id,
                    message_id, sent_at, channel, kind, fields, digest, state, cause
             FROM (
                 SELECT *, min(id) OVER (
                     PARTITION BY ticket_id, iif(ticket_id IS NULL, coalesce(source_ticket, 'row ' || id), NULL)
                 ) AS first_of_ticket
                 FROM staged
             );
         DROP TABLE temp.staged; DROP TABLE temp.ids; DROP TABLE temp.target; DROP TABLE temp.earlier;
         DROP TABLE temp.known;",
    )?;
    Ok(())
}
