//! Undo: every message is put back as it was before the first update, where the account still holds what was sent.
//!
//! Each is read before it is put back, so that nobody's work is overwritten. So there is nothing to remember in between:
//! a message that was put back is found as it was before, whenever the undo is taken up again.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::stream::{FuturesUnordered, StreamExt as _};
use serde_json::{Map, Value};

use super::RunError;
use crate::account::{Gone, Way, walk_pages, walk_tickets};
use crate::checkpoint::{Checkpoint, Entry, Image, Kept, Scope, Writer};
use crate::deliver::{Courier, Sent};
use crate::gorgias::Transport;
use crate::record::{Cause, MessageId, Target, TicketId};
use crate::update::{FieldName, Restoration, restore};

/// What an undo would do, if nobody changed anything since.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UndoPlan {
    /// Messages that are put back.
    pub messages: u64,
    /// In so many tickets.
    pub tickets: u64,
    /// Messages that hold already what they held before.
    pub done: u64,
    /// How many messages get each field back, in the order of the fields.
    pub restores: Vec<(FieldName, u64)>,
    /// How many messages stay changed in each field.
    pub lost: Vec<(FieldName, u64)>,
}

/// Says what an undo of `scope` would do.
///
/// # Errors
/// When the checkpoint can't be read.
pub fn undo_plan(checkpoint: &Checkpoint, scope: &Scope) -> Result<UndoPlan, RunError> {
    let mut plan = UndoPlan::default();
    let (mut restores, mut lost) = ([0_u64; FieldName::ALL.len()], [0_u64; FieldName::ALL.len()]);
    let mut previous = None;
    for target in checkpoint.undoable(scope)? {
        let Some(image) = checkpoint.image(target.message)? else { continue };
        let Some(sent) = &image.sent else { continue };
        let (body, stays) = match restore(&image.before, sent, &image.after()) {
            Restoration::Restore { body, lost } => (body, lost),
            Restoration::Nothing | Restoration::Conflict(_) | Restoration::Unsafe => {
                plan.done += 1;
                continue;
            }
        };
        plan.messages += 1;
        plan.tickets += u64::from(previous != Some(target.ticket));
        previous = Some(target.ticket);
        let after = image.after();
        for (at, field) in FieldName::ALL.into_iter().enumerate() {
            let is_put_back = body.get(field.name()).is_some_and(|value| after.get(field.name()) != Some(value));
            restores[at] += u64::from(is_put_back);
            lost[at] += u64::from(stays & field.bit() != 0);
        }
    }
    let counted = |counts: [u64; FieldName::ALL.len()]| {
        FieldName::ALL.into_iter().zip(counts).filter(|(_, count)| *count > 0).collect()
    };
    Ok(UndoPlan { restores: counted(restores), lost: counted(lost), ..plan })
}

/// What an undo came to.
#[derive(Debug)]
pub struct Undone {
    /// The checkpoint, with every outcome in it.
    pub checkpoint: Checkpoint,
    /// Messages that hold again what they held before.
    pub undone: u64,
    /// Messages that stay as they are: changed since, refused, gone.
    pub kept: u64,
    /// The reason for which it stopped before its end; `Ok` where it did not.
    pub end: Result<(), RunError>,
    /// The cause for which no update can work, where that ended it.
    pub stopped: Option<Cause>,
}

/// Takes back the updates in `scope`, going through the account in the way `way`.
///
/// # Errors
/// When the checkpoint can't be used. Whatever else ends it is in the result, with the checkpoint.
pub async fn undo<T: Transport>(
    checkpoint: Checkpoint,
    courier: &Courier<T>,
    scope: &Scope,
    way: Way,
    concurrency: usize,
    counted: &AtomicU64,
) -> Result<Undone, RunError> {
    checkpoint.settle_interrupted()?;
    let run = checkpoint.begin_run("undo", courier.clock.now())?;
    let reader = Checkpoint::open(checkpoint.path(), crate::checkpoint::Access::Read)?;
    let targets = checkpoint.undoable(scope)?;
    let (writer, written) = Writer::start(checkpoint, run);
    let mut work = Work {
        courier,
        reader: &reader,
        writer: &writer,
        wanted: targets.iter().map(|target| target.message).collect(),
        concurrency,
        undone: 0,
        kept: 0,
        stopped: None,
        counted,
    };
    let end = work.go_through(way, &targets).await;
    let (undone, kept, stopped) = (work.undone, work.kept, work.stopped.take());
    drop(writer);
    let checkpoint = written.await.map_err(|error| RunError::Task(error.to_string()))??;
    let counters = courier.pacer.counters();
    let ending = match (&end, &stopped) {
        (_, Some(cause)) => format!("undo stopped: {}", cause.detail),
        (Err(error), None) => format!("undo stopped: {error}"),
        (Ok(()), None) => "undone".to_owned(),
    };
    checkpoint.finish_run(run, courier.clock.now(), counters.requests, counters.throttled, &ending)?;
    // What is pending now was confirmed before it was taken back: the next run asks anew.
    checkpoint.forget_confirmation()?;
    Ok(Undone { checkpoint, undone, kept, end, stopped })
}

struct Work<'a, T> {
    courier: &'a Courier<T>,
    reader: &'a Checkpoint,
    writer: &'a Writer,
    // What has not come up yet.
    wanted: HashSet<MessageId>,
    concurrency: usize,
    undone: u64,
    kept: u64,
    stopped: Option<Cause>,
    counted: &'a AtomicU64,
}

/// What became of one message.
enum Outcome {
    Undone,
    Kept,
    /// The answer was lost, or the command is to stop: it is looked at again the next time.
    Open,
    Stop(Cause),
}

impl<T: Transport> Work<'_, T> {
    async fn go_through(&mut self, way: Way, targets: &[Target]) -> Result<(), RunError> {
        let courier = self.courier;
        if way == Way::Pages {
            walk_pages(courier, async |messages| self.take_back(messages).await).await?;
        }
        let mut tickets: Vec<TicketId> = Vec::new();
        tickets
            .extend(targets.iter().filter(|target| self.wanted.contains(&target.message)).map(|target| target.ticket));
        tickets.dedup();
        let concurrency = self.concurrency;
        let by_ticket = |ticket: TicketId| targets.iter().filter(move |target| target.ticket == ticket);
        walk_tickets(courier, tickets, concurrency, async |ticket, read| {
            let messages = match read {
                Ok(whole) => whole.messages,
                Err(Gone::Deleted | Gone::Merged) => Vec::new(),
            };
            self.take_back(messages).await?;
            // The ticket was read whole: what it does not hold is not there any more.
            for target in by_ticket(ticket) {
                if self.wanted.remove(&target.message) {
                    self.keep(target.message, Kept::Gone).await?;
                }
            }
            Ok::<_, RunError>(())
        })
        .await
    }

    /// Takes back what of `messages` is wanted, side by side.
    async fn take_back(&mut self, messages: Vec<Map<String, Value>>) -> Result<(), RunError> {
        if self.stopped.is_some() || *self.courier.stopping.borrow() {
            return Err(crate::account::ReadError::Interrupted.into());
        }
        let mut out = FuturesUnordered::new();
        let (courier, writer) = (self.courier, self.writer);
        for now in messages {
            let id = now.get("id").and_then(Value::as_u64).map(MessageId);
            let Some(id) = id.filter(|id| self.wanted.remove(id)) else { continue };
            let ticket = now.get("ticket_id").and_then(Value::as_u64).map(TicketId);
            let Some(image) = self.reader.image(id)? else { continue };
            // It may have moved to another ticket since.
            let target = Target { ticket: ticket.unwrap_or(image.target.ticket), message: id };
            out.push(async move { put_back(courier, writer, target, &image, &now).await });
        }
        while let Some(outcome) = out.next().await {
            match outcome? {
                Outcome::Undone => self.undone += 1,
                Outcome::Kept => self.kept += 1,
                Outcome::Open => {}
                Outcome::Stop(cause) => self.stopped = Some(cause),
            }
            self.counted.store(self.undone + self.kept, Ordering::Relaxed);
        }
        if self.stopped.is_some() { Err(crate::account::ReadError::Interrupted.into()) } else { Ok(()) }
    }

    async fn keep(&mut self, message: MessageId, why: Kept) -> Result<(), RunError> {
        self.kept += 1;
        self.writer.record(Entry::Kept { message, why, attempt: None }).await?;
        Ok(())
    }
}

async fn put_back<T: Transport>(
    courier: &Courier<T>,
    writer: &Writer,
    target: Target,
    image: &Image,
    now: &Map<String, Value>,
) -> Result<Outcome, RunError> {
    let message = target.message;
    let Some(sent) = &image.sent else { return Ok(Outcome::Open) };
    let body = match restore(&image.before, sent, now) {
        Restoration::Nothing => {
            writer.record(Entry::Undone { message, attempt: None }).await?;
            return Ok(Outcome::Undone);
        }
        Restoration::Conflict(fields) => {
            let why = Kept::EditedSince(fields.iter().map(|field| field.bit()).sum());
            writer.record(Entry::Kept { message, why, attempt: None }).await?;
            return Ok(Outcome::Kept);
        }
        Restoration::Unsafe => {
            writer.record(Entry::Kept { message, why: Kept::Unsafe, attempt: None }).await?;
            return Ok(Outcome::Kept);
        }
        Restoration::Restore { body, .. } => body,
    };
    if !courier.permit().await {
        return Ok(Outcome::Open);
    }
    // What the update leaves there: the one put back, or the one that is there.
    let external_id = body.get("external_id").or_else(|| now.get("external_id")).and_then(Value::as_str);
    let (sent, attempt) = courier.update(target, &body, external_id, writer).await?;
    Ok(match sent {
        Sent::Updated(_) => {
            writer.record(Entry::Undone { message, attempt }).await?;
            Outcome::Undone
        }
        Sent::Refused(_) => {
            writer.record(Entry::Kept { message, why: Kept::Refused, attempt }).await?;
            Outcome::Kept
        }
        Sent::Lost(_) | Sent::Stopped { cause: None, .. } => Outcome::Open,
        Sent::Stopped { cause: Some(cause), .. } => Outcome::Stop(cause),
    })
}
