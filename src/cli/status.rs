//! `deskferry status`: where a checkpoint stands, at any time.

use jiff::Timestamp;

use super::Exit;
use super::account::Destination;
use super::args::CheckpointArgs;
use super::checkpoint::named_or_only;
use super::ending::next_command;
use super::failure::Failure;
use super::pace::rate;
use super::plan::side;
use super::terminal::print;
use crate::checkpoint::{Access, Checkpoint, Note, is_held};
use crate::report::{Report, batches_json, batches_text, status_text, to_json};
use crate::run::Job;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    checkpoint: CheckpointArgs,
    /// In place of that: how each batch stands, in one line where several that are done or pending follow each other.
    /// done: each message is updated, unchanged, skipped or absent; pending: nothing has gone out yet; partly done:
    /// something has, and something waits or is unconfirmed; failed: nothing waits, and something is failed or blocked
    #[arg(long)]
    batches: bool,
    /// As JSON, with every batch
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let path = named_or_only(args.checkpoint.checkpoint.as_deref())?;
    let checkpoint = Checkpoint::open(&path, Access::Read)?;
    let pins = checkpoint.planned_pins()?;
    let destination = Destination::of_pins(&pins.account, &pins.origin)?;
    let rate = rate(checkpoint.noted(Note::Rate)?.as_deref(), Some(&destination))?;
    let system = Job::of_pins(&pins)?.mapping.system().to_owned();
    let report = Report::gather(&checkpoint, side(Some(&destination), rate), &system, Timestamp::now())?;
    let Some(mut report) = report else { return Ok(Exit::Error) };
    if args.json {
        let mut json = to_json(&report, "status");
        json["by_batch"] = batches_json(&checkpoint.batches()?);
        print(&format!("{json:#}\n"));
    } else if args.batches {
        print(&batches_text(&checkpoint.batches()?));
    } else {
        report.is_running = is_held(&path)?;
        let next = if report.is_running { None } else { next_command(&report, &path) };
        print(&status_text(&report, next.as_deref()));
    }
    Ok(if report.troubled() > 0 { Exit::Troubled } else { Exit::Done })
}
