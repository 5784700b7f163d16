//! What ends a run by the tool's own fault or its surroundings'.

use std::path::PathBuf;
use std::sync::Arc;

use crate::account::ReadError;
use crate::checkpoint::CheckpointError;
use crate::export::{ExportError, shown};
use crate::mapping::MappingError;
use crate::scan::ScanError;

/// Why a run can't begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The export, a lookup or the ids file can't be read.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The mapping is wrong, or does not fit the export.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// The checkpoint can't be used.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The scan can't be used.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The account can't be read to the end.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The checkpoint could not be written while a run was sending.
    #[error("{0}")]
    Unrecorded(Arc<CheckpointError>),
    /// A lookup holds what it can't hold.
    #[error("{}:{line}: {reason}", shown(path))]
    Lookup {
        /// Its file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A line of a list of exclusions can't be understood as a whole.
    #[error("{}:{line}: {reason}", shown(path))]
    Exclusion {
        /// The list.
        path: PathBuf,
        /// The line.
        line: u64,
        /// What is wrong, without what stands there.
        reason: &'static str,
    },
    /// A list of exclusions holds addresses, and the mapping names nobody.
    #[error("{}:{line} is an address, and the mapping {mapping} names nobody: it would leave out nothing", shown(path))]
    ExcludedPeople {
        /// The list.
        path: PathBuf,
        /// The first line with an address.
        line: u64,
        /// The mapping.
        mapping: String,
    },
    /// A file is not the one that the plan was made from.
    #[error("{} has changed since the plan was made", shown(path))]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A file that the plan was made from is not there.
    #[error("{} is gone: the plan was made from it", shown(path))]
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// A file changed while it was read.
    #[error("{} changed while it was read", shown(path))]
    Growing {
        /// The file.
        path: PathBuf,
    },
    /// A record is not the one that was planned.
    #[error("{}:{line} holds another record than the one that was planned", shown(path))]
    RecordChanged {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
    },
    /// A bug of ours.
    #[error("a task of the run failed: {0}")]
    Task(String),
}

impl RunError {
    /// What the operator can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Export(error) => error.hint(),
            Self::Mapping(_) | Self::Read(ReadError::Interrupted) => None,
            Self::Checkpoint(error) => error.hint(),
            Self::Scan(error) | Self::Read(ReadError::Scan(error)) => Some(error.hint()),
            Self::Read(ReadError::Stopped(cause)) => Some(cause.kind.advice().into()),
            Self::Unrecorded(error) => error.hint(),
            Self::Lookup { .. } => Some("mend the file, or name another with --lookup NAME=FILE".into()),
            Self::Exclusion { .. } => {
                Some("on a line stands an address, a message's id, message:ID or ticket:ID; nothing was sent".into())
            }
            Self::ExcludedPeople { .. } => Some(
                "map sender.email, receiver.email or the addresses in `source`, which need not be written; or name the messages by id or ticket:ID"
                    .into(),
            ),
            Self::Gone { .. } => Some(
                "put it back, or `deskferry run EXPORT` with where it is now: what has arrived is not sent again"
                    .into(),
            ),
            Self::Changed { .. } | Self::RecordChanged { .. } => {
                Some("`deskferry run EXPORT` makes a new plan and sends only what is new or changed".into())
            }
            Self::Growing { .. } => Some("wait until it is complete, then run again; nothing was sent".into()),
            Self::Task(_) => Some("this is a bug; `deskferry resume` goes on where the run stopped".into()),
        }
    }
}

impl From<Arc<CheckpointError>> for RunError {
    fn from(error: Arc<CheckpointError>) -> Self {
        Self::Unrecorded(error)
    }
}
