//! What `run`, `resume` and `retry` share: show the plan, confirm, send, report.

use std::fs;
use std::io::{self, BufRead, IsTerminal};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Exit;
use super::account::{Destination, credentials, destination};
use super::args::{AccountArgs, OutputArgs, SendArgs};
use super::checkpoint::named_or_only;
use super::failure::Failure;
use super::plan::{plan_now, quoted, side};
use super::progress::Watching;
use super::signals::listen;
use super::simulator::{mails, start_inside, wrong_faults};
use super::terminal::{print, say};
use crate::checkpoint::{Checkpoint, Note, Pins};
use crate::deliver::{Backoff, Clock, Rate};
use crate::gorgias::{Account, Client, Timeouts};
use crate::plan::Delta;
use crate::record::{Cause, CauseKind, State};
use crate::report::{EVERYTHING, NEWS, Report, count, plan_text, run_text, to_json};
use crate::run::{Ending, Job, Order, Progress, Sent, send};
use crate::simulator::Faults;

/// Requests that may be out at once, where nothing else is said.
const CONCURRENCY: usize = 16;

/// A checkpoint with a plan, and the job that the plan is for.
pub(super) struct Ready {
    pub(super) job: Job,
    pub(super) checkpoint: Checkpoint,
    pub(super) delta: Option<Delta>,
    /// The plan has just been made.
    pub(super) is_new: bool,
    /// What failed is to be tried again.
    pub(super) is_retry: bool,
}

/// A checkpoint with the plan of `job`: the one that it holds, or a new one if anything has changed.
pub(super) fn ready(job: Job, checkpoint: Checkpoint, pins: Option<Pins>, quiet: bool) -> Result<Ready, Failure> {
    if let Some(pins) = pins {
        let differences = job.differences(&pins)?;
        if differences.is_empty() {
            return Ok(Ready { job: Job::of_pins(&pins)?, checkpoint, delta: None, is_new: false, is_retry: false });
        }
        say(&format!("The plan is made anew. What has changed: {}.", differences.join(", ")));
    }
    let (job, planning) = plan_now(job, checkpoint, quiet)?;
    Ok(Ready { job, checkpoint: planning.checkpoint, delta: planning.delta, is_new: true, is_retry: false })
}

/// Shows the plan, asks, sends what is outstanding, and reports.
pub(super) fn send_all(
    ready: Ready,
    destination: &Destination,
    account: &AccountArgs,
    args: &SendArgs,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let Ready { mut job, checkpoint, delta, is_new, is_retry } = ready;
    let pace = Pace::of(args, destination, if is_new { None } else { Some(&checkpoint) })?;
    let rate = pace.rate;
    let gather = |checkpoint: &Checkpoint, system: &str| {
        let report = Report::gather(checkpoint, side(Some(destination), rate), system, Timestamp::now())?;
        report.ok_or_else(|| Failure::error("the checkpoint holds no plan", None))
    };
    let path = checkpoint.path().to_owned();
    let mut report = gather(&checkpoint, job.mapping.system())?;
    report.delta = delta;
    let out = |text: &str| if output.json { say(text.trim_end()) } else { print(text) };
    let again = if is_retry { checkpoint.count_retriable()? } else { 0 };
    let to_send = report.to_send() + again;
    if is_new || to_send > 0 {
        out(&format!("{}\n", plan_text(&report, None, &TimeZone::system())));
    }
    if to_send == 0 {
        let headline = "Nothing to send: nothing was sent.";
        let explain = if is_new { NEWS } else { EVERYTHING };
        finish(&report, headline, explain, next_command(&report, &path).as_deref(), output)?;
        return Ok(exit_of(&Ending::Finished, &report));
    }
    confirm(&checkpoint, destination, args.confirm.as_deref())?;
    if again > 0 {
        say(&format!("Trying again: {}.", count(again, "message")));
        checkpoint.requeue()?;
    }
    checkpoint.note(Note::Rate, &rate.to_string())?;
    checkpoint.note(Note::Concurrency, &pace.concurrency.to_string())?;
    if !is_new {
        job.load_lookups()?;
    }
    let order = Order {
        rate,
        concurrency: pace.concurrency,
        limit: args.limit,
        backoff: Backoff { outage: args.max_outage, ..Backoff::default() },
        command: std::env::args_os().nth(1).unwrap_or_default().to_string_lossy().into_owned(),
    };
    let timeouts = Timeouts { total: Duration::from_secs(args.timeout), ..Timeouts::default() };
    let job = Arc::new(job);
    let (sent, simulated) = match destination {
        Destination::Simulator => {
            let server = start_inside(&checkpoint, account.faults.as_deref())?;
            let client = Client::new(&Account::simulator(server.address()), None, timeouts)?;
            let sent = send_now(Arc::clone(&job), checkpoint, client, &order, output)?;
            (sent, Some(server))
        }
        Destination::Account(target) => {
            let client = Client::new(target, credentials(target, account)?, timeouts)?;
            (send_now(Arc::clone(&job), checkpoint, client, &order, output)?, None)
        }
    };
    let mut report = gather(&sent.checkpoint, job.mapping.system())?;
    report.counters = Some(sent.counters);
    let mut headline = headline(&sent.ending, &report);
    if let Some(server) = simulated {
        let mails = mails(&server);
        headline = format!("{headline}\nThe simulator sent {} to customers.", count(mails, "mail"));
    }
    finish(&report, &headline, NEWS, next_command(&report, &path).as_deref(), output)?;
    match &sent.ending {
        Ending::Stopped(cause) => Err(stopped(cause, destination.name())),
        _ => Ok(exit_of(&sent.ending, &report)),
    }
}

fn send_now(
    job: Arc<Job>,
    checkpoint: Checkpoint,
    client: Client,
    order: &Order,
    output: &OutputArgs,
) -> Result<Sent, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::error(format!("threads can't be started: {error}"), None))?;
    let progress = Arc::new(Progress::default());
    let sent = runtime.block_on(async {
        let stop = listen();
        let watching = Watching::start(Arc::clone(&progress), order.rate, output.quiet, stop.clone());
        let sent = send(job, checkpoint, client, order, Clock::new(Timestamp::now), stop, &progress).await;
        watching.end().await;
        sent
    });
    // What was aborted must not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(sent?)
}

/// How fast a run sends.
struct Pace {
    rate: Rate,
    concurrency: usize,
}

impl Pace {
    /// What was asked for; else what the last run with `earlier` kept to; else the default.
    fn of(args: &SendArgs, destination: &Destination, earlier: Option<&Checkpoint>) -> Result<Self, Failure> {
        let noted = |note| earlier.map(|checkpoint| checkpoint.noted(note)).transpose().map(Option::flatten);
        let asked = match &args.rate {
            Some(asked) => Some(asked.clone()),
            None => noted(Note::Rate)?,
        };
        let concurrency = match args.concurrency {
            Some(asked) => usize::from(asked),
            None => noted(Note::Concurrency)?.and_then(|text| text.parse().ok()).unwrap_or(CONCURRENCY),
        };
        Ok(Self { rate: rate(asked.as_deref(), Some(destination))?, concurrency })
    }
}

/// The rate that was asked for; a real account's slowest where nothing was.
pub(super) fn rate(asked: Option<&str>, destination: Option<&Destination>) -> Result<Rate, Failure> {
    match (asked, destination) {
        (Some(text), destination) => match text.parse()? {
            Rate::Unlimited if destination.is_some_and(|destination| !destination.is_loopback()) => {
                Err(Failure::usage(
                    "`--rate none` is for simulators and test servers",
                    "an account has a limit: 40/20s, 80/20s, 40/10s or 80/10s",
                ))
            }
            rate => Ok(rate),
        },
        (None, Some(Destination::Simulator)) => Ok(Rate::Unlimited),
        (None, _) => Ok(Rate::API_KEY),
    }
}

/// A checkpoint belongs to one account for good.
pub(super) fn check_account(pins: &Pins, destination: Option<&Destination>, path: &Path) -> Result<(), Failure> {
    let name = destination.map_or("", Destination::name);
    if pins.account == name {
        return Ok(());
    }
    let names = |name: &str| {
        if name.is_empty() { "no account".to_owned() } else { format!("`{name}`") }
    };
    Err(Failure::usage(
        format!("the checkpoint {} is for {}, and this is {}", path.display(), names(&pins.account), names(name)),
        "use a checkpoint of its own for each account: --checkpoint FILE",
    ))
}

/// On a resume the account comes from the checkpoint; credentials of another one are refused.
pub(super) fn check_environment(
    pins: &Pins,
    pinned: &Destination,
    args: &AccountArgs,
    path: &Path,
) -> Result<(), Failure> {
    // A domain in the environment says nothing about a rehearsal on this machine.
    let names_one = args.simulate || args.base_url.is_some() || !pinned.is_loopback();
    match destination(args)? {
        Some(destination) if names_one => check_account(pins, Some(&destination), path),
        _ => Ok(()),
    }
}

/// Whether the run could begin at all, before anything is read: what was typed wrongly should not cost a plan.
pub(super) fn check_order(destination: &Destination, account: &AccountArgs, args: &SendArgs) -> Result<(), Failure> {
    rate(args.rate.as_deref(), Some(destination))?;
    check_name(destination, args.confirm.as_deref())?;
    match destination {
        Destination::Simulator => {
            account.faults.as_deref().unwrap_or_default().parse::<Faults>().map(drop).map_err(wrong_faults)
        }
        Destination::Account(target) => credentials(target, account).map(drop),
    }
}

/// The account that `--confirm` names, if it names one, must be the one that the run is for.
fn check_name(destination: &Destination, given: Option<&str>) -> Result<(), Failure> {
    let name = destination.name();
    match given.filter(|given| *given != name) {
        Some(given) => Err(Failure::usage(
            format!("`--confirm {given}` names another account than `{name}`, which the run is for"),
            "nothing was sent; check GORGIAS_DOMAIN, --base-url or the checkpoint",
        )),
        None => Ok(()),
    }
}

/// Nothing is written to a real account before the operator has seen the plan and named the account.
fn confirm(checkpoint: &Checkpoint, destination: &Destination, given: Option<&str>) -> Result<(), Failure> {
    check_name(destination, given)?;
    if destination.is_loopback() || checkpoint.noted(Note::Confirmed)?.is_some() {
        return Ok(());
    }
    if given.is_none() {
        ask(destination.name())?;
    }
    Ok(checkpoint.note(Note::Confirmed, "yes")?)
}

fn ask(name: &str) -> Result<(), Failure> {
    let hint = || format!("`--confirm {name}` says it without being asked; nothing was sent");
    if !io::stdin().is_terminal() {
        return Err(Failure::usage("a run on a real account has to be confirmed", hint()));
    }
    say(&format!("To send this, type the account's name ({name}):"));
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::error(format!("the answer can't be read: {error}"), None))?;
    if answer.trim() == name { Ok(()) } else { Err(Failure::usage("the account was not confirmed", hint())) }
}

fn headline(ending: &Ending, report: &Report) -> String {
    let left = report.to_send();
    match ending {
        Ending::Finished if left > 0 => {
            format!("Finished: every message was tried; {} not confirmed.", count(left, "message"))
        }
        Ending::Finished => "Finished.".into(),
        Ending::LimitReached => format!("Stopped at the limit; {} wait to be sent.", count(left, "message")),
        Ending::Interrupted => format!("Interrupted; {} wait to be sent. Nothing is lost.", count(left, "message")),
        Ending::Stopped(_) => format!("Stopped; {} wait to be sent. Nothing is lost.", count(left, "message")),
    }
}

/// Why a guard stopped the run, as the operator reads it.
fn stopped(cause: &Cause, account: &str) -> Failure {
    let said = cause.detail.trim_end_matches('.');
    let sentence = match cause.kind {
        CauseKind::Credentials => format!("{account} does not accept the credentials ({said})"),
        CauseKind::Permission => format!("{account} does not allow this user to update messages ({said})"),
        CauseKind::WrongDomain => format!("there is no Gorgias account at {account} ({said})"),
        CauseKind::Unreachable => format!("{account} can't be reached ({said})"),
        _ => format!("{account}: {said}"),
    };
    Failure::stopped(sentence, format!("{}; nothing is lost", cause.kind.advice()))
}

/// What to type after a run with the checkpoint at `path`.
pub(super) fn next_command(report: &Report, path: &Path) -> Option<String> {
    let totals = &report.totals;
    let named = match named_or_only(None) {
        Ok(found) if found == path => String::new(),
        _ => format!(" --checkpoint {}", quoted(&path.to_string_lossy())),
    };
    if report.to_send() > 0 {
        Some(format!("deskferry resume{named}"))
    } else if totals.of(State::Failed) > 0 {
        Some(format!("deskferry errors{named} > errors.csv; when their causes are gone, deskferry retry{named}"))
    } else if totals.of(State::Blocked) > 0 {
        Some(format!("deskferry errors{named} > errors.csv; mend the mapping or a file, then deskferry retry{named}"))
    } else {
        None
    }
}

fn exit_of(ending: &Ending, report: &Report) -> Exit {
    match ending {
        Ending::Interrupted => Exit::Interrupted,
        Ending::Stopped(_) => Exit::Stopped,
        Ending::Finished | Ending::LimitReached if report.troubled() > 0 => Exit::Troubled,
        Ending::Finished | Ending::LimitReached => Exit::Done,
    }
}

fn finish(
    report: &Report,
    headline: &str,
    explain: &[State],
    next: Option<&str>,
    output: &OutputArgs,
) -> Result<(), Failure> {
    if output.json {
        say(headline);
        print(&format!("{:#}\n", to_json(report, "run")));
    } else {
        print(&run_text(report, headline, explain, next));
    }
    write_report(report, "run", output.report.as_deref())
}

/// Writes `report.json` into `folder`, where one is named.
pub(super) fn write_report(report: &Report, kind: &str, folder: Option<&Path>) -> Result<(), Failure> {
    let Some(folder) = folder else { return Ok(()) };
    let path = folder.join("report.json");
    let text = format!("{:#}\n", to_json(report, kind));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&path, text))
        .map_err(|error| Failure::error(format!("{} can't be written: {error}", path.display()), None))?;
    say(&format!("Report: {}", path.display()));
    Ok(())
}
