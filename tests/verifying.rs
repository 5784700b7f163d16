//! Verify says of every updated message whether the account holds what was sent, which field differs and since when; and
//! its manifest lets somebody else check that without trusting anybody.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]
#![allow(clippy::needless_raw_string_hashes, reason = "all snapshots are quoted alike")]

#[path = "support/after.rs"]
mod after;
#[path = "support/screen.rs"]
mod screen;
#[path = "support/small.rs"]
mod small;
mod support;

use std::sync::atomic::AtomicU64;

use after::{courier, differs, edit, empty, found, members, run, seed, target, undoable, verified};
use deskferry::account::Way;
use deskferry::checkpoint::Scope;
use deskferry::gorgias::{Answer, Lost, Request, Transport};
use deskferry::report::VerifyReport;
use deskferry::run::{Job, Verification, verify};
use deskferry::simulator::{Fault, Faults, Moment, Settings, Storing, Strike};
use deskferry::update::{Class, FieldName as F, Write};
use insta::assert_snapshot;
use screen::{assert_one_clear_sentence, settled, told};
use serde_json::{Value, json};
use support::desk::{Desk, MAPPING, Said, order, said};
use support::imported;
use support::virtual_account::VirtualAccount;
use support::{Account, Folder, Ran};

/// How many messages the library's tests send.
const SENT: u64 = 12;

/// Message `number`, in a ticket with two others.
fn one(number: u64) -> Said {
    said(&format!("m{number}"), 1 + number / 3, number).to(1 + number / 3, 100 + number)
}

fn twelve() -> Vec<Said> {
    (0..SENT).map(one).collect()
}

/// A desk whose twelve messages were sent to an account that behaves as `settings` say.
async fn sent(settings: Settings) -> (Desk, VirtualAccount) {
    let (mut desk, account) = (Desk::new(), empty(settings));
    for message in twelve() {
        let (ticket, message) = message.target().expect("a target");
        seed(&account, ticket, message, &json!({}));
    }
    run(&mut desk, &account, &twelve()).await;
    (desk, account)
}

/// Verifies in both ways; what they find must be the same.
async fn both_ways(desk: &Desk, account: &VirtualAccount) -> VerifyReport {
    let pages = verified(desk, account, Way::Pages, &[]).await;
    let tickets = verified(desk, account, Way::Tickets, &[]).await;
    assert_eq!(pages.findings, tickets.findings);
    assert_eq!(differs(&pages), differs(&tickets));
    assert!(pages.balance.1, "the balance holds");
    tickets
}

// What is found

#[tokio::test(start_paused = true)]
async fn what_was_filled_without_undo_and_without_a_scan_is_compared_too() {
    let (mut desk, account) = (Desk::new(), empty(Settings::default()));
    desk.mapping = MAPPING.replace("body_text = ", "subject = { from = \"subject\" }\nbody_text = ");
    for (held, number) in [json!({"subject": "Old", "body_text": null}), json!({"body_text": "Old"})].iter().zip(0..) {
        seed(&account, 1, 100 + number, held);
    }
    desk.writes.write = Write::Missing;
    desk.export(&[one(0).with("subject", "New"), one(1).with("subject", "New")]);
    drop(desk.plan().send(&account, &order("none")).await);
    assert_eq!(found(&both_ways(&desk, &account).await), [("equal", 2)]);
    edit(&account, 1, 100, &json!({"subject": "An agent's"}));
    assert_eq!(found(&both_ways(&desk, &account).await), [("equal", 2)], "that we have not written");
    edit(&account, 1, 100, &json!({"body_text": "An agent's"}));
    let report = both_ways(&desk, &account).await;
    assert_eq!(differs(&report), [("m0".to_owned(), "changed since", vec![F::BodyText])]);
}

#[tokio::test(start_paused = true)]
async fn only_what_was_sent_is_compared_however_many_plans_were_made_since() {
    let all = imported::messages(6, 3);
    let account = imported::account(Settings::default(), &all);
    let mut desk = Desk::new();
    imported::MAPPING.clone_into(&mut desk.mapping);
    desk.writes.write = Write::Ids;
    imported::scan(&mut desk, &account).await;
    desk.export(&all[..4]);
    drop(desk.plan().send(&account, &order("none")).await);
    assert_eq!(found(&both_ways(&desk, &account).await), [("equal", 4)]);
    // What the first plan knew of what it sent stays known, also through a plan that leaves some of it out.
    desk.export(&all[2..5]);
    drop(desk.plan());
    desk.export(&all);
    drop(desk.plan().send(&account, &order("none")).await);
    assert_eq!(found(&both_ways(&desk, &account).await), [("equal", 6)]);
}

#[tokio::test(start_paused = true)]
async fn what_the_account_holds_as_it_was_sent_is_equal() {
    let (desk, account) = sent(Settings::default()).await;
    let updates = account.counters().updates;
    let report = both_ways(&desk, &account).await;
    assert_eq!(found(&report), [("equal", SENT)]);
    assert!(!report.differs());
    assert_eq!(account.counters().updates, updates, "verify only reads");
}

#[tokio::test(start_paused = true)]
async fn what_the_account_stores_otherwise_is_equal_after_normalisation_and_told_by_class() {
    let storing = Storing { cleans_html: true, naive_times: true };
    let (mut desk, account) = (Desk::new(), empty(Settings { storing, ..Settings::default() }));
    desk.mapping = MAPPING.replace("body_text = ", "body_html = { from = \"html\" }\nbody_text = ");
    let html = [Some("<p id='a'>text</p>"), Some("<p>text</p>"), None];
    let messages: Vec<_> = (0..3).zip(html).map(|(number, html)| one(number).with("html", html)).collect();
    for number in 0..3 {
        seed(&account, 1, 100 + number, &json!({}));
    }
    run(&mut desk, &account, &messages).await;
    let report = both_ways(&desk, &account).await;
    assert_eq!(found(&report), [("equal after normalisation", 3)]);
    assert_eq!(report.classes(), [(Class::TimeZone, 3), (Class::Html, 1)]);
    assert!(!report.differs());
}

#[tokio::test(start_paused = true)]
async fn one_flipped_byte_is_found_with_its_message_and_its_field() {
    let (desk, account) = sent(Settings::default()).await;
    edit(&account, 2, 104, &json!({"body_text": "tezt of m4"}));
    let report = both_ways(&desk, &account).await;
    assert_eq!(found(&report), [("equal", SENT - 1), ("changed since", 1)]);
    assert_eq!(differs(&report), [("m4".to_owned(), "changed since", vec![F::BodyText])]);
    let (file, message) = &report.differing[0];
    assert_eq!((file.as_str(), message.place.line), ("messages.jsonl", 5));
    assert!(report.differs());
}

#[tokio::test(start_paused = true)]
async fn every_field_that_is_sent_is_compared() {
    let (desk, account) = sent(Settings::default()).await;
    let changes = [
        (F::BodyText, json!({"body_text": "x"})),
        (F::Channel, json!({"channel": "chat"})),
        (F::ExternalId, json!({"external_id": "other"})),
        (F::FromAgent, json!({"from_agent": true})),
        (F::SentDatetime, json!({"sent_datetime": "2001-01-01T00:00:00Z"})),
        (F::Via, json!({"via": "helpdesk"})),
    ];
    for ((_, change), number) in changes.iter().zip(0..) {
        edit(&account, 1 + number / 3, 100 + number, change);
    }
    let report = both_ways(&desk, &account).await;
    let fields: Vec<_> = differs(&report).into_iter().map(|(_, _, fields)| fields).collect();
    assert_eq!(fields, changes.map(|(field, _)| vec![field]));
}

/// An account that stores something else than it is sent, in the message 101, before it answers.
#[derive(Debug, Clone)]
struct Meddling(VirtualAccount);

impl Transport for Meddling {
    async fn send(&self, request: Request) -> Result<Answer, Lost> {
        let is_it = request.body.is_some() && request.path.ends_with("/101");
        let mut answer = self.0.send(request).await?;
        if is_it {
            edit(&self.0, 1, 101, &json!({"body_text": "shortened"}));
            let mut body: Value = serde_json::from_slice(&answer.body).expect("a message");
            body["body_text"] = json!("shortened");
            answer.body = body.to_string().into_bytes();
        }
        Ok(answer)
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_stored_otherwise_from_the_start_is_told_apart_from_what_somebody_changed_since() {
    let (mut desk, account) = (Desk::new(), empty(Settings::default()));
    for number in 0..3 {
        seed(&account, 1, 100 + number, &json!({}));
    }
    desk.export(&[one(0), one(1), one(2)]);
    let plan = desk.plan();
    let (_nobody, stop) = tokio::sync::watch::channel(deskferry::run::StopRequest::None);
    let progress = deskferry::run::Progress::default();
    let (meddling, order) = (Meddling(account.clone()), undoable());
    let sent = deskferry::run::send(plan.job, plan.checkpoint, meddling, &order, account.clock(), stop, &progress);
    drop(sent.await.expect("every outcome is recorded"));
    edit(&account, 1, 102, &json!({"body_text": "an agent's"}));
    let report = both_ways(&desk, &account).await;
    let expected =
        [("m1".to_owned(), "different", vec![F::BodyText]), ("m2".to_owned(), "changed since", vec![F::BodyText])];
    assert_eq!(differs(&report), expected);
}

#[tokio::test(start_paused = true)]
async fn what_was_deleted_is_gone() {
    let (desk, account) = sent(Settings::default()).await;
    account.with(|simulator| {
        simulator.delete_message(target(1, 101)).expect("it is there");
        simulator.delete_ticket(3).expect("it is there");
    });
    let report = both_ways(&desk, &account).await;
    assert_eq!(found(&report), [("equal", SENT - 4), ("gone", 4)]);
    let gone: Vec<_> = differs(&report).into_iter().map(|(id, ..)| id).collect();
    assert_eq!(gone, ["m1", "m6", "m7", "m8"]);
}

#[tokio::test(start_paused = true)]
async fn a_message_of_a_merged_ticket_is_found_in_the_other_one_and_compared_there() {
    let (desk, account) = sent(Settings::default()).await;
    account.with(|simulator| {
        simulator.merge(2, 3).expect("both are there");
        // And once more: the way leads over two.
        simulator.merge(3, 4).expect("both are there");
    });
    edit(&account, 4, 104, &json!({"subject": "not sent, not compared", "body_text": "x"}));
    let report = both_ways(&desk, &account).await;
    assert_eq!(found(&report), [("equal", SENT - 1), ("changed since", 1)]);
    assert_eq!(differs(&report), [("m4".to_owned(), "changed since", vec![F::BodyText])]);
}

#[tokio::test(start_paused = true)]
async fn only_the_tickets_that_are_asked_for_are_read() {
    let (desk, account) = sent(Settings::default()).await;
    edit(&account, 1, 100, &json!({"body_text": "x"}));
    let reads = account.counters().reads;
    let report = verified(&desk, &account, Way::Pages, &[2, 4]).await;
    assert_eq!(found(&report), [("equal", 6)]);
    assert_eq!(account.counters().reads - reads, 2);
}

#[tokio::test(start_paused = true)]
async fn a_page_costs_one_request_for_a_hundred_messages() {
    let (desk, account) = sent(Settings::default()).await;
    let requests = account.counters().requests;
    verified(&desk, &account, Way::Pages, &[]).await;
    assert_eq!(account.counters().requests - requests, 1);
}

// What was sent without anything being kept

#[tokio::test(start_paused = true)]
async fn without_images_what_was_sent_is_mapped_again() {
    for write in [Write::All, Write::Missing, Write::Ids] {
        let (mut desk, account) = (Desk::new(), empty(Settings::default()));
        for number in 0..3 {
            seed(&account, 1, 100 + number, &json!({"channel": "chat"}));
        }
        desk.writes.write = write;
        desk.export(&[one(0), one(1), one(2)]);
        let plan = desk.plan();
        drop(plan.send(&account, &order("none")).await);
        assert_eq!(account.counters().updates, 3);
        let report = both_ways(&desk, &account).await;
        assert_eq!(found(&report), [("equal", 3)], "{write:?}: {:?}", differs(&report));
        edit(&account, 1, 101, &json!({"external_id": "m1 "}));
        edit(&account, 1, 102, &json!({"external_id": null}));
        let report = both_ways(&desk, &account).await;
        let ids = differs(&report);
        assert!(ids.iter().any(|(id, ..)| id == "m2"), "{write:?}: {ids:?}");
        assert!(
            ids.iter().all(|(_, found, fields)| *found == "changed since" && *fields == [F::ExternalId]),
            "{ids:?}"
        );
    }
}

// Interrupted, and begun again

#[tokio::test(start_paused = true)]
async fn a_verification_that_was_interrupted_is_begun_again() {
    let (desk, account) = sent(Settings::default()).await;
    edit(&account, 4, 111, &json!({"body_text": "x"}));
    {
        let checkpoint = desk.checkpoint();
        let pins = checkpoint.planned_pins().expect("a plan");
        let job = std::sync::Arc::new(Job::of_pins(&pins).expect("its job"));
        let compared = AtomicU64::new(0);
        let (courier, stop) = courier(&account, "1/1s");
        let verification =
            Verification { job, tickets: Vec::new(), way: Way::Tickets, concurrency: 1, compared: &compared };
        let stopped = async {
            tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
            stop.send_replace(true);
            std::future::pending::<()>().await;
        };
        let ended = tokio::select! {
            () = stopped => unreachable!("it stops"),
            ended = verify(&checkpoint, &courier, verification) => ended,
        };
        assert!(ended.is_err(), "it was interrupted");
        let half: u64 = checkpoint.findings().expect("the checkpoint").iter().map(|(.., count)| count).sum();
        assert!(half > 0 && half < SENT, "{half} were compared");
    }
    let report = both_ways(&desk, &account).await;
    assert_eq!(found(&report), [("equal", SENT - 1), ("changed since", 1)]);
}

#[tokio::test(start_paused = true)]
async fn what_was_undone_is_not_verified_any_more() {
    let (desk, account) = sent(Settings::default()).await;
    drop(after::undone(&desk, &account, &Scope::Tickets(vec![1]), Way::Tickets).await);
    let report = both_ways(&desk, &account).await;
    assert_eq!(found(&report), [("equal", SENT - 3)]);
}

// What an operator sees

/// A folder whose three messages were sent to an account.
struct Trip {
    folder: Folder,
    account: Account,
}

impl Trip {
    fn made(settings: Settings, options: &str) -> Self {
        let folder = small::folder();
        let account = Account::start(settings, &folder.file("export/ids.csv"));
        let flag = account.flag();
        folder
            .run(&format!("run export --mapping zendesk --checkpoint a.deskferry --rate none --quiet {flag} {options}"))
            .expect(0);
        Self { folder, account }
    }

    fn edit(&self, ticket: u64, message: u64, properties: &Value) {
        let edited = self.account.with(|simulator| simulator.edit(target(ticket, message), members(properties)));
        assert_eq!(edited, Ok(true));
    }

    fn verify(&self, options: &str) -> Ran {
        self.folder.run(&format!("verify --checkpoint a.deskferry --rate none --quiet {options}"))
    }

    /// Somebody else, with nothing but the manifest as it is here.
    fn against(&self, options: &str) -> Ran {
        let other = Folder::new();
        other.write("m.jsonl", self.folder.read("a.manifest.jsonl"));
        other.run(&format!("verify --against m.jsonl --rate none --quiet {} {options}", self.account.flag()))
    }
}

#[test]
fn the_report_names_what_differs_and_the_exit_code_says_it() {
    let trip = Trip::made(Settings::default(), "");
    let _screen = settled(&trip.folder);
    trip.verify("").expect(0);
    trip.edit(1001, 5002, &json!({"subject": "The jig"}));
    let ran = trip.verify("").expect(3);
    let out = ran.out.replace(&trip.account.flag()["--base-url http://".len()..], "[ACCOUNT]");
    let digest = out.lines().rfind(|line| line.contains("digest")).expect("a digest").trim().to_owned();
    assert_snapshot!(out.replace(&digest, "digest    [DIGEST]"), @r#"
    Verify: [ACCOUNT], 3 updated messages

      answers   3 equal
      now       2 equal
                1 changed since
      balance   3 messages, adds up
      manifest  a.manifest.jsonl
      digest    [DIGEST]

      differs
        tickets.jsonl:1, message 302 (ticket 1001 in Gorgias): changed since: subject

      edits     what somebody changed in Gorgias stays, also in an undo; only a plan
                made from a newer scan would replace it, and says so
    "#);
    let json = trip.verify("--json").expect(3).json();
    assert_eq!(json["now"]["changed since"], 1);
    assert_eq!(json["differing"][0]["external_id"], "302");
    assert_eq!(json["differing"][0]["fields"], json!(["subject"]));
}

#[test]
fn the_answers_alone_are_told_without_a_request() {
    let trip = Trip::made(Settings::default(), "");
    let requests = trip.account.counters().requests;
    // Nothing of that is seen: nobody looks.
    trip.edit(1001, 5002, &json!({"subject": "x"}));
    let ran = trip.verify("--answers").expect(0);
    assert!(ran.out.contains("3 equal"), "{}", ran.out);
    assert_eq!(trip.account.counters().requests, requests);
    assert!(!trip.folder.file("a.manifest.jsonl").exists(), "a manifest is made of what the account holds");
}

#[test]
fn an_answer_that_was_empty_tells_nothing_and_is_no_difference() {
    let faults = Faults::script(vec![(Moment::Update(1), Strike::applied(Fault::Empty))]);
    let trip = Trip::made(Settings { faults, ..Settings::default() }, "");
    let ran = trip.verify("--answers").expect(0);
    assert!(ran.out.contains("2 equal, 1 without an answer that tells"), "{}", ran.out);
    let ran = trip.verify("").expect(0);
    assert!(ran.out.contains("3 equal"), "{}", ran.out);
}

#[test]
fn an_export_that_was_changed_since_is_refused_where_it_is_needed_and_told_where_it_is_not() {
    for (undo, code) in [("off", 2), ("on", 0)] {
        let trip = Trip::made(Settings::default(), &format!("--undo {undo}"));
        let export = trip.folder.read("export/tickets.jsonl");
        trip.folder.write("export/tickets.jsonl", export.replace("jug", "pot"));
        let ran = trip.verify("").expect(code);
        if code == 2 {
            assert_one_clear_sentence(&ran);
            assert!(ran.err.contains("has changed since the plan was made"), "{}", told(&ran));
            continue;
        }
        assert!(ran.err.contains("without a source digest"), "{}", told(&ran));
        let manifest = lines(&trip.folder.read("a.manifest.jsonl"));
        assert!(manifest[1..4].iter().all(|line| line["source"].is_null() && line["readback"].is_string()));
    }
}

// The manifest

fn lines(manifest: &str) -> Vec<Value> {
    manifest.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn the_manifest_holds_a_line_for_every_message_and_digests_that_anybody_can_make() {
    let trip = Trip::made(Settings::default(), "");
    trip.verify("").expect(0);
    let text = trip.folder.read("a.manifest.jsonl");
    let [head, first, second, third, end] = &lines(&text)[..] else { panic!("{text}") };
    assert_eq!(head["schema"], "deskferry.manifest/1");
    let export = trip.folder.read("export/tickets.jsonl");
    let records: Vec<_> = export.lines().collect();
    for (line, (id, record)) in [first, second, third].into_iter().zip([("301", 0), ("302", 0), ("303", 1)]) {
        assert_eq!((line["external_id"].as_str(), line["outcome"].as_str()), (Some(id), Some("updated")));
        let bytes = &export.as_bytes()[number(&line["offset"])..][..number(&line["length"])];
        assert_eq!(std::str::from_utf8(bytes), Ok(records[record]), "it is the record alone");
        assert_eq!(line["source"], blake3::hash(bytes).to_hex().as_str());
        assert!(line["update"].is_string() && line["readback"].is_string());
        assert_eq!(line["verified"], "equal");
    }
    let before = &text[..=text.trim_end().rfind('\n').expect("lines")];
    assert_eq!(end, &json!({"messages": 3, "digest": blake3::hash(before.as_bytes()).to_hex().as_str()}));
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().expect("a number")).expect("a small one")
}

#[test]
fn any_change_to_the_manifest_is_noticed() {
    let trip = Trip::made(Settings::default(), "");
    trip.verify("").expect(0);
    let whole = trip.folder.read("a.manifest.jsonl");
    let read = |text: &[u8]| {
        let path = trip.folder.write("other.jsonl", text);
        deskferry::run::read_manifest(&path, |_| {}).map(drop)
    };
    read(whole.as_bytes()).expect("it is as it was written");
    for at in 0..whole.len() {
        for flip in [0x01, 0x20] {
            let mut bytes = whole.clone().into_bytes();
            bytes[at] ^= flip;
            assert!(read(&bytes).is_err(), "byte {at} of\n{whole}");
        }
    }
    let split: Vec<_> = whole.split_inclusive('\n').collect();
    for missing in 0..split.len() {
        let rest: String = split.iter().enumerate().filter(|(at, _)| *at != missing).map(|(_, line)| *line).collect();
        assert!(read(rest.as_bytes()).is_err(), "without line {missing}");
    }
    let twice = [&whole[..], split[1]].concat();
    assert!(read(twice.as_bytes()).is_err(), "a line behind the end");
    let swapped = [split[0], split[2], split[1], split[3], split[4]].concat();
    assert!(read(swapped.as_bytes()).is_err(), "in another order");
}

#[test]
fn somebody_else_checks_the_account_with_the_manifest_alone() {
    let trip = Trip::made(Settings::default(), "");
    trip.verify("").expect(0);
    let ran = trip.against("").expect(0);
    assert!(ran.out.contains("the same  3"), "{}", told(&ran));
    trip.edit(1002, 5003, &json!({"body_text": "x"}));
    let ran = trip.against("").expect(3);
    assert!(ran.out.contains("tickets.jsonl:2, message 303: changed since"), "{}", told(&ran));
    // The other ticket is as it was.
    let ran = trip.against("--ticket 1001").expect(0);
    assert!(ran.out.contains("the same  2"), "{}", told(&ran));
    let json = trip.against("--ticket 1002 --json").expect(3).json();
    assert_eq!(json["differing"][0]["message"]["external_id"], "303");
    trip.account.with(|simulator| simulator.delete_message(target(1001, 5001))).expect("it is there");
    let ran = trip.against("").expect(3);
    assert!(ran.out.contains("message 301: gone"), "{}", told(&ran));
    trip.account.with(|simulator| simulator.merge(1001, 1002)).expect("both are there");
    let ran = trip.against("--ticket 1001").expect(3);
    assert!(ran.out.contains("the same  1"), "it is found in the other ticket\n{}", told(&ran));
}

#[test]
fn somebody_else_checks_their_copy_of_the_export_with_the_manifest() {
    let trip = Trip::made(Settings::default(), "");
    trip.verify("").expect(0);
    let other = Folder::new();
    other.write("m.jsonl", trip.folder.read("a.manifest.jsonl"));
    let export = trip.folder.read("export/tickets.jsonl");
    let check = |export: &str, options: &str| {
        other.write("copy/deep/tickets.jsonl", export);
        let flag = trip.account.flag();
        other.run(&format!("verify --against m.jsonl --export copy --rate 40/20s {flag} {options}"))
    };
    let ran = check(&export, "").expect(0);
    let digest = ran.out.split([' ', ',']).nth(1).expect("a digest").to_owned();
    assert_snapshot!(ran.out.replace(&digest, "[DIGEST]"), @"
    Manifest: [DIGEST], whole and unchanged

      compared  3 updated messages
      the same  3
      differing 0

      records   those of 3 messages, in the export
      the same  3
      differing 0
    ");
    assert_snapshot!(ran.err, @"Reading the 2 tickets of the manifest takes about 2 requests (1 s).");
    // The same length, and another word in the last record.
    let at = export.rfind("The").expect("a word");
    let changed = [&export[..at], "Ten", &export[at + 3..]].concat();
    let ran = check(&changed, "").expect(3);
    assert_snapshot!(ran.out.replace(&digest, "[DIGEST]"), @"
    Manifest: [DIGEST], whole and unchanged

      compared  3 updated messages
      the same  3
      differing 0

      records   those of 3 messages, in the export
      the same  2
      differing 1
        tickets.jsonl:2, message 303: its record in the export is another
    ");
    let json = check(&changed, "--json").expect(3);
    assert_eq!((&json.json()["records"]["compared"], json.err.as_str()), (&json!(3), ""));
    assert_eq!(json.json()["records"]["differing"][0]["message"]["external_id"], "303");
    // Cut off.
    check(&export[..10], "--quiet").expect(3);
    std::fs::remove_file(other.file("copy/deep/tickets.jsonl")).expect("it was there");
    other.write("copy/other.jsonl", "{}");
    let flag = trip.account.flag();
    let ran = other.run(&format!("verify --against m.jsonl --export copy {flag}")).expect(2);
    assert_one_clear_sentence(&ran);
    let ran = other.run(&format!("verify --against m.jsonl --export copy/other.jsonl {flag} --quiet")).expect(3);
    assert!(ran.out.contains("tickets.jsonl:1, message 301: its file is not in the export"), "{}", told(&ran));
}

#[test]
fn a_manifest_that_was_changed_or_is_of_another_account_is_refused() {
    let trip = Trip::made(Settings::default(), "");
    trip.verify("").expect(0);
    let other = Trip::made(Settings::default(), "");
    other.folder.write("a.manifest.jsonl", trip.folder.read("a.manifest.jsonl"));
    let requests = other.account.counters().requests;
    let ran = other.against("").expect(2);
    assert_one_clear_sentence(&ran);
    assert_eq!(other.account.counters().requests, requests, "nobody is asked");
    let text = trip.folder.read("a.manifest.jsonl");
    trip.folder.write("a.manifest.jsonl", text.replace("\"302\"", "\"304\""));
    let ran = trip.against("").expect(2);
    assert_one_clear_sentence(&ran);
    assert!(ran.err.contains("was changed after it was written"), "{}", ran.err);
}

#[test]
fn without_images_the_command_finds_the_same() {
    let trip = Trip::made(Settings::default(), "--undo off");
    trip.verify("").expect(0);
    trip.edit(1001, 5001, &json!({"body_html": "<p>x</p>"}));
    let json = trip.verify("--json").expect(3).json();
    assert_eq!(json["differing"][0]["fields"], json!(["body_html"]));
}

#[test]
fn the_manifest_of_a_rehearsal_is_verified_with_the_account_beside_it() {
    let folder = Folder::with_sample("zendesk");
    folder.run("run export --mapping zendesk --simulate --quiet").expect(0);
    folder.run("verify --quiet").expect(0);
    for options in ["", " --simulate"] {
        let ran = folder.run(&format!("verify --quiet --against simulator.manifest.jsonl{options}")).expect(0);
        assert!(ran.out.contains("the same  263"), "{}", ran.out);
    }
    let elsewhere = Folder::new();
    elsewhere.write("simulator.manifest.jsonl", folder.read("simulator.manifest.jsonl"));
    let refused = elsewhere.run("verify --against simulator.manifest.jsonl").expect(2);
    assert!(refused.err.contains("its account is not there"), "{}", refused.err);
}
