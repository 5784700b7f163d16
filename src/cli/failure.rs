//! An error as the operator reads it: what happened, where, and what to do next.

use crate::account::ReadError;
use crate::checkpoint::{CheckpointError, SelectionError};
use crate::deliver::{RateError, ReserveError};
use crate::export::ExportError;
use crate::gorgias::{AccountError, ClientError};
use crate::mapping::MappingError;
use crate::run::{ManifestError, MaxFailuresError, RunError};
use crate::scan::ScanError;

use super::Exit;
use super::terminal::{Terminal, say};

/// Why a command could not do its work.
#[derive(Debug)]
pub(super) struct Failure {
    exit: Exit,
    // Without `error:` in front; a mapping's diagnostics bring their own.
    message: String,
    hint: Option<String>,
}

impl Failure {
    /// The command was typed wrongly, or lacks something.
    pub(super) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into(), hint: Some(hint.into()) }
    }

    /// The surroundings do not play along.
    pub(super) fn error(message: impl Into<String>, hint: Option<String>) -> Self {
        Self { exit: Exit::Error, message: message.into(), hint }
    }

    /// A guard stopped the run.
    pub(super) fn stopped(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { exit: Exit::Stopped, message: message.into(), hint: Some(hint.into()) }
    }

    /// The operator stopped the command.
    pub(super) fn interrupted(message: impl Into<String>) -> Self {
        Self { exit: Exit::Interrupted, message: message.into(), hint: None }
    }

    /// Prints it to standard error and gives the exit code.
    pub(super) fn report(&self) -> Exit {
        let terminal = Terminal::of_stderr();
        if self.message.starts_with("error") {
            say(&self.message);
        } else {
            say(&format!("{} {}", terminal.red("error:"), self.message));
        }
        if let Some(hint) = &self.hint {
            say(&format!("\n{} {hint}", terminal.bold("hint:")));
        }
        self.exit
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Mapping(error) => error.into(),
            RunError::Changed { .. }
            | RunError::RecordChanged { .. }
            | RunError::Gone { .. }
            | RunError::Growing { .. }
            | RunError::Exclusion { .. }
            | RunError::ExcludedPeople { .. }
            | RunError::Lookup { .. } => Self { exit: Exit::Usage, message: error.to_string(), hint: error.hint() },
            RunError::Export(error) => error.into(),
            RunError::Checkpoint(error) => error.into(),
            RunError::Scan(error) | RunError::Read(ReadError::Scan(error)) => error.into(),
            RunError::Read(ReadError::Interrupted) => Self::interrupted("interrupted; nothing is lost".to_owned()),
            RunError::Read(ReadError::Stopped(cause)) => Self::stopped(cause.detail, cause.kind.advice()),
            RunError::Unrecorded(_) | RunError::Task(_) => Self::error(error.to_string(), error.hint()),
        }
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        let exit = if matches!(error, ExportError::Io { .. }) { Exit::Error } else { Exit::Usage };
        Self { exit, message: error.to_string(), hint: error.hint() }
    }
}

impl From<MappingError> for Failure {
    fn from(error: MappingError) -> Self {
        Self { exit: Exit::Usage, message: error.render(), hint: None }
    }
}

impl From<CheckpointError> for Failure {
    fn from(error: CheckpointError) -> Self {
        let exit = match error {
            CheckpointError::Missing { .. } | CheckpointError::NoPlan { .. } | CheckpointError::Foreign { .. } => {
                Exit::Usage
            }
            _ => Exit::Error,
        };
        Self { exit, message: error.to_string(), hint: error.hint() }
    }
}

impl From<SelectionError> for Failure {
    fn from(error: SelectionError) -> Self {
        match error {
            SelectionError::Checkpoint(error) => error.into(),
            other => Self { exit: Exit::Usage, hint: other.hint(), message: other.to_string() },
        }
    }
}

impl From<ManifestError> for Failure {
    fn from(error: ManifestError) -> Self {
        match error {
            ManifestError::Run(error) => error.into(),
            ManifestError::Io { .. } => Self::error(error.to_string(), None),
            ManifestError::Line { .. }
            | ManifestError::Changed { .. }
            | ManifestError::GoesOn { .. }
            | ManifestError::NoEnd { .. } => Self::usage(
                error.to_string(),
                "ask for the file as `deskferry verify` wrote it, or verify with the checkpoint",
            ),
        }
    }
}

impl From<ScanError> for Failure {
    fn from(error: ScanError) -> Self {
        let exit = match error {
            ScanError::Missing { .. }
            | ScanError::Incomplete { .. }
            | ScanError::Foreign { .. }
            | ScanError::OtherAccount { .. } => Exit::Usage,
            _ => Exit::Error,
        };
        Self { exit, message: error.to_string(), hint: Some(error.hint()) }
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        Self { exit: Exit::Usage, message: error.to_string(), hint: Some(error.hint()) }
    }
}

impl From<ReserveError> for Failure {
    fn from(error: ReserveError) -> Self {
        Self::usage(error.to_string(), "25% leaves a quarter of the limit to other integrations")
    }
}

impl From<MaxFailuresError> for Failure {
    fn from(error: MaxFailuresError) -> Self {
        Self::usage(error.to_string(), "--max-failures 50, or --max-failures 2%")
    }
}

impl From<RateError> for Failure {
    fn from(error: RateError) -> Self {
        Self::usage(error.to_string(), "40/20s (API key), 80/20s (OAuth app), 40/10s (Enterprise), or none")
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::error(error.to_string(), Some("install the system's CA certificates (package ca-certificates)".into()))
    }
}
