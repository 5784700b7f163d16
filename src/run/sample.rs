//! The sample: a few messages of different kinds and tickets are sent first, and their tickets are read before and after,
//! to see whether anything happened there that nobody sent.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::RunError;
use crate::account::{WholeTicket, walk_tickets};
use crate::checkpoint::Sampled;
use crate::deliver::Courier;
use crate::gorgias::Transport;
use crate::record::{MessageId, TicketId};
use crate::update::moment;

/// Tickets as they are at one moment; one that is not shown is left out.
pub type Tickets = BTreeMap<TicketId, WholeTicket>;

/// Something in a ticket that nobody sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// The ticket.
    pub ticket: TicketId,
    /// The message, where it is about one.
    pub message: Option<MessageId>,
    /// What it is, in words.
    pub what: &'static str,
}

/// Reads the tickets of `sample`.
///
/// # Errors
/// When they can't be read.
pub async fn read_tickets<T: Transport>(courier: &Courier<T>, sample: &[Sampled]) -> Result<Tickets, RunError> {
    let mut ids: Vec<_> = sample.iter().map(|row| row.target.ticket).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut tickets = Tickets::new();
    walk_tickets(courier, ids, 1, async |id, read| {
        // What it was merged into is another ticket.
        if let Some(whole) = read.ok().filter(|whole| whole.ticket.id == id) {
            tickets.insert(id, whole);
        }
        Ok::<_, RunError>(())
    })
    .await?;
    Ok(tickets)
}

/// What is in the tickets after the sample was sent that an update alone does not explain.
pub fn alarms(before: &Tickets, after: &Tickets, sample: &[Sampled]) -> Vec<Alarm> {
    let planned: HashMap<_, _> = sample.iter().map(|row| (row.target.message, row.sent_at)).collect();
    let mut alarms = Vec::new();
    for (&ticket, then) in before {
        let mut alarm = |message, what| alarms.push(Alarm { ticket, message, what });
        let Some(now) = after.get(&ticket) else {
            alarm(None, "the ticket is not there any more");
            continue;
        };
        if text(&then.object, "status") != Some("open") && text(&now.object, "status") == Some("open") {
            alarm(None, "the ticket was reopened");
        }
        if !is_true(&then.object, "is_unread") && is_true(&now.object, "is_unread") {
            alarm(None, "the ticket was marked unread");
        }
        let known: HashMap<_, _> = then.messages.iter().filter_map(|message| Some((id(message)?, message))).collect();
        for message in &now.messages {
            let Some(id) = id(message) else { continue };
            match known.get(&id) {
                None => alarm(Some(id), "a new message is in the ticket"),
                Some(then) => {
                    let planned = planned.get(&id).copied().flatten();
                    for what in changes(then, message, planned) {
                        alarm(Some(id), what);
                    }
                }
            }
        }
    }
    alarms
}

/// What happened to a message that was to be sent at `planned`, in microseconds.
fn changes(then: &Map<String, Value>, now: &Map<String, Value>, planned: Option<i64>) -> Vec<&'static str> {
    let time = |message: &Map<String, Value>, name: &str| {
        message.get(name).and_then(moment).map(jiff::Timestamp::as_microsecond)
    };
    let mut changes = Vec::new();
    let sent = time(now, "sent_datetime");
    if sent != time(then, "sent_datetime") && sent != planned {
        changes.push("its sent_datetime changed: it was mailed");
    }
    if time(now, "failed_datetime").is_some() && time(now, "failed_datetime") != time(then, "failed_datetime") {
        changes.push("it has a failed_datetime: Gorgias tried to send it");
    }
    let error =
        |message: &Map<String, Value>| message.get("last_sending_error").filter(|error| !error.is_null()).cloned();
    if error(now).is_some() && error(now) != error(then) {
        changes.push("it has a last_sending_error: Gorgias tried to send it");
    }
    changes
}

fn id(message: &Map<String, Value>) -> Option<MessageId> {
    message.get("id").and_then(Value::as_u64).map(MessageId)
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

fn is_true(object: &Map<String, Value>, name: &str) -> bool {
    object.get(name).and_then(Value::as_bool) == Some(true)
}
