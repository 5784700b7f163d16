//! Undo: every message is put back as it was before the first update, where the account still holds what was sent.
//!
//! Each is read before it is put back, so that nobody's work is overwritten, and so that an undo that was cut off is just
//! begun again: what was put back is found as it was before. A message is unconfirmed while its undo is on the wire.
//!
//! As in a run, the messages of one ticket go one at a time, tickets side by side.

use std::cell::{Cell, OnceCell};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};

use futures::stream::{self, StreamExt as _};
use serde_json::{Map, Value};

use super::RunError;
use crate::account::{ReadError, Way, find_ticket, walk_pages};
use crate::checkpoint::{Checkpoint, Entry, Image, Kept, Scope, Writer};
use crate::deliver::{Courier, Sent};
use crate::gorgias::Transport;
use crate::record::{Cause, MessageId, Target, TicketId};
use crate::update::{Restoration, restore};

/// What an undo came to.
#[derive(Debug)]
pub struct Undone {
    /// The checkpoint, with every outcome in it.
    pub checkpoint: Checkpoint,
    /// How many messages came to what.
    pub tally: Tally,
    /// The reason for which it stopped before its end; `Ok` where it did not.
    pub end: Result<(), RunError>,
    /// The cause for which no update can work, where that ended it.
    pub stopped: Option<Cause>,
}

/// How many messages came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// They hold again what they held before.
    pub undone: u64,
    /// They stay as they are: changed since, refused, gone.
    pub kept: u64,
    /// Whether they were put back is not known, or the undo stopped before them: they are looked at again the next time.
    pub open: u64,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.undone += other.undone;
        self.kept += other.kept;
        self.open += other.open;
    }
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
    checkpoint.begin_undo()?;
    // What is pending afterwards was confirmed before it was taken back: the next run asks anew.
    checkpoint.forget_confirmation()?;
    let run = checkpoint.begin_run(&format!("undo{}", scope.typed()), None, courier.clock.now())?;
    let reader = Checkpoint::open(checkpoint.path(), crate::checkpoint::Access::Read)?;
    let targets = checkpoint.undoable(scope)?;
    let (writer, written) = Writer::start(checkpoint, run);
    let (stopped, is_halted) = (OnceCell::new(), Cell::new(false));
    let work = Work { courier, reader: &reader, writer: &writer, concurrency, stopped, is_halted, counted };
    let (tally, end) = work.go_through(way, &targets).await;
    let stopped = work.stopped.into_inner();
    drop(writer);
    let checkpoint = written.await.map_err(|error| RunError::Task(error.to_string()))??;
    let counters = courier.pacer.counters();
    let ending = match (&end, &stopped) {
        (_, Some(cause)) => format!("undo stopped: {}", cause.detail),
        (Err(error), None) => format!("undo stopped: {error}"),
        (Ok(()), None) => "undone".to_owned(),
    };
    checkpoint.finish_run(run, courier.clock.now(), counters.requests, counters.throttled, &ending)?;
    Ok(Undone { checkpoint, tally, end, stopped })
}

/// What all messages of one undo share.
struct Work<'a, T> {
    courier: &'a Courier<T>,
    reader: &'a Checkpoint,
    writer: &'a Writer,
    concurrency: usize,
    // Why no update can work any more.
    stopped: OnceCell<Cause>,
    // Nothing more is begun, because something went wrong.
    is_halted: Cell<bool>,
    counted: &'a AtomicU64,
}

/// What became of one message.
enum Outcome {
    Undone,
    Kept,
    Open,
}

/// Messages that have not come up yet, each with the ticket that it was in.
type Wanted = HashMap<MessageId, TicketId>;

impl<T: Transport> Work<'_, T> {
    /// Goes to the end of the account, or to where it has to stop.
    async fn go_through(&self, way: Way, targets: &[Target]) -> (Tally, Result<(), RunError>) {
        let mut wanted: Wanted = targets.iter().map(|target| (target.message, target.ticket)).collect();
        let mut tally = Tally::default();
        let mut end = Ok(());
        if way == Way::Pages {
            let walked = walk_pages(self.courier, async |messages| {
                tally.add(self.take_back_page(messages, &mut wanted).await?);
                self.go_on()
            });
            end = walked.await.map(drop);
        }
        if end.is_ok() {
            end = self.take_back_tickets(&mut wanted, &mut tally).await;
        }
        tally.open += wanted.len() as u64;
        // What was to be stopped and came to its end all the same was not interrupted.
        if end.is_ok() && tally.open > 0 {
            end = self.go_on();
        }
        (tally, end)
    }

    /// Whether anything may still be begun.
    fn go_on(&self) -> Result<(), RunError> {
        if self.is_over() { Err(ReadError::Interrupted.into()) } else { Ok(()) }
    }

    fn is_over(&self) -> bool {
        self.is_halted.get() || self.stopped.get().is_some() || *self.courier.stopping.borrow()
    }

    /// Takes back what of a page is wanted.
    async fn take_back_page(&self, messages: Vec<Map<String, Value>>, wanted: &mut Wanted) -> Result<Tally, RunError> {
        let mut by_ticket: BTreeMap<Option<u64>, Vec<Map<String, Value>>> = BTreeMap::new();
        for message in messages {
            if id(&message).is_some_and(|id| wanted.remove(&id).is_some()) {
                by_ticket.entry(message.get("ticket_id").and_then(Value::as_u64)).or_default().push(message);
            }
        }
        let tickets = stream::iter(by_ticket.into_values()).map(|messages| self.take_back(messages));
        let mut tickets = std::pin::pin!(tickets.buffer_unordered(self.concurrency.max(1)));
        let mut tally = Tally::default();
        while let Some(one) = tickets.next().await {
            tally.add(one?);
        }
        Ok(tally)
    }

    /// Takes back what is wanted still, ticket by ticket.
    async fn take_back_tickets(&self, wanted: &mut Wanted, tally: &mut Tally) -> Result<(), RunError> {
        let mut by_ticket: BTreeMap<TicketId, Vec<MessageId>> = BTreeMap::new();
        for (message, ticket) in wanted.iter() {
            by_ticket.entry(*ticket).or_default().push(*message);
        }
        let tickets = stream::iter(by_ticket).map(|(ticket, messages)| async move {
            let tally = self.take_back_ticket(ticket, &messages).await;
            (messages, tally)
        });
        let mut tickets = std::pin::pin!(tickets.buffer_unordered(self.concurrency.max(1)));
        let mut end = Ok(());
        while let Some((messages, one)) = tickets.next().await {
            match one {
                Ok(one) => {
                    tally.add(one);
                    for message in &messages {
                        wanted.remove(message);
                    }
                }
                Err(error) => {
                    // What is out comes back first.
                    self.is_halted.set(true);
                    end = end.and(Err(error));
                }
            }
        }
        end
    }

    async fn take_back_ticket(&self, ticket: TicketId, wanted: &[MessageId]) -> Result<Tally, RunError> {
        self.go_on()?;
        let held = find_ticket(self.courier, ticket).await?.map(|whole| whole.messages).unwrap_or_default();
        let is_wanted = |message: &Map<String, Value>| id(message).filter(|id| wanted.contains(id));
        let there: Vec<_> = held.iter().filter_map(is_wanted).collect();
        let mut tally =
            self.take_back(held.into_iter().filter(|message| is_wanted(message).is_some()).collect()).await?;
        // The ticket was read whole: what it does not hold is not there any more.
        for &message in wanted.iter().filter(|message| !there.contains(message)) {
            self.writer.record(Entry::Kept { message, why: Kept::Gone, attempt: None }).await?;
            tally.kept += 1;
        }
        Ok(tally)
    }

    /// Takes back `messages` of one ticket, one after the other.
    async fn take_back(&self, messages: Vec<Map<String, Value>>) -> Result<Tally, RunError> {
        let mut tally = Tally::default();
        for now in messages {
            let Some(message) = id(&now) else { continue };
            let Some(image) = self.reader.image(message)? else { continue };
            let outcome = if self.is_over() { Outcome::Open } else { self.put_back(message, &image, &now).await? };
            match outcome {
                Outcome::Undone => tally.undone += 1,
                Outcome::Kept => tally.kept += 1,
                Outcome::Open => {
                    tally.open += 1;
                    continue;
                }
            }
            self.counted.fetch_add(1, Ordering::Relaxed);
        }
        Ok(tally)
    }

    async fn put_back(&self, message: MessageId, image: &Image, now: &Map<String, Value>) -> Result<Outcome, RunError> {
        let Some(sent) = &image.sent else { return Ok(Outcome::Open) };
        let body = match restoration(image, sent, now) {
            Restoration::Nothing => {
                self.writer.record(Entry::Undone { message, attempt: None }).await?;
                return Ok(Outcome::Undone);
            }
            Restoration::Conflict(fields) => {
                let why = Kept::EditedSince(fields.iter().map(|field| field.bit()).sum());
                self.writer.record(Entry::Kept { message, why, attempt: None }).await?;
                return Ok(Outcome::Kept);
            }
            Restoration::Unsafe => {
                self.writer.record(Entry::Kept { message, why: Kept::Unsafe, attempt: None }).await?;
                return Ok(Outcome::Kept);
            }
            Restoration::Restore { body, .. } => body,
        };
        if let Err(halt) = self.courier.permit().await {
            return Ok(self.open(halt.cause()));
        }
        // It may have moved to another ticket since.
        let ticket = now.get("ticket_id").and_then(Value::as_u64).map_or(image.target.ticket, TicketId);
        // What the update leaves there: the one put back, or the one that is there.
        let external_id = body.get("external_id").or_else(|| now.get("external_id")).and_then(Value::as_str);
        let target = Target { ticket, message };
        self.writer.record(Entry::Undoing { message }).await?;
        let (sent, attempt) = self.courier.update(target, &body, None, external_id, self.writer).await?;
        Ok(match sent {
            Sent::Updated(_) => {
                self.writer.record(Entry::Undone { message, attempt }).await?;
                Outcome::Undone
            }
            Sent::Refused(_) => {
                self.writer.record(Entry::Kept { message, why: Kept::Refused, attempt }).await?;
                Outcome::Kept
            }
            Sent::Lost(_) => Outcome::Open,
            Sent::Stopped { cause, .. } => self.open(cause),
        })
    }

    /// It stays as it is for now; `cause` is why nothing more can be taken back at all.
    fn open(&self, cause: Option<Cause>) -> Outcome {
        if let Some(cause) = cause {
            // The first one is told.
            let _ = self.stopped.set(cause);
        }
        Outcome::Open
    }
}

/// How to take back `sent`, the last of which may never have arrived: then the message holds what it held before that.
fn restoration(image: &Image, sent: &Map<String, Value>, now: &Map<String, Value>) -> Restoration {
    let (restoration, prior) = (restore(&image.before, sent, now), image.prior.as_ref());
    let (Restoration::Conflict(_), Some(prior)) = (&restoration, prior) else { return restoration };
    let held = prior.iter().filter(|(name, _)| sent.contains_key(*name));
    let held = held.map(|(name, value)| (name.clone(), value.clone())).collect();
    match restore(&image.before, &held, now) {
        Restoration::Conflict(_) => restoration,
        without_the_last => without_the_last,
    }
}

fn id(message: &Map<String, Value>) -> Option<MessageId> {
    message.get("id").and_then(Value::as_u64).map(MessageId)
}
