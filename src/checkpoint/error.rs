//! What can go wrong with a checkpoint, told so that an operator knows what to do.

use std::path::{Path, PathBuf};

use super::Holder;

/// What became of the outcomes in a checkpoint that was taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// The checkpoint holds them.
    InPlace,
    /// They are in this copy.
    Copy(PathBuf),
    /// In whatever was taken away.
    Nowhere,
}

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
    /// The file may be read and not written.
    #[error("the checkpoint {} can't be written: it is read-only", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// What is written does not get to the disk.
    #[error("the checkpoint {} can't be written: {reason}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// It is not where it was when it was opened.
    #[error("the checkpoint's file {} was removed, moved or replaced while it was in use", path.display())]
    Taken {
        /// The checkpoint, or the log beside it.
        path: PathBuf,
        /// Where its outcomes are.
        saved: Saved,
    },
    /// SQLite refuses.
    #[error("the checkpoint can't be used: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The thread that writes it is gone.
    #[error("the checkpoint can't be written any more: {0}")]
    Gone(String),
}

/// What helps against a file that can't be written.
const UNWRITABLE: &str =
    "make room on that disk, or mend it; then the same command again, or `deskferry resume`: nothing is lost";

/// What can be done where no checkpoint is left.
const ANEW: &str = "without one, `deskferry run EXPORT --checkpoint NEW` plans anew and sends every message again, with \
    the same effect";

fn damaged() -> String {
    format!("restore it from a copy, and delete the -wal and -shm beside it; {ANEW}")
}

impl CheckpointError {
    /// The same, with the file's name where it is SQLite that complains about the file at `path`.
    pub(crate) fn at(self, path: &Path) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, DiskFull, NotADatabase, ReadOnly, SystemIoFailure};
        let Self::Sqlite(error) = self else { return self };
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => Self::Damaged { path, reason: error.to_string() },
            Some(ReadOnly) => Self::ReadOnly { path },
            Some(DiskFull) => Self::Unwritable { path, reason: "the disk is full".into() },
            Some(SystemIoFailure) => {
                let reason = format!("the disk is full, fails, or lets no file grow so large ({error})");
                Self::Unwritable { path, reason }
            }
            _ => Self::Sqlite(error),
        }
    }

    /// What the operator can do about it.
    pub fn hint(&self) -> Option<String> {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase, ReadOnly,
            SystemIoFailure,
        };
        Some(match self {
            Self::NoPlan { .. } => "`deskferry run EXPORT --mapping NAME` makes one".into(),
            Self::Missing { .. } => "`deskferry run EXPORT` makes one; `--checkpoint FILE` names another".into(),
            Self::Foreign { .. } => "name another file with --checkpoint".into(),
            Self::Older { .. } => {
                "`deskferry resume` brings it up to date; its plan and its outcomes stay as they are".into()
            }
            Self::Newer { .. } => "update deskferry, or use the version that made it".into(),
            Self::InUse { .. } => {
                "wait for that run, or stop it (Ctrl-C there, or `deskferry stop`); it can be resumed".into()
            }
            Self::Damaged { .. } | Self::Corrupt { .. } => damaged(),
            Self::Io { .. } => "is the folder there, and may you write in it? `--checkpoint FILE` names another".into(),
            Self::ReadOnly { .. } => "may you write to the file, and in its folder? Then the same command again".into(),
            Self::Unwritable { .. } => UNWRITABLE.into(),
            Self::Taken { saved, .. } => match saved {
                Saved::InPlace => {
                    "`deskferry resume` goes on, and nothing is lost; leave the files beside it where they are".into()
                }
                Saved::Copy(copy) => {
                    format!("nothing is lost: rename {} to the checkpoint's name, then resume", copy.display())
                }
                Saved::Nowhere => format!("put it back, or a copy of it, then resume; {ANEW}"),
            },
            Self::Sqlite(error) => match error.sqlite_error_code()? {
                DiskFull | SystemIoFailure => UNWRITABLE.into(),
                ReadOnly | CannotOpen => "is the folder there, and may you write in it?".into(),
                DatabaseCorrupt | NotADatabase => damaged(),
                DatabaseBusy | DatabaseLocked => {
                    "another program holds it (a database browser, a backup): end that, then resume; nothing is lost"
                        .into()
                }
                _ => return None,
            },
            Self::Gone(_) => "see the first error; then resume".into(),
        })
    }
}
