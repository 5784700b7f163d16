//! What is checked before anything is sent: the right checkpoint, the right account, and that the operator said so.

use std::io::{self, BufRead, IsTerminal};
use std::path::Path;

use super::account::{Destination, credentials, destination};
use super::args::{AccountArgs, SendArgs};
use super::check::waivers;
use super::failure::Failure;
use super::pace::pace;
use super::simulator::wrong_faults;
use super::stopping::max_failures;
use super::terminal::say;
use crate::checkpoint::{Checkpoint, Note, Pins};
use crate::simulator::Faults;

/// A checkpoint belongs to one account for good.
pub(super) fn check_account(pins: &Pins, destination: Option<&Destination>, path: &Path) -> Result<(), Failure> {
    let name = destination.map_or("", Destination::name);
    let origin = destination.map_or("", Destination::origin);
    if pins.account == name && pins.origin == origin {
        return Ok(());
    }
    let names = |name: &str| {
        if name.is_empty() { "no account".to_owned() } else { format!("`{name}`") }
    };
    Err(Failure::usage(
        format!("the checkpoint {} is for {}, and this is {}", path.display(), names(&pins.account), names(name)),
        "use a checkpoint of its own for each account: --checkpoint FILE",
    ))
}

/// On a resume the account comes from the checkpoint; credentials of another one are refused.
pub(super) fn check_environment(
    pins: &Pins,
    pinned: &Destination,
    args: &AccountArgs,
    path: &Path,
) -> Result<(), Failure> {
    // A domain in the environment says nothing about a rehearsal on this machine.
    let names_one = args.simulate || args.base_url.is_some() || !pinned.is_loopback();
    match destination(args)? {
        Some(destination) if names_one => check_account(pins, Some(&destination), path),
        _ => Ok(()),
    }
}

/// Whether the run could begin at all, before anything is read: what was typed wrongly should not cost a plan.
pub(super) fn check_order(destination: &Destination, account: &AccountArgs, args: &SendArgs) -> Result<(), Failure> {
    pace(&args.pace, Some(destination))?;
    waivers(&args.waive)?;
    max_failures(args)?;
    check_name(destination, args.confirm.as_deref())?;
    match destination {
        Destination::Simulator => {
            account.faults.as_deref().unwrap_or_default().parse::<Faults>().map(drop).map_err(wrong_faults)
        }
        Destination::Account(target) => credentials(target, account).map(drop),
    }
}

/// The account that `--confirm` names, if it names one, must be the one that the run is for.
fn check_name(destination: &Destination, given: Option<&str>) -> Result<(), Failure> {
    let name = destination.name();
    match given.filter(|given| *given != name) {
        Some(given) => Err(Failure::usage(
            format!("`--confirm {given}` names another account than `{name}`, which the run is for"),
            "nothing was sent; check GORGIAS_DOMAIN, --base-url or the checkpoint",
        )),
        None => Ok(()),
    }
}

/// Nothing is written to a real account before the operator has seen the plan and named the account. Where
/// `asks_anew`, it is not enough that they did so before.
pub(super) fn confirm(
    checkpoint: &Checkpoint,
    destination: &Destination,
    given: Option<&str>,
    asks_anew: bool,
) -> Result<(), Failure> {
    check_name(destination, given)?;
    let is_confirmed = !asks_anew && checkpoint.noted(Note::Confirmed)?.is_some();
    if destination.is_loopback() || is_confirmed {
        return Ok(());
    }
    if given.is_none() {
        ask(destination.name(), "send", "a run")?;
    }
    Ok(checkpoint.note(Note::Confirmed, "yes")?)
}

/// Nothing is put back in a real account before the operator has seen the plan and named the account.
pub(super) fn confirm_undo(destination: &Destination, given: Option<&str>) -> Result<(), Failure> {
    check_name(destination, given)?;
    if destination.is_loopback() || given.is_some() { Ok(()) } else { ask(destination.name(), "undo", "an undo") }
}

fn ask(name: &str, verb: &str, what: &str) -> Result<(), Failure> {
    let hint = || format!("`--confirm {name}` says it without being asked; nothing was sent");
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(format!("{what} on a real account has to be confirmed"), hint()));
    }
    say(&format!("To {verb} this, type the account's name ({name}):"));
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::error(format!("the answer can't be read: {error}"), None))?;
    if answer.trim() == name { Ok(()) } else { Err(Failure::usage("the account was not confirmed", hint())) }
}
