//! `deskferry run EXPORT…`: plan, show the plan, and send.

use std::path::Path;

use super::account::{Destination, needed_destination};
use super::args::{AccountArgs, CheckpointArgs, ExportArgs, OutputArgs, SendArgs};
use super::checkpoint::{default_path, holder};
use super::failure::Failure;
use super::guard::{check_account, check_order};
use super::job::job;
use super::sending::{Errand, ready, send_all};
use super::wanted::{ActionArgs, OnlyArgs};
use super::{Exit, plan};
use crate::checkpoint::{Access, Checkpoint, Pins};
use crate::export::Spool;
use crate::run::Job;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    export: ExportArgs,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    checkpoint: CheckpointArgs,
    #[command(flatten)]
    send: SendArgs,
    /// Only plan: the same as `deskferry plan`
    #[arg(long, help_heading = "Sending")]
    dry_run: bool,
    /// With --dry-run: show so many messages as they would go out, with their content
    #[arg(
        long,
        value_name = "N",
        default_value = "0",
        requires = "dry_run",
        conflicts_with = "json",
        help_heading = "Output"
    )]
    show: usize,
    #[command(flatten)]
    only: OnlyArgs,
    #[command(flatten)]
    action: ActionArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let wanted = args.only.wanted(Some(&args.action), args.send.sample.is_some())?;
    if args.dry_run {
        if !args.only.is_everything() || !args.action.is_empty() {
            let hint = "leave out what says which messages are sent, or --dry-run";
            return Err(Failure::usage("`--dry-run` plans everything and sends nothing", hint));
        }
        return plan::run(&plan::Args {
            export: args.export.clone(),
            account: args.account.clone(),
            checkpoint: args.checkpoint.clone(),
            pace: args.send.pace.clone(),
            show: args.show,
            output: args.output.clone(),
        });
    }
    let destination = needed_destination(&args.account)?;
    check_order(&destination, &args.account, &args.send)?;
    let path = args.checkpoint.checkpoint.clone().unwrap_or_else(|| default_path(destination.name()));
    let spool = Spool::of_checkpoint(&path);
    // Before anything is unpacked: somebody else may be at work with it, or it may be another account's.
    let existing = path.exists().then(|| open(&path, &destination)).transpose()?;
    let is_first = existing.is_none();
    let job = job(&args.export, Some(&destination), &spool)
        .and_then(|job| with_targets(job, &destination))
        .inspect_err(|_| {
            if is_first {
                // There is no checkpoint that what was unpacked could be for.
                spool.keep_only(&[]);
            }
        })?;
    let (checkpoint, pins) = match existing {
        Some(opened) => opened,
        None => open(&path, &destination)?,
    };
    let ready = ready(job, checkpoint, pins, Errand::Run, Some(args.export.undo), args.output.quiet)?;
    ready.checkpoint.mark(&wanted.selection)?;
    send_all(ready, &wanted, &destination, &args.account, &args.send, &args.output)
}

/// The checkpoint of this run, for this run alone.
fn open(path: &Path, destination: &Destination) -> Result<(Checkpoint, Option<Pins>), Failure> {
    let checkpoint = Checkpoint::open(path, Access::Write(&holder()))?;
    let pins = checkpoint.pins()?;
    if let Some(pins) = &pins {
        check_account(pins, Some(destination), path)?;
    }
    Ok((checkpoint, pins))
}

/// The job, if there is anything that says which message is which in Gorgias.
fn with_targets(job: Job, destination: &Destination) -> Result<Job, Failure> {
    if job.ids.is_some() || job.scan.is_some() || job.mapping.has_targets() {
        return Ok(job);
    }
    if matches!(destination, Destination::Simulator) {
        return Err(Failure::usage(
            "there is no ids file, and the simulator inside holds what an ids file names",
            "to rehearse, put ids.csv (external_id,ticket_id,message_id) beside the export, or name it with --ids FILE: \
             invented numbers will do, a line for each message",
        ));
    }
    Err(Failure::usage(
        "there is no file that says which message is which in Gorgias",
        "`deskferry scan` reads the account, so that the plan finds them there; or put ids.csv \
         (external_id,ticket_id,message_id) beside the export, or name it with --ids FILE",
    ))
}
