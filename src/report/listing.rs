//! What can go wrong with a list of messages on its way into a file.

use crate::checkpoint::CheckpointError;

/// Why a list could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ListingError {
    /// The checkpoint can't be read.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Where the list goes takes nothing more.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl From<csv::Error> for ListingError {
    fn from(error: csv::Error) -> Self {
        Self::Io(error.into())
    }
}
