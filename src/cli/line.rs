//! A line to the account for whatever is not a run: it reads, and it can be stopped.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tokio::sync::watch;

use super::args::{LineArgs, SendArgs};
use super::failure::Failure;
use super::heartbeat::Heart;
use super::pace::Limits;
use super::progress::{Shown, Ticker, shown};
use super::reach::Reach;
use super::signals::listen;
use super::terminal::say;
use crate::deliver::{Backoff, Clock, Courier, Pace, Pacer};
use crate::gorgias::Client;
use crate::run::StopRequest;

/// How long a first connection is waited for, whatever `--max-outage` says: whoever has just typed the command may have
/// mistyped the address.
pub(super) const UNREACHED: Duration = Duration::from_secs(5);

/// Where the line goes, and how fast.
pub(super) struct Line {
    client: Client,
    pub(super) pace: Pace,
    pub(super) concurrency: usize,
    backoff: Backoff,
    quiet: bool,
    // Where other terminals see how far it is, and ask it to stop.
    checkpoint: Option<PathBuf>,
}

impl Line {
    /// A line to `reach`, at `pace`.
    pub(super) fn to(reach: &Reach, args: &LineArgs, pace: Pace, quiet: bool) -> Result<Self, Failure> {
        Ok(Self {
            client: reach.client(args.timeout)?,
            pace,
            concurrency: usize::from(args.concurrency),
            backoff: Backoff { outage: args.max_outage, unreached: UNREACHED, ..Backoff::default() },
            quiet,
            checkpoint: None,
        })
    }

    /// The line of a run that talks to the account beside what it sends.
    pub(super) fn of_run(reach: &Reach, args: &SendArgs, limits: &Limits, quiet: bool) -> Result<Self, Failure> {
        Ok(Self {
            client: reach.client(args.timeout)?,
            pace: limits.pace,
            concurrency: limits.concurrency,
            backoff: Backoff { outage: args.max_outage, ..Backoff::default() },
            quiet,
            checkpoint: None,
        })
    }

    /// The same, and other terminals can follow and stop it through the checkpoint at `path`.
    pub(super) fn followed_at(self, path: &Path) -> Self {
        Self { checkpoint: Some(path.to_owned()), ..self }
    }

    /// Does `work` with a courier that goes along this line, and shows how far that is: `line` says it.
    ///
    /// The first Ctrl-C lets what is out come back; the second one ends the work at once.
    pub(super) fn hold<R>(
        self,
        line: impl Fn() -> String + Send + Sync + 'static,
        work: impl AsyncFnOnce(&Courier<Client>) -> R,
    ) -> Result<Option<R>, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| Failure::error(format!("threads can't be started: {error}"), None))?;
        let pacer = Arc::new(Pacer::new(self.pace, self.backoff));
        let result = runtime.block_on(async {
            let (drain, stopping) = watch::channel(false);
            let (asked, mut stop) = listen();
            let courier = Courier {
                transport: self.client,
                pacer: Arc::clone(&pacer),
                backoff: self.backoff,
                clock: Clock::new(Timestamp::now),
                stopping,
            };
            let line: Shown = Arc::new(line);
            let heart = self.checkpoint.map(|path| {
                let (line, pacer) = (Arc::clone(&line), Arc::clone(&pacer));
                Heart::start(&path, asked.clone(), move || json!({"line": shown(&line, &pacer)}))
            });
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
            if let Some(heart) = heart {
                heart.end();
            }
            if asked.is_elsewhere() {
                say("Stopped, as asked from another terminal.");
            }
            result
        });
        runtime.shutdown_timeout(Duration::from_secs(1));
        Ok(result)
    }
}
