//! What the plan settles before anything is sent: doubles, targets, conflicts, order, and what an earlier plan already
//! did. Through the library, with checkpoints on the disk.
//!
//! Nothing in here starts a process: between fork and exec a child holds the locks of all checkpoints that are open.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use deskferry::checkpoint::Which;
use deskferry::plan::Delta;
use deskferry::record::State;
use deskferry::run::{Ending, Order, Sent};
use deskferry::simulator::{Fault, Faults, Moment, Settings, Strike};
use deskferry::update::Write;
use support::desk::{Desk, MAPPING, Plan, Row, Said, order, rows, said, totals};
use support::virtual_account::VirtualAccount;

/// Message `number` of ticket 1, in the order of time, with a target of its own.
fn one(number: u64) -> Said {
    said(&format!("m{number}"), 1, number).to(1, 100 + number)
}

fn row(id: &str, state: State, cause: &str) -> Row {
    (id.to_owned(), state, cause.to_owned())
}

/// A plan for `messages`, in a checkpoint that holds none yet.
fn plan_of(messages: &[Said]) -> (Desk, Plan) {
    let mut desk = Desk::new();
    desk.export(messages);
    let plan = desk.plan();
    (desk, plan)
}

const DOUBLED: &str = "doubled: the same message stands in the export again";
const OLDER: &str = "older-copy: a newer copy of it stands in the export";

#[test]
fn every_message_that_is_read_is_a_row_and_the_balance_holds() {
    let mut messages = vec![
        one(1),
        one(1),
        one(2).with("version", 1),
        one(2).with("version", 2).with("text", "newer"),
        one(3).with("type", "event"),
        one(4).with("channel", "pigeon"),
        one(5).with("at", ()),
        one(6).with("id", ""),
        one(7).with("id", "x".repeat(256)),
        said("m8", 1, 8),
    ];
    messages.extend([one(9), one(10).to(1, 109)]);
    let (_desk, plan) = plan_of(&messages);
    assert_eq!(plan.rows().len(), messages.len());
    let expected = BTreeMap::from([("absent", 1), ("blocked", 6), ("pending", 2), ("skipped", 3)]);
    assert_eq!(plan.totals(), expected);
    assert_eq!(plan.checkpoint.totals().expect("totals").messages, messages.len() as u64);
}

#[test]
fn a_line_that_can_not_be_read_is_a_row_too() {
    let (desk, plan) = plan_of(&[one(1)]);
    drop(plan);
    let path = desk.path("messages.jsonl");
    let mut text = std::fs::read_to_string(&path).expect("the export");
    text.push_str("{\"id\": \"m2\", \"tex\n[1, 2]\n");
    std::fs::write(&path, text).expect("the export");
    let plan = desk.plan();
    assert_eq!(plan.totals(), BTreeMap::from([("blocked", 2), ("pending", 1)]));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_stands_in_the_export_twice_word_for_word_goes_once() {
    let (_desk, plan) = plan_of(&[one(1), one(2), one(1), one(1)]);
    // The last copy is the one that is kept: of those equally new, it is the last that the helpdesk wrote.
    let expected = [
        row("m1", State::Skipped, DOUBLED),
        row("m2", State::Pending, ""),
        row("m1", State::Skipped, DOUBLED),
        row("m1", State::Pending, ""),
    ];
    assert_eq!(plan.rows(), expected);
    let account = VirtualAccount::new(Settings::default(), Duration::ZERO, [(1, 101), (1, 102)]);
    let sent = plan.send(&account, &order("none")).await;
    assert_eq!(totals(&sent.checkpoint), BTreeMap::from([("skipped", 2), ("updated", 2)]));
    assert_eq!(account.counters().update_requests, 2);
}

#[test]
fn of_copies_that_differ_the_newest_by_the_mappings_own_measure_goes() {
    let copy = |version: u64, text: &str| one(1).with("version", version).with("text", text);
    let (_desk, plan) = plan_of(&[copy(2, "second"), copy(10, "tenth"), copy(9, "ninth"), copy(10, "tenth")]);
    let expected = [
        row("m1", State::Skipped, OLDER),
        row("m1", State::Skipped, DOUBLED),
        row("m1", State::Skipped, OLDER),
        row("m1", State::Pending, ""),
    ];
    assert_eq!(plan.rows(), expected);
}

#[test]
fn of_copies_that_differ_and_are_equally_new_the_last_one_goes() {
    let copy = |text: &str| one(1).with("version", 3).with("text", text);
    let (_desk, plan) = plan_of(&[copy("a"), copy("b"), copy("c")]);
    let expected = [row("m1", State::Skipped, OLDER), row("m1", State::Skipped, OLDER), row("m1", State::Pending, "")];
    assert_eq!(plan.rows(), expected);
}

#[test]
fn a_copy_that_does_not_say_how_new_it_is_never_displaces_one_that_does() {
    let (_desk, plan) = plan_of(&[one(1).with("version", 3), one(1).with("text", "of unknown age")]);
    assert_eq!(plan.rows(), [row("m1", State::Pending, ""), row("m1", State::Skipped, OLDER)]);
}

#[test]
fn where_no_copy_says_how_new_it_is_the_time_decides() {
    let (_desk, plan) = plan_of(&[said("m1", 1, 9).to(1, 101), said("m1", 1, 5).to(1, 101).with("text", "earlier")]);
    assert_eq!(plan.rows(), [row("m1", State::Pending, ""), row("m1", State::Skipped, OLDER)]);
}

#[test]
fn copies_are_found_across_the_files_of_an_export() {
    let mut desk = Desk::new();
    desk.export(&[one(1).with("version", 2), one(2)]);
    desk.export_also("messages-2.jsonl", &[one(1).with("version", 1).with("text", "older"), one(3)]);
    let plan = desk.plan();
    let expected = [
        row("m1", State::Pending, ""),
        row("m2", State::Pending, ""),
        row("m1", State::Skipped, OLDER),
        row("m3", State::Pending, ""),
    ];
    assert_eq!(plan.rows(), expected);
}

#[test]
fn two_messages_for_one_target_are_both_held_back_and_each_names_the_other() {
    let (_desk, plan) = plan_of(&[one(1), one(2).to(1, 101), one(3)]);
    let cause = "shared-target: message 101 in Gorgias would be written by m1 and m2";
    let expected = [row("m1", State::Blocked, cause), row("m2", State::Blocked, cause), row("m3", State::Pending, "")];
    assert_eq!(plan.rows(), expected);
}

#[test]
fn a_target_in_gorgias_is_one_message_whichever_ticket_it_is_said_to_be_in() {
    // A message of Gorgias is in one ticket only: one of the two lines is wrong, and nobody knows which.
    let (_desk, plan) = plan_of(&[one(1).to(1, 100), one(2).to(2, 100)]);
    assert_eq!(plan.totals(), BTreeMap::from([("blocked", 2)]));
}

#[test]
fn a_copy_that_is_left_out_does_not_share_a_target_with_the_one_that_goes() {
    let (_desk, plan) = plan_of(&[one(1), one(1)]);
    assert_eq!(plan.totals(), BTreeMap::from([("pending", 1), ("skipped", 1)]));
}

#[test]
fn the_ids_file_may_say_the_same_twice_but_not_two_things() {
    let mut desk = Desk::new();
    desk.export(&[said("a", 1, 1), said("b", 1, 2), said("c", 1, 3), said("d", 1, 4)]);
    desk.ids(&[("a", 1, 101), ("b", 1, 102), ("a", 1, 101), ("b", 1, 103), ("c", 1, 104), ("c", 2, 104), ("x", 9, 9)]);
    let plan = desk.plan();
    let ambiguous = "ambiguous: the ids file names several targets for it";
    let expected = [
        row("a", State::Pending, ""),
        row("b", State::Blocked, ambiguous),
        row("c", State::Blocked, ambiguous),
        row("d", State::Absent, "no-target: the ids file has no line for it"),
    ];
    assert_eq!(plan.rows(), expected);
}

#[test]
fn ids_are_compared_byte_for_byte() {
    let mut desk = Desk::new();
    desk.export(&[said("007", 1, 1), said("7", 1, 2), said("A", 1, 3), said("a", 1, 4), said("é", 1, 5)]);
    desk.ids(&[("007", 1, 101), ("7", 1, 102), ("A", 1, 103), ("a", 1, 104), ("e\u{301}", 1, 105)]);
    let plan = desk.plan();
    assert_eq!(plan.totals(), BTreeMap::from([("absent", 1), ("pending", 4)]));
}

#[tokio::test(start_paused = true)]
async fn an_export_that_says_where_its_messages_are_needs_no_ids_file_and_is_believed() {
    let mut desk = Desk::new();
    desk.export(&[one(1), one(2), said("m3", 1, 3)]);
    let plan = desk.plan();
    let absent = "no-target: there is no ids file, and the export does not say where it is in Gorgias";
    assert_eq!(plan.rows()[2], row("m3", State::Absent, absent));
    drop(plan);
    // An ids file fills what the export leaves open.
    desk.ids(&[("m1", 7, 700), ("m1", 8, 800), ("m3", 1, 103)]);
    let plan = desk.plan();
    assert_eq!(plan.totals(), BTreeMap::from([("pending", 3)]));
    let account = VirtualAccount::new(Settings::default(), Duration::ZERO, [(1, 101), (1, 102), (1, 103)]);
    let sent = plan.send(&account, &order("none")).await;
    assert_eq!(totals(&sent.checkpoint), BTreeMap::from([("updated", 3)]));
}

#[test]
fn messages_of_a_ticket_go_by_their_time_and_then_by_their_place_and_tickets_as_the_export_names_them() {
    let at = |id: &str, ticket: u64, second: u64| {
        said(id, ticket, second).to(ticket, 1_000 + id.parse::<u64>().expect("a number"))
    };
    let mut desk = Desk::new();
    desk.export(&[at("1", 20, 50), at("2", 10, 5), at("3", 20, 40), at("4", 10, 4), at("5", 20, 40)]);
    desk.export_also("messages-2.jsonl", &[at("6", 20, 1), at("7", 30, 0), at("8", 20, 50)]);
    let plan = desk.plan();
    assert_eq!(plan.outstanding(), ["6", "3", "5", "1", "8", "4", "2", "7"]);
}

#[test]
fn two_tickets_that_became_one_in_gorgias_are_one_in_the_order_too() {
    let mut desk = Desk::new();
    desk.export(&[said("1", 5, 9).to(1, 101), said("2", 6, 3).to(1, 102), said("3", 5, 1).to(1, 103)]);
    assert_eq!(desk.plan().outstanding(), ["3", "2", "1"]);
}

/// An account that holds messages 101 to 130 of ticket 1.
fn account() -> VirtualAccount {
    VirtualAccount::new(Settings::default(), Duration::ZERO, (101..=130).map(|message| (1, message)))
}

/// Everything of `desk` as it is now is planned and sent; gives the delta, and how many updates that took.
async fn carry(desk: &Desk, account: &VirtualAccount) -> (Option<Delta>, u64) {
    let before = account.counters().update_requests;
    let plan = desk.plan();
    let delta = plan.delta;
    let sent = plan.send(account, &order("none")).await;
    assert_eq!(sent.ending, Ending::Finished);
    totals(&sent.checkpoint);
    (delta, account.counters().update_requests - before)
}

fn delta(new: u64, changed: u64, kept: u64, gone: u64) -> Delta {
    Delta { new, changed, kept, gone }
}

#[tokio::test(start_paused = true)]
async fn a_plan_made_again_from_the_same_things_sends_nothing() {
    let mut desk = Desk::new();
    desk.export(&[one(1), one(2)]);
    let account = account();
    assert_eq!(carry(&desk, &account).await, (None, 2));
    assert_eq!(carry(&desk, &account).await, (Some(delta(0, 0, 2, 0)), 0));
}

#[tokio::test(start_paused = true)]
async fn a_changed_mapping_sends_what_it_changed_and_no_more() {
    let mut desk = Desk::new();
    desk.export(&[one(1), one(2).with("note", true), one(3), one(4).with("note", true)]);
    let account = account();
    carry(&desk, &account).await;
    let old = "channel = { from = \"channel\", default = \"email\" }";
    let new = "channel = [{ when = \"note == true\", value = \"internal-note\" }, { from = \"channel\", default = \"email\" }]";
    assert!(MAPPING.contains(old));
    desk.mapping = MAPPING.replace(old, new);
    assert_eq!(carry(&desk, &account).await, (Some(delta(0, 2, 2, 0)), 2));
    // A comment in the mapping changes no update.
    desk.mapping = format!("# Checked by hand.\n{}", desk.mapping);
    assert_eq!(carry(&desk, &account).await, (Some(delta(0, 0, 4, 0)), 0));
}

#[tokio::test(start_paused = true)]
async fn writing_more_of_each_message_sends_those_whose_update_grows() {
    let mut desk = Desk::new();
    desk.export(&[one(1), one(2).with("text", ())]);
    desk.writes.write = Write::Ids;
    let account = account();
    carry(&desk, &account).await;
    desk.writes.write = Write::All;
    assert_eq!(carry(&desk, &account).await, (Some(delta(0, 1, 1, 0)), 1), "the other has no text to write");
}

#[tokio::test(start_paused = true)]
async fn a_corrected_target_sends_the_message_to_where_it_belongs() {
    let mut desk = Desk::new();
    desk.export(&[one(1), one(2)]);
    let account = account();
    carry(&desk, &account).await;
    desk.export(&[one(1), one(2).to(1, 130)]);
    assert_eq!(carry(&desk, &account).await, (Some(delta(0, 1, 1, 0)), 1));
}

#[tokio::test(start_paused = true)]
async fn tomorrows_export_sends_what_is_new_in_it() {
    let mut desk = Desk::new();
    desk.export(&(1..=5).map(one).collect::<Vec<_>>());
    let account = account();
    carry(&desk, &account).await;
    // Yesterday's two first are gone, one was edited, three came.
    let mut tomorrow: Vec<_> = (3..=8).rev().map(one).collect();
    tomorrow[0] = one(8);
    tomorrow[5] = one(3).with("text", "edited");
    desk.export(&tomorrow);
    assert_eq!(carry(&desk, &account).await, (Some(delta(3, 1, 2, 2)), 4));
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_from_the_export_stays_recorded_and_comes_back_with_it() {
    let (a, b): (Vec<_>, Vec<_>) = ((1..=3).map(one).collect(), (4..=5).map(one).collect());
    let mut desk = Desk::new();
    let account = account();
    desk.export(&a);
    assert_eq!(carry(&desk, &account).await, (None, 3));
    desk.export(&b);
    assert_eq!(carry(&desk, &account).await, (Some(delta(2, 0, 0, 3)), 2));
    desk.export(&a);
    assert_eq!(carry(&desk, &account).await, (Some(delta(0, 0, 3, 2)), 0));
    desk.export(&[a, b].concat());
    assert_eq!(carry(&desk, &account).await, (Some(delta(0, 0, 5, 0)), 0));
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_is_looked_at_and_not_sent_forgets_nothing() {
    // The operator tries another mapping, sees the plan, does not like it, and goes back.
    let mut desk = Desk::new();
    desk.export(&[one(1), one(2)]);
    let account = account();
    carry(&desk, &account).await;
    desk.mapping = MAPPING.replace("value = \"api\"", "value = \"zendesk\"");
    let plan = desk.plan();
    assert_eq!((plan.delta, plan.totals()), (Some(delta(0, 2, 0, 0)), BTreeMap::from([("pending", 2)])));
    drop(plan);
    desk.mapping = MAPPING.to_owned();
    assert_eq!(carry(&desk, &account).await, (Some(delta(0, 0, 2, 0)), 0));
}

#[tokio::test(start_paused = true)]
async fn once_the_other_update_may_have_gone_out_the_old_outcome_counts_no_more() {
    let mut desk = Desk::new();
    desk.export(&[one(1), one(2)]);
    carry(&desk, &account()).await;
    // Every try of the first message is answered with an error, which may have come after the update was applied.
    let strike = Strike::applied(Fault::ServerError);
    let script = (1..=7).map(|attempt| (Moment::Attempt { message_id: 101, attempt }, strike)).collect();
    let settings = Settings { faults: Faults::script(script), ..Settings::default() };
    let account = VirtualAccount::new(settings, Duration::ZERO, [(1, 101), (1, 102)]);
    desk.mapping = MAPPING.replace("value = \"api\"", "value = \"zendesk\"");
    let plan = desk.plan();
    let sent = plan.send(&account, &order("none")).await;
    assert_eq!(totals(&sent.checkpoint), BTreeMap::from([("failed", 1), ("updated", 1)]));
    assert_eq!(sent.checkpoint.requeue(Which::All).expect("the checkpoint"), 1);
    drop(sent);
    desk.mapping = MAPPING.to_owned();
    assert_eq!(desk.plan().totals(), BTreeMap::from([("pending", 2)]), "both must be written again");
}

#[tokio::test(start_paused = true)]
async fn what_failed_stays_failed_in_a_new_plan_until_it_is_retried_or_changed() {
    let refused = Strike::unapplied(Fault::BadRequest);
    let at = |message_id| (Moment::Attempt { message_id, attempt: 1 }, refused);
    let settings = Settings { faults: Faults::script(vec![at(101), at(102)]), ..Settings::default() };
    let account = VirtualAccount::new(settings, Duration::ZERO, (101..=109).map(|message| (1, message)));
    let mut desk = Desk::new();
    desk.export(&[one(1), one(2), one(3)]);
    carry(&desk, &account).await;
    desk.export(&[one(1), one(2).with("text", "shorter"), one(3), one(4)]);
    let plan = desk.plan();
    assert_eq!(plan.delta, Some(delta(1, 1, 2, 0)));
    let cause = "refused: 400: Bad request.";
    let expected = [
        row("m1", State::Failed, cause),
        row("m2", State::Pending, ""),
        row("m3", State::Updated, ""),
        row("m4", State::Pending, ""),
    ];
    assert_eq!(plan.rows(), expected);
    let sent = plan.send(&account, &order("none")).await;
    assert_eq!(totals(&sent.checkpoint), BTreeMap::from([("failed", 1), ("updated", 3)]));
    sent.checkpoint.requeue(Which::All).expect("the checkpoint");
    drop(sent);
    assert_eq!(carry(&desk, &account).await, (Some(delta(0, 0, 3, 0)), 1));
    assert_eq!(desk.plan().totals(), BTreeMap::from([("updated", 4)]));
}

#[tokio::test(start_paused = true)]
async fn what_was_on_the_wire_when_the_process_died_is_unconfirmed_in_a_new_plan_and_sent_again() {
    let mut desk = Desk::new();
    desk.export(&[one(1), one(2)]);
    let plan = desk.plan();
    let turn = plan.checkpoint.planned_after(0, &[State::Pending], Which::All, 1).expect("the plan")[0].turn;
    let run = plan.checkpoint.begin_run("run", None, jiff::Timestamp::UNIX_EPOCH).expect("the checkpoint");
    let (writer, written) = deskferry::checkpoint::Writer::start(plan.checkpoint, run);
    writer.record(deskferry::checkpoint::Entry::Intent { turn, before: None, effect: None }).await.expect("recorded");
    drop(writer);
    drop(written.await.expect("the writer"));
    let plan = desk.plan();
    let cause = "interrupted: the process ended while it was on the wire";
    assert_eq!(plan.rows(), [row("m1", State::Unconfirmed, cause), row("m2", State::Pending, "")]);
    assert_eq!(plan.outstanding(), ["m1", "m2"]);
    let sent = plan.send(&account(), &order("none")).await;
    assert_eq!(totals(&sent.checkpoint), BTreeMap::from([("updated", 2)]));
}

#[tokio::test(start_paused = true)]
async fn what_was_blocked_skipped_or_absent_is_judged_anew_by_each_plan() {
    let mut desk = Desk::new();
    desk.export(&[one(1), one(2).with("channel", "pigeon"), one(3).with("type", "event"), said("m4", 1, 4)]);
    let account = account();
    assert_eq!(carry(&desk, &account).await, (None, 1));
    desk.export(&[one(1), one(2), one(3), one(4)]);
    // To an earlier plan they were not to be sent: they are new among what is sent.
    assert_eq!(carry(&desk, &account).await, (Some(delta(3, 0, 1, 0)), 3));
    // And an updated message that a rule now leaves out is not forgotten to be updated.
    desk.export(&[one(1).with("type", "event"), one(2).with("channel", "pigeon"), one(3), one(4)]);
    let plan = desk.plan();
    assert_eq!(plan.totals(), BTreeMap::from([("blocked", 1), ("skipped", 1), ("updated", 2)]));
    drop(plan);
    desk.export(&[one(1), one(2), one(3), one(4)]);
    assert_eq!(carry(&desk, &account).await.1, 0);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_already_holds_another_id_is_held_back() {
    let mut desk = Desk::new();
    desk.export(&[one(1), one(2)]);
    desk.writes.write = Write::Missing;
    let mut taken = deskferry::simulator::Seed::new(1, 101);
    taken.properties.insert("external_id".into(), "somebody-elses".into());
    let account = VirtualAccount::new(Settings::default(), Duration::ZERO, [(1, 102)]);
    account.with(|simulator| simulator.seed(taken)).expect("the account takes it");
    let sent = desk.plan().send(&account, &order("none")).await;
    assert_eq!(totals(&sent.checkpoint), BTreeMap::from([("blocked", 1), ("updated", 1)]));
    let cause = "other-external-id: its target already holds another external_id";
    assert_eq!(rows(&sent.checkpoint)[0], row("m1", State::Blocked, cause));
    assert_eq!(account.counters().update_requests, 1);
}

/// Sends at most `limit` of what `desk` has to send.
async fn limited(desk: &Desk, account: &VirtualAccount, limit: u64) -> Sent {
    desk.plan().send(account, &Order { limit: Some(limit), ..order("none") }).await
}

#[tokio::test(start_paused = true)]
async fn a_limit_sends_so_many_and_the_next_run_goes_on_behind_them() {
    let mut desk = Desk::new();
    desk.export(&(1..=10).map(one).collect::<Vec<_>>());
    let account = account();
    for (limit, ending, updated) in [
        (0, Ending::LimitReached, 0),
        (3, Ending::LimitReached, 3),
        (4, Ending::LimitReached, 7),
        (3, Ending::Finished, 10),
        (1, Ending::Finished, 10),
    ] {
        let sent = limited(&desk, &account, limit).await;
        assert_eq!((sent.ending, account.counters().updates), (ending, updated), "limit {limit}");
        let expected = BTreeMap::from([("pending", 10 - updated), ("updated", updated)]);
        assert_eq!(totals(&sent.checkpoint), expected.into_iter().filter(|(_, number)| *number > 0).collect());
    }
    assert_eq!(account.counters().repeated, 0);
    let came: Vec<_> = account
        .exchanges()
        .iter()
        .filter(|exchange| exchange.is_update)
        .filter_map(|exchange| exchange.target)
        .collect();
    assert_eq!(came, (101..=110).map(|message| (1, message)).collect::<Vec<_>>());
}
