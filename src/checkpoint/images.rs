//! What undo and verify need of each message that was updated: what it was before, what was sent, what was answered.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value};

use super::{Checkpoint, CheckpointError};
use crate::record::{MessageId, Settled, Target, TicketId};
use crate::update::{Agreement, Digest, FieldName, compare, pack, unpack};

/// What a message was before the first update of it, and what was sent since.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// Where it was.
    pub target: Target,
    /// Its 14 fields, each before the first update that wrote it.
    pub before: Map<String, Value>,
    /// The same before the last update, where that was not the first.
    pub prior: Option<Map<String, Value>>,
    /// What the updates since then left in the fields that they wrote, if the last one arrived; `None` once they were
    /// undone.
    pub sent: Option<Map<String, Value>>,
}

impl Image {
    /// What the account holds if the last update arrived, or if that was undone.
    pub fn after(&self) -> Map<String, Value> {
        let Some(sent) = &self.sent else { return self.before.clone() };
        let mut after = self.last().clone();
        after.extend(sent.clone());
        after
    }

    /// What the account held before the last update.
    pub fn last(&self) -> &Map<String, Value> {
        self.prior.as_ref().unwrap_or(&self.before)
    }

    /// Whether the message holds its `external_id` because we wrote it there, if it holds `content`.
    pub fn wrote_id(&self, content: &Map<String, Value>) -> bool {
        id_of(content).and_then(Value::as_str).is_some_and(|id| self.wrote(id))
    }

    /// The same, if its `external_id` is `id`.
    pub fn wrote(&self, id: &str) -> bool {
        let is_it = |content: &Map<String, Value>| id_of(content).and_then(Value::as_str) == Some(id);
        self.sent.as_ref().is_some_and(is_it) && !is_it(&self.before)
    }
}

fn id_of(content: &Map<String, Value>) -> Option<&Value> {
    content.get(FieldName::ExternalId.name())
}

/// What is known of a message from our own updates.
#[derive(Debug, Clone, PartialEq)]
pub enum Written {
    /// It was never updated.
    Never,
    /// It was updated, and since then it holds [`Image::after`].
    As(Box<Image>),
    /// It was updated, and the account told what it then held, before the scan at hand began: the scan tells what somebody
    /// made of it since. What is kept of it, where anything is.
    Seen(Option<Box<Image>>),
    /// It was, or may have been, and what it holds is not known.
    Unknown,
}

/// What the account answered to an update that it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Receipt {
    /// How what it holds agrees with what was sent, at its worst; `None` where the answer was empty.
    pub agreement: Option<Agreed>,
    /// The digest of what it holds.
    pub readback: Option<Digest>,
    /// How it was settled, where its outcome was not known for a while.
    pub settled: Option<Settled>,
    /// When the account confirmed it, or was read and told that somebody had changed it.
    pub at: Option<Timestamp>,
}

/// How an answer agrees with what was sent, at its worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreed {
    /// Every field is as it was sent.
    Equal,
    /// Some are written otherwise and mean the same.
    Normalised,
    /// Some are something else.
    Different,
}

impl Agreed {
    const ALL: [Self; 3] = [Self::Equal, Self::Normalised, Self::Different];

    pub(super) const fn code(self) -> i64 {
        self as i64
    }

    pub(super) fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|agreed| agreed.code() == code)
    }
}

/// What an intent brings along where undo is on: packed by [`Before::new`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    pub(super) target: Target,
    pub(super) held: Vec<u8>,
    pub(super) sent: Vec<u8>,
}

impl Before {
    /// The message at `target` holds `before`, and `sent` is about to be sent.
    pub fn new(target: Target, before: &Map<String, Value>, sent: &Map<String, Value>) -> Self {
        Self { target, held: pack(before), sent: pack(sent) }
    }
}

impl Checkpoint {
    /// What is kept of `message`; `None` where it was never updated, or without undo.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn image(&self, message: MessageId) -> Result<Option<Image>, CheckpointError> {
        image(self.connection(), message)
    }

    /// What is known of `message` from our own updates; `scan_began` says when the scan did that the plan looks into.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn written(&self, message: MessageId, scan_began: Option<Timestamp>) -> Result<Written, CheckpointError> {
        let sql = format!("SELECT confirmed = 1, {} FROM receipt WHERE message_id = ?1", seen(scan_began));
        let mut query = self.connection().prepare_cached(&sql)?;
        let receipt =
            query.query_row([message.0], |row| Ok((row.get(0)?, row.get::<_, Option<bool>>(1)?))).optional()?;
        let image = self.image(message)?.map(Box::new);
        Ok(match (receipt, image) {
            (Some((_, Some(true))), image) => Written::Seen(image),
            (Some((true, _)), Some(image)) if image.sent.is_some() => Written::As(image),
            // Once it was undone, somebody may have gone on from what it was before.
            (Some(_), _) | (None, Some(_)) => Written::Unknown,
            (None, None) => Written::Never,
        })
    }

    /// What the account answered to the last update of `message`; `None` where it has not confirmed it.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn receipt(&self, message: MessageId) -> Result<Option<Receipt>, CheckpointError> {
        let mut query = self.connection().prepare_cached(
            "SELECT agreement, readback, settled, at FROM receipt WHERE message_id = ?1 AND confirmed = 1",
        )?;
        let row = query.query_row([message.0], |row| {
            Ok(Receipt {
                agreement: row.get::<_, Option<i64>>(0)?.and_then(Agreed::from_code),
                readback: row.get::<_, Option<[u8; Digest::LENGTH]>>(1)?.map(Digest),
                settled: row.get::<_, Option<i64>>(2)?.and_then(Settled::from_code),
                at: row.get::<_, Option<i64>>(3)?.and_then(|millis| Timestamp::from_millisecond(millis).ok()),
            })
        });
        Ok(row.optional()?)
    }
}

/// Whether the account told what a message holds before the scan that `began` then, as an SQL condition on its receipt;
/// its parts are our own numbers. It told that by confirming an update, or when somebody was found to have changed it.
pub(crate) fn seen(began: Option<Timestamp>) -> String {
    let Some(began) = began else { return "0".to_owned() };
    let edited = Settled::EditedSince.code();
    format!("((confirmed = 1 OR confirmed = 0 AND settled = {edited}) AND receipt.at < {})", began.as_millisecond())
}

fn image(connection: &Connection, message: MessageId) -> Result<Option<Image>, CheckpointError> {
    let mut query =
        connection.prepare_cached("SELECT ticket_id, before, prior, sent FROM image WHERE message_id = ?1")?;
    let row = query.query_row([message.0], |row| {
        let blob = |at| row.get::<_, Option<Vec<u8>>>(at);
        Ok((row.get::<_, u64>(0)?, row.get::<_, Vec<u8>>(1)?, blob(2)?, blob(3)?))
    });
    let Some((ticket, before, prior, sent)) = row.optional()? else { return Ok(None) };
    Ok(Some(Image {
        target: Target { ticket: TicketId(ticket), message },
        before: content(&before, message)?,
        prior: prior.map(|prior| content(&prior, message)).transpose()?,
        sent: sent.map(|sent| content(&sent, message)).transpose()?,
    }))
}

fn content(packed: &[u8], message: MessageId) -> Result<Map<String, Value>, CheckpointError> {
    let odd = || CheckpointError::Corrupt { what: format!("an image of message {} that can't be read", message.0) };
    unpack(packed).ok_or_else(odd)
}

/// Keeps what a message is before an update, and what is about to be sent. Of each field stays what it was before the
/// first update that wrote it and was not taken back.
///
/// Where an earlier update went out and nothing was kept, what it was before is lost: nothing is kept now either.
pub(super) fn write_image(connection: &Connection, kept: &Before) -> Result<(), CheckpointError> {
    let Before { target: Target { ticket, message }, held: before, sent } = kept;
    let Some(image) = image(connection, *message)? else {
        let mut insert = connection.prepare_cached(
            "INSERT INTO image SELECT ?1, ?2, ?3, NULL, ?4
             WHERE NOT EXISTS (SELECT 1 FROM receipt WHERE message_id = ?1)",
        )?;
        insert.execute(params![message.0, ticket.0, before, sent])?;
        return Ok(());
    };
    let held = content(before, *message)?;
    // What we have not written, or has been taken back, somebody may have changed since: that is to come back.
    let first = match &image.sent {
        Some(earlier) => held
            .iter()
            .filter(|(name, _)| !earlier.contains_key(*name))
            .chain(image.before.iter().filter(|(name, _)| earlier.contains_key(*name)))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        None => held.clone(),
    };
    let (prior, sent) = match &image.sent {
        Some(earlier) => (Some(before), pack(&still_ours(earlier, &held, content(sent, *message)?))),
        None => (None, sent.clone()),
    };
    connection
        .prepare_cached("UPDATE image SET ticket_id = ?2, before = ?3, prior = ?4, sent = ?5 WHERE message_id = ?1")?
        .execute(params![message.0, ticket.0, pack(&first), prior, sent])?;
    Ok(())
}

/// What we have written once `sent` arrives at a message that holds `held`: that, and what is still there of what went
/// out `earlier`. What did not arrive, or was changed since, is not ours.
fn still_ours(earlier: &Map<String, Value>, held: &Map<String, Value>, sent: Map<String, Value>) -> Map<String, Value> {
    let stays = compare(earlier, held).into_iter().filter(|(_, agreement)| *agreement != Agreement::Different);
    let stays = stays.filter_map(|(field, _)| Some((field.name().to_owned(), earlier.get(field.name())?.clone())));
    stays.chain(sent).collect()
}

/// An update of the record at `turn` goes out: until it is answered, nobody knows what the account holds.
pub(super) fn write_going(connection: &Connection, turn: i64) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT OR REPLACE INTO receipt (message_id, confirmed)
         SELECT message_id, 0 FROM message WHERE turn = ?1 AND message_id IS NOT NULL",
    )?;
    insert.execute([turn])?;
    for sql in [
        "DELETE FROM verified WHERE message_id = (SELECT message_id FROM message WHERE turn = ?1)",
        "DELETE FROM kept WHERE message_id = (SELECT message_id FROM message WHERE turn = ?1)",
    ] {
        connection.prepare_cached(sql)?.execute([turn])?;
    }
    Ok(())
}

/// The record at `turn` was deleted in the account: nothing can be put back or verified there any more.
pub(super) fn forget_deleted(connection: &Connection, turn: i64) -> rusqlite::Result<()> {
    for table in ["image", "receipt", "verified", "kept"] {
        let sql = format!("DELETE FROM {table} WHERE message_id = (SELECT message_id FROM message WHERE turn = ?1)");
        connection.prepare_cached(&sql)?.execute([turn])?;
    }
    Ok(())
}

pub(super) fn write_receipt(
    connection: &Connection,
    message: MessageId,
    receipt: Receipt,
    is_confirmed: bool,
) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached("INSERT OR REPLACE INTO receipt VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    insert.execute(params![
        message.0,
        receipt.agreement.map(Agreed::code),
        receipt.readback.map(|digest| digest.0),
        receipt.settled.map(Settled::code),
        is_confirmed,
        receipt.at.map(Timestamp::as_millisecond),
    ])?;
    Ok(())
}
