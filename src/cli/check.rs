//! `deskferry check`: look at the account before a run; and the same look as a run's own first step.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::{Instant, interval_at};

use super::Exit;
use super::account::{Destination, credentials, needed_destination};
use super::args::{AccountArgs, PaceArgs, WaiveArgs};
use super::checkpoint::scan_path;
use super::failure::Failure;
use super::line::UNREACHED;
use super::pace::pace;
use super::progress::waiting;
use super::signals::asked_to_stop;
use super::terminal::{Terminal, print, say};
use crate::account::{Check, Given, Interrupted, Level, Preflight, ScanAge, User, Waiver, preflight};
use crate::checkpoint::{Checkpoint, Note};
use crate::deliver::{Backoff, Clock, Courier, Pacer, Waiting};
use crate::gorgias::{Account, Client, Timeouts};
use crate::report::{check_json, check_text, check_verdict};
use crate::scan::Scan;

/// Trouble before a run is a reason to wait with it.
const PATIENCE: Backoff = Backoff {
    first: Duration::from_millis(500),
    most: Duration::from_secs(5),
    tries: 4,
    throttled: 10,
    time: Duration::from_mins(5),
    outage: Duration::from_secs(5),
    unreached: UNREACHED,
};
/// How often a wait is explained.
const NOTICE: Duration = Duration::from_secs(10);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    waive: WaiveArgs,
    #[command(flatten)]
    pace: PaceArgs,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let destination = needed_destination(&args.account)?;
    let Destination::Account(target) = &destination else {
        return Err(Failure::usage(
            "there is nothing to check in the simulator inside: it is always ready",
            "leave --simulate out to check the account in the environment, or name a test server with --base-url",
        ));
    };
    let facts = Given {
        pace: pace(&args.pace, Some(&destination))?,
        scan: scan_age(&scan_path(destination.name()))?,
        // Without an export nobody knows how its messages would find their targets.
        has_targets: true,
        mail: None,
        waivers: waivers(&args.waive)?,
    };
    let preflight = look(target, &args.account, &facts)?;
    if args.json {
        print(&format!("{:#}\n", check_json(&preflight, target.name(), facts.pace.rate)));
    } else {
        let terminal = Terminal::of_stdout();
        print(&format!(
            "Check: the account {} at {}\n\n{}\n  {:<8} {}\n",
            target.name(),
            facts.pace.rate,
            check_text(&preflight.checks, paint(terminal)),
            "verdict",
            check_verdict(&preflight)
        ));
    }
    Ok(if preflight.stops().next().is_some() { Exit::Stopped } else { Exit::Done })
}

/// How old the scan at `path` is.
pub(super) fn scan_age(path: &Path) -> Result<ScanAge, Failure> {
    if !path.exists() {
        return Ok(ScanAge::None);
    }
    let marks = Scan::open(path)?.marks()?;
    Ok(match marks.filter(|marks| marks.finished.is_some()) {
        Some(marks) => ScanAge::Complete { begun: marks.started },
        None => ScanAge::Incomplete,
    })
}

/// The stops that the operator takes upon themselves.
pub(super) fn waivers(args: &WaiveArgs) -> Result<Vec<Waiver>, Failure> {
    let waivers = args.waive.iter().map(|word| {
        Waiver::from_word(word).ok_or_else(|| {
            let known: Vec<_> = Waiver::ALL.iter().map(|waiver| waiver.word()).collect();
            Failure::usage(
                format!("`--waive {word}` is not known"),
                format!("what can be waived: {}", known.join(", ")),
            )
        })
    });
    waivers.collect()
}

/// What was found before the last run with the plan in `checkpoint`, and what of it was waived.
pub(super) fn preflight_before(checkpoint: &Checkpoint) -> Result<Option<Preflight>, Failure> {
    Ok(checkpoint.noted(Note::Preflight)?.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Looks at `target` before anything is sent there, and tells what is not as it should be; what was waived
/// `before` stays so. Returns the checks for the checkpoint and the report.
///
/// # Errors
/// When a check stops the run.
pub(super) fn check_before_run(
    target: &Account,
    args: &AccountArgs,
    facts: &Given,
    before: Option<&Preflight>,
) -> Result<Preflight, Failure> {
    let mut preflight = look(target, args, facts)?;
    if let Some(before) = before {
        preflight.waive_as(before);
    }
    let stops: Vec<_> = preflight.stops().collect();
    // A single stop is told by the error itself.
    // A test server on this machine is nobody's account: what does not fit there does no harm.
    let is_told = |check: &&Check| {
        if check.stops() { stops.len() > 1 } else { check.level != Level::Ok && !target.is_loopback() }
    };
    let notes = check_text(preflight.checks.iter().filter(is_told), paint(Terminal::of_stderr()));
    if !notes.is_empty() {
        say(&format!("Before anything is sent:\n\n{notes}"));
    }
    match stops.as_slice() {
        [] => Ok(preflight),
        [only] => Err(Failure::stopped(
            format!("{}: {}", target.name(), only.finding),
            format!(
                "{}, then the same command again; nothing was sent",
                only.advice.as_deref().unwrap_or("`deskferry check` looks again")
            ),
        )),
        several => {
            let names: Vec<_> = several.iter().map(|check| check.name.word()).collect();
            Err(Failure::stopped(
                format!("{}: it does not start because of {}", target.name(), names.join(" and ")),
                "what to do stands beside each above; then the same command again; nothing was sent",
            ))
        }
    }
}

/// Makes the checks; Ctrl-C ends them.
fn look(target: &Account, args: &AccountArgs, facts: &Given) -> Result<Preflight, Failure> {
    let credentials = credentials(target, args)?;
    let user = User::of(credentials.as_ref());
    let transport = Client::new(target, credentials, Timeouts::default())?;
    let pacer = Arc::new(Pacer::new(facts.pace, PATIENCE));
    // Nobody tells the courier to stop: what is only read can be dropped.
    let (_running, stopping) = watch::channel(false);
    let clock = Clock::new(Timestamp::now);
    let courier = Courier { transport, pacer: Arc::clone(&pacer), backoff: PATIENCE, clock, stopping };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::error(format!("the network can't be used: {error}"), None))?;
    let looked = runtime.block_on(async {
        tokio::select! {
            biased;
            true = asked_to_stop() => Err(Interrupted),
            never = explain_waits(&pacer) => match never {},
            looked = preflight(&courier, &user, facts) => looked,
        }
    });
    looked.map_err(|interrupted| Failure::interrupted(format!("{interrupted}; nothing was sent")))
}

/// Says now and then what the account makes us wait for; never comes to an end.
async fn explain_waits(pacer: &Pacer) -> Infallible {
    let mut ticks = interval_at(Instant::now() + NOTICE, NOTICE);
    loop {
        ticks.tick().await;
        let what = pacer.waiting();
        if !matches!(what, Waiting::Nothing | Waiting::Rate) {
            say(&format!("Checking; {}", waiting(&what, None, 1)));
        }
    }
}

fn paint(terminal: Terminal) -> impl Fn(&Check, &'static str) -> String {
    move |check, word| match check.level {
        Level::Ok => terminal.green(word),
        Level::Stop if check.stops() => terminal.red(word),
        Level::Warning | Level::Stop => terminal.yellow(word),
    }
}
