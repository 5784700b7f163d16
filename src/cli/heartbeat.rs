//! The heartbeat of a command at work: what it says of itself in the checkpoint, and what it is asked there.

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::signals::Asked;
use crate::checkpoint::{CheckpointError, Control, Heartbeat};

/// How often the heart beats.
const BEAT: Duration = Duration::from_secs(1);

/// Beats until it is told that the work is over.
pub(super) struct Heart {
    thread: JoinHandle<()>,
    over: Sender<()>,
}

impl Heart {
    /// Says in the checkpoint at `path` what `said` tells, and passes on to `asked` what is asked there.
    ///
    /// It never stands in the way of the work: what can't be written is left out.
    pub(super) fn start(path: &Path, asked: Asked, mut said: impl FnMut() -> Value + Send + 'static) -> Self {
        let path = path.to_owned();
        let (over, ended) = channel();
        let thread = thread::spawn(move || {
            let mut control = None;
            loop {
                if control.is_none() {
                    control = begun(&path).ok();
                }
                let beat = Heartbeat { at: Timestamp::now(), said: said().to_string() };
                if control.as_ref().is_some_and(|control| control.beat(&beat).unwrap_or(false)) {
                    asked.elsewhere();
                }
                if ended.recv_timeout(BEAT) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
            // If it stays, the next one that has the lock clears it away.
            let _ = control.as_ref().map(Control::end);
        });
        Self { thread, over }
    }

    /// The work is over.
    pub(super) fn end(self) {
        drop(self.over);
        let _ = self.thread.join();
    }
}

fn begun(path: &Path) -> Result<Control, CheckpointError> {
    let control = Control::open(path)?;
    control.begin()?;
    Ok(control)
}
