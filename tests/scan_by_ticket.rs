//! A small export against a large account: its tickets are looked up one by one, where that takes fewer requests.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

#[path = "support/live.rs"]
mod live;
mod support;

use std::collections::BTreeMap;

use deskferry::account::{Costs, ExportSize, ReadError, Reading, estimate};
use deskferry::record::{CauseKind, Mode};
use deskferry::scan::Scan;
use deskferry::simulator::{Access, Event, Seed, Settings, TicketSeed};
use insta::assert_snapshot;
use live::Live;
use serde_json::json;
use support::desk::{Desk, Said, said};
use support::imported::{
    MAPPING, Scanning, account, bring, copied, held, least, message_of, messages, seed, targets, ticket_of,
};
use support::virtual_account::VirtualAccount;
use support::wire::{Turn, Wire};
use support::{Account, Folder};

/// The ids of these tickets of the helpdesk.
fn tickets(numbers: impl IntoIterator<Item = u64>) -> Vec<String> {
    numbers.into_iter().map(|number| number.to_string()).collect()
}

/// What the account holds of these tickets in Gorgias.
fn held_of(account: &VirtualAccount, tickets: &[u64]) -> BTreeMap<u64, u64> {
    held(account).into_iter().filter(|(_, ticket)| tickets.contains(ticket)).collect()
}

fn before(turn: u64, event: Event) -> Settings {
    Settings { events: vec![(turn, event)], ..Settings::default() }
}

#[tokio::test(start_paused = true)]
async fn each_ticket_takes_a_request_to_find_it_and_one_to_read_it() {
    let account = account(Settings::default(), &messages(2_000, 5));
    let (desk, wire) = (Desk::new(), Wire::plain(&account));
    // The last two are not there.
    let marks = Scanning::along(&desk, &wire).by_ticket(&tickets([7, 300, 12, 900, 901])).await.expect("a scan");
    assert_eq!((marks.requests, wire.asked(), marks.mode), (8, 8, Mode::ByTicket));
    assert_eq!(copied(&desk), held_of(&account, &[ticket_of(7), ticket_of(300), ticket_of(12)]));
    let counts = Scan::open(&desk.path("virtual.scan")).expect("a scan").counts().expect("counts");
    assert_eq!(counts, (15, 3));
}

#[tokio::test(start_paused = true)]
async fn a_foreign_id_that_two_tickets_hold_brings_both_and_one_that_only_begins_so_none() {
    let account = account(Settings::default(), &messages(20, 5));
    let external = |id: &str| json!({"external_id": id}).as_object().expect("an object").clone();
    account.with(|simulator| {
        simulator.seed_ticket(TicketSeed::new(7_000, external("2"))).expect("taken");
        simulator.seed_ticket(TicketSeed::new(7_001, external("22"))).expect("taken");
        simulator.seed(Seed::new(7_000, 9_000)).expect("taken");
        simulator.seed(Seed::new(7_001, 9_001)).expect("taken");
    });
    let mut desk = Desk::new();
    MAPPING.clone_into(&mut desk.mapping);
    let wire = Wire::plain(&account);
    Scanning::along(&desk, &wire).by_ticket(&tickets([2])).await.expect("a scan");
    assert_eq!(wire.asked(), 3);
    assert_eq!(copied(&desk), held_of(&account, &[ticket_of(2), 7_000]));
    // Each of its messages is found in whichever of the two it is.
    desk.scan = Some(desk.path("virtual.scan"));
    let elsewhere = said("m99", 2, 0).with("at", "2020-01-01T02:30:00Z").with("text", "Imported message 9000");
    desk.export(&[messages(20, 5)[6].clone(), elsewhere]);
    let plan = desk.plan();
    assert_eq!(targets(&plan)[0].2, Some((ticket_of(2), message_of(6))));
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_goes_between_finding_and_reading_it_is_told_so() {
    let all = messages(10, 5);
    let deleted = || before(2, Event::DeleteTicket(ticket_of(1)));
    for (settings, is_merged, why) in [
        (deleted(), false, "absent no-ticket: its ticket was deleted in Gorgias"),
        (Settings::default(), true, "absent no-ticket: its ticket was merged into another in Gorgias"),
    ] {
        let account = account(settings, &all);
        let mut desk = Desk::new();
        MAPPING.clone_into(&mut desk.mapping);
        let wire = Wire::to(&account, move |turn, _| if is_merged && turn == 2 { Turn::Merged } else { Turn::Goes });
        Scanning::along(&desk, &wire).by_ticket(&tickets([1])).await.expect("a scan");
        desk.scan = Some(desk.path("virtual.scan"));
        desk.export(&all[..1]);
        let rows = desk.plan().rows();
        let (id, state, cause) = rows.first().expect("a message");
        assert_eq!((id.as_str(), format!("{} {cause}", state.word()).as_str()), ("m0", why));
    }
}

#[tokio::test(start_paused = true)]
async fn the_messages_of_a_merged_ticket_are_found_in_the_one_that_it_was_merged_into() {
    let all = messages(20, 5);
    // Ticket 1 goes into 2, and that into 3, which has a foreign id of its own.
    let merged = |from, into| Event::Merge { from: ticket_of(from), into: ticket_of(into) };
    let account = account(Settings { events: vec![(2, merged(1, 2)), (2, merged(2, 3))], ..Settings::default() }, &all);
    let mut desk = Desk::new();
    MAPPING.clone_into(&mut desk.mapping);
    let wire = Wire::plain(&account);
    let marks = Scanning::along(&desk, &wire).by_ticket(&tickets([1])).await.expect("a scan");
    assert_eq!(marks.requests, wire.asked());
    assert_eq!(copied(&desk), held_of(&account, &[ticket_of(3)]));
    desk.scan = Some(desk.path("virtual.scan"));
    desk.export(&[all[0].clone(), all[11].clone(), all[19].clone()]);
    let plan = desk.plan();
    // The last but one was read with it, though nobody looked for its ticket.
    assert_eq!(
        targets(&plan),
        [
            ("m0".to_owned(), Some("ticket"), Some((ticket_of(3), message_of(0)))),
            ("m11".to_owned(), Some("ticket"), Some((ticket_of(3), message_of(11)))),
            ("m19".to_owned(), None, None),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_is_merged_once_more_takes_along_what_had_been_merged_into_it() {
    let all = messages(20, 5);
    let merged = |from, into| Event::Merge { from: ticket_of(from), into: ticket_of(into) };
    let account = account(Settings { events: vec![(2, merged(1, 2)), (5, merged(2, 3))], ..Settings::default() }, &all);
    let mut desk = Desk::new();
    MAPPING.clone_into(&mut desk.mapping);
    let wire = Wire::plain(&account);
    Scanning::along(&desk, &wire).by_ticket(&tickets([1, 2])).await.expect("a scan");
    assert_eq!(wire.asked(), 2 + 1 + 1 + 1 + 1, "each is found, asked for, and followed");
    assert_eq!(copied(&desk), held_of(&account, &[ticket_of(3)]));
    desk.scan = Some(desk.path("virtual.scan"));
    desk.export(&all[..10]);
    let found: Vec<_> = targets(&desk.plan()).into_iter().map(|(_, _, target)| target).collect();
    assert_eq!(found, (0..10).map(|n| Some((ticket_of(3), message_of(n)))).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn of_two_tickets_with_the_same_foreign_id_one_may_be_merged_into_the_other() {
    let all = messages(10, 5);
    let account = account(before(2, Event::Merge { from: 7_000, into: ticket_of(2) }), &all);
    let again = json!({"external_id": "2"}).as_object().expect("an object").clone();
    account.with(|simulator| simulator.seed_ticket(TicketSeed::new(7_000, again)).expect("taken"));
    let mut desk = Desk::new();
    MAPPING.clone_into(&mut desk.mapping);
    Scanning::along(&desk, &Wire::plain(&account)).by_ticket(&tickets([2])).await.expect("a scan");
    desk.scan = Some(desk.path("virtual.scan"));
    desk.export(&all[5..]);
    let found: Vec<_> = targets(&desk.plan()).into_iter().map(|(_, _, target)| target).collect();
    assert_eq!(found, (5..10).map(|n| Some((ticket_of(2), message_of(n)))).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_reading_that_is_broken_off_goes_on_with_the_tickets_that_it_lacks() {
    let account = account(Settings::default(), &messages(500, 5));
    let wanted = tickets(1..=60);
    for out in [1, 2, 17, 119] {
        let desk = Desk::new();
        let wire = Wire::to(&account, move |turn, _| if turn >= out { Turn::Lost } else { Turn::Goes });
        let broken = Scanning::along(&desk, &wire).by_ticket(&wanted).await;
        let Err(ReadError::Stopped(cause)) = broken else { panic!("{broken:?}") };
        assert_eq!(cause.kind, CauseKind::Unreachable);
        let wire = Wire::plain(&account);
        Scanning::along(&desk, &wire).by_ticket(&wanted).await.expect("a scan");
        // The four that were out are asked for again.
        assert!(wire.asked() + out - 1 <= 120 + 2 * 4, "{} after {out}", wire.asked());
        let all: Vec<u64> = (1..=60).map(ticket_of).collect();
        assert_eq!(copied(&desk), held_of(&account, &all));
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_operator_stops_is_kept() {
    let account = account(Settings::default(), &messages(500, 5));
    let desk = Desk::new();
    let scanning = Scanning::along(&desk, &Wire::plain(&account));
    let stop = scanning.stop.clone();
    let wire = Wire::to(&account, move |turn, _| {
        stop.send_replace(turn >= 21);
        Turn::Goes
    });
    let stopped = Scanning { wire, ..scanning }.by_ticket(&tickets(1..=60)).await;
    assert!(matches!(stopped, Err(ReadError::Interrupted)), "{stopped:?}");
    assert!(copied(&desk).len() >= 5 * 8, "{}", copied(&desk).len());
}

#[tokio::test(start_paused = true)]
async fn a_later_scan_by_ticket_asks_again_and_forgets_what_it_was_not_asked_for() {
    let account = account(Settings::default(), &messages(500, 5));
    let (desk, wire) = (Desk::new(), Wire::plain(&account));
    Scanning::along(&desk, &wire).by_ticket(&tickets([1, 2])).await.expect("a scan");
    bring(&account, &said("new", 2, 90_000), 9_000, &json!({}));
    Scanning::along(&desk, &wire).by_ticket(&tickets([2, 3])).await.expect("a scan");
    assert_eq!(copied(&desk), held_of(&account, &[ticket_of(2), ticket_of(3)]));
    Scanning::along(&desk, &wire).whole().await.expect("a scan");
    assert_eq!(copied(&desk), held(&account));
}

#[test]
fn the_cheaper_way_is_taken() {
    let costs = Costs::of(50_000, 10_000, ExportSize { messages: 900, tickets: 300 });
    assert_eq!((costs.whole, costs.by_ticket, costs.cheaper()), (601, 600, Mode::ByTicket));
    let costs = Costs::of(50_000, 10_000, ExportSize { messages: 900, tickets: 301 });
    assert_eq!(costs.cheaper(), Mode::Whole);
}

/// So many messages, five a ticket, the n-th of them at the second that `when` says of n as a part of all.
fn uneven(number: u32, when: impl Fn(f64) -> f64) -> Vec<Said> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of some years")]
    let second = |n: u32| (when(f64::from(n) / f64::from(number)) * 100_000_000.0) as u64;
    (0..number).map(|n| said(&format!("m{n}"), 1 + u64::from(n) / 5, second(n))).collect()
}

#[tokio::test(start_paused = true)]
async fn what_an_account_costs_is_told_within_a_factor_of_two() {
    let number = 6_000;
    for (name, all) in [
        ("steady", uneven(number, |part| part)),
        ("growing steadily", uneven(number, f64::sqrt)),
        ("growing twentyfold", uneven(number, |part| (1.0 + 19.0 * part).ln() / 20_f64.ln())),
        ("shrinking twentyfold", uneven(number, |part| 1.0 - (20.0 - 19.0 * part).ln() / 20_f64.ln())),
        ("busier at one end", uneven(number, |part| if part < 0.5 { part * 1.6 } else { 0.6 + part * 0.4 })),
    ] {
        let account = account(Settings::default(), &all);
        let wire = Wire::plain(&account);
        let stop = tokio::sync::watch::Sender::new(false);
        let export = ExportSize { messages: 500, tickets: 100 };
        let costs = estimate(&wire.courier(stop.subscribe()), export, &Reading::default()).await;
        let costs = costs.expect("an answer");
        let truth = least(&account);
        assert!(costs.whole <= truth * 2 && truth <= costs.whole * 2, "{name}: {} for {truth}", costs.whole);
        assert_eq!((costs.by_ticket, wire.asked()), (200, 2), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_small_account_is_known_from_one_page() {
    let account = account(Settings::default(), &messages(80, 5));
    let (wire, stop) = (Wire::plain(&account), tokio::sync::watch::Sender::new(false));
    let export = ExportSize { messages: 50, tickets: 10 };
    let costs = estimate(&wire.courier(stop.subscribe()), export, &Reading::default()).await;
    let costs = costs.expect("an answer");
    assert_eq!((costs.whole, costs.cheaper(), wire.asked()), (least(&account), Mode::Whole, 1));
}

/// An export of these messages in a folder, and an account with 3,000 more behind real HTTP.
fn story(export: &[Said]) -> (Folder, Account) {
    let folder = Folder::new();
    folder.write("acme.toml", MAPPING);
    write_export(&folder, export);
    let ids = folder.write("none.csv", "external_id,ticket_id,message_id\n");
    let account = Account::start(Settings::default(), &ids);
    account.with(|simulator| {
        for (n, said) in (0..).zip(messages(3_000, 5)) {
            let seed = seed(&said, message_of(n), &json!({}));
            let ticket = json!({"external_id": said.line()["ticket"].to_string()});
            let ticket = TicketSeed::new(seed.ticket_id, ticket.as_object().expect("an object").clone());
            simulator.seed_ticket(ticket).expect("taken");
            simulator.seed(seed).expect("taken");
        }
    });
    (folder, account)
}

fn write_export(folder: &Folder, messages: &[Said]) {
    let lines: Vec<_> = messages.iter().map(|said| format!("{}\n", json!(said.line()))).collect();
    folder.write("export/messages.jsonl", lines.concat());
}

/// Runs `deskferry scan` with these arguments; what it says of the costs, how it read, and the requests that it took.
fn scan(folder: &Folder, account: &Account, arguments: &str) -> (String, String, u64) {
    let before = account.counters().requests;
    let command = format!("scan {arguments} --rate none --json {}", account.flag());
    let ran = folder.run(&command).expect(0);
    let costs = ran.err.lines().find(|line| line.starts_with("Reading the whole")).unwrap_or_default().to_owned();
    let requests = account.counters().requests - before;
    assert_eq!(ran.json()["requests"], requests, "all of them are told");
    (costs, ran.json()["mode"].as_str().expect("a word").to_owned(), requests)
}

#[test]
fn the_costs_are_said_and_the_cheaper_way_is_taken_unless_the_operator_says_which() {
    let all = messages(3_000, 5);
    let (folder, account) = story(&all[40..60]);
    let asked = "export --mapping acme.toml";
    let (costs, mode, requests) = scan(&folder, &account, asked);
    assert_snapshot!(costs, @"Reading the whole account takes about 37 requests; looking up the 4 tickets of the export, 8 requests. It is read ticket by ticket.");
    assert_eq!((mode.as_str(), requests), ("by-ticket", 2 + 8));
    let (costs, mode, requests) = scan(&folder, &account, &format!("{asked} --whole"));
    assert_eq!((costs.as_str(), mode.as_str(), requests), ("", "whole", 30 + 6 + 1));

    write_export(&folder, &all);
    // What is known already need not be asked for.
    let (costs, mode, requests) = scan(&folder, &account, asked);
    assert_snapshot!(costs, @"Reading the whole account takes about 37 requests; looking up the 600 tickets of the export, 1,200 requests. The whole account is read.");
    assert_eq!((mode.as_str(), requests), ("whole", 37));
    let (costs, mode, requests) = scan(&folder, &account, &format!("{asked} --by-ticket --scan tickets.scan"));
    assert_eq!((costs.as_str(), mode.as_str(), requests), ("", "by-ticket", 1_200));
}

#[test]
fn a_few_tickets_do_not_take_the_place_of_the_whole_account() {
    let (folder, account) = story(&messages(3_000, 5)[40..60]);
    let asked = "export --mapping acme.toml --scan night.scan";
    let (_, mode, _) = scan(&folder, &account, "--scan night.scan");
    assert_eq!(mode, "whole");
    let (costs, mode, requests) = scan(&folder, &account, asked);
    assert_snapshot!(costs, @"Reading the whole account takes about 37 requests; looking up the 4 tickets of the export, 8 requests. The whole account is read again, as the scan holds all of it; for the tickets alone, name another file with --scan.");
    assert_eq!((mode.as_str(), requests), ("whole", 37));

    let before = account.counters().requests;
    let command = format!("scan {asked} --by-ticket --rate none {}", account.flag());
    let ran = folder.run(&command).expect(2);
    assert_snapshot!(ran.err, @r"
    error: night.scan is a scan of the whole account, which one of a few tickets would replace

    hint: name another file with --scan; or leave --by-ticket out to bring that one up to date
    ");
    assert_eq!(account.counters().requests, before);
    let (messages, _) = Scan::open(&folder.file("night.scan")).expect("a scan").counts().expect("counts");
    assert_eq!(messages, 3_000, "it is as it was");
    let (_, mode, requests) = scan(&folder, &account, "export --mapping acme.toml --by-ticket --scan few.scan");
    assert_eq!((mode.as_str(), requests), ("by-ticket", 8));
}

#[test]
fn a_scan_that_ends_early_says_the_very_command_that_goes_on_with_it() {
    let (folder, account) = story(&messages(3_000, 5)[40..60]);
    let command = |rate: &str| {
        let flag = account.flag();
        format!("scan export --mapping acme.toml --by-ticket --scan few.scan --rate {rate} --max-outage 1s {flag}")
    };
    let mut running = Live::start(folder.command(&command("1/1s")));
    let begun = account.counters().requests;
    assert!(running.reaches(|| account.counters().requests > begun + 1), "it ended before");
    running.signal("INT");
    let ran = running.end().expect(130);
    let said = ran.err.lines().find(|line| line.starts_with("error:")).expect("an error");
    assert!(said.contains("message"), "{said}");
    assert!(said.ends_with(&format!("and `deskferry {}` goes on with it", command("1/1s"))), "{said}");
    let hint = folder.run(&format!("plan export --mapping acme.toml --scan few.scan --write ids {}", account.flag()));
    assert_snapshot!(hint.expect(2).err, @r"
    error: the scan few.scan is not complete

    hint: the same `deskferry scan` command goes on with it
    ");

    account.with(|simulator| simulator.set_access(Access::Forbidden));
    let ran = folder.run(&command("none")).expect(4);
    let said = ran.err.lines().find(|line| line.starts_with("hint:")).expect("a hint");
    assert!(said.ends_with(&format!(", then `deskferry {}` goes on with it", command("none"))), "{said}");
}

#[test]
fn a_plan_finds_its_targets_in_the_scan_of_its_tickets() {
    let all = messages(3_000, 5);
    let (folder, account) = story(&all[40..60]);
    scan(&folder, &account, "export --mapping acme.toml --by-ticket");
    let asked = account.counters().requests;
    let command = format!("plan export --mapping acme.toml --write ids --json {}", account.flag());
    let report = folder.run(&command).expect(0).json();
    assert_eq!(report["outcomes"]["pending"], 20, "{report:#}");
    assert_eq!(account.counters().requests, asked, "a plan asks nothing");
}

#[test]
fn an_export_that_names_no_ticket_is_refused_with_what_to_do() {
    let (folder, account) = story(&[said("m1", 1, 60).with("ticket", ())]);
    let command = format!("scan export --mapping acme.toml --rate none {}", account.flag());
    let ran = folder.run(&command).expect(2);
    assert_snapshot!(ran.err, @r"
    error: the export names no ticket, so none can be looked up

    hint: leave the export out to read the whole account; or map [message.ticket] external_id
    ");
    assert_eq!(account.counters().requests, 0);
}

#[tokio::test(start_paused = true)]
async fn errors_in_between_cost_tries_and_no_ticket() {
    let faults: deskferry::simulator::Faults = "429=0.1,500=0.05,reset=0.03".parse().expect("faults");
    let account = account(Settings { faults: faults.on_reads_too(), ..Settings::default() }, &messages(500, 5));
    let (desk, wire) = (Desk::new(), Wire::plain(&account));
    let marks = Scanning::along(&desk, &wire).by_ticket(&tickets(1..=60)).await.expect("a scan");
    assert_eq!(marks.requests, 120);
    assert!(wire.asked() > 120 && wire.asked() < 200, "{}", wire.asked());
    assert_eq!(copied(&desk).len(), 300);
}
