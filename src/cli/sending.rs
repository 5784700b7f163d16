//! What `run`, `resume` and `retry` share: show the plan, confirm, send, report.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Exit;
use super::account::Destination;
use super::args::{AccountArgs, OutputArgs, SendArgs, Switch};
use super::check::{check_before_run, preflight_before, scan_age, waivers};
use super::ending::{exit_of, finish, headline, next_command, stopped};
use super::failure::Failure;
use super::guard::confirm;
use super::heartbeat::Heart;
use super::line::Line;
use super::pace::Limits;
use super::plan::{describe, plan_now, side};
use super::progress::{Watching, correction, said};
use super::reach::Reach;
use super::sample::Sample;
use super::signals::listen;
use super::simulator::mails;
use super::stopping::max_failures;
use super::terminal::{print, say};
use super::wanted::Wanted;
use crate::account::{Given, MailRisk, ScanAge};
use crate::checkpoint::{Checkpoint, Note, Pins, Which};
use crate::deliver::{Backoff, Clock};
use crate::export::Spool;
use crate::gorgias::{Account, Client};
use crate::plan::Delta;
use crate::record::{Action, State};
use crate::report::{EVERYTHING, NEWS, Report, announcement, count, plan_text};
use crate::run::{Ending, Job, Order, Outlook, Progress, Sent, send};

/// A checkpoint with a plan, and the job that the plan is for.
pub(super) struct Ready {
    pub(super) job: Job,
    pub(super) checkpoint: Checkpoint,
    pub(super) delta: Option<Delta>,
    /// The plan has just been made.
    pub(super) is_new: bool,
    /// What the command is.
    pub(super) errand: Errand,
    /// Whether what undo needs is kept; as in the run before where left out.
    pub(super) undo: Option<Switch>,
}

/// Which command it is that sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Errand {
    /// `run`: the operator names the account, each time.
    Run,
    /// `resume`: goes on with what was confirmed.
    Resume,
    /// `retry`: what failed is tried again, and what was blocked is planned anew.
    Retry,
}

impl Errand {
    /// The command, as it is typed.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Resume => "resume",
            Self::Retry => "retry",
        }
    }
}

/// A checkpoint with the plan of `job`: the one that it holds, or a new one if anything has changed.
pub(super) fn ready(
    job: Job,
    checkpoint: Checkpoint,
    pins: Option<Pins>,
    errand: Errand,
    undo: Option<Switch>,
    quiet: bool,
) -> Result<Ready, Failure> {
    if let Some(pins) = pins {
        let differences = job.differences(&pins)?;
        let is_blocked = errand == Errand::Retry && checkpoint.count_in(&[State::Blocked], Which::All)? > 0;
        if differences.is_empty() && !is_blocked {
            checkpoint.set_batch_size(job.batch_size)?;
            return Ok(Ready { job: Job::of_pins(&pins)?, checkpoint, delta: None, is_new: false, errand, undo });
        }
        if differences.is_empty() {
            say("What was blocked is planned anew.");
        } else {
            say(&format!("The plan is made anew. What has changed: {}.", differences.join(", ")));
        }
    }
    if let Some(undo) = undo {
        // Before there is a plan that a resume could follow, should this process be killed.
        checkpoint.note(Note::Undo, word(undo))?;
    }
    let (job, planning) = plan_now(job, checkpoint, quiet)?;
    Spool::of_checkpoint(planning.checkpoint.path()).keep_only(&job.paths());
    Ok(Ready { job, checkpoint: planning.checkpoint, delta: planning.delta, is_new: true, errand, undo })
}

fn word(undo: Switch) -> &'static str {
    if undo == Switch::On { "on" } else { "off" }
}

/// Shows the plan, asks, sends what is `wanted` of what is outstanding, and reports.
///
/// The batches and causes that are wanted are marked already.
pub(super) fn send_all(
    ready: Ready,
    wanted: &Wanted,
    destination: &Destination,
    account: &AccountArgs,
    args: &SendArgs,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let Ready { mut job, checkpoint, delta, is_new, errand, undo } = ready;
    let limits = Limits::of(args, destination, &checkpoint)?;
    let undo = undo.map_or_else(|| undo_before(&checkpoint), Ok)?;
    // Nothing of what is deleted can be put back.
    let keeps = undo == Switch::On && wanted.action != Some(Action::Cancel);
    let gather = |checkpoint: &Checkpoint, system: &str, pace| {
        let report = Report::gather(checkpoint, side(Some(destination), pace), system, Timestamp::now())?;
        let mut report = report.ok_or_else(|| Failure::error("the checkpoint holds no plan", None))?;
        if wanted.which() == Which::Chosen {
            checkpoint.choose(&wanted.selection)?;
            report.select(checkpoint, wanted.selected(errand), wanted.goes_on(errand))?;
        }
        report.action = wanted.action;
        Ok::<_, Failure>(report)
    };
    let path = checkpoint.path().to_owned();
    let mut report = gather(&checkpoint, job.mapping.system(), limits.pace)?;
    report.delta = delta;
    if is_new {
        describe(&mut report, &job, &checkpoint)?;
    }
    let out = |text: &str| if output.json { say(text.trim_end()) } else { print(text) };
    if errand == Errand::Retry {
        report.again = checkpoint.count_retriable(wanted.which())?;
    }
    report.limit = args.limit;
    report.stop_at = args.stop_at;
    report.undo = keeps;
    if is_new || report.to_send() > 0 {
        out(&format!("{}\n", plan_text(&report, None, &TimeZone::system())));
    }
    if report.to_send() == 0 {
        let of = if report.selected.is_some() { " of what is selected" } else { "" };
        let headline = &format!("Nothing to send{of}: nothing was sent.");
        let explain = if is_new { NEWS } else { EVERYTHING };
        finish(&report, &checkpoint, headline, explain, next_command(&report, &path).as_deref(), output)?;
        return Ok(exit_of(&Ending::Finished, &report));
    }
    let (_, blocked) = report.left_behind();
    if let Some(action) = wanted.action {
        say(&announcement(action, report.to_send_now()));
    }
    // What was confirmed before had no side effects.
    let asks_anew = errand == Errand::Run || wanted.action.is_some();
    confirm(&checkpoint, destination, args.confirm.as_deref(), asks_anew)?;
    limits.note(&checkpoint)?;
    checkpoint.note(Note::Undo, word(undo))?;
    let reach = Reach::of(destination, Some(&checkpoint), account)?;
    if let Destination::Account(target) = destination
        && report.to_send_now() > 0
    {
        check(target, account, &checkpoint, &given(&job, &checkpoint, &report, args)?, errand)?;
    }
    if report.again.all() > 0 {
        say(&format!("Trying again: {}.", count(report.again.all(), "message")));
        checkpoint.requeue(wanted.which())?;
    }
    if !is_new {
        job.load_lookups()?;
    }
    let line = || Line::of_run(&reach, args, &limits, output.quiet).map(|line| line.followed_at(&path));
    let sample = match args.sample {
        Some(most) => Some(Sample::choose(&checkpoint, wanted.which(), most, args.sample_wait, line()?)?),
        None => None,
    };
    let mut order = order(args, &limits, wanted, errand, keeps)?;
    if sample.is_some() {
        order.which = Which::Chosen;
        // All the rest is confirmed once the sample was looked at, and not by a sample that was cut short.
        checkpoint.forget_confirmation()?;
    }
    let job = Arc::new(job);
    let forecast = report.forecast();
    let outlook = Outlook::new(forecast.requests, forecast.updates);
    let sent = send_now(Arc::clone(&job), checkpoint, reach.client(args.timeout)?, &order, outlook, output)?;
    if let Some(usage) = sent.counters.usage {
        sent.checkpoint.note(Note::Limit, &usage.limit.to_string())?;
    }
    let mut report = gather(&sent.checkpoint, job.mapping.system(), sent.pace)?;
    report.counters = Some(sent.counters);
    let headline = first_words(&sent, &report, sample.is_some(), &limits, &reach);
    // Reading a message first may find what no plan can know.
    let explain = if report.totals.of(State::Blocked) > blocked { EVERYTHING } else { NEWS };
    let next = next_command(&report, &path);
    let sample = sample.filter(|_| matches!(sent.ending, Ending::Finished | Ending::ChosenDone));
    // What follows a sample is said once it was looked at.
    let told = next.as_deref().filter(|_| sample.is_none());
    finish(&report, &sent.checkpoint, &headline, explain, told, output)?;
    if let Some(sample) = sample {
        let (text, verdict) = sample.look_again(&sent.checkpoint, line()?, destination, next.as_deref())?;
        out(&text);
        verdict?;
        sent.checkpoint.note(Note::Confirmed, "yes")?;
    }
    match &sent.ending {
        Ending::Stopped(cause) => Err(stopped(cause, destination.name(), "then resume; nothing is lost")),
        ending => Ok(exit_of(ending, &report)),
    }
}

/// Whether the run before kept what undo needs.
fn undo_before(checkpoint: &Checkpoint) -> Result<Switch, Failure> {
    let is_off = checkpoint.noted(Note::Undo)?.as_deref() == Some("off");
    Ok(if is_off { Switch::Off } else { Switch::On })
}

/// How the run is to send what is `wanted`.
fn order(args: &SendArgs, limits: &Limits, wanted: &Wanted, errand: Errand, undo: bool) -> Result<Order, Failure> {
    Ok(Order {
        pace: limits.pace,
        concurrency: limits.concurrency,
        limit: args.limit,
        which: wanted.which(),
        action: wanted.action,
        undo,
        backoff: Backoff { outage: args.max_outage, ..Backoff::default() },
        max_failures: max_failures(args)?,
        keeps_going: args.keep_going,
        stop_at: args.stop_at,
        command: wanted.typed(errand),
    })
}

/// What is said first of a run that is over.
fn first_words(sent: &Sent, report: &Report, is_sample: bool, limits: &Limits, reach: &Reach) -> String {
    let mut words = headline(&sent.ending, report, is_sample);
    if sent.pace.rate != limits.pace.rate {
        words = format!("{words}\n{}", correction(limits.pace, sent.pace));
    }
    if let Some(server) = reach.inside() {
        words = format!("{words}\nThe simulator sent {} to customers.", count(mails(server), "mail"));
    }
    words
}

/// Looks at the account before anything is sent there.
///
/// What stops a run also takes back that the operator has confirmed it: whoever goes on is asked.
fn check(
    target: &Account,
    account: &AccountArgs,
    checkpoint: &Checkpoint,
    given: &Given,
    errand: Errand,
) -> Result<(), Failure> {
    // What was waived for this plan stays waived while it is gone on with.
    let before = if errand == Errand::Run { None } else { preflight_before(checkpoint)? };
    match check_before_run(target, account, given, before.as_ref()) {
        Ok(preflight) => Ok(checkpoint.note(Note::Preflight, &serde_json::to_string(&preflight).unwrap_or_default())?),
        Err(failure) => {
            if errand == Errand::Run {
                checkpoint.forget_confirmation()?;
            }
            Err(failure)
        }
    }
}

/// What is known on this side before the account is asked whether the run may begin.
fn given(job: &Job, checkpoint: &Checkpoint, report: &Report, args: &SendArgs) -> Result<Given, Failure> {
    let scan = match &job.scan {
        Some(scan) => scan_age(&scan.path)?,
        None => ScanAge::None,
    };
    let unsent = job.scan.as_ref().map(|_| checkpoint.unsent()).transpose()?;
    Ok(Given {
        pace: report.side.pace,
        scan,
        has_targets: job.ids.is_some() || job.mapping.has_targets(),
        mail: Some(MailRisk { unsent, blocked: report.unsafe_blocked() }),
        waivers: waivers(&args.waive)?,
    })
}

fn send_now(
    job: Arc<Job>,
    checkpoint: Checkpoint,
    client: Client,
    order: &Order,
    outlook: Outlook,
    output: &OutputArgs,
) -> Result<Sent, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::error(format!("threads can't be started: {error}"), None))?;
    let progress = Arc::new(Progress::default());
    let sent = runtime.block_on(async {
        let (asked, stop) = listen();
        let heart = {
            let (progress, mut outlook, began) = (Arc::clone(&progress), outlook.clone(), Instant::now());
            Heart::start(checkpoint.path(), asked.clone(), move || {
                let (snapshot, elapsed) = (progress.snapshot(), began.elapsed());
                outlook.look(elapsed, &snapshot);
                said(&snapshot, &outlook, elapsed)
            })
        };
        let watching = Watching::start(Arc::clone(&progress), outlook, order.pace, output.quiet, asked, stop.clone());
        let sent = send(job, checkpoint, client, order, Clock::new(Timestamp::now), stop, &progress).await;
        watching.end().await;
        heart.end();
        sent
    });
    // What was aborted must not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(sent?)
}
