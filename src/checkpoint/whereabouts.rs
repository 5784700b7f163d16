//! Whether the checkpoint is still where it was opened.
//!
//! A file that was removed or replaced can be written to for as long as it is open, and all of that is gone afterwards.
//! So whoever sends looks before each commit whether the name still leads to the file.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::store::create_for_owner;
use super::{CheckpointError, Saved};

/// Where a checkpoint is, and which files were there when it was opened.
#[derive(Debug)]
pub(super) struct Whereabouts {
    path: PathBuf,
    // The checkpoint, and SQLite's log of what is not in it yet.
    files: Vec<(PathBuf, Option<FileId>)>,
}

impl Whereabouts {
    /// Those of the checkpoint at `path`, which is open.
    pub(super) fn of(path: &Path) -> Self {
        let log = with_suffix(path, "-wal");
        let files = [path.to_owned(), log].map(|path| (path.clone(), file_id(&path)));
        Self { path: path.to_owned(), files: files.into() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the files are where they were.
    ///
    /// # Errors
    /// With the file that is not there.
    pub(super) fn check(&self) -> Result<(), CheckpointError> {
        match self.files.iter().find(|(path, id)| file_id(path) != *id) {
            Some((gone, _)) => Err(CheckpointError::Taken { path: gone.clone(), saved: Saved::Nowhere }),
            None => Ok(()),
        }
    }

    /// The same, for whoever holds the outcomes in `connection`: they are saved, as far as that is possible.
    ///
    /// # Errors
    /// With the file that is not there.
    pub(super) fn check_or_save(&self, connection: &Connection) -> Result<(), CheckpointError> {
        self.check().map_err(|error| match error {
            CheckpointError::Taken { path, .. } => CheckpointError::Taken { path, saved: self.save(connection) },
            other => other,
        })
    }

    /// Saves what is in the open files. Nothing may be written to them afterwards.
    fn save(&self, connection: &Connection) -> Saved {
        // Into the open file itself, wherever it is now; and nothing of the log may be left for the file in its place.
        let emptied = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        if matches!(self.files.first(), Some((path, id)) if file_id(path) == *id) && matches!(emptied, Ok(0)) {
            return Saved::InPlace;
        }
        let copy = with_suffix(&self.path, ".rescued");
        let is_free = create_for_owner(&copy).is_ok_and(|is_new| is_new);
        if is_free && connection.execute("VACUUM INTO ?1", [copy.to_string_lossy()]).is_ok() {
            Saved::Copy(copy)
        } else {
            Saved::Nowhere
        }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// By what a file is known, whatever its name: its device and its number there.
type FileId = (u64, u64);

/// The file at `path`; `None` where there is none.
#[cfg(unix)]
fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// Whether there is a file at `path`: an open one can't be replaced where files have no numbers.
#[cfg(not(unix))]
fn file_id(path: &Path) -> Option<FileId> {
    fs::metadata(path).ok().map(|_| (0, 0))
}
