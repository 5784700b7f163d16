//! Ctrl-C and SIGTERM: the first drains, the second stops now.

use tokio::signal;
use tokio::sync::watch;

use crate::run::StopRequest;

/// Listens for as long as the runtime lives; from the moment that this returns, no signal is missed.
pub(super) fn listen() -> watch::Receiver<StopRequest> {
    let (sender, receiver) = watch::channel(StopRequest::None);
    let signals = Signals::start();
    tokio::spawn(async move {
        let Some(mut signals) = signals else { return };
        while signals.next().await {
            let request = match *sender.borrow() {
                StopRequest::None => StopRequest::Drain,
                StopRequest::Drain | StopRequest::Now => StopRequest::Now,
            };
            sender.send_replace(request);
        }
    });
    receiver
}

/// Waits for a signal; false if none can be had on this system.
pub(super) async fn asked_to_stop() -> bool {
    match Signals::start() {
        Some(mut signals) => signals.next().await,
        None => false,
    }
}

/// What was asked of this process since it began to listen. One that comes between two looks is kept.
struct Signals {
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
    #[cfg(unix)]
    terminate: signal::unix::Signal,
}

impl Signals {
    /// Begins to listen; `None` if the system lets nobody. Needs a runtime.
    #[cfg(unix)]
    fn start() -> Option<Self> {
        use signal::unix::{SignalKind, signal};
        let interrupt = signal(SignalKind::interrupt()).ok()?;
        Some(Self { interrupt, terminate: signal(SignalKind::terminate()).ok()? })
    }

    /// Begins to listen; `None` if the system lets nobody. Needs a runtime.
    #[cfg(not(unix))]
    fn start() -> Option<Self> {
        Some(Self {})
    }

    /// Waits for the next one; false if none can come any more.
    #[cfg(unix)]
    async fn next(&mut self) -> bool {
        tokio::select! {
            heard = self.interrupt.recv() => heard.is_some(),
            heard = self.terminate.recv() => heard.is_some(),
        }
    }

    /// Waits for the next one; false if none can come any more.
    #[cfg(not(unix))]
    async fn next(&mut self) -> bool {
        signal::ctrl_c().await.is_ok()
    }
}
