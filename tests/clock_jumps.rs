//! The clock of the machine jumps in the middle of a run, as after a suspend or a correction: the run does not wait for
//! it, does not stop, and what it writes down is right.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use deskferry::deliver::{Backoff, Clock};
use deskferry::gorgias::{Answer, RetryAfter};
use deskferry::run::{Ending, Order, Progress, Sent, StopRequest, send};
use deskferry::simulator::{Fault, Faults, Limit, Moment, Settings, Strike};
use jiff::{SignedDuration, Timestamp};
use support::desk::{Desk, Plan, Said, order, said, totals};
use support::virtual_account::VirtualAccount;
use tokio::sync::watch;

const MESSAGES: u64 = 200;
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// When the clock jumps, on the account's own.
const AT: Duration = Duration::from_secs(30);

/// Messages of so many tickets, each with its target.
fn messages() -> Vec<Said> {
    (1..=MESSAGES)
        .map(|number| said(&format!("m{number}"), number % 20, number).to(number % 20, 1_000 + number))
        .collect()
}

/// An account that loses answers, and is busy now and then.
fn troubled() -> Settings {
    let faults: Faults = "reset=0.05,429=0.03,500=0.05,empty=0.02".parse().expect("faults");
    Settings { limit: Limit::API_KEY, faults, retry_after: Duration::from_secs(2), seed: 3, ..Settings::default() }
}

/// The account's clock, which jumps by `jump` at [`AT`], and back again a minute later.
fn jumping(account: &VirtualAccount, jump: SignedDuration) -> Clock {
    let (right, account) = (account.clock(), account.clone());
    Clock::new(move || {
        let is_wrong = (AT..2 * AT).contains(&account.elapsed());
        right.now() + if is_wrong { jump } else { SignedDuration::ZERO }
    })
}

async fn sent(plan: Plan, account: &VirtualAccount, order: &Order, clock: Clock) -> Sent {
    let (_nobody_asks, stop) = watch::channel(StopRequest::None);
    let sent = send(plan.job, plan.checkpoint, account.clone(), order, clock, stop, &Progress::default()).await;
    sent.expect("every outcome is recorded")
}

fn planned(desk: &mut Desk, settings: Settings) -> (Plan, VirtualAccount) {
    let messages = messages();
    desk.export(&messages);
    let account = VirtualAccount::new(settings, Duration::from_millis(300), messages.iter().filter_map(Said::target));
    (desk.plan(), account)
}

#[tokio::test(start_paused = true)]
async fn a_run_goes_on_as_if_nothing_had_happened() {
    for undo in [false, true] {
        let mut times = Vec::new();
        for jump in [SignedDuration::ZERO, HOUR, -HOUR] {
            let mut desk = Desk::new();
            let (plan, account) = planned(&mut desk, troubled());
            let order = Order { undo, ..order("40/20s") };
            let sent = sent(plan, &account, &order, jumping(&account, jump)).await;
            assert_eq!(sent.ending, Ending::Finished, "{jump}");
            assert_eq!(totals(&sent.checkpoint), BTreeMap::from([("updated", MESSAGES)]), "{jump}, undo {undo}");
            times.push(account.elapsed());
            let took = account.exchanges().iter().map(|exchange| exchange.ended.saturating_sub(exchange.begun)).max();
            let longest = attempts(&desk).into_iter().max();
            assert_eq!(longest.map(Duration::from_millis), took.map(whole_millis), "{jump}");
        }
        let (least, most) = (times.iter().min().expect("a time"), times.iter().max().expect("a time"));
        // Backoff is random, and no more than that.
        assert!(*most < *least + Duration::from_mins(2), "undo {undo}: {times:?}");
    }
}

fn whole_millis(time: Duration) -> Duration {
    Duration::from_millis(time.as_millis().try_into().expect("a minute"))
}

/// How long each attempt took, in milliseconds, as the journal has it.
fn attempts(desk: &Desk) -> Vec<u64> {
    let journal = rusqlite::Connection::open(desk.path("acme.deskferry")).expect("the checkpoint");
    let mut query = journal.prepare("SELECT took FROM attempt").expect("a query");
    let took = query.query_map([], |row| row.get(0)).expect("attempts");
    took.collect::<Result<_, _>>().expect("times")
}

#[tokio::test(start_paused = true)]
async fn what_was_in_doubt_is_looked_at_before_it_is_sent_again_when_the_clock_was_put_back() {
    for (jump, is_read) in [(SignedDuration::ZERO, false), (HOUR, true), (-HOUR, true)] {
        let mut desk = Desk::new();
        let lost = |number| (Moment::Update(number), Strike::unapplied(Fault::Reset));
        let faults = Faults::script((1..=MESSAGES).map(lost).collect());
        let (plan, account) = planned(&mut desk, Settings { faults, ..Settings::default() });
        let job = Arc::clone(&plan.job);
        let backoff = Backoff { tries: 1, outage: Duration::from_hours(100), ..Backoff::default() };
        let once = Order { backoff, keeps_going: true, ..order("none") };
        let lost = sent(plan, &account, &once, account.clock()).await;
        assert_eq!(totals(&lost.checkpoint), BTreeMap::from([("unconfirmed", MESSAGES)]));
        let right = account.clock();
        let reads = account.exchanges().iter().filter(|exchange| !exchange.is_update).count();
        let plan = Plan { checkpoint: lost.checkpoint, job, delta: None };
        let clock = Clock::new(move || right.now() + jump);
        let sent = sent(plan, &account, &order("none"), clock).await;
        assert_eq!(totals(&sent.checkpoint), BTreeMap::from([("updated", MESSAGES)]), "{jump}");
        let reads = account.exchanges().iter().filter(|exchange| !exchange.is_update).count() - reads;
        assert_eq!(reads as u64 > MESSAGES, is_read, "{jump}: {reads} reads");
    }
}

#[test]
fn a_date_to_wait_for_is_counted_from_the_time_over_there() {
    let there = Timestamp::constant(1_800_000_000, 0);
    let until = Some(RetryAfter::Until(there + SignedDuration::from_secs(7)));
    let answer = Answer { status: 429, retry_after: until, date: Some(there), ..Answer::default() };
    for wrong in [SignedDuration::ZERO, HOUR, -HOUR] {
        assert_eq!(answer.pause(there + wrong), Some(Duration::from_secs(7)), "{wrong}");
    }
    let undated = Answer { date: None, ..answer };
    assert_eq!(undated.pause(there), Some(Duration::from_secs(7)));
    assert_eq!(undated.pause(there + HOUR), Some(Duration::ZERO), "what is over is not waited for");
    assert_eq!(Answer::default().pause(there), None);
}
