//! Another helpdesk of the tests' own making, its exports, and the library's way from them to a plan and an account.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use deskferry::checkpoint::{Access, Checkpoint, CheckpointError, Holder, Which};
use deskferry::deliver::{Backoff, Pace, Rate};
use deskferry::export::Format;
use deskferry::mapping::{Lookups, Mapping};
use deskferry::plan::Delta;
use deskferry::record::{Sequence, State};
use deskferry::run::{InputFile, Job, Order, Progress, ScanFile, Sent, StopRequest, make_plan, send};
use deskferry::update::{Write, Writes};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::sync::watch;

use super::virtual_account::VirtualAccount;

/// How its messages become updates: one message a line, which may say itself where it is in Gorgias.
pub const MAPPING: &str = r#"
name = "acme"
system = "Acme"
format = "json-lines"
files = ["*messages*.jsonl"]

[[message]]
skip = [{ when = "type == 'event'", reason = "an event, not a message" }]
newest = { from = "version" }

[message.fields]
external_id = { from = "id", apply = ["to_string"] }
channel = { from = "channel", default = "email" }
via = { value = "api" }
from_agent = { from = "agent", default = true }
sent_datetime = { from = "at", apply = ["datetime"], required = true }
body_text = { from = "text" }

[message.ticket]
external_id = { from = "ticket", apply = ["to_string"] }

[message.target]
ticket_id = { from = "to_ticket" }
message_id = { from = "to_message" }
"#;

/// One message of an export, as a line of JSON; more is said with [`Said::with`].
#[derive(Debug, Clone)]
pub struct Said(Map<String, Value>);

/// The message `id` of ticket `ticket`, sent `second` seconds into a day.
pub fn said(id: &str, ticket: u64, second: u64) -> Said {
    let at = Timestamp::constant(1_700_000_000, 0) + jiff::SignedDuration::from_secs(second.try_into().expect("a day"));
    let line = json!({"id": id, "ticket": ticket, "at": at.to_string(), "text": format!("text of {id}")});
    Said(line.as_object().expect("an object").clone())
}

impl Said {
    /// The same with another field, or another value in it; null takes it away.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        match value.into() {
            Value::Null => self.0.remove(name),
            value => self.0.insert(name.to_owned(), value),
        };
        self
    }

    /// The same, and the export itself says where it is in Gorgias.
    pub fn to(self, ticket: u64, message: u64) -> Self {
        self.with("to_ticket", ticket).with("to_message", message)
    }

    /// Where the export says that it is in Gorgias.
    pub fn target(&self) -> Option<(u64, u64)> {
        Some((self.0.get("to_ticket")?.as_u64()?, self.0.get("to_message")?.as_u64()?))
    }

    /// The line itself.
    pub fn line(&self) -> &Map<String, Value> {
        &self.0
    }

    /// One of its texts.
    pub fn text(&self, name: &str) -> &str {
        self.0[name].as_str().expect("a text")
    }
}

/// The helpdesk's side: its export, perhaps an ids file, and a checkpoint.
#[derive(Debug)]
pub struct Desk {
    dir: TempDir,
    pub mapping: String,
    pub writes: Writes,
    /// Messages per batch.
    pub batch_size: u64,
    ids: Option<PathBuf>,
    exports: Vec<PathBuf>,
    /// The scan that targets are looked for in.
    pub scan: Option<PathBuf>,
    pub sequence: Sequence,
}

/// A plan that was made: its job, its checkpoint, and how it differs from the one before.
#[derive(Debug)]
pub struct Plan {
    pub job: Arc<Job>,
    pub checkpoint: Checkpoint,
    pub delta: Option<Delta>,
}

/// What became of one message: its id, its state, and why.
pub type Row = (String, State, String);

impl Desk {
    /// An empty desk, in memory where the system has a place for that: each outcome is flushed to the disk, and ten
    /// thousand outcomes would measure the disk.
    pub fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let dir = dir.or_else(|_| tempfile::tempdir()).expect("a temporary folder");
        let writes = Writes { write: Write::All, also: Vec::new(), replace_external_id: false };
        Self {
            dir,
            mapping: MAPPING.to_owned(),
            writes,
            batch_size: 500,
            sequence: Sequence::default(),
            ids: None,
            exports: Vec::new(),
            scan: None,
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The export is now the one file that holds `messages`.
    pub fn export(&mut self, messages: &[Said]) {
        self.exports.clear();
        self.export_also("messages.jsonl", messages);
    }

    /// The export holds one more file.
    pub fn export_also(&mut self, name: &str, messages: &[Said]) {
        let mut text = String::new();
        for message in messages {
            writeln!(text, "{}", Value::Object(message.0.clone())).expect("memory");
        }
        let path = self.path(name);
        std::fs::write(&path, text).expect("an export");
        self.exports.push(path);
    }

    /// There is now an ids file with these lines: id, ticket, message.
    pub fn ids(&mut self, lines: &[(&str, u64, u64)]) {
        let mut text = String::from("external_id,ticket_id,message_id\n");
        for (id, ticket, message) in lines {
            writeln!(text, "{id},{ticket},{message}").expect("memory");
        }
        let path = self.path("ids.csv");
        std::fs::write(&path, text).expect("an ids file");
        self.ids = Some(path);
    }

    /// The checkpoint, opened to plan and to send.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint::open(&self.path("acme.deskferry"), Access::Write(&holder())).expect("a checkpoint")
    }

    /// Pass 1 over the export as it is now, in the checkpoint.
    pub fn plan(&self) -> Plan {
        self.plan_in(self.checkpoint())
    }

    /// The same, in a checkpoint that is open.
    pub fn plan_in(&self, checkpoint: Checkpoint) -> Plan {
        let mapping = Mapping::compile(&self.mapping, "acme.toml").unwrap_or_else(|error| panic!("{}", error.render()));
        let input = |path: &PathBuf| InputFile {
            path: path.clone(),
            format: Format::of_file(path).expect("a format"),
            header: None,
        };
        let mut job = Job {
            account: "virtual".into(),
            origin: String::new(),
            mapping,
            mapping_origin: "acme.toml".into(),
            inputs: self.exports.iter().map(input).collect(),
            lookup_files: Vec::new(),
            exclusions: deskferry::run::Exclusions::default(),
            ids: self.ids.clone(),
            scan: self.scan.as_ref().map(|path| ScanFile::at(path, "virtual", "").expect("a scan")),
            writes: self.writes.clone(),
            batch_size: self.batch_size,
            sequence: self.sequence,
            lookups: Lookups::default(),
        };
        let now = Timestamp::constant(1_800_000_000, 0);
        let planning = make_plan(&mut job, checkpoint, now, &Progress::default()).expect("a plan");
        Plan { job: Arc::new(job), checkpoint: planning.checkpoint, delta: planning.delta }
    }
}

impl Plan {
    /// Every message that was read, in the order of the export.
    pub fn rows(&self) -> Vec<Row> {
        rows(&self.checkpoint)
    }

    /// The totals by state, without those that are nought. Fails where they don't add up.
    pub fn totals(&self) -> BTreeMap<&'static str, u64> {
        totals(&self.checkpoint)
    }

    /// The ids of what is outstanding, in the order of sending.
    pub fn outstanding(&self) -> Vec<String> {
        let rows =
            self.checkpoint.planned_after(0, deskferry::plan::SENDABLE, Which::All, usize::MAX >> 1).expect("the plan");
        rows.into_iter().map(|row| row.external_id.as_str().to_owned()).collect()
    }

    /// Pass 2: sends what is outstanding to `account`.
    pub async fn send(self, account: &VirtualAccount, order: &Order) -> Sent {
        self.send_watched(account, order, &Progress::default()).await
    }

    /// The same, and somebody watches `progress`.
    pub async fn send_watched(self, account: &VirtualAccount, order: &Order, progress: &Progress) -> Sent {
        let (_nobody_asks, stop) = watch::channel(StopRequest::None);
        let clock = account.clock();
        let sent = send(self.job, self.checkpoint, account.clone(), order, clock, stop, progress).await;
        sent.expect("every outcome is recorded")
    }
}

/// Who works here.
pub fn holder() -> Holder {
    Holder { user: "tester".into(), machine: "here".into(), process: 1, since: "2026-01-01 00:00:00 UTC".into() }
}

/// Every message of the plan in `checkpoint`, in the order of the export.
pub fn rows(checkpoint: &Checkpoint) -> Vec<Row> {
    let mut rows = Vec::new();
    let listed = checkpoint.list::<CheckpointError>(&State::ALL, |row| {
        let cause = row.cause.map(|(_, cause)| format!("{}: {}", cause.kind.name(), cause.detail));
        rows.push((row.external_id.unwrap_or_default(), row.state, cause.unwrap_or_default()));
        Ok(())
    });
    listed.expect("the checkpoint");
    rows
}

/// The totals by state, without those that are nought. Fails where they don't add up.
pub fn totals(checkpoint: &Checkpoint) -> BTreeMap<&'static str, u64> {
    let totals = checkpoint.totals().expect("the checkpoint");
    assert!(totals.balance(), "the balance holds: {totals:?}");
    let numbers = State::ALL.into_iter().map(|state| (state.word(), totals.of(state)));
    numbers.filter(|(_, number)| *number > 0).collect()
}

/// As a run is told where nothing else is said: no limit but `rate`, and tries spaced as usual.
pub fn order(rate: &str) -> Order {
    let rate: Rate = rate.parse().expect("a rate");
    Order {
        pace: Pace::typed(rate),
        max_failures: None,
        keeps_going: false,
        stop_at: None,
        concurrency: 16,
        limit: None,
        backoff: Backoff::default(),
        command: "run".into(),
        undo: false,
        which: Which::All,
        action: None,
    }
}
