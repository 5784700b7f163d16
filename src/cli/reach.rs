//! What is at the other end: the account, who asks there, and the stand-in where that is meant.

use std::path::Path;
use std::time::Duration;

use super::account::{Destination, credentials};
use super::args::AccountArgs;
use super::failure::Failure;
use super::simulator::{start_inside, start_kept};
use crate::checkpoint::Checkpoint;
use crate::gorgias::{Account, Client, Credentials, Timeouts};
use crate::simulator::Server;

/// The other end of a command.
pub(super) struct Reach {
    account: Account,
    credentials: Option<Credentials>,
    // The stand-in lives for as long as somebody talks to it.
    inside: Option<Server>,
}

impl Reach {
    /// Reaches for `destination`; `checkpoint` is whose stand-in is meant where that is the simulator inside.
    pub(super) fn of(
        destination: &Destination,
        checkpoint: Option<&Checkpoint>,
        args: &AccountArgs,
    ) -> Result<Self, Failure> {
        match (destination, checkpoint) {
            (Destination::Account(account), _) => {
                Ok(Self { account: account.clone(), credentials: credentials(account, args)?, inside: None })
            }
            (Destination::Simulator, Some(checkpoint)) => {
                let server = start_inside(checkpoint, args.faults.as_deref())?;
                Ok(Self { account: Account::simulator(server.address()), credentials: None, inside: Some(server) })
            }
            (Destination::Simulator, None) => Err(Failure::usage(
                "the simulator inside has no account to read: it holds what an ids file names, once a run was made",
                "`deskferry run EXPORT --mapping NAME --ids ids.csv --simulate` rehearses with invented ids; \
                 `deskferry simulator --messages FILE` serves an account that can be read, with --base-url",
            )),
        }
    }

    /// Reaches for the account of the simulator inside that is kept in the file `path`.
    pub(super) fn kept(path: &Path, args: &AccountArgs) -> Result<Self, Failure> {
        let server = start_kept(path, args.faults.as_deref())?;
        Ok(Self { account: Account::simulator(server.address()), credentials: None, inside: Some(server) })
    }

    /// A client that waits so long for an answer, in seconds.
    pub(super) fn client(&self, timeout: u64) -> Result<Client, Failure> {
        let timeouts = Timeouts { total: Duration::from_secs(timeout), ..Timeouts::default() };
        Ok(Client::new(&self.account, self.credentials.clone(), timeouts)?)
    }

    /// The stand-in, where it is inside.
    pub(super) fn inside(&self) -> Option<&Server> {
        self.inside.as_ref()
    }
}
