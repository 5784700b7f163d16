//! The whole way on a whole account, without an ids file: scan, match, run, verify, undo. Afterwards every message holds
//! what it held before, and it took hardly a request more than the least.
//!
//! `DESKFERRY_MESSAGES` says how many messages, 2,000 where it is not set; `DESKFERRY_MESSAGES=50000` is the account that
//! the tool is measured by.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a test may panic, and says what it measured")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

#[path = "support/after.rs"]
mod after;
mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use after::{courier, differing, empty, found, held, seed, seed_ticket};
use deskferry::account::{Reading, Scanner, Subject, Way};
use deskferry::checkpoint::{Checkpoint, Holder, Scope};
use deskferry::export::Format;
use deskferry::mapping::{Lookups, Mapping};
use deskferry::record::{MatchRule, Mode, Sequence};
use deskferry::report::VerifyReport;
use deskferry::run::{InputFile, Job, Order, Progress, ScanFile, Verification, make_plan, undo, undo_plan, verify};
use deskferry::scan::Scan;
use deskferry::simulator::{Limit, Settings};
use deskferry::update::{Write, Writes};
use serde_json::{Value, json};
use support::desk::{Desk, MAPPING, Said, order, said, totals};
use support::virtual_account::VirtualAccount;

/// Messages in a ticket.
const IN_TICKET: u64 = 5;
/// An API key's limit.
const RATE: &str = "40/20s";

fn number_of_messages() -> u64 {
    std::env::var("DESKFERRY_MESSAGES").map_or(2_000, |text| text.parse().expect("a number"))
}

/// By which rule a message is found.
fn rule(number: u64) -> MatchRule {
    match number % 10 {
        3 => MatchRule::ExternalId,
        6 => MatchRule::MessageId,
        _ => MatchRule::Ticket,
    }
}

fn ticket(number: u64) -> u64 {
    1 + number / IN_TICKET
}

/// Message `number` of the export.
fn exported(number: u64) -> Said {
    let is_agents = number.is_multiple_of(3);
    said(&format!("m{number}"), ticket(number), 60 * number)
        .with("agent", is_agents)
        .with("channel", if number.is_multiple_of(9) { "internal-note" } else { "email" })
        .with("subject", format!("Subject {number}"))
        .with("mid", format!("<{number}@shop.example>"))
}

/// The same message in the account, as whoever brought it there left it.
fn there(number: u64, exported: &Said) -> Value {
    let person = json!({"id": 7, "email": "ann@shop.example", "name": "Ann"});
    let mut message = json!({
        "created_datetime": exported.text("at"),
        "from_agent": number.is_multiple_of(3),
        "channel": if number.is_multiple_of(9) { "internal-note" } else { "email" },
        "body_text": exported.text("text"),
        "body_html": format!("<div>{}</div>", exported.text("text")),
        "subject": if number.is_multiple_of(4) { Value::Null } else { json!(format!("Re: {number}")) },
        // Some were never sent, as far as the account knows.
        "sent_datetime": if number.is_multiple_of(7) { Value::Null } else { json!(exported.text("at").replace('Z', "+00:00")) },
        "sender": person,
    });
    if number.is_multiple_of(11) {
        message["via"] = json!("gorgias_chat");
    }
    match rule(number) {
        MatchRule::ExternalId => {
            message["external_id"] = json!(format!("m{number}"));
            message["body_text"] = json!("another text");
        }
        MatchRule::MessageId => {
            message["message_id"] = json!(format!("<{number}@shop.example>"));
            message["body_text"] = json!(" another text");
        }
        MatchRule::Export | MatchRule::Ids | MatchRule::Ticket => {}
    }
    message
}

/// The account's side.
fn account(messages: &[Said]) -> VirtualAccount {
    let settings = Settings {
        limit: Limit::API_KEY,
        latency: Duration::from_millis(300),
        cursor_life: Some(Duration::from_mins(10)),
        ..Settings::default()
    };
    let account = empty(settings);
    for (message, number) in messages.iter().zip(0..) {
        seed(&account, 500 + ticket(number), 100_000 + number, &there(number, message));
    }
    for number in 1..=ticket(messages.len() as u64 - 1) {
        seed_ticket(&account, 500 + number, &json!({"external_id": number.to_string()}));
    }
    account
}

/// Reads the account into a scan beside the desk's checkpoint.
async fn scan(desk: &Desk, account: &VirtualAccount) {
    let holder = Holder { user: "t".into(), machine: "m".into(), process: 1, since: "now".into() };
    let scan = Scan::open_to_write(&desk.path("acme.scan"), &holder).expect("a scan");
    let (courier, _running) = courier(account, RATE);
    let (reading, now) = (Reading::default(), account.clock().now());
    let subject = Subject { account: "virtual", origin: "", mode: Mode::Whole };
    let scanner = Scanner::start(&courier, &scan, subject, now, &reading).expect("a scan");
    scanner.read_whole().await.expect("the account can be read");
}

fn job(desk: &Desk) -> Job {
    let path = desk.path("messages.jsonl");
    let fields = "subject = { from = \"subject\" }\nmessage_id = { from = \"mid\" }\nbody_text = ";
    let mapping = MAPPING.replace("body_text = ", fields);
    Job {
        account: "virtual".into(),
        origin: String::new(),
        mapping: Mapping::compile(&mapping, "acme.toml").expect("a mapping"),
        mapping_origin: "acme.toml".into(),
        inputs: vec![InputFile { format: Format::of_file(&path).expect("a format"), path, header: None }],
        lookup_files: Vec::new(),
        ids: None,
        exclusions: deskferry::run::Exclusions::default(),
        scan: Some(ScanFile::at(&desk.path("acme.scan"), "virtual", "").expect("a complete scan")),
        writes: Writes { write: Write::All, also: Vec::new(), replace_external_id: false },
        batch_size: 500,
        sequence: Sequence::default(),
        lookups: Lookups::default(),
    }
}

fn plan(desk: &Desk, account: &VirtualAccount) -> (Arc<Job>, Checkpoint) {
    let mut job = job(desk);
    let planning = make_plan(&mut job, desk.checkpoint(), account.clock().now(), &Progress::default());
    let checkpoint = planning.expect("a plan").checkpoint;
    (Arc::new(job), checkpoint)
}

async fn send(account: &VirtualAccount, job: &Arc<Job>, checkpoint: Checkpoint) -> Checkpoint {
    let (_nobody, stop) = tokio::sync::watch::channel(deskferry::run::StopRequest::None);
    let (order, progress) = (Order { undo: true, ..order(RATE) }, Progress::default());
    let sent =
        deskferry::run::send(Arc::clone(job), checkpoint, account.clone(), &order, account.clock(), stop, &progress);
    sent.await.expect("every outcome is recorded").checkpoint
}

/// Requests since the last look.
struct Meter {
    account: VirtualAccount,
    before: u64,
}

impl Meter {
    fn read(&mut self, what: &str) -> u64 {
        let now = self.account.counters().requests;
        let requests = now - self.before;
        println!("{what}: {requests} requests, {} min into the night", self.account.elapsed().as_secs() / 60);
        self.before = now;
        requests
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_is_scanned_matched_updated_verified_and_restored_with_hardly_a_request_too_many() {
    let number = number_of_messages();
    let messages: Vec<_> = (0..number).map(exported).collect();
    let (mut desk, account) = (Desk::new(), account(&messages));
    desk.export(&messages);
    let before = held(&account);
    let mut meter = Meter { account: account.clone(), before: 0 };

    scan(&desk, &account).await;
    let mut used = meter.read("scan");

    let (job, checkpoint) = plan(&desk, &account);
    assert_eq!(totals(&checkpoint), BTreeMap::from([("pending", number)]));
    let matched = checkpoint.totals().expect("the checkpoint").matched;
    let by_rule = |wanted: MatchRule| (0..number).filter(|number| rule(*number) == wanted).count() as u64;
    let expected = [MatchRule::ExternalId, MatchRule::MessageId, MatchRule::Ticket].map(|rule| (rule, by_rule(rule)));
    assert_eq!(matched, expected);

    let checkpoint = send(&account, &job, checkpoint).await;
    used += meter.read("run");
    assert_eq!(totals(&checkpoint), BTreeMap::from([("updated", number)]));
    assert_eq!(account.counters().updates, number);
    let named = undo_plan(&checkpoint, &Scope::Everything).expect("the checkpoint");

    let (line, _running) = courier(&account, RATE);
    let compared = AtomicU64::new(0);
    let verification = Verification {
        job: Arc::clone(&job),
        tickets: Vec::new(),
        way: Way::Pages,
        concurrency: 16,
        compared: &compared,
    };
    verify(&checkpoint, &line, verification).await.expect("the account can be read");
    used += meter.read("verify");
    let pins = checkpoint.planned_pins().expect("a plan");
    let report = VerifyReport::gather(&checkpoint, &pins, false).expect("the checkpoint");
    assert_eq!(found(&report), [("equal", number)]);

    // A second run has nothing to do.
    drop(checkpoint);
    let (job, checkpoint) = plan(&desk, &account);
    let checkpoint = send(&account, &job, checkpoint).await;
    assert_eq!(meter.read("the same run again"), 0);

    let (line, _running) = courier(&account, RATE);
    let undone = undo(checkpoint, &line, &Scope::Everything, Way::Pages, 16, &AtomicU64::new(0)).await;
    let undone = undone.expect("every outcome is recorded");
    undone.end.expect("it came to its end");
    assert_eq!((undone.tally.undone, undone.tally.kept, undone.tally.open), (number, 0, 0));
    used += meter.read("undo");

    let mut lost = BTreeMap::<&str, u64>::new();
    for (id, after) in held(&account) {
        for field in differing(&before[&id], &after) {
            *lost.entry(field.name()).or_default() += 1;
        }
    }
    let named: BTreeMap<_, _> = named.lost.into_iter().map(|(field, count)| (field.name(), count)).collect();
    assert_eq!(lost, named, "every other field is byte for byte what it was");

    let pages = number.div_ceil(100);
    let least = 3 * pages + 2 * number;
    println!("{used} requests used, {least} are the least: {:.2} % more", percent(used, least));
    assert!(used >= least && percent(used, least) <= 2.0, "{used} of {least}");
    let counters = account.counters();
    assert_eq!((counters.throttled_by_bucket, counters.mails, counters.overlaps), (0, 0, 0));
    assert_eq!(counters.people_created, 0);
}

#[expect(clippy::cast_precision_loss, reason = "a share")]
fn percent(used: u64, least: u64) -> f64 {
    100.0 * (used as f64 / least as f64 - 1.0)
}
