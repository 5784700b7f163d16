//! `deskferry undo`: put messages back as they were before the run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Exit;
use super::account::Destination;
use super::args::{AccountArgs, CheckpointArgs, LineArgs, TellArgs, WaiveArgs};
use super::check::{check_before_run, preflight_before, waivers};
use super::checkpoint::{holder, named_or_only};
use super::ending::{ended, stopped};
use super::failure::Failure;
use super::guard::{check_environment, confirm_undo};
use super::line::Line;
use super::pace::pace_with;
use super::plan::as_typed;
use super::reach::Reach;
use super::terminal::{print, say};
use super::verify::account_size;
use crate::account::{Given, ScanAge, Way};
use crate::checkpoint::{Access, Checkpoint, CheckpointError, Scope};
use crate::deliver::Pace;
use crate::report::{UndoReport, undo_json, undo_plan_text, undone_text};
use crate::run::{UndoPlan, Undone, undo, undo_plan};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    checkpoint: CheckpointArgs,
    /// Only the messages of these batches, numbered from 1
    #[arg(long, value_name = "N", value_delimiter = ',', help_heading = "Which")]
    batch: Vec<u64>,
    /// Only the messages of this ticket of Gorgias; may be given more than once
    #[arg(long, value_name = "ID", help_heading = "Which", conflicts_with = "batch")]
    ticket: Vec<u64>,
    /// Only the message with this id of its own; may be given more than once
    #[arg(long, value_name = "ID", help_heading = "Which", conflicts_with_all = ["batch", "ticket"])]
    message: Vec<String>,
    /// Do it; without this, only the plan is shown
    #[arg(long, short)]
    yes: bool,
    /// The account's name, in place of typing it
    #[arg(long, value_name = "ACCOUNT")]
    confirm: Option<String>,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    waive: WaiveArgs,
    #[command(flatten)]
    line: LineArgs,
    #[command(flatten)]
    output: TellArgs,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let path = named_or_only(args.checkpoint.checkpoint.as_deref())?;
    if !path.exists() {
        return Err(CheckpointError::Missing { path }.into());
    }
    let access = holder();
    let access = if args.yes { Access::Write(&access) } else { Access::Read };
    let checkpoint = Checkpoint::open(&path, access)?;
    let pins = checkpoint.planned_pins()?;
    let destination = Destination::of_pins(&pins.account, &pins.origin)?;
    check_environment(&pins, &destination, &args.account, &path)?;
    let scope = scope(args);
    let plan = undo_plan(&checkpoint, &scope)?;
    check_scope(&scope, &plan)?;
    let size = account_size(&pins);
    let way = Way::cheaper(plan.tickets, size);
    let pace = pace_with(&args.line.pace, &destination, &checkpoint)?;
    let reads = way.requests(plan.tickets, size);
    let mut report = UndoReport {
        account: pins.account.clone(),
        plan,
        reads,
        pace,
        without_image: if scope == Scope::Everything { checkpoint.without_image()? } else { 0 },
        result: None,
    };
    if !args.output.json {
        let next = (!args.yes).then(|| format!("{} --yes", as_typed()));
        print(&undo_plan_text(&report, next.as_deref()));
    }
    if !args.yes || report.plan.messages + report.plan.done + report.plan.stay == 0 {
        if args.output.json {
            print(&format!("{:#}\n", undo_json(&report)));
        } else {
            say("Nothing was changed.");
        }
        return Ok(Exit::Done);
    }
    confirm_undo(&destination, args.confirm.as_deref())?;
    check(args, &checkpoint, &destination, pace)?;
    let undone = take_back(args, checkpoint, &destination, (&scope, way), pace, report.plan.messages)?;
    let Undone { checkpoint, tally, end, stopped: cause } = undone;
    report.result = Some((tally, checkpoint.kept()?));
    if args.output.json {
        print(&format!("{:#}\n", undo_json(&report)));
    } else {
        print(&undone_text(&report));
    }
    if let Some(cause) = cause {
        return Err(stopped(&cause, destination.name(), "then the same command again; nothing is lost"));
    }
    ended(Some(end), destination.name(), &interrupted())?;
    Ok(if tally.kept + tally.open == 0 { Exit::Done } else { Exit::Troubled })
}

fn interrupted() -> String {
    format!("the undo was interrupted; `{}` goes on with it", as_typed())
}

/// Whoever names something that was never updated has mistyped it.
fn check_scope(scope: &Scope, plan: &UndoPlan) -> Result<(), Failure> {
    let is_nothing = plan.messages + plan.done + plan.stay + plan.mailable == 0;
    if *scope == Scope::Everything || !is_nothing {
        return Ok(());
    }
    Err(Failure::usage(
        format!("nothing was updated that `deskferry undo{}` names, or it was undone already", scope.typed()),
        "--batch takes numbers of batches, --ticket the ids of tickets in Gorgias, --message the messages' own ids; \
         the manifest that `deskferry verify` writes lists what was updated",
    ))
}

fn scope(args: &Args) -> Scope {
    if !args.batch.is_empty() {
        Scope::Batches(args.batch.clone())
    } else if !args.ticket.is_empty() {
        Scope::Tickets(args.ticket.clone())
    } else if !args.message.is_empty() {
        Scope::Messages(args.message.clone())
    } else {
        Scope::Everything
    }
}

/// What reacts to updates reacts to these as well.
fn check(args: &Args, checkpoint: &Checkpoint, destination: &Destination, pace: Pace) -> Result<(), Failure> {
    let Destination::Account(target) = destination else { return Ok(()) };
    let waivers = waivers(&args.waive)?;
    let given = Given { pace, scan: ScanAge::None, has_targets: true, mail: None, waivers };
    let before = preflight_before(checkpoint)?;
    check_before_run(target, &args.account, &given, before.as_ref()).map(drop)
}

fn take_back(
    args: &Args,
    checkpoint: Checkpoint,
    destination: &Destination,
    (scope, way): (&Scope, Way),
    pace: Pace,
    total: u64,
) -> Result<Undone, Failure> {
    let reach = Reach::of(destination, Some(&checkpoint), &args.account)?;
    let line = Line::to(&reach, &args.line, pace, args.output.quiet)?.followed_at(checkpoint.path());
    let concurrency = line.concurrency;
    let counted = Arc::new(AtomicU64::new(0));
    let shown = Arc::clone(&counted);
    let held = line.hold(
        move || format!("{} of {total} put back", shown.load(Ordering::Relaxed)),
        async |courier| undo(checkpoint, courier, scope, way, concurrency, &counted).await,
    )?;
    match held {
        Some(undone) => Ok(undone?),
        None => Err(Failure::interrupted(interrupted())),
    }
}
