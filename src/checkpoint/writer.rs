//! Writing outcomes while a run sends: grouped commits, one writer.
//!
//! Whoever records something waits until it is committed. A commit takes whatever is queued when the last one returned,
//! so that many waiters share one flush to the disk, and a lone one waits for nothing. The connection lives in a
//! blocking task: a runtime whose clock is paused (virtual time) stands still for it.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, spawn_blocking};

use super::images::{forget_deleted, write_going, write_image, write_receipt};
use super::undo::{write_kept, write_undoing, write_undone};
use super::whereabouts::Whereabouts;
use super::{Before, Checkpoint, CheckpointError, Effect, Kept, Receipt};
use crate::record::{Cause, MessageId, State, Target};

/// The most entries in one commit: it bounds the time that one commit takes.
const GROUP: usize = 512;

/// One try at one update, as the journal keeps it.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Where it went.
    pub target: Target,
    /// When it began.
    pub started: Timestamp,
    /// How long it took, in milliseconds.
    pub took: u64,
    /// The status of the answer, where there was one.
    pub status: Option<u16>,
    /// Why it was not the last, or not a success.
    pub cause: Option<Cause>,
}

/// What a run writes down.
#[derive(Debug)]
pub enum Entry {
    /// The update at this turn is about to go on the wire.
    Intent {
        /// The record's turn.
        turn: i64,
        /// What the message is before, and what is sent, where undo is on.
        before: Option<Box<Before>>,
        /// What it changes, where that is known and nothing is kept for undo.
        effect: Option<Effect>,
    },
    /// The update at this turn is settled without being sent, as the outcome that follows says.
    Unsent {
        /// The record's turn.
        turn: i64,
    },
    /// One try is over, and another follows.
    Tried(Attempt),
    /// The record has left the wire.
    Outcome {
        /// The record's turn.
        turn: i64,
        /// What became of it.
        state: State,
        /// Why, unless it is updated.
        cause: Option<Cause>,
        /// The last try, where there was one.
        attempt: Option<Attempt>,
        /// What the account answered, where it took the update; how it was settled, where that was open.
        receipt: Option<(MessageId, Receipt)>,
    },
    /// An update that takes all updates of this message back is about to go on the wire.
    Undoing {
        /// The message.
        message: MessageId,
    },
    /// The account holds again what it held before all updates of this message.
    Undone {
        /// The message.
        message: MessageId,
        /// The last try, where one was needed.
        attempt: Option<Attempt>,
    },
    /// What was written to this message could not be taken back.
    Kept {
        /// The message.
        message: MessageId,
        /// Why not.
        why: Kept,
        /// The last try, where there was one.
        attempt: Option<Attempt>,
    },
}

type Queued = (Entry, oneshot::Sender<Result<(), Arc<CheckpointError>>>);

/// The way into the checkpoint while a run sends; cheap to clone.
#[derive(Debug, Clone)]
pub struct Writer {
    queue: mpsc::Sender<Queued>,
}

impl Writer {
    /// Takes over `checkpoint` for the run `run`. The task gives it back once every clone of the writer is dropped.
    pub fn start(checkpoint: Checkpoint, run: i64) -> (Self, JoinHandle<Result<Checkpoint, Arc<CheckpointError>>>) {
        let (queue, receiver) = mpsc::channel(GROUP);
        let task = tokio::spawn(write_all(checkpoint, run, receiver));
        (Self { queue }, task)
    }

    /// Records `entry`; returns once it is on the disk.
    ///
    /// # Errors
    /// When it could not be committed. Nothing may be sent on the strength of an entry that was refused.
    pub async fn record(&self, entry: Entry) -> Result<(), Arc<CheckpointError>> {
        let (done, answer) = oneshot::channel();
        let gone = || Arc::new(CheckpointError::Gone("the writer has stopped".into()));
        self.queue.send((entry, done)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

async fn write_all(
    checkpoint: Checkpoint,
    run: i64,
    mut receiver: mpsc::Receiver<Queued>,
) -> Result<Checkpoint, Arc<CheckpointError>> {
    let (mut connection, lock, mut place) = checkpoint.into_parts();
    let mut group = Vec::with_capacity(GROUP);
    while receiver.recv_many(&mut group, GROUP).await > 0 {
        let (entries, waiting): (Vec<_>, Vec<_>) = group.drain(..).unzip();
        let written = spawn_blocking(move || {
            let result = commit(&mut connection, &place, run, &entries).map_err(|error| error.at(place.path()));
            (connection, place, result)
        });
        let result;
        (connection, place, result) =
            written.await.map_err(|error| Arc::new(CheckpointError::Gone(error.to_string())))?;
        let result = result.map_err(Arc::new);
        for done in waiting {
            // Whoever gave up waiting has no use for the answer.
            let _ = done.send(result.clone());
        }
        result?;
    }
    Ok(Checkpoint::from_parts(connection, lock, place))
}

fn commit(
    connection: &mut Connection,
    place: &Whereabouts,
    run: i64,
    entries: &[Entry],
) -> Result<(), CheckpointError> {
    place.check_or_save(connection)?;
    // From its first moment on, so that no heartbeat can come in between a look and a change.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for entry in entries {
        match entry {
            Entry::Intent { turn, before, effect } => {
                move_to(&transaction, *turn, State::Sending, None)?;
                if let Some(effect) = effect {
                    write_effect(&transaction, *turn, *effect)?;
                }
                if let Some(before) = before {
                    write_image(&transaction, before)?;
                }
                write_going(&transaction, *turn)?;
                forget_past(&transaction, *turn)?;
            }
            Entry::Unsent { turn } => {
                move_to(&transaction, *turn, State::Sending, None)?;
                forget_past(&transaction, *turn)?;
            }
            Entry::Tried(attempt) => write_attempt(&transaction, run, attempt)?,
            Entry::Outcome { turn, state, cause, attempt, receipt } => {
                move_to(&transaction, *turn, *state, cause.as_ref())?;
                if *state == State::Absent {
                    forget_deleted(&transaction, *turn)?;
                }
                if let Some((message, receipt)) = receipt {
                    write_receipt(&transaction, *message, *receipt, *state == State::Updated)?;
                }
                if let Some(attempt) = attempt {
                    write_attempt(&transaction, run, attempt)?;
                }
            }
            Entry::Undoing { message } => write_undoing(&transaction, *message)?,
            Entry::Undone { message, attempt } => {
                write_undone(&transaction, *message)?;
                if let Some(attempt) = attempt {
                    write_attempt(&transaction, run, attempt)?;
                }
            }
            Entry::Kept { message, why, attempt } => {
                write_kept(&transaction, *message, *why)?;
                if let Some(attempt) = attempt {
                    write_attempt(&transaction, run, attempt)?;
                }
            }
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Moves a record to another state, along the moves of [`State::may_become`] only.
fn move_to(
    transaction: &Transaction<'_>,
    turn: i64,
    next: State,
    cause: Option<&Cause>,
) -> Result<(), CheckpointError> {
    let corrupt = |what: String| CheckpointError::Corrupt { what };
    let now = transaction
        .prepare_cached("SELECT state FROM message WHERE turn = ?1")?
        .query_row([turn], |row| row.get::<_, i64>(0))
        .optional()?
        .and_then(State::from_code)
        .ok_or_else(|| corrupt(format!("no record with turn {turn}")))?;
    if !now.may_become(next) {
        return Err(corrupt(format!("a record (turn {turn}) that goes from {} to {}", now.word(), next.word())));
    }
    let cause = cause.map(|cause| cause_id(transaction, cause)).transpose()?;
    transaction.prepare_cached("UPDATE message SET state = ?2, cause = ?3 WHERE turn = ?1")?.execute(params![
        turn,
        next.code(),
        cause
    ])?;
    Ok(())
}

fn write_effect(transaction: &Transaction<'_>, turn: i64, effect: Effect) -> rusqlite::Result<()> {
    let sql = "UPDATE message SET fills = ?2, replaces = ?3, lost = ?4 WHERE turn = ?1";
    let Effect { fills, replaces, lost } = effect;
    transaction.prepare_cached(sql)?.execute(params![turn, fills, replaces, lost])?;
    Ok(())
}

/// From now on the account may hold this update in the place of the one that an earlier plan sent.
fn forget_past(transaction: &Transaction<'_>, turn: i64) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("DELETE FROM past WHERE external_id = (SELECT external_id FROM message WHERE turn = ?1)")?
        .execute([turn])?;
    Ok(())
}

fn write_attempt(transaction: &Transaction<'_>, run: i64, attempt: &Attempt) -> Result<(), CheckpointError> {
    let cause = attempt.cause.as_ref().map(|cause| cause_id(transaction, cause)).transpose()?;
    transaction.prepare_cached("INSERT INTO attempt VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute(params![
        run,
        attempt.target.ticket.0,
        attempt.target.message.0,
        attempt.started.as_millisecond(),
        attempt.took,
        attempt.status,
        cause
    ])?;
    Ok(())
}

/// The number under which a cause is stored; it gets one when it first occurs.
pub(crate) fn cause_id(connection: &Connection, cause: &Cause) -> rusqlite::Result<i64> {
    let name = cause.kind.name();
    let known = connection
        .prepare_cached("SELECT id FROM cause WHERE kind = ?1 AND detail = ?2")?
        .query_row(params![name, cause.detail], |row| row.get(0))
        .optional()?;
    match known {
        Some(id) => Ok(id),
        None => connection
            .prepare_cached("INSERT INTO cause (kind, detail) VALUES (?1, ?2) RETURNING id")?
            .query_row(params![name, cause.detail], |row| row.get(0)),
    }
}
