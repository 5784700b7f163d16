//! What can go wrong with a checkpoint, told so that an operator knows what to do.

use std::path::PathBuf;

use super::Holder;

/// Why a checkpoint can't be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// There is none at this path.
    #[error("there is no checkpoint at {}", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// It is there, and nothing was planned in it yet.
    #[error("the checkpoint {} holds no plan yet", path.display())]
    NoPlan {
        /// The file.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("{} is not a deskferry checkpoint", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// An earlier version of this tool wrote it, and it can't be changed while somebody only looks.
    #[error("the checkpoint {} was written by an older deskferry", path.display())]
    Older {
        /// The file.
        path: PathBuf,
    },
    /// A later version of this tool wrote it.
    #[error(
        "the checkpoint {} was written by a newer deskferry (format {found}, this one knows {known})", path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format it has.
        found: i64,
        /// The newest format that this version knows.
        known: i64,
    },
    /// Another process works with it.
    #[error("the checkpoint {} is in use: {holder}", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
        /// Who holds it.
        holder: Box<Holder>,
    },
    /// A row holds what no version of this tool writes.
    #[error("the checkpoint holds {what}, which makes no sense")]
    Corrupt {
        /// What was found.
        what: String,
    },
    /// The file is ours, and what it holds is broken.
    #[error("the checkpoint {} is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        reason: String,
    },
    /// The file or its folder can't be read or written.
    #[error("the checkpoint {} can't be opened: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// SQLite refuses.
    #[error("the checkpoint can't be used: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The thread that writes it is gone.
    #[error("the checkpoint can't be written any more: {0}")]
    Gone(String),
}

/// What helps against a damaged file.
const DAMAGED: &str = "restore it from a copy; without one, `deskferry run EXPORT --checkpoint NEW` plans anew and sends \
    every message again, with the same effect";

impl CheckpointError {
    /// What the operator can do about it.
    pub fn hint(&self) -> Option<String> {
        use rusqlite::ErrorCode::{CannotOpen, DatabaseCorrupt, DiskFull, NotADatabase, ReadOnly};
        Some(match self {
            Self::NoPlan { .. } => "`deskferry run EXPORT --mapping NAME` makes one".into(),
            Self::Missing { .. } => "`deskferry run EXPORT` makes one; `--checkpoint FILE` names another".into(),
            Self::Foreign { .. } => "name another file with --checkpoint".into(),
            Self::Older { .. } => {
                "`deskferry resume` brings it up to date; its plan and its outcomes stay as they are".into()
            }
            Self::Newer { .. } => "update deskferry, or use the version that made it".into(),
            Self::InUse { .. } => "wait for that run, or stop it (Ctrl-C there); it can be resumed".into(),
            Self::Damaged { .. } | Self::Corrupt { .. } => DAMAGED.into(),
            Self::Io { .. } => "is the folder there, and may you write in it? `--checkpoint FILE` names another".into(),
            Self::Sqlite(error) => match error.sqlite_error_code()? {
                DiskFull => "the disk is full: make room, then resume, or run again if nothing was sent yet".into(),
                ReadOnly | CannotOpen => "is the folder there, and may you write in it?".into(),
                DatabaseCorrupt | NotADatabase => DAMAGED.into(),
                _ => return None,
            },
            Self::Gone(_) => "see the first error; then resume".into(),
        })
    }
}
