//! A line to the account for whatever is not a run: it reads, and it can be stopped.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use super::account::{Destination, credentials};
use super::args::{AccountArgs, LineArgs};
use super::failure::Failure;
use super::pace;
use super::progress::Ticker;
use super::signals::listen;
use super::simulator::start_inside;
use crate::checkpoint::Checkpoint;
use crate::deliver::{Backoff, Clock, Courier, Pacer, Rate};
use crate::gorgias::{Account, Client, Timeouts};
use crate::run::StopRequest;
use crate::simulator::Server;

/// Where the line goes, and how fast.
pub(super) struct Line {
    client: Client,
    pub(super) rate: Rate,
    pub(super) concurrency: usize,
    outage: Duration,
    quiet: bool,
    // The stand-in lives for as long as somebody talks to it.
    _inside: Option<Server>,
}

impl Line {
    /// A line to `destination`; `checkpoint` is whose stand-in is meant where that is the simulator inside.
    pub(super) fn to(
        destination: &Destination,
        checkpoint: Option<&Checkpoint>,
        account: &AccountArgs,
        args: &LineArgs,
        quiet: bool,
    ) -> Result<Self, Failure> {
        let timeouts = Timeouts { total: Duration::from_secs(args.timeout), ..Timeouts::default() };
        let (target, inside) = match (destination, checkpoint) {
            (Destination::Account(target), _) => (target.clone(), None),
            (Destination::Simulator, Some(checkpoint)) => {
                let server = start_inside(checkpoint, account.faults.as_deref())?;
                (Account::simulator(server.address()), Some(server))
            }
            (Destination::Simulator, None) => {
                return Err(Failure::usage(
                    "the simulator inside has no account yet",
                    "`deskferry run EXPORT --mapping NAME --simulate` makes one; `deskferry simulator` serves another",
                ));
            }
        };
        let credentials = if inside.is_some() { None } else { credentials(&target, account)? };
        Ok(Self {
            client: Client::new(&target, credentials, timeouts)?,
            rate: pace::rate(args.rate.as_deref(), Some(destination))?,
            concurrency: usize::from(args.concurrency),
            outage: args.max_outage,
            quiet,
            _inside: inside,
        })
    }

    /// Does `work` with a courier that goes along this line, and shows how far that is: `line` says it.
    ///
    /// The first Ctrl-C lets what is out come back; the second one ends the work at once.
    pub(super) fn hold<R>(
        self,
        line: impl Fn() -> String + Send + 'static,
        work: impl AsyncFnOnce(&Courier<Client>) -> R,
    ) -> Result<Option<R>, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| Failure::error(format!("threads can't be started: {error}"), None))?;
        let pacer = Arc::new(Pacer::new(self.rate));
        let result = runtime.block_on(async {
            let (drain, stopping) = watch::channel(false);
            let mut stop = listen();
            let courier = Courier {
                transport: self.client,
                pacer: Arc::clone(&pacer),
                backoff: Backoff { outage: self.outage, ..Backoff::default() },
                clock: Clock::new(Timestamp::now),
                stopping,
            };
            let ticker = Ticker::start(line, pacer, self.quiet);
            let mut work = std::pin::pin!(work(&courier));
            let result = loop {
                tokio::select! {
                    biased;
                    Ok(()) = stop.changed() => match *stop.borrow_and_update() {
                        StopRequest::Now => break None,
                        StopRequest::Drain | StopRequest::None => {
                            drain.send_replace(true);
                        }
                    },
                    result = &mut work => break Some(result),
                }
            };
            ticker.end().await;
            result
        });
        runtime.shutdown_timeout(Duration::from_secs(1));
        Ok(result)
    }
}
