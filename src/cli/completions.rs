//! `deskferry completions SHELL`.

use clap_complete::Shell;

use super::terminal::print;
use super::{Exit, command};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &Args) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command(), "deskferry", &mut script);
    print(&String::from_utf8_lossy(&script));
    Exit::Done
}
