//! Whatever happened in whatever order (runs with faults, limits and selections, kills, retries, changed mappings), what is
//! outstanding follows from what was tried, message by message: the model below knows nothing else.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deskferry::checkpoint::{Checkpoint, CheckpointError, Selection, Which};
use deskferry::deliver::Backoff;
use deskferry::gorgias::{Answer, Lost, Method, Request, Transport};
use deskferry::plan::SENDABLE;
use deskferry::record::State;
use deskferry::run::{Job, Order, Progress, StopRequest, send};
use deskferry::simulator::Settings;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use support::desk::{Desk, MAPPING, Plan, order, rows, said, totals};
use support::virtual_account::VirtualAccount;
use tokio::runtime;
use tokio::sync::{Notify, watch};

use State::{Failed, Pending, Unconfirmed, Updated};

/// So many messages, three in a ticket and two in a batch.
const MESSAGES: usize = 9;
const TICKETS: usize = 3;
const BATCH: usize = 2;

/// By which of the mapping's versions each ticket is mapped.
type Versions = [u8; TICKETS];

/// What the operator picks.
#[derive(Debug, Clone)]
enum Pick {
    All,
    Batches(Vec<u64>),
    Messages(Vec<usize>),
    /// Those that were sent at these seconds.
    Times(usize, usize),
    /// The how-manieth of the causes that there are; only a retry picks by that.
    Cause(usize),
}

/// What an operator does, or what happens to them.
#[derive(Debug, Clone)]
struct Step {
    /// The mapping is another from now on.
    mapping: Option<Versions>,
    is_retry: bool,
    pick: Pick,
    limit: Option<u64>,
    concurrency: usize,
    /// The process dies when it sends so many updates, from 0; and whether that one still gets to the account.
    dies: Option<(usize, bool)>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let pick = prop_oneof![
        4 => Just(Pick::All),
        2 => prop::collection::vec(1..=MESSAGES.div_ceil(BATCH) as u64, 1..3).prop_map(Pick::Batches),
        2 => prop::collection::vec(0..MESSAGES, 1..4).prop_map(Pick::Messages),
        1 => (0..MESSAGES, 0..MESSAGES).prop_map(|(a, b)| Pick::Times(a.min(b), a.max(b))),
        2 => (0..4_usize).prop_map(Pick::Cause),
    ];
    let mapping = prop_oneof![3 => Just(None), 1 => prop::array::uniform3(0..2_u8).prop_map(Some)];
    let limit = prop_oneof![3 => Just(None), 1 => (0..6_u64).prop_map(Some)];
    let dies = prop_oneof![2 => Just(None), 1 => (0..6_usize, any::<bool>()).prop_map(Some)];
    let step = (mapping, any::<bool>(), pick, limit, 1..=4_usize, dies);
    let step = step.prop_map(|(mapping, is_retry, pick, limit, concurrency, dies)| {
        let pick = if is_retry || !matches!(pick, Pick::Cause(_)) { pick } else { Pick::All };
        // One at a time, so that only what is on the wire is open when it dies.
        let concurrency = if dies.is_some() { 1 } else { concurrency };
        Step { mapping, is_retry, pick, limit, concurrency, dies }
    });
    prop::collection::vec(step, 1..10)
}

// The model

/// Something that happened to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    /// It was sent as this version says; what came back, and nothing where nobody was there to hear it.
    Tried(u8, Heard),
    /// A retry put it back, as this version says.
    PutBack(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    Nothing,
    Lost,
    Status(u16),
}

/// What a message is, as its present version and all that ever happened to it say: the last of that counts, and only if it
/// was of this version.
fn state(events: &[Event], version: u8) -> State {
    match events.last() {
        Some(&Event::Tried(tried, heard)) if tried == version => match heard {
            Heard::Nothing | Heard::Lost => Unconfirmed,
            Heard::Status(200..=299) => Updated,
            Heard::Status(_) => Failed,
        },
        _ => Pending,
    }
}

/// All that ever happened, by message.
type Journal = Arc<Mutex<[Vec<Event>; MESSAGES]>>;

fn is_outstanding(state: State) -> bool {
    matches!(state, Pending | Unconfirmed)
}

// The wire

/// The way to the account: it keeps the journal, and may be cut.
#[derive(Clone)]
struct Wire {
    account: VirtualAccount,
    journal: Journal,
    versions: Versions,
    left: Arc<Mutex<Option<(usize, bool)>>>,
    cut: Arc<Notify>,
}

impl Wire {
    fn note(&self, message: usize, heard: Heard) -> usize {
        let events = &mut self.journal.lock().expect("no test panics in here")[message];
        events.push(Event::Tried(self.versions[message / TICKETS], heard));
        events.len() - 1
    }

    /// Whether the process dies with this update, and whether it still arrives.
    fn dies(&self) -> Option<bool> {
        let mut left = self.left.lock().expect("no test panics in here");
        let (updates, arrives) = (*left)?;
        *left = Some((updates.saturating_sub(1), arrives));
        (updates == 0).then_some(arrives)
    }
}

impl Transport for Wire {
    async fn send(&self, request: Request) -> Result<Answer, Lost> {
        let message = request.path.rsplit_once("/messages/").and_then(|(_, id)| id.parse::<usize>().ok());
        let Some(message) = message.filter(|_| request.method == Method::Put) else {
            return self.account.send(request).await;
        };
        let message = message - 100;
        let at = self.note(message, Heard::Nothing);
        if let Some(arrives) = self.dies() {
            if arrives {
                let _nobody_hears = self.account.send(request).await;
            }
            self.cut.notify_one();
            return std::future::pending().await;
        }
        let answer = self.account.send(request).await;
        let heard = answer.as_ref().map_or(Heard::Lost, |answer| Heard::Status(answer.status));
        let version = self.versions[message / TICKETS];
        self.journal.lock().expect("no test panics in here")[message][at] = Event::Tried(version, heard);
        answer
    }
}

// The tool

fn mapping(versions: Versions) -> String {
    let mut subject = String::from("subject = [\n");
    for (ticket, version) in (1..).zip(versions) {
        writeln!(subject, "  {{ when = \"ticket == {ticket}\", value = \"version {version}\" }},").expect("memory");
    }
    MAPPING.replace("body_text =", &format!("{subject}]\nbody_text ="))
}

fn second(message: usize) -> Timestamp {
    Timestamp::constant(1_700_000_000, 0) + SignedDuration::from_secs(message.try_into().expect("a second"))
}

/// One desk, one account, and the journal of all that went between them.
struct Story {
    desk: Desk,
    account: VirtualAccount,
    journal: Journal,
    versions: Versions,
    /// How long the account has been there when the last process ended: each has a clock of its own.
    elapsed: Duration,
}

impl Story {
    fn new(faults: &str, seed: u64) -> Self {
        let mut desk = Desk::new();
        desk.batch_size = BATCH as u64;
        desk.mapping = mapping([0; TICKETS]);
        let message = |number: usize| {
            let ticket = (number / TICKETS + 1) as u64;
            said(&format!("m{number}"), ticket, number as u64).to(ticket, 100 + number as u64)
        };
        let messages: Vec<_> = (0..MESSAGES).map(message).collect();
        desk.export(&messages);
        drop(desk.plan());
        let settings = Settings { faults: faults.parse().expect("faults"), seed, ..Settings::default() };
        let targets = messages.iter().filter_map(support::desk::Said::target);
        let account = VirtualAccount::new(settings, Duration::from_millis(50), targets);
        Self { desk, account, journal: Journal::default(), versions: [0; TICKETS], elapsed: Duration::ZERO }
    }

    fn states(&self) -> [State; MESSAGES] {
        let journal = self.journal.lock().expect("no test panics in here");
        std::array::from_fn(|message| state(&journal[message], self.versions[message / TICKETS]))
    }

    fn live(&mut self, step: &Step) {
        let checkpoint = self.desk.checkpoint();
        let (selection, picked) = selection(&checkpoint, &step.pick);
        let which = if selection.is_everything() { Which::All } else { Which::Chosen };
        if step.is_retry {
            checkpoint.mark(&selection).expect("batches and causes that there are");
        }
        let Plan { job, checkpoint, .. } = self.planned(checkpoint, step.mapping);
        checkpoint.settle_interrupted().expect("the checkpoint");
        self.check(&checkpoint);
        if !step.is_retry {
            checkpoint.mark(&selection).expect("batches that there are");
        }
        checkpoint.choose(&selection).expect("something fits");
        if step.is_retry {
            checkpoint.requeue(which).expect("the checkpoint");
            self.put_back(&picked);
        }
        let before = self.states();
        let due: Vec<_> = picked.iter().copied().filter(|&message| is_outstanding(before[message])).collect();
        let outstanding = checkpoint.count_in(SENDABLE, which).expect("the checkpoint");
        assert_eq!(outstanding, due.len() as u64, "{step:?}");
        self.check(&checkpoint);
        let tried = self.tried();
        let ended = self.send(job, checkpoint, which, step);
        let touched = self.tried().into_iter().zip(tried).enumerate().filter(|(_, (now, then))| now > then);
        let touched: Vec<_> = touched.map(|(message, _)| message).collect();
        let most = step.limit.map_or(due.len(), |limit| due.len().min(limit.try_into().expect("a few")));
        if ended {
            assert_eq!(touched, due[..most], "all that was asked for, and nothing else");
        } else {
            assert!(touched.iter().all(|message| due[..most].contains(message)), "{touched:?} of {due:?}");
        }
        let checkpoint = self.desk.checkpoint();
        checkpoint.settle_interrupted().expect("the checkpoint");
        self.check(&checkpoint);
    }

    /// The plan as it is, or as another mapping makes it.
    fn planned(&mut self, checkpoint: Checkpoint, mapped: Option<Versions>) -> Plan {
        let Some(versions) = mapped else {
            let pins = checkpoint.planned_pins().expect("a plan");
            return Plan { job: Arc::new(Job::of_pins(&pins).expect("its job")), checkpoint, delta: None };
        };
        let before = self.states();
        self.versions = versions;
        self.desk.mapping = mapping(versions);
        let plan = self.desk.plan_in(checkpoint);
        let stays = self.states().iter().filter(|state| **state != Pending).count();
        assert_eq!(plan.delta.map(|delta| delta.kept), Some(stays as u64), "{before:?}");
        plan
    }

    fn put_back(&self, picked: &BTreeSet<usize>) {
        let states = self.states();
        let mut journal = self.journal.lock().expect("no test panics in here");
        for &message in picked.iter().filter(|message| states[**message] == Failed) {
            journal[message].push(Event::PutBack(self.versions[message / TICKETS]));
        }
    }

    /// How often each message was sent so far.
    fn tried(&self) -> [usize; MESSAGES] {
        let journal = self.journal.lock().expect("no test panics in here");
        std::array::from_fn(|message| journal[message].iter().filter(|event| matches!(event, Event::Tried(..))).count())
    }

    /// Sends in a process of its own; whether it came to its end.
    fn send(&mut self, job: Arc<Job>, checkpoint: Checkpoint, which: Which, step: &Step) -> bool {
        let wire = Wire {
            account: self.account.clone(),
            journal: Arc::clone(&self.journal),
            versions: self.versions,
            left: Arc::new(Mutex::new(step.dies)),
            cut: Arc::default(),
        };
        let order = Order {
            limit: step.limit,
            concurrency: step.concurrency,
            which,
            backoff: Backoff { tries: 2, throttled: 2, ..Backoff::default() },
            ..order("none")
        };
        let process =
            runtime::Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
        let ended = process.block_on(async {
            tokio::time::advance(self.elapsed.saturating_sub(self.account.elapsed())).await;
            let (_nobody_asks, asked) = watch::channel(StopRequest::None);
            let (clock, progress) = (self.account.clock(), Progress::default());
            let ended = tokio::select! {
                sent = send(job, checkpoint, wire.clone(), &order, clock, asked, &progress) => {
                    sent.expect("every outcome is recorded");
                    true
                }
                () = wire.cut.notified() => false,
            };
            self.elapsed = self.account.elapsed();
            ended
        });
        // Whatever it was at is gone with it.
        drop(process);
        ended
    }

    /// The checkpoint says what the model says; and the account holds what is said to have been updated.
    fn check(&self, checkpoint: &Checkpoint) {
        let states = self.states();
        let expected: Vec<_> = (0..).zip(states).map(|(message, state)| (format!("m{message}"), state)).collect();
        let found: Vec<_> = rows(checkpoint).into_iter().map(|(id, state, _)| (id, state)).collect();
        assert_eq!(found, expected, "{:?}", self.journal);
        totals(checkpoint);
        let held: BTreeMap<_, _> = self.account.with(|simulator| {
            let messages = simulator.account().messages();
            messages.map(|message| (message.target().message_id, message.get("subject").clone())).collect()
        });
        for (message, _) in states.iter().enumerate().filter(|(_, state)| **state == Updated) {
            let version = format!("version {}", self.versions[message / TICKETS]);
            assert_eq!(held[&(100 + message as u64)], version, "m{message}");
        }
    }
}

/// What `pick` says in words of the checkpoint, and which messages that are.
fn selection(checkpoint: &Checkpoint, pick: &Pick) -> (Selection, BTreeSet<usize>) {
    let everything = || 0..MESSAGES;
    let mut selection = Selection::default();
    let picked = match pick {
        Pick::All => everything().collect(),
        Pick::Batches(batches) => {
            selection.batches.clone_from(batches);
            everything().filter(|message| batches.contains(&((message / BATCH + 1) as u64))).collect()
        }
        Pick::Messages(messages) => {
            selection.messages = messages.iter().map(|message| format!("m{message}")).collect();
            messages.iter().copied().collect()
        }
        Pick::Times(first, last) => {
            selection.since = Some(second(*first));
            selection.until = Some(second(*last));
            (*first..=*last).collect()
        }
        Pick::Cause(which) => {
            let causes = causes(checkpoint);
            let Some((cause, messages)) = causes.iter().nth(which % causes.len().max(1)) else {
                return (selection, everything().collect());
            };
            selection.causes.push(*cause);
            messages.clone()
        }
    };
    (selection, picked)
}

/// The causes of what failed or is not confirmed, with their messages.
fn causes(checkpoint: &Checkpoint) -> BTreeMap<i64, BTreeSet<usize>> {
    let mut causes = BTreeMap::<_, BTreeSet<_>>::new();
    let listed = checkpoint.list::<CheckpointError>(&[Failed, Unconfirmed], |row| {
        let id = row.external_id.expect("an id");
        let (cause, _) = row.cause.expect("a cause");
        causes.entry(cause).or_default().insert(id[1..].parse().expect("a number"));
        Ok(())
    });
    listed.expect("the checkpoint");
    causes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_outstanding_follows_from_what_was_tried(steps in steps(), seed in any::<u64>()) {
        let mut story = Story::new("400=0.1,409=0.05,500=0.15,502=0.1,429=0.1,reset=0.15,truncated=0.05,empty=0.05", seed);
        for step in &steps {
            story.live(step);
        }
    }
}
