//! What undo and verify need of each message that was updated: what it was before, what was sent, what was answered.

use std::borrow::Cow;

use rusqlite::{OptionalExtension, params};
use serde_json::{Map, Value};

use super::{Checkpoint, CheckpointError};
use crate::record::{MessageId, Settled, Target, TicketId};
use crate::update::{Digest, pack, unpack};

/// What a message was before the first update of it, and what was written into it since.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// Where it was.
    pub target: Target,
    /// Its 14 fields before.
    pub before: Map<String, Value>,
    /// What was sent to it: the bodies of all updates, a later one over the earlier ones; `None` once it was undone.
    pub sent: Option<Map<String, Value>>,
    /// Its 14 fields before the last update, where that was not the first.
    pub prior: Option<Map<String, Value>>,
}

impl Image {
    /// What the account holds if the last update arrived.
    pub fn after(&self) -> Map<String, Value> {
        let mut after = self.before.clone();
        if let Some(sent) = &self.sent {
            after.extend(sent.clone());
        }
        after
    }
}

/// What is known of a message from our own updates.
#[derive(Debug, Clone, PartialEq)]
pub enum Written {
    /// It was never updated.
    Never,
    /// It was updated, and this is what it holds since.
    As(Map<String, Value>),
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
    pub(super) before: Vec<u8>,
    pub(super) sent: Vec<u8>,
}

impl Before {
    /// The message at `target` holds `before`, and `sent` is about to be sent.
    pub fn new(target: Target, before: &Map<String, Value>, sent: &Map<String, Value>) -> Self {
        Self { target, before: pack(before), sent: pack(sent) }
    }
}

impl Checkpoint {
    /// What is kept of `message`; `None` where it was never updated, or without undo.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn image(&self, message: MessageId) -> Result<Option<Image>, CheckpointError> {
        let mut query = self
            .connection()
            .prepare_cached("SELECT ticket_id, before, sent, prior FROM image WHERE message_id = ?1")?;
        let row = query.query_row([message.0], |row| {
            let (ticket, before): (u64, Vec<u8>) = (row.get(0)?, row.get(1)?);
            Ok((ticket, before, row.get::<_, Option<Vec<u8>>>(2)?, row.get::<_, Option<Vec<u8>>>(3)?))
        });
        let Some((ticket, before, sent, prior)) = row.optional()? else { return Ok(None) };
        let read = |packed: &[u8]| read(message, packed);
        Ok(Some(Image {
            target: Target { ticket: TicketId(ticket), message },
            before: read(&before)?,
            sent: sent.map(|sent| read(&sent)).transpose()?,
            prior: prior.map(|prior| read(&prior)).transpose()?,
        }))
    }

    /// What is known of `message` from our own updates.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn written(&self, message: MessageId) -> Result<Written, CheckpointError> {
        Ok(match (self.receipt(message)?, self.image(message)?) {
            (Some(_), Some(image)) if image.sent.is_some() => Written::As(image.after()),
            // What it was undone to, whatever a scan saw in between.
            (None, Some(image)) if image.sent.is_none() => Written::As(image.before),
            (Some(_), _) | (None, Some(_)) => Written::Unknown,
            (None, None) => Written::Never,
        })
    }

    /// What the account answered to the last update of `message`.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn receipt(&self, message: MessageId) -> Result<Option<Receipt>, CheckpointError> {
        let mut query = self
            .connection()
            .prepare_cached("SELECT agreement, readback, settled FROM receipt WHERE message_id = ?1")?;
        let row = query.query_row([message.0], |row| {
            Ok(Receipt {
                agreement: row.get::<_, Option<i64>>(0)?.and_then(Agreed::from_code),
                readback: row.get::<_, Option<[u8; Digest::LENGTH]>>(1)?.map(Digest),
                settled: row.get::<_, Option<i64>>(2)?.and_then(Settled::from_code),
            })
        });
        Ok(row.optional()?)
    }
}

fn read(message: MessageId, packed: &[u8]) -> Result<Map<String, Value>, CheckpointError> {
    let odd = || CheckpointError::Corrupt { what: format!("an image of message {} that can't be read", message.0) };
    unpack(packed).ok_or_else(odd)
}

/// Keeps what a message was before, and what is about to be sent. What it was before the first update stays, and so does
/// what earlier updates wrote: a later one need not say it again.
pub(super) fn write_image(connection: &rusqlite::Connection, image: &Before) -> Result<(), CheckpointError> {
    let message = image.target.message;
    let earlier: Option<Vec<u8>> = connection
        .prepare_cached("SELECT sent FROM image WHERE message_id = ?1")?
        .query_row([message.0], |row| row.get(0))
        .optional()?
        .flatten();
    let written = match &earlier {
        Some(earlier) => {
            let mut written = read(message, earlier)?;
            written.extend(read(message, &image.sent)?);
            Cow::Owned(pack(&written))
        }
        None => Cow::Borrowed(&image.sent),
    };
    let mut insert = connection.prepare_cached(
        "INSERT INTO image VALUES (?1, ?2, ?3, ?4, NULL) ON CONFLICT (message_id) DO UPDATE
         SET sent = excluded.sent, ticket_id = excluded.ticket_id, prior = excluded.before",
    )?;
    insert.execute(params![message.0, image.target.ticket.0, image.before, *written])?;
    // Until it is answered, nobody knows what the account holds.
    connection.prepare_cached("DELETE FROM receipt WHERE message_id = ?1")?.execute([image.target.message.0])?;
    Ok(())
}

pub(super) fn write_receipt(
    connection: &rusqlite::Connection,
    message: MessageId,
    receipt: Receipt,
) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached("INSERT OR REPLACE INTO receipt VALUES (?1, ?2, ?3, ?4)")?;
    insert.execute(params![
        message.0,
        receipt.agreement.map(Agreed::code),
        receipt.readback.map(|digest| digest.0),
        receipt.settled.map(Settled::code),
    ])?;
    Ok(())
}
