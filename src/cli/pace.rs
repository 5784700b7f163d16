//! How fast a run sends: what was asked for, what the last run kept to, or the default.

use super::account::Destination;
use super::args::SendArgs;
use super::failure::Failure;
use crate::checkpoint::{Checkpoint, Note};
use crate::deliver::Rate;
use crate::report::{count, duration};

/// Requests that may be out at once, where nothing else is said.
const CONCURRENCY: usize = 16;

/// How fast a run sends.
pub(super) struct Pace {
    pub(super) rate: Rate,
    pub(super) concurrency: usize,
}

impl Pace {
    /// What was asked for; else what the last run with `checkpoint` kept to; else the default.
    pub(super) fn of(args: &SendArgs, destination: &Destination, checkpoint: &Checkpoint) -> Result<Self, Failure> {
        let concurrency = match args.concurrency {
            Some(asked) => usize::from(asked),
            None => checkpoint.noted(Note::Concurrency)?.and_then(|text| text.parse().ok()).unwrap_or(CONCURRENCY),
        };
        Ok(Self { rate: rate_with(args.rate.as_deref(), destination, checkpoint)?, concurrency })
    }
}

/// The rate that was asked for, else the one that the last run with `checkpoint` kept to.
pub(super) fn rate_with(
    asked: Option<&str>,
    destination: &Destination,
    checkpoint: &Checkpoint,
) -> Result<Rate, Failure> {
    let noted = checkpoint.noted(Note::Rate)?;
    rate(asked.or(noted.as_deref()), Some(destination))
}

/// So many requests, and how long they take at `rate`.
pub(super) fn cost(requests: u64, rate: Rate) -> String {
    let time = rate.interval().map(|each| each.saturating_mul(u32::try_from(requests).unwrap_or(u32::MAX)));
    let time = time.map(|time| format!(" ({})", duration(time))).unwrap_or_default();
    format!("{}{time}", count(requests, "request"))
}

/// The rate that was asked for; a real account's slowest where nothing was.
pub(super) fn rate(asked: Option<&str>, destination: Option<&Destination>) -> Result<Rate, Failure> {
    match (asked, destination) {
        (Some(text), destination) => match text.parse()? {
            Rate::Unlimited if destination.is_some_and(|destination| !destination.is_loopback()) => {
                Err(Failure::usage(
                    "`--rate none` is for simulators and test servers",
                    "an account has a limit: 40/20s, 80/20s, 40/10s or 80/10s",
                ))
            }
            rate => Ok(rate),
        },
        (None, Some(Destination::Simulator)) => Ok(Rate::Unlimited),
        (None, _) => Ok(Rate::API_KEY),
    }
}
