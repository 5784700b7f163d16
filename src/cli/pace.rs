//! How fast a command goes: what was asked for, what the last run kept to, or the default.

use super::account::Destination;
use super::args::{PaceArgs, SendArgs};
use super::failure::Failure;
use crate::checkpoint::{Checkpoint, Note};
use crate::deliver::{Pace, Rate, Reserve};
use crate::report::{count, duration};

/// Requests that may be out at once, where nothing else is said.
const CONCURRENCY: usize = 16;

/// How fast a run sends.
pub(super) struct Limits {
    pub(super) pace: Pace,
    pub(super) concurrency: usize,
}

impl Limits {
    /// What was asked for; else what the last run with `checkpoint` kept to; else the default.
    pub(super) fn of(args: &SendArgs, destination: &Destination, checkpoint: &Checkpoint) -> Result<Self, Failure> {
        let concurrency = match args.concurrency {
            Some(asked) => usize::from(asked),
            None => checkpoint.noted(Note::Concurrency)?.and_then(|text| text.parse().ok()).unwrap_or(CONCURRENCY),
        };
        Ok(Self { pace: pace_with(&args.pace, destination, checkpoint)?, concurrency })
    }

    /// Notes what a resume keeps to. What nobody typed is not noted: the account may tell another limit.
    pub(super) fn note(&self, checkpoint: &Checkpoint) -> Result<(), Failure> {
        if self.pace.is_typed {
            checkpoint.note(Note::Rate, &self.pace.rate.to_string())?;
        }
        checkpoint.note(Note::Reserve, &self.pace.reserve.to_string())?;
        Ok(checkpoint.note(Note::Concurrency, &self.concurrency.to_string())?)
    }
}

/// The pace that was asked for, else the one that the last run with `checkpoint` kept to.
pub(super) fn pace_with(asked: &PaceArgs, destination: &Destination, checkpoint: &Checkpoint) -> Result<Pace, Failure> {
    let or_noted = |asked: &Option<String>, note| match asked {
        Some(text) => Ok(Some(text.clone())),
        None => checkpoint.noted(note),
    };
    let asked =
        PaceArgs { rate: or_noted(&asked.rate, Note::Rate)?, reserve: or_noted(&asked.reserve, Note::Reserve)? };
    let pace = pace(&asked, Some(destination))?;
    let limit = checkpoint.noted(Note::Limit)?.and_then(|text| text.parse().ok());
    Ok(limit.map_or(pace, |limit| pace.corrected(limit)))
}

/// So many requests, and how long they take at `pace`.
pub(super) fn cost(requests: u64, pace: Pace) -> String {
    let time = pace.interval().map(|each| each.saturating_mul(u32::try_from(requests).unwrap_or(u32::MAX)));
    let time = time.map(|time| format!(" ({})", duration(time))).unwrap_or_default();
    format!("{}{time}", count(requests, "request"))
}

/// The pace that was asked for; a real account's slowest where nothing was.
pub(super) fn pace(asked: &PaceArgs, destination: Option<&Destination>) -> Result<Pace, Failure> {
    let reserve = asked.reserve.as_deref().map(str::parse).transpose()?.unwrap_or(Reserve::NONE);
    let (rate, is_typed) = match (&asked.rate, destination) {
        (Some(text), destination) => match text.parse()? {
            Rate::Unlimited if destination.is_some_and(|destination| !destination.is_loopback()) => {
                return Err(Failure::usage(
                    "`--rate none` is for simulators and test servers",
                    "an account has a limit: 40/20s, 80/20s, 40/10s or 80/10s",
                ));
            }
            rate => (rate, true),
        },
        (None, Some(Destination::Simulator)) => (Rate::Unlimited, false),
        (None, _) => (Rate::API_KEY, false),
    };
    Ok(Pace { rate, is_typed, reserve })
}
