//! `deskferry mapping test`: whether a mapping makes of its examples what they say.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::Exit;
use super::failure::Failure;
use super::job;
use super::terminal::{Terminal, print};
use crate::mapping::{Example, Mapping, Mismatch, builtin};
use crate::report::count;

/// How the examples beside `mine.toml` are called.
const EXTENSION: &str = "test.toml";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A mapping's file, with its examples beside it (mine.test.toml beside mine.toml), or a built-in mapping's name; all
    /// built-in ones where left out
    #[arg(value_name = "FILE|NAME")]
    mapping: Option<String>,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let suites = match &args.mapping {
        Some(name) => vec![Suite::named(name)?],
        None => builtin::all().iter().map(Suite::built_in).collect::<Result<_, _>>()?,
    };
    let mut tally = Tally::default();
    let mut texts = Vec::with_capacity(suites.len() + 1);
    for suite in &suites {
        texts.push(suite.run(&mut tally)?);
    }
    texts.push(tally.sentence());
    print(&texts.join("\n"));
    Ok(if tally.failed == 0 { Exit::Done } else { Exit::Troubled })
}

/// How many examples hold, and how many do not.
#[derive(Debug, Default)]
struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    fn sentence(&self) -> String {
        let all = count(self.passed + self.failed, "test");
        match (self.passed, self.failed) {
            (1, 0) => format!("{all}, passed.\n"),
            (_, 0) => format!("{all}, all passed.\n"),
            (passed, failed) => {
                let failed = Terminal::of_stdout().red(&format!("{failed} failed"));
                format!("{all}: {passed} passed, {failed}.\n")
            }
        }
    }
}

/// A mapping and its examples.
struct Suite {
    mapping: Mapping,
    /// How the file of the examples is called.
    file: String,
    examples: Vec<Example>,
}

impl Suite {
    fn built_in(built_in: &builtin::BuiltIn) -> Result<Self, Failure> {
        let mapping = Mapping::compile(built_in.text, &built_in.file_name())?;
        let file = format!("{}.{EXTENSION}", built_in.name);
        let examples = mapping.examples(built_in.tests, &file)?;
        Ok(Self { mapping, file, examples })
    }

    fn named(name: &str) -> Result<Self, Failure> {
        if let Some(built_in) = builtin::find(name) {
            return Self::built_in(built_in);
        }
        let (mapping, beside) = pair(name);
        let (mapping, _) = job::mapping(Some(&mapping))?;
        if !beside.exists() {
            return Err(Failure::usage(
                format!("there are no tests beside {name}: no file {}", beside.display()),
                "write [[test]] with a record, and [[test.message]] with what becomes of it: docs/mapping.md shows how",
            ));
        }
        let text = fs::read_to_string(&beside)
            .map_err(|error| Failure::error(format!("{} can't be read: {error}", beside.display()), None))?;
        let file = beside.display().to_string();
        let examples = mapping.examples(&text, &file)?;
        Ok(Self { mapping, file, examples })
    }

    /// Runs the examples and says which hold.
    fn run(&self, tally: &mut Tally) -> Result<String, Failure> {
        let terminal = Terminal::of_stdout();
        let mut text = format!("{}: {}\n\n", self.file, count(self.examples.len() as u64, "test"));
        for example in &self.examples {
            let mismatches = self.mapping.try_example(example)?;
            // Writing into a string can't fail.
            let _ = if mismatches.is_empty() {
                tally.passed += 1;
                writeln!(text, "  {}      {}", terminal.green("ok"), example.name)
            } else {
                tally.failed += 1;
                let word = terminal.red("FAILED");
                writeln!(text, "  {word}  {} ({}:{})", example.name, self.file, example.line)
                    .and_then(|()| mismatches.iter().try_for_each(|one| write_mismatch(&mut text, one)))
            };
        }
        Ok(text)
    }
}

fn write_mismatch(text: &mut String, mismatch: &Mismatch) -> std::fmt::Result {
    let message = mismatch.message.map(|number| format!("message {number}, ")).unwrap_or_default();
    writeln!(text, "            {message}{}", mismatch.field)?;
    writeln!(text, "              expected  {}", mismatch.expected)?;
    writeln!(text, "              got       {}", mismatch.got)
}

/// The file of a mapping and that of its examples, of which `name` is either.
fn pair(name: &str) -> (String, PathBuf) {
    if let Some(stem) = name.strip_suffix(&format!(".{EXTENSION}")) {
        return (format!("{stem}.toml"), PathBuf::from(name));
    }
    (name.to_owned(), Path::new(name).with_extension(EXTENSION))
}
