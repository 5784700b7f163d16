//! After a run and its undo every message holds again what it held before, byte for byte, but for what the plan named;
//! nobody is mailed, and what somebody changed in between stays.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

#[path = "support/after.rs"]
mod after;
#[path = "support/live.rs"]
mod live;
#[path = "support/screen.rs"]
mod screen;
#[path = "support/small.rs"]
mod small;
mod support;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use after::{courier, differing, edit, empty, held, members, run, seed, target, undoable, undone};
use deskferry::account::Way;
use deskferry::checkpoint::{Kept, Scope, Which};
use deskferry::record::State;
use deskferry::run::{Tally, Undone, undo, undo_plan};
use deskferry::simulator::{Fault, Faults, Moment, Settings, Strike};
use deskferry::update::{Also, FieldName as F, Write, Writes};
use live::Live;
use screen::{assert_one_clear_sentence, settled, told};
use serde_json::{Map, Value, json};
use support::desk::{Desk, MAPPING, Said, order, said, totals};
use support::virtual_account::VirtualAccount;
use support::{Account, Folder};

type Held = BTreeMap<u64, Map<String, Value>>;

/// A desk that writes every field.
fn desk() -> Desk {
    let mut desk = Desk::new();
    let fields = r#"body_html = { from = "html" }
subject = { from = "subject" }
message_id = { from = "mid" }
sender.email = { from = "from" }
source.type = { from = "kind" }
attachments = { each = "files", fields = { url = { from = "url" }, name = { from = "name" }, content_type = { value = "text/plain" } } }
body_text = "#;
    desk.mapping = MAPPING.replace("body_text = ", fields);
    desk.writes.also = vec![Also::Attachments, Also::Sender, Also::Receiver];
    desk
}

/// What an account may hold of a message, from the plain to the odd.
fn kinds() -> Vec<Value> {
    let person = |id: u64| json!({"id": id, "email": format!("p{id}@shop.example"), "name": "Ann"});
    let sent = "2024-02-02T02:02:02+00:00";
    let file = json!({"url": "https://f.example/old", "name": "old", "size": 4, "content_type": "image/png"});
    vec![
        // As an import leaves it: incoming, without a time.
        json!({}),
        json!({"sent_datetime": sent, "subject": "Old", "external_id": null}),
        // Outgoing and never sent: an update without a time would mail it.
        json!({"from_agent": true, "sender": person(11), "receiver": person(21)}),
        json!({"from_agent": true, "sent_datetime": sent, "sender": person(11), "receiver": person(21)}),
        json!({"from_agent": true, "channel": "internal-note", "sender": person(11)}),
        json!({"from_agent": true, "channel": "internal-note", "sent_datetime": sent}),
        // What the API shows and does not take.
        json!({"channel": "acme-forum", "via": "gorgias_chat", "sent_datetime": sent}),
        json!({"via": "self_service", "sender": null, "source": null}),
        json!({"subject": null, "body_text": null, "body_html": null, "message_id": "<old@shop.example>"}),
        json!({"subject": "", "body_text": " x \r\n", "body_html": "<P>x</P>", "sent_datetime": sent}),
        json!({"attachments": [file], "sent_datetime": sent}),
        json!({"source": {"type": "email", "from": {"name": "Ann", "address": "ann@shop.example"}, "to": []}}),
        json!({"source": {"type": "email", "extra": {"a": 1}}, "failed_datetime": sent}),
        json!({"from_agent": true, "sent_datetime": sent, "failed_datetime": sent, "receiver": person(21)}),
    ]
}

/// A message that writes into every field, of the kind `number` in a ticket with three others.
fn one(number: usize) -> Said {
    let number = number as u64;
    said(&format!("m{number}"), 1 + number / 4, number)
        .to(1 + number / 4, 100 + number)
        .with("html", format!("<p>html {number}</p>"))
        .with("subject", format!("New {number}"))
        .with("mid", format!("<new{number}@shop.example>"))
        .with("from", "p11@shop.example")
        .with("kind", "api")
        .with("files", json!([{"url": "https://f.example/new", "name": "new"}]))
}

fn all() -> Vec<Said> {
    (0..kinds().len()).map(one).collect()
}

/// An account with a message of every kind.
fn account(settings: Settings) -> VirtualAccount {
    let account = empty(settings);
    for (message, kind) in all().iter().zip(kinds()) {
        let (ticket, message) = message.target().expect("a target");
        seed(&account, ticket, message, &kind);
    }
    account
}

/// A desk whose messages were all sent, and what the account held before.
async fn sent(settings: Settings) -> (Desk, VirtualAccount, Held) {
    let (mut desk, account) = (desk(), account(settings));
    let before = held(&account);
    run(&mut desk, &account, &all()).await;
    assert!(held(&account).iter().all(|(id, now)| now != &before[id]), "everything was changed");
    (desk, account, before)
}

/// What the plan says is for good: messages by field.
fn for_good(desk: &Desk) -> BTreeMap<&'static str, u64> {
    let plan = undo_plan(&desk.checkpoint(), &Scope::Everything).expect("the checkpoint");
    plan.lost.into_iter().map(|(field, count)| (field.name(), count)).collect()
}

/// The fields in which messages are not as they were, by how many messages.
fn lost(before: &Held, after: &Held) -> BTreeMap<&'static str, u64> {
    let mut lost = BTreeMap::new();
    for (id, before) in before {
        for field in differing(before, &after[id]) {
            *lost.entry(field.name()).or_default() += 1;
        }
    }
    lost
}

fn tally(undone: u64, kept: u64, open: u64) -> Tally {
    Tally { undone, kept, open }
}

#[track_caller]
fn finished(undone: Undone, expected: Tally) {
    assert_eq!((undone.tally, undone.stopped), (expected, None));
    undone.end.expect("it came to its end");
}

// Everything is as it was

#[tokio::test(start_paused = true)]
async fn every_field_is_what_it_was_but_for_those_that_the_plan_names_and_nobody_is_mailed() {
    for way in [Way::Tickets, Way::Pages] {
        let (desk, account, before) = sent(Settings::default()).await;
        let named = for_good(&desk);
        finished(undone(&desk, &account, &Scope::Everything, way).await, tally(before.len() as u64, 0, 0));
        assert_eq!(lost(&before, &held(&account)), named, "{way:?}");
        let expected = [("channel", 1), ("sender", 1), ("sent_datetime", 7), ("source", 13), ("via", 2)];
        assert_eq!(named, BTreeMap::from(expected));
        let counters = account.counters();
        assert_eq!((counters.mails, counters.overlaps, counters.people_created), (0, 0, 0), "{way:?}");
        assert_eq!(totals(&desk.checkpoint()), BTreeMap::from([("pending", before.len() as u64)]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_undo_finds_nothing_to_put_back() {
    let (desk, account, before) = sent(Settings::default()).await;
    finished(undone(&desk, &account, &Scope::Everything, Way::Tickets).await, tally(before.len() as u64, 0, 0));
    let updates = account.counters().updates;
    let plan = undo_plan(&desk.checkpoint(), &Scope::Everything).expect("the checkpoint");
    assert_eq!(plan.messages, 0);
    finished(undone(&desk, &account, &Scope::Everything, Way::Tickets).await, tally(0, 0, 0));
    assert_eq!(account.counters().updates, updates);
}

#[tokio::test(start_paused = true)]
async fn after_an_undo_a_run_sends_everything_anew_and_it_arrives() {
    let (mut desk, account, before) = sent(Settings::default()).await;
    let first = held(&account);
    finished(undone(&desk, &account, &Scope::Everything, Way::Pages).await, tally(before.len() as u64, 0, 0));
    let after_undo = held(&account);
    run(&mut desk, &account, &all()).await;
    assert_eq!(held(&account), first);
    let report = after::verified(&desk, &account, Way::Tickets, &[]).await;
    assert!(!report.differs(), "{:?}", after::differs(&report));
    finished(undone(&desk, &account, &Scope::Everything, Way::Pages).await, tally(before.len() as u64, 0, 0));
    assert_eq!(held(&account), after_undo);
    assert_eq!(account.counters().mails, 0);
}

#[tokio::test(start_paused = true)]
async fn after_two_runs_with_different_mappings_it_is_as_before_the_first() {
    let (mut desk, account, before) = sent(Settings::default()).await;
    desk.mapping = desk.mapping.replace("{ from = \"subject\" }", "{ value = \"Second\" }");
    run(&mut desk, &account, &all()).await;
    assert!(held(&account).values().all(|message| message["subject"] == "Second"));
    let named = for_good(&desk);
    finished(undone(&desk, &account, &Scope::Everything, Way::Tickets).await, tally(before.len() as u64, 0, 0));
    assert_eq!(lost(&before, &held(&account)), named);
}

#[tokio::test(start_paused = true)]
async fn what_a_second_run_with_fewer_fields_finds_in_place_is_verified_taken_back_and_sent_again() {
    let (mut desk, account, before) = sent(Settings::default()).await;
    let number = before.len() as u64;
    desk.writes = Writes { write: Write::Ids, also: Vec::new(), replace_external_id: false };
    let updates = account.counters().updates;
    run(&mut desk, &account, &all()).await;
    assert_eq!(account.counters().updates, updates, "it is all there");
    let report = after::verified(&desk, &account, Way::Tickets, &[]).await;
    assert_eq!(after::found(&report).iter().map(|(_, count)| count).sum::<u64>(), number);
    assert!(!report.differs(), "{:?}", after::differs(&report));
    let named = for_good(&desk);
    finished(undone(&desk, &account, &Scope::Everything, Way::Tickets).await, tally(number, 0, 0));
    assert_eq!(lost(&before, &held(&account)), named);
    let updates = account.counters().updates;
    run(&mut desk, &account, &all()).await;
    assert_eq!(account.counters().updates - updates, number, "it is all to be sent again");
}

#[tokio::test(start_paused = true)]
async fn what_the_plan_does_not_hold_any_more_is_taken_back_too() {
    let (mut desk, account, before) = sent(Settings::default()).await;
    desk.export(&[one(0)]);
    drop(desk.plan());
    let named = for_good(&desk);
    finished(undone(&desk, &account, &Scope::Everything, Way::Tickets).await, tally(before.len() as u64, 0, 0));
    assert_eq!(lost(&before, &held(&account)), named);
}

#[tokio::test(start_paused = true)]
async fn messages_of_a_merged_ticket_are_put_back_where_they_are_now() {
    for way in [Way::Tickets, Way::Pages] {
        let (desk, account, before) = sent(Settings::default()).await;
        account.with(|simulator| simulator.merge(1, 2)).expect("both are there");
        let named = for_good(&desk);
        finished(undone(&desk, &account, &Scope::Everything, way).await, tally(before.len() as u64, 0, 0));
        assert_eq!(lost(&before, &held(&account)), named, "{way:?}");
    }
}

// What somebody did in between

#[tokio::test(start_paused = true)]
async fn an_agents_edit_survives_and_is_told_and_the_other_messages_are_put_back() {
    for way in [Way::Tickets, Way::Pages] {
        let (desk, account, before) = sent(Settings::default()).await;
        edit(&account, 1, 103, &json!({"subject": "An agent's words", "body_text": "likewise"}));
        edit(&account, 2, 104, &json!({"external_id": null}));
        account.with(|simulator| simulator.delete_message(target(2, 105))).expect("it is there");
        let agents = held(&account)[&103].clone();
        let Undone { checkpoint, tally: counts, end, stopped } = undone(&desk, &account, &Scope::Everything, way).await;
        end.expect("it came to its end");
        assert_eq!((counts, stopped), (tally(before.len() as u64 - 2, 2, 0), None), "{way:?}");
        let kept: Vec<_> = checkpoint.kept().expect("the checkpoint");
        let kept: Vec<_> =
            kept.into_iter().map(|stays| (stays.target.message.0, stays.external_id, stays.why)).collect();
        let fields = F::Subject.bit() | F::BodyText.bit();
        let expected =
            [(103, Some("m3".to_owned()), Kept::EditedSince(fields)), (105, Some("m5".to_owned()), Kept::Gone)];
        assert_eq!(kept, expected, "{way:?}: what was put back by hand already is no conflict");
        assert_eq!(held(&account)[&103], agents);
        assert_eq!(totals(&checkpoint)["updated"], 2, "they hold still what was sent");
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_undo_left_alone_is_looked_at_again_and_not_told_twice() {
    let (desk, account, before) = sent(Settings::default()).await;
    edit(&account, 1, 100, &json!({"subject": "An agent's"}));
    drop(undone(&desk, &account, &Scope::Everything, Way::Tickets).await);
    edit(&account, 1, 100, &json!({"subject": "New 0"}));
    let undone = undone(&desk, &account, &Scope::Everything, Way::Tickets).await;
    assert_eq!(undone.checkpoint.kept().expect("the checkpoint"), []);
    finished(undone, tally(1, 0, 0));
    assert_eq!(held(&account)[&100]["subject"], before[&100]["subject"]);
}

// Only a part

#[tokio::test(start_paused = true)]
async fn a_ticket_a_message_or_a_batch_can_be_taken_back_alone() {
    let scopes = [
        (Scope::Tickets(vec![2, 4]), vec![104, 105, 106, 107, 112, 113]),
        (Scope::Messages(vec!["m3".into(), "m9".into(), "nobody".into()]), vec![103, 109]),
        (Scope::Batches(vec![1]), (100..114).collect()),
        (Scope::Batches(vec![2]), vec![]),
    ];
    for (scope, expected) in scopes {
        let (desk, account, before) = sent(Settings::default()).await;
        let sent = held(&account);
        finished(undone(&desk, &account, &scope, Way::Tickets).await, tally(expected.len() as u64, 0, 0));
        let after = held(&account);
        let changed: Vec<u64> = before.keys().copied().filter(|id| after[id] != sent[id]).collect();
        assert_eq!(changed, expected, "{scope:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn batches_are_those_of_the_plan() {
    let (mut desk, account) = (desk(), account(Settings::default()));
    run(&mut desk, &account, &all()).await;
    desk.checkpoint().set_batch_size(5).expect("the checkpoint");
    finished(undone(&desk, &account, &Scope::Batches(vec![2]), Way::Tickets).await, tally(5, 0, 0));
    let checkpoint = desk.checkpoint();
    let pending: Vec<_> = support::desk::rows(&checkpoint)
        .into_iter()
        .filter(|(_, state, _)| *state == State::Pending)
        .map(|(id, ..)| id)
        .collect();
    assert_eq!(pending, ["m5", "m6", "m7", "m8", "m9"]);
}

// When it does not go well

#[tokio::test(start_paused = true)]
async fn an_undo_that_is_stopped_half_way_goes_on_the_next_time_and_nothing_is_put_back_twice() {
    for way in [Way::Tickets, Way::Pages] {
        let (desk, account, before) = sent(Settings::default()).await;
        let named = for_good(&desk);
        let updates = account.counters().updates;
        let (courier, stop) = courier(&account, "1/1s");
        let stopping = async {
            tokio::time::sleep(Duration::from_millis(6500)).await;
            stop.send_replace(true);
            std::future::pending::<()>().await;
        };
        let counted = AtomicU64::new(0);
        let half = tokio::select! {
            () = stopping => unreachable!("it stops"),
            half = undo(desk.checkpoint(), &courier, &Scope::Everything, way, 2, &counted) => half.expect("recorded"),
        };
        assert!(half.end.is_err(), "it was interrupted");
        let Tally { undone: first, kept, open } = half.tally;
        assert_eq!((first + open, kept), (before.len() as u64, 0), "{way:?}");
        assert!(first > 0 && open > 0, "{way:?}: {first} and {open}");
        drop(half.checkpoint);
        finished(undone(&desk, &account, &Scope::Everything, way).await, tally(open, 0, 0));
        assert_eq!(lost(&before, &held(&account)), named, "{way:?}");
        assert_eq!(account.counters().updates - updates, before.len() as u64, "{way:?}: one update each");
        assert_eq!(account.counters().overlaps, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_that_is_refused_is_told_and_tried_again_the_next_time() {
    let number = all().len() as u64;
    let faults = Faults::script(vec![(Moment::Update(number + 3), Strike::unapplied(Fault::BadRequest))]);
    let (desk, account, before) = sent(Settings { faults, ..Settings::default() }).await;
    let named = for_good(&desk);
    let first = undone(&desk, &account, &Scope::Everything, Way::Tickets).await;
    let kept: Vec<_> = first.checkpoint.kept().expect("the checkpoint").into_iter().map(|stays| stays.why).collect();
    assert_eq!(kept, [Kept::Refused]);
    finished(first, tally(number - 1, 1, 0));
    finished(undone(&desk, &account, &Scope::Everything, Way::Tickets).await, tally(1, 0, 0));
    assert_eq!(lost(&before, &held(&account)), named);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_leaves_the_message_open_and_the_next_undo_finds_how_it_is() {
    for strike in [Strike::applied(Fault::Reset), Strike::unapplied(Fault::Reset)] {
        let number = all().len() as u64;
        // Its first update was the run's; all seven tries of the undo are lost.
        let lost_tries = (2..=8).map(|attempt| (Moment::Attempt { message_id: 101, attempt }, strike));
        let faults = Faults::script(lost_tries.collect());
        let (desk, account, before) = sent(Settings { faults, ..Settings::default() }).await;
        let named = for_good(&desk);
        let first = undone(&desk, &account, &Scope::Everything, Way::Tickets).await;
        finished(first, tally(number - 1, 0, 1));
        let updates = account.counters().updates;
        finished(undone(&desk, &account, &Scope::Everything, Way::Tickets).await, tally(1, 0, 0));
        assert_eq!(account.counters().updates - updates, u64::from(!strike.applied), "it is read first");
        assert_eq!(lost(&before, &held(&account)), named);
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_after_an_undo_whose_answer_was_lost_reads_what_is_there_whatever_is_planned_meanwhile() {
    for (strike, is_planned_before) in [(true, true), (true, false), (false, true), (false, false)]
        .map(|(applied, before)| (Strike { fault: Fault::Reset, applied }, before))
    {
        let number = all().len() as u64;
        let lost_tries = (2..=8).map(|attempt| (Moment::Attempt { message_id: 101, attempt }, strike));
        let faults = Faults::script(lost_tries.collect());
        let (mut desk, account, _) = sent(Settings { faults, ..Settings::default() }).await;
        let ids = Writes { write: Write::Ids, also: Vec::new(), replace_external_id: false };
        if is_planned_before {
            let writes = std::mem::replace(&mut desk.writes, ids.clone());
            drop(desk.plan());
            finished(undone(&desk, &account, &Scope::Messages(vec!["m1".into()]), Way::Tickets).await, tally(0, 0, 1));
            desk.writes = writes;
            let plan = desk.plan();
            assert_eq!(plan.totals(), BTreeMap::from([("updated", number - 1), ("unconfirmed", 1)]));
        } else {
            finished(undone(&desk, &account, &Scope::Messages(vec!["m1".into()]), Way::Tickets).await, tally(0, 0, 1));
        }
        desk.writes = ids;
        let reads = account.counters().reads;
        run(&mut desk, &account, &all()).await;
        assert_eq!(account.counters().reads - reads, 2, "{strike:?}: the account, and its ticket");
        assert_eq!(held(&account)[&101]["external_id"], "m1", "{strike:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_undo_keeps_what_somebody_did_between_the_first_one_and_the_next_run() {
    let (mut desk, account, before) = sent(Settings::default()).await;
    let number = before.len() as u64;
    finished(undone(&desk, &account, &Scope::Everything, Way::Tickets).await, tally(number, 0, 0));
    edit(&account, 1, 101, &json!({"subject": "An agent's"}));
    let between = held(&account);
    run(&mut desk, &account, &all()).await;
    assert_eq!(held(&account)[&101]["subject"], "New 1");
    finished(undone(&desk, &account, &Scope::Everything, Way::Tickets).await, tally(number, 0, 0));
    assert_eq!(held(&account), between);
}

#[tokio::test(start_paused = true)]
async fn where_no_update_can_work_it_stops_and_says_why() {
    let number = all().len() as u64;
    let faults = Faults::script(vec![(Moment::Update(number + 2), Strike::unapplied(Fault::Unauthorized))]);
    let (desk, account, _) = sent(Settings { faults, ..Settings::default() }).await;
    let (courier, _running) = courier(&account, "none");
    let stopped = undo(desk.checkpoint(), &courier, &Scope::Everything, Way::Pages, 1, &AtomicU64::new(0)).await;
    let stopped = stopped.expect("recorded");
    assert_eq!(stopped.tally, tally(1, 0, number - 1));
    assert!(stopped.stopped.is_some_and(|cause| cause.detail.starts_with("401")));
    assert!(stopped.end.is_err());
}

#[tokio::test(start_paused = true)]
async fn pages_whose_cursors_do_not_live_long_enough_give_way_to_tickets() {
    let settings = Settings { cursor_life: Some(Duration::from_secs(1)), ..Settings::default() };
    let (mut desk, account) = (Desk::new(), empty(settings));
    let messages: Vec<_> = (0..450)
        .map(|number| said(&format!("m{number}"), number / 5, number).to(1 + number / 5, 1000 + number))
        .collect();
    for message in &messages {
        let (ticket, message) = message.target().expect("a target");
        seed(&account, ticket, message, &json!({"subject": "Old"}));
    }
    let before = held(&account);
    run(&mut desk, &account, &messages).await;
    let named = for_good(&desk);
    let updates = account.counters().updates;
    // A page's updates take 50 seconds, and the cursor of the next page is long dead then.
    let (courier, _running) = courier(&account, "40/20s");
    let undone = undo(desk.checkpoint(), &courier, &Scope::Everything, Way::Pages, 16, &AtomicU64::new(0)).await;
    finished(undone.expect("recorded"), tally(450, 0, 0));
    assert_eq!(lost(&before, &held(&account)), named);
    assert_eq!(account.counters().updates - updates, 450, "one update each");
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_are_out_at_once_than_asked_for() {
    let settings = Settings { latency: Duration::from_secs(1), ..Settings::default() };
    let (desk, account, _) = sent(settings).await;
    let before = account.exchanges().len();
    for way in [Way::Pages, Way::Tickets] {
        let (courier, _running) = courier(&account, "none");
        let scope = Scope::Tickets(if way == Way::Pages { vec![1, 2, 3] } else { vec![4] });
        let done = undo(desk.checkpoint(), &courier, &scope, way, 2, &AtomicU64::new(0)).await.expect("recorded");
        assert_eq!(done.tally.open, 0);
    }
    let exchanges = account.exchanges().split_off(before);
    let most = exchanges
        .iter()
        .map(|one| exchanges.iter().filter(|other| other.begun <= one.begun && one.begun < other.ended).count());
    assert_eq!(most.max(), Some(2));
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_without_images_can_not_be_taken_back_and_is_counted() {
    let (mut desk, account) = (desk(), account(Settings::default()));
    desk.export(&all());
    drop(desk.plan().send(&account, &order("none")).await);
    let sent = held(&account);
    assert_eq!(desk.checkpoint().without_image().expect("the checkpoint"), all().len() as u64);
    finished(undone(&desk, &account, &Scope::Everything, Way::Tickets).await, tally(0, 0, 0));
    assert_eq!(held(&account), sent);
    assert!(undoable().undo);
}

#[tokio::test(start_paused = true)]
async fn where_nothing_can_be_kept_any_more_nothing_is_read_for_that() {
    let (mut desk, account) = (desk(), account(Settings::default()));
    desk.export(&all());
    drop(desk.plan().send(&account, &order("none")).await);
    desk.mapping = desk.mapping.replace("{ from = \"subject\" }", "{ value = \"Second\" }");
    let plan = desk.plan();
    let number = all().len() as u64;
    assert_eq!(plan.checkpoint.first_reads(false, false, Which::All).expect("the checkpoint").tickets(number, true), 0);
    let reads = account.counters().reads;
    let sent = plan.send(&account, &undoable()).await;
    assert_eq!(totals(&sent.checkpoint), BTreeMap::from([("updated", number)]));
    assert_eq!(account.counters().reads - reads, 1, "the account itself");
    assert_eq!(sent.checkpoint.without_image().expect("the checkpoint"), number);
}

// What an operator sees

fn trip(settings: Settings) -> (Folder, Account, Vec<Value>) {
    let folder = small::folder();
    let account = Account::start(settings, &folder.file("export/ids.csv"));
    let before = shown(&account);
    let flag = account.flag();
    folder.run(&format!("run export --mapping zendesk --checkpoint a.deskferry --rate none --quiet {flag}")).expect(0);
    (folder, account, before)
}

fn shown(account: &Account) -> Vec<Value> {
    account.with(|simulator| simulator.account().messages().map(deskferry::simulator::Message::shown).collect())
}

#[test]
fn without_yes_the_plan_is_shown_and_nothing_is_written() {
    let (folder, account, _) = trip(Settings::default());
    let _screen = settled(&folder);
    let (sent, requests) = (shown(&account), account.counters().requests);
    let ran = folder.run("undo --checkpoint a.deskferry").expect(0);
    let out = ran.out.replace(&account.flag()["--base-url http://".len()..], "[ACCOUNT]");
    insta::assert_snapshot!(out, @"
    Undo: [ACCOUNT]

      put back  3 messages in 2 tickets
      restores  body_html 3, body_text 3, external_id 3, subject 3
      for good  sent_datetime 3, source 3: stays as it was written
      time      5 requests; 2 of them read what is there now, and what somebody
                changed since stays as it is
      next      deskferry undo --checkpoint a.deskferry --yes
    ");
    assert_eq!(ran.err, "Nothing was changed.\n");
    assert_eq!((shown(&account), account.counters().requests), (sent, requests));
    assert_eq!(folder.outcomes("a.deskferry"), support::totals([("updated", 3)]));
}

#[test]
fn what_was_never_updated_is_told_to_whoever_names_it() {
    let (folder, _, _) = trip(Settings::default());
    for scope in ["--message nope", "--ticket 77", "--batch 9"] {
        let ran = folder.run(&format!("undo --checkpoint a.deskferry {scope}")).expect(2);
        assert!(ran.err.contains(&format!("nothing was updated that `deskferry undo {scope}` names")), "{}", ran.err);
    }
    folder.run("undo --checkpoint a.deskferry --message 303").expect(0);
}

#[test]
fn a_new_plan_after_an_undo_still_says_what_was_taken_back() {
    let (folder, account, _) = trip(Settings::default());
    folder.run("undo --checkpoint a.deskferry --yes --rate none --quiet --message 303").expect(0);
    let status = folder.run("status --checkpoint a.deskferry").expect(0).out;
    assert!(status.contains("nothing, if the undo was meant"), "{status}");
    let plan = format!("plan export --mapping zendesk --write all --checkpoint a.deskferry {}", account.flag());
    for write in ["all", "ids"] {
        let told = folder.run(&plan.replace("--write all", &format!("--write {write}"))).expect(0).out;
        assert!(told.contains("undone    1 message to send that an undo took back"), "{told}");
    }
}

#[test]
fn what_the_last_run_was_told_about_undo_holds_for_a_resume() {
    let folder = small::folder();
    let account = Account::start(Settings::default(), &folder.file("export/ids.csv"));
    let run = format!("run export --mapping zendesk --checkpoint a.deskferry --rate none --quiet {}", account.flag());
    folder.run(&format!("{run} --undo off --limit 1")).expect(0);
    // The same plan, with undo on as it is where nothing is said.
    folder.run(&format!("{run} --limit 1")).expect(0);
    folder.run("resume --checkpoint a.deskferry --rate none --quiet").expect(0);
    let undone = folder.run("undo --checkpoint a.deskferry --json").expect(0).json();
    assert_eq!((undone["messages"].as_u64(), undone["not_kept"].as_u64()), (Some(2), Some(1)));
}

#[test]
fn with_yes_it_is_done_and_told() {
    let (folder, account, before) = trip(Settings::default());
    let _screen = settled(&folder);
    let edited = members(&json!({"subject": "An agent's"}));
    account.with(|simulator| simulator.edit(target(1002, 5003), edited)).expect("it is there");
    let ran = folder.run("undo --checkpoint a.deskferry --yes --rate none --quiet").expect(3);
    let (_, told) = ran.out.split_once("\nUndone.").expect("it is undone");
    insta::assert_snapshot!(told.trim(), @"
    put back     2
      left alone   1
        message 303 (ticket 1002, message 5003): somebody changed subject since

      What was put back is pending again: a run would send it anew.
    ");
    let plain = |mut message: Value| {
        // These can't be taken away again, as the plan says.
        message["sent_datetime"] = Value::Null;
        message["source"] = Value::Null;
        message
    };
    let after: Vec<_> = shown(&account).into_iter().map(plain).collect();
    assert_eq!(after[..2], before[..2]);
    assert_eq!(after[2]["subject"], "An agent's");
    assert_eq!(folder.outcomes("a.deskferry"), support::totals([("updated", 1), ("pending", 2)]));
    let json = folder.run("undo --checkpoint a.deskferry --yes --rate none --quiet --json").expect(3).json();
    assert_eq!((&json["undone"], &json["left_alone"][0]["external_id"]), (&json!(0), &json!("303")));
    assert_eq!(account.counters().mails, 0);
}

#[test]
fn a_real_account_has_to_be_named() {
    let folder = small::folder();
    let _screen = settled(&folder);
    let real = [("GORGIAS_DOMAIN", "acme"), ("GORGIAS_EMAIL", "a@b.example"), ("GORGIAS_API_KEY", "k")];
    let command = |line: &str| {
        let output = folder.command(line).envs(real).output().expect("deskferry starts");
        support::Ran::of(output)
    };
    command("run export --mapping zendesk --write ids").expect(2);
    // As if it had been sent.
    {
        let holder =
            deskferry::checkpoint::Holder { user: "t".into(), machine: "m".into(), process: 1, since: "now".into() };
        let access = deskferry::checkpoint::Access::Write(&holder);
        let checkpoint = deskferry::checkpoint::Checkpoint::open(&folder.file("acme.deskferry"), access).expect("it");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let (writer, written) = deskferry::checkpoint::Writer::start(checkpoint, 1);
            let place = deskferry::record::Target {
                ticket: deskferry::record::TicketId(1001),
                message: deskferry::record::MessageId(5001),
            };
            let sent = members(&json!({"subject": "New", "sent_datetime": "2024-01-01T00:00:00+00:00"}));
            let before = members(&json!({"subject": "Old", "sent_datetime": "2024-01-01T00:00:00+00:00"}));
            let before = Some(Box::new(deskferry::checkpoint::Before::new(place, &before, &sent)));
            let intent = deskferry::checkpoint::Entry::Intent { turn: 1, before, effect: None };
            writer.record(intent).await.expect("the intent");
            drop(writer);
            written.await.expect("a task").expect("the checkpoint");
        });
    }
    for (wrong, said) in
        [("", "has to be confirmed"), ("--confirm acne", "`--confirm acne` names another account than `acme`")]
    {
        let ran = command(&format!("undo --yes {wrong}")).expect(2);
        assert_one_clear_sentence(&ran);
        assert!(ran.err.contains(said), "{}", told(&ran));
    }
    let status = folder.run("status --json --checkpoint acme.deskferry").json();
    assert_eq!(status["runs"], json!([]), "no undo was begun");
}

#[test]
fn an_undo_that_is_killed_goes_on_the_next_time() {
    let folder = Folder::with_sample("zendesk");
    let settings = Settings { latency: Duration::from_millis(2), ..Settings::default() };
    let account = Account::start(settings, &folder.file("export/ids.csv"));
    let before = shown(&account);
    let flag = account.flag();
    folder.run(&format!("run export --mapping zendesk --checkpoint a.deskferry --rate none --quiet {flag}")).expect(0);
    let plan = folder.run("undo --checkpoint a.deskferry --json").expect(0).json();
    let sent = account.counters().updates;
    let mut killed = 0;
    for moment in [1, 20, 40, 90] {
        let updates = account.counters().updates;
        let mut live = Live::start(folder.command("undo --checkpoint a.deskferry --yes --rate none --concurrency 8"));
        killed += u64::from(live.reaches(|| account.counters().updates >= updates + moment));
        live.kill();
    }
    assert!(killed > 2, "most kills came before the end");
    folder.run("undo --checkpoint a.deskferry --yes --rate none --quiet").expect(0);
    let mut lost = BTreeMap::<&str, u64>::new();
    for (before, after) in before.iter().zip(shown(&account)) {
        let fields = F::ALL.into_iter().filter(|field| before[field.name()] != after[field.name()]);
        fields.for_each(|field| *lost.entry(field.name()).or_default() += 1);
    }
    let named = plan["for_good"].as_array().expect("a list").iter();
    let named: BTreeMap<_, _> = named
        .map(|one| (one["field"].as_str().expect("a name"), one["messages"].as_u64().expect("a number")))
        .collect();
    assert_eq!(lost, named);
    let twice = account.counters().updates - sent - plan["messages"].as_u64().expect("a number");
    assert_eq!(twice, 0, "what was put back is found to be so");
    assert_eq!((account.counters().mails, account.counters().overlaps), (0, 0));
}
