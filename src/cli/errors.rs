//! `deskferry errors`: what did not arrive, one line a message, without content.

use serde_json::json;

use super::Exit;
use super::args::CheckpointArgs;
use super::checkpoint::named_or_only;
use super::failure::Failure;
use super::terminal::print;
use crate::checkpoint::{Access, Checkpoint, Listed, Role};
use crate::record::State;

/// What needs somebody's attention.
const TROUBLED: &[State] = &[State::Blocked, State::Failed, State::Unconfirmed];
/// The same, with what was left behind on purpose.
const LEFT_BEHIND: &[State] = &[State::Blocked, State::Failed, State::Unconfirmed, State::Absent, State::Skipped];

const COLUMNS: [&str; 11] = [
    "file",
    "line",
    "number",
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
pub(super) struct Args {
    #[command(flatten)]
    checkpoint: CheckpointArgs,
    /// Also what is absent in Gorgias, and what was skipped
    #[arg(long)]
    all: bool,
    /// As JSON lines
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let path = named_or_only(args.checkpoint.checkpoint.as_deref())?;
    let checkpoint = Checkpoint::open(&path, Access::Read)?;
    let pins = checkpoint.pins()?;
    let files: Vec<String> = pins
        .iter()
        .flat_map(|pins| &pins.files)
        .filter(|file| file.role == Role::Export)
        .map(|file| file.path.display().to_string())
        .collect();
    let mut csv = csv::Writer::from_writer(Vec::new());
    if !args.json {
        csv.write_record(COLUMNS).map_err(|error| unwritten(&error))?;
    }
    checkpoint.list(if args.all { LEFT_BEHIND } else { TROUBLED }, |message| {
        let cells = cells(&message, &files);
        if args.json {
            let object: serde_json::Map<_, _> =
                COLUMNS.into_iter().map(str::to_owned).zip(cells.map(|cell| json!(cell))).collect();
            print(&format!("{}\n", serde_json::Value::Object(object)));
            return Ok(());
        }
        csv.write_record(cells.map(harmless)).map_err(|error| unwritten(&error))
    })?;
    let text = csv.into_inner().map_err(|error| Failure::error(error.to_string(), None))?;
    print(&String::from_utf8_lossy(&text));
    Ok(Exit::Done)
}

fn cells(message: &Listed, files: &[String]) -> [String; COLUMNS.len()] {
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let (code, detail, advice) = message.cause.as_ref().map_or_else(Default::default, |(id, cause)| {
        (format!("C{id}"), cause.detail.clone(), cause.kind.advice().to_owned())
    });
    [
        files.get(message.place.input.0 as usize).cloned().unwrap_or_default(),
        message.place.line.to_string(),
        message.place.ordinal.to_string(),
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

fn unwritten(error: &csv::Error) -> Failure {
    Failure::error(error.to_string(), None)
}
