//! An account that is read whole: page by page, each message once, with the fewest requests; whatever comes between.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use deskferry::account::{Crawl, ReadError, Reading, Scanner, Subject};
use deskferry::gorgias::{Order, Request};
use deskferry::record::{CauseKind, Mode};
use deskferry::scan::{Marks, ScanError};
use deskferry::simulator::{Event, Faults, Settings, Target};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::desk::{Desk, Said, said};
use support::imported::{
    MAPPING, Scanning, account, agree, bring, copied, held, least, message_of, messages, open, scan, seed, subject,
    targets, ticket_of,
};
use support::virtual_account::VirtualAccount;
use support::wire::{Turn, Wire};
use tokio::sync::watch;

/// Longer than any cursor lives.
const HOURS: Duration = Duration::from_hours(3);

/// An account whose cursors live for a minute.
fn short_lived() -> Settings {
    Settings { cursor_life: Some(Duration::from_mins(1)), ..Settings::default() }
}

/// Reads `account` whole in a folder of its own, along a wire on which `script` happens.
async fn read(
    account: &VirtualAccount,
    script: impl Fn(u64, &Request) -> Turn + Send + Sync + 'static,
) -> (Desk, Result<Marks, ReadError>, u64) {
    let desk = Desk::new();
    let wire = Wire::to(account, script);
    let marks = Scanning::along(&desk, &wire).whole().await;
    (desk, marks, wire.asked())
}

/// Settings under which `event` happens before the n-th request.
fn before(turn: u64, event: Event) -> Settings {
    Settings { events: vec![(turn, event)], ..Settings::default() }
}

#[tokio::test(start_paused = true)]
async fn it_takes_a_request_for_each_page_and_one_for_what_arrives_meanwhile() {
    for (number, long, requests) in [(2_345, 5, 24 + 5 + 1), (100, 10, 1 + 1 + 1), (101, 1, 2 + 2 + 1), (1, 1, 3)] {
        let account = account(Settings::default(), &messages(number, long));
        let (desk, marks, asked) = read(&account, |_, _| Turn::Goes).await;
        let marks = marks.expect("a scan");
        assert_eq!((asked, marks.requests), (requests, requests), "{number} messages");
        assert_eq!(least(&account), requests);
        assert!(marks.finished.is_some());
        agree(&desk, &account);
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_account_is_read_too() {
    let account = account(Settings::default(), &[]);
    let (desk, marks, asked) = read(&account, |_, _| Turn::Goes).await;
    assert!(marks.expect("a scan").finished.is_some());
    assert_eq!(asked, 3);
    agree(&desk, &account);
}

#[tokio::test(start_paused = true)]
async fn fifty_thousand_messages_take_their_pages_and_no_more() {
    let account = account(Settings::default(), &messages(50_000, 5));
    let (desk, marks, asked) = read(&account, |_, _| Turn::Goes).await;
    marks.expect("a scan");
    assert_eq!(asked, 500 + 100 + 1);
    assert_eq!(copied(&desk), held(&account));
}

#[tokio::test(start_paused = true)]
async fn a_cursor_that_expires_costs_two_requests_wherever_it_does() {
    let all = messages(650, 2);
    for late in 2..=11 {
        let account = account(short_lived(), &all);
        let (desk, marks, asked) =
            read(&account, move |turn, _| if turn == late { Turn::GoesAfter(HOURS) } else { Turn::Goes }).await;
        marks.expect("a scan");
        assert!(asked <= least(&account) + 2, "{asked} requests, late at {late}");
        agree(&desk, &account);
    }
}

#[tokio::test(start_paused = true)]
async fn each_further_expiry_costs_half_of_the_pages_at_most() {
    let all = messages(1_150, 20);
    for first in [2, 3, 6, 9, 11, 12] {
        for second in (first + 2..=16).step_by(3) {
            let account = account(short_lived(), &all);
            let (desk, marks, asked) =
                read(
                    &account,
                    move |turn, _| {
                        if turn == first || turn == second { Turn::GoesAfter(HOURS) } else { Turn::Goes }
                    },
                )
                .await;
            marks.expect("a scan");
            assert!(asked <= least(&account) + 2 + 6 + 1, "{asked} requests, late at {first} and {second}");
            agree(&desk, &account);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn cursors_that_expire_time_and_again_leave_nothing_out_while_there_is_progress() {
    // Each cursor lives, but a walk of more than seven pages never comes through: the two ends must do.
    let account = account(short_lived(), &messages(1_300, 20));
    let (desk, marks, _) =
        read(&account, |turn, _| if turn % 8 == 0 { Turn::GoesAfter(HOURS) } else { Turn::Goes }).await;
    marks.expect("a scan");
    agree(&desk, &account);
}

#[tokio::test(start_paused = true)]
async fn where_every_cursor_expires_the_ends_are_all_that_can_be_read() {
    let late = |_, _: &Request| Turn::GoesAfter(HOURS);
    let small = account(short_lived(), &messages(180, 20));
    let (desk, marks, _) = read(&small, late).await;
    marks.expect("a scan");
    agree(&desk, &small);

    let large = account(short_lived(), &messages(1_000, 20));
    let (desk, marks, asked) = read(&large, late).await;
    let Err(ReadError::Stopped(cause)) = marks else { panic!("{marks:?}") };
    assert_eq!(cause.kind, CauseKind::Unavailable);
    insta::assert_snapshot!(cause.detail, @"the list of messages is cut off again and again before all of it was read (400: Failed to validate the request. (cursor))");
    assert!(asked < 20, "it does not go on for ever: {asked} requests");
    assert_eq!(copied(&desk).len(), 200);
    // Incomplete as it is, no plan may look into it.
    let scan = deskferry::run::ScanFile::at(&desk.path("virtual.scan"), "virtual", "");
    assert!(matches!(scan, Err(ScanError::Incomplete { .. })));
    // When cursors live again, it goes on.
    let wire = Wire::plain(&large);
    Scanning::along(&desk, &wire).whole().await.expect("a scan");
    assert!(wire.asked() <= least(&large) + 2);
    agree(&desk, &large);
}

#[tokio::test(start_paused = true)]
async fn messages_of_one_moment_are_all_read_around_an_expiry() {
    // From the 200th on 350 were created in one second.
    let all: Vec<Said> = (0..700).map(|n: u64| said(&format!("m{n}"), 1 + n / 30, n.clamp(200, 550))).collect();
    let crowd: Vec<Said> = (0..700)
        .map(|n: u64| said(&format!("m{n}"), 1 + n / 30, if (200..550).contains(&n) { 300 } else { n }))
        .collect();
    for all in [all, crowd] {
        for late in 2..=8 {
            let account = account(short_lived(), &all);
            let (desk, marks, _) =
                read(&account, move |turn, _| if turn == late { Turn::GoesAfter(HOURS) } else { Turn::Goes }).await;
            marks.expect("a scan");
            agree(&desk, &account);
        }
    }
}

/// Reads until the n-th request and stops; then, in a new process, `pause` later, goes on to the end.
async fn stop_and_go_on(account: &VirtualAccount, stop_at: u64, pause: Duration) -> (Desk, u64) {
    let desk = Desk::new();
    let stop = watch::Sender::new(false);
    let asked_to = stop.clone();
    let first = Wire::to(account, move |turn, _| {
        asked_to.send_replace(turn >= stop_at);
        Turn::Goes
    });
    let stopped = Scanning { stop, ..Scanning::along(&desk, &first) }.whole().await;
    // The last answer leaves nothing to stop.
    assert!(matches!(stopped, Err(ReadError::Interrupted)) || stop_at == least(account), "{stopped:?}");
    assert_eq!(first.asked(), stop_at);
    if stopped.is_ok() {
        return (desk, first.asked());
    }
    tokio::time::sleep(pause).await;
    let second = Wire::plain(account);
    let marks = Scanning::along(&desk, &second).whole().await.expect("a scan");
    assert_eq!(marks.requests, first.asked() + second.asked(), "both count");
    (desk, first.asked() + second.asked())
}

#[tokio::test(start_paused = true)]
async fn a_scan_that_is_stopped_goes_on_where_it_was() {
    let all = messages(650, 3);
    for stop_at in 1..=11 {
        let account = account(short_lived(), &all);
        let (desk, asked) = stop_and_go_on(&account, stop_at, Duration::from_secs(5)).await;
        assert_eq!(asked, least(&account), "stopped at {stop_at}");
        agree(&desk, &account);
    }
}

#[tokio::test(start_paused = true)]
async fn hours_later_it_still_goes_on_where_it_was() {
    let all = messages(650, 3);
    for stop_at in 1..=11 {
        let account = account(short_lived(), &all);
        let (desk, asked) = stop_and_go_on(&account, stop_at, HOURS).await;
        assert!(asked <= least(&account) + 2, "{asked}, stopped at {stop_at}");
        agree(&desk, &account);
    }
}

#[tokio::test(start_paused = true)]
async fn a_network_that_goes_away_stops_it_and_it_goes_on_when_that_is_back() {
    let account = account(short_lived(), &messages(650, 3));
    for out in [1, 4, 8, 11] {
        let (desk, marks, _) = read(&account, move |turn, _| if turn >= out { Turn::Lost } else { Turn::Goes }).await;
        let Err(ReadError::Stopped(cause)) = marks else { panic!("{marks:?}") };
        assert_eq!(cause.kind, CauseKind::Unreachable);
        let wire = Wire::plain(&account);
        Scanning::along(&desk, &wire).whole().await.expect("a scan");
        assert!(wire.asked() + out - 1 <= least(&account) + 2, "out at {out}");
        agree(&desk, &account);
    }
}

#[tokio::test(start_paused = true)]
async fn errors_and_full_buckets_in_between_cost_tries_and_no_message() {
    let faults: Faults = "429=0.1,500=0.05,502=0.02,reset=0.03,truncated=0.02".parse().expect("faults");
    let settings = Settings { faults: faults.on_reads_too(), seed: 7, ..Settings::default() };
    let account = account(settings, &messages(2_000, 5));
    let (desk, marks, asked) = read(&account, |_, _| Turn::Goes).await;
    assert_eq!(marks.expect("a scan").requests, least(&account));
    assert!(asked > least(&account), "some were tried again");
    agree(&desk, &account);
}

#[tokio::test(start_paused = true)]
async fn what_arrives_while_it_is_read_is_read_too() {
    let all = messages(500, 2);
    // In a ticket that is there, and in a new one.
    for new in [said("late", 7, 40_000), said("late", 900, 40_000)] {
        for turn in 1..=9 {
            let account = account(before(turn, Event::Arrive(seed(&new, 9_000, &json!({})))), &all);
            let (desk, marks, asked) = read(&account, |_, _| Turn::Goes).await;
            marks.expect("a scan");
            assert!(copied(&desk).contains_key(&9_000), "it arrived at {turn}");
            // A new ticket is asked for by its id.
            assert!(asked <= least(&account) + 1, "{asked} requests, it arrived at {turn}");
            agree(&desk, &account);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn however_many_arrive_they_are_all_read_stopped_in_between_or_not() {
    let late = |n: u64| said(&format!("late{n}"), 2_000 + n / 10, 60_000 + n);
    let events = (0..350).map(|n| (9, Event::Arrive(seed(&late(n), 9_000 + n, &json!({}))))).collect();
    // At 9, all pages are read but the last one of what has arrived.
    let settings = Settings { events, ..short_lived() };
    for stop_at in 8..=13 {
        let account = account(settings.clone(), &messages(500, 2));
        let (desk, _) = stop_and_go_on(&account, stop_at, HOURS).await;
        agree(&desk, &account);
        assert_eq!(copied(&desk).len(), 850);
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_dated_ahead_of_today_hides_none_of_those_that_arrive() {
    let late = |n: u64| said(&format!("late{n}"), 2_000, 60_000 + n);
    let events = (0..250).map(|n| (9, Event::Arrive(seed(&late(n), 9_000 + n, &json!({}))))).collect();
    let account = account(Settings { events, ..Settings::default() }, &messages(500, 2));
    bring(&account, &said("ahead", 3, 1), 8_000, &json!({"created_datetime": "2093-01-01T00:00:00Z"}));
    let (desk, marks, _) = read(&account, |_, _| Turn::Goes).await;
    marks.expect("a scan");
    agree(&desk, &account);
}

#[tokio::test(start_paused = true)]
async fn what_is_imported_behind_its_back_is_found_by_the_tickets_number_of_messages() {
    // Older than all that was read by then, in a ticket that is there.
    let old = seed(&said("old", 7, 0), 9_000, &json!({"created_datetime": "2021-01-01T00:00:00Z"}));
    for turn in 1..=6 {
        let account = account(before(turn, Event::Arrive(old.clone())), &messages(500, 2));
        let (desk, marks, asked) = read(&account, |_, _| Turn::Goes).await;
        marks.expect("a scan");
        assert!(asked <= least(&account) + 1, "{asked} requests, imported at {turn}");
        agree(&desk, &account);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_deleted_while_it_is_read_is_not_in_the_copy() {
    let all = messages(500, 2);
    let message = Target { ticket_id: ticket_of(3), message_id: message_of(4) };
    for event in [Event::DeleteMessage(message), Event::DeleteTicket(ticket_of(3))] {
        // Up to the tickets' first page: of what goes later nobody is told.
        for turn in 1..=6 {
            let account = account(before(turn, event.clone()), &all);
            let (desk, marks, asked) = read(&account, |_, _| Turn::Goes).await;
            marks.expect("a scan");
            assert!(asked <= least(&account) + 2, "{asked} requests, deleted at {turn}");
            agree(&desk, &account);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_messages_of_a_ticket_that_is_merged_while_it_is_read_are_in_the_copy() {
    for (from, into) in [(3, 240), (240, 3)] {
        for turn in 1..=9 {
            let event = Event::Merge { from: ticket_of(from), into: ticket_of(into) };
            let account = account(before(turn, event), &messages(500, 2));
            let (desk, marks, asked) = read(&account, |_, _| Turn::Goes).await;
            marks.expect("a scan");
            assert!(asked <= least(&account) + 3, "{asked} requests, merged at {turn}");
            if turn <= 6 {
                agree(&desk, &account);
            }
            // Later it may be that nobody is told where they went; none is lost for that.
            assert!(copied(&desk).keys().eq(held(&account).keys()), "merged at {turn}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_foreign_id_of_a_ticket_that_was_merged_meanwhile_leads_to_the_one_that_has_its_messages() {
    let all = messages(500, 10);
    let mut desk = Desk::new();
    MAPPING.clone_into(&mut desk.mapping);
    // An earlier reading saw its foreign id in a list; this one finds no list that shows it.
    scan(&mut desk, &account(Settings::default(), &all)).await;
    let account = account(before(6, Event::Merge { from: ticket_of(3), into: ticket_of(40) }), &all);
    let wire = Wire::plain(&account);
    let marks = Scanning::along(&desk, &wire).whole().await.expect("a scan");
    // Asked for by its id, by itself, and where that leads.
    assert_eq!((marks.requests, wire.asked()), (least(&account) + 3, least(&account) + 3));
    agree(&desk, &account);
    desk.export(&all[20..30]);
    let found: Vec<_> = targets(&desk.plan()).into_iter().map(|(_, _, target)| target).collect();
    assert_eq!(found, (20..30).map(|n| Some((ticket_of(40), message_of(n)))).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_no_list_shows_is_read_by_itself() {
    let account = account(Settings::default(), &messages(500, 10));
    let (desk, marks, asked) = read(&account, |_, request| {
        let is_list = request.path.starts_with("/api/tickets?");
        if is_list { Turn::Comes(hide_ticket) } else { Turn::Goes }
    })
    .await;
    marks.expect("a scan");
    assert_eq!(asked, least(&account) + 2, "it is asked for by its id, and read");
    agree(&desk, &account);
}

#[tokio::test(start_paused = true)]
async fn stopped_among_its_last_reads_it_still_looks_at_every_ticket_that_no_list_shows() {
    // Their messages are read by then; the tickets' list has none of them any more.
    let events: Vec<_> = (3..6).map(|ticket| (6, Event::DeleteTicket(ticket_of(ticket)))).collect();
    // The seventh request asks for what has arrived, the eighth for the three by their ids.
    for stop_at in 8..=10 {
        let account = account(Settings { events: events.clone(), ..short_lived() }, &messages(500, 10));
        let (desk, asked) = stop_and_go_on(&account, stop_at, HOURS).await;
        assert_eq!(asked, 5 + 1 + 1 + 1 + 3 + 1, "what has arrived is asked for once more, stopped at {stop_at}");
        agree(&desk, &account);
    }
}

#[tokio::test(start_paused = true)]
async fn hundreds_of_tickets_that_no_list_shows_are_looked_at_page_by_page() {
    let events: Vec<_> = (1..=250).map(|ticket| (7, Event::DeleteTicket(ticket_of(ticket)))).collect();
    let account = account(Settings { events, ..Settings::default() }, &messages(600, 2));
    let (desk, marks, asked) = read(&account, |_, _| Turn::Goes).await;
    marks.expect("a scan");
    assert_eq!(asked, 6 + 1 + 1 + 3 + 250);
    agree(&desk, &account);
}

fn hide_ticket(body: &mut Value) {
    let rows = body["data"].as_array_mut().expect("a list");
    rows.retain(|row| row["id"] != ticket_of(3));
}

#[tokio::test(start_paused = true)]
async fn where_tickets_count_their_messages_otherwise_not_all_of_them_are_read_one_by_one() {
    let account = account(Settings::default(), &messages(1_000, 2));
    let (desk, marks, asked) = read(&account, |_, request| {
        let is_list = request.path.starts_with("/api/tickets?");
        if is_list { Turn::Comes(count_one_more) } else { Turn::Goes }
    })
    .await;
    marks.expect("a scan");
    assert_eq!(asked, least(&account) + 100);
    agree(&desk, &account);
}

fn count_one_more(body: &mut Value) {
    for row in body["data"].as_array_mut().expect("a list") {
        row["messages_count"] = json!(row["messages_count"].as_u64().expect("a number") + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_scan_forgets_what_is_gone_and_learns_what_is_new() {
    let account = account(Settings::default(), &messages(500, 2));
    let mut desk = Desk::new();
    let first = scan(&mut desk, &account).await;
    account.with(|simulator| {
        simulator.delete_ticket(ticket_of(3)).expect("it goes");
        simulator.delete_message(Target { ticket_id: ticket_of(9), message_id: message_of(17) }).expect("it goes");
        simulator.merge(ticket_of(20), ticket_of(21)).expect("merged");
    });
    bring(&account, &said("new", 900, 0), 9_000, &json!({}));
    let second = scan(&mut desk, &account).await;
    agree(&desk, &account);
    assert_eq!((first.pass, second.pass), (1, 2));
    assert_eq!(second.requests, least(&account));
    assert_ne!(first.id(), second.id(), "a plan can tell them apart");
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_only_the_scan_before_saw_in_a_list_does_not_hold_up_the_next_one() {
    let account = account(Settings::default(), &messages(500, 10));
    let mut desk = Desk::new();
    scan(&mut desk, &account).await;
    let wire = Wire::to(&account, |_, request| {
        if request.path.starts_with("/api/tickets?") { Turn::Comes(hide_ticket) } else { Turn::Goes }
    });
    Scanning::along(&desk, &wire).whole().await.expect("a scan");
    agree(&desk, &account);
}

#[tokio::test(start_paused = true)]
async fn a_second_scan_that_is_stopped_is_resumed_as_well() {
    let account = account(Settings::default(), &messages(500, 2));
    let mut desk = Desk::new();
    scan(&mut desk, &account).await;
    let wire = Wire::to(&account, |turn, _| if turn >= 4 { Turn::Lost } else { Turn::Goes });
    Scanning::along(&desk, &wire).whole().await.expect_err("no network");
    account.with(|simulator| simulator.delete_ticket(ticket_of(200)).expect("it goes"));
    let wire = Wire::plain(&account);
    let marks = Scanning::along(&desk, &wire).whole().await.expect("a scan");
    assert_eq!((marks.pass, wire.asked()), (2, least(&account) - 3));
    agree(&desk, &account);
}

#[tokio::test(start_paused = true)]
async fn the_scan_of_another_account_is_refused() {
    let account = account(Settings::default(), &messages(5, 2));
    let mut desk = Desk::new();
    scan(&mut desk, &account).await;
    let (copy, reading, wire) = (open(&desk), Reading::default(), Wire::plain(&account));
    let stop = watch::Sender::new(false);
    let courier = wire.courier(stop.subscribe());
    let elsewhere = subject(Mode::Whole);
    for other in [Subject { account: "other", ..elsewhere }, Subject { origin: "http://127.0.0.1:1", ..elsewhere }] {
        let refused = Scanner::start(&courier, &copy, other, courier.clock.now(), &reading);
        assert!(matches!(refused, Err(ScanError::OtherAccount { .. })), "{refused:?}");
    }
    assert_eq!(wire.asked(), 0);
    agree(&desk, &account);
}

/// A list of messages as the API has it: their moments, walked by cursors that name a place in it.
struct List(Vec<i64>);

impl List {
    /// The places on the page after `cursor`, and the cursor of the next one.
    fn page(&self, order: Order, cursor: Option<&str>, rows: usize) -> (Vec<usize>, Option<String>) {
        let begin: usize = cursor.map_or(0, |cursor| cursor.parse().expect("a place"));
        let end = (begin + rows).min(self.0.len());
        let place = |at: usize| if order == Order::OldestFirst { at } else { self.0.len() - 1 - at };
        ((begin..end).map(place).collect(), (end < self.0.len()).then(|| end.to_string()))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whenever_cursors_expire_the_pages_cover_the_list_or_the_crawl_gives_up(
        mut moments in prop::collection::vec(0_i64..60, 0..120),
        rows in 2_usize..9,
        lives in prop::collection::vec(1_u32..12, 0..40),
        newest_first in any::<bool>(),
        restart in 1_usize..60,
    ) {
        moments.sort_unstable();
        let list = List(moments);
        let mut crawl = Crawl::from(if newest_first { Order::NewestFirst } else { Order::OldestFirst });
        let mut seen: BTreeMap<usize, u32> = BTreeMap::new();
        // How many more pages are read before all cursors expire; in the end they don't any more.
        let mut lives = lives.into_iter();
        let mut left = lives.next().unwrap_or(u32::MAX);
        let (mut issued, mut asked, mut refusals) = (0_u32, 0_usize, 0_usize);
        // When the cursor that is asked with was given, in expiries.
        let mut given: BTreeMap<(bool, String), u32> = BTreeMap::new();
        while let Some((order, cursor)) = crawl.next() {
            asked += 1;
            prop_assert!(asked < 10_000, "it never ends");
            let cursor = cursor.map(str::to_owned);
            let side = order == Order::NewestFirst;
            if left == 0 {
                issued += 1;
                left = lives.next().unwrap_or(u32::MAX);
            }
            if let Some(cursor) = &cursor && given.get(&(side, cursor.clone())) != Some(&issued) {
                refusals += 1;
                if !crawl.refused() {
                    // Only where the cursors gave it no chance to get on.
                    prop_assert!(refusals > 4);
                    return Ok(());
                }
                continue;
            }
            left -= 1;
            let (page, next) = list.page(order, cursor.as_deref(), rows);
            for &place in &page {
                *seen.entry(place).or_default() += 1;
            }
            if let Some(next) = &next {
                given.insert((side, next.clone()), issued);
            }
            if asked == restart {
                // Taken up again by another process.
                crawl = serde_json::from_str(&serde_json::to_string(&crawl).expect("JSON")).expect("a crawl");
            }
            crawl.took(page.last().map(|&place| list.0[place]), next);
        }
        prop_assert_eq!(seen.len(), list.0.len(), "nothing is left out");
        if refusals == 0 {
            prop_assert_eq!(asked, list.0.len().div_ceil(rows).max(1));
            prop_assert!(seen.values().all(|times| *times == 1));
        }
        let is_distinct = list.0.windows(2).all(|pair| pair[0] != pair[1]);
        if is_distinct && refusals > 0 {
            let pages = list.0.len().div_ceil(rows);
            prop_assert!(asked <= pages + 2 + (refusals - 1) * (pages.div_ceil(2) + 2), "{} of {}", asked, pages);
        }
    }
}
