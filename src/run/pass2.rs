//! Pass 2: follow the plan and send, until it is done or something says stop.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::sleep;

use super::budget::Budget;
use super::feeder::{Feed, Feeder};
use super::{Job, MaxFailures, Progress, RunError};
use crate::checkpoint::{Access, Checkpoint, CheckpointError, Which, Writer};
use crate::deliver::{Backoff, Clock, Counters, Courier, Delivered, Delivery, Lanes, Pace, Pacer, StopCause, Tickets};
use crate::gorgias::Transport;
use crate::plan::SENDABLE;
use crate::record::{Action, Cause};

/// The most that parcels which wait for their turn may take up, in bytes: a very long ticket must not fill the memory.
const AHEAD: usize = 32 * 1024 * 1024;

/// How a run is to send.
#[derive(Debug, Clone)]
pub struct Order {
    /// How fast requests go.
    pub pace: Pace,
    /// How many requests may be out at once.
    pub concurrency: usize,
    /// Send so many messages and no more.
    pub limit: Option<u64>,
    /// How tries are spaced.
    pub backoff: Backoff,
    /// How many messages may fail before the run stops; `None` for any number.
    pub max_failures: Option<MaxFailures>,
    /// Whether it goes on where nearly all messages fail with one cause.
    pub keeps_going: bool,
    /// When it stops by itself.
    pub stop_at: Option<Timestamp>,
    /// The command that was typed, for the history.
    pub command: String,
    /// Whether each message is kept as it was, so that the run can be undone.
    pub undo: bool,
    /// Send all that waits, or only what was chosen of it.
    pub which: Which,
    /// The side effect that every update asks the account for.
    pub action: Option<Action>,
}

/// What the operator asks of a run that is sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StopRequest {
    /// Go on.
    None,
    /// Finish what is out, start nothing new.
    Drain,
    /// Stop now; what is out is unconfirmed and settled by the next run.
    Now,
}

/// How a run came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Every message that was to be sent has been tried.
    Finished,
    /// As many as `--limit` asked for have been tried; more are waiting.
    LimitReached,
    /// The time has come at which it was to stop; more are waiting.
    TimeIsUp,
    /// What was chosen has been tried; more is waiting.
    ChosenDone,
    /// The operator stopped it.
    Interrupted,
    /// No update could work any more.
    Stopped(Cause),
}

/// What a run hands back.
#[derive(Debug)]
pub struct Sent {
    /// The checkpoint, with every outcome in it.
    pub checkpoint: Checkpoint,
    /// How it ended.
    pub ending: Ending,
    /// What went through the pacer.
    pub counters: Counters,
    /// The pace that was kept to in the end.
    pub pace: Pace,
}

/// Sends what is outstanding in `checkpoint`, which holds the plan of `job`.
///
/// # Errors
/// When the checkpoint can't be written, or a record is no longer the one that was planned. Nothing is sent after that.
pub async fn send<T: Transport>(
    job: Arc<Job>,
    checkpoint: Checkpoint,
    transport: T,
    order: &Order,
    clock: Clock,
    stop: watch::Receiver<StopRequest>,
    progress: &Progress,
) -> Result<Sent, RunError> {
    checkpoint.settle_interrupted()?;
    let outstanding = checkpoint.count_in(SENDABLE, order.which)?;
    let to_send = order.limit.map_or(outstanding, |limit| outstanding.min(limit));
    let run = checkpoint.begin_run(&order.command, order.action, clock.now())?;
    let plan = Checkpoint::open(checkpoint.path(), Access::Read)?;
    let feed = Feed { which: order.which, limit: order.limit };
    let feeder = Feeder::new(Arc::clone(&job), plan, feed, clock.now())?;
    let (writer, written) = Writer::start(checkpoint, run);
    let (drain, stopping) = watch::channel(false);
    let pacer = Arc::new(Pacer::new(order.pace, order.backoff));
    progress.begin(to_send, Arc::clone(&pacer));
    let delivery = Arc::new(Delivery {
        courier: Courier {
            transport,
            pacer: Arc::clone(&pacer),
            backoff: order.backoff,
            clock: clock.clone(),
            stopping,
        },
        writer,
        writes: job.writes.clone(),
        keeps_images: order.undo,
        action: order.action,
        tickets: Tickets::default(),
    });
    let mut sending = Sending {
        feeder: Some(feeder),
        lanes: Lanes::default(),
        out: FuturesUnordered::new(),
        budget: Budget::new(order.max_failures, order.keeps_going),
        drain,
        stop,
        progress,
    };
    let time_is_up = until(order.stop_at, &clock);
    let ending = sending.run(&delivery, order.concurrency, to_send, time_is_up).await;
    // The writer ends when nobody can write any more, and gives the checkpoint back.
    drop(sending);
    drop(delivery);
    let checkpoint = written.await.map_err(|error| RunError::Task(error.to_string()))??;
    let counters = pacer.counters();
    let waits = |which| Ok::<_, RunError>(checkpoint.count_in(SENDABLE, which)? > 0);
    let ending = match ending {
        Ok(Ending::Finished) if to_send < outstanding && waits(order.which)? => Ok(Ending::LimitReached),
        Ok(Ending::Finished) if order.which == Which::Chosen && waits(Which::All)? => Ok(Ending::ChosenDone),
        other => other,
    };
    let word = match &ending {
        Ok(Ending::Finished) => "finished".to_owned(),
        Ok(Ending::LimitReached) => "limit reached".to_owned(),
        Ok(Ending::TimeIsUp) => "stopped at the time that was set".to_owned(),
        Ok(Ending::ChosenDone) => "finished what was selected".to_owned(),
        Ok(Ending::Interrupted) => "interrupted".to_owned(),
        Ok(Ending::Stopped(cause)) => format!("stopped: {}", cause.detail),
        Err(error) => format!("stopped: {error}"),
    };
    let noted = checkpoint.finish_run(run, clock.now(), counters.requests, counters.throttled, &word);
    if matches!(ending, Err(RunError::RecordChanged { .. })) {
        checkpoint.mark_stale()?;
    }
    // Of two complaints the first one is told.
    let ending = ending?;
    noted?;
    Ok(Sent { checkpoint, ending, counters, pace: pacer.pace() })
}

type Outcome = Result<Delivered, Arc<CheckpointError>>;

struct Sending<'a> {
    // `None` once the plan is done.
    feeder: Option<Feeder>,
    lanes: Lanes,
    out: FuturesUnordered<JoinHandle<Outcome>>,
    budget: Budget,
    drain: watch::Sender<bool>,
    stop: watch::Receiver<StopRequest>,
    progress: &'a Progress,
}

impl Sending<'_> {
    async fn run<T: Transport>(
        &mut self,
        delivery: &Arc<Delivery<T>>,
        concurrency: usize,
        to_send: u64,
        time_is_up: impl Future<Output = ()>,
    ) -> Result<Ending, RunError> {
        if to_send == 0 {
            return Ok(Ending::Finished);
        }
        let mut time_is_up = std::pin::pin!(time_is_up);
        let mut heard = StopRequest::None;
        tokio::select! {
            biased;
            _ = louder(&mut self.stop, heard) => return Ok(Ending::Interrupted),
            () = &mut time_is_up => return Ok(Ending::TimeIsUp),
            greeted = delivery.greet() => if let Err(StopCause(cause)) = greeted {
                return Ok(Ending::Stopped(cause));
            },
        }
        let mut ending = Ending::Finished;
        loop {
            let is_stopping = *self.drain.borrow();
            if !is_stopping {
                self.fill(concurrency).await?;
                self.start(delivery, concurrency);
            }
            self.progress.is_out(self.out.len());
            tokio::select! {
                biased;
                request = louder(&mut self.stop, heard) => {
                    heard = request;
                    ending = Ending::Interrupted;
                    self.drain.send_replace(true);
                    if request == StopRequest::Now {
                        self.out.iter().for_each(JoinHandle::abort);
                        return Ok(ending);
                    }
                }
                () = &mut time_is_up, if !is_stopping => {
                    ending = Ending::TimeIsUp;
                    self.drain.send_replace(true);
                }
                done = self.out.next() => match done {
                    Some(done) => {
                        let outcome = done.map_err(|error| RunError::Task(error.to_string()))?;
                        if let Some(cause) = self.take_in(outcome, &delivery.tickets)? {
                            ending = Ending::Stopped(cause);
                        }
                    }
                    None => return Ok(ending),
                },
            }
        }
    }

    /// Prepares parcels ahead, so that a free slot waits neither for the disk nor behind one long ticket.
    async fn fill(&mut self, concurrency: usize) -> Result<(), RunError> {
        while self.lanes.ready() < 2 * concurrency && self.lanes.bytes() < AHEAD {
            let Some(mut feeder) = self.feeder.take() else {
                return Ok(());
            };
            let page = spawn_blocking(move || {
                let page = feeder.next_page();
                (feeder, page)
            });
            let (feeder, page) = page.await.map_err(|error| RunError::Task(error.to_string()))?;
            let page = page?;
            if page.is_empty() {
                return Ok(());
            }
            self.feeder = Some(feeder);
            for parcel in page {
                self.lanes.push(parcel);
            }
        }
        Ok(())
    }

    /// Starts as many deliveries as there are free slots.
    fn start<T: Transport>(&mut self, delivery: &Arc<Delivery<T>>, concurrency: usize) {
        while self.out.len() < concurrency {
            let Some(parcel) = self.lanes.take() else { return };
            let delivery = Arc::clone(delivery);
            self.out.push(tokio::spawn(async move { delivery.deliver(parcel).await }));
        }
    }

    /// Takes note of an outcome; gives the cause for which the run must stop, if there is one.
    fn take_in(&mut self, outcome: Outcome, tickets: &Tickets) -> Result<Option<Cause>, RunError> {
        let delivered = match outcome {
            Ok(delivered) => delivered,
            Err(error) => {
                // What can't be recorded must not be sent: the others must not start either.
                self.drain.send_replace(true);
                return Err(error.into());
            }
        };
        if !self.lanes.release(delivered.target.ticket) {
            tickets.forget(delivered.target.ticket);
        }
        let mut stop = delivered.stop.map(|StopCause(cause)| cause);
        if let Some(state) = delivered.state {
            self.progress.count(state);
            // What fails while the run stops has nothing to add.
            if !*self.drain.borrow() {
                stop = stop.or_else(|| self.budget.count(state, delivered.cause.as_ref()));
            }
        }
        if stop.is_some() {
            self.drain.send_replace(true);
        }
        Ok(stop)
    }
}

/// Waits until the clock says `at`; for ever, if there is no such time. It looks at the clock now and then: a machine that
/// was asleep, or whose clock was set, stops at the right time all the same.
async fn until(at: Option<Timestamp>, clock: &Clock) {
    const LOOK: Duration = Duration::from_secs(10);
    let Some(at) = at else { return pending().await };
    while let Ok(left) = Duration::try_from(at.duration_since(clock.now()))
        && !left.is_zero()
    {
        sleep(left.min(LOOK)).await;
    }
}

/// Waits until the operator asks for more than `heard`; for ever, if nobody can ask any more.
async fn louder(stop: &mut watch::Receiver<StopRequest>, heard: StopRequest) -> StopRequest {
    match stop.wait_for(|request| *request > heard).await {
        Ok(request) => *request,
        Err(_) => pending().await,
    }
}
