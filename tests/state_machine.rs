//! A record's state moves as the design says, and in no other way: every pair of states, and random histories of a
//! checkpoint, each beside a model that is written from the design's diagram and not from the code.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod support;

use std::collections::{BTreeMap, HashSet};

use deskferry::checkpoint::{Access, Attempt, Checkpoint, CheckpointError, Entry, Which, Writer};
use deskferry::plan::SENDABLE;
use deskferry::record::{Cause, CauseKind, MessageId, State, Target, TicketId};
use jiff::Timestamp;
use proptest::prelude::*;
use support::desk::{Desk, Said, rows, said, totals};

use State::{Absent, Blocked, Failed, Pending, Sending, Skipped, Unchanged, Unconfirmed, Updated};

/// The moves of the design's diagram.
const MOVES: &[(State, State, &str)] = &[
    (Pending, Sending, "intent"),
    (Sending, Updated, "2xx that confirms"),
    (Sending, Failed, "refused for good, or every try answered with an error"),
    (Sending, Unconfirmed, "process died, or the last answer was lost"),
    (Failed, Pending, "retry"),
    // An unconfirmed record is settled by sending it again: to updated, failed or pending.
    (Unconfirmed, Sending, "intent"),
    (Sending, Pending, "released: the run stopped, and nothing can have been written"),
    (Sending, Absent, "deleted in the account, as the operator asked"),
    // Where it is known what the account holds, it may be another external_id: nothing is sent.
    (Pending, Blocked, "conflict"),
    (Unconfirmed, Blocked, "conflict"),
    // Or everything is there already.
    (Pending, Unchanged, "held already"),
    (Unconfirmed, Unchanged, "held already"),
];

fn moves() -> HashSet<(State, State)> {
    MOVES.iter().map(|&(from, to, _)| (from, to)).collect()
}

#[test]
fn a_record_moves_only_as_the_diagram_says() {
    let moves = moves();
    for from in State::ALL {
        for to in State::ALL {
            let expected = moves.contains(&(from, to));
            assert_eq!(from.may_become(to), expected, "from {} to {}", from.word(), to.word());
        }
    }
}

#[test]
fn what_is_sent_is_what_waits_and_what_may_not_have_arrived() {
    for state in State::ALL {
        let is_sent = SENDABLE.contains(&state);
        assert_eq!(is_sent, matches!(state, Pending | Unconfirmed), "{}", state.word());
        assert_eq!(state.may_become(Sending), is_sent, "whatever is sent, and nothing else, may go out");
    }
}

#[test]
fn states_keep_their_codes_because_checkpoints_hold_them() {
    let codes = [
        (Pending, 0),
        (Sending, 1),
        (Updated, 2),
        (Failed, 3),
        (Unconfirmed, 4),
        (Skipped, 5),
        (Absent, 6),
        (Blocked, 7),
        (Unchanged, 8),
    ];
    assert_eq!(codes.len(), State::ALL.len());
    for (state, code) in codes {
        assert_eq!((state.code(), State::from_code(code)), (code, Some(state)));
    }
    assert_eq!(State::from_code(9), None);
}

#[test]
fn no_history_of_a_run_leads_out_of_updated_unchanged_skipped_absent_or_blocked() {
    for last in [Updated, Unchanged, Skipped, Absent, Blocked] {
        assert!(State::ALL.into_iter().all(|next| !last.may_become(next)), "{}", last.word());
    }
    // And each of the others leads to a record that is updated, so that none is stuck.
    for first in [Pending, Sending, Failed, Unconfirmed] {
        let mut reached = HashSet::from([first]);
        for _ in State::ALL {
            let next: Vec<_> =
                reached.iter().flat_map(|from| State::ALL.into_iter().filter(|to| from.may_become(*to))).collect();
            reached.extend(next);
        }
        assert!(reached.contains(&Updated), "{}", first.word());
    }
}

/// What happens to a record, or to the whole run.
#[derive(Debug, Clone)]
enum Event {
    /// The writer is told that the record with this number (from 0) goes to this state.
    Told(usize, State),
    /// The process dies, and another one begins a run.
    Died,
    /// `deskferry retry`.
    Retried,
    /// A new plan from the same export and mapping.
    Planned,
}

const RECORDS: usize = 8;

fn events() -> impl Strategy<Value = Vec<Event>> {
    let told = |states: &'static [State]| {
        (0..RECORDS, prop::sample::select(states)).prop_map(|(record, state)| Event::Told(record, state))
    };
    let event = prop_oneof![
        // Mostly what a run does …
        12 => told(&[Sending]),
        12 => told(&[Updated, Failed, Unconfirmed, Pending]),
        // … and now and then what none should.
        2 => told(&[Updated, Unchanged, Skipped, Absent, Blocked, Pending, Sending]),
        2 => Just(Event::Died),
        2 => Just(Event::Retried),
        1 => Just(Event::Planned),
    ];
    prop::collection::vec(event, 1..60)
}

/// Five records to be sent, and one each that is skipped, absent and blocked.
fn export() -> Vec<Said> {
    let mut messages: Vec<_> =
        (0..5).map(|number| said(&format!("m{number}"), 1, number).to(1, 100 + number)).collect();
    messages.push(said("m5", 1, 5).with("type", "event"));
    messages.push(said("m6", 1, 6));
    messages.push(said("m7", 1, 7).to(1, 107).with("channel", "pigeon"));
    messages
}

fn states(checkpoint: &Checkpoint) -> BTreeMap<String, State> {
    rows(checkpoint).into_iter().map(|(id, state, _)| (id, state)).collect()
}

/// The model: states by record, moved by the table above alone.
struct Model {
    states: BTreeMap<String, State>,
    moves: HashSet<(State, State)>,
}

impl Model {
    /// Whether the record may go there; it does if it may.
    fn tell(&mut self, record: usize, next: State) -> bool {
        let state = self.states.get_mut(&format!("m{record}")).expect("a record");
        let may = self.moves.contains(&(*state, next));
        if may {
            *state = next;
        }
        may
    }

    fn all(&mut self, from: State, to: State) {
        self.states.values_mut().filter(|state| **state == from).for_each(|state| *state = to);
    }
}

async fn play(events: Vec<Event>) {
    let mut desk = Desk::new();
    desk.export(&export());
    let plan = desk.plan();
    let mut model = Model { states: states(&plan.checkpoint), moves: moves() };
    let turns = turns(&plan.checkpoint);
    let run = plan.checkpoint.begin_run("run", None, Timestamp::UNIX_EPOCH).expect("the checkpoint");
    let mut checkpoint = Some(plan.checkpoint);
    let expected = BTreeMap::from([("absent", 1), ("blocked", 1), ("pending", 5), ("skipped", 1)]);
    assert_eq!(checkpoint.as_ref().map(totals), Some(expected));
    for event in events {
        let open = checkpoint.take().unwrap_or_else(|| desk.checkpoint());
        match event {
            Event::Told(record, next) => {
                let (writer, written) = Writer::start(open, run);
                let told = writer.record(entry(turns[&format!("m{record}")], next)).await;
                drop(writer);
                checkpoint = written.await.expect("the writer's task").ok();
                assert_eq!(told.is_ok(), model.tell(record, next), "m{record} to {}", next.word());
                // A refusal ends the writer: it could mean that the checkpoint is damaged.
                assert_eq!(checkpoint.is_some(), told.is_ok());
            }
            Event::Died => {
                drop(open);
                let again = desk.checkpoint();
                again.settle_interrupted().expect("the checkpoint");
                model.all(Sending, Unconfirmed);
                checkpoint = Some(again);
            }
            Event::Retried => {
                open.requeue(Which::All).expect("the checkpoint");
                model.all(Failed, Pending);
                checkpoint = Some(open);
            }
            Event::Planned => {
                drop(open);
                let plan = desk.plan();
                model.all(Sending, Unconfirmed);
                // What the account said is asked again by a new plan; what the mapping says, it says again.
                for (id, state) in &mut model.states {
                    *state = if *state == Blocked && id != "m7" { Pending } else { *state };
                }
                checkpoint = Some(plan.checkpoint);
            }
        }
        let seen = Checkpoint::open(&desk.path("acme.deskferry"), Access::Read).expect("a reader");
        assert_eq!(states(&seen), model.states);
        totals(&seen);
        let outstanding = seen.planned_after(0, SENDABLE, Which::All, 100).expect("the plan");
        let outstanding: Vec<_> = outstanding.iter().map(|row| row.external_id.as_str().to_owned()).collect();
        let waiting = |state: &State| matches!(state, Pending | Unconfirmed);
        let expected: Vec<_> =
            model.states.iter().filter(|(_, state)| waiting(state)).map(|(id, _)| id.clone()).collect();
        assert_eq!(outstanding, expected);
    }
}

/// The turn of each record; of those that are never sent, too, as nobody should ask for it.
fn turns(checkpoint: &Checkpoint) -> BTreeMap<String, i64> {
    let mut turns = BTreeMap::new();
    let listed = checkpoint.list::<CheckpointError>(&State::ALL, |row| {
        turns.insert(row.external_id.expect("an id"), row.turn.try_into().expect("a turn"));
        Ok(())
    });
    listed.expect("the checkpoint");
    turns
}

fn entry(turn: i64, state: State) -> Entry {
    if state == Sending {
        return Entry::Intent { turn, before: None, effect: None };
    }
    let kind = if state == Absent { CauseKind::Cancelled } else { CauseKind::Refused };
    let cause = (state != Updated && state != Pending).then(|| Cause::new(kind, "no"));
    let target = Target { ticket: TicketId(1), message: MessageId(1) };
    let attempt = Attempt { target, started: Timestamp::UNIX_EPOCH, took: 1, status: Some(202), cause: None };
    Entry::Outcome { turn, state, cause, attempt: Some(attempt), receipt: None }
}

/// What an operator does with one checkpoint, night after night.
#[derive(Debug, Clone)]
enum Night {
    /// A plan from an export that holds each message in one of its versions, or not at all, or as what a rule leaves out.
    Plan([Held; MESSAGES]),
    /// A run in which the messages come to these ends, in the order of sending; then the process dies.
    Run(Vec<End>),
    /// `deskferry retry`.
    Retry,
}

const MESSAGES: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    No,
    Version(u8),
    LeftOut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Comes(State),
    /// It is on the wire when the process dies.
    Dies,
}

fn nights() -> impl Strategy<Value = Vec<Night>> {
    let held = prop_oneof![2 => Just(Held::No), 6 => (0_u8..2).prop_map(Held::Version), 1 => Just(Held::LeftOut)];
    let end = prop_oneof![
        4 => Just(End::Comes(Updated)),
        4 => prop::sample::select(&[Failed, Unconfirmed, Pending][..]).prop_map(End::Comes),
        1 => Just(End::Dies),
    ];
    let night = prop_oneof![
        3 => prop::array::uniform4(held).prop_map(Night::Plan),
        3 => prop::collection::vec(end, 0..=MESSAGES).prop_map(Night::Run),
        1 => Just(Night::Retry),
    ];
    prop::collection::vec(night, 2..16)
}

/// The model: for each message the last thing that happened to it on the wire, and nothing else. From that and the
/// present export it follows what is outstanding.
struct Diary {
    held: Vec<Held>,
    last: BTreeMap<usize, (u8, State)>,
}

impl Diary {
    fn state(&self, message: usize) -> Option<State> {
        match self.held.get(message)? {
            Held::No => None,
            Held::LeftOut => Some(Skipped),
            Held::Version(version) => match self.last.get(&message) {
                Some((sent, state)) if sent == version => Some(*state),
                _ => Some(Pending),
            },
        }
    }

    fn note(&mut self, message: usize, state: State) {
        if let Held::Version(version) = self.held[message] {
            self.last.insert(message, (version, state));
        }
    }

    fn states(&self) -> BTreeMap<String, State> {
        (0..self.held.len()).filter_map(|message| Some((format!("m{message}"), self.state(message)?))).collect()
    }
}

fn export_of(held: &[Held]) -> Vec<Said> {
    let message = |(number, held): (u64, &Held)| {
        let message = said(&format!("m{number}"), 1, number).to(1, 100 + number);
        match held {
            Held::No => None,
            Held::Version(version) => Some(message.with("text", format!("version {version}"))),
            Held::LeftOut => Some(message.with("type", "event")),
        }
    };
    // An empty file is refused, so there is always something in it.
    let rest = said("m4", 1, 4).with("type", "event");
    (0..).zip(held).filter_map(message).chain([rest]).collect()
}

async fn live(nights: Vec<Night>) {
    let mut desk = Desk::new();
    desk.export(&export_of(&[]));
    drop(desk.plan());
    let mut diary = Diary { held: vec![Held::No; MESSAGES], last: BTreeMap::new() };
    diary.held.push(Held::LeftOut);
    for night in nights {
        match night {
            Night::Plan(held) => {
                diary.held = [&held[..], &[Held::LeftOut]].concat();
                desk.export(&export_of(&held));
                let plan = desk.plan();
                let kept =
                    diary.states().values().filter(|state| matches!(state, Updated | Failed | Unconfirmed)).count();
                assert_eq!(plan.delta.map(|delta| delta.kept), Some(kept as u64));
            }
            Night::Run(ends) => {
                let checkpoint = desk.checkpoint();
                checkpoint.settle_interrupted().expect("the checkpoint");
                let run = checkpoint.begin_run("run", None, Timestamp::UNIX_EPOCH).expect("the checkpoint");
                let rows = checkpoint.planned_after(0, SENDABLE, Which::All, MESSAGES).expect("the plan");
                let (writer, written) = Writer::start(checkpoint, run);
                for (row, end) in rows.iter().zip(&ends) {
                    let message = row.external_id.as_str()[1..].parse().expect("a number");
                    writer.record(entry(row.turn, Sending)).await.expect("a move that is allowed");
                    // Whatever is on the wire when nobody looks may have arrived.
                    diary.note(message, Unconfirmed);
                    if let End::Comes(state) = end {
                        writer.record(entry(row.turn, *state)).await.expect("a move that is allowed");
                        diary.note(message, *state);
                    }
                }
                drop(writer);
                let checkpoint = written.await.expect("the writer's task").expect("the checkpoint");
                checkpoint.settle_interrupted().expect("the checkpoint");
            }
            Night::Retry => {
                desk.checkpoint().requeue(Which::All).expect("the checkpoint");
                for message in 0..diary.held.len() {
                    if diary.state(message) == Some(Failed) {
                        diary.note(message, Pending);
                    }
                }
            }
        }
        let seen = Checkpoint::open(&desk.path("acme.deskferry"), Access::Read).expect("a reader");
        assert_eq!(states(&seen), diary.states());
        totals(&seen);
    }
}

fn alone(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_checkpoint_follows_the_diagram_through_any_history(events in events()) {
        alone(play(events));
    }

    #[test]
    fn what_is_outstanding_follows_from_what_was_last_sent_and_the_present_export(nights in nights()) {
        alone(live(nights));
    }
}
