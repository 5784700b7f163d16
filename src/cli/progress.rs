//! How far it is: a bar on a terminal, a line now and then where somebody else reads.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use super::signals::Asked;
use super::terminal::{Terminal, say};
use crate::deliver::{Pace, Pacer, Waiting};
use crate::record::CauseKind;
use crate::report::{duration, grouped, percent};
use crate::run::{Outlook, Progress, Snapshot, StopRequest};

/// How often a bar is drawn anew.
const FRAME: Duration = Duration::from_millis(100);
/// How often a line is printed where there is no terminal.
const LINE: Duration = Duration::from_secs(10);

/// Progress of pass 1.
pub(super) struct Reading;

impl Reading {
    /// Runs `work` and shows how much of `bytes` it has read.
    pub(super) fn show<T>(bytes: u64, progress: &Progress, quiet: bool, work: impl FnOnce() -> T) -> T {
        if quiet {
            return work();
        }
        let is_live = Terminal::of_stderr().is_live;
        let every = if is_live { FRAME } else { LINE };
        let (done, over) = std::sync::mpsc::channel::<()>();
        thread::scope(|scope| {
            scope.spawn(move || {
                let bar = ProgressBar::new(bytes.max(1)).with_style(style("Reading {bar:30} {percent:>3} %  {msg}"));
                while over.recv_timeout(every) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                    let read = progress.bytes_read.load(Ordering::Relaxed);
                    let messages = format!("{} messages", grouped(progress.mapped.load(Ordering::Relaxed)));
                    if is_live {
                        bar.set_position(read);
                        bar.set_message(messages);
                    } else {
                        say(&format!("Reading: {} %, {messages}", percent(read, bytes)));
                    }
                }
                bar.finish_and_clear();
            });
            let result = work();
            drop(done);
            result
        })
    }
}

/// Progress of pass 2.
pub(super) struct Watching {
    task: JoinHandle<()>,
    over: oneshot::Sender<()>,
}

impl Watching {
    /// Starts showing `progress` and what `outlook` makes of it, and what becomes of a request to stop.
    pub(super) fn start(
        progress: Arc<Progress>,
        mut outlook: Outlook,
        pace: Pace,
        quiet: bool,
        asked: Asked,
        mut stop: watch::Receiver<StopRequest>,
    ) -> Self {
        let (over, mut ended) = oneshot::channel();
        let terminal = Terminal::of_stderr();
        let every = if terminal.is_live { FRAME } else { LINE };
        let task = tokio::spawn(async move {
            let started = Instant::now();
            let bar = ProgressBar::no_length().with_style(style("{bar:10} {wide_msg}"));
            let is_drawn = terminal.is_live && !quiet;
            let tell = |text: &str| if is_drawn { bar.suspend(|| say(text)) } else { say(text) };
            let mut pace = pace;
            let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + every, every);
            loop {
                tokio::select! {
                    _ = &mut ended => break,
                    Ok(()) = stop.changed() => tell(stopping(*stop.borrow_and_update(), asked.is_elsewhere())),
                    _ = ticks.tick(), if !quiet => {
                        let snapshot = progress.snapshot();
                        if let Some(corrected) = snapshot.pace.filter(|now| now.rate != pace.rate) {
                            tell(&correction(pace, corrected));
                            pace = corrected;
                        }
                        outlook.look(started.elapsed(), &snapshot);
                        let line = line(&snapshot, &outlook, started.elapsed());
                        if is_drawn {
                            bar.set_length(snapshot.to_send.max(1));
                            bar.set_position(snapshot.done());
                            bar.set_message(line);
                        } else {
                            say(&line);
                        }
                    }
                }
            }
            bar.finish_and_clear();
        });
        Self { task, over }
    }

    /// Clears the screen of it.
    pub(super) async fn end(self) {
        let _ = self.over.send(());
        let _ = self.task.await;
    }
}

/// Says how far whatever is no run has come.
pub(super) type Shown = Arc<dyn Fn() -> String + Send + Sync>;

/// That, and what it waits for.
pub(super) fn shown(line: &Shown, pacer: &Pacer) -> String {
    format!("{} · {}", line(), waiting(&pacer.waiting(), Some(pacer.pace()), 1))
}

/// Progress of whatever is no run: a line, said now and then, with what it waits for.
pub(super) struct Ticker {
    task: JoinHandle<()>,
    over: oneshot::Sender<()>,
}

impl Ticker {
    /// Starts to show what `line` says.
    pub(super) fn start(line: Shown, pacer: Arc<Pacer>, quiet: bool) -> Self {
        let (over, mut ended) = oneshot::channel();
        let is_live = Terminal::of_stderr().is_live;
        let every = if is_live { FRAME } else { LINE };
        let task = tokio::spawn(async move {
            let bar = ProgressBar::new_spinner().with_style(style("{spinner} {wide_msg}"));
            let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + every, every);
            loop {
                tokio::select! {
                    _ = &mut ended => break,
                    _ = ticks.tick(), if !quiet => {
                        let line = shown(&line, &pacer);
                        if is_live {
                            bar.set_message(line);
                            bar.tick();
                        } else {
                            say(&line);
                        }
                    }
                }
            }
            bar.finish_and_clear();
        });
        Self { task, over }
    }

    /// Clears the screen of it.
    pub(super) async fn end(self) {
        let _ = self.over.send(());
        let _ = self.task.await;
    }
}

/// The same moment for other processes: the numbers, and the line.
pub(super) fn said(snapshot: &Snapshot, outlook: &Outlook, elapsed: Duration) -> Value {
    json!({
        "to_send": snapshot.to_send,
        "done": snapshot.done(),
        "updated": snapshot.updated,
        "failed": snapshot.failed,
        "unconfirmed": snapshot.unconfirmed,
        "per_second": speed(snapshot, elapsed),
        "rate": snapshot.pace.map(|pace| pace.rate.to_string()),
        "seconds_left": outlook.left(snapshot).map(|left| left.as_secs()),
        "waiting": waiting(&snapshot.waiting, snapshot.pace, snapshot.in_flight),
        "line": line(snapshot, outlook, elapsed),
    })
}

fn stopping(request: StopRequest, is_elsewhere: bool) -> &'static str {
    match request {
        StopRequest::None | StopRequest::Drain if is_elsewhere => {
            "Stopping, as asked from another terminal: waiting for what is on the wire. Ctrl-C stops at once; nothing is \
             lost."
        }
        StopRequest::Now => "Stopping now; what is on the wire is settled by the next run.",
        StopRequest::None | StopRequest::Drain => {
            "Stopping: waiting for what is on the wire. Ctrl-C again stops at once; nothing is lost."
        }
    }
}

/// That the account has another limit than was thought.
pub(super) fn correction(before: Pace, now: Pace) -> String {
    let said = if before.is_typed { "--rate" } else { "the default" };
    format!("The account's answers tell another limit: {now} is kept to, not {said} {}.", before.rate)
}

/// One moment in one line; it always names what it waits for.
pub(super) fn line(snapshot: &Snapshot, outlook: &Outlook, elapsed: Duration) -> String {
    let done = snapshot.done();
    let mut parts = vec![format!("{} of {}", grouped(done), grouped(snapshot.to_send))];
    let speed = speed(snapshot, elapsed);
    let of = snapshot.pace.and_then(Pace::per_second).map(|most| format!(" of {most:.1}/s")).unwrap_or_default();
    parts.push(format!("{speed:.1}/s{of}"));
    if let Some(left) = outlook.left(snapshot).filter(|left| !left.is_zero()) {
        parts.push(format!("{} left", duration(left)));
    }
    for (number, what) in [(snapshot.failed, "failed"), (snapshot.unconfirmed, "unconfirmed")] {
        if number > 0 {
            parts.push(format!("{} {what}", grouped(number)));
        }
    }
    parts.push(waiting(&snapshot.waiting, snapshot.pace, snapshot.in_flight));
    parts.join(" · ")
}

/// Messages a second so far.
#[expect(
    clippy::cast_precision_loss,
    reason = "the counts of a run fit a float exactly, far beyond any account's size"
)]
fn speed(snapshot: &Snapshot, elapsed: Duration) -> f64 {
    snapshot.done() as f64 / elapsed.as_secs_f64().max(0.001)
}

/// What the next request waits for.
pub(super) fn waiting(waiting: &Waiting, pace: Option<Pace>, in_flight: u64) -> String {
    match waiting {
        Waiting::RetryAfter { pause } => {
            format!("waiting: the account asked for {} (Retry-After)", duration(*pause))
        }
        Waiting::Outage { since, cause } => {
            let away = duration(since.elapsed());
            let what = if cause.kind == CauseKind::Unreachable { "no connection" } else { "no good answer" };
            format!("waiting: {what} for {away} ({}); it tries again by itself", cause.detail)
        }
        Waiting::Bucket(usage) => {
            format!("waiting: others use the account, too ({} of {} in its bucket)", usage.used, usage.limit)
        }
        Waiting::Rate => match pace.map(|pace| pace.reserve).filter(|reserve| !reserve.is_none()) {
            Some(reserve) => format!("waiting: rate limit, {reserve} of it left to others"),
            None => "waiting: rate limit".into(),
        },
        Waiting::Nothing if in_flight > 0 => format!("waiting: {in_flight} on the wire"),
        Waiting::Nothing => "starting".into(),
    }
}

/// The templates are our own and known to be good; a bare bar stands in if one is not.
pub(super) fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━━ ")
}
