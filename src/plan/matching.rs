//! Matching: which message of the account each record is.
//!
//! The mapping says which rules are tried, and in which order. The first one that finds anything decides, and nothing is
//! guessed: where a rule finds several messages that are equally likely, the record is blocked, and all of them are
//! listed for the operator to choose from.

use rusqlite::{Connection, params};

use crate::checkpoint::{CheckpointError, cause_id};
use crate::mapping::Matching;
use crate::record::{Cause, CauseKind, MatchRule, State};

/// Finds targets by the rules of `matching`; those that look into the account's copy need one to be attached, and to know
/// what an earlier plan did.
pub(super) fn find_targets(
    connection: &Connection,
    matching: &Matching,
    has_scan: bool,
) -> Result<(), CheckpointError> {
    connection.execute_batch(
        "CREATE TEMP TABLE found (id INTEGER, ticket_id INTEGER, message_id INTEGER, rank INTEGER);
         CREATE TEMP TABLE rival (
             external_id TEXT, ticket_id INTEGER, message_id INTEGER, rule INTEGER,
             PRIMARY KEY (external_id, message_id)
         ) WITHOUT ROWID;
         CREATE INDEX temp.ids_by_id ON ids (external_id);
         CREATE INDEX temp.staged_by_target ON staged (message_id);",
    )?;
    for &rule in &matching.rules {
        let within = i64::try_from(matching.within.as_micros()).unwrap_or(i64::MAX);
        match rule {
            MatchRule::Export => find_by_export(connection)?,
            MatchRule::Ids => find_by_ids(connection)?,
            MatchRule::ExternalId if has_scan => find_by_external_id(connection)?,
            MatchRule::MessageId if has_scan => find_by_message_id(connection)?,
            MatchRule::Ticket if has_scan => find_in_ticket(connection, within)?,
            MatchRule::ExternalId | MatchRule::MessageId | MatchRule::Ticket => continue,
        }
        take_found(connection, rule)?;
    }
    if has_scan {
        follow_moved_messages(connection)?;
    }
    Ok(())
}

fn find_by_export(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "INSERT INTO found SELECT id, export_ticket, export_message, 0 FROM staged
         WHERE state = 0 AND message_id IS NULL AND export_message IS NOT NULL",
    )
}

fn find_by_ids(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "INSERT INTO found SELECT DISTINCT staged.id, ids.ticket_id, ids.message_id, 0
         FROM staged JOIN ids ON ids.external_id = staged.external_id
         WHERE state = 0 AND staged.message_id IS NULL",
    )
}

/// What the account held when it was scanned, and what an earlier plan has written to it since: the text by which it was
/// found then may be another one now.
fn find_by_external_id(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "INSERT INTO found
             SELECT staged.id, held.ticket_id, held.message_id, 0
             FROM staged JOIN scan.held ON held.external_id = staged.external_id
             WHERE state = 0 AND staged.message_id IS NULL
             UNION
             SELECT staged.id, coalesce(held.ticket_id, earlier.ticket_id), earlier.message_id, 0
             FROM staged JOIN earlier ON earlier.external_id = staged.external_id AND earlier.state IN (2, 8)
             LEFT JOIN scan.held ON held.message_id = earlier.message_id
             WHERE staged.state = 0 AND staged.message_id IS NULL",
    )
}

/// An email to two addresses of the account is there twice: the one in the message's own ticket is meant.
fn find_by_message_id(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "INSERT INTO found SELECT staged.id, held.ticket_id, held.message_id,
             {OF_ANOTHER} + NOT EXISTS (
                 SELECT 1 FROM scan.ticket
                 WHERE ticket.home = held.ticket_id AND ticket.external_id = staged.source_ticket
             )
         FROM staged JOIN scan.held ON held.message_ref = staged.message_ref
         WHERE state = 0 AND staged.message_id IS NULL"
    ))
}

/// The same ticket, the same kind of message, the same text, about the same time; the very second counts before a near
/// one. Of two tickets with the same foreign id one may have been merged into the other: both lead there.
fn find_in_ticket(connection: &Connection, within: i64) -> rusqlite::Result<()> {
    let sql = format!(
        "INSERT INTO found SELECT DISTINCT staged.id, held.ticket_id, held.message_id,
             {OF_ANOTHER} + (abs(coalesce(held.sent, held.created) - staged.sent_at) >= 1000000)
         FROM staged
         JOIN scan.ticket ON ticket.external_id = staged.source_ticket
         JOIN scan.held ON held.ticket_id = ticket.home
         WHERE state = 0 AND staged.message_id IS NULL AND {UNCLAIMED} AND held.kind = staged.kind
           AND abs(coalesce(held.sent, held.created) - staged.sent_at) <= ?1
           AND (staged.text_key <> 0 AND staged.text_key IN (held.text_key, held.html_key)
                OR staged.html_key <> 0 AND staged.html_key IN (held.text_key, held.html_key)
                OR staged.text_key = 0 AND staged.html_key = 0 AND held.text_key = 0 AND held.html_key = 0)"
    );
    connection.execute(&sql, [within])?;
    Ok(())
}

/// What makes a find less likely than one without it: it holds another id.
const OF_ANOTHER: &str = "2 * (held.external_id IS NOT NULL AND held.external_id <> staged.external_id)";

/// No record is it for sure, by a rule that comes before: two records may look alike, and only one of them be there.
const UNCLAIMED: &str = "NOT EXISTS (SELECT 1 FROM temp.staged AS other WHERE other.message_id = held.message_id)";

/// Takes what a rule found: one message is the target, several are rivals.
fn take_found(connection: &Connection, rule: MatchRule) -> Result<(), CheckpointError> {
    let detail = match rule {
        MatchRule::Ids => "the ids file names several targets for it",
        _ => "several messages of the account may be this one",
    };
    connection.execute_batch(
        "CREATE INDEX temp.found_by_id ON found (id);
         DELETE FROM found WHERE rank > (SELECT min(rank) FROM found AS best WHERE best.id = found.id);",
    )?;
    connection.execute(
        "UPDATE staged SET ticket_id = found.ticket_id, message_id = found.message_id, matched = ?1 FROM found
         WHERE found.id = staged.id AND (SELECT count(*) FROM found AS all_found WHERE all_found.id = staged.id) = 1",
        [rule.code()],
    )?;
    connection.execute(
        "INSERT OR IGNORE INTO rival SELECT staged.external_id, found.ticket_id, found.message_id, ?1
         FROM found JOIN staged ON staged.id = found.id WHERE staged.message_id IS NULL",
        [rule.code()],
    )?;
    let ambiguous = cause_id(connection, &Cause::new(CauseKind::Ambiguous, detail))?;
    connection.execute(
        "UPDATE staged SET state = ?1, cause = ?2
         WHERE state = 0 AND message_id IS NULL AND id IN (SELECT id FROM found)",
        params![State::Blocked.code(), ambiguous],
    )?;
    connection.execute_batch("DELETE FROM found; DROP INDEX temp.found_by_id;")?;
    Ok(())
}

/// Tickets are merged, and their messages then belong to another one: an old ids file does not know that, the scan does.
fn follow_moved_messages(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "UPDATE staged SET ticket_id = held.ticket_id FROM scan.held
         WHERE held.message_id = staged.message_id AND held.ticket_id <> staged.ticket_id AND state = 0",
    )
}
