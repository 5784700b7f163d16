//! The command line as a whole.

use clap::{CommandFactory, Parser, Subcommand};

use super::exit::{Exit, TABLE};
use super::failure::Failure;
use super::{completions, errors, mapping, plan, resume, retry, run, simulator, status};

/// Carries the messages of another helpdesk into Gorgias: planned, paced, checkpointed, resumable.
#[derive(Debug, Parser)]
#[command(name = "deskferry", version, after_help = TABLE, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say what a run would do; sends nothing and changes nothing
    Plan(plan::Args),
    /// Plan, show the plan, and send
    Run(run::Args),
    /// Go on with a run that stopped, from its checkpoint alone
    Resume(resume::Args),
    /// Send what failed again, and what was blocked if its cause is gone
    Retry(retry::Args),
    /// Show where a checkpoint stands, also while a run is sending
    Status(status::Args),
    /// List what did not arrive, as CSV: place, id, cause, what to do
    Errors(errors::Args),
    /// List, show, check and explain mappings
    #[command(subcommand)]
    Mapping(mapping::Command),
    /// Serve the stand-in for Gorgias on this machine
    Simulator(simulator::Args),
    /// Print completions for a shell
    Completions(completions::Args),
}

/// Parses the process's arguments, runs the command, and says how it ended.
pub fn main() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; if nobody reads them, that is no error either.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    run_command(&cli.command).unwrap_or_else(|failure| failure.report())
}

fn run_command(command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::Plan(args) => plan::run(args),
        Command::Run(args) => run::run(args),
        Command::Resume(args) => resume::run(args),
        Command::Retry(args) => retry::run(args),
        Command::Status(args) => status::run(args),
        Command::Errors(args) => errors::run(args),
        Command::Mapping(command) => mapping::run(command),
        Command::Simulator(args) => simulator::run(args),
        Command::Completions(args) => Ok(completions::run(args)),
    }
}

/// The command line as `clap` knows it, for completions.
pub fn command() -> clap::Command {
    Cli::command()
}
