//! One helpdesk's messages twice: as its export has them, and as Gorgias's importer left them in an account; and the way
//! from there into a scan.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use deskferry::account::{ReadError, Reading, Scanner, Subject};
use deskferry::record::{MessageId, Mode};
use deskferry::scan::{Marks, Scan};
use deskferry::simulator::{Seed, Settings, TicketSeed};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use super::desk::{Desk, Plan, Said, holder, said};
use super::virtual_account::VirtualAccount;
use super::wire::Wire;

/// How its messages become updates, and are found: by all rules, in their usual order.
pub const MAPPING: &str = r#"
name = "acme"
system = "Acme"
format = "json-lines"
files = ["*messages*.jsonl"]

[[message]]

[message.fields]
external_id = { from = "id", apply = ["to_string"] }
channel = { from = "channel", default = "email" }
via = { value = "api" }
from_agent = { from = "agent", default = true }
sent_datetime = { from = "at", apply = ["datetime"] }
body_text = { from = "text" }
body_html = { from = "html" }
subject = { from = "subject" }
message_id = { from = "ref" }

[message.ticket]
external_id = { from = "ticket", apply = ["to_string"] }

[message.target]
ticket_id = { from = "to_ticket" }
message_id = { from = "to_message" }
"#;

/// So many messages, a minute apart, `long` of them a ticket, from agents and customers in turn.
pub fn messages(number: u64, long: u64) -> Vec<Said> {
    (0..number).map(|n| said(&format!("m{n}"), 1 + n / long, 60 * n).with("agent", n % 2 == 0)).collect()
}

/// The ticket in Gorgias that has a ticket of the helpdesk.
pub fn ticket_of(ticket: u64) -> u64 {
    1000 + ticket
}

/// The message of the account that the importer made of the n-th message, from 0.
pub fn message_of(n: u64) -> u64 {
    5000 + n
}

/// The message as the importer leaves it, with what `more` says otherwise.
pub fn seed(said: &Said, message: u64, more: &Value) -> Seed {
    let line = said.line();
    let get = |name: &str| line.get(name).cloned().unwrap_or_default();
    let text = said.text("text");
    let mut properties = Map::from_iter([
        ("created_datetime".to_owned(), get("at")),
        ("sent_datetime".to_owned(), get("at")),
        ("channel".to_owned(), line.get("channel").cloned().unwrap_or_else(|| json!("email"))),
        ("via".to_owned(), json!("zendesk")),
        ("from_agent".to_owned(), line.get("agent").cloned().unwrap_or(Value::Bool(true))),
        ("body_text".to_owned(), json!(text)),
        ("body_html".to_owned(), json!(format!("<div>{text}</div>"))),
        ("message_id".to_owned(), get("ref")),
    ]);
    properties.extend(more.as_object().expect("an object").clone());
    let ticket = line["ticket"].as_u64().expect("a ticket");
    Seed { ticket_id: ticket_of(ticket), message_id: message, properties }
}

/// An account that holds these messages as the importer brought them, the n-th as [`message_of`] says.
pub fn account(settings: Settings, messages: &[Said]) -> VirtualAccount {
    let account = VirtualAccount::new(settings, Duration::ZERO, []);
    for (n, said) in (0..).zip(messages) {
        bring(&account, said, message_of(n), &json!({}));
    }
    account
}

/// Imports one more message, and its ticket.
pub fn bring(account: &VirtualAccount, said: &Said, message: u64, more: &Value) {
    let seed = seed(said, message, more);
    let ticket = json!({"external_id": said.line()["ticket"].to_string()});
    let ticket = TicketSeed::new(seed.ticket_id, ticket.as_object().expect("an object").clone());
    account.with(|simulator| {
        simulator.seed_ticket(ticket).expect("the account takes it");
        simulator.seed(seed).expect("the account takes it");
    });
}

/// An operator with a scan of an account under way.
#[derive(Debug)]
pub struct Scanning<'a> {
    pub desk: &'a Desk,
    pub wire: Wire,
    /// Told true, it is to stop.
    pub stop: watch::Sender<bool>,
}

impl<'a> Scanning<'a> {
    pub fn along(desk: &'a Desk, wire: &Wire) -> Self {
        Self { desk, wire: wire.clone(), stop: watch::Sender::new(false) }
    }

    /// Reads the whole account into the desk's scan, or goes on with that.
    pub async fn whole(&self) -> Result<Marks, ReadError> {
        let (scan, reading) = (open(self.desk), Reading::default());
        let courier = self.wire.courier(self.stop.subscribe());
        let now = courier.clock.now();
        Scanner::start(&courier, &scan, subject(Mode::Whole), now, &reading)?.read_whole().await
    }

    /// Reads these tickets of the helpdesk.
    pub async fn by_ticket(&self, wanted: &[String]) -> Result<Marks, ReadError> {
        let (scan, reading) = (open(self.desk), Reading::default());
        let courier = self.wire.courier(self.stop.subscribe());
        let now = courier.clock.now();
        Scanner::start(&courier, &scan, subject(Mode::ByTicket), now, &reading)?.read_by_ticket(wanted, 4).await
    }
}

/// The account of all tests, read so.
pub fn subject(mode: Mode) -> Subject<'static> {
    Subject { account: "virtual", origin: "", mode }
}

/// The desk's scan, to be written.
pub fn open(desk: &Desk) -> Scan {
    Scan::open_to_write(&desk.path("virtual.scan"), &holder()).expect("a scan")
}

/// Scans `account` whole for `desk`, whose plans look into that from now on.
pub async fn scan(desk: &mut Desk, account: &VirtualAccount) -> Marks {
    let marks = Scanning::along(desk, &Wire::plain(account)).whole().await.expect("a scan");
    desk.scan = Some(desk.path("virtual.scan"));
    marks
}

/// The messages that the desk's scan holds, with their tickets.
pub fn copied(desk: &Desk) -> BTreeMap<u64, u64> {
    let file = look_into(&desk.path("virtual.scan"));
    let mut query = file.prepare("SELECT message_id, ticket_id FROM held").expect("a scan");
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    rows.collect::<Result<_, _>>().expect("rows")
}

/// The messages that the account holds, with their tickets.
pub fn held(account: &VirtualAccount) -> BTreeMap<u64, u64> {
    account.with(|simulator| {
        let targets = simulator.account().messages().map(deskferry::simulator::Message::target);
        targets.map(|target| (target.message_id, target.ticket_id)).collect()
    })
}

/// Fails unless the desk's scan holds just what the account does: every message once, in its ticket, word for word.
#[track_caller]
pub fn agree(desk: &Desk, account: &VirtualAccount) {
    assert_eq!(copied(desk), held(account));
    let scan = Scan::open(&desk.path("virtual.scan")).expect("a scan");
    let (messages, _) = scan.counts().expect("a scan");
    account.with(|simulator| {
        assert_eq!(messages, simulator.account().len() as u64);
        for message in simulator.account().messages() {
            let id = message.target().message_id;
            let copy = scan.message(MessageId(id)).expect("a scan").expect("a message");
            for name in ["body_text", "external_id", "message_id", "sent_datetime"] {
                assert_eq!(copy.get(name).unwrap_or(&Value::Null), message.get(name), "{name} of {id}");
            }
        }
    });
}

/// The least requests that read an account whole: its pages, and one for what arrives meanwhile.
pub fn least(account: &VirtualAccount) -> u64 {
    let (messages, tickets) =
        account.with(|simulator| (simulator.account().len() as u64, simulator.account().tickets().count() as u64));
    messages.div_ceil(100) + tickets.div_ceil(100) + 1
}

/// A message's id, by which rule it was found, and where.
pub type Found = (String, Option<&'static str>, Option<(u64, u64)>);

/// What a plan found, in the order of the export.
pub fn targets(plan: &Plan) -> Vec<Found> {
    let file = look_into(plan.checkpoint.path());
    let sql = "SELECT external_id, matched, ticket_id, message_id FROM message ORDER BY input, ordinal";
    let mut query = file.prepare(sql).expect("a plan");
    let rows = query.query_map([], |row| {
        let rule = row.get::<_, Option<i64>>(1)?.and_then(deskferry::record::MatchRule::from_code);
        let target = row.get::<_, Option<u64>>(2)?.zip(row.get::<_, Option<u64>>(3)?);
        Ok((row.get(0)?, rule.map(deskferry::record::MatchRule::word), target))
    });
    rows.expect("rows").collect::<Result<_, _>>().expect("rows")
}

/// The messages among which the operator is to choose, of each that is ambiguous.
pub fn candidates(plan: &Plan) -> Vec<(String, u64, u64)> {
    let file = look_into(plan.checkpoint.path());
    let sql = "SELECT external_id, ticket_id, message_id FROM candidate ORDER BY external_id, message_id";
    let mut query = file.prepare(sql).expect("a plan");
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("rows");
    rows.collect::<Result<_, _>>().expect("rows")
}

fn look_into(path: &Path) -> Connection {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("a file of ours")
}
