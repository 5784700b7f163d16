//! What was applied, kept in a file: so several runs against one stand-in meet the same account.
//!
//! The file is a list of changes, one a line, only ever added to. A process that was killed may leave half a line
//! behind. Its answer never went out, so that line is cut off and the account is what every client has been told.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::change::Change;
use super::core::Simulator;

/// The file that changes are kept in. It is locked against another process for as long as this lives.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    file: File,
    /// How long it is, in bytes, up to the end of the last whole line.
    whole: u64,
}

/// Why changes can't be kept, or can't be taken up again.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The operating system refuses.
    #[error("failed to keep the simulated account in {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Another process has it open.
    #[error("the simulated account in {} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// A line is no change.
    #[error("line {line} of {} is not of a simulated account", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A line can't follow those before it.
    #[error("line {line} of {} contradicts those before it: {why}", path.display())]
    Replay {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        why: String,
    },
}

impl Store {
    /// Opens a store, creating it for its owner alone where there is none, and applies to the simulator what it holds.
    pub fn open(path: &Path, simulator: &mut Simulator) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Io { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let whole = replay(path, &file, simulator)?;
        file.set_len(whole).map_err(failed)?;
        file.seek(SeekFrom::Start(whole)).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file, whole })
    }

    /// Keeps these changes, which are applied already.
    pub fn keep(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let mut lines = Vec::new();
        for change in changes {
            serde_json::to_writer(&mut lines, change).map_err(|error| self.failed(error.into()))?;
            lines.push(b'\n');
        }
        if let Err(error) = self.file.write_all(&lines) {
            // What a full disk left of a line would spoil the next one. Where even this fails, so will every write
            // after it.
            let _ = self.file.set_len(self.whole);
            let _ = self.file.seek(SeekFrom::Start(self.whole));
            return Err(self.failed(error));
        }
        self.whole += u64::try_from(lines.len()).unwrap_or_default();
        Ok(())
    }

    fn failed(&self, source: io::Error) -> StoreError {
        StoreError::Io { path: self.path.clone(), source }
    }
}

/// Applies every whole line and returns how many bytes those are.
fn replay(path: &Path, file: &File, simulator: &mut Simulator) -> Result<u64, StoreError> {
    let mut reader = BufReader::new(file);
    let mut text = Vec::new();
    let mut whole = 0;
    for line in 1.. {
        text.clear();
        let failed = |source| StoreError::Io { path: path.to_owned(), source };
        let length = reader.read_until(b'\n', &mut text).map_err(failed)?;
        if text.last() != Some(&b'\n') {
            break;
        }
        let wrong = |source| StoreError::Line { path: path.to_owned(), line, source };
        let change: Change = serde_json::from_slice(&text).map_err(wrong)?;
        let contradiction = |why| StoreError::Replay { path: path.to_owned(), line, why };
        simulator.replay(&change).map_err(contradiction)?;
        whole += u64::try_from(length).unwrap_or_default();
    }
    Ok(whole)
}
