//! `deskferry errors`: what did not arrive, one line a message, without content; and the lists for whoever works on it.

use serde_json::json;

use super::Exit;
use super::args::CheckpointArgs;
use super::checkpoint::named_or_only;
use super::failure::Failure;
use super::terminal::print;
use crate::checkpoint::{Access, Checkpoint, Listed};
use crate::export::shown;
use crate::record::State;
use crate::report::{ListingError, write_ambiguous, write_missing};

/// What needs somebody's attention.
const TROUBLED: &[State] = &[State::Blocked, State::Failed, State::Unconfirmed];
/// The same, with what was left behind on purpose.
const LEFT_BEHIND: &[State] = &[State::Blocked, State::Failed, State::Unconfirmed, State::Absent, State::Skipped];

const COLUMNS: [&str; 12] = [
    "file",
    "line",
    "number",
    "batch",
    "external_id",
    "source_ticket",
    "ticket_id",
    "message_id",
    "outcome",
    "cause",
    "detail",
    "what_to_do",
];

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "four switches of a command line")]
pub(super) struct Args {
    #[command(flatten)]
    checkpoint: CheckpointArgs,
    /// Also what is absent in Gorgias, and what was skipped
    #[arg(long)]
    all: bool,
    /// As JSON lines
    #[arg(long)]
    json: bool,
    /// In place of that: what the account lacks, as JSON lines, for whoever brings it over by other means
    #[arg(long, conflicts_with_all = ["all", "json", "ambiguous"])]
    missing: bool,
    /// In place of that: what may be one of several messages of the account, with all of these, as CSV. Without its
    /// wrong lines it is an ids file
    #[arg(long, conflicts_with_all = ["all", "json"])]
    ambiguous: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let path = named_or_only(args.checkpoint.checkpoint.as_deref())?;
    let checkpoint = Checkpoint::open(&path, Access::Read)?;
    let pins = checkpoint.planned_pins()?;
    if args.missing {
        return listed(write_missing(&checkpoint, std::io::stdout().lock()));
    }
    if args.ambiguous {
        return listed(write_ambiguous(&checkpoint, std::io::stdout().lock()));
    }
    let files: Vec<String> = pins.exports().map(|path| shown(path)).collect();
    let batch_size = pins.batch_size.max(1);
    let mut csv = csv::Writer::from_writer(std::io::stdout().lock());
    if !args.json {
        has_reader(csv.write_record(COLUMNS))?;
    }
    let mut is_read = true;
    checkpoint.list(if args.all { LEFT_BEHIND } else { TROUBLED }, |message| {
        let cells = cells(&message, &files, batch_size);
        if args.json {
            let object: serde_json::Map<_, _> =
                COLUMNS.into_iter().map(str::to_owned).zip(cells.map(|cell| json!(cell))).collect();
            print(&format!("{}\n", serde_json::Value::Object(object)));
            return Ok(());
        }
        if is_read {
            is_read = has_reader(csv.write_record(cells.map(harmless)))?;
        }
        Ok::<_, Failure>(())
    })?;
    has_reader(csv.flush().map_err(csv::Error::from))?;
    Ok(Exit::Done)
}

/// How a list ended on standard output; a reader that has gone away (`| head`) is no error.
fn listed(written: Result<u64, ListingError>) -> Result<Exit, Failure> {
    match written {
        Err(ListingError::Io(error)) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::error(error.to_string(), None))
        }
        Err(ListingError::Checkpoint(error)) => Err(error.into()),
        Ok(_) | Err(ListingError::Io(_)) => Ok(Exit::Done),
    }
}

/// Whether anybody reads on; a reader that has gone away (`| head`) is no error.
fn has_reader(written: csv::Result<()>) -> Result<bool, Failure> {
    match written {
        Ok(()) => Ok(true),
        Err(error) => match error.kind() {
            csv::ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
            _ => Err(Failure::error(error.to_string(), None)),
        },
    }
}

fn cells(message: &Listed, files: &[String], batch_size: u64) -> [String; COLUMNS.len()] {
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let (code, detail, advice) = message.cause.as_ref().map_or_else(Default::default, |(id, cause)| {
        (format!("C{id}"), cause.detail.clone(), cause.kind.advice().to_owned())
    });
    [
        files.get(message.place.input.0 as usize).cloned().unwrap_or_default(),
        message.place.line.to_string(),
        message.place.ordinal.to_string(),
        (message.turn.saturating_sub(1) / batch_size + 1).to_string(),
        message.external_id.clone().unwrap_or_default(),
        message.source_ticket.clone().unwrap_or_default(),
        number(message.ticket_id),
        number(message.message_id),
        message.state.word().to_owned(),
        code,
        detail,
        advice,
    ]
}

/// A cell that a spreadsheet would run as a formula gets an apostrophe in front, which it shows as text.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}
