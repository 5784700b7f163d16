//! What a process that is at work says of itself, and what another one asks of it: one row, for as long as it is at work.
//!
//! Whoever has the lock may listen; whoever asks needs none. Each look is a transaction of its own, and short.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::store::version;
use super::whereabouts::Whereabouts;
use super::{Checkpoint, CheckpointError};

/// How long a commit of the process at work is waited for: the next look comes in a second.
const BUSY: Duration = Duration::from_millis(500);
/// How `asked` spells that it is to stop.
const STOP: &str = "stop";

/// What a process at work said of itself last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// When.
    pub at: Timestamp,
    /// What, as JSON.
    pub said: String,
}

impl Heartbeat {
    /// How long ago it was at `now`; nothing, where the clock was put back since.
    pub fn age(&self, now: Timestamp) -> Duration {
        Duration::try_from(now.duration_since(self.at)).unwrap_or_default()
    }
}

/// The control row of a checkpoint, through a connection that touches nothing else.
#[derive(Debug)]
pub struct Control {
    connection: Connection,
    place: Whereabouts,
}

impl Control {
    /// Opens the control row of the checkpoint at `path`.
    ///
    /// # Errors
    /// When there is no checkpoint of this version.
    pub fn open(path: &Path) -> Result<Self, CheckpointError> {
        Self::open_unnamed(path).map_err(|error| error.at(path))
    }

    fn open_unnamed(path: &Path) -> Result<Self, CheckpointError> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(BUSY)?;
        // A heartbeat that a power cut takes away is missed by nobody, and moving outcomes to their place is the writer's.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        version(&connection, path)?;
        Ok(Self { connection, place: Whereabouts::of(path) })
    }

    /// The process begins to listen: whatever an earlier one was asked is forgotten.
    ///
    /// # Errors
    /// When the row can't be written.
    pub fn begin(&self) -> Result<(), CheckpointError> {
        self.connection.execute("INSERT OR REPLACE INTO control (id) VALUES (1)", [])?;
        Ok(())
    }

    /// Gives a sign of life; says whether somebody has asked the process to stop.
    ///
    /// # Errors
    /// When the row can't be written.
    pub fn beat(&self, beat: &Heartbeat) -> Result<bool, CheckpointError> {
        self.place.check()?;
        let sql = "UPDATE control SET beat = ?1, said = ?2 WHERE id = 1 RETURNING asked";
        let parameters = params![beat.at.as_millisecond(), beat.said];
        let asked: Option<Option<String>> =
            self.connection.prepare_cached(sql)?.query_row(parameters, |row| row.get(0)).optional()?;
        Ok(asked.flatten().as_deref() == Some(STOP))
    }

    /// The process listens no more.
    ///
    /// # Errors
    /// When the row can't be written.
    pub fn end(&self) -> Result<(), CheckpointError> {
        self.place.check()?;
        self.connection.execute("DELETE FROM control", [])?;
        Ok(())
    }

    /// Asks the process that is at work to stop; false if none listens.
    ///
    /// # Errors
    /// When the row can't be written.
    pub fn ask_to_stop(&self) -> Result<bool, CheckpointError> {
        let asked = self.connection.execute("UPDATE control SET asked = ?1 WHERE id = 1", [STOP])?;
        Ok(asked > 0)
    }
}

impl Checkpoint {
    /// What the process that is at work with it said last; `None` where it has said nothing yet, or does not listen.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn heartbeat(&self) -> Result<Option<Heartbeat>, CheckpointError> {
        let sql = "SELECT beat, said FROM control WHERE beat IS NOT NULL AND said IS NOT NULL";
        let row: Option<(i64, String)> =
            self.connection().query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((at, said)) = row else { return Ok(None) };
        let at =
            Timestamp::from_millisecond(at).map_err(|_| CheckpointError::Corrupt { what: format!("the time {at}") })?;
        Ok(Some(Heartbeat { at, said }))
    }
}
