//! `deskferry retry`: what failed goes out again; after a change, what was blocked is planned anew.

use std::fs;
use std::path::Path;

use super::Exit;
use super::failure::Failure;
use super::job;
use super::plan::plan_now;
use super::resume::{self, open};
use super::sending::{Ready, send_all};
use super::terminal::say;
use crate::mapping::{Mapping, builtin};
use crate::report::count;
use crate::run::Job;

/// The same arguments as `resume`.
pub(super) type Args = resume::Args;

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let (checkpoint, pins, destination) = open(args)?;
    let requeued = checkpoint.requeue_failed()?;
    if requeued > 0 {
        say(&format!("{} will be tried again.", count(requeued as u64, "failed message")));
    }
    let mut job = Job::of_pins(&pins)?;
    job.mapping = present_mapping(&pins.mapping_origin, job.mapping)?;
    let ready = if job.is_planned_by(&pins)? {
        Ready { job, checkpoint, delta: None, is_new: false }
    } else {
        say("The mapping or a file has changed: the plan is made anew.");
        let (job, planning) = plan_now(job, checkpoint, args.output.quiet)?;
        Ready { job, checkpoint: planning.checkpoint, delta: planning.delta, is_new: true }
    };
    send_all(ready, &destination, &args.account, &args.send, &args.output)
}

/// The mapping as it is now; the pinned one where its file is gone.
fn present_mapping(origin: &str, pinned: Mapping) -> Result<Mapping, Failure> {
    if builtin::find(origin).is_none() && !Path::new(origin).is_file() {
        say(&format!("The mapping {origin} is not there any more: the one in the checkpoint is used."));
        return Ok(pinned);
    }
    // A file that can't be read now may be readable again in a moment: better to say so than to plan without it.
    if builtin::find(origin).is_none() {
        fs::metadata(origin).map_err(|error| Failure::error(format!("{origin} can't be read: {error}"), None))?;
    }
    Ok(job::mapping(Some(origin))?.0)
}
