//! What comes after a run, in virtual time: verify and undo; and what an account holds before and after.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use deskferry::account::Way;
use deskferry::checkpoint::{Found, Scope};
use deskferry::deliver::{Backoff, Courier, Pace, Pacer};
use deskferry::report::VerifyReport;
use deskferry::run::{Job, Order, Undone, Verification, undo, verify};
use deskferry::simulator::{Seed, Settings, Target, TicketSeed};
use deskferry::update::FieldName;
use serde_json::{Map, Value};
use tokio::sync::watch;

use crate::support::desk::{Desk, Said, order};
use crate::support::virtual_account::VirtualAccount;

/// The members of an object.
pub fn members(value: &Value) -> Map<String, Value> {
    value.as_object().expect("an object").clone()
}

pub fn target(ticket_id: u64, message_id: u64) -> Target {
    Target { ticket_id, message_id }
}

/// An account that behaves as `settings` say, without a message yet.
pub fn empty(settings: Settings) -> VirtualAccount {
    VirtualAccount::new(settings, std::time::Duration::ZERO, [])
}

/// Makes a message exist that reads so.
pub fn seed(account: &VirtualAccount, ticket_id: u64, message_id: u64, properties: &Value) {
    let seed = Seed { ticket_id, message_id, properties: members(properties) };
    account.with(|simulator| simulator.seed(seed)).expect("the account takes it");
}

/// Gives a ticket these properties.
pub fn seed_ticket(account: &VirtualAccount, ticket_id: u64, properties: &Value) {
    let seed = TicketSeed::new(ticket_id, members(properties));
    account.with(|simulator| simulator.seed_ticket(seed)).expect("the account takes it");
}

/// An agent edits a message.
pub fn edit(account: &VirtualAccount, ticket: u64, message: u64, properties: &Value) {
    let edited = account.with(|simulator| simulator.edit(target(ticket, message), members(properties)));
    assert_eq!(edited, Ok(true));
}

/// What the account holds of each message in the fields that an update may write.
pub fn held(account: &VirtualAccount) -> BTreeMap<u64, Map<String, Value>> {
    account.with(|simulator| {
        let fields = |message: &Map<String, Value>| {
            FieldName::ALL.map(|field| (field.name().to_owned(), message[field.name()].clone())).into_iter().collect()
        };
        let messages = simulator.account().messages();
        messages.map(|message| (message.target().message_id, fields(&members(&message.shown())))).collect()
    })
}

/// The fields in which two states of a message differ.
pub fn differing(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<FieldName> {
    FieldName::ALL.into_iter().filter(|field| before[field.name()] != after[field.name()]).collect()
}

/// A courier to the account, and what tells it to stop.
pub fn courier(account: &VirtualAccount, rate: &str) -> (Courier<VirtualAccount>, watch::Sender<bool>) {
    let (stop, stopping) = watch::channel(false);
    let pacer = Arc::new(Pacer::new(Pace::typed(rate.parse().expect("a rate")), Backoff::default()));
    let courier =
        Courier { transport: account.clone(), pacer, backoff: Backoff::default(), clock: account.clock(), stopping };
    (courier, stop)
}

/// Without a limit, and so that it can be undone.
pub fn undoable() -> Order {
    Order { undo: true, ..order("none") }
}

/// Plans and sends `messages`, so that it can be undone, and fails unless all of them are updated.
pub async fn run(desk: &mut Desk, account: &VirtualAccount, messages: &[Said]) {
    desk.export(messages);
    let plan = desk.plan();
    let sent = plan.send(account, &undoable()).await;
    let totals = crate::support::desk::totals(&sent.checkpoint);
    assert_eq!(totals, BTreeMap::from([("updated", messages.len() as u64)]));
}

/// Verifies what the desk's checkpoint says was updated.
pub async fn verified(desk: &Desk, account: &VirtualAccount, way: Way, tickets: &[u64]) -> VerifyReport {
    let checkpoint = desk.checkpoint();
    let pins = checkpoint.planned_pins().expect("a plan");
    let job = Arc::new(Job::of_pins(&pins).expect("its job"));
    let compared = AtomicU64::new(0);
    let tickets = tickets.to_vec();
    let (courier, _running) = courier(account, "none");
    let verification = Verification { job, tickets, way, concurrency: 16, compared: &compared };
    verify(&checkpoint, &courier, verification).await.expect("the account can be read");
    VerifyReport::gather(&checkpoint, &pins, false).expect("the checkpoint")
}

/// How many messages were found how, without those that are nought.
pub fn found(report: &VerifyReport) -> Vec<(&'static str, u64)> {
    let counts = Found::ALL.into_iter().map(|found| (found.word(), report.of(found)));
    counts.filter(|(_, count)| *count > 0).collect()
}

/// The messages that differ: id, how, and in which fields.
pub fn differs(report: &VerifyReport) -> Vec<(String, &'static str, Vec<FieldName>)> {
    let fields = |bits: u16| FieldName::ALL.into_iter().filter(|field| bits & field.bit() != 0).collect();
    let messages = report.differing.iter().map(|(_, message)| message);
    messages.map(|one| (one.external_id.clone(), one.finding.found.word(), fields(one.finding.fields))).collect()
}

/// Takes back what the desk's checkpoint holds in `scope`.
pub async fn undone(desk: &Desk, account: &VirtualAccount, scope: &Scope, way: Way) -> Undone {
    let (courier, _running) = courier(account, "none");
    undo(desk.checkpoint(), &courier, scope, way, 16, &AtomicU64::new(0)).await.expect("every outcome is recorded")
}
