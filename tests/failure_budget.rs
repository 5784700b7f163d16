//! Failures that have one cause stop a run early, and so do too many of any sort; a few scattered ones do not.
//!
//! In virtual time: pass 2 as it is, with a real checkpoint, against the simulator's core.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod support;

use std::time::Duration;

use deskferry::record::CauseKind;
use deskferry::run::{Ending, MaxFailures, Order, Sent};
use deskferry::simulator::{Fault, Faults, Moment, Settings, Strike};
use support::desk::{Desk, Said, order, said, totals};
use support::virtual_account::VirtualAccount;

/// Which message fails how.
type Fails = Box<dyn Fn(u64) -> Option<Fault>>;

/// Sends 500 messages, of which `fails` says which fail how.
async fn run(fails: impl Fn(u64) -> Option<Fault>, order: Order) -> Sent {
    let mut desk = Desk::new();
    let messages: Vec<_> = (0..500).map(|n| said(&format!("m{n}"), n, n).to(1 + n, 1_000_000 + n)).collect();
    desk.export(&messages);
    let script = (0..500).filter_map(|n| {
        let moment = Moment::Attempt { message_id: 1_000_000 + n, attempt: 1 };
        fails(n).map(|fault| (moment, Strike::unapplied(fault)))
    });
    let settings = Settings { faults: Faults::script(script.collect()), ..Settings::default() };
    let account = VirtualAccount::new(settings, Duration::ZERO, messages.iter().filter_map(Said::target));
    desk.plan().send(&account, &order).await
}

fn one_by_one() -> Order {
    Order { concurrency: 1, ..order("none") }
}

fn limited(max: &str) -> Order {
    Order { max_failures: Some(max.parse().expect("a limit")), keeps_going: true, ..one_by_one() }
}

fn failed(sent: &Sent) -> u64 {
    totals(&sent.checkpoint).get("failed").copied().unwrap_or(0)
}

#[track_caller]
fn stopped(sent: &Sent, kind: CauseKind) -> &str {
    let Ending::Stopped(cause) = &sent.ending else { panic!("it was to stop: {:?}", sent.ending) };
    assert_eq!(cause.kind, kind);
    &cause.detail
}

#[tokio::test(start_paused = true)]
async fn twenty_of_twenty_five_with_one_cause_stop_the_run_with_that_cause() {
    let sent = run(|n| (n >= 100).then_some(Fault::BadRequest), one_by_one()).await;
    let detail = stopped(&sent, CauseKind::SameAgain);
    assert!(detail.starts_with("20 of the last 25 messages failed alike: 400: "), "{detail}");
    assert_eq!(failed(&sent), 20);
    let counts = totals(&sent.checkpoint);
    assert_eq!((counts["updated"], counts["pending"]), (100, 380), "the rest is as it was");
}

#[tokio::test(start_paused = true)]
async fn a_run_in_which_nothing_works_stops_after_twenty() {
    let sent = run(|_| Some(Fault::NotFound), one_by_one()).await;
    assert!(stopped(&sent, CauseKind::SameAgain).starts_with("20 of the last 20 messages failed alike: 404: "));
}

#[tokio::test(start_paused = true)]
async fn what_was_out_when_it_stops_is_waited_for() {
    let sent = run(|_| Some(Fault::BadRequest), order("none")).await;
    stopped(&sent, CauseKind::SameAgain);
    let counts = totals(&sent.checkpoint);
    assert!((20..36).contains(&failed(&sent)), "{counts:?}");
    assert_eq!(counts["failed"] + counts["pending"], 500);
}

#[tokio::test(start_paused = true)]
async fn scattered_failures_and_failures_of_several_causes_stop_nothing() {
    let causes = [Fault::BadRequest, Fault::NotFound, Fault::Conflict];
    for (fails, count) in [
        (Box::new(|n: u64| n.is_multiple_of(2).then_some(Fault::BadRequest)) as Fails, 250),
        (Box::new(move |n: u64| (!n.is_multiple_of(5)).then(|| causes[usize::try_from(n % 3).expect("small")])), 400),
    ] {
        let sent = run(fails, one_by_one()).await;
        assert_eq!((sent.ending.clone(), failed(&sent)), (Ending::Finished, count));
    }
}

#[tokio::test(start_paused = true)]
async fn an_operator_who_knows_the_cause_can_go_on() {
    let sent = run(|_| Some(Fault::NotFound), Order { keeps_going: true, ..one_by_one() }).await;
    assert_eq!((sent.ending.clone(), failed(&sent)), (Ending::Finished, 500));
}

#[tokio::test(start_paused = true)]
async fn more_failures_than_the_operator_allows_stop_the_run() {
    let every_fourth = |n: u64| n.is_multiple_of(4).then_some(Fault::BadRequest);
    let sent = run(every_fourth, limited("50")).await;
    assert_eq!(
        stopped(&sent, CauseKind::TooManyFailures),
        "51 of 201 messages failed, and --max-failures 50 allows no more"
    );
    let sent = run(every_fourth, limited("0")).await;
    assert_eq!(
        stopped(&sent, CauseKind::TooManyFailures),
        "1 of 1 message failed, and --max-failures 0 allows no more"
    );
    let sent = run(every_fourth, limited("125")).await;
    assert_eq!(sent.ending, Ending::Finished);
}

#[tokio::test(start_paused = true)]
async fn a_share_is_looked_at_once_a_hundred_messages_have_their_outcome() {
    let all_at_first = |n: u64| (n < 50).then_some(Fault::BadRequest);
    let sent = run(all_at_first, limited("60%")).await;
    assert_eq!(sent.ending, Ending::Finished, "half of the first hundred, and then none");
    let sent = run(all_at_first, limited("49.5%")).await;
    let detail = "50 of 100 messages failed, and --max-failures 49.50% allows no more";
    assert_eq!(stopped(&sent, CauseKind::TooManyFailures), detail);
}

#[test]
fn a_limit_is_a_number_or_a_share() {
    for (text, reads) in [("50", "50"), ("0", "0"), ("2%", "2%"), ("0.5%", "0.50%"), ("100%", "100%")] {
        assert_eq!(text.parse::<MaxFailures>().expect("a limit").to_string(), reads);
    }
    for text in ["", "-1", "2.5", "101%", "100.01%", "%", "2.555%", "two", "1,000"] {
        assert!(text.parse::<MaxFailures>().is_err(), "{text}");
    }
}
