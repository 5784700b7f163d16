//! `deskferry stop`: ask the process that is at work to stop, as Ctrl-C does there, and wait until it has.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::Exit;
use super::args::CheckpointArgs;
use super::checkpoint::named_or_only;
use super::ending::next_command;
use super::failure::Failure;
use super::status::gather;
use super::terminal::{print, say};
use crate::checkpoint::{Access, Checkpoint, CheckpointError, Control, Holder, holder_of};
use crate::report::{AtWork, duration, waiting};

/// How often it looks.
const LOOK: Duration = Duration::from_millis(200);
/// How often it says what is waited for.
const NOTICE: Duration = Duration::from_secs(10);
/// How long an answer is waited for: a process that listens gives a sign of life every second.
const ANSWER: Duration = Duration::from_secs(5);
/// How long the end of a process is waited for that has answered and is silent since: it makes its report.
const FAREWELL: Duration = Duration::from_mins(1);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    checkpoint: CheckpointArgs,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let path = named_or_only(args.checkpoint.checkpoint.as_deref())?;
    if !path.exists() {
        return Err(CheckpointError::Missing { path }.into());
    }
    let Some(holder) = holder_of(&path)? else {
        print(&format!("No run is alive with {}: nothing was stopped.\n", path.display()));
        return Ok(Exit::Done);
    };
    say(&format!("Asking process {} on {} to stop.", holder.process, holder.machine));
    let mut talk = Talk::new();
    // Another one that begins meanwhile is not meant.
    while holder_of(&path)?.as_ref() == Some(&holder) {
        talk.go_on(&path);
        if talk.is_given_up() {
            return Err(talk.unanswered(&holder));
        }
        sleep(LOOK);
    }
    print(&how_to_go_on(&path));
    Ok(Exit::Done)
}

/// What was asked and heard so far.
struct Talk {
    /// Whether anybody took the question.
    is_asked: bool,
    has_answered: bool,
    heard: Option<AtWork>,
    // By this machine's own watch: another one's clock may differ.
    last_sign: Instant,
    last_notice: Instant,
}

impl Talk {
    fn new() -> Self {
        let now = Instant::now();
        Self { is_asked: false, has_answered: false, heard: None, last_sign: now, last_notice: now }
    }

    /// Asks, again and again: a process that listens now may have listened for something else before.
    fn go_on(&mut self, path: &Path) {
        self.is_asked |= Control::open(path).and_then(|control| control.ask_to_stop()).unwrap_or(false);
        let now = Checkpoint::open(path, Access::Read).and_then(|checkpoint| AtWork::with(&checkpoint));
        let Ok(Some(now)) = now else { return };
        if now.heartbeat.is_none() {
            return;
        }
        if self.heard.as_ref().is_some_and(|before| *before != now) {
            self.has_answered |= self.is_asked;
            self.last_sign = Instant::now();
        }
        self.heard = Some(now);
    }

    /// Says now and then what is waited for; whether there is no use in waiting any longer.
    fn is_given_up(&mut self) -> bool {
        if let Some(heard) = self.heard.as_ref().filter(|_| self.has_answered && self.last_notice.elapsed() >= NOTICE) {
            self.last_notice = Instant::now();
            say(&format!("Stopping: {}", heard.words(Timestamp::now())));
        }
        self.last_sign.elapsed() > if self.has_answered { FAREWELL } else { ANSWER }
    }

    fn unanswered(&self, who: &Holder) -> Failure {
        let heard = self.heard.as_ref().filter(|_| self.is_asked);
        let Some(beat) = heard.and_then(|heard| heard.heartbeat.as_ref()) else {
            return Failure::error(
                format!("whoever works with the checkpoint does not listen: {who}"),
                Some(
                    "it may be planning: ask again when it sends, or stop it there with Ctrl-C; nothing is lost".into(),
                ),
            );
        };
        let silent = duration(beat.age(Timestamp::now()));
        Failure::error(
            format!("the run does not answer, and has given no sign of life for {silent}: {who}"),
            Some(format!(
                "it stops if it comes to life again; if it does not, end process {} on {}: nothing is lost, and \
                 `deskferry resume` goes on",
                who.process, who.machine
            )),
        )
    }
}

fn how_to_go_on(path: &Path) -> String {
    let Ok(report) = gather(path) else { return "Stopped.\n".into() };
    let next = next_command(&report, path).map(|next| format!("\n  next      {next}\n")).unwrap_or_default();
    match report.to_send() {
        0 => format!("It has ended; nothing waits to be sent.\n{next}"),
        left => format!("Stopped; {}. Nothing is lost.\n{next}", waiting(left)),
    }
}
