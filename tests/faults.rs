//! Whatever the account answers, every message ends in a named state that is true, and once the fault is gone everything
//! arrives.
//!
//! What takes many tries is sent through the library, with a short backoff, over real HTTP all the same.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

#[path = "support/live.rs"]
mod live;
mod support;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use deskferry::checkpoint::{Access, Checkpoint, Holder, Which};
use deskferry::deliver::{Backoff, Clock, Pace, Rate};
use deskferry::gorgias::{self, Client, Timeouts};
use deskferry::record::{CauseKind, State};
use deskferry::run::{Ending, Job, Order, Progress, StopRequest, send};
use deskferry::simulator::{self, Fault, Faults, Moment, Seed, Server, Settings, Simulator, Store, Strike};
use jiff::Timestamp;
use live::{Live, agree, agree_with, in_state, rows};
use serde_json::Value;
use support::{Account, Folder, Ran, targets, totals};
use tokio::sync::watch;

/// Tries for one message, as the tool makes them by default.
const TRIES: u64 = 7;
/// Messages of the sample that are sent.
const SENT: u64 = 263;

/// Every fault that leaves the run going, if it strikes every try: the state that the message ends in, the cause, and
/// after how many tries.
const ENDINGS: [(Fault, State, Option<CauseKind>, u64); 16] = [
    (Fault::ServerError, State::Failed, Some(CauseKind::TriesUsedUp), TRIES),
    (Fault::BadGateway, State::Failed, Some(CauseKind::TriesUsedUp), TRIES),
    (Fault::Unavailable, State::Failed, Some(CauseKind::TriesUsedUp), TRIES),
    (Fault::GatewayTimeout, State::Failed, Some(CauseKind::TriesUsedUp), TRIES),
    (Fault::Throttled, State::Failed, Some(CauseKind::TriesUsedUp), TRIES),
    (Fault::Reset, State::Unconfirmed, Some(CauseKind::LostAnswer), TRIES),
    (Fault::Hang, State::Unconfirmed, Some(CauseKind::LostAnswer), TRIES),
    (Fault::Truncated, State::Unconfirmed, Some(CauseKind::LostAnswer), TRIES),
    (Fault::Unreadable, State::Unconfirmed, Some(CauseKind::LostAnswer), TRIES),
    (Fault::Empty, State::Updated, None, 1),
    (Fault::OtherId, State::Failed, Some(CauseKind::WrongAnswer), 1),
    (Fault::Redirect, State::Failed, Some(CauseKind::Refused), 1),
    (Fault::BadRequest, State::Failed, Some(CauseKind::Refused), 1),
    (Fault::NotFound, State::Failed, Some(CauseKind::Refused), 1),
    (Fault::Conflict, State::Failed, Some(CauseKind::Refused), 1),
    (Fault::TooLarge, State::Failed, Some(CauseKind::Refused), 1),
];

/// The faults after which no update can work.
const GUARDS: [(Fault, CauseKind, &str); 3] = [
    (Fault::Unauthorized, CauseKind::Credentials, "401: Unauthorized"),
    (Fault::Forbidden, CauseKind::Permission, "403: Forbidden"),
    (Fault::WrongDomain, CauseKind::WrongDomain, "404 with a web page"),
];

/// An operator's folder, and the account that it goes to.
struct Desk {
    folder: Folder,
    account: Account,
    timeout: Duration,
    undo: bool,
}

impl Desk {
    /// A folder with three tickets of one message each.
    fn folder() -> Folder {
        let folder = Folder::with_sample("zendesk");
        let tickets = folder.read("export/tickets.jsonl");
        let tickets = tickets.lines().take(3).map(|line| {
            let mut ticket: Value = serde_json::from_str(line).expect("a ticket");
            ticket["comments"].as_array_mut().expect("its comments").truncate(1);
            format!("{ticket}\n")
        });
        folder.write("export/tickets.jsonl", tickets.collect::<String>());
        folder
    }

    /// Three messages, and an account in which `script` says what strikes each of its messages, given by their ids.
    fn scripted(script: impl Fn(u64) -> Vec<(Moment, Strike)>) -> Self {
        let folder = Self::folder();
        let ids = targets(&folder.file("export/ids.csv")).into_values();
        let faults = Faults::script(ids.flat_map(|(_, message)| script(message)).collect());
        Self::new(folder, Settings { faults, retry_after: Duration::ZERO, ..Settings::default() })
    }

    fn new(folder: Folder, settings: Settings) -> Self {
        let account = Account::start(settings, &folder.file("export/ids.csv"));
        Self { folder, account, timeout: Duration::from_secs(20), undo: false }
    }

    /// The same, whose client waits only so long for an answer.
    fn waiting(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// The same, which keeps what each message was.
    fn keeping(self, undo: bool) -> Self {
        Self { undo, ..self }
    }

    fn checkpoint(&self) -> PathBuf {
        self.folder.file("night.deskferry")
    }

    fn command(&self) -> String {
        format!("run export --mapping zendesk --checkpoint night.deskferry --rate none {}", self.account.flag())
    }

    /// Makes the plan, and sends nothing.
    fn planned(self) -> Self {
        self.folder.run(&format!("{} --limit 0", self.command())).expect(0);
        assert_eq!(self.account.counters().requests, 0);
        self
    }

    /// Sends what is outstanding; with `retry` what failed, too.
    fn sends(&self, retry: bool) -> Ending {
        let holder =
            Holder { user: "test".into(), machine: "here".into(), process: std::process::id(), since: "now".into() };
        let checkpoint = Checkpoint::open(&self.checkpoint(), Access::Write(&holder)).expect("the checkpoint");
        if retry {
            checkpoint.requeue(Which::All).expect("the checkpoint");
        }
        let pins = checkpoint.pins().expect("pins").expect("a plan");
        let mut job = Job::of_pins(&pins).expect("the job");
        job.load_lookups().expect("the lookups");
        let account = gorgias::Account::of_base_url(&pins.origin).expect("its origin");
        let timeouts = Timeouts { total: self.timeout, ..Timeouts::default() };
        let client = Client::new(&account, None, timeouts).expect("a client");
        let order = Order {
            pace: Pace::typed(Rate::Unlimited),
            max_failures: None,
            keeps_going: false,
            stop_at: None,
            concurrency: 16,
            limit: None,
            backoff: Backoff {
                first: Duration::from_millis(1),
                most: Duration::from_millis(10),
                tries: Backoff::default().tries,
                throttled: Backoff::default().tries,
                time: Backoff::default().time,
                outage: Duration::from_secs(30),
                unreached: Duration::from_millis(20),
            },
            command: "test".into(),
            undo: self.undo,
            which: Which::All,
            action: None,
        };
        let (_sender, stop) = watch::channel(StopRequest::None);
        let progress = Progress::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let sent = runtime
            .block_on(send(Arc::new(job), checkpoint, client, &order, Clock::new(Timestamp::now), stop, &progress))
            .expect("a run that ends");
        assert!(sent.checkpoint.totals().expect("totals").balance());
        sent.ending
    }

    /// The state and cause that all messages share.
    #[track_caller]
    fn all(&self) -> (State, Option<&'static str>) {
        let rows = rows(&self.checkpoint());
        assert_eq!(rows.len(), 3);
        let first = (rows[0].state, rows[0].cause);
        assert!(rows.iter().all(|row| (row.state, row.cause) == first), "{rows:?}");
        first
    }

    /// How often each message was asked to be updated.
    fn tries(&self) -> Vec<u64> {
        self.account.with(|simulator| {
            let requests = simulator.account().messages().map(|message| message.received().requests);
            requests.filter(|&requests| requests > 0).collect()
        })
    }

    /// Fails unless every message has arrived and the account is as the checkpoint says.
    #[track_caller]
    fn has_arrived(&self, what: &str) {
        assert_eq!(self.all(), (State::Updated, None), "{what}");
        agree(&self.checkpoint(), &self.account);
        assert_eq!(self.account.updated().len(), 3, "{what}");
    }
}

/// `strikes` at the first tries for the message.
fn at_first(message_id: u64, strikes: impl IntoIterator<Item = Strike>) -> Vec<(Moment, Strike)> {
    let attempts = 1..;
    attempts.zip(strikes).map(|(attempt, strike)| (Moment::Attempt { message_id, attempt }, strike)).collect()
}

/// The ways in which a fault may strike: with and without the update's being applied, as far as both can be.
fn strikes(fault: Fault) -> Vec<Strike> {
    match fault {
        Fault::Empty | Fault::OtherId | Fault::Unreadable => vec![Strike::applied(fault)],
        Fault::ServerError
        | Fault::BadGateway
        | Fault::Unavailable
        | Fault::GatewayTimeout
        | Fault::Reset
        | Fault::Hang
        | Fault::Truncated => vec![Strike::applied(fault), Strike::unapplied(fault)],
        _ => vec![Strike::unapplied(fault)],
    }
}

/// How long to wait where nothing comes; longer than any answer takes where one does.
fn patience(fault: Fault) -> Duration {
    if fault == Fault::Hang { Duration::from_millis(400) } else { Duration::from_secs(20) }
}

#[test]
fn a_fault_at_every_try_ends_in_the_state_it_should_and_a_retry_afterwards_arrives() {
    for (fault, state, cause, tries) in ENDINGS {
        for (strike, undo) in strikes(fault).into_iter().flat_map(|strike| [(strike, false), (strike, true)]) {
            let times = usize::try_from(tries).unwrap();
            let desk = Desk::scripted(|message| at_first(message, vec![strike; times])).planned().keeping(undo);
            let desk = desk.waiting(patience(fault));
            assert_eq!(desk.sends(false), Ending::Finished, "{strike:?}");
            assert_eq!(desk.all(), (state, cause.map(CauseKind::name)), "{strike:?}");
            if fault == Fault::Hang {
                // On a busy machine the patience of this case may end before the account hears of a try.
                assert!(desk.tries().into_iter().all(|heard| heard <= tries), "{strike:?}");
            } else {
                assert_eq!(desk.tries(), [tries; 3], "{strike:?}");
            }
            agree(&desk.checkpoint(), &desk.account);
            let desk = desk.waiting(Duration::from_secs(2));
            assert_eq!(desk.sends(true), Ending::Finished, "{strike:?}");
            desk.has_arrived(&format!("{strike:?}, and a retry"));
        }
    }
}

#[test]
fn a_passing_fault_costs_one_more_try_and_nothing_else() {
    for (fault, ..) in ENDINGS.into_iter().filter(|(.., tries)| *tries == TRIES) {
        for strike in strikes(fault) {
            let desk = Desk::scripted(|message| at_first(message, [strike])).planned().waiting(patience(fault));
            assert_eq!(desk.sends(false), Ending::Finished, "{strike:?}");
            desk.has_arrived(&format!("{strike:?}"));
            if fault == Fault::Hang {
                // A busy machine may answer later than the short patience of this case.
                assert!(desk.tries().into_iter().all(|tries| tries >= 2));
            } else {
                assert_eq!(desk.tries(), [2; 3], "{strike:?}");
            }
        }
    }
}

#[test]
fn of_many_bad_answers_the_last_one_decides() {
    let error = Strike::applied(Fault::ServerError);
    let lost = Strike::applied(Fault::Reset);
    let busy = Strike::unapplied(Fault::Throttled);
    let gone = Strike::unapplied(Fault::NotFound);
    let cases: [(Vec<Strike>, State, CauseKind); 5] = [
        ([vec![error; 6], vec![lost]].concat(), State::Unconfirmed, CauseKind::LostAnswer),
        ([vec![lost; 6], vec![error]].concat(), State::Failed, CauseKind::TriesUsedUp),
        // A 429 says nothing about the update and is no try.
        ([vec![busy; 5], vec![lost; 7]].concat(), State::Unconfirmed, CauseKind::LostAnswer),
        (vec![lost, gone], State::Failed, CauseKind::Refused),
        (vec![error, Strike::applied(Fault::OtherId)], State::Failed, CauseKind::WrongAnswer),
    ];
    let cases = cases.into_iter().flat_map(|case| [(case.clone(), false), (case, true)]);
    for ((strikes, state, cause), undo) in cases {
        let desk = Desk::scripted(|message| at_first(message, strikes.clone())).planned().keeping(undo);
        assert_eq!(desk.sends(false), Ending::Finished, "{strikes:?}");
        assert_eq!(desk.all(), (state, Some(cause.name())), "{strikes:?}");
        agree(&desk.checkpoint(), &desk.account);
        assert_eq!(desk.sends(true), Ending::Finished);
        desk.has_arrived(&format!("{strikes:?}, and a retry"));
    }
}

#[test]
fn an_update_whose_answer_was_lost_stays_unconfirmed_when_the_run_has_to_stop() {
    for ((fault, kind, _), undo) in GUARDS.into_iter().flat_map(|guard| [(guard, false), (guard, true)]) {
        let desk = Desk::scripted(|message| {
            at_first(message, [Strike::applied(Fault::Reset), Strike::unapplied(fault), Strike::unapplied(fault)])
        });
        let desk = desk.planned().keeping(undo);
        let Ending::Stopped(cause) = desk.sends(false) else { panic!("{fault:?} stops the run") };
        assert_eq!(cause.kind, kind);
        let rows = rows(&desk.checkpoint());
        let unconfirmed = in_state(&rows, State::Unconfirmed);
        let written: Vec<u64> = desk.account.updated().into_keys().collect();
        assert!(!written.is_empty() && written.iter().all(|id| unconfirmed.contains(id)), "{fault:?}: {rows:?}");
        assert_eq!(unconfirmed.len() + in_state(&rows, State::Pending).len(), 3, "{fault:?}: {rows:?}");
        agree(&desk.checkpoint(), &desk.account);
        let mut runs = 1;
        while desk.sends(false) != Ending::Finished {
            runs += 1;
            assert!(runs < 10, "each run gets further");
        }
        desk.has_arrived(&format!("{fault:?}, and resumes"));
    }
}

#[test]
fn a_revoked_key_a_lost_permission_and_a_wrong_domain_stop_the_run_and_can_be_resumed() {
    for (fault, kind, says) in GUARDS {
        let faults = Faults::script(vec![(Moment::Update(50), Strike::unapplied(fault))]);
        let desk = Desk::new(Folder::with_sample("zendesk"), Settings { faults, ..Settings::default() });
        stopped(&desk.folder.run(&desk.command()).expect(4), says, kind);
        let rows = rows(&desk.checkpoint());
        let updated = in_state(&rows, State::Updated).len() as u64;
        assert_eq!(updated, desk.account.counters().updates, "{fault:?}: what was on the wire was waited for");
        assert_eq!(in_state(&rows, State::Pending).len() as u64, SENT - updated, "{fault:?}: a refusal writes nothing");
        agree(&desk.checkpoint(), &desk.account);
        desk.folder.run("resume --rate none").expect(0);
        assert_eq!(desk.folder.outcomes("night.deskferry"), totals([("updated", SENT), ("skipped", 7)]));
        agree(&desk.checkpoint(), &desk.account);
        assert_eq!(desk.account.counters().repeated, 0, "{fault:?}");
    }
}

/// Checks what a run says that a guard stopped.
#[track_caller]
fn stopped(ran: &Ran, says: &str, kind: CauseKind) {
    let said = format!("{}\n{}", ran.out, ran.err);
    assert!(ran.out.contains("Stopped"), "{said}");
    assert!(said.contains(says), "why: {says}\n{said}");
    assert!(said.contains(kind.advice()), "what to do: {}\n{said}", kind.advice());
    assert!(ran.out.contains("next      deskferry resume"), "{}", ran.out);
    assert!(ran.out.contains("adds up"), "{}", ran.out);
}

/// Checks what a run says that does not even begin.
#[track_caller]
fn turned_away(ran: &Ran, says: &str, advice: &str) {
    assert!(ran.err.contains(says), "why: {says}\n{}", ran.err);
    assert!(ran.err.contains(advice), "what to do: {advice}\n{}", ran.err);
    assert!(ran.err.contains("then the same command again; nothing was sent"), "{}", ran.err);
}

#[test]
fn an_account_that_lets_nobody_in_is_told_before_the_first_update() {
    let accesses = [
        (simulator::Access::Only("Basic bm8=".into()), "401: ", "check GORGIAS_EMAIL and GORGIAS_API_KEY"),
        (simulator::Access::Forbidden, "403: ", "use the key of a user who may edit tickets"),
        (simulator::Access::WrongDomain, "404 with a web page in place of an answer", "check GORGIAS_DOMAIN"),
    ];
    for (access, says, advice) in accesses {
        let desk = Desk::new(Folder::with_sample("zendesk"), Settings { access, ..Settings::default() });
        turned_away(&desk.folder.run(&desk.command()).expect(4), says, advice);
        let counters = desk.account.counters();
        assert_eq!((counters.requests, counters.update_requests), (1, 0));
        assert_eq!(desk.folder.outcomes("night.deskferry"), totals([("pending", SENT), ("skipped", 7)]));
        desk.account.with(|simulator| simulator.set_access(simulator::Access::Anyone));
        desk.folder.run("resume --rate none").expect(0);
        agree(&desk.checkpoint(), &desk.account);
        assert_eq!(desk.account.updated().len() as u64, SENT);
    }
}

#[test]
fn a_refused_message_is_listed_with_its_cause_and_holds_nothing_back() {
    for (fault, status) in [
        (Fault::BadRequest, "400: "),
        (Fault::NotFound, "404: "),
        (Fault::Conflict, "409: "),
        (Fault::TooLarge, "413: "),
        (Fault::Redirect, "301: "),
        (Fault::OtherId, "202: "),
    ] {
        let strike = strikes(fault)[0];
        let faults = Faults::script(vec![(Moment::Update(7), strike)]);
        let desk = Desk::new(Folder::with_sample("zendesk"), Settings { faults, ..Settings::default() });
        desk.folder.run(&desk.command()).expect(3);
        let outcomes = totals([("updated", SENT - 1), ("failed", 1), ("skipped", 7)]);
        assert_eq!(desk.folder.outcomes("night.deskferry"), outcomes, "{fault:?}");
        assert_eq!(desk.account.counters().redirects_followed, 0);
        agree(&desk.checkpoint(), &desk.account);
        let errors = desk.folder.run("errors").expect(0);
        let mut listed = csv::Reader::from_reader(errors.out.as_bytes());
        let listed: Vec<BTreeMap<String, String>> = listed.deserialize().map(|row| row.expect("a row")).collect();
        assert_eq!(listed.len(), 1, "{}", errors.out);
        assert_eq!(listed[0]["outcome"], "failed");
        assert!(listed[0]["detail"].starts_with(status), "{}", errors.out);
        desk.folder.run("retry --rate none").expect(0);
        agree(&desk.checkpoint(), &desk.account);
        assert_eq!(desk.account.updated().len() as u64, SENT);
    }
}

#[test]
fn an_answer_that_never_comes_is_given_up_after_the_timeout_and_asked_for_again() {
    for strike in [Strike::applied(Fault::Hang), Strike::unapplied(Fault::Hang)] {
        let faults = Faults::script(vec![(Moment::Update(40), strike)]);
        let desk = Desk::new(Folder::with_sample("zendesk"), Settings { faults, ..Settings::default() });
        desk.folder.run(&format!("{} --timeout 1", desk.command())).expect(0);
        assert_eq!(desk.account.counters().faults["hang"], 1);
        assert_eq!(desk.folder.outcomes("night.deskferry"), totals([("updated", SENT), ("skipped", 7)]));
        agree(&desk.checkpoint(), &desk.account);
    }
}

#[test]
fn under_all_faults_at_once_every_message_ends_in_a_named_state_and_retries_bring_all_over() {
    const ALL: &str = "500=0.05,502=0.03,503=0.03,504=0.03,429=0.05,reset=0.05,hang=0.01,truncated=0.05,empty=0.05,\
                       other-id=0.03,unreadable=0.05,redirect=0.03,400=0.02,404=0.02,409=0.02,413=0.02";
    let mut met = BTreeMap::new();
    for seed in 1..=5 {
        let faults = ALL.parse().expect("faults");
        let settings = Settings { faults, seed, retry_after: Duration::ZERO, ..Settings::default() };
        let desk = Desk::new(Folder::with_sample("zendesk"), settings).planned().waiting(Duration::from_millis(500));
        let desk = desk.keeping(seed % 2 == 0);
        let mut rounds = 0;
        loop {
            assert_eq!(desk.sends(rounds > 0), Ending::Finished, "seed {seed}");
            agree(&desk.checkpoint(), &desk.account);
            let rows = rows(&desk.checkpoint());
            for row in &rows {
                assert!(row.state == State::Updated || row.cause.is_some(), "seed {seed}: {row:?}");
                *met.entry(row.state).or_insert(0) += 1;
            }
            let left = in_state(&rows, State::Failed).len() + in_state(&rows, State::Unconfirmed).len();
            let updated = in_state(&rows, State::Updated).len();
            assert_eq!((updated + left) as u64, SENT, "seed {seed}: no message is left over");
            if left == 0 {
                break;
            }
            rounds += 1;
            assert!(rounds < 20, "seed {seed}: the retries get further");
        }
        assert_eq!(desk.account.updated().len() as u64, SENT, "seed {seed}");
        let struck = desk.account.counters().faults;
        assert_eq!(struck.len(), 16, "seed {seed}: every fault occurred: {struck:?}");
    }
    assert!(met[&State::Failed] > 0, "{met:?}");
}

#[test]
fn an_account_that_goes_away_in_the_middle_stops_the_run_and_nothing_is_lost() {
    let folder = Folder::with_sample("zendesk");
    let path = folder.file("night.deskferry");
    let kept = folder.file("kept.account");
    let start = |address| {
        let mut simulator = Simulator::new(Settings { latency: Duration::from_millis(50), ..Settings::default() });
        let store = Store::open(&kept, &mut simulator).expect("the account's file");
        Server::start(simulator, address, Some(store)).expect("the simulator starts")
    };
    let server = start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let address = server.address();
    let seeds = targets(&folder.file("export/ids.csv")).into_values();
    server.seed(seeds.map(|(ticket, message)| Seed::new(ticket, message))).expect("the account takes them");
    let command = format!(
        "run export --mapping zendesk --checkpoint night.deskferry --rate none --concurrency 32 --max-outage 2s --base-url http://{address}"
    );
    let mut run = Live::start(folder.command(&command));
    assert!(run.reaches(|| server.with(|simulator| simulator.counters().updates >= 60)));
    server.stop();
    stopped(&run.end().expect(4), "no connection: ", CauseKind::Unreachable);
    let holds = |when: &str| {
        let mut simulator = Simulator::new(Settings::default());
        let _store = Store::open(&kept, &mut simulator).expect("the account's file");
        agree_with(&path, &simulator);
        let rows = rows(&path);
        assert_eq!(in_state(&rows, State::Sending), [0; 0], "{when}");
        assert_eq!(in_state(&rows, State::Failed), [0; 0], "{when}: nothing is wrong with a message");
        let (updated, unconfirmed) = (in_state(&rows, State::Updated).len(), in_state(&rows, State::Unconfirmed).len());
        assert!(unconfirmed <= 32, "{when}: {unconfirmed} were on the wire");
        assert!(simulator.counters().updates <= (updated + unconfirmed) as u64, "{when}");
        rows.into_iter().map(|row| (row.message_id, row.state)).collect::<Vec<_>>()
    };
    let before = holds("after it went away");
    turned_away(&folder.run("resume --rate none").expect(4), "no connection: ", "check the network");
    assert_eq!(holds("after a resume without it"), before, "the resume changed nothing");
    let server = start(address);
    folder.run("resume --rate none").expect(0);
    assert_eq!(folder.outcomes("night.deskferry"), totals([("updated", SENT), ("skipped", 7)]));
    server.with(|simulator| agree_with(&path, simulator));
    let unconfirmed = before.iter().filter(|(_, state)| *state == State::Unconfirmed).count();
    assert!(server.with(|simulator| simulator.counters().repeated) <= unconfirmed as u64);
}
