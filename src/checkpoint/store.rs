//! Opening a checkpoint, for writing or for reading.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, MAIN_DB, OpenFlags};

use super::schema::{APPLICATION_ID, VERSION, migrate};
use super::whereabouts::Whereabouts;
use super::{CheckpointError, Holder, Lock};

/// How long a connection waits for another one's short transaction.
const BUSY: Duration = Duration::from_secs(5);

/// What a checkpoint is opened for.
#[derive(Debug, Clone, Copy)]
pub enum Access<'a> {
    /// To plan and to send; made where there is none. The holder's name is written into the lock.
    Write(&'a Holder),
    /// To look, at any time, also while a run writes.
    Read,
}

/// An open checkpoint.
#[derive(Debug)]
pub struct Checkpoint {
    connection: Connection,
    place: Whereabouts,
    // Held for as long as the connection may write.
    lock: Option<Lock>,
}

impl Checkpoint {
    /// Opens the checkpoint at `path`.
    ///
    /// # Errors
    /// When it is missing (to read), in use (to write), of a newer version, not ours, damaged, or can't be written.
    pub fn open(path: &Path, access: Access<'_>) -> Result<Self, CheckpointError> {
        if path.is_dir() {
            return Err(CheckpointError::Foreign { path: path.to_owned() });
        }
        let opened = match access {
            Access::Read => Self::open_to_read(path),
            Access::Write(holder) => Self::open_to_write(path, holder),
        };
        opened.map_err(|error| error.at(path))
    }

    fn open_to_write(path: &Path, holder: &Holder) -> Result<Self, CheckpointError> {
        let lock = Lock::take(path, holder)?;
        let is_new = create_for_owner(path)?;
        let mut connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(BUSY)?;
        if connection.is_readonly(MAIN_DB)? {
            // SQLite would open it all the same, and complain at the first outcome.
            return Err(CheckpointError::ReadOnly { path: path.to_owned() });
        }
        let version = if is_new { 0 } else { version(&connection, path)? };
        // Before WAL: a file that is not ours must stay as it is.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        migrate(&mut connection, version)?;
        // What a process that died was asked concerns nobody else.
        connection.execute("DELETE FROM control", [])?;
        touch(&connection)?;
        Ok(Self { connection, place: Whereabouts::of(path), lock: Some(lock) })
    }

    fn open_to_read(path: &Path) -> Result<Self, CheckpointError> {
        if !path.exists() {
            return Err(CheckpointError::Missing { path: path.to_owned() });
        }
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(BUSY)?;
        let version = version(&connection, path)?;
        match version {
            0 => return Err(CheckpointError::NoPlan { path: path.to_owned() }),
            VERSION => {}
            _ => return Err(CheckpointError::Older { path: path.to_owned() }),
        }
        touch(&connection)?;
        Ok(Self { connection, place: Whereabouts::of(path), lock: None })
    }

    /// Copies the checkpoint at `from` (where there is one) to `to` and opens the copy, so that a plan can be tried
    /// without leaving a trace.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_copy(from: &Path, to: &Path, holder: &Holder) -> Result<Self, CheckpointError> {
        if from.exists() {
            let original = Self::open(from, Access::Read)?;
            original.connection.execute("VACUUM INTO ?1", [to.to_string_lossy()])?;
        }
        Self::open(to, Access::Write(holder))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.place.path()
    }

    /// The connection, for the queries of this crate.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The connection and the lock that goes with it, for the writer.
    pub(super) fn into_parts(self) -> (Connection, Option<Lock>, Whereabouts) {
        (self.connection, self.lock, self.place)
    }

    /// The reverse of [`Self::into_parts`].
    pub(super) fn from_parts(connection: Connection, lock: Option<Lock>, place: Whereabouts) -> Self {
        Self { connection, place, lock }
    }
}

/// Makes the file where there is none, readable by its owner alone; says whether it did, or found an empty one.
pub(crate) fn create_for_owner(path: &Path) -> Result<bool, CheckpointError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let length = path.metadata().map(|metadata| metadata.len());
            length.map(|length| length == 0).map_err(|source| CheckpointError::Io { path: path.to_owned(), source })
        }
        Err(source) => Err(CheckpointError::Io { path: path.to_owned(), source }),
    }
}

/// Reads a little of the plan, so that a damaged file is told here, by its name, and not in the middle of something.
fn touch(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("SELECT (SELECT count(*) FROM pin), (SELECT max(turn) FROM message)", [], |_| Ok(()))
}

pub(super) fn version(connection: &Connection, path: &Path) -> Result<i64, CheckpointError> {
    let foreign = || CheckpointError::Foreign { path: path.to_owned() };
    // One view of all three: a run that is just starting may be making the tables.
    let view = connection.unchecked_transaction()?;
    let number = |name| view.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let id = match number("application_id") {
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => return Err(foreign()),
        other => other?,
    };
    let found = number("user_version")?;
    // A process that died between making the file and its first commit leaves a database without tables.
    let is_blank = id == 0 && found == 0 && table_count(&view)? == 0;
    if id != APPLICATION_ID && !is_blank {
        return Err(foreign());
    }
    if found > VERSION {
        return Err(CheckpointError::Newer { path: path.to_owned(), found, known: VERSION });
    }
    Ok(found)
}

fn table_count(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
}
