//! The command line: arguments in, library calls out, nothing decided here.
//!
//! One file per command. Raw arguments become settled values once, here at the edge; only this module prints, reads the
//! environment and asks for the time.

mod account;
mod args;
mod check;
mod checkpoint;
mod command;
mod completions;
mod ending;
mod errors;
mod exit;
mod failure;
mod guard;
mod job;
mod line;
mod mapping;
mod pace;
mod plan;
mod progress;
mod resume;
mod retry;
mod run;
mod scan;
mod sending;
mod show;
mod signals;
mod simulator;
mod simulator_files;
mod status;
mod terminal;

pub use command::{command, main};
pub use exit::Exit;
