//! What an earlier plan already did.

use jiff::Timestamp;
use rusqlite::Connection;

use crate::checkpoint::{Checkpoint, CheckpointError, of_kind, seen};
use crate::record::{CauseKind, State};

/// Gathers in `earlier` the messages to which an earlier plan gave an outcome (updated, failed, unconfirmed, unchanged,
/// blocked because somebody had changed its target, or deleted there as the operator asked), and in `known` these and those that were still waiting. The plan
/// before this one knows better than what it had put aside.
pub(super) fn gather_earlier(checkpoint: &Checkpoint) -> Result<(), CheckpointError> {
    checkpoint.settle_interrupted()?;
    let connection = checkpoint.connection();
    let with_outcome = format!("(state IN (2, 3, 4, 8) OR {})", put_aside());
    connection.execute_batch(&format!(
        "CREATE TEMP TABLE earlier AS
             SELECT external_id, ticket_id, message_id, digest, state, cause, fills, replaces, lost FROM message
                 WHERE {with_outcome}
             UNION ALL SELECT external_id, ticket_id, message_id, digest, state, cause, fills, replaces, lost FROM past
                 WHERE external_id NOT IN (SELECT external_id FROM message WHERE {with_outcome});
         CREATE UNIQUE INDEX temp.earlier_by_id ON earlier (external_id);
         CREATE INDEX temp.earlier_by_target ON earlier (message_id);
         CREATE TEMP TABLE known AS SELECT external_id FROM message WHERE state = 0 OR {with_outcome}
             UNION SELECT external_id FROM past;
         CREATE UNIQUE INDEX temp.known_by_id ON known (external_id);",
    ))?;
    Ok(())
}

/// The same message, to be written the same way to the same target, keeps its outcome, and what it changed there. That
/// the account held it already is none where there is a scan that holds it: that is looked at again, because somebody may
/// have changed it since.
///
/// What was blocked because somebody had changed it stays so, however it is to be written: only who asks for that writes
/// over it. A scan that began after that was found tells what it holds, and the plan says what is written over. What was
/// deleted stays absent.
pub(super) fn carry_over(connection: &Connection, scan_began: Option<Timestamp>) -> Result<(), CheckpointError> {
    let (mut looked_at, mut seen_again) = ("0", "0".to_owned());
    if scan_began.is_some() {
        looked_at = "EXISTS (SELECT 1 FROM scan.held WHERE held.message_id = earlier.message_id)";
        let seen = seen(scan_began);
        seen_again = format!(
            "{looked_at} AND EXISTS (SELECT 1 FROM receipt WHERE receipt.message_id = earlier.message_id AND {seen})"
        );
    }
    connection.execute_batch(&format!(
        "UPDATE staged SET state = earlier.state, cause = earlier.cause, fills = earlier.fills, replaces = earlier.replaces,
             lost = earlier.lost
         FROM earlier
         WHERE staged.state = 0 AND earlier.external_id = staged.external_id
           AND earlier.message_id = staged.message_id AND earlier.ticket_id = staged.ticket_id
           AND CASE earlier.state
                   WHEN 6 THEN 1
                   WHEN 7 THEN NOT ({seen_again})
                   WHEN 8 THEN earlier.digest = staged.digest AND NOT ({looked_at})
                   ELSE earlier.digest = staged.digest
               END;
         -- What was put back to be written over that is still to be.
         UPDATE staged SET cause = message.cause FROM message
         WHERE message.state = 0 AND message.{} AND staged.state = 0
           AND message.external_id = staged.external_id AND message.digest = staged.digest
           AND message.message_id = staged.message_id AND message.ticket_id = staged.ticket_id;
         -- What an undo took back is said to be that for as long as it waits.
         UPDATE staged SET cause = message.cause FROM message
         WHERE message.state = 0 AND message.{} AND staged.state = 0
           AND message.external_id = staged.external_id AND message.message_id = staged.message_id",
        of_kind(CauseKind::EditedSince),
        of_kind(CauseKind::Undone)
    ))?;
    Ok(())
}

/// Never sent because of what happened to its target, as an SQL condition: blocked because somebody had changed it, or
/// absent because the operator had it deleted.
pub(super) fn put_aside() -> String {
    let of = |state: State, kind| format!("state = {} AND {}", state.code(), of_kind(kind));
    format!("({} OR {})", of(State::Blocked, CauseKind::EditedSince), of(State::Absent, CauseKind::Cancelled))
}
