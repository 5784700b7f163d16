//! `deskferry mapping explain`: how one message is mapped, field by field.

#![expect(clippy::doc_markdown, reason = "help is shown as it stands, without markdown")]

use std::path::PathBuf;

use super::Exit;
use super::args::ReadingArgs;
use super::checkpoint::holder;
use super::failure::Failure;
use super::job;
use super::plan::{TemporaryFolder, plan_now};
use super::terminal::print;
use crate::checkpoint::{Access, Checkpoint};
use crate::export::Spool;
use crate::mapping::{MappedResult, Matching};
use crate::report::{matched_text, story_text};
use crate::run::{Explained, Job, ScanFile, explain};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    reading: ReadingArgs,
    /// Which message: its id in the export, or where its record starts: LINE, or FILE:LINE among several files
    #[arg(long, value_name = "ID|LINE")]
    record: String,
    /// Which id is which message in Gorgias; ids.csv beside the export where left out
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    ids: Option<PathBuf>,
    /// The local copy of the account in which the message is looked for, made by `deskferry scan`
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    scan: Option<PathBuf>,
    /// Show message content: texts, names and addresses; without it only their length
    #[arg(long)]
    show_content: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let folder = TemporaryFolder::make()?;
    let mut job = job::reading_job(&args.reading, &Spool::temporary(&folder.path, None))?;
    job.ids = args.ids.clone().or(job.ids);
    job.scan = args.scan.as_ref().map(|path| ScanFile::at(path, "", "")).transpose()?;
    job.load_lookups()?;
    let record = &args.record;
    let explained = explain(&job, record)?.ok_or_else(|| {
        let is_header =
            record.rsplit(':').next() == Some("1") && job.inputs.iter().any(|input| input.format.has_rows());
        let hint = if is_header {
            "line 1 of a CSV holds the names of its columns: the first message starts on line 2"
        } else {
            "`deskferry plan` and `deskferry errors` name messages by file, line and id"
        };
        Failure::usage(
            format!("the export has no message with the id {record}, and no record that starts at {record}"),
            hint,
        )
    })?;
    if explained.is_empty() {
        print(&format!("The record at {record} holds no message.\n"));
        return Ok(Exit::Done);
    }
    let matches = Matches::find(job)?;
    let texts = explained.iter().map(|one| Ok(message(one, args.show_content) + &matches.of(one)?));
    print(&texts.collect::<Result<Vec<_>, Failure>>()?.join("\n"));
    Ok(Exit::Done)
}

/// How the messages of the export are found in Gorgias: what becomes of one depends on all others.
struct Matches {
    // With its folder, which goes when this does. None where there is nothing to look in.
    plan: Option<(Checkpoint, TemporaryFolder)>,
    matching: Matching,
    has_scan: bool,
}

impl Matches {
    fn find(job: Job) -> Result<Self, Failure> {
        let (matching, has_scan) = (job.mapping.matching().clone(), job.scan.is_some());
        if job.ids.is_none() && !has_scan && !job.mapping.has_targets() {
            return Ok(Self { plan: None, matching, has_scan });
        }
        let folder = TemporaryFolder::make()?;
        let checkpoint = Checkpoint::open(&folder.path.join("plan.deskferry"), Access::Write(&holder()))?;
        let (_, planning) = plan_now(job, checkpoint, true)?;
        Ok(Self { plan: Some((planning.checkpoint, folder)), matching, has_scan })
    }

    fn of(&self, explained: &Explained) -> Result<String, Failure> {
        let Some((checkpoint, _)) = &self.plan else { return Ok(String::new()) };
        let mapped = &explained.story.mapped;
        let matched = checkpoint.matched(explained.input, explained.line, (mapped.block, mapped.item))?;
        let is_mapped = matches!(mapped.result, MappedResult::Message(_));
        let matched = matched.filter(|_| is_mapped);
        Ok(matched.map(|matched| matched_text(&matched, &self.matching, self.has_scan)).unwrap_or_default())
    }
}

/// How one message is mapped.
fn message(explained: &Explained, show_content: bool) -> String {
    let file = explained.file.file_name().unwrap_or_default().to_string_lossy();
    story_text(&explained.story, &format!("{file}:{}", explained.line), show_content)
}
