//! `deskferry status`: where a checkpoint stands, at any time.

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
use crate::checkpoint::{Access, Checkpoint, is_held};
use crate::report::{Report, status_text, to_json};
use crate::run::Job;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    checkpoint: CheckpointArgs,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let path = named_or_only(args.checkpoint.checkpoint.as_deref())?;
    let checkpoint = Checkpoint::open(&path, Access::Read)?;
    let pins = checkpoint.planned_pins()?;
    let destination = Destination::of_pins(&pins.account, &pins.origin)?;
    let pace = pace_with(&PaceArgs::default(), &destination, &checkpoint)?;
    let system = Job::of_pins(&pins)?.mapping.system().to_owned();
    let report = Report::gather(&checkpoint, side(Some(&destination), pace), &system, Timestamp::now())?;
    let Some(mut report) = report else { return Ok(Exit::Error) };
    if args.json {
        print(&format!("{:#}\n", to_json(&report, "status")));
    } else {
        report.is_running = is_held(&path)?;
        let next = if report.is_running { None } else { next_command(&report, &path) };
        print(&status_text(&report, next.as_deref()));
    }
    Ok(if report.troubled() > 0 { Exit::Troubled } else { Exit::Done })
}
