//! `--newest-first`: the ticket with the newest message goes first; the messages of a ticket go by their time all the same.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod support;

use std::time::Duration;

use deskferry::record::Sequence;
use deskferry::simulator::Settings;
use support::desk::{Desk, Said, order, said};
use support::virtual_account::VirtualAccount;

fn messages() -> Vec<Said> {
    let message = |(id, ticket, second)| said(id, ticket, second).to(ticket, 1_000 + second);
    [("a1", 1, 100), ("b2", 2, 500), ("c1", 3, 300), ("b1", 2, 200), ("a2", 1, 400), ("c2", 3, 350)].map(message).into()
}

fn desk(sequence: Sequence) -> Desk {
    let mut desk = Desk::new();
    desk.sequence = sequence;
    desk.export(&messages());
    desk
}

#[test]
fn tickets_go_by_their_newest_message_and_messages_by_their_time() {
    assert_eq!(desk(Sequence::NewestFirst).plan().outstanding(), ["b1", "b2", "a1", "a2", "c1", "c2"]);
    assert_eq!(desk(Sequence::AsExported).plan().outstanding(), ["a1", "a2", "b1", "b2", "c1", "c2"]);
}

#[test]
fn a_message_without_a_time_does_not_put_its_ticket_first() {
    let mut desk = Desk::new();
    desk.sequence = Sequence::NewestFirst;
    desk.mapping = desk.mapping.replace(", required = true", "");
    let mut messages = messages();
    let note = said("n1", 4, 0).with("at", serde_json::Value::Null).with("channel", "internal-note").to(4, 9_000);
    messages.insert(0, note);
    desk.export(&messages);
    assert_eq!(desk.plan().outstanding().last().map(String::as_str), Some("n1"));
}

#[tokio::test(start_paused = true)]
async fn another_order_is_a_new_plan_that_sends_nothing_twice() {
    let mut desk = desk(Sequence::AsExported);
    let account = VirtualAccount::new(Settings::default(), Duration::ZERO, messages().iter().filter_map(Said::target));
    let three = deskferry::run::Order { limit: Some(3), ..order("none") };
    drop(desk.plan().send(&account, &three).await);
    desk.sequence = Sequence::NewestFirst;
    let plan = desk.plan();
    assert_eq!(plan.outstanding(), ["b2", "c1", "c2"]);
    drop(plan.send(&account, &order("none")).await);
    assert_eq!((account.counters().updates, account.counters().repeated), (6, 0));
}
