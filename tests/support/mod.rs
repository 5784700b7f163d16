//! What the tests share: an operator's folder, the command line, and an account to send to.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]
#![allow(clippy::expect_used, clippy::must_use_candidate, reason = "a test may panic")]

pub mod desk;
pub mod imported;
pub mod virtual_account;
pub mod wire;

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use deskferry::simulator::{Counters, Seed, SeedLine, Server, Settings, Simulator};
use serde_json::Value;
use tempfile::TempDir;

/// A folder of an operator's, with nothing of the surroundings in it.
pub struct Folder {
    dir: TempDir,
}

impl Folder {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a temporary folder") }
    }

    /// A folder that holds a copy of `samples/NAME` as `export`.
    pub fn with_sample(name: &str) -> Self {
        let folder = Self::new();
        let to = folder.path().join("export");
        fs::create_dir(&to).expect("a folder for the export");
        for entry in fs::read_dir(sample(name)).expect("the sample") {
            let entry = entry.expect("a file of the sample");
            fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
        }
        folder
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.file(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("its folder");
        fs::write(&path, content).expect("a file");
        path
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).expect("a text file")
    }

    /// `deskferry ARGUMENTS` in this folder, with an empty environment.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deskferry"));
        command.current_dir(self.path()).env_clear().args(arguments.split_whitespace()).stdin(Stdio::null());
        command.env("TZ", "UTC");
        // Where the system keeps the root certificates, and its temporary files.
        for name in ["SSL_CERT_FILE", "SSL_CERT_DIR", "TMPDIR", "PATH"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
    }

    /// Runs `deskferry ARGUMENTS` to its end.
    pub fn run(&self, arguments: &str) -> Ran {
        Ran::of(self.command(arguments).output().expect("deskferry starts"))
    }

    /// The totals by outcome that `deskferry status --json` tells, without those that are nought.
    pub fn outcomes(&self, checkpoint: &str) -> BTreeMap<String, u64> {
        let ran = self.run(&format!("status --json --checkpoint {checkpoint}"));
        outcomes(&ran.json())
    }
}

/// What a command came to.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Fails the test, with all that was printed, unless the exit code is `code`.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code\n--- out\n{}\n--- err\n{}", self.out, self.err);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}\n--- out\n{}\n--- err\n{}", self.out, self.err))
    }
}

/// The totals by outcome of a report, without those that are nought.
pub fn outcomes(report: &Value) -> BTreeMap<String, u64> {
    assert_eq!(report["balanced"], true, "the balance holds");
    let outcomes = report["outcomes"].as_object().expect("outcomes");
    let numbers = outcomes.iter().map(|(name, number)| (name.clone(), number.as_u64().expect("a number")));
    numbers.filter(|(_, number)| *number > 0).collect()
}

/// `[("updated", 3), …]` as a map, to compare with [`outcomes`].
pub fn totals<const N: usize>(pairs: [(&str, u64); N]) -> BTreeMap<String, u64> {
    pairs.into_iter().map(|(name, number)| (name.to_owned(), number)).collect()
}

/// Where `samples/NAME` is.
pub fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)
}

/// An account on this machine, in this process, behind real HTTP.
pub struct Account {
    server: Server,
}

impl Account {
    /// An account that behaves as `settings` say and holds every target of the ids file at `ids`.
    pub fn start(settings: Settings, ids: &Path) -> Self {
        let server = Server::start(Simulator::new(settings), SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), None);
        let account = Self { server: server.expect("the simulator starts") };
        account.seed(targets(ids).into_values());
        account
    }

    /// An account that behaves as `settings` say and holds the messages and tickets of the lines at `path`.
    pub fn holding(settings: Settings, path: &Path) -> Self {
        let server = Server::start(Simulator::new(settings), SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), None);
        let account = Self { server: server.expect("the simulator starts") };
        let lines = fs::read_to_string(path).expect("the account's lines");
        let (mut messages, mut tickets) = (Vec::new(), Vec::new());
        for line in lines.lines() {
            match serde_json::from_str(line).expect("a seed") {
                SeedLine::Message(seed) => messages.push(seed),
                SeedLine::Ticket(seed) => tickets.push(seed),
            }
        }
        account.server.seed(messages).expect("the account takes them");
        account.server.seed_tickets(tickets).expect("the account takes them");
        account
    }

    /// Makes these messages exist.
    pub fn seed(&self, targets: impl IntoIterator<Item = (u64, u64)>) {
        let seeds = targets.into_iter().map(|(ticket, message)| Seed::new(ticket, message));
        self.server.seed(seeds).expect("the account takes them");
    }

    /// `--base-url URL`.
    pub fn flag(&self) -> String {
        format!("--base-url http://{}", self.server.address())
    }

    pub fn counters(&self) -> Counters {
        self.server.with(|simulator| simulator.counters())
    }

    pub fn with<T>(&self, look: impl FnOnce(&mut Simulator) -> T) -> T {
        self.server.with(look)
    }

    /// Every message that was updated: its id, how often, the last body, and the message as it is now.
    pub fn updated(&self) -> BTreeMap<u64, Updated> {
        self.server.with(|simulator| {
            let messages = simulator.account().messages().filter(|message| message.received().updates > 0);
            let seen = messages.map(|message| {
                let received = message.received();
                let updated = Updated {
                    times: received.updates,
                    body: received.last_body().unwrap_or_default(),
                    message: serde_json::to_value(message).expect("JSON"),
                };
                (message.target().message_id, updated)
            });
            seen.collect()
        })
    }
}

/// A message of the account that was updated.
#[derive(Debug, Clone)]
pub struct Updated {
    pub times: u64,
    pub body: Value,
    pub message: Value,
}

/// The ids file at `path`: external id to ticket and message in Gorgias.
pub fn targets(path: &Path) -> BTreeMap<String, (u64, u64)> {
    let mut reader = csv::Reader::from_path(path).expect("the ids file");
    let rows = reader.records().map(|row| {
        let row = row.expect("a row");
        (row[0].to_owned(), (row[1].parse().expect("a ticket id"), row[2].parse().expect("a message id")))
    });
    rows.collect()
}
