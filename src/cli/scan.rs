//! `deskferry scan`: read the account, so that plans find their targets there.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;

use super::Exit;
use super::account::{Destination, needed_destination};
use super::args::{AccountArgs, LineArgs, ReadingArgs, TellArgs, TextArgs};
use super::checkpoint::{default_path, holder, scan_path};
use super::ending::stopped;
use super::failure::Failure;
use super::job::reading_job;
use super::line::Line;
use super::pace::{cost, pace};
use super::plan::{TemporaryFolder, as_typed, plan_now, quoted, typed};
use super::reach::Reach;
use super::terminal::{print, say};
use crate::account::{Costs, ExportSize, ReadError, Reading, Scanner, Subject, estimate};
use crate::checkpoint::{Access, Checkpoint};
use crate::deliver::{Courier, Pace};
use crate::export::Spool;
use crate::gorgias::Client;
use crate::record::Mode;
use crate::report::{count, duration, grouped};
use crate::scan::{Marks, Scan, ScanError};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The export that the scan is for: a small one is looked up ticket by ticket where that takes fewer requests
    #[arg(value_name = "EXPORT", requires = "mapping")]
    exports: Vec<PathBuf>,
    /// How the export's messages become updates: a built-in mapping's name, or a file
    #[arg(long, value_name = "NAME|FILE", help_heading = "Reading")]
    mapping: Option<String>,
    /// A side file that records are joined with; found beside the export where left out
    #[arg(long, value_name = "NAME=FILE", help_heading = "Reading")]
    lookup: Vec<String>,
    #[command(flatten)]
    text: TextArgs,
    /// Where the copy is kept; ACCOUNT.scan in this folder where left out
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    scan: Option<PathBuf>,
    /// Read the whole account, whatever it costs
    #[arg(long, help_heading = "Reading", conflicts_with = "by_ticket")]
    whole: bool,
    /// Look up only the tickets of the export
    #[arg(long, help_heading = "Reading", requires = "exports")]
    by_ticket: bool,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    line: LineArgs,
    #[command(flatten)]
    output: TellArgs,
}

/// The tickets of an export, by their ids there.
struct Wanted {
    tickets: Vec<String>,
    size: ExportSize,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let destination = needed_destination(&args.account)?;
    let path = args.scan.clone().unwrap_or_else(|| scan_path(destination.name()));
    if args.by_ticket {
        keep_whole_scan(&path, &destination)?;
    }
    let inside = inside(&destination)?;
    let reach = Reach::of(&destination, inside.as_ref(), &args.account)?;
    let line = Line::to(&reach, &args.line, pace(&args.line.pace, Some(&destination))?, args.output.quiet)?;
    let wanted = if args.exports.is_empty() { None } else { Some(wanted(args)?) };
    let scan = Scan::open_to_write(&path, &holder())?;
    let (pace, concurrency) = (line.pace, line.concurrency);
    let reading = Arc::new(Reading::default());
    let shown = Arc::clone(&reading);
    let read = line.hold(
        move || progress(&shown),
        async |courier| {
            let mode = mode(args, courier, &scan, (wanted.as_ref(), pace), &reading).await?;
            let subject = Subject { account: destination.name(), origin: destination.origin(), mode };
            let scanner = Scanner::start(courier, &scan, subject, Timestamp::now(), &reading)?;
            if scanner.is_resumed() {
                say("Going on with the scan that was begun.");
            }
            match (mode, &wanted) {
                (Mode::ByTicket, Some(wanted)) => scanner.read_by_ticket(&wanted.tickets, concurrency).await,
                _ => scanner.read_whole().await,
            }
        },
    )?;
    let marks = match read {
        Some(Ok(marks)) => marks,
        Some(Err(ReadError::Stopped(cause))) => {
            let again = format!("then `{}` goes on with it", as_typed());
            return Err(stopped(&cause, destination.name(), &again));
        }
        Some(Err(ReadError::Interrupted)) | None => {
            let kept = format!("{} so far", count(scan.counts()?.0, "message"));
            return Err(Failure::interrupted(format!(
                "the scan was interrupted; {kept}, and `{}` goes on with it",
                as_typed()
            )));
        }
        Some(Err(ReadError::Scan(error))) => return Err(error.into()),
    };
    tell(&scan, &marks, &path, args)?;
    Ok(Exit::Done)
}

/// The checkpoint whose stand-in is meant, where the simulator inside is.
fn inside(destination: &Destination) -> Result<Option<Checkpoint>, Failure> {
    let path = default_path(destination.name());
    match destination {
        Destination::Simulator if path.exists() => Ok(Some(Checkpoint::open(&path, Access::Read)?)),
        _ => Ok(None),
    }
}

/// What a scan of the whole account knows is more than what a few tickets are: these don't take its place.
fn keep_whole_scan(path: &Path, destination: &Destination) -> Result<(), Failure> {
    let marks = match Scan::open(path) {
        Ok(scan) => scan.marks()?,
        // Neither is a copy of anything yet.
        Err(ScanError::Missing { .. } | ScanError::Incomplete { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    match marks {
        Some(marks) if marks.mode == Mode::Whole && marks.account == destination.name() => Err(Failure::usage(
            format!("{} is a scan of the whole account, which one of a few tickets would replace", path.display()),
            "name another file with --scan; or leave --by-ticket out to bring that one up to date",
        )),
        _ => Ok(()),
    }
}

/// Whole or ticket by ticket: what was asked for, what was begun, else what costs less; but a few tickets don't take the
/// place of the whole account.
async fn mode(
    args: &Args,
    courier: &Courier<Client>,
    scan: &Scan,
    (wanted, pace): (Option<&Wanted>, Pace),
    reading: &Reading,
) -> Result<Mode, ReadError> {
    let Some(wanted) = wanted.filter(|_| !args.whole) else { return Ok(Mode::Whole) };
    if args.by_ticket {
        return Ok(Mode::ByTicket);
    }
    let (costs, chosen) = match scan.marks()? {
        Some(marks) if marks.finished.is_none() => return Ok(marks.mode),
        Some(marks) if marks.mode == Mode::Whole => {
            let (messages, tickets) = scan.counts()?;
            (Costs::of(messages, tickets, wanted.size), Mode::Whole)
        }
        _ => {
            let costs = estimate(courier, wanted.size, reading).await?;
            (costs, costs.cheaper())
        }
    };
    say(&weighed(&costs, chosen, wanted.size, pace));
    Ok(chosen)
}

fn weighed(costs: &Costs, chosen: Mode, export: ExportSize, pace: Pace) -> String {
    let chosen = match chosen {
        Mode::Whole if costs.cheaper() == Mode::ByTicket => {
            "The whole account is read again, as the scan holds all of it; for the tickets alone, name another file with \
             --scan"
        }
        Mode::Whole => "The whole account is read",
        Mode::ByTicket => "It is read ticket by ticket",
    };
    format!(
        "Reading the whole account takes about {}; looking up the {} of the export, {}. {chosen}.",
        cost(costs.whole, pace),
        count(export.tickets, "ticket"),
        cost(costs.by_ticket, pace)
    )
}

/// The tickets of the export, as a plan would find them.
fn wanted(args: &Args) -> Result<Wanted, Failure> {
    let folder = TemporaryFolder::make()?;
    let checkpoint = Checkpoint::open(&folder.path.join("plan.deskferry"), Access::Write(&holder()))?;
    let export = ReadingArgs {
        exports: args.exports.clone(),
        mapping: args.mapping.clone(),
        lookup: args.lookup.clone(),
        text: args.text.clone(),
    };
    let job = reading_job(&export, &Spool::temporary(&folder.path, None))?;
    let (_, planning) = plan_now(job, checkpoint, args.output.quiet)?;
    let tickets = planning.checkpoint.source_tickets()?;
    if tickets.is_empty() {
        return Err(Failure::usage(
            "the export names no ticket, so none can be looked up",
            "leave the export out to read the whole account; or map [message.ticket] external_id",
        ));
    }
    let messages = planning.checkpoint.totals()?.messages;
    Ok(Wanted { size: ExportSize { messages, tickets: tickets.len() as u64 }, tickets })
}

fn progress(reading: &Reading) -> String {
    let read = |number: &std::sync::atomic::AtomicU64| number.load(Ordering::Relaxed);
    format!(
        "{} in {}, {}",
        count(read(&reading.messages), "message"),
        count(read(&reading.tickets), "ticket"),
        count(read(&reading.requests), "request")
    )
}

fn tell(scan: &Scan, marks: &Marks, path: &Path, args: &Args) -> Result<(), Failure> {
    let (messages, tickets) = scan.counts()?;
    let took = marks.finished.and_then(|end| Duration::try_from(end.duration_since(marks.started)).ok());
    if args.output.json {
        let result = serde_json::json!({
            "scan": path.display().to_string(),
            "account": marks.account,
            "mode": marks.mode.word(),
            "messages": messages,
            "tickets": tickets,
            "requests": marks.requests,
            "started": marks.started.to_string(),
            "finished": marks.finished.map(|at| at.to_string()),
        });
        print(&format!("{result:#}\n"));
        return Ok(());
    }
    let how = match marks.mode {
        Mode::Whole => "the whole account",
        Mode::ByTicket => "the tickets of the export",
    };
    print(&format!(
        "Scan: {}, {how}\n\n  messages  {}\n  tickets   {}\n  requests  {} in {}\n  kept in   {}\n  next      {}\n",
        marks.account,
        grouped(messages),
        grouped(tickets),
        grouped(marks.requests),
        duration(took.unwrap_or_default()),
        path.display(),
        next_command(args)
    ));
    Ok(())
}

/// The plan that looks into the scan, as far as it is known what is planned.
fn next_command(args: &Args) -> String {
    let exports: Vec<_> = args.exports.iter().map(|path| quoted(&path.to_string_lossy())).collect();
    let exports = if exports.is_empty() { "EXPORT".to_owned() } else { exports.join(" ") };
    let mapping = args.mapping.as_deref().map_or_else(|| "NAME".to_owned(), quoted);
    let scan = args.scan.as_ref().map(|path| path.to_string_lossy().into_owned());
    let lookups = args.lookup.iter().map(|lookup| ("--lookup", lookup));
    let options = lookups
        .chain(scan.iter().map(|path| ("--scan", path)))
        .chain(args.account.base_url.iter().map(|url| ("--base-url", url)));
    let options = typed(options);
    let inside = if args.account.simulate { " --simulate" } else { "" };
    format!("deskferry plan {exports} --mapping {mapping}{options}{inside} --write ids")
}
