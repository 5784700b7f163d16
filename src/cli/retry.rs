//! `deskferry retry`: what failed goes out again; after a change, what was blocked is planned anew.

use super::Exit;
use super::failure::Failure;
use super::job::job_as_it_is_now;
use super::resume::{GoOnArgs, open};
use super::sending::{Errand, ready, send_all};
use super::wanted::{ActionArgs, AgainArgs};
use crate::export::Spool;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    go_on: GoOnArgs,
    #[command(flatten)]
    again: AgainArgs,
    #[command(flatten)]
    action: ActionArgs,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let Args { go_on, again, action } = args;
    let wanted = again.wanted(action, go_on.send.sample.is_some())?;
    let (checkpoint, pins, destination) = open(go_on)?;
    let job = job_as_it_is_now(&pins, &Spool::of_checkpoint(checkpoint.path()))?;
    // Batches and causes are those that the operator has seen, and not those of a plan that is made now.
    checkpoint.mark(&wanted.selection)?;
    let ready = ready(job, checkpoint, Some(pins), Errand::Retry, None, go_on.output.quiet)?;
    send_all(ready, &wanted, &destination, &go_on.account, &go_on.send, &go_on.output)
}
