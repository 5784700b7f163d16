//! `deskferry plan EXPORT…`: pass 1 and its report.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::account::{Destination, destination};
use super::args::{AccountArgs, CheckpointArgs, ExportArgs, OutputArgs, PaceArgs, Switch};
use super::checkpoint::{default_path, holder};
use super::failure::Failure;
use super::job::job;
use super::progress::Reading;
use super::report_files::write_report;
use super::show::examples;
use super::terminal::{print, say};
use super::{Exit, guard, pace};
use crate::checkpoint::Checkpoint;
use crate::deliver::Pace;
use crate::export::Spool;
use crate::record::State;
use crate::report::{Report, Side, plan_text, to_json};
use crate::run::{Job, Planning, Progress, make_plan, refused_values, time_example};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) export: ExportArgs,
    #[command(flatten)]
    pub(super) account: AccountArgs,
    #[command(flatten)]
    pub(super) checkpoint: CheckpointArgs,
    #[command(flatten)]
    pub(super) pace: PaceArgs,
    /// Show so many messages as they would go out, with their content
    #[arg(long, value_name = "N", default_value = "0", conflicts_with = "json")]
    pub(super) show: usize,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let destination = destination(&args.account)?;
    let pace = pace::pace(&args.pace, destination.as_ref())?;
    let existing = match (&args.checkpoint.checkpoint, &destination) {
        (Some(path), _) => Some(path.clone()),
        (None, Some(destination)) => Some(default_path(destination.name())),
        (None, None) => None,
    };
    let existing = existing.filter(|path| path.exists());
    let folder = TemporaryFolder::make()?;
    let job = job(&args.export, destination.as_ref(), &Spool::temporary(&folder.path, existing.as_deref()))?;
    let copy = folder.path.join("plan.deskferry");
    let checkpoint = Checkpoint::open_copy(existing.as_ref().unwrap_or(&copy), &copy, &holder())?;
    // A plan without an account of its own takes that of the checkpoint.
    let pins = checkpoint.pins()?;
    let destination = match (destination, &pins) {
        (None, Some(pins)) => Some(Destination::of_pins(&pins.account, &pins.origin)?),
        (destination, _) => destination,
    };
    if let (Some(pins), Some(path)) = (&pins, &existing) {
        guard::check_account(pins, destination.as_ref(), path)?;
        say(&format!("The plan takes into account what {} already holds; it is not changed.", path.display()));
    }
    let (job, planning) = plan_now(job, checkpoint, args.output.quiet)?;
    let side = side(destination.as_ref(), pace);
    let Some(mut report) = Report::gather(&planning.checkpoint, side, job.mapping.system(), Timestamp::now())? else {
        return Ok(Exit::Error);
    };
    report.delta = planning.delta;
    describe(&mut report, &job, &planning.checkpoint)?;
    report.undo = args.export.undo == Switch::On;
    if args.output.json {
        print(&format!("{:#}\n", to_json(&report, "plan")));
    } else {
        let next = next_command(args, &report, destination.as_ref());
        print(&plan_text(&report, next.as_deref(), &TimeZone::system()));
        print("\nNothing was sent.\n");
    }
    write_report(&report, &planning.checkpoint, "plan", args.output.report.as_deref())?;
    if args.show > 0 {
        print(&examples(job, planning.checkpoint, args.show)?);
    }
    Ok(exit(&report))
}

/// Pass 1, with its progress on the screen.
pub(super) fn plan_now(mut job: Job, checkpoint: Checkpoint, quiet: bool) -> Result<(Job, Planning), Failure> {
    let progress = Progress::default();
    let bytes = job.inputs.iter().filter_map(|input| input.path.metadata().ok()).map(|metadata| metadata.len()).sum();
    let planning = Reading::show(bytes, &progress, quiet, || {
        job.load_lookups()?;
        make_plan(&mut job, checkpoint, Timestamp::now(), &progress)
    })?;
    Ok((job, planning))
}

/// What a plan says of its mapping and its export once it has just been made.
pub(super) fn describe(report: &mut Report, job: &Job, checkpoint: &Checkpoint) -> Result<(), Failure> {
    report.is_experimental = job.mapping.is_experimental();
    report.time_example = time_example(job, checkpoint)?;
    report.refused_values = refused_values(job, checkpoint)?;
    report.missing_lookups = missing_lookups(report, job);
    report.excluded = job.exclusions.result(&job.mapping, checkpoint)?;
    Ok(())
}

/// The lookups that have no file, and in which somebody was looked for.
fn missing_lookups(report: &Report, job: &Job) -> Vec<(String, String)> {
    let unexpected = report.unexpected.iter().map(|one| &one.what);
    let causes = report.totals.causes.iter().map(|row| &row.cause.detail);
    let reasons: Vec<_> = unexpected.chain(causes).collect();
    let needs = job.mapping.lookups().iter().filter(|need| {
        let sought = format!("in lookup {}", need.name);
        let is_sought = reasons.iter().any(|reason| reason.split([';', ',']).any(|part| part.ends_with(&sought)));
        is_sought && !job.lookup_files.iter().any(|file| file.name == need.name)
    });
    needs.map(|need| (need.name.clone(), need.files.join(" or "))).collect()
}

/// The other side as the report names it.
pub(super) fn side(destination: Option<&Destination>, pace: Pace) -> Side {
    Side {
        account: destination.map(|destination| destination.name().to_owned()),
        is_loopback: destination.is_some_and(Destination::is_loopback),
        pace,
    }
}

/// The exit code that a plan ends with: the same that its run would have if every update arrives.
fn exit(report: &Report) -> Exit {
    if report.totals.of(State::Blocked) + report.totals.of(State::Failed) > 0 { Exit::Troubled } else { Exit::Done }
}

/// What to type after a plan.
fn next_command(args: &Args, report: &Report, destination: Option<&Destination>) -> Option<String> {
    if report.to_send() == 0 {
        let is_inside = matches!(destination, Some(Destination::Simulator));
        let is_unread = report.scan.is_none() && report.totals.of(State::Absent) > 0;
        return (is_unread && !is_inside).then(|| scan_command(args));
    }
    let arguments = for_run(std::env::args_os().skip(2).map(|argument| argument.to_string_lossy().into_owned()));
    let arguments = arguments.iter().map(|argument| quoted(argument)).collect::<Vec<_>>().join(" ");
    Some(match destination {
        Some(destination) if destination.is_loopback() => format!("deskferry run {arguments}"),
        Some(_) => format!("deskferry run {arguments} --sample 20"),
        // It is of one account: the simulator is another.
        None if report.scan.is_some() => {
            format!("set GORGIAS_DOMAIN and the credentials, then deskferry run {arguments} --sample 20")
        }
        None => format!("deskferry run {arguments} --simulate"),
    })
}

/// What finds the targets that nobody has named.
fn scan_command(args: &Args) -> String {
    let reading = &args.export.reading;
    let exports: Vec<_> = reading.exports.iter().map(|path| quoted(&path.to_string_lossy())).collect();
    let mapping = reading.mapping.as_ref().map(|mapping| ("--mapping", mapping));
    let lookups = reading.lookup.iter().map(|lookup| ("--lookup", lookup));
    let server = args.account.base_url.iter().map(|url| ("--base-url", url));
    let options = mapping.into_iter().chain(lookups).chain(server);
    format!("deskferry scan {}{}", exports.join(" "), typed(options))
}

/// The arguments of a plan that a run takes, too.
fn for_run(mut arguments: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept = Vec::new();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--show" => drop(arguments.next()),
            "--dry-run" => {}
            other if other.starts_with("--show=") => {}
            _ => kept.push(argument),
        }
    }
    kept
}

/// Options with their values, as they are typed behind a command.
pub(super) fn typed<'a>(options: impl Iterator<Item = (&'a str, &'a String)>) -> String {
    options.fold(String::new(), |text, (name, value)| format!("{text} {name} {}", quoted(value)))
}

/// The command as it was typed.
pub(super) fn as_typed() -> String {
    let arguments = std::env::args_os().skip(1).map(|argument| quoted(&argument.to_string_lossy()));
    arguments.fold("deskferry".to_owned(), |command, argument| format!("{command} {argument}"))
}

/// An argument as a shell takes it.
pub(super) fn quoted(argument: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

/// A folder that goes with the value: a plan leaves nothing behind.
pub(super) struct TemporaryFolder {
    pub(super) path: PathBuf,
}

impl TemporaryFolder {
    pub(super) fn make() -> Result<Self, Failure> {
        let path =
            std::env::temp_dir().join(format!("deskferry-plan-{}-{:08x}", std::process::id(), fastrand::u32(..)));
        let error = |error| Failure::error(format!("{} can't be made: {error}", path.display()), None);
        make_for_owner(&path).map_err(error)?;
        Ok(Self { path })
    }
}

fn make_for_owner(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // What can't be removed is left to the system's own tidying of its temporary folder.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}
