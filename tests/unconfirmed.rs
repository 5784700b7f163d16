//! A message whose outcome is not known is settled by the next run: read first where undo is on, found or sent again, and
//! left alone where somebody changed it; sent again without a look where undo is off. How, is kept with it.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

#[path = "support/after.rs"]
mod after;
#[path = "support/live.rs"]
mod live;
mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use after::{edit, empty, held, run, seed, undoable, undone};
use deskferry::account::Way;
use deskferry::checkpoint::{Access, Checkpoint, Kept, Retriable, Scope, Which};
use deskferry::deliver::{Pace, Rate};
use deskferry::record::{Settled, State};
use deskferry::report::{Report, Side, plan_text};
use deskferry::run::{Order, Sent, Tally};
use deskferry::simulator::{Fault, Faults, Moment, Settings, Strike};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use live::{Live, in_state};
use serde_json::json;
use support::desk::{Desk, MAPPING, Said, order, rows, said, totals};
use support::virtual_account::VirtualAccount;
use support::{Account, Folder};

/// The message that trouble comes to; two others stand in its ticket.
const IT: u64 = 101;
/// Tries of one update.
const TRIES: u64 = 7;

fn messages() -> Vec<Said> {
    (0..3).map(|number| said(&format!("m{number}"), 1, number).to(1, 100 + number).with("subject", "New")).collect()
}

/// A desk that writes subjects as well.
fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.mapping = MAPPING.replace("body_text = ", "subject = { from = \"subject\" }\nbody_text = ");
    desk.export(&messages());
    desk
}

/// An account in which `strike` takes every try of the message, from its request number `from` on.
fn account(strike: Strike, from: u64) -> VirtualAccount {
    let tries = (from..from + TRIES).map(|attempt| (Moment::Attempt { message_id: IT, attempt }, strike));
    let account = empty(Settings { faults: Faults::script(tries.collect()), ..Settings::default() });
    for number in 0..3 {
        seed(&account, 1, 100 + number, &json!({"subject": "Old"}));
    }
    account
}

fn state(sent: &Sent) -> State {
    rows(&sent.checkpoint)[1].1
}

/// What the plan says before so many messages are tried again: its verdict, and what it says of edits.
fn plan(checkpoint: &Checkpoint, again: Retriable) -> String {
    let side = Side { account: Some("virtual".into()), is_loopback: true, pace: Pace::typed(Rate::Unlimited) };
    let report = Report::gather(checkpoint, side, "Acme", Timestamp::UNIX_EPOCH).expect("the checkpoint");
    let mut report = report.expect("a plan");
    report.again = again;
    let text = plan_text(&report, None, &TimeZone::UTC);
    let said =
        |label: &str| text.lines().find_map(|line| line.trim().strip_prefix(label)).unwrap_or("-").trim().to_owned();
    format!("{}; edits {}", said("verdict"), said("edits"))
}

/// How the message was settled; it is the only one that has to be.
fn settled(sent: &Sent) -> Option<Settled> {
    let settled = sent.checkpoint.totals().expect("the checkpoint").settled;
    assert!(settled.iter().map(|(_, count)| count).sum::<u64>() <= 1, "{settled:?}");
    settled.first().map(|(settled, _)| *settled)
}

/// Sends with `order`, and says how many updates of the message that took.
async fn send(desk: &Desk, account: &VirtualAccount, order: &Order) -> (Sent, u64) {
    let updates = |account: &VirtualAccount| {
        account.exchanges().iter().filter(|one| one.is_update && one.target == Some((1, IT))).count() as u64
    };
    let before = updates(account);
    let sent = desk.plan().send(account, order).await;
    (sent, updates(account) - before)
}

/// A desk whose one message is unconfirmed, with undo on or off.
async fn lost(strike: Strike, undo: bool) -> (Desk, VirtualAccount) {
    let (desk, account) = (desk(), account(strike, 1));
    let (sent, tries) = send(&desk, &account, &Order { undo, ..undoable() }).await;
    assert_eq!((state(&sent), tries), (State::Unconfirmed, TRIES));
    assert_eq!(totals(&sent.checkpoint), BTreeMap::from([("updated", 2), ("unconfirmed", 1)]));
    drop(sent);
    (desk, account)
}

const LOST: [Fault; 4] = [Fault::Reset, Fault::Hang, Fault::Truncated, Fault::Unreadable];

#[tokio::test(start_paused = true)]
async fn what_had_arrived_is_found_and_not_sent_again() {
    for fault in LOST {
        let (desk, account) = lost(Strike::applied(fault), true).await;
        let reads = account.counters().reads;
        let (sent, tries) = send(&desk, &account, &undoable()).await;
        assert_eq!((state(&sent), settled(&sent), tries), (State::Updated, Some(Settled::Found), 0), "{fault:?}");
        // The account itself, and the message.
        assert_eq!(account.counters().reads - reads, 2, "{fault:?}");
        drop(sent);
        let report = after::verified(&desk, &account, Way::Tickets, &[]).await;
        assert!(!report.differs(), "{fault:?}: {:?}", after::differs(&report));
    }
}

#[tokio::test(start_paused = true)]
async fn what_had_not_arrived_is_sent_again() {
    for fault in [Fault::Reset, Fault::Hang, Fault::Truncated] {
        let (desk, account) = lost(Strike::unapplied(fault), true).await;
        let (sent, tries) = send(&desk, &account, &undoable()).await;
        let expected = (State::Updated, Some(Settled::SentAfterReading), 1);
        assert_eq!((state(&sent), settled(&sent), tries), expected, "{fault:?}");
        assert_eq!(held(&account)[&IT]["external_id"], "m1");
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_changed_in_between_is_left_alone_until_a_retry_writes_it() {
    for strike in [Strike::applied(Fault::Reset), Strike::unapplied(Fault::Reset)] {
        let (desk, account) = lost(strike, true).await;
        edit(&account, 1, IT, &json!({"subject": "An agent's"}));
        let (sent, tries) = send(&desk, &account, &undoable()).await;
        assert_eq!((state(&sent), settled(&sent), tries), (State::Blocked, Some(Settled::EditedSince), 0));
        assert!(rows(&sent.checkpoint)[1].2.starts_with("edited-since: "), "{:?}", rows(&sent.checkpoint));
        assert_eq!(held(&account)[&IT]["subject"], "An agent's");
        // What `deskferry retry` does.
        assert_eq!(sent.checkpoint.requeue(Which::All).expect("the checkpoint"), 1);
        drop(sent);
        let (sent, tries) = send(&desk, &account, &undoable()).await;
        assert_eq!((state(&sent), tries), (State::Updated, 1), "{:?}", rows(&sent.checkpoint));
        assert_eq!(held(&account)[&IT]["subject"], "New");
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_plan_does_not_forget_that_somebody_changed_it_and_only_a_retry_writes_over_it() {
    let (mut desk, account) = lost(Strike::applied(Fault::Reset), true).await;
    edit(&account, 1, IT, &json!({"subject": "An agent's"}));
    drop(send(&desk, &account, &undoable()).await);
    for subject in ["Second", "Third"] {
        desk.mapping = MAPPING.replace("body_text = ", &format!("subject = {{ value = \"{subject}\" }}\nbody_text = "));
        let plan = desk.plan();
        assert!(plan.rows()[1].2.starts_with("edited-since: "), "{:?}", plan.rows());
        drop(plan);
        // Neither does one that leaves the message out.
        desk.export(&messages()[..1]);
        drop(desk.plan());
        desk.export(&messages());
        let (sent, tries) = send(&desk, &account, &undoable()).await;
        assert_eq!((state(&sent), tries), (State::Blocked, 0), "{:?}", rows(&sent.checkpoint));
    }
    let checkpoint = desk.checkpoint();
    assert_eq!(plan(&checkpoint, Retriable::default()), "nothing to send: 1 message blocked; edits -");
    let again = checkpoint.count_retriable(Which::All).expect("the checkpoint");
    assert_eq!(
        plan(&checkpoint, again),
        "ready: 1 message to send; edits 1 message to send over what somebody changed in Gorgias"
    );
    assert_eq!(checkpoint.requeue(Which::All).expect("the checkpoint"), 1);
    assert_eq!(
        plan(&checkpoint, Retriable::default()),
        "ready: 1 message to send; edits 1 message to send over what somebody changed in Gorgias"
    );
    drop(checkpoint);
    let (sent, tries) = send(&desk, &account, &undoable()).await;
    assert_eq!((state(&sent), tries), (State::Updated, 1));
    assert_eq!(held(&account)[&IT]["subject"], "Third");
}

#[tokio::test(start_paused = true)]
async fn what_failed_and_was_written_all_the_same_is_left_alone_too_where_somebody_changed_it_since() {
    let strike = Strike::applied(Fault::ServerError);
    let (desk, account) = (desk(), account(strike, 1));
    let (sent, _) = send(&desk, &account, &undoable()).await;
    assert_eq!(state(&sent), State::Failed);
    drop(sent);
    edit(&account, 1, IT, &json!({"subject": "An agent's"}));
    for (expected, subject) in [(State::Blocked, "An agent's"), (State::Updated, "New")] {
        desk.checkpoint().requeue(Which::All).expect("the checkpoint");
        let (sent, _) = send(&desk, &account, &undoable()).await;
        assert_eq!(state(&sent), expected, "{:?}", rows(&sent.checkpoint));
        assert_eq!(held(&account)[&IT]["subject"], subject);
    }
}

#[tokio::test(start_paused = true)]
async fn without_undo_it_is_sent_again_without_a_look() {
    for strike in [Strike::applied(Fault::Reset), Strike::unapplied(Fault::Reset)] {
        let (desk, account) = lost(strike, false).await;
        let reads = account.counters().reads;
        let (sent, tries) = send(&desk, &account, &order("none")).await;
        assert_eq!((state(&sent), settled(&sent), tries), (State::Updated, Some(Settled::SentAgain), 1));
        assert_eq!(account.counters().reads - reads, 1, "the account itself");
    }
}

#[tokio::test(start_paused = true)]
async fn without_undo_it_is_read_where_somebody_had_time_to_change_it() {
    let (desk, account) = lost(Strike::applied(Fault::Reset), false).await;
    tokio::time::sleep(Duration::from_hours(1)).await;
    let (sent, tries) = send(&desk, &account, &order("none")).await;
    assert_eq!((state(&sent), settled(&sent), tries), (State::Updated, Some(Settled::Found), 0));
}

#[tokio::test(start_paused = true)]
async fn a_run_in_between_that_sent_nothing_makes_that_time_no_shorter() {
    let (desk, account) = lost(Strike::applied(Fault::Reset), false).await;
    tokio::time::sleep(Duration::from_hours(1)).await;
    desk.checkpoint().begin_run("run", None, account.clock().now()).expect("the checkpoint");
    let (sent, tries) = send(&desk, &account, &order("none")).await;
    assert_eq!((state(&sent), settled(&sent), tries), (State::Updated, Some(Settled::Found), 0));
}

#[tokio::test(start_paused = true)]
async fn the_second_update_of_a_message_is_settled_as_the_first_one_was() {
    for strike in [Strike::applied(Fault::Reset), Strike::unapplied(Fault::Reset)] {
        let (mut desk, account) = (desk(), account(strike, 2));
        run(&mut desk, &account, &messages()).await;
        desk.mapping = desk.mapping.replace("{ from = \"subject\" }", "{ value = \"Second\" }");
        let (sent, _) = send(&desk, &account, &undoable()).await;
        assert_eq!(state(&sent), State::Unconfirmed);
        drop(sent);
        let (sent, tries) = send(&desk, &account, &undoable()).await;
        let expected = if strike.applied { (Settled::Found, 0) } else { (Settled::SentAfterReading, 1) };
        assert_eq!((state(&sent), settled(&sent), tries), (State::Updated, Some(expected.0), expected.1));
        assert_eq!(held(&account)[&IT]["subject"], "Second");
    }
}

#[tokio::test(start_paused = true)]
async fn an_undo_takes_back_what_is_unconfirmed_whether_it_had_arrived_or_not() {
    for strike in [Strike::applied(Fault::Reset), Strike::unapplied(Fault::Reset)] {
        let (mut desk, account) = (desk(), account(strike, 2));
        let before = held(&account);
        run(&mut desk, &account, &messages()).await;
        desk.mapping = desk.mapping.replace("{ from = \"subject\" }", "{ value = \"Second\" }");
        drop(send(&desk, &account, &undoable()).await);
        let undone = undone(&desk, &account, &Scope::Everything, Way::Tickets).await;
        assert_eq!(undone.checkpoint.kept().expect("the checkpoint").first().map(|stays| stays.why), None::<Kept>);
        assert_eq!(undone.tally, Tally { undone: 3, kept: 0, open: 0 });
        for (id, message) in held(&account) {
            for name in ["subject", "body_text", "external_id"] {
                assert_eq!(message[name], before[&id][name], "{id}: {name}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_after_a_look_is_looked_at_again_by_a_retry() {
    // Seven lost tries that never arrived, then a refusal.
    let lost =
        (1..=TRIES).map(|attempt| (Moment::Attempt { message_id: IT, attempt }, Strike::unapplied(Fault::Reset)));
    let refused = (Moment::Attempt { message_id: IT, attempt: TRIES + 1 }, Strike::unapplied(Fault::Conflict));
    let account = empty(Settings { faults: Faults::script(lost.chain([refused]).collect()), ..Settings::default() });
    (0..3).for_each(|number| seed(&account, 1, 100 + number, &json!({"subject": "Old"})));
    let desk = desk();
    drop(send(&desk, &account, &undoable()).await);
    let (sent, _) = send(&desk, &account, &undoable()).await;
    assert_eq!((state(&sent), settled(&sent)), (State::Failed, Some(Settled::SentAfterReading)));
    sent.checkpoint.requeue(Which::All).expect("the checkpoint");
    drop(sent);
    let (sent, tries) = send(&desk, &account, &undoable()).await;
    assert_eq!((state(&sent), tries), (State::Updated, 1));
    assert_eq!(held(&account)[&IT]["subject"], "New");
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_is_known_to_have_failed() {
    let (desk, account) = lost(Strike::applied(Fault::Reset), true).await;
    account.with(|simulator| simulator.delete_message(after::target(1, IT))).expect("it is there");
    let (sent, tries) = send(&desk, &account, &undoable()).await;
    assert_eq!((state(&sent), tries), (State::Failed, 0), "it is gone, and that is known");
}

/// Sends the sample, and is killed as soon as `is_due`; says how many updates were on the wire then.
fn killed_and_resumed(is_due: impl Fn(&Account) -> bool) -> u64 {
    let folder = Folder::with_sample("zendesk");
    // The answer waits, the update is applied: a kill meanwhile finds it on the wire.
    let settings = Settings { latency: Duration::from_millis(5), ..Settings::default() };
    let account = Account::start(settings, &folder.file("export/ids.csv"));
    let flag = account.flag();
    let run = format!("run export --mapping zendesk --checkpoint a.deskferry --rate none --concurrency 8 {flag}");
    let mut run = Live::start(folder.command(&run));
    assert!(run.reaches(|| is_due(&account)), "it ended before");
    run.kill();
    let path = folder.file("a.deskferry");
    let on_the_wire = in_state(&live::rows(&path), State::Sending).len() as u64;
    folder.run("resume --checkpoint a.deskferry --rate none --quiet").expect(0);
    let settled = Checkpoint::open(&path, Access::Read).expect("the checkpoint").totals().expect("its totals").settled;
    assert_eq!(settled.iter().map(|(_, count)| count).sum::<u64>(), on_the_wire, "{settled:?}");
    let is_looked_at = |settled: &Settled| matches!(settled, Settled::Found | Settled::SentAfterReading);
    assert!(settled.iter().all(|(settled, _)| is_looked_at(settled)), "{settled:?}");
    assert_eq!(account.counters().repeated, 0, "what had arrived was not sent again");
    live::agree(&path, &account);
    on_the_wire
}

#[test]
fn what_was_on_the_wire_when_the_process_died_is_looked_at_and_never_sent_twice() {
    let mut on_the_wire = 0;
    for number in [1, 60, 200] {
        on_the_wire += killed_and_resumed(|account| account.counters().updates >= number);
        on_the_wire += killed_and_resumed(|account| account.counters().update_requests >= number);
    }
    assert!(on_the_wire > 0, "some kills found updates on the wire");
}
