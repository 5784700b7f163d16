//! The account goes away for a while: that costs no message and no failure, only a handful of requests and the time.
//!
//! In virtual time: pass 2 as it is, with a real checkpoint, against the simulator's core.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod support;

use std::time::Duration;

use deskferry::deliver::Backoff;
use deskferry::record::CauseKind;
use deskferry::run::{Ending, Order, Sent};
use deskferry::simulator::{Fault, Faults, Moment, Settings, Strike};
use support::desk::{Desk, Said, order, said, totals};
use support::virtual_account::{Away, VirtualAccount};

const WAYS: [Away; 4] = [Away::NoConnection, Away::Silent, Away::Down, Away::FailingUpdates];
const MINUTE: Duration = Duration::from_mins(1);

/// 3,000 messages of 1,000 tickets: 25 minutes at an API key's pace.
fn messages() -> Vec<Said> {
    (0..3_000).map(|n| said(&format!("m{n}"), n / 3, n).to(1 + n / 3, 1_000_000 + n)).collect()
}

fn account(settings: Settings, messages: &[Said]) -> VirtualAccount {
    let settings = Settings { latency: Duration::from_millis(150), ..settings };
    VirtualAccount::new(settings, Duration::from_millis(100), messages.iter().filter_map(Said::target))
}

fn patient(outage: Duration) -> Order {
    Order { backoff: Backoff { outage, ..Backoff::default() }, ..order("40/20s") }
}

/// Sends all to an account that is away in that time, in that way.
async fn away(how: Away, time: std::ops::Range<Duration>, order: &Order) -> (Desk, Sent, VirtualAccount) {
    let mut desk = Desk::new();
    let messages = messages();
    desk.export(&messages);
    let account = account(Settings::default(), &messages);
    account.is_away(time, how);
    let sent = desk.plan().send(&account, order).await;
    (desk, sent, account)
}

#[tokio::test(start_paused = true)]
async fn ten_minutes_in_the_middle_cost_no_message_and_no_failure() {
    for how in WAYS {
        let time = 5 * MINUTE..15 * MINUTE;
        let (_desk, sent, account) = away(how, time.clone(), &patient(30 * MINUTE)).await;
        assert_eq!(sent.ending, Ending::Finished, "{how:?}");
        assert_eq!(totals(&sent.checkpoint).into_iter().collect::<Vec<_>>(), [("updated", 3_000)], "{how:?}");
        let asked = account.exchanges().iter().filter(|exchange| time.contains(&exchange.begun)).count();
        assert!(asked <= 60, "{how:?}: {asked} requests while it was away");
        // It notices within a minute or two that the account is back.
        let took = account.elapsed();
        assert!(took <= 25 * MINUTE + 10 * MINUTE + 2 * MINUTE, "{how:?}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn while_it_is_away_only_one_request_at_a_time_asks_whether_it_is_back() {
    for how in WAYS {
        let (_desk, _, account) = away(how, 5 * MINUTE..15 * MINUTE, &patient(30 * MINUTE)).await;
        // After the first minute nothing of before is out any more.
        let asked: Vec<_> =
            account.exchanges().into_iter().filter(|one| one.begun > 7 * MINUTE && one.begun < 15 * MINUTE).collect();
        assert!(asked.windows(2).all(|pair| pair[0].ended <= pair[1].begun), "{how:?}: two at once");
        if how != Away::FailingUpdates {
            assert!(asked.iter().all(|one| !one.is_update), "{how:?}: an update that asks");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_that_lasts_too_long_stops_the_run_and_a_resume_goes_on() {
    for how in WAYS {
        let (desk, sent, account) = away(how, 5 * MINUTE..60 * MINUTE, &patient(10 * MINUTE)).await;
        let Ending::Stopped(cause) = &sent.ending else { panic!("{how:?} ends it: {:?}", sent.ending) };
        let expected = match how {
            Away::NoConnection | Away::Silent => CauseKind::Unreachable,
            Away::Down | Away::Asking(_) | Away::FailingUpdates => CauseKind::Unavailable,
        };
        assert_eq!(cause.kind, expected, "{how:?}");
        let ended = account.elapsed();
        assert!(ended >= 15 * MINUTE && ended <= 20 * MINUTE, "{how:?}: {ended:?}");
        let counts = totals(&sent.checkpoint);
        assert_eq!(counts.get("failed"), None, "{how:?}: nothing is wrong with a message");
        drop(sent);
        tokio::time::sleep(60 * MINUTE).await;
        let sent = desk.plan().send(&account, &patient(10 * MINUTE)).await;
        assert_eq!(sent.ending, Ending::Finished);
        assert_eq!(totals(&sent.checkpoint).into_iter().collect::<Vec<_>>(), [("updated", 3_000)], "{how:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn messages_that_the_account_cannot_digest_are_no_outage() {
    let mut desk = Desk::new();
    // The last ones: nothing else is left that could be answered well between them.
    let messages: Vec<_> = messages().into_iter().take(40).collect();
    desk.export(&messages);
    let bad = [1_000_000 + 30, 1_000_000 + 33, 1_000_000 + 36, 1_000_000 + 39];
    let script = bad.iter().flat_map(|&message_id| {
        (1..=20).map(move |attempt| (Moment::Attempt { message_id, attempt }, Strike::unapplied(Fault::ServerError)))
    });
    let account = account(Settings { faults: Faults::script(script.collect()), ..Settings::default() }, &messages);
    let sent = desk.plan().send(&account, &patient(15 * MINUTE)).await;
    assert_eq!(sent.ending, Ending::Finished);
    assert_eq!(totals(&sent.checkpoint).into_iter().collect::<Vec<_>>(), [("failed", 4), ("updated", 36)]);
    let causes = sent.checkpoint.totals().expect("totals").causes;
    assert!(causes.iter().all(|row| row.cause.kind == CauseKind::TriesUsedUp), "{causes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_503_that_says_how_long_to_wait_is_waited_for_by_all() {
    let time = MINUTE..MINUTE + Duration::from_millis(400);
    let (_desk, sent, account) = away(Away::Asking(90), time.clone(), &patient(MINUTE)).await;
    assert_eq!(sent.ending, Ending::Finished);
    let exchanges = account.exchanges();
    let refused = exchanges.iter().find(|exchange| exchange.status == Some(503)).expect("one");
    let until = refused.ended + Duration::from_secs(90);
    assert!(!exchanges.iter().any(|one| one.begun > refused.ended && one.begun < until), "a request in the pause");
    assert!(exchanges.iter().any(|one| one.begun == until), "and then it goes on");
}
