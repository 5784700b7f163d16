//! `deskferry mapping new`: a mapping for an export, to begin with.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::Exit;
use super::failure::Failure;
use super::job;
use super::plan::TemporaryFolder;
use super::terminal::{print, say};
use crate::export::{Encoding, Names, Spool, expand, find};
use crate::mapping::proposal::{Recognised, propose, recognise};
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
    /// What text that is not UTF-8 is written in, such as windows-1252
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Write sample values into the file even where they are message content: texts, names and addresses
    #[arg(long)]
    show_content: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let folder = TemporaryFolder::make()?;
    let spool = Spool::temporary(&folder.path, None);
    let names = Names::new(&[], &[]);
    let opened = expand(&args.exports)?.into_iter().map(|export| spool.open(&export, &|path| names.know(path)));
    let found = find(&opened.collect::<Result<Vec<_>, _>>()?, &[], &[])?;
    let encoding = args.encoding.as_deref().and_then(Encoding::named);
    let plain = found.inputs.iter().map(|path| spool.plain(path, encoding));
    let (profile, refused) = profile(&plain.collect::<Result<Vec<_>, _>>()?)?;
    for reason in refused {
        say(&format!("Not looked at: {reason}"));
    }
    let recognised = recognise(&profile, args.like.as_deref());
    if let (None, Some(name)) = (&recognised, &args.like) {
        return Err(job::unknown_mapping(name, format!("there is no built-in mapping for `{name}`")));
    }
    let text = match &recognised {
        Some(recognised) => Some(copy(recognised, args.like.is_some())),
        None => propose(&profile, args.show_content),
    };
    let text = text.ok_or_else(|| {
        Failure::usage(
            "nothing in the export looks like a message: an id, a time and a text in one place",
            "name the files that hold the messages, or start from `deskferry mapping show generic-json`",
        )
    })?;
    print(&text);
    let questions = text.lines().filter(|line| line.contains("QUESTION:")).count() as u64;
    if let Some(recognised) = &recognised {
        let name = recognised.built_in.name;
        say(&format!("\nA copy of the built-in mapping {name}; `--mapping {name}` reads the export without it."));
    } else if questions > 0 {
        say(&format!("\n{} for you to answer in it: look for QUESTION.", count(questions, "question")));
    }
    Ok(Exit::Done)
}

/// A built-in mapping's text, with what speaks for it.
fn copy(recognised: &Recognised, is_told: bool) -> String {
    let Recognised { built_in, reads, lacks } = recognised;
    let found = reads - lacks.len();
    let why = if is_told { "This is a copy of" } else { "The export looks like one for" };
    let mut comment = format!(
        "# {why} the built-in mapping {}; the export holds something for {found} of its {}.\n",
        built_in.name,
        count(*reads as u64, "field")
    );
    if !lacks.is_empty() {
        // Writing into a string can't fail.
        let _ = writeln!(comment, "# Nothing for: {}.", few(lacks));
    }
    match built_in.text.split_once('\n') {
        Some((first, rest)) if first.starts_with("#:schema") => format!("{first}\n{comment}#\n{rest}"),
        _ => format!("{comment}#\n{}", built_in.text),
    }
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
