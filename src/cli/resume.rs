//! `deskferry resume`: go on from a checkpoint alone.

use super::Exit;
use super::account::Destination;
use super::args::{AccountArgs, CheckpointArgs, OutputArgs, SendArgs};
use super::checkpoint::{holder, named_or_only};
use super::failure::Failure;
use super::guard::{check_environment, check_order};
use super::sending::{Errand, Ready, send_all};
use crate::checkpoint::{Access, Checkpoint, CheckpointError, Pins};
use crate::run::{Job, check_unchanged};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
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
    let (checkpoint, pins, destination) = open(args)?;
    check_unchanged(&pins)?;
    let ready =
        Ready { job: Job::of_pins(&pins)?, checkpoint, delta: None, is_new: false, errand: Errand::Resume, undo: None };
    send_all(ready, &destination, &args.account, &args.send, &args.output)
}

/// Opens the checkpoint that is to be gone on with; it must hold a plan.
pub(super) fn open(args: &Args) -> Result<(Checkpoint, Pins, Destination), Failure> {
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
