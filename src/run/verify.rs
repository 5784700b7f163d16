//! Verification: every updated message is compared with what the account holds now.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Map, Value};

use super::source::Source;
use super::{Job, RunError};
use crate::account::{Way, inspect, walk_pages, walk_tickets};
use crate::checkpoint::{Checkpoint, Finding, Found};
use crate::deliver::Courier;
use crate::gorgias::Transport;
use crate::record::{MessageId, TicketId};
use crate::update::{FieldName, Write};

/// What is verified, and how.
#[derive(Debug)]
pub struct Verification<'a> {
    /// What the plan was made from: the updates of messages without an image are mapped again.
    pub job: Arc<Job>,
    /// Only the messages of these tickets of Gorgias; all of them where there are none.
    pub tickets: Vec<u64>,
    /// How the account is gone through.
    pub way: Way,
    /// Tickets that are read at a time.
    pub concurrency: usize,
    /// Messages that were compared so far.
    pub compared: &'a AtomicU64,
}

/// Compares every updated message in `checkpoint` with what the account holds now, and keeps what was found there.
///
/// # Errors
/// When the account can't be read to the end, the export is not the one that was planned, or the checkpoint can't be
/// written.
pub async fn verify<T: Transport>(
    checkpoint: &Checkpoint,
    courier: &Courier<T>,
    verification: Verification<'_>,
) -> Result<(), RunError> {
    let Verification { job, tickets, way, concurrency, compared } = verification;
    checkpoint.begin_verification()?;
    let mut inspector = Inspector { checkpoint, source: Source::new(job), compared };
    if way == Way::Pages && tickets.is_empty() {
        walk_pages(courier, async |messages| inspector.inspect_all(&messages)).await?;
    }
    // Ticket by ticket: those that were asked for, or whatever the pages did not show.
    let left = left(checkpoint, &tickets)?;
    walk_tickets(courier, left, concurrency, async |_, read| match read {
        Ok(whole) => inspector.inspect_all(&whole.messages),
        Err(_) => Ok(()),
    })
    .await?;
    let gone = Finding { found: Found::Gone, fields: 0, classes: 0, readback: None };
    let missing: Vec<_> = checkpoint.unverified(&tickets)?.iter().map(|target| (target.message, gone)).collect();
    Ok(checkpoint.keep_findings(&missing)?)
}

fn left(checkpoint: &Checkpoint, tickets: &[u64]) -> Result<Vec<TicketId>, RunError> {
    let mut left: Vec<_> = checkpoint.unverified(tickets)?.iter().map(|target| target.ticket).collect();
    left.dedup();
    Ok(left)
}

/// Compares messages as they come.
struct Inspector<'a> {
    checkpoint: &'a Checkpoint,
    source: Source,
    compared: &'a AtomicU64,
}

impl Inspector<'_> {
    fn inspect_all(&mut self, messages: &[Map<String, Value>]) -> Result<(), RunError> {
        let mut findings = Vec::new();
        for held in messages {
            let Some(id) = held.get("id").and_then(Value::as_u64).map(MessageId) else { continue };
            if let Some(sent) = self.sent(id)? {
                findings.push((id, inspect(&sent, held, self.checkpoint.receipt(id)?)));
            }
        }
        self.compared.fetch_add(findings.len() as u64, Ordering::Relaxed);
        Ok(self.checkpoint.keep_findings(&findings)?)
    }

    /// What was sent to a message, if it was updated.
    fn sent(&mut self, id: MessageId) -> Result<Option<Map<String, Value>>, RunError> {
        let Some(row) = self.checkpoint.updated_at(id)? else { return Ok(None) };
        if let Some(sent) = self.checkpoint.image(id)?.and_then(|image| image.sent) {
            return Ok(Some(sent));
        }
        let changing = self.checkpoint.changing(id)?;
        let Some(update) = self.source.updates(&[row])?.pop() else { return Ok(None) };
        let mut body = update.body;
        // Without an image nobody kept what was left out of the update because the account held something there.
        match (changing, self.source.writes().write) {
            (Some(fields), _) => {
                body.retain(|name, _| FieldName::from_name(name).is_some_and(|field| fields & field.bit() != 0));
            }
            (None, Write::Missing) => body.retain(|name, _| name == FieldName::ExternalId.name()),
            (None, Write::Ids | Write::All) => {}
        }
        Ok(Some(body))
    }
}
