//! A night's run against the account's limit, in virtual time: no request wasted, none too early, and the forecast holds.
//!
//! Pass 2 as it is, with a real checkpoint; only the transport and the clock are others. The checkpoint is written in
//! blocking tasks, for which tokio's paused clock stands still.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod support;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use deskferry::checkpoint::Checkpoint;
use deskferry::deliver::Pace;
use deskferry::report::{Report, Side};
use deskferry::run::Ending;
use deskferry::simulator::{Fault, Faults, Limit, Moment, Settings, Strike};
use deskferry::update::Write;
use jiff::Timestamp;
use support::desk::{Desk, Plan, Said, order, said, totals};
use support::virtual_account::{Exchange, VirtualAccount};

/// At 40 in 20 seconds.
const INTERVAL: Duration = Duration::from_millis(500);

fn api_key() -> Settings {
    Settings { limit: Limit::API_KEY, ..Settings::default() }
}

/// `count` messages of `tickets` tickets, in no order of time; now and then two in one second.
fn messages(count: u64, tickets: u64) -> Vec<Said> {
    let mut dice = fastrand::Rng::with_seed(count);
    let message = |number| {
        let ticket = dice.u64(1..=tickets);
        said(&format!("m{number}"), ticket, dice.u64(..=count / 3)).to(ticket, 1_000_000 + number)
    };
    (1..=count).map(message).collect()
}

/// A plan for `messages`, and an account that holds them.
fn planned(desk: &mut Desk, messages: &[Said], settings: Settings, jitter: Duration) -> (Plan, VirtualAccount) {
    desk.export(messages);
    let account = VirtualAccount::new(settings, jitter, messages.iter().filter_map(Said::target));
    (desk.plan(), account)
}

/// The most requests that began in any `window`, its end excluded.
fn most_within(window: Duration, exchanges: &[Exchange]) -> usize {
    let within = |from: usize| {
        exchanges[from..].iter().take_while(|exchange| exchange.begun < exchanges[from].begun + window).count()
    };
    (0..exchanges.len()).map(within).max().unwrap_or(0)
}

fn all_updated(checkpoint: &Checkpoint, count: u64) {
    assert_eq!(totals(checkpoint), BTreeMap::from([("updated", count)]));
}

#[tokio::test(start_paused = true)]
async fn at_the_accounts_rate_no_request_is_refused_or_wasted_and_the_bucket_stays_nearly_empty() {
    let mut desk = Desk::new();
    let settings = Settings { latency: Duration::from_millis(120), ..api_key() };
    let (plan, account) = planned(&mut desk, &messages(1_500, 200), settings, Duration::from_millis(300));
    let sent = plan.send(&account, &order("40/20s")).await;
    assert_eq!(sent.ending, Ending::Finished);
    all_updated(&sent.checkpoint, 1_500);
    let counters = account.counters();
    // One to greet the account, and one a message.
    assert_eq!((counters.requests, counters.updates, counters.repeated), (1_501, 1_500, 0));
    assert_eq!((counters.throttled_by_bucket, sent.counters.throttled, sent.counters.requests), (0, 0, 1_501));
    // A bucket drains one request in the time between two of ours, so each finds it empty and leaves one in it: whoever
    // else uses the account has the other 39.
    assert_eq!((counters.peak_used, sent.counters.peak), (1, 1));
    let theory = INTERVAL * 1_500;
    let took = account.elapsed();
    assert!(took >= theory && took <= theory.mul_f64(1.01), "{took:?}, in theory {theory:?}");
}

#[tokio::test(start_paused = true)]
async fn the_disk_takes_no_virtual_time() {
    let mut desk = Desk::new();
    let (plan, account) = planned(&mut desk, &messages(300, 40), api_key(), Duration::ZERO);
    let sent = plan.send(&account, &order("40/20s")).await;
    all_updated(&sent.checkpoint, 300);
    assert_eq!(account.elapsed(), INTERVAL * 300, "to the nanosecond, with 600 commits in it");
    let begun: Vec<_> = account.exchanges().iter().map(|exchange| exchange.begun).collect();
    let even: Vec<_> = (0..=300).map(|turn| INTERVAL * turn).collect();
    assert_eq!(begun, even);
}

#[tokio::test(start_paused = true)]
async fn every_attempt_passes_the_pacer_retries_as_well() {
    let mut desk = Desk::new();
    let faults: Faults = "500=0.15,502=0.05,503=0.05,reset=0.05,truncated=0.03,hang=0.01".parse().expect("faults");
    let settings = Settings { faults, seed: 7, latency: Duration::from_millis(200), ..api_key() };
    let (plan, account) = planned(&mut desk, &messages(600, 80), settings, Duration::from_millis(500));
    let sent = plan.send(&account, &order("40/20s")).await;
    assert_eq!(sent.ending, Ending::Finished);
    all_updated(&sent.checkpoint, 600);
    let (counters, exchanges) = (account.counters(), account.exchanges());
    let retries = counters.update_requests - 600;
    assert!(retries > 150, "{retries} retries");
    assert_eq!(sent.counters.requests, exchanges.len() as u64, "what was counted is what was sent");
    let attempts = sent.checkpoint.totals().expect("totals").attempts;
    assert_eq!(attempts, counters.update_requests, "every attempt is in the journal");
    assert_eq!(counters.throttled_by_bucket, 0);
    let most = most_within(Duration::from_secs(20), &exchanges);
    assert!(most <= 41, "{most} requests in 20 seconds");
    // A timer wakes up to a millisecond late, and the next request makes up for that.
    let late = Duration::from_millis(1);
    assert!(exchanges.windows(2).all(|pair| pair[0].begun + INTERVAL <= pair[1].begun + late), "a burst of retries");
    // Retries wait for their turn and not for themselves alone: the others use the time.
    let theory = INTERVAL * u32::try_from(exchanges.len() - 1).expect("a number");
    let took = account.elapsed();
    assert!(took <= theory.mul_f64(1.01) + Duration::from_mins(2), "{took:?}, in theory {theory:?}");
}

#[tokio::test(start_paused = true)]
async fn retry_after_holds_all_requests_together() {
    let mut desk = Desk::new();
    let throttled = Strike::unapplied(Fault::Throttled);
    let faults = Faults::script(vec![(Moment::Update(20), throttled), (Moment::Update(60), throttled)]);
    // Answers are slow: when the 429 comes, three more requests are out already.
    let settings =
        Settings { faults, latency: Duration::from_millis(1_800), retry_after: Duration::from_secs(30), ..api_key() };
    let (plan, account) = planned(&mut desk, &messages(100, 60), settings, Duration::ZERO);
    let sent = plan.send(&account, &order("40/20s")).await;
    all_updated(&sent.checkpoint, 100);
    assert_eq!((sent.counters.throttled, account.counters().throttled_by_fault), (2, 2));
    let exchanges = account.exchanges();
    let refusals: Vec<_> = exchanges.iter().filter(|exchange| exchange.status == Some(429)).collect();
    assert_eq!(refusals.len(), 2);
    for refused in refusals {
        let held = refused.ended..refused.ended + Duration::from_secs(30);
        let meanwhile = exchanges.iter().filter(|exchange| held.contains(&exchange.begun)).count();
        assert_eq!(meanwhile, 0, "requests while the account had asked to wait");
        let after: Vec<_> = exchanges.iter().filter(|exchange| exchange.begun >= held.end).take(3).collect();
        assert_eq!(after[0].begun, held.end, "the first goes as soon as it may");
        assert_eq!(after[1].begun, held.end + INTERVAL, "and there is no burst to catch up");
        assert_eq!(after[2].begun, held.end + INTERVAL * 2);
    }
}

#[tokio::test(start_paused = true)]
async fn messages_of_a_ticket_go_one_at_a_time_in_the_order_of_their_time_and_then_their_place() {
    let mut desk = Desk::new();
    let messages = messages(400, 25);
    let ids: Vec<u64> = messages.iter().filter_map(Said::target).map(|(_, message)| message).collect();
    // Some fail for good, some once, some with every try: none of them may hold back the rest, or let it overtake.
    let mut script = Vec::new();
    for message_id in ids.iter().copied().step_by(9) {
        script.push((Moment::Attempt { message_id, attempt: 1 }, Strike::unapplied(Fault::BadRequest)));
    }
    for message_id in ids.iter().copied().skip(1).step_by(9) {
        script.push((Moment::Attempt { message_id, attempt: 1 }, Strike::applied(Fault::BadGateway)));
    }
    for (attempt, message_id) in
        (1..=7).flat_map(|attempt| ids.iter().skip(2).step_by(36).map(move |id| (attempt, *id)))
    {
        script.push((Moment::Attempt { message_id, attempt }, Strike::unapplied(Fault::ServerError)));
    }
    let settings =
        Settings { faults: Faults::script(script), latency: Duration::from_millis(50), ..Settings::default() };
    let (plan, account) = planned(&mut desk, &messages, settings, Duration::from_secs(4));
    let sent = plan.send(&account, &order("none")).await;
    let expected = BTreeMap::from([("failed", 45 + 12), ("updated", 343)]);
    assert_eq!(totals(&sent.checkpoint), expected);
    let counters = account.counters();
    assert_eq!((counters.overlaps, counters.most_in_flight_per_ticket), (0, 1));
    assert!(counters.most_in_flight > 10, "tickets go side by side: {}", counters.most_in_flight);
    for (ticket, mut expected) in tickets(&messages) {
        let of_ticket = |exchange: &&Exchange| exchange.target.is_some_and(|(held, _)| held == ticket);
        let exchanges = account.exchanges();
        let exchanges: Vec<_> = exchanges.iter().filter(of_ticket).collect();
        assert!(exchanges.windows(2).all(|pair| pair[0].ended <= pair[1].begun), "two at once of ticket {ticket}");
        let mut came: Vec<_> = exchanges.iter().filter_map(|exchange| exchange.target).map(|(_, id)| id).collect();
        came.dedup();
        expected.sort_by_key(|(second, place, _)| (second.clone(), *place));
        let expected: Vec<_> = expected.into_iter().map(|(_, _, id)| id).collect();
        assert_eq!(came, expected, "ticket {ticket}");
    }
}

/// By ticket: each message's time, its place in the export, and its id in Gorgias.
fn tickets(messages: &[Said]) -> HashMap<u64, Vec<(String, usize, u64)>> {
    let mut tickets: HashMap<u64, Vec<_>> = HashMap::new();
    for (place, message) in messages.iter().enumerate() {
        let (ticket, id) = message.target().expect("a target");
        tickets.entry(ticket).or_default().push((message.text("at").to_owned(), place, id));
    }
    tickets
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_are_out_than_concurrency_allows() {
    for (concurrency, most) in [(1, 1), (5, 5), (64, 40)] {
        let mut desk = Desk::new();
        let settings = Settings { latency: Duration::from_secs(20), ..api_key() };
        let (plan, account) = planned(&mut desk, &messages(150, 100), settings, Duration::ZERO);
        let sent = plan.send(&account, &deskferry::run::Order { concurrency, ..order("40/20s") }).await;
        all_updated(&sent.checkpoint, 150);
        // With 64 slots it is the rate that limits: a request that takes 20 s has 39 others beside it.
        assert_eq!(account.counters().most_in_flight, most, "with {concurrency}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_forecast_is_what_then_happens() {
    for rate in ["40/20s", "80/20s", "40/10s", "80/10s"] {
        for write in [Write::Ids, Write::Missing, Write::All] {
            let mut desk = Desk::new();
            desk.writes.write = write;
            let limit = rate.parse().expect("a limit");
            let settings = Settings { limit, latency: Duration::from_millis(150), ..Settings::default() };
            let (plan, account) = planned(&mut desk, &messages(200, 60), settings, Duration::from_millis(200));
            let order = order(rate);
            let forecast = report(&plan.checkpoint, order.pace).forecast();
            let sent = plan.send(&account, &order).await;
            all_updated(&sent.checkpoint, 200);
            let counters = account.counters();
            assert_eq!(counters.throttled_by_bucket, 0, "{rate} {write:?}");
            assert_eq!(forecast.requests, counters.requests, "{rate} {write:?}");
            let (took, time) = (account.elapsed(), forecast.time.expect("a rate to count with"));
            // The last answer is still to come when the last request has gone.
            assert!(took >= time && took <= time.mul_f64(1.01) + Duration::from_millis(350), "{took:?}, not {time:?}");
            let left = report(&sent.checkpoint, order.pace).forecast();
            assert_eq!((left.requests, left.time), (0, Some(Duration::ZERO)), "nothing is left");
        }
    }
}

fn report(checkpoint: &Checkpoint, pace: Pace) -> Report {
    let side = Side { account: Some("virtual".into()), is_loopback: true, pace };
    let report = Report::gather(checkpoint, side, "Acme", Timestamp::UNIX_EPOCH).expect("the checkpoint");
    // As the orders of these tests say.
    Report { undo: false, ..report.expect("a plan") }
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_updates_take_an_hour_and_twenty_three_minutes_of_virtual_time() {
    let mut desk = Desk::new();
    let settings = Settings { latency: Duration::from_millis(100), ..api_key() };
    let (plan, account) = planned(&mut desk, &messages(10_000, 1_700), settings, Duration::from_millis(400));
    let sent = plan.send(&account, &order("40/20s")).await;
    all_updated(&sent.checkpoint, 10_000);
    let counters = account.counters();
    assert_eq!((counters.throttled_by_bucket, counters.peak_used, counters.repeated), (0, 1, 0));
    let theory = INTERVAL * 10_000;
    let took = account.elapsed();
    assert!(took >= theory && took <= theory.mul_f64(1.001), "{took:?}, in theory {theory:?}");
    let run = sent.checkpoint.runs().expect("the runs").remove(0);
    let noted = run.finished.expect("it ended").duration_since(run.started);
    assert_eq!(noted.as_secs(), 5_000, "the history tells the account's time");
}
