//! Settling: from staged rows to a plan that a run can follow.

use rusqlite::Connection;

use super::Staging;
use super::absent::explain_absence;
use super::choices::choose_all;
use super::conflicts::{block_shared_targets, block_taken_targets};
use super::doubles::settle_doubles;
use super::earlier::{carry_over, gather_earlier, put_aside};
use super::matching::find_targets;
use crate::checkpoint::{Checkpoint, CheckpointError, Pins};
use crate::mapping::{Doubles, Matching};
use crate::record::Sequence;

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
pub fn settle(
    staging: Staging,
    pins: &Pins,
    matching: &Matching,
    doubles: Doubles,
) -> Result<(Checkpoint, Option<Delta>), CheckpointError> {
    let connection = staging.connection();
    let had_plan: bool =
        connection.query_row("SELECT EXISTS (SELECT 1 FROM pin WHERE name = 'account')", [], |row| row.get(0))?;
    settle_doubles(connection, doubles)?;
    gather_earlier(&staging.checkpoint)?;
    find_targets(connection, matching, staging.scan.is_some())?;
    explain_absence(connection, pins, staging.scan.map(|scan| scan.mode))?;
    carry_over(connection, staging.scan.map(|scan| scan.began))?;
    block_taken_targets(connection)?;
    block_shared_targets(connection)?;
    if staging.scan.is_some() {
        choose_all(&staging, &pins.writes)?;
    }
    let delta = count_delta(connection)?;
    replace_plan(connection, pins.sequence)?;
    pins.store(connection, staging.checkpoint.path())?;
    connection.execute_batch("COMMIT")?;
    staging.let_go_of_scan()?;
    Ok((staging.checkpoint, had_plan.then_some(delta)))
}

fn count_delta(connection: &Connection) -> Result<Delta, CheckpointError> {
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, u64>(0));
    let put_aside = put_aside();
    Ok(Delta {
        new: count(
            "SELECT count(*) FROM staged WHERE state = 0 AND external_id NOT IN (SELECT external_id FROM known)",
        )?,
        changed: count(
            "SELECT count(*) FROM staged WHERE state = 0 AND external_id IN (SELECT external_id FROM earlier)",
        )?,
        kept: count(&format!("SELECT count(*) FROM staged WHERE state IN (2, 3, 4, 8) OR {put_aside}"))?,
        gone: count(&format!(
            "SELECT count(*) FROM message WHERE (state IN (2, 3, 4, 8) OR {put_aside}) AND external_id NOT IN (
                 SELECT external_id FROM staged WHERE state IN (0, 2, 3, 4, 8) OR {put_aside}
             )",
        ))?,
    })
}

/// Puts the staged rows in the place of the plan, in the order of sending. Outcomes that it does not keep stay recorded in
/// `past`: those of messages that it does not send, and, until they go out, of those that it sends anew.
///
/// Tickets come in the order in which the export first names them, or the one with the newest message first; the messages
/// of a ticket by their time, then by their place.
fn replace_plan(connection: &Connection, sequence: Sequence) -> Result<(), CheckpointError> {
    let put_aside = put_aside();
    let newest = match sequence {
        Sequence::AsExported => "",
        Sequence::NewestFirst => "newest_of_ticket DESC NULLS LAST, ",
    };
    connection.execute_batch(&format!(
        "DELETE FROM past;
         INSERT INTO past
             SELECT external_id, ticket_id, message_id, digest, state, cause, fills, replaces, lost FROM earlier
             WHERE external_id NOT IN (SELECT external_id FROM staged WHERE state IN (2, 3, 4, 8) OR {put_aside});
         DELETE FROM message;
         INSERT INTO message
             SELECT row_number() OVER (ORDER BY {newest}first_of_ticket, sent_at, input, ordinal),
                    input, ordinal, line, offset, length, block, item, external_id, source_ticket, ticket_id,
                    message_id, sent_at, channel, kind, fields, digest, state, cause, matched, fills, replaces, lost
             FROM (
                 SELECT *, min(id) OVER ticket AS first_of_ticket, max(sent_at) OVER ticket AS newest_of_ticket
                 FROM staged
                 WINDOW ticket AS (
                     PARTITION BY ticket_id, iif(ticket_id IS NULL, coalesce(source_ticket, 'row ' || id), NULL)
                 )
             );
         DELETE FROM candidate;
         INSERT INTO candidate SELECT external_id, ticket_id, message_id, rule FROM temp.rival;
         DROP TABLE temp.staged; DROP TABLE temp.ids; DROP TABLE temp.found; DROP TABLE temp.rival;
         DROP TABLE temp.earlier; DROP TABLE temp.known;",
    ))?;
    Ok(())
}
