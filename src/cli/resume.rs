//! `deskferry resume`: go on from a checkpoint alone.

use super::Exit;
use super::account::Destination;
use super::args::{AccountArgs, CheckpointArgs, OutputArgs, SendArgs};
use super::checkpoint::{holder, named_or_only};
use super::failure::Failure;
use super::guard::{check_environment, check_order};
use super::sending::{Errand, Ready, send_all};
use super::wanted::OnlyArgs;
use crate::checkpoint::{Access, Checkpoint, CheckpointError, Pins};
use crate::run::{Job, check_unchanged};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    go_on: GoOnArgs,
    #[command(flatten)]
    only: OnlyArgs,
}

/// What goes on with a run needs no more than this.
#[derive(Debug, clap::Args)]
pub(super) struct GoOnArgs {
    #[command(flatten)]
    pub(super) checkpoint: CheckpointArgs,
    #[command(flatten)]
    pub(super) account: AccountArgs,
    #[command(flatten)]
    pub(super) send: SendArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let Args { go_on, only } = args;
    let wanted = only.wanted(None, go_on.send.sample.is_some())?;
    let (checkpoint, pins, destination) = open(go_on)?;
    check_unchanged(&pins)?;
    checkpoint.mark(&wanted.selection)?;
    let job = Job::of_pins(&pins)?;
    let ready = Ready { job, checkpoint, delta: None, is_new: false, errand: Errand::Resume, undo: None };
    send_all(ready, &wanted, &destination, &go_on.account, &go_on.send, &go_on.output)
}

/// Opens the checkpoint that is to be gone on with; it must hold a plan.
pub(super) fn open(args: &GoOnArgs) -> Result<(Checkpoint, Pins, Destination), Failure> {
    let path = named_or_only(args.checkpoint.checkpoint.as_deref())?;
    if !path.exists() {
        return Err(CheckpointError::Missing { path }.into());
    }
    let checkpoint = Checkpoint::open(&path, Access::Write(&holder()))?;
    let pins = checkpoint.planned_pins()?;
    let destination = Destination::of_pins(&pins.account, &pins.origin)?;
    check_environment(&pins, &destination, &args.account, &path)?;
    check_order(&destination, &args.account, &args.send)?;
    Ok((checkpoint, pins, destination))
}
