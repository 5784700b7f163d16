//! `deskferry mapping list | show | check | explain | schema | test`.

use super::Exit;
use super::failure::Failure;
use super::job;
use super::mapping_check;
use super::mapping_explain;
use super::mapping_new;
use super::mapping_test;
use super::terminal::print;
use crate::mapping::builtin::{self, BuiltIn};
use crate::mapping::schema;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// The built-in mappings
    List,
    /// A built-in mapping's text, to start one of your own: deskferry mapping show zendesk > mine.toml
    Show {
        /// Its name
        name: String,
    },
    /// A mapping for an export, to begin with: a copy of a built-in one where the export is of a known system, else a
    /// proposal with its reasons: deskferry mapping new export/ --output mine.toml
    New(mapping_new::Args),
    /// Whether a mapping is right, and what it sets; with an export also what it makes of it, and what it passes by
    Check(mapping_check::Args),
    /// How one message is mapped: for each field what it is made from, and why
    Explain(mapping_explain::Args),
    /// A JSON Schema of the mapping file, for editors that complete and check TOML: deskferry mapping schema >
    /// deskferry-mapping.schema.json
    Schema,
    /// Whether a mapping makes of the examples beside it what they say
    Test(mapping_test::Args),
}

pub(super) fn run(command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::List => print(&list()),
        Command::Show { name } => {
            if let Some(built_in) = builtin::find(name) {
                print(built_in.text);
            } else {
                return Err(job::unknown_mapping(name, format!("there is no built-in mapping `{name}`")));
            }
        }
        Command::Check(args) => return mapping_check::run(args),
        Command::New(args) => return mapping_new::run(args),
        Command::Explain(args) => return mapping_explain::run(args),
        Command::Schema => print(&format!("{:#}\n", schema())),
        Command::Test(args) => return mapping_test::run(args),
    }
    Ok(Exit::Done)
}

/// The built-in mappings, one a line.
fn list() -> String {
    let width = |words: fn(&BuiltIn) -> &str| builtin::all().iter().map(|one| words(one).len()).max().unwrap_or(0);
    let (names, standings) = (width(|built_in| built_in.name), width(standing));
    // A column in which nothing stands is none.
    let gap = if standings == 0 { "" } else { "  " };
    let line = |built_in: &BuiltIn| {
        let (name, standing) = (built_in.name, standing(built_in));
        format!("{name:<names$}  {standing:<standings$}{gap}{}\n", built_in.summary)
    };
    builtin::all().iter().map(line).collect()
}

/// What is to be known of a built-in mapping before it is trusted.
fn standing(built_in: &BuiltIn) -> &'static str {
    if built_in.is_experimental() { "experimental" } else { "" }
}
