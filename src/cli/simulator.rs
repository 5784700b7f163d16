//! `deskferry simulator`, and the simulator inside `--simulate`.

#![expect(clippy::doc_markdown, reason = "help is shown as it stands, without markdown")]

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::Exit;
use super::failure::Failure;
use super::simulator_files::{Holdings, rules};
use super::terminal::{print, say};
use crate::checkpoint::Checkpoint;
use crate::record;
use crate::report::count;
use crate::simulator::{Access, Limit, Reactions, Seed, Server, Settings, Simulator, Store};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to listen; loopback only
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9700")]
    bind: SocketAddr,
    /// The messages that the account holds at first: an ids file
    #[arg(long, value_name = "FILE")]
    ids: Option<PathBuf>,
    /// The messages and tickets that it holds at first: JSON lines
    #[arg(long, value_name = "FILE")]
    messages: Option<PathBuf>,
    /// A file that keeps the account between two starts
    #[arg(long, value_name = "FILE")]
    account: Option<PathBuf>,
    /// The account's limit, such as 40/20s; generous where left out
    #[arg(long, value_name = "N/Ss")]
    rate: Option<Limit>,
    /// What goes wrong and how often, such as 500=0.05,429=0.02,reset=0.01
    #[arg(long, value_name = "FAULTS", default_value = "")]
    faults: String,
    /// What its automation does after an update, such as mails,reopens
    #[arg(long, value_name = "REACTIONS", default_value = "", hide_default_value = true)]
    reacts: Reactions,
    /// Its automation rules: a JSON array
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// How long a cursor is good for; for ever where left out
    #[arg(long, value_name = "SECONDS")]
    cursor_life: Option<u64>,
    /// Where the dice of the faults start; somewhere else each time where left out
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Milliseconds that every answer takes
    #[arg(long, value_name = "MS", default_value = "0")]
    latency: u64,
    /// Let in only the credentials that GORGIAS_EMAIL and GORGIAS_API_KEY hold now
    #[arg(long)]
    check_credentials: bool,
    /// Behave as a domain that no account has
    #[arg(long, conflicts_with = "check_credentials")]
    wrong_domain: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let settings = Settings {
        limit: args.rate.unwrap_or(Limit::GENEROUS),
        faults: args.faults.parse().map_err(wrong_faults)?,
        seed: args.seed.unwrap_or_else(|| fastrand::u64(..)),
        latency: Duration::from_millis(args.latency),
        access: access(args)?,
        reactions: args.reacts,
        rules: args.rules.as_deref().map(rules).transpose()?.unwrap_or_default(),
        cursor_life: args.cursor_life.map(Duration::from_secs),
        ..Settings::default()
    };
    let holdings = holdings(args)?;
    let server = start(settings, args.bind, args.account.as_deref())?;
    server.seed(holdings.messages).map_err(wrong)?;
    server.seed_tickets(holdings.tickets).map_err(wrong)?;
    let messages = server.with(|simulator| simulator.account().len());
    print(&format!(
        "Listening on http://{} with {}. Ctrl-C stops it.\n",
        server.address(),
        count(messages as u64, "message")
    ));
    wait()?;
    say(&format!("Stopped. {} sent to customers.", count(mails(&server), "mail")));
    server.stop();
    Ok(Exit::Done)
}

fn holdings(args: &Args) -> Result<Holdings, Failure> {
    let mut holdings = Holdings::default();
    if let Some(path) = &args.messages {
        holdings.add_lines(path)?;
    }
    // After those that tell more of the same messages.
    if let Some(path) = &args.ids {
        holdings.add_ids(path)?;
    }
    Ok(holdings)
}

/// Starts the simulator of `--simulate`: its account holds every target of the plan, and is kept beside the checkpoint,
/// so that all runs with that checkpoint see the same one.
pub(super) fn start_inside(checkpoint: &Checkpoint, faults: Option<&str>) -> Result<Server, Failure> {
    let mut path = checkpoint.path().as_os_str().to_owned();
    path.push(".account");
    let server = start_kept(Path::new(&path), faults)?;
    let mut seeds = Vec::new();
    checkpoint.targets(|target| seeds.push(seed(target)))?;
    server.seed(seeds).map_err(wrong)?;
    Ok(server)
}

/// Starts the simulator of `--simulate` with the account that the file `path` keeps.
pub(super) fn start_kept(path: &Path, faults: Option<&str>) -> Result<Server, Failure> {
    let settings = Settings {
        faults: faults.unwrap_or_default().parse().map_err(wrong_faults)?,
        seed: fastrand::u64(..),
        ..Settings::default()
    };
    start(settings, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), Some(path))
}

/// Mails that the simulator's account has sent to customers. None ever should be.
pub(super) fn mails(server: &Server) -> u64 {
    server.with(|simulator| simulator.counters().mails)
}

fn start(settings: Settings, bind: SocketAddr, account: Option<&Path>) -> Result<Server, Failure> {
    let mut simulator = Simulator::new(settings);
    let store = account.map(|path| Store::open(path, &mut simulator)).transpose().map_err(wrong)?;
    Server::start(simulator, bind, store).map_err(wrong)
}

fn seed(target: record::Target) -> Seed {
    Seed::new(target.ticket.0, target.message.0)
}

fn access(args: &Args) -> Result<Access, Failure> {
    if args.wrong_domain {
        return Ok(Access::WrongDomain);
    }
    if !args.check_credentials {
        return Ok(Access::Anyone);
    }
    match (std::env::var("GORGIAS_EMAIL"), std::env::var("GORGIAS_API_KEY")) {
        (Ok(email), Ok(key)) => Ok(Access::Only(format!("Basic {}", BASE64.encode(format!("{email}:{key}"))))),
        _ => Err(Failure::usage("there are no credentials to check against", "set GORGIAS_EMAIL and GORGIAS_API_KEY")),
    }
}

/// Waits for Ctrl-C or SIGTERM.
fn wait() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::error(format!("signals can't be heard: {error}"), None))?;
    runtime.block_on(super::signals::asked_to_stop());
    Ok(())
}

/// What is wrong with a list of faults.
pub(super) fn wrong_faults(error: impl std::fmt::Display) -> Failure {
    Failure::usage(error.to_string(), "such as --faults 500=0.05,429=0.02,reset=0.01")
}

/// What the simulator's own errors say, with what is behind them.
fn wrong(error: impl std::error::Error) -> Failure {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    Failure::error(text, None)
}
