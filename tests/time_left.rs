//! While a run sends, the time that it says is left is the time that it then takes: alone, and beside a steady neighbour.
//!
//! In virtual time: pass 2 as it is, with a real checkpoint, against the simulator's core.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use deskferry::report::{Report, Side};
use deskferry::run::{Order, Outlook, Progress};
use deskferry::simulator::{Limit, Settings};
use deskferry::update::Write;
use support::desk::{Desk, Said, order, said};
use support::virtual_account::VirtualAccount;

const LOOK: Duration = Duration::from_secs(10);

/// Sends 2,000 messages, and says what was told to be left when: elapsed, left.
async fn told(write: Write, others: impl IntoIterator<Item = Duration>) -> (Vec<(Duration, Duration)>, Duration) {
    let mut desk = Desk::new();
    desk.writes.write = write;
    let messages: Vec<_> = (0..2_000).map(|n| said(&format!("m{n}"), n / 2, n).to(1 + n / 2, 1_000_000 + n)).collect();
    desk.export(&messages);
    let settings = Settings { limit: Limit::API_KEY, latency: Duration::from_millis(200), ..Settings::default() };
    let account = VirtualAccount::new(settings, Duration::ZERO, messages.iter().filter_map(Said::target));
    account.used_by_others(others);
    let order: Order = order("40/20s");
    let plan = desk.plan();
    let side = Side { account: Some("virtual".into()), is_loopback: true, pace: order.pace };
    let report = Report::gather(&plan.checkpoint, side, "Acme", account.clock().now()).expect("the checkpoint");
    let forecast = Report { undo: false, ..report.expect("a plan") }.forecast();
    let progress = Arc::new(Progress::default());
    let watched = Arc::clone(&progress);
    let clock = account.clone();
    let observer = tokio::spawn(async move {
        let mut outlook = Outlook::new(forecast.requests, forecast.updates);
        let mut told = Vec::new();
        loop {
            tokio::time::sleep(LOOK).await;
            let snapshot = watched.snapshot();
            outlook.look(clock.elapsed(), &snapshot);
            told.push((clock.elapsed(), outlook.left(&snapshot).expect("a pace to count with")));
            if snapshot.done() == snapshot.to_send {
                return told;
            }
        }
    });
    drop(plan.send_watched(&account, &order, &progress).await);
    let took = account.elapsed();
    (observer.await.expect("it watches"), took)
}

/// The largest error of what was told between `from` and `to`, as a share of what the run takes.
fn worst(told: &[(Duration, Duration)], took: Duration, from: f64, to: f64) -> f64 {
    let within = told.iter().filter(|(at, _)| (took.mul_f64(from)..took.mul_f64(to)).contains(at));
    within.map(|(at, left)| (*at + *left).abs_diff(took).as_secs_f64() / took.as_secs_f64()).fold(0.0, f64::max)
}

#[tokio::test(start_paused = true)]
async fn alone_it_is_right_within_one_percent_from_the_first_look_on() {
    for write in [Write::Ids, Write::All] {
        let (told, took) = told(write, []).await;
        let worst = worst(&told, took, 0.0, 1.0);
        assert!(worst <= 0.01, "{write:?}: {worst}");
    }
}

#[tokio::test(start_paused = true)]
async fn where_each_ticket_is_read_first_that_is_counted_too() {
    let (told, took) = told(Write::Missing, []).await;
    let worst = worst(&told, took, 0.0, 1.0);
    assert!(worst <= 0.02, "{worst}");
}

#[tokio::test(start_paused = true)]
async fn beside_a_steady_neighbour_it_is_right_as_soon_as_the_neighbour_was_noticed() {
    let others = (0..10_000).map(Duration::from_secs);
    let (told, took) = told(Write::All, others).await;
    assert!(took > Duration::from_secs(1_900), "the neighbour takes half: {took:?}");
    let worst = worst(&told, took, 0.2, 1.0);
    assert!(worst <= 0.01, "{worst}");
}

#[test]
fn without_a_pace_and_before_anything_went_nothing_is_said() {
    let outlook = Outlook::new(100, 100);
    assert_eq!(outlook.left(&Progress::default().snapshot()), None);
}
