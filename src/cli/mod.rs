//! The command line: arguments in, library calls out, nothing decided here.
//!
//! One file per command. Raw arguments become settled values once, here at the edge; only this module prints, reads the
//! environment and asks for the time.

mod account;
mod against;
mod against_export;
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
mod heartbeat;
mod job;
mod line;
mod mapping;
mod mapping_check;
mod mapping_explain;
mod mapping_new;
mod mapping_test;
mod pace;
mod plan;
mod progress;
mod reach;
mod report_files;
mod resume;
mod retry;
mod run;
mod sample;
mod scan;
mod sending;
mod show;
mod signals;
mod simulator;
mod simulator_files;
mod status;
mod stop;
mod stopping;
mod terminal;
mod undo;
mod verify;
mod wanted;
mod watch;

pub use command::{command, main};
pub use exit::Exit;
