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
use crate::deliver::{Counters, Pacer, Rate, Waiting};
use crate::report::{duration, grouped, percent};
use crate::run::{Progress, Snapshot, StopRequest};

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
    /// Starts showing `progress`, and what becomes of a request to stop.
    pub(super) fn start(
        progress: Arc<Progress>,
        rate: Rate,
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
            let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + every, every);
            loop {
                tokio::select! {
                    _ = &mut ended => break,
                    Ok(()) = stop.changed() => {
                        let note = stopping(*stop.borrow_and_update(), asked.is_elsewhere());
                        if is_drawn { bar.suspend(|| say(note)) } else { say(note) }
                    }
                    _ = ticks.tick(), if !quiet => {
                        let snapshot = progress.snapshot();
                        let line = line(&snapshot, rate, started.elapsed());
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
    format!("{} · {}", line(), waiting(&pacer.waiting(), &pacer.counters(), 1))
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
pub(super) fn said(snapshot: &Snapshot, rate: Rate, elapsed: Duration) -> Value {
    let (speed, left) = speed(snapshot, elapsed);
    json!({
        "to_send": snapshot.to_send,
        "done": snapshot.done(),
        "updated": snapshot.updated,
        "failed": snapshot.failed,
        "unconfirmed": snapshot.unconfirmed,
        "per_second": speed,
        "rate": rate.to_string(),
        "seconds_left": left.map(|left| left.as_secs()),
        "waiting": waiting(&snapshot.waiting, &snapshot.counters, snapshot.in_flight),
        "line": line(snapshot, rate, elapsed),
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

/// One moment in one line; it always names what it waits for.
pub(super) fn line(snapshot: &Snapshot, rate: Rate, elapsed: Duration) -> String {
    let done = snapshot.done();
    let mut parts = vec![format!("{} of {}", grouped(done), grouped(snapshot.to_send))];
    let (speed, left) = speed(snapshot, elapsed);
    let of = rate.per_second().map(|most| format!(" of {most:.1}/s")).unwrap_or_default();
    parts.push(format!("{speed:.1}/s{of}"));
    if let Some(left) = left {
        parts.push(format!("{} left", duration(left)));
    }
    for (number, what) in [(snapshot.failed, "failed"), (snapshot.unconfirmed, "unconfirmed")] {
        if number > 0 {
            parts.push(format!("{} {what}", grouped(number)));
        }
    }
    parts.push(waiting(&snapshot.waiting, &snapshot.counters, snapshot.in_flight));
    parts.join(" · ")
}

/// Messages a second so far, and how long those that are left take at that speed, where that can be told.
pub(super) fn speed(snapshot: &Snapshot, elapsed: Duration) -> (f64, Option<Duration>) {
    let done = snapshot.done();
    // The counts of a run fit a float exactly, far beyond any account's size.
    #[expect(clippy::cast_precision_loss, reason = "a rate for the eye")]
    let (speed, left) = (done as f64 / elapsed.as_secs_f64().max(0.001), snapshot.to_send.saturating_sub(done) as f64);
    let is_known = done > 0 && left > 0.0;
    (speed, is_known.then(|| Duration::try_from_secs_f64(left / speed).unwrap_or(Duration::MAX)))
}

/// What the next request waits for.
pub(super) fn waiting(waiting: &Waiting, counters: &Counters, in_flight: u64) -> String {
    match waiting {
        Waiting::RetryAfter { pause } => {
            format!("waiting: the account asked for {} (429)", duration(*pause))
        }
        Waiting::NoConnection { since } => {
            format!("waiting: no connection for {}", duration(since.elapsed()))
        }
        Waiting::Rate => match counters.usage {
            Some(usage) if usage.used.saturating_mul(2) > usage.limit => {
                format!("waiting: account busy ({}/{} used by all integrations)", usage.used, usage.limit)
            }
            _ => "waiting: rate limit".into(),
        },
        Waiting::Nothing if in_flight > 0 => format!("waiting: {in_flight} on the wire"),
        Waiting::Nothing => "starting".into(),
    }
}

/// The templates are our own and known to be good; a bare bar stands in if one is not.
pub(super) fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━━ ")
}
