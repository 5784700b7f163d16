//! Ctrl-C and SIGTERM: the first drains, the second stops now.

use tokio::signal;
use tokio::sync::watch;

use crate::run::StopRequest;

/// Listens for as long as the runtime lives.
pub(super) fn listen() -> watch::Receiver<StopRequest> {
    let (sender, receiver) = watch::channel(StopRequest::None);
    tokio::spawn(async move {
        while asked_to_stop().await {
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
#[cfg(unix)]
pub(super) async fn asked_to_stop() -> bool {
    use signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return false;
    };
    tokio::select! {
        _ = interrupt.recv() => true,
        _ = terminate.recv() => true,
    }
}

/// Waits for a signal; false if none can be had on this system.
#[cfg(not(unix))]
pub(super) async fn asked_to_stop() -> bool {
    signal::ctrl_c().await.is_ok()
}
