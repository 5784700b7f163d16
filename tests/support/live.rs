//! A run that is under way: watched, stopped, killed; and what its checkpoint holds then.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use deskferry::checkpoint::{Access, Checkpoint, CheckpointError};
use deskferry::record::State;
use deskferry::simulator::Simulator;

use crate::support::{Account, Ran, Updated};

/// A test that waits longer than this for a moment waits for one that never comes.
const PATIENCE: Duration = Duration::from_mins(1);

/// A `deskferry` that is at work. It is killed when it is dropped.
pub struct Live {
    child: Child,
    // `None` once nobody reads it any more.
    err: Option<BufReader<ChildStderr>>,
    // What was read of standard error so far.
    said: String,
}

impl Live {
    pub fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("deskferry starts");
        let err = BufReader::new(child.stderr.take().expect("its standard error"));
        Self { child, err: Some(err), said: String::new() }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until `is_due`; false if the run came to its end before.
    pub fn reaches(&mut self, mut is_due: impl FnMut() -> bool) -> bool {
        let began = Instant::now();
        while !is_due() {
            if self.child.try_wait().expect("a child").is_some() {
                return false;
            }
            assert!(began.elapsed() < PATIENCE, "the moment never came");
            thread::yield_now();
        }
        true
    }

    /// Waits until it has said a line with `words` on standard error.
    pub fn says(&mut self, words: &str) {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            assert!(
                self.err.as_mut().expect("its standard error").read_line(&mut line).expect("text") > 0,
                "never said: {words}\n{}",
                self.said
            );
            self.said.push_str(&line);
        }
    }

    /// Waits until it has printed a line to standard output; false if it ends without one.
    pub fn hears(&mut self) -> bool {
        let out = self.child.stdout.as_mut().expect("its output");
        out.read(&mut [0]).expect("text") > 0
    }

    /// The same, and whatever it prints from now on goes nowhere: its terminal is gone.
    pub fn unheard(mut self) -> Self {
        self.child.stdout = None;
        self.err = None;
        self
    }

    /// Waits for its end, whatever it prints; its exit code.
    pub fn code(mut self) -> i32 {
        self.child.wait().expect("its end").code().unwrap_or(-1)
    }

    /// Sends it a signal: `INT`, `TERM`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.id().to_string()]).status();
        assert!(status.expect("kill").success(), "there is a process to signal");
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill(mut self) {
        // It fails where the process ended already.
        let _ = self.child.kill();
        self.child.wait().expect("its end");
    }

    /// Waits for its end by itself.
    pub fn end(mut self) -> Ran {
        self.err.as_mut().expect("its standard error").read_to_string(&mut self.said).expect("text");
        let mut out = String::new();
        self.child.stdout.take().expect("its output").read_to_string(&mut out).expect("text");
        let status = self.child.wait().expect("its end");
        Ran { code: status.code().unwrap_or(-1), out, err: std::mem::take(&mut self.said) }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A message of the plan, as the checkpoint has it.
#[derive(Debug, Clone)]
pub struct Row {
    pub external_id: Option<String>,
    pub message_id: Option<u64>,
    pub state: State,
    /// The name of its cause.
    pub cause: Option<&'static str>,
}

/// Every message of the plan in the checkpoint at `path`; none where there is no plan yet.
pub fn rows(path: &Path) -> Vec<Row> {
    let mut rows = Vec::new();
    let checkpoint = match Checkpoint::open(path, Access::Read) {
        Ok(checkpoint) => checkpoint,
        // Nothing is there yet, or a file without tables.
        Err(CheckpointError::Missing { .. } | CheckpointError::NoPlan { .. }) => return rows,
        Err(error) => panic!("{error}"),
    };
    let listed = checkpoint.list::<CheckpointError>(&State::ALL, |message| {
        rows.push(Row {
            external_id: message.external_id,
            message_id: message.message_id,
            state: message.state,
            cause: message.cause.map(|(_, cause)| cause.kind.name()),
        });
        Ok(())
    });
    listed.expect("the plan");
    rows
}

/// The messages in Gorgias of the rows in `state`.
pub fn in_state(rows: &[Row], state: State) -> Vec<u64> {
    rows.iter().filter(|row| row.state == state).filter_map(|row| row.message_id).collect()
}

/// What the account holds of each message that was updated, however often that was.
pub fn held(account: &Account) -> BTreeMap<u64, serde_json::Value> {
    account.updated().into_iter().map(|(id, Updated { message, .. })| (id, message)).collect()
}

/// Fails unless what the checkpoint at `path` says of each message is so: an updated one holds its id, one that was
/// never sent met no request, and no message has an id that the plan did not send there.
#[track_caller]
pub fn agree(path: &Path, account: &Account) {
    account.with(|simulator| agree_with(path, simulator));
}

/// The same, for an account that is at hand itself.
#[track_caller]
pub fn agree_with(path: &Path, simulator: &Simulator) {
    let mut sent = BTreeMap::new();
    for row in rows(path) {
        let is_never_sent = matches!(row.state, State::Skipped | State::Absent | State::Blocked | State::Unchanged);
        if let (Some(id), Some(message_id), false) = (row.external_id, row.message_id, is_never_sent) {
            assert_eq!(sent.insert(message_id, (id, row.state)), None, "{message_id} is the target of one row");
        }
    }
    for message in simulator.account().messages() {
        let id = message.target().message_id;
        let (received, held) = (message.received(), message.external_id());
        let Some((planned, state)) = sent.remove(&id) else {
            assert_eq!(received.requests, 0, "nothing was sent for message {id}");
            assert_eq!(held, None, "message {id} has no external_id");
            continue;
        };
        match state {
            State::Updated => assert_eq!(held, Some(planned.as_str()), "message {id} is updated"),
            State::Pending => assert_eq!(received.updates, 0, "message {id} is pending"),
            _ => assert!(held.is_none_or(|held| held == planned), "message {id} holds {held:?}"),
        }
    }
    assert!(sent.is_empty(), "all targets are in the account");
    let counters = simulator.counters();
    assert_eq!((counters.mails, counters.redirects_followed, counters.overlaps), (0, 0, 0));
}
