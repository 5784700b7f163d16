//! What the account holds already is not sent again, however it is written there.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

#[path = "support/after.rs"]
mod after;
mod support;

use std::sync::Arc;
use std::time::Duration;

use deskferry::account::Way;
use deskferry::checkpoint::{FieldCount, Scope, Which};
use deskferry::record::State;
use deskferry::run::{Job, Tally};
use deskferry::simulator::{Fault, Faults, Moment, Settings, Storing, Strike, Target};
use deskferry::update::{FieldName, Write};
use serde_json::{Value, json};
use support::desk::{Desk, Plan, Said, order, said, totals};
use support::imported::{MAPPING, account, bring, message_of, messages, scan, ticket_of};
use support::virtual_account::VirtualAccount;

/// An operator with a scan of `account`, and an export.
async fn begin(account: &VirtualAccount, export: &[Said]) -> Desk {
    let mut desk = Desk::new();
    MAPPING.clone_into(&mut desk.mapping);
    scan(&mut desk, account).await;
    desk.export(export);
    desk
}

/// Plans and sends; how many updates went out.
async fn run(desk: &Desk, account: &VirtualAccount, undo: bool) -> u64 {
    let before = account.counters().update_requests;
    let order = deskferry::run::Order { undo, ..order("none") };
    drop(desk.plan().send(account, &order).await);
    account.counters().update_requests - before
}

/// A message with all that the mapping can set.
fn full() -> Said {
    said("m1", 1, 60).with("html", "<p class=\"a\">Hello &amp; bye</p>").with("subject", "The jug").with("ref", "<a@b>")
}

/// What the account holds once [`full`] was written.
fn done() -> Value {
    json!({
        "external_id": "m1", "message_id": "<a@b>", "subject": "The jug", "via": "api",
        "body_html": "<p class=\"a\">Hello &amp; bye</p>",
    })
}

async fn states(held: &Value, record: Said, settings: Settings) -> Vec<(&'static str, u64)> {
    let account = VirtualAccount::new(settings, Duration::ZERO, []);
    let mut all = done();
    all.as_object_mut().expect("an object").extend(held.as_object().expect("an object").clone());
    bring(&account, &record, 5_001, &all);
    let desk = begin(&account, &[record]).await;
    let asked = account.counters().requests;
    let plan = desk.plan();
    assert_eq!(account.counters().requests, asked, "a plan asks nothing");
    plan.totals().into_iter().collect()
}

#[tokio::test(start_paused = true)]
async fn a_message_that_holds_it_all_is_unchanged_in_whichever_spelling() {
    for held in [
        json!({}),
        json!({"sent_datetime": "2023-11-14T22:14:20.000000+00:00"}),
        json!({"sent_datetime": "2023-11-15T00:14:20+02:00"}),
        json!({"sent_datetime": "2023-11-14T22:14:20"}),
        json!({"body_html": "<p class='a'>Hello &#38; bye</p>"}),
        json!({"body_html": "<P  CLASS=a>Hello &amp; bye</P>\n"}),
        json!({"body_text": "text of m1\r\n"}),
        json!({"attachments": null, "receiver": null}),
    ] {
        assert_eq!(states(&held, full(), Settings::default()).await, [("unchanged", 1)], "{held}");
    }
    let naive = Settings { storing: Storing { naive_times: true, ..Storing::default() }, ..Settings::default() };
    assert_eq!(states(&json!({}), full(), naive).await, [("unchanged", 1)]);
}

#[tokio::test(start_paused = true)]
async fn what_is_said_nowhere_is_unchanged_as_null_and_as_nothing() {
    for (held, expected) in [(Value::Null, "unchanged"), (json!(""), "unchanged"), (json!("The jug"), "pending")] {
        let account = VirtualAccount::new(Settings::default(), Duration::ZERO, []);
        let mut all = done();
        all["subject"] = held;
        bring(&account, &full(), 5_001, &all);
        let mut desk = begin(&account, &[full().with("subject", ())]).await;
        let clears = "subject = { from = \"subject\", when_missing = \"clear\" }";
        desk.mapping = MAPPING.replace("subject = { from = \"subject\" }", clears);
        assert_eq!(desk.plan().totals(), [(expected, 1)].into());
    }
}

#[tokio::test(start_paused = true)]
async fn one_value_that_differs_is_sent() {
    for held in [
        json!({"body_text": "text of m2"}),
        json!({"body_html": "<p>Hello &amp; bye!</p>"}),
        json!({"subject": null}),
        json!({"message_id": null}),
        json!({"external_id": null}),
    ] {
        assert_eq!(states(&held, full(), Settings::default()).await, [("pending", 1)], "{held}");
    }
}

#[tokio::test(start_paused = true)]
async fn with_ids_alone_only_the_ids_count() {
    let account = VirtualAccount::new(Settings::default(), Duration::ZERO, []);
    let mut held = done();
    held["subject"] = json!("another");
    bring(&account, &full(), 5_001, &held);
    let mut desk = begin(&account, &[full()]).await;
    desk.writes.write = Write::Ids;
    assert_eq!(desk.plan().totals(), [("unchanged", 1)].into());
}

/// The n-th of 1,000 messages with another text wherever `is_changed`.
fn edited(all: &[Said], is_changed: impl Fn(usize) -> bool) -> Vec<Said> {
    let edit =
        |(n, said): (usize, &Said)| if is_changed(n) { said.clone().with("text", "edited") } else { said.clone() };
    all.iter().enumerate().map(edit).collect()
}

#[tokio::test(start_paused = true)]
async fn a_second_run_sends_nothing_and_after_a_hundredth_has_changed_just_that() {
    for undo in [true, false] {
        let all = messages(1_000, 4);
        let account = account(Settings::default(), &all);
        let mut desk = begin(&account, &all).await;
        assert_eq!(run(&desk, &account, undo).await, 1_000);
        assert_eq!(run(&desk, &account, undo).await, 0);
        desk.export(&edited(&all, |n| n % 100 == 7));
        assert_eq!(run(&desk, &account, undo).await, 10);
        assert_eq!(run(&desk, &account, undo).await, 0);
        // With a new scan, neither.
        scan(&mut desk, &account).await;
        assert_eq!(run(&desk, &account, undo).await, 0);
        assert_eq!((account.counters().updates, account.counters().repeated), (1_010, 10));
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_checkpoint_for_an_account_that_is_done_finds_everything_unchanged() {
    let all = messages(1_000, 4);
    let storing = Storing { cleans_html: true, naive_times: true };
    let account = account(Settings { storing, ..Settings::default() }, &all);
    let first = begin(&account, &all).await;
    assert_eq!(run(&first, &account, true).await, 1_000);
    let mut second = begin(&account, &all).await;
    let plan = second.plan();
    assert_eq!(plan.totals(), [("unchanged", 1_000)].into());
    drop(plan);
    assert_eq!(run(&second, &account, true).await, 0);
    // And then what has changed in the export is sent, that and no more.
    second.export(&edited(&all, |n| n % 100 == 7));
    assert_eq!(run(&second, &account, true).await, 10);
}

#[tokio::test(start_paused = true)]
async fn a_plan_trusts_what_we_wrote_since_and_not_the_older_scan() {
    for undo in [true, false] {
        let all = messages(40, 4);
        let account = account(Settings::default(), &all);
        let mut desk = begin(&account, &all).await;
        // As the account had it all along, but for the ids.
        assert_eq!(run(&desk, &account, undo).await, 40);
        // There ...
        desk.export(&edited(&all, |_| true));
        assert_eq!(run(&desk, &account, undo).await, 40, "undo {undo}");
        // ... and back, to what the scan still says.
        desk.export(&all);
        assert_eq!(run(&desk, &account, undo).await, 40, "undo {undo}");
        let target = Target { ticket_id: ticket_of(1), message_id: message_of(0) };
        let text = account
            .with(|simulator| simulator.account().message(target).expect("it is there").get("body_text").clone());
        assert_eq!(text, "text of m0");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_unchanged_is_looked_at_again_in_a_newer_scan() {
    let account = VirtualAccount::new(Settings::default(), Duration::ZERO, []);
    bring(&account, &full(), 5_001, &done());
    let mut desk = begin(&account, &[full()]).await;
    assert_eq!(desk.plan().totals(), [("unchanged", 1)].into());
    let target = Target { ticket_id: ticket_of(1), message_id: 5_001 };
    let edit = json!({"subject": "an agent's"}).as_object().expect("an object").clone();
    account.with(|simulator| simulator.edit(target, edit).expect("it is there"));
    scan(&mut desk, &account).await;
    assert_eq!(desk.plan().totals(), [("pending", 1)].into());
    assert_eq!(run(&desk, &account, true).await, 1);
    assert_eq!(run(&desk, &account, true).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_finds_something_unchanged_after_all_keeps_the_outcome_of_what_was_sent() {
    let all = messages(8, 4);
    let account = account(Settings::default(), &all);
    let mut desk = begin(&account, &all).await;
    run(&desk, &account, true).await;
    scan(&mut desk, &account).await;
    let plan = desk.plan();
    assert_eq!(totals(&plan.checkpoint), [("updated", 8)].into());
}

/// Messages of one ticket, whose export says where they are in Gorgias.
fn placed(number: u64) -> Vec<Said> {
    (0..).zip(messages(number, number)).map(|(n, said)| said.to(ticket_of(1), message_of(n))).collect()
}

#[tokio::test(start_paused = true)]
async fn what_somebody_changed_after_our_update_is_seen_in_a_newer_scan_and_not_written_over_unsaid() {
    let all = placed(3);
    let account = account(Settings::default(), &all);
    let mut desk = begin(&account, &edited(&all, |_| true)).await;
    desk.writes.write = Write::Ids;
    assert_eq!(run(&desk, &account, true).await, 3);
    let target = |n| Target { ticket_id: ticket_of(1), message_id: message_of(n) };
    let agents = [json!({"external_id": "another"}), json!({"body_text": "an agent's"})];
    for (edit, n) in agents.iter().zip(0..) {
        let edit = edit.as_object().expect("an object").clone();
        account.with(|simulator| simulator.edit(target(n), edit).expect("it is there"));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    scan(&mut desk, &account).await;
    desk.writes.write = Write::All;
    let plan = desk.plan();
    let rows = plan.rows();
    assert_eq!((rows[0].1, rows[1].1, rows[2].1), (State::Blocked, State::Pending, State::Pending), "{rows:?}");
    assert!(rows[0].2.starts_with("other-external-id"), "{rows:?}");
    let effects = plan.checkpoint.totals().expect("the checkpoint").fields;
    let replaces = |count: &FieldCount| count.effect.map_or(0, |effect| effect.replaces);
    assert!(effects.iter().all(|count| replaces(count) & FieldName::BodyText.bit() != 0), "{effects:?}");
    drop(plan);
    assert_eq!(run(&desk, &account, true).await, 2);
    let text =
        |n| account.with(|simulator| simulator.account().message(target(n)).expect("it").get("body_text").clone());
    assert_eq!(text(1), "edited");
    let undone = after::undone(&desk, &account, &Scope::Everything, Way::Tickets).await;
    assert_eq!(undone.tally, Tally { undone: 2, kept: 1, open: 0 });
    assert_eq!(text(1), "an agent's", "what was there before we wrote it");
    let id = account.with(|simulator| simulator.account().message(target(0)).expect("it").get("external_id").clone());
    assert_eq!(id, "another");
}

#[tokio::test(start_paused = true)]
async fn an_edit_that_a_newer_scan_shows_is_left_alone_by_an_undo_of_what_was_sent_before_and_after_it() {
    let all = placed(1);
    let account = account(Settings::default(), &all);
    let mut desk = begin(&account, &edited(&all, |_| true)).await;
    assert_eq!(run(&desk, &account, true).await, 1);
    let target = Target { ticket_id: ticket_of(1), message_id: message_of(0) };
    let edit = json!({"body_text": "an agent's"}).as_object().expect("an object").clone();
    account.with(|simulator| simulator.edit(target, edit).expect("it is there"));
    tokio::time::sleep(Duration::from_secs(1)).await;
    scan(&mut desk, &account).await;
    desk.mapping = desk.mapping.replace("body_text = { from = \"text\" }", "");
    desk.export(&[all[0].clone().with("subject", "New")]);
    assert_eq!(run(&desk, &account, true).await, 1);
    let undone = after::undone(&desk, &account, &Scope::Everything, Way::Tickets).await;
    assert_eq!(undone.tally, Tally { undone: 1, kept: 0, open: 0 });
    let held = after::held(&account);
    assert_eq!(held[&message_of(0)]["body_text"], "an agent's");
    assert_eq!(held[&message_of(0)]["subject"], Value::Null);
    assert_eq!(held[&message_of(0)]["external_id"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn what_the_plan_knew_from_a_scan_that_is_gone_is_read_and_never_sent_as_the_mapping_alone_says() {
    for undo in [true, false] {
        let all = placed(6);
        let account = account(Settings::default(), &all);
        let mut desk = begin(&account, &edited(&all, |_| true)).await;
        desk.writes.write = Write::Ids;
        drop(desk.plan());
        let path = desk.path("virtual.scan");
        std::fs::remove_file(path).expect("the scan");
        let (reads, pins) = (account.counters().reads, desk.checkpoint().planned_pins().expect("a plan"));
        let forecast =
            desk.checkpoint().first_reads(false, false, Which::All).expect("the checkpoint").tickets(6, undo);
        let mut job = Job::of_pins(&pins).expect("its job");
        job.load_lookups().expect("none");
        let plan = Plan { job: Arc::new(job), checkpoint: desk.checkpoint(), delta: None };
        let sent = plan.send(&account, &deskferry::run::Order { undo, ..order("none") }).await;
        assert_eq!(totals(&sent.checkpoint), [("updated", 6)].into(), "undo {undo}");
        assert_eq!((account.counters().reads - reads, forecast), (2, 1), "undo {undo}: the account, and the ticket");
        // As the account has it, and not as the mapping says.
        assert!(after::held(&account).values().all(|held| held["via"] == "zendesk"), "undo {undo}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_left_alone_because_somebody_changed_it_is_decided_anew_from_a_newer_scan() {
    let lost = (1..=7)
        .map(|attempt| (Moment::Attempt { message_id: message_of(0), attempt }, Strike::unapplied(Fault::Reset)));
    let all = placed(2);
    let account = account(Settings { faults: Faults::script(lost.collect()), ..Settings::default() }, &all);
    let mut desk = begin(&account, &edited(&all, |_| true)).await;
    assert_eq!(run(&desk, &account, true).await, 8);
    let edit = json!({"body_text": "an agent's"}).as_object().expect("an object").clone();
    let target = Target { ticket_id: ticket_of(1), message_id: message_of(0) };
    account.with(|simulator| simulator.edit(target, edit).expect("it is there"));
    let left_alone = [("blocked", 1), ("updated", 1)];
    assert_eq!(run(&desk, &account, true).await, 0);
    assert_eq!(desk.plan().totals(), left_alone.into(), "the older scan can't tell");
    tokio::time::sleep(Duration::from_secs(1)).await;
    scan(&mut desk, &account).await;
    let plan = desk.plan();
    assert_eq!(plan.totals(), [("pending", 1), ("updated", 1)].into());
    let effects = plan.checkpoint.totals().expect("the checkpoint").fields;
    let replaces: Vec<_> = effects.iter().map(|count| count.effect.map_or(0, |effect| effect.replaces)).collect();
    assert!(matches!(replaces[..], [fields] if fields & FieldName::BodyText.bit() != 0), "{effects:?}");
    drop(plan);
    assert_eq!(run(&desk, &account, true).await, 1);
    assert_eq!(after::held(&account)[&message_of(0)]["body_text"], "edited");
}
