//! The account's limit may be another than was said, and others use it, too: no 429 of our making, what they leave is
//! used, and what they take is theirs.
//!
//! In virtual time: pass 2 as it is, with a real checkpoint, against the simulator's core.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod support;

use std::time::Duration;

use deskferry::deliver::{Pace, Rate, Reserve};
use deskferry::run::{Ending, Order, Sent};
use deskferry::simulator::{Limit, Settings};
use support::desk::{Desk, order, said, totals};
use support::virtual_account::VirtualAccount;

const LATENCY: Duration = Duration::from_millis(150);
const JITTER: Duration = Duration::from_millis(100);

/// A night: what is to be sent, at what pace, to what account, with what neighbours.
struct Night {
    messages: u64,
    limit: &'static str,
    pace: Pace,
    latency: Duration,
    others: Vec<Duration>,
}

fn rate(text: &str) -> Rate {
    text.parse().expect("a rate")
}

impl Night {
    /// An account with an API key's limit, and an operator who said nothing.
    fn of(messages: u64) -> Self {
        let pace = Pace { rate: Rate::API_KEY, is_typed: false, reserve: Reserve::NONE };
        Self { messages, limit: "40/20s", pace, latency: LATENCY, others: Vec::new() }
    }

    fn with_others(self, others: impl IntoIterator<Item = Duration>) -> Self {
        Self { others: others.into_iter().collect(), ..self }
    }

    async fn passes(self) -> (Sent, VirtualAccount) {
        let limit: Limit = self.limit.parse().expect("a limit");
        let settings = Settings { limit, latency: self.latency, ..Settings::default() };
        let messages: Vec<_> =
            (0..self.messages).map(|n| said(&format!("m{n}"), n / 3, n).to(1 + n / 3, 1_000_000 + n)).collect();
        let mut desk = Desk::new();
        desk.export(&messages);
        let account = VirtualAccount::new(settings, JITTER, messages.iter().filter_map(support::desk::Said::target));
        account.used_by_others(self.others);
        let sent = desk.plan().send(&account, &Order { pace: self.pace, ..order("40/20s") }).await;
        assert_eq!(sent.ending, Ending::Finished);
        assert_eq!(totals(&sent.checkpoint).into_iter().collect::<Vec<_>>(), [("updated", self.messages)]);
        (sent, account)
    }
}

/// One request each `interval`, for `time` from `from` on.
fn steady(from: Duration, interval: Duration, time: Duration) -> impl Iterator<Item = Duration> {
    let count = u32::try_from(time.as_nanos() / interval.as_nanos()).expect("a night");
    (0..count).map(move |turn| from + interval * turn)
}

/// That it took as long as `requests` at `per_second`, within a share of 1 / `within`.
#[track_caller]
fn takes(account: &VirtualAccount, requests: u32, per_second: f64, within: f64) {
    let theory = f64::from(requests) / per_second;
    let took = account.elapsed().as_secs_f64();
    assert!(took <= theory * (1.0 + within) && took >= theory * (1.0 - within), "{took} s, in theory {theory} s");
}

#[tokio::test(start_paused = true)]
async fn a_hundred_thousand_updates_take_as_long_as_the_limit_says_and_none_is_refused() {
    let (sent, account) = Night::of(100_000).passes().await;
    assert_eq!((sent.counters.throttled, account.counters().throttled_by_bucket), (0, 0));
    assert_eq!(sent.counters.requests, 100_001);
    takes(&account, 100_000, 2.0, 0.005);
}

#[tokio::test(start_paused = true)]
async fn a_rate_that_is_too_high_is_corrected_by_the_first_answer() {
    for (said, limit, kept) in
        [("80/20s", "40/20s", "40/20s"), ("80/10s", "40/20s", "40/20s"), ("80/10s", "25/20s", "25/20s")]
    {
        let night = Night { limit, pace: Pace::typed(rate(said)), ..Night::of(1_000) };
        let (sent, account) = night.passes().await;
        assert_eq!(account.counters().throttled_by_bucket, 0, "{said} at {limit}");
        assert_eq!(sent.pace.rate.to_string(), kept);
        takes(&account, 1_000, rate(kept).per_second().expect("a rate"), 0.01);
    }
}

#[tokio::test(start_paused = true)]
async fn where_nothing_was_said_an_account_that_allows_more_is_used_as_far_as_it_certainly_does() {
    for limit in ["80/20s", "80/10s"] {
        // The answers don't tell the time, so the slower one is assumed.
        let (sent, account) = Night { limit, ..Night::of(1_000) }.passes().await;
        assert_eq!(sent.pace.rate.to_string(), "80/20s");
        assert_eq!(account.counters().throttled_by_bucket, 0);
        takes(&account, 1_000, 4.0, 0.01);
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_operator_says_is_not_exceeded_and_its_time_is_believed() {
    for (said, limit, per_second) in [("20/20s", "40/20s", 1.0), ("40/20s", "80/20s", 2.0), ("40/10s", "40/10s", 4.0)] {
        let (sent, account) = Night { limit, pace: Pace::typed(rate(said)), ..Night::of(500) }.passes().await;
        assert_eq!(sent.pace.rate.to_string(), said);
        assert_eq!(account.counters().throttled_by_bucket, 0);
        takes(&account, 500, per_second, 0.01);
    }
}

#[tokio::test(start_paused = true)]
async fn a_time_that_was_said_too_short_costs_no_refusal() {
    // The number fits, so only the bucket itself tells.
    let (_, account) = Night { pace: Pace::typed(rate("40/10s")), ..Night::of(1_000) }.passes().await;
    assert_eq!(account.counters().throttled_by_bucket, 0);
    takes(&account, 1_000, 2.0, 0.02);
}

#[tokio::test(start_paused = true)]
async fn beside_a_steady_neighbour_nothing_is_refused_and_what_it_leaves_is_used() {
    for latency in [Duration::from_millis(20), LATENCY, Duration::from_secs(2)] {
        // It uses half of the limit.
        let others = steady(Duration::ZERO, Duration::from_secs(1), Duration::from_hours(1));
        let (sent, account) = Night { latency, ..Night::of(2_000) }.with_others(others).passes().await;
        assert_eq!((sent.counters.throttled, account.others_refused()), (0, 0), "{latency:?}");
        let free = account.elapsed().as_secs_f64();
        let used = 2_001.0 / free;
        assert!(used >= 0.95, "{used} of what is free, with answers after {latency:?}");
        // Whoever needs it finds three quarters of the bucket free.
        assert!(account.counters().peak_used <= 10, "{} in the bucket", account.counters().peak_used);
    }
}

#[tokio::test(start_paused = true)]
async fn beside_a_bursty_neighbour_next_to_nothing_is_refused_and_no_refusal_follows_another() {
    let mut dice = fastrand::Rng::with_seed(11);
    let mut others = Vec::new();
    let mut at = Duration::from_secs(5);
    while at < Duration::from_secs(20_000) {
        // Twice in a minute at most, up to three quarters of the bucket at once; and each hour, more than it takes.
        let burst = if dice.u32(..100) == 0 { 60 } else { dice.u32(5..=30) };
        others.extend((0..burst).map(|turn| at + Duration::from_millis(10) * turn));
        at += Duration::from_millis(dice.u64(25_000..60_000));
    }
    let (sent, account) = Night::of(10_000).with_others(others).passes().await;
    let refused: Vec<_> = account
        .exchanges()
        .iter()
        .enumerate()
        .filter(|(_, exchange)| exchange.status == Some(429))
        .map(|(n, _)| n)
        .collect();
    assert_eq!(sent.counters.throttled, refused.len() as u64);
    assert!(refused.len() < 10, "{} of 10,000 refused", refused.len());
    assert!(refused.windows(2).all(|pair| pair[0] + 1 < pair[1]), "one after the other: {refused:?}");
}

#[tokio::test(start_paused = true)]
async fn a_neighbour_that_takes_all_of_it_gets_it_and_afterwards_everything_goes_on_as_before() {
    // For ten minutes it uses 95 % of the limit.
    let others = steady(Duration::from_mins(10), Duration::from_nanos(526_315_789), Duration::from_mins(10));
    let (sent, account) = Night::of(3_000).with_others(others).passes().await;
    assert_eq!((sent.counters.throttled, account.others_refused()), (0, 0));
    let sent_within = |from: u64, to: u64| {
        let time = Duration::from_secs(from)..Duration::from_secs(to);
        account.exchanges().iter().filter(|exchange| time.contains(&exchange.begun)).count()
    };
    assert!(sent_within(0, 600) >= 1_195, "{}", sent_within(0, 600));
    assert!(sent_within(700, 1_200) <= 60, "{}", sent_within(700, 1_200));
    assert!(sent_within(1_300, 1_600) >= 590, "{}", sent_within(1_300, 1_600));
}

#[tokio::test(start_paused = true)]
async fn what_is_reserved_is_left_to_others() {
    let reserve: Reserve = "25%".parse().expect("a share");
    let pace = Pace { reserve, ..Night::of(1).pace };
    // They use exactly that.
    let others = steady(Duration::ZERO, Duration::from_secs(2), Duration::from_secs(1_000));
    let (sent, account) = Night { pace, ..Night::of(1_200) }.with_others(others).passes().await;
    assert_eq!((sent.counters.throttled, account.others_refused()), (0, 0));
    takes(&account, 1_200, 1.5, 0.01);
    assert!(account.counters().peak_used <= 3, "nobody waits for anybody: {}", account.counters().peak_used);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_begins_beside_a_full_bucket_waits_for_room_before_its_first_update() {
    let others = vec![Duration::ZERO; 39];
    let (sent, account) = Night::of(100).with_others(others).passes().await;
    assert_eq!(sent.counters.throttled, 0);
    let exchanges = account.exchanges();
    let first = exchanges.iter().find(|exchange| exchange.is_update).expect("an update").begun;
    assert!(first >= Duration::from_secs(15), "{first:?}");
}

#[test]
fn a_reserve_is_a_share_in_percent() {
    for (text, reads) in [("25%", "25%"), ("0", "0%"), ("90 %", "90%")] {
        assert_eq!(text.parse::<Reserve>().expect("a share").to_string(), reads);
    }
    for text in ["91%", "-1%", "a quarter", "", "2.5%", "%"] {
        assert!(text.parse::<Reserve>().is_err(), "{text}");
    }
}

#[test]
fn that_the_rate_was_corrected_is_said() {
    let folder = support::Folder::with_sample("zendesk");
    let settings = Settings { limit: Limit::API_KEY, ..Settings::default() };
    let account = support::Account::start(settings, &folder.file("export/ids.csv"));
    let command =
        |options: &str| format!("run export --mapping zendesk --undo off --limit 2 {options} {}", account.flag());
    let told = |options: &str| {
        let out = folder.run(&command(options)).expect(0).out;
        out.lines().find(|line| line.starts_with("The account's answers")).map(str::to_owned)
    };
    let corrected = "The account's answers tell another limit: 40/20s is kept to, not --rate 80/20s.";
    assert_eq!(told("--rate 80/20s").as_deref(), Some(corrected));
    assert_eq!(told("--rate 40/20s"), None);
}
