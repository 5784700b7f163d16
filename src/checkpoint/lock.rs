//! The lock that keeps a second run out.
//!
//! It is on a file of its own beside the checkpoint: another descriptor on the database would break SQLite's own locks.
//! The system lets go of it when the process ends, however it ends.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::CheckpointError;

/// Who holds a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The user's name.
    pub user: String,
    /// The machine's name.
    pub machine: String,
    /// The process id there.
    pub process: u32,
    /// Since when, RFC 3339.
    pub since: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "held by {} on {} (process {}) since {}", self.user, self.machine, self.process, self.since)
    }
}

/// A held lock; dropping it lets go.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file would do, but not while a child process that is just being started holds a copy of it.
        let _ = self.file.unlock();
    }
}

impl Lock {
    /// Takes the lock beside `checkpoint` and writes down who holds it.
    ///
    /// # Errors
    /// When another process holds it, or the file can't be written.
    pub fn take(checkpoint: &Path, holder: &Holder) -> Result<Self, CheckpointError> {
        let path = Self::path(checkpoint);
        let io = |source: std::io::Error| {
            // Where the folder is missing, nobody should look for a lock.
            let path = if source.kind() == ErrorKind::NotFound { checkpoint } else { &path };
            CheckpointError::Io { path: path.to_owned(), source }
        };
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
        let mut looks = 0;
        while let Err(error) = file.try_lock() {
            match error {
                // `holder_of` takes the lock for a moment; a run keeps it.
                TryLockError::WouldBlock if looks < 4 => std::thread::sleep(Duration::from_millis(50)),
                TryLockError::WouldBlock => {
                    let holder = Box::new(read_holder(&mut file));
                    return Err(CheckpointError::InUse { path: checkpoint.to_owned(), holder });
                }
                TryLockError::Error(source) => return Err(io(source)),
            }
            looks += 1;
        }
        let note = serde_json::to_vec(holder).map_err(|error| io(error.into()))?;
        file.set_len(0).and_then(|()| file.write_all(&note)).map_err(io)?;
        Ok(Self { file })
    }

    fn path(checkpoint: &Path) -> PathBuf {
        let mut path = checkpoint.as_os_str().to_owned();
        path.push(".lock");
        path.into()
    }
}

/// Who holds the lock beside `checkpoint` at this moment; `None` where nobody does.
///
/// # Errors
/// When the file is there and can't be opened.
pub fn holder_of(checkpoint: &Path) -> Result<Option<Holder>, CheckpointError> {
    let path = Lock::path(checkpoint);
    match File::open(&path) {
        // Let go of at once: the file is closed at the end of this function.
        Ok(mut file) => {
            let is_held = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
            Ok(is_held.then(|| read_holder(&mut file)))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(CheckpointError::Io { path, source }),
    }
}

fn read_holder(file: &mut File) -> Holder {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    let unknown = || Holder { user: "somebody".into(), machine: "?".into(), process: 0, since: "?".into() };
    read.ok().and_then(|_| serde_json::from_str(&text).ok()).unwrap_or_else(unknown)
}
