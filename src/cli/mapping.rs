//! `deskferry mapping list | show | check | explain | test`.

use std::fmt::Write as _;

use super::Exit;
use super::failure::Failure;
use super::job;
use super::mapping_explain;
use super::mapping_test;
use super::terminal::print;
use crate::mapping::builtin;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// The built-in mappings
    List,
    /// A built-in mapping's text, to start one of your own: deskferry mapping show zendesk > mine.toml
    Show {
        /// Its name
        name: String,
    },
    /// Whether a mapping is right, and what it sets
    Check {
        /// A built-in mapping's name, or a file
        #[arg(value_name = "NAME|FILE")]
        mapping: String,
    },
    /// How one message is mapped: for each field what it is made from, and why
    Explain(mapping_explain::Args),
    /// Whether a mapping makes of the examples beside it what they say
    Test(mapping_test::Args),
}

pub(super) fn run(command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::List => {
            let width = builtin::all().iter().map(|built_in| built_in.name.len()).max().unwrap_or(0);
            for built_in in builtin::all() {
                print(&format!("{:<width$}  {}\n", built_in.name, built_in.summary));
            }
        }
        Command::Show { name } => {
            if let Some(built_in) = builtin::find(name) {
                print(built_in.text);
            } else {
                return Err(job::unknown_mapping(name, format!("there is no built-in mapping `{name}`")));
            }
        }
        Command::Check { mapping } => print(&check(mapping)?),
        Command::Explain(args) => return mapping_explain::run(args),
        Command::Test(args) => return mapping_test::run(args),
    }
    Ok(Exit::Done)
}

fn check(name: &str) -> Result<String, Failure> {
    let (mapping, _) = job::mapping(Some(name))?;
    let mut text = format!("{name}: the mapping is right.\n\n");
    let fields: Vec<_> = mapping.sets().into_iter().map(crate::update::FieldName::name).collect();
    // Writing into a string can't fail.
    let _ = writeln!(text, "  system    {}", mapping.system());
    let _ = writeln!(text, "  files     {}", mapping.files().join(", "));
    for need in mapping.lookups() {
        let optional = if need.optional { " (may be missing)" } else { "" };
        let _ = writeln!(text, "  lookup    {}: {}{optional}", need.name, need.files.join(", "));
    }
    let _ = writeln!(text, "  sets      {}", fields.join(", "));
    Ok(text)
}
