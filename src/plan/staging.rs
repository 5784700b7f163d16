//! Rows of a plan in the making, on disk: memory does not grow with the export.

use std::collections::HashMap;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use crate::checkpoint::{Checkpoint, CheckpointError, cause_id};
use crate::mapping::Surprises;
use crate::record::Mode;
use crate::record::{Cause, Place, State, Target};
use crate::update::{Channel, Digest, Facts, Kind};

/// One record on its way into the plan.
#[derive(Debug)]
pub struct Staged {
    /// Where it stands.
    pub place: Place,
    /// Its own id, as far as it could be read.
    pub external_id: Option<String>,
    /// Its ticket in the system it comes from.
    pub source_ticket: Option<String>,
    /// Which of several copies of a message is the newest: the greatest.
    pub version: Option<i64>,
    /// Where it goes, if the export itself says so.
    pub target: Option<Target>,
    /// By what it is recognised in the account; only where there is a scan to look in.
    pub likeness: Option<Likeness>,
    /// When it was sent, in microseconds since 1970.
    pub sent_at: Option<i64>,
    /// Its channel and kind, as far as the mapping got.
    pub shape: Option<(Channel, Kind)>,
    /// Which fields the mapping sets, as their bits; see [`Staged::INLINE_IMAGE`].
    pub fields: u16,
    /// The digest of its update; `None` unless it is to be sent.
    pub digest: Option<Digest>,
    /// Pending, skipped or blocked.
    pub state: State,
    /// Why, unless it is pending.
    pub cause: Option<Cause>,
}

/// By what a message is recognised in the account, and what it would say there.
#[derive(Debug, Clone)]
pub struct Likeness {
    /// Its Message-ID.
    pub message_ref: Option<String>,
    /// The key of its plain text; 0 where it has none.
    pub text_key: u64,
    /// The key of its HTML's text; 0 where it has none.
    pub html_key: u64,
    /// Its update in few bytes; `None` unless it is to be sent.
    pub facts: Option<Facts>,
}

impl Staged {
    /// A bit of [`Staged::fields`] beyond those of the fields: `body_html` holds an image.
    pub const INLINE_IMAGE: u16 = 1 << 15;
}

/// The scan that a plan looks into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanAtHand {
    /// How the account was read.
    pub mode: Mode,
    /// When reading it began.
    pub began: Timestamp,
}

/// The rows of a plan in the making. They live in a temporary table, inside a transaction that [`super::settle`] ends:
/// until then the checkpoint is as it was.
#[derive(Debug)]
pub struct Staging {
    pub(super) checkpoint: Checkpoint,
    /// The scan that targets are looked for in; `None` where there is none.
    pub(super) scan: Option<ScanAtHand>,
    causes: HashMap<Cause, i64>,
}

impl Staging {
    /// Starts an empty plan beside the one in `checkpoint`, which finds its targets in `scan` where there is one.
    ///
    /// # Errors
    /// When there is no room for temporary tables, or the scan can't be read.
    pub fn start(checkpoint: Checkpoint, scan: Option<(&Path, ScanAtHand)>) -> Result<Self, CheckpointError> {
        if let Some((path, _)) = scan {
            // Before the transaction: none can be open then.
            checkpoint.connection().execute("ATTACH DATABASE ?1 AS scan", [path.to_string_lossy()])?;
        }
        checkpoint.connection().execute_batch(
            "DROP TABLE IF EXISTS temp.staged; DROP TABLE IF EXISTS temp.ids;
             CREATE TEMP TABLE staged (
                 id INTEGER PRIMARY KEY, input INTEGER, ordinal INTEGER, line INTEGER, offset INTEGER, length INTEGER,
                 block INTEGER, item INTEGER, external_id TEXT, source_ticket TEXT, version INTEGER,
                 export_ticket INTEGER, export_message INTEGER, sent_at INTEGER, channel TEXT, kind TEXT,
                 fields INTEGER, digest BLOB, state INTEGER, cause INTEGER, message_ref TEXT, text_key INTEGER,
                 html_key INTEGER, facts BLOB, ticket_id INTEGER, message_id INTEGER, matched INTEGER, fills INTEGER,
                 replaces INTEGER, lost INTEGER
             );
             CREATE TEMP TABLE ids (external_id TEXT, ticket_id INTEGER, message_id INTEGER);
             BEGIN",
        )?;
        Ok(Self { checkpoint, scan: scan.map(|(_, scan)| scan), causes: HashMap::new() })
    }

    /// The plan is settled: nobody looks into the scan any more.
    pub(super) fn let_go_of_scan(&self) -> Result<(), CheckpointError> {
        if self.scan.is_some() {
            self.connection().execute_batch("DETACH DATABASE scan")?;
        }
        Ok(())
    }

    /// Puts `surprises` in the place of those of the plan before.
    ///
    /// # Errors
    /// When they can't be written.
    pub fn note_surprises(&self, surprises: &Surprises) -> Result<(), CheckpointError> {
        self.connection().execute("DELETE FROM surprise", [])?;
        let mut insert = self.connection().prepare("INSERT INTO surprise VALUES (?1, ?2, ?3, ?4)")?;
        for (surprise, times) in surprises.iter() {
            insert.execute(params![surprise.field, surprise.what, surprise.done.words(), times])?;
        }
        Ok(())
    }

    /// Adds one record; they come in the order of the export.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn add(&mut self, row: &Staged) -> Result<(), CheckpointError> {
        let cause = row.cause.as_ref().map(|cause| self.cause(cause)).transpose()?;
        let (place, likeness) = (&row.place, row.likeness.as_ref());
        let mut insert = self.connection().prepare_cached(
            "INSERT INTO staged VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                 ?18, ?19, ?20, ?21, ?22, ?23, NULL, NULL, NULL, NULL, NULL, NULL)",
        )?;
        insert.execute(params![
            place.input.0,
            place.ordinal,
            place.line,
            place.offset,
            place.length,
            place.block,
            place.item,
            row.external_id,
            row.source_ticket,
            row.version,
            row.target.map(|target| target.ticket.0),
            row.target.map(|target| target.message.0),
            row.sent_at,
            row.shape.map(|(channel, _)| channel.name()),
            row.shape.map(|(_, kind)| kind.word()),
            row.fields,
            row.digest.map(|digest| digest.0),
            row.state.code(),
            cause,
            likeness.and_then(|likeness| likeness.message_ref.as_deref()),
            likeness.map(|likeness| likeness.text_key.cast_signed()),
            likeness.map(|likeness| likeness.html_key.cast_signed()),
            likeness.and_then(|likeness| likeness.facts.as_ref()).map(Facts::to_bytes),
        ])?;
        Ok(())
    }

    /// Leaves out every record with one of these ids: nothing is kept but where it stands.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn leave_out(&mut self, external_ids: &[String], cause: &Cause) -> Result<(), CheckpointError> {
        if external_ids.is_empty() {
            return Ok(());
        }
        let cause = self.cause(cause)?;
        let connection = self.connection();
        connection.execute_batch("CREATE TEMP TABLE left_out (external_id TEXT PRIMARY KEY)")?;
        let mut insert = connection.prepare("INSERT INTO left_out VALUES (?1)")?;
        for external_id in external_ids {
            insert.execute([external_id])?;
        }
        connection.execute(
            "UPDATE staged SET external_id = NULL, source_ticket = NULL, version = NULL, export_ticket = NULL,
                 export_message = NULL, sent_at = NULL, channel = NULL, kind = NULL, fields = 0, digest = NULL,
                 state = ?1, cause = ?2, message_ref = NULL, text_key = NULL, html_key = NULL, facts = NULL
             WHERE external_id IN left_out",
            params![State::Skipped.code(), cause],
        )?;
        drop(insert);
        connection.execute_batch("DROP TABLE left_out")?;
        Ok(())
    }

    /// Adds one line of the ids file.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn add_id(&mut self, external_id: &str, target: Target) -> Result<(), CheckpointError> {
        let mut insert = self.connection().prepare_cached("INSERT INTO ids VALUES (?1, ?2, ?3)")?;
        insert.execute(params![external_id, target.ticket.0, target.message.0])?;
        Ok(())
    }

    pub(super) fn connection(&self) -> &Connection {
        self.checkpoint.connection()
    }

    fn cause(&mut self, cause: &Cause) -> Result<i64, CheckpointError> {
        if let Some(&id) = self.causes.get(cause) {
            return Ok(id);
        }
        let id = cause_id(self.connection(), cause)?;
        // A cause with a detail of its own for each record must not fill the memory.
        if self.causes.len() < 10_000 {
            self.causes.insert(cause.clone(), id);
        }
        Ok(id)
    }
}
