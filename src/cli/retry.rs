//! `deskferry retry`: what failed goes out again; after a change, what was blocked is planned anew.

use super::Exit;
use super::failure::Failure;
use super::job::job_as_it_is_now;
use super::resume::{self, open};
use crate::export::Spool;

use super::sending::{Errand, ready, send_all};

/// The same arguments as `resume`.
pub(super) type Args = resume::Args;

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let (checkpoint, pins, destination) = open(args)?;
    let job = job_as_it_is_now(&pins, &Spool::of_checkpoint(checkpoint.path()))?;
    let ready = ready(job, checkpoint, Some(pins), Errand::Retry, None, args.output.quiet)?;
    send_all(ready, &destination, &args.account, &args.send, &args.output)
}
