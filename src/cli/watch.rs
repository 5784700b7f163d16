//! `deskferry status --watch`: how far another process is, until it ends.

use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget};
use jiff::Timestamp;
use tokio::time::interval;

use super::failure::Failure;
use super::progress::style;
use super::signals::asked_to_stop;
use super::terminal::{Terminal, print, say};
use crate::checkpoint::{Access, Checkpoint, Holder};
use crate::report::AtWork;

/// How often it looks: as often as the other one says anything.
const LOOK: Duration = Duration::from_secs(1);
/// Looks between two lines, where there is no terminal.
const LOOKS_A_LINE: u32 = 10;

/// How the watching ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watched {
    /// The other process has ended, or there was none.
    Ended,
    /// The operator has seen enough.
    Left,
}

/// Shows how far the process is that is at work with the checkpoint at `path`, until it ends.
pub(super) fn watch(path: &Path, json: bool) -> Result<Watched, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::error(format!("signals can't be heard: {error}"), None))?;
    let bar = (Terminal::of_stdout().is_live && !json).then(bar);
    let watched = runtime.block_on(async {
        tokio::select! {
            biased;
            true = asked_to_stop() => Ok(Watched::Left),
            ended = until_the_end(path, bar.as_ref(), json) => ended.map(|()| Watched::Ended),
        }
    });
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    if matches!(watched, Ok(Watched::Left)) {
        say("The watching has ended; the run goes on.");
    }
    watched
}

async fn until_the_end(path: &Path, bar: Option<&ProgressBar>, json: bool) -> Result<(), Failure> {
    let mut ticks = interval(LOOK);
    let mut watched: Option<Holder> = None;
    for look in 0_u32.. {
        ticks.tick().await;
        let Some(at_work) = AtWork::with(&Checkpoint::open(path, Access::Read)?)? else { break };
        if watched.as_ref().is_some_and(|holder| *holder != at_work.holder) {
            // Another one has begun since.
            break;
        }
        match bar {
            Some(bar) => draw(bar, &at_work),
            None if look % LOOKS_A_LINE == 0 => print(&line(&at_work, json)),
            None => {}
        }
        watched = Some(at_work.holder);
    }
    Ok(())
}

fn line(at_work: &AtWork, json: bool) -> String {
    let now = Timestamp::now();
    if json { format!("{}\n", at_work.to_json(now)) } else { format!("{}\n", at_work.words(now)) }
}

fn bar() -> ProgressBar {
    ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout()).with_style(style("{bar:10} {wide_msg}"))
}

fn draw(bar: &ProgressBar, at_work: &AtWork) {
    let said = at_work.said();
    let number = |name: &str| said[name].as_u64();
    bar.set_length(number("to_send").unwrap_or(1).max(1));
    bar.set_position(number("done").unwrap_or(0));
    bar.set_message(at_work.words(Timestamp::now()));
}
