//! Why a message has no target: told as exactly as the account's copy allows.

use rusqlite::{Connection, params};

use crate::checkpoint::{CheckpointError, Pins, Role, cause_id};
use crate::record::Mode;
use crate::record::{Cause, CauseKind, State};

/// As many messages of a ticket Gorgias's importers bring over.
const IMPORTED: u32 = 250;

/// Makes every record absent that has no target, or one that the account does not hold.
pub(super) fn explain_absence(connection: &Connection, pins: &Pins, scan: Option<Mode>) -> Result<(), CheckpointError> {
    let Some(mode) = scan else {
        let detail = if pins.files.iter().any(|file| file.role == Role::Ids) {
            "the ids file has no line for it"
        } else {
            "there is no ids file, and the export does not say where it is in Gorgias"
        };
        return absent(connection, CauseKind::NoTarget, detail, "1");
    };
    if mode == Mode::Whole {
        forget_missing_targets(connection)?;
        let detail = "it is older than every message of the account";
        let older = "sent_at < (SELECT min(coalesce(sent, created)) FROM scan.held)";
        absent(connection, CauseKind::TooOld, detail, older)?;
    } else {
        let detail = "the scan did not look for its ticket";
        let unsought = "source_ticket NOT IN (SELECT external_id FROM scan.sought)";
        absent(connection, CauseKind::NotScanned, detail, unsought)?;
        for (fate, detail) in [
            ("deleted", "its ticket was deleted in Gorgias"),
            ("merged", "its ticket was merged into another in Gorgias"),
        ] {
            let met = format!("source_ticket IN (SELECT external_id FROM scan.sought WHERE fate = '{fate}')");
            absent(connection, CauseKind::NoTicket, detail, &met)?;
        }
    }
    absent(
        connection,
        CauseKind::NoTarget,
        "no message of the account is this one, and the export does not say its ticket",
        "source_ticket IS NULL",
    )?;
    connection.execute_batch(
        "CREATE TEMP TABLE placed AS
             SELECT external_id FROM scan.ticket WHERE external_id IS NOT NULL
             UNION SELECT source_ticket FROM staged WHERE message_id IS NOT NULL AND source_ticket IS NOT NULL;
         CREATE UNIQUE INDEX temp.placed_by_id ON placed (external_id);",
    )?;
    let elsewhere = "source_ticket NOT IN (SELECT external_id FROM placed)";
    absent(connection, CauseKind::NoTicket, "the account has no ticket with the foreign id of its ticket", elsewhere)?;
    let beyond = format!(
        "id IN (SELECT id FROM (
             SELECT id, row_number() OVER (PARTITION BY source_ticket ORDER BY sent_at, id) AS rank FROM staged
             WHERE source_ticket IS NOT NULL AND digest IS NOT NULL
         ) WHERE rank > {IMPORTED})"
    );
    let detail = format!("it comes after the {IMPORTED}th message of its ticket");
    absent(connection, CauseKind::BeyondLimit, &detail, &beyond)?;
    absent(connection, CauseKind::NotInTicket, "its ticket is in the account, and not this message", "1")?;
    connection.execute_batch("DROP TABLE temp.placed")?;
    Ok(())
}

/// A target that an ids file or the export names, and the account does not hold.
fn forget_missing_targets(connection: &Connection) -> Result<(), CheckpointError> {
    let cause = Cause::new(CauseKind::NoTarget, "the account has no message with the id that is given for it");
    let cause = cause_id(connection, &cause)?;
    connection.execute(
        "UPDATE staged SET state = ?1, cause = ?2, matched = NULL
         WHERE state = 0 AND message_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM scan.held WHERE held.message_id = staged.message_id)",
        params![State::Absent.code(), cause],
    )?;
    Ok(())
}

/// Makes those absent that have no target and meet `condition`, which is our own SQL.
fn absent(connection: &Connection, kind: CauseKind, detail: &str, condition: &str) -> Result<(), CheckpointError> {
    let cause = cause_id(connection, &Cause::new(kind, detail))?;
    let sql =
        format!("UPDATE staged SET state = ?1, cause = ?2 WHERE state = 0 AND message_id IS NULL AND ({condition})");
    connection.execute(&sql, params![State::Absent.code(), cause])?;
    Ok(())
}
