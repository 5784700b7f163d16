//! `deskferry verify`: does the account hold what was sent?

use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Exit;
use super::account::Destination;
use super::args::{AccountArgs, CheckpointArgs, LineArgs, TellArgs};
use super::checkpoint::{named_or_only, owners_file};
use super::ending::ended;
use super::failure::Failure;
use super::line::Line;
use super::pace::pace_with;
use super::reach::Reach;
use super::terminal::{print, say};
use crate::account::Way;
use crate::checkpoint::{Access, Checkpoint, CheckpointError, Pins, Which};
use crate::record::{Mode, State};
use crate::report::{VerifyReport, verify_json, verify_text};
use crate::run::{Job, Verification, check_unchanged, verify, write_manifest};
use crate::scan::Scan;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    checkpoint: CheckpointArgs,
    /// Only look at what the account answered to the updates; makes no request
    #[arg(long)]
    answers: bool,
    /// Only the messages of this ticket of Gorgias; may be given more than once
    #[arg(long, value_name = "ID")]
    ticket: Vec<u64>,
    /// Where the manifest goes; ACCOUNT.manifest.jsonl beside the checkpoint where left out, and nowhere with --ticket
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Check the account against somebody else's manifest; needs neither checkpoint nor export
    #[arg(long, value_name = "FILE", conflicts_with_all = ["answers", "checkpoint", "manifest"])]
    against: Option<PathBuf>,
    /// With --against: an export, files or folders, whose records are to be those that the manifest names
    #[arg(long, value_name = "EXPORT", num_args = 1.., requires = "against")]
    export: Vec<PathBuf>,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    line: LineArgs,
    #[command(flatten)]
    output: TellArgs,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    if let Some(manifest) = &args.against {
        return super::against::run(
            manifest,
            (&args.ticket, &args.export),
            &args.account,
            &args.line,
            args.output.json,
            args.output.quiet,
        );
    }
    let path = named_or_only(args.checkpoint.checkpoint.as_deref())?;
    if !path.exists() {
        return Err(CheckpointError::Missing { path }.into());
    }
    let checkpoint = Checkpoint::open(&path, Access::Write(&super::checkpoint::holder()))?;
    let pins = checkpoint.planned_pins()?;
    let destination = Destination::of_pins(&pins.account, &pins.origin)?;
    super::guard::check_environment(&pins, &destination, &args.account, &path)?;
    if !args.answers && checkpoint.count_in(&[State::Updated], Which::All)? > 0 {
        look(args, &checkpoint, &pins, &destination)?;
    }
    let mut report = VerifyReport::gather(&checkpoint, &pins, args.answers)?;
    report.tickets.clone_from(&args.ticket);
    // Of a few tickets there is no manifest, unless it is asked for: it would take the place of the one of all.
    if !args.answers && (args.ticket.is_empty() || args.manifest.is_some()) {
        let manifest = args.manifest.clone().unwrap_or_else(|| beside(&path));
        let mut out = BufWriter::new(owners_file(&manifest)?);
        let written = write_manifest(&checkpoint, &pins, &manifest, &mut out)?;
        for file in &written.changed {
            say(&format!(
                "{} is not what it was when the plan was made: its messages are without a source digest in the manifest.",
                file.display()
            ));
        }
        report.manifest = Some((manifest, written.digest));
    }
    if args.output.json {
        print(&format!("{:#}\n", verify_json(&report)));
    } else {
        print(&verify_text(&report));
    }
    Ok(if report.differs() { Exit::Troubled } else { Exit::Done })
}

/// Reads the account and compares.
fn look(args: &Args, checkpoint: &Checkpoint, pins: &Pins, destination: &Destination) -> Result<(), Failure> {
    let mut job = Job::of_pins(pins)?;
    if checkpoint.without_image()? > 0 {
        // Those are made from the export once more.
        check_unchanged(pins)?;
        job.load_lookups()?;
    }
    let reach = Reach::of(destination, Some(checkpoint), &args.account)?;
    let pace = pace_with(&args.line.pace, destination, checkpoint)?;
    let line = Line::to(&reach, &args.line, pace, args.output.quiet)?.followed_at(checkpoint.path());
    let tickets = checkpoint.totals()?.target_tickets;
    let compared = Arc::new(AtomicU64::new(0));
    let verification = Verification {
        job: Arc::new(job),
        tickets: args.ticket.clone(),
        way: Way::cheaper(tickets, account_size(pins)),
        concurrency: line.concurrency,
        compared: &Arc::clone(&compared),
    };
    let total = checkpoint.count_in(&[State::Updated], Which::All)?;
    let shown = move || format!("{} of {total} compared", compared.load(Ordering::Relaxed));
    let looked = line.hold(shown, async |courier| verify(checkpoint, courier, verification).await)?;
    ended(looked, destination.name(), "the verification was interrupted; `deskferry verify` begins it again")
}

/// How many messages the account has, as far as the scan that the plan looked into tells: if it was one of the whole
/// account, and is still there.
pub(super) fn account_size(pins: &Pins) -> Option<u64> {
    let pinned = pins.scan.as_ref().filter(|scan| scan.mode == Mode::Whole)?;
    let scan = Scan::open(&pinned.path).ok()?;
    let is_same = scan.marks().ok()?.is_some_and(|marks| marks.mode == Mode::Whole && marks.id() == pinned.id);
    let (messages, _) = scan.counts().ok().filter(|_| is_same)?;
    Some(messages)
}

fn beside(checkpoint: &Path) -> PathBuf {
    checkpoint.with_extension("manifest.jsonl")
}
