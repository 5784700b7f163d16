//! `deskferry mapping new`: a mapping for an export, to begin with.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::Exit;
use super::args::TextArgs;
use super::failure::Failure;
use super::job::{self, named_encoding, named_separator};
use super::plan::{TemporaryFolder, quoted};
use super::terminal::{print, say};
use crate::export::{Encoding, Format, Names, Spool, expand, find};
use crate::mapping::proposal::{Manner, NoProposal, Recognised, propose, reading, recognise};
use crate::report::count;
use crate::run::profile;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files or folders that the other helpdesk exported
    #[arg(value_name = "EXPORT", required = true)]
    exports: Vec<PathBuf>,
    /// Start from the built-in mapping for this system, whatever the export looks like: zendesk, Freshdesk, …
    #[arg(long, value_name = "SYSTEM")]
    like: Option<String>,
    #[command(flatten)]
    text: TextArgs,
    /// The file to write the mapping to, which must not be there yet; standard output where left out
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write sample values into the file even where they are message content: texts, names and addresses
    #[arg(long)]
    show_content: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    if let Some(path) = args.output.as_deref().filter(|path| path.exists()) {
        return Err(is_there(path));
    }
    let (encoding, rows) = (named_encoding(&args.text)?, named_separator(&args.text)?);
    let folder = TemporaryFolder::make()?;
    let spool = Spool::temporary(&folder.path, None);
    let names = Names::new(&[], &[]);
    let opened = expand(&args.exports)?.into_iter().map(|export| spool.open(&export, &|path| names.know(path)));
    let found = find(&opened.collect::<Result<Vec<_>, _>>()?, &[], &[])?;
    let plain = found.inputs.iter().map(|path| spool.plain(path, encoding));
    let (profile, refused) = profile(&plain.collect::<Result<Vec<_>, _>>()?, rows)?;
    for reason in refused {
        say(&format!("Not looked at: {reason}"));
    }
    let recognised = recognise(&profile, args.like.as_deref());
    if let (None, Some(name)) = (&recognised, &args.like) {
        return Err(job::unknown_mapping(name, format!("there is no built-in mapping for `{name}`")));
    }
    let manner = Manner { show_content: args.show_content, encoding: encoding.map(Encoding::name), rows };
    let text = match &recognised {
        Some(recognised) => copy(recognised, args.like.is_some(), manner),
        None => propose(&profile, manner).map_err(nothing)?,
    };
    match &args.output {
        Some(path) => write(path, &text)?,
        None => print(&text),
    }
    tell(args, &text, recognised.as_ref());
    Ok(Exit::Done)
}

/// What is to be known of the mapping that was written.
fn tell(args: &Args, text: &str, recognised: Option<&Recognised>) {
    let copied = recognised.map(|recognised| {
        let name = recognised.built_in.name;
        format!("A copy of the built-in mapping {name}; `--mapping {name}` reads the export without it.")
    });
    let questions = text.lines().filter(|line| line.contains("QUESTION:")).count() as u64;
    let asked = match recognised.and_then(rival) {
        Some(question) => Some(format!("One question for you: {question}")),
        None if questions > 0 => {
            Some(format!("{} for you to answer in it: look for QUESTION.", count(questions, "question")))
        }
        None => None,
    };
    let mut told = copied.into_iter().chain(asked).collect::<Vec<_>>().join(" ");
    if let Some(path) = &args.output {
        let (path, export) = (quoted(&path.to_string_lossy()), quoted(&args.exports[0].to_string_lossy()));
        told = format!("{path} is written. {told} Then: deskferry mapping check {path} {export}");
    }
    say(&format!("\n{told}"));
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let written = File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => is_there(path),
        _ => Failure::error(format!("{} can't be written: {error}", path.display()), None),
    })
}

fn is_there(path: &Path) -> Failure {
    let message = format!("{} is there already, and is not written over", path.display());
    Failure::usage(message, "name another file, or delete it first")
}

fn nothing(why: NoProposal) -> Failure {
    match why {
        NoProposal::NoRecord => Failure::usage(
            "the export holds no record",
            "name the files that hold the messages; rows of a CSV stand under their column names",
        ),
        NoProposal::NoMessage(keys) => Failure::usage(
            format!("nothing in the export looks like a message: no time, no text, no id; there are {}", few(&keys)),
            "name the files that hold the messages, or start from `deskferry mapping show generic-json`",
        ),
    }
}

/// A built-in mapping's text, with what speaks for it.
fn copy(recognised: &Recognised, is_told: bool, manner: Manner<'_>) -> String {
    let Recognised { built_in, reads, lacks, .. } = recognised;
    let found = reads - lacks.len();
    let why = if is_told { "This is a copy of" } else { "The export looks like one for" };
    let mut comment = format!(
        "# {why} the built-in mapping {}; the export holds something for {found} of its {}.\n",
        built_in.name,
        count(*reads as u64, "field")
    );
    // Writing into a string can't fail.
    if !lacks.is_empty() {
        let _ = writeln!(comment, "# Nothing for: {}.", few(lacks));
    }
    if let Some(question) = rival(recognised) {
        let _ = writeln!(comment, "# QUESTION: {question}");
    }
    let text = with_reading(built_in.text, &reading(manner.rows.unwrap_or(Format::Csv), manner));
    match text.split_once('\n') {
        Some((first, rest)) if first.starts_with("#:schema") => format!("{first}\n{comment}#\n{rest}"),
        _ => format!("{comment}#\n{text}"),
    }
}

/// The mapping `text` with the lines `reading` in its head.
fn with_reading(text: &str, reading: &str) -> String {
    let mut lines: Vec<_> = text.split_inclusive('\n').collect();
    let system = lines.iter().position(|line| line.starts_with("system = "));
    lines.insert(system.map_or(0, |line| line + 1), reading);
    lines.concat()
}

/// What is asked where another built-in mapping reads the export as well.
fn rival(recognised: &Recognised) -> Option<String> {
    let (own, other) = (recognised.built_in.name, recognised.rival?.name);
    Some(format!(
        "does it go into another account, or back into the one that it is of? {own} finds its messages by rules; for the \
         same account there is {other}, which takes the ids of the export: in another account they are other messages."
    ))
}

/// The first of `names`, and how many more there are.
fn few(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<_> = names.iter().take(SHOWN).map(String::as_str).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
