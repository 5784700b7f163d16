//! What can go wrong with a scan, told so that an operator knows what to do.

use std::path::PathBuf;

use crate::checkpoint::{CheckpointError, Holder};

/// Why a scan can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// There is none at this path.
    #[error("there is no scan at {}", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// It was begun and not brought to its end.
    #[error("the scan {} is not complete", path.display())]
    Incomplete {
        /// The file.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("{} is not a scan of deskferry", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A later version of this tool wrote it.
    #[error("the scan {} was written by a newer deskferry (format {found}, this one knows {known})", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format it has.
        found: i64,
        /// The newest format that this version knows.
        known: i64,
    },
    /// It is a copy of another account.
    #[error("the scan {} is of `{found}`, and this is `{wanted}`", path.display())]
    OtherAccount {
        /// The file.
        path: PathBuf,
        /// The account that it is of.
        found: String,
        /// The account that is wanted.
        wanted: String,
    },
    /// Another process writes it.
    #[error("the scan {} is in use: {holder}", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
        /// Who holds it.
        holder: Box<Holder>,
    },
    /// A value in it makes no sense.
    #[error("the scan {} is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file or its folder can't be read or written.
    #[error("the scan {} can't be opened: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// SQLite refuses.
    #[error("the scan can't be used: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

impl ScanError {
    /// What the operator can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Missing { .. } => "`deskferry scan` makes one; `--scan FILE` names another".into(),
            Self::Incomplete { .. } => "the same `deskferry scan` command goes on with it".into(),
            Self::Foreign { .. } => "name another file with --scan".into(),
            Self::Newer { .. } => "update deskferry, or delete the file and scan again".into(),
            Self::OtherAccount { .. } => {
                "use a folder of its own for each account, or name its scan with --scan".into()
            }
            Self::InUse { .. } => "wait for that scan, or stop it (Ctrl-C there); it goes on where it stopped".into(),
            Self::Damaged { .. } => "delete the file, then `deskferry scan` reads the account again".into(),
            Self::Io { .. } => "is the folder there, and may you write in it?".into(),
            Self::Sqlite(_) => "if the disk is full, make room; else delete the file and scan again".into(),
        }
    }

    /// What went wrong with the lock, in the words of a scan.
    pub(super) fn of_lock(error: CheckpointError) -> Self {
        match error {
            CheckpointError::InUse { path, holder } => Self::InUse { path, holder },
            CheckpointError::Io { path, source } => Self::Io { path, source },
            other => Self::Damaged { path: PathBuf::new(), reason: other.to_string() },
        }
    }
}
