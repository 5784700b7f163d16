//! What is to be taken back, and what became of that.

use rusqlite::{Connection, params};

use super::batches::BATCH;
use super::progress::codes;
use super::selection::listed;
use super::writer::cause_id;
use super::{Checkpoint, CheckpointError};
use crate::record::{Cause, CauseKind, MessageId, State, Target, TicketId};

/// Which updates are taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    Everything,
    /// Those of these batches, numbered from 1.
    Batches(Vec<u64>),
    /// Those in these tickets of Gorgias.
    Tickets(Vec<u64>),
    /// Those of the messages with these ids of their own.
    Messages(Vec<String>),
}

impl Scope {
    /// The options that name it on the command line.
    pub fn typed(&self) -> String {
        match self {
            Self::Everything => String::new(),
            Self::Batches(batches) => format!(" --batch {}", listed(batches)),
            Self::Tickets(tickets) => repeated(" --ticket ", tickets),
            Self::Messages(ids) => repeated(" --message ", ids),
        }
    }
}

/// An option that is there once for each value.
fn repeated<V: ToString>(option: &str, values: &[V]) -> String {
    values.iter().flat_map(|value| [option.to_owned(), value.to_string()]).collect()
}

/// Why an update stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Somebody changed these fields (as bits) since.
    EditedSince(u16),
    /// Put back as it was, Gorgias might mail it.
    Unsafe,
    /// The account refuses.
    Refused,
    /// The message is not there any more.
    Gone,
}

impl Kept {
    const fn parts(self) -> (i64, u16) {
        match self {
            Self::EditedSince(fields) => (1, fields),
            Self::Unsafe => (2, 0),
            Self::Refused => (3, 0),
            Self::Gone => (4, 0),
        }
    }

    fn of_parts(reason: i64, fields: u16) -> Option<Self> {
        match reason {
            1 => Some(Self::EditedSince(fields)),
            2 => Some(Self::Unsafe),
            3 => Some(Self::Refused),
            4 => Some(Self::Gone),
            _ => None,
        }
    }
}

/// An update that stays, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stays {
    /// Where it is.
    pub target: Target,
    /// The message's own id.
    pub external_id: Option<String>,
    /// Why.
    pub why: Kept,
}

impl Checkpoint {
    /// The targets of the updates in `scope` that can be taken back, by ticket.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn undoable(&self, scope: &Scope) -> Result<Vec<Target>, CheckpointError> {
        let connection = self.connection();
        let all = "SELECT ticket_id, message_id FROM image WHERE sent IS NOT NULL";
        let condition = match scope {
            Scope::Everything => String::new(),
            Scope::Tickets(tickets) => format!(" AND ticket_id IN ({})", listed(tickets)),
            Scope::Batches(batches) => {
                format!(" AND message_id IN (SELECT message_id FROM message WHERE {BATCH} IN ({}))", listed(batches))
            }
            Scope::Messages(ids) => {
                connection.execute_batch("DROP TABLE IF EXISTS temp.wanted; CREATE TEMP TABLE wanted (id TEXT)")?;
                for id in ids {
                    connection.execute("INSERT INTO temp.wanted VALUES (?1)", [id])?;
                }
                " AND message_id IN (SELECT message_id FROM message WHERE external_id IN (SELECT id FROM temp.wanted)
                    UNION SELECT message_id FROM past WHERE external_id IN (SELECT id FROM temp.wanted))"
                    .to_owned()
            }
        };
        let mut query = connection.prepare(&format!("{all}{condition} ORDER BY ticket_id, message_id"))?;
        let rows =
            query.query_map([], |row| Ok(Target { ticket: TicketId(row.get(0)?), message: MessageId(row.get(1)?) }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many updated messages can't be taken back because nothing was kept of what they were before.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn without_image(&self) -> Result<u64, CheckpointError> {
        let sql = "SELECT count(*) FROM message WHERE state = ?1
                   AND NOT EXISTS (SELECT 1 FROM image WHERE image.message_id = message.message_id AND sent IS NOT NULL)";
        Ok(self.connection().query_row(sql, [State::Updated.code()], |row| row.get(0))?)
    }

    /// A new undo begins: what an earlier one left as it was is looked at again.
    ///
    /// # Errors
    /// When the checkpoint can't be written.
    pub fn begin_undo(&self) -> Result<(), CheckpointError> {
        Ok(self.connection().execute_batch("DELETE FROM kept")?)
    }

    /// The updates that the last undo left as they are, and why.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn kept(&self) -> Result<Vec<Stays>, CheckpointError> {
        let mut query = self.connection().prepare(
            "SELECT image.ticket_id, kept.message_id, reason, kept.fields, coalesce(
                 (SELECT external_id FROM message WHERE message.message_id = kept.message_id
                  ORDER BY state IN (2, 4) DESC LIMIT 1),
                 (SELECT external_id FROM past WHERE past.message_id = kept.message_id))
             FROM kept JOIN image ON image.message_id = kept.message_id
             ORDER BY image.ticket_id, kept.message_id",
        )?;
        let rows = query.query_and_then([], |row| {
            let reason = row.get(2)?;
            let odd = || CheckpointError::Corrupt { what: format!("the reason {reason}") };
            Ok(Stays {
                target: Target { ticket: TicketId(row.get(0)?), message: MessageId(row.get(1)?) },
                why: Kept::of_parts(reason, row.get(3)?).ok_or_else(odd)?,
                external_id: row.get(4)?,
            })
        })?;
        rows.collect()
    }
}

/// An update that takes this one back is about to go out: until it is answered, nobody knows which of the two is there.
pub(super) fn write_undoing(connection: &Connection, message: MessageId) -> Result<(), CheckpointError> {
    let cause = cause_id(connection, &on_the_wire())?;
    connection
        .prepare_cached("UPDATE message SET state = ?2, cause = ?3 WHERE message_id = ?1 AND state = ?4")?
        .execute(params![message.0, State::Unconfirmed.code(), cause, State::Updated.code()])?;
    // Another plan than the one that sent it may hold the message, waiting: what is there is not known all the same.
    connection
        .prepare_cached("UPDATE past SET state = ?2, cause = ?3 WHERE message_id = ?1 AND state = ?4")?
        .execute(params![message.0, State::Unconfirmed.code(), cause, State::Updated.code()])?;
    connection
        .prepare_cached("UPDATE receipt SET confirmed = 2 WHERE message_id = ?1 AND confirmed = 1")?
        .execute([message.0])?;
    Ok(())
}

fn on_the_wire() -> Cause {
    Cause::new(CauseKind::Interrupted, "its undo was on the wire")
}

/// The message is to be sent again, if anybody wants that; what it was before stays, for whoever does.
pub(super) fn write_undone(connection: &Connection, message: MessageId) -> Result<(), CheckpointError> {
    let cause = cause_id(connection, &Cause::new(CauseKind::Undone, "its update was taken back"))?;
    connection
        .prepare_cached(&format!(
            "UPDATE message SET state = ?2, cause = ?3 WHERE message_id = ?1 AND state IN ({})",
            codes(&[State::Updated, State::Unconfirmed, State::Unchanged])
        ))?
        .execute(params![message.0, State::Pending.code(), cause])?;
    for sql in [
        "UPDATE image SET sent = NULL, prior = NULL WHERE message_id = ?1",
        "DELETE FROM receipt WHERE message_id = ?1",
        "DELETE FROM past WHERE message_id = ?1",
        "DELETE FROM verified WHERE message_id = ?1",
        "DELETE FROM kept WHERE message_id = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([message.0])?;
    }
    Ok(())
}

/// The update stays: whatever was tried to take it back has not arrived.
pub(super) fn write_kept(connection: &Connection, message: MessageId, why: Kept) -> Result<(), CheckpointError> {
    let cause = cause_id(connection, &on_the_wire())?;
    for table in ["message", "past"] {
        connection
            .prepare_cached(&format!(
                "UPDATE {table} SET state = ?2, cause = NULL WHERE message_id = ?1 AND state = ?3 AND cause = ?4"
            ))?
            .execute(params![message.0, State::Updated.code(), State::Unconfirmed.code(), cause])?;
    }
    connection
        .prepare_cached("UPDATE receipt SET confirmed = 1 WHERE message_id = ?1 AND confirmed = 2")?
        .execute([message.0])?;
    let (reason, fields) = why.parts();
    connection
        .prepare_cached("INSERT OR REPLACE INTO kept VALUES (?1, ?2, ?3)")?
        .execute(params![message.0, reason, fields])?;
    Ok(())
}
