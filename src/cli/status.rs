//! `deskferry status`: where a checkpoint stands, at any time.

use std::path::Path;

use jiff::Timestamp;

use super::Exit;
use super::account::Destination;
use super::args::{CheckpointArgs, PaceArgs};
use super::checkpoint::named_or_only;
use super::ending::next_command;
use super::failure::Failure;
use super::pace::pace_with;
use super::plan::side;
use super::terminal::print;
use super::watch::{Watched, watch};
use crate::checkpoint::{Access, Checkpoint};
use crate::report::{AtWork, Report, batches_json, batches_text, status_text, to_json};
use crate::run::Job;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    checkpoint: CheckpointArgs,
    /// In place of that: how each batch stands, in one line where several that are done or pending follow each other.
    /// done: each message is updated, unchanged, skipped or absent; pending: nothing has gone out yet; partly done:
    /// something has, and something waits or is unconfirmed; failed: nothing waits, and something is failed or blocked
    #[arg(long, conflicts_with = "watch")]
    batches: bool,
    /// Show how far the run is until it ends; Ctrl-C ends the watching, not the run. On a terminal the line is drawn anew,
    /// else there is one every 10 seconds
    #[arg(long)]
    watch: bool,
    /// As JSON, with every batch; with --watch, one object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let path = named_or_only(args.checkpoint.checkpoint.as_deref())?;
    if args.watch && watch(&path, args.json)? == Watched::Left {
        return Ok(Exit::Done);
    }
    let report = gather(&path)?;
    let batches = || Checkpoint::open(&path, Access::Read)?.batches();
    if args.json {
        let mut json = to_json(&report, "status");
        json["by_batch"] = batches_json(&batches()?);
        print(&if args.watch { format!("{json}\n") } else { format!("{json:#}\n") });
    } else if args.batches {
        print(&batches_text(&batches()?));
    } else {
        let next = if report.at_work.is_some() { None } else { next_command(&report, &path) };
        print(&status_text(&report, next.as_deref()));
    }
    Ok(if report.troubled() > 0 { Exit::Troubled } else { Exit::Done })
}

/// Where the checkpoint at `path` stands now, and who is at work with it.
pub(super) fn gather(path: &Path) -> Result<Report, Failure> {
    let checkpoint = Checkpoint::open(path, Access::Read)?;
    let pins = checkpoint.planned_pins()?;
    let destination = Destination::of_pins(&pins.account, &pins.origin)?;
    let pace = pace_with(&PaceArgs::default(), &destination, &checkpoint)?;
    let system = Job::of_pins(&pins)?.mapping.system().to_owned();
    let report = Report::gather(&checkpoint, side(Some(&destination), pace), &system, Timestamp::now())?;
    let mut report = report.ok_or_else(|| Failure::error("the checkpoint holds no plan", None))?;
    report.at_work = AtWork::with(&checkpoint)?;
    Ok(report)
}
