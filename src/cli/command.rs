//! The command line as a whole.

use clap::{CommandFactory, Parser, Subcommand};

use super::exit::{Exit, TABLE};
use super::failure::Failure;
use super::{
    check, completions, errors, mapping, plan, resume, retry, run, scan, simulator, status, stop, undo, verify,
};

/// Carries the messages of another helpdesk into Gorgias: planned, paced, checkpointed, resumable.
#[derive(Debug, Parser)]
#[command(name = "deskferry", version, after_help = TABLE, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read the account into a local copy, in which plans find their targets
    Scan(scan::Args),
    /// Say what a run would do; sends nothing and changes nothing
    Plan(plan::Args),
    /// Plan, show the plan, and send
    Run(Box<run::Args>),
    /// Go on with a run that stopped, from its checkpoint alone
    Resume(resume::Args),
    /// Send what failed again, what was blocked if its cause is gone, and what still waits
    Retry(retry::Args),
    /// Show where a checkpoint stands, also while a run is sending
    Status(status::Args),
    /// Stop the run that is sending, from another terminal, as Ctrl-C does there
    Stop(stop::Args),
    /// Compare every updated message with what the account holds now, and write a manifest
    Verify(verify::Args),
    /// Put messages back as they were before the run; shows a plan first
    Undo(undo::Args),
    /// List what did not arrive, as CSV: place, id, cause, what to do
    Errors(errors::Args),
    /// Look at the account before a run: what may react, what does not fit
    Check(check::Args),
    /// List, show, check, explain and test mappings
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
        Command::Scan(args) => scan::run(args),
        Command::Plan(args) => plan::run(args),
        Command::Run(args) => run::run(args),
        Command::Resume(args) => resume::run(args),
        Command::Retry(args) => retry::run(args),
        Command::Status(args) => status::run(args),
        Command::Stop(args) => stop::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Undo(args) => undo::run(args),
        Command::Errors(args) => errors::run(args),
        Command::Check(args) => check::run(args),
        Command::Mapping(command) => mapping::run(command),
        Command::Simulator(args) => simulator::run(args),
        Command::Completions(args) => Ok(completions::run(args)),
    }
}

/// The command line as `clap` knows it, for completions.
pub fn command() -> clap::Command {
    Cli::command()
}
