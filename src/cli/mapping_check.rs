//! `deskferry mapping check`: whether a mapping is right, and what it makes of an export.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::Exit;
use super::args::{ReadingArgs, TextArgs};
use super::failure::Failure;
use super::job;
use super::plan::TemporaryFolder;
use super::terminal::print;
use crate::export::Spool;
use crate::mapping::Mapping;
use crate::report::{checkup_json, checkup_text};
use crate::run::checkup;
use crate::update::FieldName;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A built-in mapping's name, or a file
    #[arg(value_name = "NAME|FILE")]
    mapping: String,
    /// Files or folders that the other helpdesk exported: then also what is never read, what is never there, which
    /// values no table knows, how many messages there are of each kind, and what would be blocked
    #[arg(value_name = "EXPORT")]
    exports: Vec<PathBuf>,
    /// A side file that records are joined with; found beside the export where left out
    #[arg(long, value_name = "NAME=FILE", requires = "exports")]
    lookup: Vec<String>,
    #[command(flatten)]
    text: TextArgs,
    /// Show values of the export: texts, names and addresses; without it only what they are
    #[arg(long)]
    show_content: bool,
    /// The result as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let name = &args.mapping;
    if args.exports.is_empty() {
        let (mapping, _) = job::mapping(Some(name))?;
        if args.json {
            print(&format!("{:#}\n", checkup_json(None, &mapping, args.show_content)));
        } else {
            print(&summary(name, &mapping));
        }
        return Ok(Exit::Done);
    }
    let (exports, lookup) = (args.exports.clone(), args.lookup.clone());
    let folder = TemporaryFolder::make()?;
    let reading = ReadingArgs { exports, mapping: Some(name.clone()), lookup, text: args.text.clone() };
    let mut job = job::reading_job(&reading, &Spool::temporary(&folder.path, None))?;
    job.load_lookups()?;
    let checkup = checkup(&job)?;
    if args.json {
        print(&format!("{:#}\n", checkup_json(Some(&checkup), &job.mapping, args.show_content)));
    } else {
        print(&(summary(name, &job.mapping) + &checkup_text(&checkup, &job.mapping, args.show_content)));
    }
    Ok(if checkup.blocked.messages() == 0 { Exit::Done } else { Exit::Troubled })
}

/// What a right mapping says of itself.
fn summary(name: &str, mapping: &Mapping) -> String {
    let mut text = format!("{name}: the mapping is right.\n\n");
    let fields: Vec<_> = mapping.sets().into_iter().map(FieldName::name).collect();
    // Writing into a string can't fail.
    let _ = writeln!(text, "  system    {}", mapping.system());
    let files = if mapping.files().is_empty() { "any JSON or CSV".to_owned() } else { mapping.files().join(", ") };
    let _ = writeln!(text, "  files     {files}");
    for need in mapping.lookups() {
        let optional = if need.optional { " (may be missing)" } else { "" };
        let _ = writeln!(text, "  lookup    {}: {}{optional}", need.name, need.files.join(", "));
    }
    let _ = writeln!(text, "  sets      {}", fields.join(", "));
    text
}
