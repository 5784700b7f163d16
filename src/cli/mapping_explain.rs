//! `deskferry mapping explain`: how one message is mapped, field by field.

#![expect(clippy::doc_markdown, reason = "help is shown as it stands, without markdown")]

use super::Exit;
use super::args::ReadingArgs;
use super::failure::Failure;
use super::job;
use super::terminal::print;
use crate::report::story_text;
use crate::run::{Explained, explain};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    reading: ReadingArgs,
    /// Which message: its id in the export, or where its record starts: LINE, or FILE:LINE among several files
    #[arg(long, value_name = "ID|LINE")]
    record: String,
    /// Show message content: texts, names and addresses; without it only their length
    #[arg(long)]
    show_content: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let mut job = job::reading_job(&args.reading)?;
    job.load_lookups()?;
    let record = &args.record;
    let explained = explain(&job, record)?.ok_or_else(|| {
        Failure::usage(
            format!("the export has no message with the id {record}, and no record that starts at {record}"),
            "`deskferry plan` and `deskferry errors` name messages by file, line and id",
        )
    })?;
    if explained.is_empty() {
        print(&format!("The record at {record} holds no message.\n"));
    }
    let texts: Vec<_> = explained.iter().map(|one| message(one, args.show_content)).collect();
    print(&texts.join("\n"));
    Ok(Exit::Done)
}

/// All that is known of one message.
fn message(explained: &Explained, show_content: bool) -> String {
    let file = explained.file.file_name().unwrap_or_default().to_string_lossy();
    story_text(&explained.story, &format!("{file}:{}", explained.line), show_content)
}
