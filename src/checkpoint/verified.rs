//! What verify found of each updated message.

use rusqlite::params;

use super::progress::place;
use super::{Agreed, Checkpoint, CheckpointError};
use crate::record::{ExternalId, InputId, MessageId, Place, Settled, State, Target, TicketId};
use crate::update::Digest;

/// How what the account holds now compares with what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Found {
    /// The same.
    Equal,
    /// The same, written otherwise.
    Normalised,
    /// It was the same when it arrived, and somebody changed it since.
    EditedSince,
    /// Something else.
    Different,
    /// The message is not there any more.
    Gone,
}

impl Found {
    /// Every finding, the best first.
    pub const ALL: [Self; 5] = [Self::Equal, Self::Normalised, Self::EditedSince, Self::Different, Self::Gone];

    /// The word for it in reports and in `--json`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Normalised => "equal after normalisation",
            Self::EditedSince => "changed since",
            Self::Different => "different",
            Self::Gone => "gone",
        }
    }

    const fn code(self) -> i64 {
        self as i64
    }

    fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|found| found.code() == code)
    }
}

/// What verify found of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// How it compares.
    pub found: Found,
    /// The fields that differ, as their bits.
    pub fields: u16,
    /// The classes of what is only written otherwise, as bits of their codes.
    pub classes: u16,
    /// The digest of what the account holds.
    pub readback: Option<Digest>,
}

/// A message that differs, with where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    /// Where it stands in the export.
    pub place: Place,
    /// Its own id.
    pub external_id: String,
    /// Where it is in Gorgias.
    pub target: Target,
    /// What was found.
    pub finding: Finding,
}

impl Checkpoint {
    /// A new verification begins: what an earlier one found is forgotten.
    ///
    /// # Errors
    /// When the checkpoint can't be written.
    pub fn begin_verification(&self) -> Result<(), CheckpointError> {
        Ok(self.connection().execute_batch("DELETE FROM verified")?)
    }

    /// Keeps what was found, all of it or nothing.
    ///
    /// # Errors
    /// When the checkpoint can't be written.
    pub fn keep_findings(&self, findings: &[(MessageId, Finding)]) -> Result<(), CheckpointError> {
        let transaction = self.connection().unchecked_transaction()?;
        for (message, Finding { found, fields, classes, readback }) in findings {
            self.connection()
                .prepare_cached("INSERT OR REPLACE INTO verified VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute(params![message.0, found.code(), fields, classes, readback.map(|digest| digest.0)])?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The row of an updated message by where it is in Gorgias; `None` where the plan has none, or it is not updated.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn updated_at(&self, message: MessageId) -> Result<Option<super::Planned>, CheckpointError> {
        self.planned_where("message_id = ?1 AND state = ?2", params![message.0, State::Updated.code()])
    }

    /// The fields in which the update of `message` was to change what the account held, as bits; `None` where nobody knew
    /// what that was.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn changing(&self, message: MessageId) -> Result<Option<u16>, CheckpointError> {
        let sql = "SELECT fills | replaces FROM message WHERE message_id = ?1 AND state = ?2";
        let mut query = self.connection().prepare_cached(sql)?;
        Ok(query.query_row(params![message.0, State::Updated.code()], |row| row.get(0))?)
    }

    /// The targets of updated messages that verify has not come upon yet, by ticket; only those in `tickets` where
    /// some are given.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn unverified(&self, tickets: &[u64]) -> Result<Vec<Target>, CheckpointError> {
        let list: Vec<_> = tickets.iter().map(u64::to_string).collect();
        let only = if list.is_empty() { String::new() } else { format!("AND ticket_id IN ({})", list.join(", ")) };
        let mut query = self.connection().prepare(&format!(
            "SELECT ticket_id, message_id FROM message
             WHERE state = ?1 {only} AND message_id NOT IN (SELECT message_id FROM verified)
             ORDER BY ticket_id, message_id"
        ))?;
        let rows = query.query_map([State::Updated.code()], |row| {
            Ok(Target { ticket: TicketId(row.get(0)?), message: MessageId(row.get(1)?) })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many updated messages were found how.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn findings(&self) -> Result<Vec<(Found, u16, u64)>, CheckpointError> {
        let mut query = self.connection().prepare(
            "SELECT verdict, classes, count(*) FROM verified GROUP BY verdict, classes ORDER BY verdict, classes",
        )?;
        let rows = query.query_and_then([], |row| Ok((found(row.get(0)?)?, row.get(1)?, row.get(2)?)))?;
        rows.collect()
    }

    /// How the account's answers to the updates agreed with what was sent; without an answer that tells, `None`.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn answers(&self) -> Result<Vec<(Option<Agreed>, u64)>, CheckpointError> {
        let mut query = self.connection().prepare(
            "SELECT agreement, count(*) FROM message LEFT JOIN receipt ON receipt.message_id = message.message_id
             WHERE state = ?1 GROUP BY agreement ORDER BY agreement IS NULL, agreement",
        )?;
        let rows = query.query_map([State::Updated.code()], |row| {
            Ok((row.get::<_, Option<i64>>(0)?.and_then(Agreed::from_code), row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The messages that differ, in the order of the export, handed to `each` one by one.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn differing(&self, mut each: impl FnMut(Differing)) -> Result<(), CheckpointError> {
        let mut query = self.connection().prepare(
            "SELECT input, ordinal, line, offset, length, block, item, external_id, ticket_id, message.message_id AS id,
                    verdict, verified.fields AS different, classes, readback
             FROM verified JOIN message ON message.message_id = verified.message_id AND state = ?1
             WHERE verdict > ?2 ORDER BY input, ordinal",
        )?;
        let mut rows = query.query(params![State::Updated.code(), Found::Normalised.code()])?;
        while let Some(row) = rows.next()? {
            each(Differing {
                place: place(row)?,
                external_id: row.get("external_id")?,
                target: Target { ticket: TicketId(row.get("ticket_id")?), message: MessageId(row.get("id")?) },
                finding: Finding {
                    found: found(row.get("verdict")?)?,
                    fields: row.get("different")?,
                    classes: row.get("classes")?,
                    readback: row.get::<_, Option<[u8; Digest::LENGTH]>>("readback")?.map(Digest),
                },
            });
        }
        Ok(())
    }
}

fn found(code: i64) -> Result<Found, CheckpointError> {
    Found::from_code(code).ok_or_else(|| CheckpointError::Corrupt { what: format!("the finding {code}") })
}

/// One line of the manifest, as far as the checkpoint knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Where it stands.
    pub place: Place,
    /// Its own id, where it has one.
    pub external_id: Option<ExternalId>,
    /// Its ticket in the system it comes from.
    pub source_ticket: Option<String>,
    /// Where it is in Gorgias, where known.
    pub target: Option<Target>,
    /// What became of it.
    pub state: State,
    /// The digest of its update.
    pub digest: Option<Digest>,
    /// What the account holds of it, by the last verification, else by the answer to its update; nothing where the
    /// verification did not find it.
    pub readback: Option<Digest>,
    /// What the last verification found.
    pub found: Option<Found>,
    /// How it was settled, where its outcome was not known for a while.
    pub settled: Option<Settled>,
}

impl Checkpoint {
    /// Every message of the plan, in the order of the export, handed to `each` one by one.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn recorded<E: From<CheckpointError>>(&self, mut each: impl FnMut(Recorded) -> Result<(), E>) -> Result<(), E> {
        let sql = "SELECT input, ordinal, line, offset, length, block, item, external_id, source_ticket, ticket_id,
                          message.message_id AS id, state, digest, verdict, settled,
                          iif(verdict IS NULL, receipt.readback, verified.readback) AS readback
                   FROM message
                   LEFT JOIN verified ON verified.message_id = message.message_id AND state = 2
                   LEFT JOIN receipt ON receipt.message_id = message.message_id AND state = 2
                   ORDER BY input, ordinal";
        let mut query = self.connection().prepare(sql).map_err(CheckpointError::from)?;
        let mut rows = query.query([]).map_err(CheckpointError::from)?;
        while let Some(row) = rows.next().map_err(CheckpointError::from)? {
            each(recorded(row)?)?;
        }
        Ok(())
    }
}

fn recorded(row: &rusqlite::Row<'_>) -> Result<Recorded, CheckpointError> {
    let digest = |name: &str| Ok::<_, CheckpointError>(row.get::<_, Option<[u8; Digest::LENGTH]>>(name)?.map(Digest));
    let (ticket, message): (Option<u64>, Option<u64>) = (row.get("ticket_id")?, row.get("id")?);
    Ok(Recorded {
        place: Place { input: InputId(row.get("input")?), ..place(row)? },
        external_id: row.get::<_, Option<String>>("external_id")?.and_then(|id| ExternalId::new(id).ok()),
        source_ticket: row.get("source_ticket")?,
        target: ticket
            .zip(message)
            .map(|(ticket, message)| Target { ticket: TicketId(ticket), message: MessageId(message) }),
        state: super::totals::state(row)?,
        digest: digest("digest")?,
        readback: digest("readback")?,
        found: row.get::<_, Option<i64>>("verdict")?.map(found).transpose()?,
        settled: row.get::<_, Option<i64>>("settled")?.and_then(Settled::from_code),
    })
}
