//! Opening a scan, and reading what it holds.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension};
use serde_json::{Map, Value};

use super::ScanError;
use super::schema::{APPLICATION_ID, TABLES, VERSION};
use crate::checkpoint::{Holder, Lock, create_for_owner};
use crate::record::MessageId;
use crate::update::unpack;

/// How long a connection waits for another one's short transaction.
const BUSY: Duration = Duration::from_secs(5);

/// An open scan.
#[derive(Debug)]
pub struct Scan {
    connection: Connection,
    path: PathBuf,
    // Held for as long as the connection may write.
    _lock: Option<Lock>,
}

impl Scan {
    /// Opens the scan at `path` to read an account into it; makes it where there is none.
    ///
    /// # Errors
    /// When it is in use, not ours, of another format, or can't be written.
    pub fn open_to_write(path: &Path, holder: &Holder) -> Result<Self, ScanError> {
        let lock = Lock::take(path, holder).map_err(ScanError::of_lock)?;
        create_for_owner(path).map_err(ScanError::of_lock)?;
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(BUSY)?;
        let scan = Self { connection, path: path.to_owned(), _lock: Some(lock) };
        let is_blank = scan.check_format()?;
        // What is lost with the power is read again.
        scan.connection.pragma_update(None, "journal_mode", "WAL")?;
        scan.connection.pragma_update(None, "synchronous", "NORMAL")?;
        if is_blank {
            scan.connection.execute_batch(TABLES)?;
        }
        Ok(scan)
    }

    /// Opens the scan at `path` to look.
    ///
    /// # Errors
    /// When it is missing, not ours, of another format, or can't be read.
    pub fn open(path: &Path) -> Result<Self, ScanError> {
        if !path.exists() {
            return Err(ScanError::Missing { path: path.to_owned() });
        }
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(BUSY)?;
        let scan = Self { connection, path: path.to_owned(), _lock: None };
        if scan.check_format()? {
            return Err(ScanError::Incomplete { path: path.to_owned() });
        }
        Ok(scan)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(super) fn damaged(&self, reason: String) -> ScanError {
        ScanError::Damaged { path: self.path.clone(), reason }
    }

    /// The 14 fields of a message as they were read; `None` where the scan has no such message.
    ///
    /// # Errors
    /// When the scan can't be read.
    pub fn message(&self, message: MessageId) -> Result<Option<Map<String, Value>>, ScanError> {
        let mut query = self.connection.prepare_cached("SELECT content FROM held WHERE message_id = ?1")?;
        let packed: Option<Vec<u8>> = query.query_row([message.0], |row| row.get(0)).optional()?;
        let content =
            packed.map(|packed| unpack(&packed).ok_or_else(|| self.damaged(format!("message {}", message.0))));
        content.transpose()
    }

    /// How many messages it holds, and how many tickets.
    ///
    /// # Errors
    /// When the scan can't be read.
    pub fn counts(&self) -> Result<(u64, u64), ScanError> {
        let sql = "SELECT (SELECT count(*) FROM held), (SELECT count(*) FROM ticket WHERE shown = 1)";
        Ok(self.connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// Whether the file is blank; it must be that, or a scan in the format of this version.
    fn check_format(&self) -> Result<bool, ScanError> {
        let foreign = || ScanError::Foreign { path: self.path.clone() };
        let number = |name| self.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let id = match number("application_id") {
            Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => return Err(foreign()),
            other => other?,
        };
        let found = number("user_version")?;
        let tables: i64 = self.connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        match (id, tables) {
            (0, 0) => Ok(true),
            (APPLICATION_ID, _) if found == VERSION => Ok(false),
            (APPLICATION_ID, _) => Err(ScanError::Newer { path: self.path.clone(), found, known: VERSION }),
            _ => Err(foreign()),
        }
    }
}
