//! `kill -9` at any moment: after a resume nothing is lost, nothing is counted twice, and no more updates are repeated
//! than were on the wire.
//!
//! Each round is made from a seed, which a failure names: `DESKFERRY_SEED=17 DESKFERRY_KILLS=1` repeats that round.
//! `DESKFERRY_KILLS` is the number of rounds; without it there are a few.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]
#![allow(clippy::print_stdout, reason = "a failure names its seed")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

#[path = "support/live.rs"]
mod live;
mod support;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use deskferry::record::State;
use deskferry::simulator::Settings;
use live::{Live, Row, agree, held, in_state, rows};
use serde_json::Value;
use support::{Account, Folder, totals};

/// Messages of the sample that are sent.
const SENT: u64 = 263;

/// A run of the sample that gets killed, and what is known of the kills so far.
struct Story {
    folder: Folder,
    account: Account,
    concurrency: usize,
    undo: &'static str,
    // How often each message was on the wire at a kill.
    in_flight: BTreeMap<u64, u64>,
}

/// When a run is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// As soon as the process is there.
    Start,
    /// The checkpoint is there: pass 1 has begun.
    Opened,
    /// The plan is in it.
    Planned,
    /// The account was asked for itself.
    Greeted,
    /// So many requests to update a message have arrived since this process began.
    Asked(u64),
    /// So many updates were applied since this process began, and their answers are still out.
    Applied(u64),
    /// The last message is updated; what is left is to say so.
    Last,
}

impl Moment {
    fn of(dice: &mut fastrand::Rng) -> Self {
        match dice.u8(..20) {
            0 => Self::Start,
            1 => Self::Opened,
            2 => Self::Planned,
            3 => Self::Greeted,
            4 => Self::Last,
            5..12 => Self::Asked(dice.u64(1..=SENT)),
            _ => Self::Applied(dice.u64(1..=SENT)),
        }
    }
}

impl Story {
    fn new(concurrency: usize, undo: &'static str) -> Self {
        let folder = Folder::with_sample("zendesk");
        // The answer waits, the update is applied: a kill meanwhile finds it on the wire.
        let settings = Settings { latency: Duration::from_millis(2), ..Settings::default() };
        let account = Account::start(settings, &folder.file("export/ids.csv"));
        Self { folder, account, concurrency, undo, in_flight: BTreeMap::new() }
    }

    fn checkpoint(&self) -> PathBuf {
        self.folder.file("night.deskferry")
    }

    /// What an operator types next: `resume` where there is a plan, else the same run again.
    fn command(&self) -> String {
        let sending = format!("--rate none --concurrency {}", self.concurrency);
        if rows(&self.checkpoint()).is_empty() {
            format!(
                "run export --mapping zendesk --checkpoint night.deskferry {sending} --undo {} {}",
                self.undo,
                self.account.flag()
            )
        } else {
            format!("resume {sending}")
        }
    }

    /// Goes on, and is killed at `moment`, or ends before it comes.
    fn killed_at(&mut self, moment: Moment) {
        let checkpoint = self.checkpoint();
        let before = self.account.counters();
        let mut run = Live::start(self.folder.command(&self.command()));
        let account = &self.account;
        run.reaches(|| match moment {
            Moment::Start => true,
            Moment::Opened => checkpoint.exists(),
            Moment::Planned => !rows(&checkpoint).is_empty(),
            Moment::Greeted => account.counters().requests > before.requests,
            Moment::Asked(number) => account.counters().update_requests >= before.update_requests + number,
            Moment::Applied(number) => account.counters().updates >= before.updates + number,
            Moment::Last => account.updated().len() as u64 == SENT,
        });
        run.kill();
        let on_the_wire = in_state(&rows(&checkpoint), State::Sending);
        assert!(on_the_wire.len() <= self.concurrency, "{} were on the wire", on_the_wire.len());
        for message in on_the_wire {
            *self.in_flight.entry(message).or_default() += 1;
        }
    }

    /// Goes on to the end, and checks what an operator was promised.
    fn arrives(&self) {
        self.folder.run(&self.command()).expect(0);
        assert_eq!(self.folder.outcomes("night.deskferry"), totals([("updated", SENT), ("skipped", 7)]));
        agree(&self.checkpoint(), &self.account);
        let (held, unkilled) = (held(&self.account), unkilled(self.undo));
        assert_eq!(held.len(), unkilled.len());
        for (id, message) in held {
            assert_eq!(message, unkilled[&id], "undo {}: {id} is as after a run that nobody killed", self.undo);
        }
        for (id, updated) in self.account.updated() {
            let on_the_wire = self.in_flight.get(&id).copied().unwrap_or_default();
            assert!(
                updated.times <= 1 + on_the_wire,
                "message {id} was updated {} times and was on the wire at {on_the_wire} kills",
                updated.times
            );
        }
        let all_in_flight: u64 = self.in_flight.values().sum();
        assert!(self.account.counters().repeated <= all_in_flight);
        assert!(rows(&self.checkpoint()).iter().all(Row::is_settled));
    }
}

impl Row {
    fn is_settled(&self) -> bool {
        matches!(self.state, State::Updated | State::Skipped)
    }
}

/// What the account holds after a run that nobody killed.
fn unkilled(undo: &'static str) -> &'static BTreeMap<u64, Value> {
    static HELD: [OnceLock<BTreeMap<u64, Value>>; 2] = [OnceLock::new(), OnceLock::new()];
    HELD[usize::from(undo == "on")].get_or_init(|| {
        let story = Story::new(8, undo);
        story.folder.run(&story.command()).expect(0);
        let held = held(&story.account);
        assert_eq!(held.len() as u64, SENT);
        held
    })
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

#[test]
fn a_run_killed_at_any_moment_is_resumed_without_loss_and_without_repeating_more_than_was_on_the_wire() {
    killed_at_any_moment(8, 20);
}

#[test]
fn a_run_with_64_requests_out_at_once_is_killed_and_resumed_without_loss() {
    killed_at_any_moment(64, 5);
}

fn killed_at_any_moment(concurrency: usize, rounds: u64) {
    let first = number("DESKFERRY_SEED").unwrap_or(1);
    let mut repeated = 0;
    let mut on_the_wire = 0;
    for seed in first..first + number("DESKFERRY_KILLS").unwrap_or(rounds) {
        let mut dice = fastrand::Rng::with_seed(seed);
        let moment = Moment::of(&mut dice);
        let undo = if seed % 2 == 0 { "on" } else { "off" };
        println!("DESKFERRY_SEED={seed}: {concurrency} at once, killed at {moment:?}, undo {undo}");
        let mut story = Story::new(concurrency, undo);
        story.killed_at(moment);
        story.arrives();
        repeated += story.account.counters().repeated;
        on_the_wire += story.in_flight.values().sum::<u64>();
    }
    println!("{concurrency} at once: {repeated} updates repeated of {on_the_wire} on the wire");
    if number("DESKFERRY_KILLS").is_none() {
        assert!(on_the_wire > 0, "some kills found updates on the wire");
    }
}

#[test]
fn resumes_that_are_killed_one_after_the_other_get_there_too() {
    killed_one_after_the_other("off");
    killed_one_after_the_other("on");
}

fn killed_one_after_the_other(undo: &'static str) {
    let seed = number("DESKFERRY_SEED").unwrap_or(1);
    let mut dice = fastrand::Rng::with_seed(seed);
    let mut story = Story::new(8, undo);
    story.killed_at(Moment::Start);
    story.killed_at(Moment::Opened);
    story.killed_at(Moment::Planned);
    story.killed_at(Moment::Greeted);
    for _ in 0..8 {
        story.killed_at(Moment::Applied(dice.u64(1..30)));
    }
    let before = rows(&story.checkpoint());
    assert!(!in_state(&before, State::Pending).is_empty(), "DESKFERRY_SEED={seed}: there is something left to send");
    story.arrives();
}

#[test]
fn a_run_killed_before_it_has_a_plan_leaves_nothing_that_stands_in_the_way() {
    let mut story = Story::new(8, "on");
    story.killed_at(Moment::Opened);
    if rows(&story.checkpoint()).is_empty() {
        let refused = story.folder.run("resume").expect(2);
        assert!(refused.err.contains("holds no plan yet"), "{}", refused.err);
        assert_eq!(story.account.counters().requests, 0);
    }
    story.arrives();
}
