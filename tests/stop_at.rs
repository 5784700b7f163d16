//! `--stop-at`: the run finishes what is out, and stops; what is left waits for a resume.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use deskferry::run::{Ending, Order};
use deskferry::simulator::{Limit, Settings};
use insta::assert_snapshot;
use jiff::SignedDuration;
use support::Folder;
use support::desk::{Desk, Said, order, said, totals};
use support::virtual_account::{Away, VirtualAccount};

const HOUR: Duration = Duration::from_hours(1);

fn night(messages: u64) -> (Desk, VirtualAccount) {
    let mut desk = Desk::new();
    let messages: Vec<_> = (0..messages).map(|n| said(&format!("m{n}"), n, n).to(1 + n, 1_000_000 + n)).collect();
    desk.export(&messages);
    let settings = Settings { limit: Limit::API_KEY, latency: Duration::from_secs(2), ..Settings::default() };
    let account = VirtualAccount::new(settings, Duration::ZERO, messages.iter().filter_map(Said::target));
    (desk, account)
}

fn stopping(account: &VirtualAccount, after: Duration) -> Order {
    let at = account.clock().now() + SignedDuration::try_from(after).expect("a night");
    Order { stop_at: Some(at), ..order("40/20s") }
}

#[tokio::test(start_paused = true)]
async fn at_that_time_what_is_out_is_finished_and_the_rest_waits() {
    let (desk, account) = night(10_000);
    let sent = desk.plan().send(&account, &stopping(&account, HOUR)).await;
    assert_eq!(sent.ending, Ending::TimeIsUp);
    assert!(account.elapsed() >= HOUR && account.elapsed() <= HOUR + Duration::from_secs(3), "{:?}", account.elapsed());
    let counts = totals(&sent.checkpoint);
    assert_eq!(counts["updated"], account.counters().updates, "nothing is in doubt");
    assert_eq!(counts["updated"] + counts["pending"], 10_000);
    assert!((7_190..=7_200).contains(&counts["updated"]), "{counts:?}");
    drop(sent);
    let sent = desk.plan().send(&account, &order("40/20s")).await;
    assert_eq!(totals(&sent.checkpoint), BTreeMap::from([("updated", 10_000)]));
    assert_eq!(account.counters().repeated, 0);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_done_before_is_finished() {
    let (desk, account) = night(100);
    let sent = desk.plan().send(&account, &stopping(&account, HOUR)).await;
    assert_eq!(sent.ending, Ending::Finished);
}

#[tokio::test(start_paused = true)]
async fn an_outage_does_not_keep_it_from_stopping() {
    let (desk, account) = night(10_000);
    account.is_away(HOUR / 2..HOUR * 3, Away::Down);
    let backoff = deskferry::deliver::Backoff { outage: HOUR * 5, ..Default::default() };
    let sent = desk.plan().send(&account, &Order { backoff, ..stopping(&account, HOUR) }).await;
    assert_eq!(sent.ending, Ending::TimeIsUp);
    assert!(account.elapsed() <= HOUR + Duration::from_secs(12), "{:?}", account.elapsed());
}

#[test]
fn a_time_can_be_given_in_several_ways_and_what_is_no_time_to_come_is_refused() {
    let folder = Folder::with_sample("zendesk");
    let run = |at: &str| {
        let mut command = folder.command("run export --mapping zendesk --simulate --limit 1");
        support::Ran::of(command.args(["--stop-at", at]).output().expect("it runs"))
    };
    for at in [
        "07:00",
        "07:00:30",
        "07:00 Europe/Berlin",
        "07:00[America/New_York]",
        "2099-11-26T07:00",
        "2099-11-26 07:00",
        "2099-11-26T07:00Z",
        "2099-11-26T07:00+01:00",
    ] {
        assert!(run(at).expect(0).out.contains("  stops     at "), "{at}");
    }
    let tokyo = |at: &str| run(at).expect(0).out.lines().find(|line| line.starts_with("  stops ")).map(str::to_owned);
    assert_eq!(tokyo("07:00[Asia/Tokyo]"), tokyo("07:00 Asia/Tokyo"));
    assert_eq!(tokyo("2099-11-26T07:00[Asia/Tokyo]"), tokyo("2099-11-25T22:00Z"));
    for at in ["07:00[Nowhere]", "25:00", "7 o'clock", "07:00 Middle/Earth", "2099-11-26", "", "yesterday"] {
        assert!(run(at).expect(2).err.contains("it is no time"), "{at}");
    }
    assert_snapshot!(run("2020-01-01T07:00Z").expect(2).err, @r#"
    error: invalid value '2020-01-01T07:00Z' for '--stop-at <TIME>': it is over: name a time to come

    For more information, try '--help'.
    "#);
    assert_snapshot!(run("soon").expect(2).err, @r#"
    error: invalid value 'soon' for '--stop-at <TIME>': it is no time: 07:00, '07:00 Europe/Berlin' (else it is the time of this machine), 2026-11-26T07:00, or 2026-11-26T07:00Z

    For more information, try '--help'.
    "#);
}
