//! What of each update is sent, where it is known what the account holds.

use rusqlite::{Connection, Row, params};

use super::Staging;
use super::conflicts::block;
use crate::checkpoint::{CheckpointError, Written};
use crate::record::{MessageId, State};
use crate::update::{Choice, Facts, Sends, Writes, choose};

/// Rows that are looked at together: it bounds the memory.
const PAGE: usize = 10_000;

/// A row that is to be sent to a message which the scan holds.
struct Candidate {
    id: i64,
    message: MessageId,
    planned: Facts,
    held: Facts,
    external_id: Option<String>,
}

/// Decides for each row that is to be sent whether anything is to be done at all, and what.
pub(super) fn choose_all(staging: &Staging, writes: &Writes) -> Result<(), CheckpointError> {
    let connection = staging.connection();
    let mut last = 0;
    loop {
        let page = page_after(connection, last)?;
        let Some(end) = page.last() else { return Ok(()) };
        last = end.id;
        for row in &page {
            settle(staging, row, writes)?;
        }
    }
}

fn settle(staging: &Staging, row: &Candidate, writes: &Writes) -> Result<(), CheckpointError> {
    let connection = staging.connection();
    let began = staging.scan.map(|scan| scan.began);
    let scanned = |writes: &Writes| choose(&row.planned, &row.held, writes);
    let (choice, unchanged) = match staging.checkpoint.written(row.message, began)? {
        Written::Never | Written::Seen(None) => (scanned(writes), State::Unchanged),
        Written::Seen(Some(image)) => {
            let is_ours = row.external_id.as_deref().is_some_and(|id| image.wrote(id));
            (scanned(&writes.over(is_ours)), if image.sent.is_some() { State::Updated } else { State::Unchanged })
        }
        Written::As(image) => {
            let held = image.after();
            // The account holds it because we wrote it: that is to be verified, and can be undone.
            (choose(&row.planned, &Facts::of(&held), &writes.over(image.wrote_id(&held))), State::Updated)
        }
        // It was written since the scan, and nobody knows what it holds now.
        Written::Unknown => return Ok(()),
    };
    match choice {
        Choice::Send(Sends { fills, replaces, lost, .. }) => {
            let sql = "UPDATE staged SET fills = ?2, replaces = ?3, lost = ?4 WHERE id = ?1";
            connection.prepare_cached(sql)?.execute(params![row.id, fills, replaces, lost])?;
            Ok(())
        }
        Choice::Unchanged => {
            let sql = "UPDATE staged SET state = ?2 WHERE id = ?1";
            connection.prepare_cached(sql)?.execute(params![row.id, unchanged.code()])?;
            Ok(())
        }
        Choice::Blocked(cause) => block(connection, row.id, &cause),
    }
}

fn page_after(connection: &Connection, last: i64) -> Result<Vec<Candidate>, CheckpointError> {
    let mut query = connection.prepare_cached(
        "SELECT staged.id, staged.message_id, staged.facts AS planned, held.facts AS held, held.external_id
         FROM staged JOIN scan.held ON held.message_id = staged.message_id
         WHERE staged.id > ?1 AND state = 0 AND staged.facts IS NOT NULL ORDER BY staged.id LIMIT ?2",
    )?;
    let rows = query.query_and_then(params![last, PAGE], candidate)?;
    rows.collect()
}

fn candidate(row: &Row<'_>) -> Result<Candidate, CheckpointError> {
    let facts = |name: &str| -> Result<Facts, CheckpointError> {
        let bytes = row.get_ref(name)?.as_blob().map_err(rusqlite::Error::from)?;
        Facts::from_bytes(bytes)
            .ok_or_else(|| CheckpointError::Corrupt { what: format!("{name} facts that can't be read") })
    };
    Ok(Candidate {
        id: row.get("id")?,
        message: MessageId(row.get("message_id")?),
        planned: facts("planned")?,
        held: facts("held")?,
        external_id: row.get("external_id")?,
    })
}
