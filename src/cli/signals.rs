//! Ctrl-C and SIGTERM: the first drains, the second stops now. A terminal that closes drains, and so does whoever asks
//! from another one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal;
use tokio::sync::watch;

use crate::run::StopRequest;

/// The way to ask the command at work to stop; clones are the same way.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    sender: watch::Sender<StopRequest>,
    is_elsewhere: Arc<AtomicBool>,
}

impl Asked {
    /// Somebody asks from another terminal: what the first Ctrl-C does.
    pub(super) fn elsewhere(&self) {
        let ask = |request: &mut StopRequest| {
            let is_new = *request == StopRequest::None;
            if is_new {
                self.is_elsewhere.store(true, Ordering::Relaxed);
                *request = StopRequest::Drain;
            }
            is_new
        };
        self.sender.send_if_modified(ask);
    }

    /// Whether it was from another terminal that it was asked first.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.is_elsewhere.load(Ordering::Relaxed)
    }

    fn here(&self, signal: Heard) {
        let before = *self.sender.borrow();
        self.sender.send_replace(match (before, signal) {
            (StopRequest::None, _) => StopRequest::Drain,
            // The system and the shell may both tell that the terminal is closing.
            (before, Heard::Hangup) => before,
            (_, Heard::Stop) => StopRequest::Now,
        });
    }
}

/// Listens for as long as the runtime lives; from the moment that this returns, no signal is missed.
pub(super) fn listen() -> (Asked, watch::Receiver<StopRequest>) {
    let (sender, receiver) = watch::channel(StopRequest::None);
    let asked = Asked { sender, is_elsewhere: Arc::default() };
    let signals = Signals::start();
    let here = asked.clone();
    tokio::spawn(async move {
        let Some(mut signals) = signals else { return };
        while let Some(signal) = signals.next().await {
            here.here(signal);
        }
    });
    (asked, receiver)
}

/// Waits for a signal; false if none can be had on this system.
pub(super) async fn asked_to_stop() -> bool {
    match Signals::start() {
        Some(mut signals) => signals.next().await.is_some(),
        None => false,
    }
}

/// A signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    /// Ctrl-C, SIGTERM.
    Stop,
    /// The terminal is closing.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there is none there"))]
    Hangup,
}

/// What was asked of this process since it began to listen. One that comes between two looks is kept.
struct Signals {
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
    #[cfg(unix)]
    terminate: signal::unix::Signal,
    // `None` where a terminal that closes is none of our business.
    #[cfg(unix)]
    hangup: Option<signal::unix::Signal>,
}

impl Signals {
    /// Begins to listen; `None` if the system lets nobody. Needs a runtime.
    #[cfg(unix)]
    fn start() -> Option<Self> {
        use signal::unix::{SignalKind, signal};
        let interrupt = signal(SignalKind::interrupt()).ok()?;
        let hangup = if outlives_terminal() { None } else { Some(signal(SignalKind::hangup()).ok()?) };
        Some(Self { interrupt, terminate: signal(SignalKind::terminate()).ok()?, hangup })
    }

    /// Begins to listen; `None` if the system lets nobody. Needs a runtime.
    #[cfg(not(unix))]
    fn start() -> Option<Self> {
        Some(Self {})
    }

    /// Waits for the next one; `None` if none can come any more.
    #[cfg(unix)]
    async fn next(&mut self) -> Option<Heard> {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            heard = self.interrupt.recv() => heard.map(|()| Heard::Stop),
            heard = self.terminate.recv() => heard.map(|()| Heard::Stop),
            heard = hangup => heard.map(|()| Heard::Hangup),
        }
    }

    /// Waits for the next one; `None` if none can come any more.
    #[cfg(not(unix))]
    async fn next(&mut self) -> Option<Heard> {
        signal::ctrl_c().await.ok().map(|()| Heard::Stop)
    }
}

/// Whether the process was started to go on without its terminal, as by `nohup`: then SIGHUP is ignored from the start.
/// Only Linux tells.
#[cfg(unix)]
fn outlives_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // The lowest bit is signal 1, SIGHUP.
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}
