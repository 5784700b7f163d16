//! The plan says beforehand how many requests the run makes, reading included.

#![allow(clippy::expect_used, reason = "a test may stop at what it did not expect")]

mod support;

use std::time::Duration;

use deskferry::checkpoint::{Checkpoint, Note, Which};
use deskferry::deliver::{Pace, Rate};
use deskferry::record::Settled;
use deskferry::report::{Report, Side, plan_text, run_text};
use deskferry::run::Order;
use deskferry::simulator::Settings;
use deskferry::update::Write;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use support::desk::{Desk, Plan, Said, order, said};
use support::virtual_account::VirtualAccount;

/// Twelve messages in five tickets of Gorgias, of which the second comes in two pieces of the export.
fn messages() -> Vec<Said> {
    let tickets = [1, 1, 1, 2, 3, 3, 2, 4, 4, 4, 4, 5];
    let messages = (0..)
        .zip(tickets)
        .map(|(number, ticket)| said(&format!("m{number}"), ticket, number).to(ticket * 10, 100 + number));
    messages.collect()
}

fn planned(desk: &mut Desk) -> (Plan, VirtualAccount) {
    desk.export(&messages());
    let targets = messages().into_iter().filter_map(|message| message.target()).collect::<Vec<_>>();
    (desk.plan(), VirtualAccount::new(Settings::default(), Duration::ZERO, targets))
}

fn report(checkpoint: &Checkpoint, order: &Order) -> Report {
    let side = Side { account: Some("virtual".into()), is_loopback: true, pace: Pace::typed(Rate::Unlimited) };
    let report = Report::gather(checkpoint, side, "Acme", Timestamp::UNIX_EPOCH).expect("the checkpoint");
    let mut report = report.expect("a plan");
    report.undo = order.undo;
    report.limit = order.limit;
    report
}

/// These turns went out in a run that was killed.
fn went_out(checkpoint: &Checkpoint, turns: &str) {
    let file = rusqlite::Connection::open(checkpoint.path()).expect("the checkpoint");
    file.execute(&format!("UPDATE message SET state = 1 WHERE turn IN ({turns})"), []).expect("the checkpoint");
}

#[tokio::test(start_paused = true)]
async fn the_forecast_is_the_number_of_requests_made() {
    for write in [Write::Ids, Write::Missing, Write::All] {
        for undo in [true, false] {
            for (limit, tickets) in [(None, 5), (Some(0), 0), (Some(1), 1), (Some(4), 2), (Some(5), 2), (Some(7), 3)] {
                let mut desk = Desk::new();
                desk.writes.write = write;
                let (plan, account) = planned(&mut desk);
                let order = Order { undo, limit, ..order("none") };
                let forecast = report(&plan.checkpoint, &order).forecast();
                let reads = if undo || write == Write::Missing { tickets } else { 0 };
                assert_eq!(forecast.ticket_reads, reads, "{write:?}, undo {undo}, limit {limit:?}");
                let updates = limit.unwrap_or(12);
                let all = if updates == 0 { 0 } else { 1 + updates + reads };
                assert_eq!(forecast.requests, all, "{write:?}, undo {undo}, limit {limit:?}");
                let sent = plan.send(&account, &order).await;
                assert_eq!(account.counters().requests, all, "{write:?}, undo {undo}, limit {limit:?}");
                // And again for the rest, where some are known already.
                let rest = Order { limit: None, ..order };
                let forecast = report(&sent.checkpoint, &rest).forecast();
                drop(sent);
                desk.plan().send(&account, &rest).await;
                assert_eq!(account.counters().requests, all + forecast.requests, "{write:?}, undo {undo}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_written_is_read_by_itself_where_that_is_asked_for() {
    for (undo, limit, tickets, messages) in
        [(true, None, 3, 4), (true, Some(3), 0, 3), (true, Some(5), 1, 3), (false, None, 0, 0), (false, Some(5), 0, 0)]
    {
        let mut desk = Desk::new();
        let (plan, account) = planned(&mut desk);
        // All of the first ticket, and the last message.
        went_out(&plan.checkpoint, "1, 2, 3, 12");
        let order = Order { undo, limit, ..order("none") };
        let forecast = report(&plan.checkpoint, &order).forecast();
        assert_eq!((forecast.ticket_reads, forecast.message_reads), (tickets, messages), "undo {undo}, {limit:?}");
        let sent = plan.send(&account, &order).await;
        assert_eq!(account.counters().requests, forecast.requests, "undo {undo}, {limit:?}");
        let unsure = if limit.is_some() { 3 } else { 4 };
        let how = if undo { Settled::SentAfterReading } else { Settled::SentAgain };
        assert_eq!(sent.checkpoint.totals().expect("the totals").settled, [(how, unsure)]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_counts_what_it_puts_back() {
    let mut desk = Desk::new();
    let (plan, account) = planned(&mut desk);
    let target = deskferry::simulator::Target { ticket_id: 50, message_id: 111 };
    account.with(|simulator| simulator.delete_message(target)).expect("it is gone");
    let order = Order { undo: true, ..order("none") };
    let sent = plan.send(&account, &order).await;
    let again = sent.checkpoint.count_retriable(Which::All).expect("the checkpoint");
    assert_eq!((again.failed, again.blocked), (1, 0));
    let mut report = report(&sent.checkpoint, &order);
    assert_eq!(report.forecast().requests, 0);
    report.again = again;
    let forecast = report.forecast();
    // The greeting, the ticket, and the update that would follow if the message were there.
    assert_eq!((forecast.requests, forecast.ticket_reads), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_is_gone_is_asked_for_once() {
    let mut desk = Desk::new();
    let (plan, account) = planned(&mut desk);
    account.with(|simulator| simulator.delete_ticket(10)).expect("it is gone");
    let sent = plan.send(&account, &Order { undo: true, ..order("none") }).await;
    assert_eq!(sent.checkpoint.count_retriable(Which::All).expect("the checkpoint").all(), 3);
    // The greeting, five tickets, and the nine messages of those that are there.
    assert_eq!(account.counters().requests, 15);
}

#[tokio::test(start_paused = true)]
async fn the_plan_says_what_reading_first_costs_and_the_run_how_the_unsure_were_settled() {
    let mut desk = Desk::new();
    desk.writes.replace_external_id = true;
    let (plan, account) = planned(&mut desk);
    went_out(&plan.checkpoint, "1");
    let rule = r#"{"checks": [{"name": "rules", "level": "stop", "finding": "1 rule may react", "advice": null, "waived": true}]}"#;
    plan.checkpoint.note(Note::Preflight, rule).expect("the checkpoint");
    let order = Order { undo: true, ..order("none") };
    let said = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = said(&plan_text(&report(&plan.checkpoint, &order), None, &TimeZone::UTC));
    for sentence in [
        "matched 12 by the export itself",
        "waived messages that hold another external_id are written over (--replace-external-id)",
        "time 19 requests, as fast as the other side answers: 1 greets the account; 12 update; 5 read tickets first, so that \
         the run can be undone (--undo off saves them); 1 reads a message that may have been written already",
    ] {
        assert!(text.contains(sentence), "{sentence}\n{text}");
    }
    let without = Order { undo: false, ..order.clone() };
    let text = said(&plan_text(&report(&plan.checkpoint, &without), None, &TimeZone::UTC));
    assert!(text.contains("for good all of it: nothing is kept to undo it with (--undo off)"), "{text}");
    assert!(
        text.contains("time 13 requests, as fast as the other side answers: 1 greets the account; 12 update"),
        "{text}"
    );
    let sent = plan.send(&account, &order).await;
    let text = said(&run_text(&report(&sent.checkpoint, &order), "Finished.", &[], None));
    for sentence in [
        "settled 1 read, and sent again",
        "waived messages that hold another external_id are written over (--replace-external-id)",
        "waived rules: 1 rule may react",
    ] {
        assert!(text.contains(sentence), "{sentence}\n{text}");
    }
}
