//! How close a run comes to the account's limit over real HTTP, and whether it ever exceeds it.
//!
//! `cargo bench --bench pacing` runs the tool itself against the simulator for three minutes a row, six rows side by side;
//! `DESKFERRY_SECONDS=20` makes them shorter.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a program that prints a table, or fails")]

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use deskferry::deliver::Rate;
use deskferry::gorgias::{Account, Client, Request, Timeouts, Transport};
use deskferry::simulator::{Limit, Seed, Server, Settings, Simulator};
use tempfile::TempDir;

/// One row of the table.
#[derive(Debug, Clone, Copy)]
struct Row {
    limit: &'static str,
    neighbour: Neighbour,
}

/// Who else uses the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Neighbour {
    None,
    /// Half of the limit, evenly.
    Half,
    /// A quarter of the bucket at once, twelve times in three minutes.
    Bursts,
}

const ROWS: [Row; 6] = [
    Row { limit: "40/20s", neighbour: Neighbour::None },
    Row { limit: "80/20s", neighbour: Neighbour::None },
    Row { limit: "80/10s", neighbour: Neighbour::None },
    Row { limit: "40/20s", neighbour: Neighbour::Half },
    Row { limit: "80/10s", neighbour: Neighbour::Half },
    Row { limit: "40/20s", neighbour: Neighbour::Bursts },
];

/// What a row came to.
struct Result {
    updates: u64,
    took: Duration,
    least: Duration,
    refused: u64,
    peak: u64,
}

fn main() {
    let seconds = std::env::var("DESKFERRY_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(180);
    let length = Duration::from_secs(seconds);
    let results: Vec<_> = thread::scope(|scope| {
        let rows: Vec<_> = ROWS.iter().map(|row| scope.spawn(move || run(*row, length))).collect();
        rows.into_iter().map(|row| row.join().expect("a row")).collect()
    });
    println!("limit   others  updates     took    least  of what is free  429s  peak in the bucket");
    for (row, result) in ROWS.iter().zip(results) {
        let Result { updates, took, least, refused, peak } = result;
        let share = 100.0 * least.as_secs_f64() / took.as_secs_f64();
        println!(
            "{:<7} {:<7} {updates:>7} {:>6.1} s {:>6.1} s {share:>14.1} %  {refused:>4}  {peak:>4}",
            row.limit,
            format!("{:?}", row.neighbour).to_lowercase(),
            took.as_secs_f64(),
            least.as_secs_f64(),
        );
    }
}

/// Sends for about `length` to an account of its own.
fn run(row: Row, length: Duration) -> Result {
    let rate: Rate = row.limit.parse().expect("a rate");
    let interval = rate.interval().expect("a limit");
    let limit: Limit = row.limit.parse().expect("a limit");
    // What others take of each second that passes.
    let (every, at_once) = match row.neighbour {
        Neighbour::None => (Duration::MAX, 0),
        Neighbour::Half => (interval * 2, 1),
        Neighbour::Bursts => (Duration::from_secs(15), limit.requests() / 4),
    };
    let taken = f64::from(at_once) * interval.as_secs_f64() / every.as_secs_f64();
    let free = interval.div_f64(1.0 - taken);
    let updates = u32::try_from(length.as_nanos() / free.as_nanos()).expect("a night");
    let messages = u64::from(updates);
    let folder = export(messages);
    let settings = Settings { limit, latency: Duration::from_millis(80), ..Settings::default() };
    let server = Server::start(Simulator::new(settings), SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), None);
    let server = server.expect("the simulator");
    server.seed((0..messages).map(|n| Seed::new(1 + n / 3, 1_000_000 + n))).expect("its messages");
    let origin = format!("http://{}", server.address());
    let is_over = AtomicBool::new(false);
    let took = thread::scope(|scope| {
        scope.spawn(|| others(&origin, every, at_once, &is_over));
        let mut run = Command::new(env!("CARGO_BIN_EXE_deskferry"))
            .current_dir(folder.path())
            .args(["run", "messages.jsonl", "--mapping", "generic-json", "--undo", "off", "--quiet"])
            .args(["--rate", row.limit, "--base-url", &origin])
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("the tool");
        let reached = |number: u64| {
            while server.with(|simulator| simulator.counters().update_requests) < number {
                thread::sleep(Duration::from_millis(1));
            }
        };
        reached(1);
        let begun = Instant::now();
        reached(messages);
        let took = begun.elapsed();
        assert!(run.wait().expect("it ends").success());
        is_over.store(true, Ordering::Relaxed);
        took
    });
    let counters = server.with(|simulator| simulator.counters());
    assert_eq!(counters.updates, messages);
    let least = free * (updates - 1);
    Result { updates: messages, took, least, refused: counters.throttled_by_bucket, peak: counters.peak_used }
}

/// Asks the account for something, so many times at once, until it is over.
fn others(origin: &str, every: Duration, at_once: u32, is_over: &AtomicBool) {
    if at_once == 0 {
        return;
    }
    let account = Account::of_base_url(origin).expect("an origin");
    let client = Client::new(&account, None, Timeouts::default()).expect("a client");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut ticks = tokio::time::interval(every);
        while !is_over.load(Ordering::Relaxed) {
            ticks.tick().await;
            futures::future::join_all((0..at_once).map(|_| client.send(Request::account()))).await;
        }
    });
}

fn export(messages: u64) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut lines, mut ids) = (String::new(), "external_id,ticket_id,message_id\n".to_owned());
    for n in 0..messages {
        let ticket = 1 + n / 3;
        writeln!(
            lines,
            r#"{{"external_id":"m{n}","ticket":{{"external_id":"t{ticket}"}},"channel":"email","from_agent":true,"sent_datetime":"2024-05-31T10:00:00Z","body_text":"Text of {n}"}}"#
        )
        .expect("memory");
        writeln!(ids, "m{n},{ticket},{}", 1_000_000 + n).expect("memory");
    }
    std::fs::write(folder.path().join("messages.jsonl"), lines).expect("an export");
    std::fs::write(folder.path().join("ids.csv"), ids).expect("an ids file");
    folder
}
