//! Arguments that several commands share. Their comments are the help that an operator reads.

#![expect(clippy::doc_markdown, reason = "help is shown as it stands, without markdown")]

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;

use super::stopping::stop_at;
use crate::record::time_span;

/// What is read, and how.
#[derive(Debug, Clone, Args)]
pub(super) struct ReadingArgs {
    /// What the other helpdesk exported: files, folders, zip files, patterns such as 'tickets-*.json'; - is standard input.
    /// What is packed is unpacked once, into a folder beside the checkpoint
    #[arg(value_name = "EXPORT", required = true)]
    pub(super) exports: Vec<PathBuf>,
    /// How messages become updates: a built-in mapping's name, or a file
    #[arg(long, value_name = "NAME|FILE", help_heading = "Reading")]
    pub(super) mapping: Option<String>,
    /// A side file that records are joined with; found beside the export where left out
    #[arg(long, value_name = "NAME=FILE", help_heading = "Reading")]
    pub(super) lookup: Vec<String>,
    #[command(flatten)]
    pub(super) text: TextArgs,
}

/// How text is written that is not what it should be.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct TextArgs {
    /// What text that is not UTF-8 is written in, such as windows-1252; it is never guessed
    #[arg(long, value_name = "NAME", help_heading = "Reading")]
    pub(super) encoding: Option<String>,
    /// What separates the cells of a CSV, where that can't be told: , ; | or tab
    #[arg(long, value_name = "SIGN", help_heading = "Reading")]
    pub(super) separator: Option<String>,
}

/// What is carried over, and how it is read.
#[derive(Debug, Clone, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    pub(super) reading: ReadingArgs,
    /// Which id is which message in Gorgias: CSV or JSON lines with external_id, ticket_id, message_id;
    /// ids.csv beside the export where left out
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    pub(super) ids: Option<PathBuf>,
    /// The local copy of the account, made by `deskferry scan`, in which targets are found; ACCOUNT.scan in this folder
    /// where left out
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    pub(super) scan: Option<PathBuf>,
    /// A file that names what is left out, on each line one or several: a message's id, ticket:ID, or the address of somebody who asked
    /// to be erased (as sender, receiver, or in copy; texts are not searched). They are counted, and named nowhere
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    pub(super) exclude: Vec<PathBuf>,
    /// How much to write: `ids` (external_id and message_id), `missing` (those, and what the account lacks; reads each
    /// message first) or `all` (what the mapping sets). For a real account there is no default
    #[arg(long, value_name = "ids|missing|all", help_heading = "Writing")]
    pub(super) write: Option<String>,
    /// Fields that are written only when named: attachments, sender, receiver
    #[arg(long, value_name = "FIELD", value_delimiter = ',', help_heading = "Writing")]
    pub(super) also: Vec<String>,
    /// Also write to messages that hold another external_id already
    #[arg(long, help_heading = "Writing")]
    pub(super) replace_external_id: bool,
    /// `on`: keep what each message was before, so that `deskferry undo` can put it back; what no scan tells is read
    /// from the account first, one request a ticket. `off` saves those
    #[arg(long, value_name = "on|off", default_value = "on", help_heading = "Writing")]
    pub(super) undo: Switch,
    /// Messages per batch
    #[arg(long, value_name = "N", default_value = "500", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Writing")]
    pub(super) batch_size: u64,
    /// Send the tickets with the newest messages first, so that what agents look at is done early; else they go as the
    /// export names them. The messages of a ticket always go by their time
    #[arg(long, help_heading = "Sending")]
    pub(super) newest_first: bool,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Switch {
    // Doc comments here would be shown as help, and make all of it long.
    On,
    Off,
}

/// Where it goes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Account")]
pub(super) struct AccountArgs {
    /// Run against the simulator inside: nothing leaves this machine
    #[arg(long, conflicts_with = "base_url")]
    pub(super) simulate: bool,
    /// What the simulator does wrong, such as 500=0.05,429=0.02,reset=0.01
    #[arg(long, value_name = "FAULTS", requires = "simulate")]
    pub(super) faults: Option<String>,
    /// A simulator or test server, in place of the real account: loopback, or https
    #[arg(long, value_name = "URL")]
    pub(super) base_url: Option<String>,
    /// A file that holds the API key, in place of GORGIAS_API_KEY
    #[arg(long, value_name = "FILE")]
    pub(super) api_key_file: Option<PathBuf>,
}

/// Which checkpoint.
#[derive(Debug, Clone, Args)]
pub(super) struct CheckpointArgs {
    /// The file that holds the plan and every outcome; ACCOUNT.deskferry in this folder where left out
    #[arg(long, value_name = "FILE")]
    pub(super) checkpoint: Option<PathBuf>,
}

/// How fast the account is talked to.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct PaceArgs {
    /// The account's limit: 40/20s (API key), 80/20s (OAuth app), 40/10s or 80/10s (Enterprise), or `none`. Where left
    /// out, that of the last run, else what the account's answers tell, from 40/20s on (`none` for --simulate)
    #[arg(long, value_name = "N/Ss")]
    pub(super) rate: Option<String>,
    /// The share of the limit that is left to the account's other integrations, such as 25%. Whatever they use beyond it
    /// is theirs, too: then it goes more slowly
    #[arg(long, value_name = "SHARE")]
    pub(super) reserve: Option<String>,
}

/// How it is sent.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sending")]
pub(super) struct SendArgs {
    #[command(flatten)]
    pub(super) pace: PaceArgs,
    /// Requests that may be out at once; 16 where left out
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) concurrency: Option<u16>,
    /// How long the account may be away (no connection, or errors whatever is asked) before the run stops, such as 90s,
    /// 15m, 2h; until then it waits, and goes on by itself
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = time)]
    pub(super) max_outage: Duration,
    /// Stop after more failed messages than this: a number, or a share such as 2% (counted from the 100th message on)
    #[arg(long, value_name = "N|SHARE")]
    pub(super) max_failures: Option<String>,
    /// Go on even where nearly all messages fail with one cause; without it, 20 of the last 25 stop the run
    #[arg(long)]
    pub(super) keep_going: bool,
    /// Stop at this time, finishing what is out: 07:00, '07:00 Europe/Berlin', or a date with it (2026-11-26T07:00)
    #[arg(long, value_name = "TIME", value_parser = stop_at, conflicts_with = "sample")]
    pub(super) stop_at: Option<Timestamp>,
    /// Send so many messages and no more
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<u64>,
    /// Send so many messages of different kinds and tickets, wait, and look at their tickets again: whatever happened
    /// there that is no update stops the run
    #[arg(long, value_name = "N", conflicts_with = "limit", value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(super) sample: Option<u64>,
    /// How long the account has to react to the sample, such as 30s, 5m
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = time)]
    pub(super) sample_wait: Duration,
    #[command(flatten)]
    pub(super) waive: WaiveArgs,
    /// Seconds to wait for an answer
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) timeout: u64,
    /// The account's name, in place of typing it
    #[arg(long, value_name = "ACCOUNT")]
    pub(super) confirm: Option<String>,
}

/// What the operator takes upon themselves.
#[derive(Debug, Clone, Args)]
pub(super) struct WaiveArgs {
    /// Checks that may stop nothing: rules (they can't mail anybody), integrations (whatever listens may hear of
    /// every update)
    #[arg(long, value_name = "CHECK", value_delimiter = ',', help_heading = "Account")]
    pub(super) waive: Vec<String>,
}

/// How the account is talked to by what is no run.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Account")]
pub(super) struct LineArgs {
    #[command(flatten)]
    pub(super) pace: PaceArgs,
    /// Requests that may be out at once, where they need not follow each other
    #[arg(long, value_name = "N", default_value = "16", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) concurrency: u16,
    /// How long the connection may be lost before it stops, such as 90s, 15m, 2h; the first one is waited for 5 seconds
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = time)]
    pub(super) max_outage: Duration,
    /// Seconds to wait for an answer
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) timeout: u64,
}

/// How the result is shown of what is no run.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct TellArgs {
    /// The result as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// No progress
    #[arg(long, short)]
    pub(super) quiet: bool,
}

/// How results are shown.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Results as JSON on standard output
    #[arg(long)]
    pub(super) json: bool,
    /// Also write into this folder: report.json, missing.jsonl (what the account lacks) and ambiguous.csv (where several
    /// messages may be the one, for you to choose)
    #[arg(long, value_name = "DIR")]
    pub(super) report: Option<PathBuf>,
    /// No progress
    #[arg(long, short)]
    pub(super) quiet: bool,
}

/// Reads `90s`, `15m` or `2h`.
fn time(text: &str) -> Result<Duration, String> {
    time_span(text).ok_or_else(|| format!("`{text}` is no time: it is a number with s, m or h behind it, such as 15m"))
}
