//! What an earlier plan already did.

use rusqlite::Connection;

use crate::checkpoint::{Checkpoint, CheckpointError};

/// Gathers in `earlier` the messages to which an earlier plan gave an outcome (updated, failed, unconfirmed,
/// unchanged), and in
/// `known` these and those that were still waiting. The plan before this one knows better than what it had put aside.
pub(super) fn gather_earlier(checkpoint: &Checkpoint) -> Result<(), CheckpointError> {
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

/// The same message, to be written the same way to the same target, keeps its outcome. That the account held it already is
/// none where there is a scan that holds it: that is looked at again, because somebody may have changed it since.
pub(super) fn carry_over(connection: &Connection, has_scan: bool) -> Result<(), CheckpointError> {
    let but = if has_scan {
        "AND NOT (earlier.state = 8 AND EXISTS (SELECT 1 FROM scan.held WHERE held.message_id = earlier.message_id))"
    } else {
        ""
    };
    connection.execute_batch(&format!(
        "UPDATE staged SET state = earlier.state, cause = earlier.cause FROM earlier
         WHERE staged.state = 0 AND earlier.external_id = staged.external_id AND earlier.digest = staged.digest
           AND earlier.message_id = staged.message_id AND earlier.ticket_id = staged.ticket_id {but}",
    ))?;
    Ok(())
}
