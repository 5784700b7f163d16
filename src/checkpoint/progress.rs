//! What is still to be sent, and the history of runs.

use jiff::Timestamp;
use rusqlite::{Row, params};

use super::totals::state;
use super::writer::cause_id;
use super::{Checkpoint, CheckpointError, Which};
use crate::record::{Action, Cause, CauseKind, ExternalId, InputId, MessageId, Place, State, Target, TicketId};
use crate::update::{Digest, FieldName, Kind};

/// A row of the plan that may be sent.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Its place in the order of sending, from 1.
    pub turn: i64,
    /// Where it stands in the export.
    pub place: Place,
    /// Its own id.
    pub external_id: ExternalId,
    /// Where it goes.
    pub target: Target,
    /// The digest of the update that was planned.
    pub digest: Digest,
    /// Pending, or unconfirmed by an earlier run.
    pub state: State,
    /// Whether the plan knew what the account holds.
    pub is_known: bool,
    /// Whether it was put back after somebody had changed its target: it is written over that.
    pub writes_over_edits: bool,
}

/// One run, as the checkpoint remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// Its number, from 1.
    pub id: i64,
    /// The command that was typed.
    pub command: String,
    /// When it began.
    pub started: Timestamp,
    /// When it ended; `None` while it runs, or after a kill.
    pub finished: Option<Timestamp>,
    /// Requests made, reads and retries included.
    pub requests: u64,
    /// Answers with status 429.
    pub throttled: u64,
    /// How it ended, in one word or sentence.
    pub ended: Option<String>,
    /// The side effect that it asked the account for, and for how many messages.
    pub asked: Option<(Action, u64)>,
}

impl RunRecord {
    /// Whether it took back what others sent.
    pub fn is_undo(&self) -> bool {
        self.command.split(' ').next() == Some("undo")
    }
}

impl Checkpoint {
    /// The next rows of `which` after `turn` whose state is one of `states`; at most `most` of them, in the order of
    /// sending.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn planned_after(
        &self,
        turn: i64,
        states: &[State],
        which: Which,
        most: usize,
    ) -> Result<Vec<Planned>, CheckpointError> {
        let sql = format!(
            "SELECT {PLANNED} FROM message WHERE turn > ?1 AND state IN ({}){} ORDER BY turn LIMIT ?2",
            codes(states),
            which.also()
        );
        let mut query = self.connection().prepare_cached(&sql)?;
        let rows = query.query_and_then(params![turn, most], planned)?;
        rows.collect()
    }

    /// The row that meets `condition`, which is our own SQL.
    pub(super) fn planned_where(
        &self,
        condition: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<Option<Planned>, CheckpointError> {
        let sql = format!("SELECT {PLANNED} FROM message WHERE {condition}");
        let mut query = self.connection().prepare_cached(&sql)?;
        let mut rows = query.query_and_then(parameters, planned)?;
        rows.next().transpose()
    }

    /// How many rows of `which` are in one of `states`.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn count_in(&self, states: &[State], which: Which) -> Result<u64, CheckpointError> {
        let sql = format!("SELECT count(*) FROM message WHERE state IN ({}){}", codes(states), which.also());
        Ok(self.connection().query_row(&sql, [], |row| row.get(0))?)
    }

    /// Every target of the plan, handed to `each` one by one.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn targets(&self, mut each: impl FnMut(Target)) -> Result<(), CheckpointError> {
        let mut query = self
            .connection()
            .prepare("SELECT DISTINCT ticket_id, message_id FROM message WHERE message_id IS NOT NULL")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            each(Target { ticket: TicketId(row.get(0)?), message: MessageId(row.get(1)?) });
        }
        Ok(())
    }

    /// Settles what a process left behind that died: what was on the wire then is unconfirmed now. Says how many.
    ///
    /// # Errors
    /// When the checkpoint can't be written.
    pub fn settle_interrupted(&self) -> Result<usize, CheckpointError> {
        if self.count_in(&[State::Sending], Which::All)? == 0 {
            return Ok(0);
        }
        let cause = Cause::new(CauseKind::Interrupted, "the process ended while it was on the wire");
        let cause = cause_id(self.connection(), &cause)?;
        Ok(self.connection().execute(
            "UPDATE message SET state = ?1, cause = ?2 WHERE state = ?3",
            params![State::Unconfirmed.code(), cause, State::Sending.code()],
        )?)
    }

    /// Makes every row of `which` pending again that another try may help: the failed ones, those whose target held another id when
    /// it was read, and those whose target somebody changed, which are then written over that. Says how many.
    ///
    /// # Errors
    /// When the checkpoint can't be written.
    pub fn requeue(&self, which: Which) -> Result<u64, CheckpointError> {
        // That the target was changed stays with the row: by that the run knows to write over it.
        let sql = format!(
            "UPDATE message SET state = ?1, cause = iif(state = 7 AND {}, cause, NULL) WHERE {}{}",
            of_kind(CauseKind::EditedSince),
            retriable(),
            which.also()
        );
        Ok(self.connection().execute(&sql, [State::Pending.code()])? as u64)
    }

    /// How many rows of `which` [`Self::requeue`] would take.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn count_retriable(&self, which: Which) -> Result<Retriable, CheckpointError> {
        let sql = format!(
            "SELECT count(*) FILTER (WHERE state = {}), count(*) FILTER (WHERE state = {}) FROM message WHERE {}{}",
            State::Failed.code(),
            State::Blocked.code(),
            retriable(),
            which.also()
        );
        Ok(self.connection().query_row(&sql, [], |row| Ok(Retriable { failed: row.get(0)?, blocked: row.get(1)? }))?)
    }

    /// How many messages from agents to customers are to be sent to targets that hold no `sent_datetime`, as far as that
    /// is known.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn unsent(&self) -> Result<u64, CheckpointError> {
        let sql = "SELECT count(*) FROM message WHERE state = ?1 AND kind = ?2 AND fills & ?3 <> 0";
        let parameters = params![State::Pending.code(), Kind::Outgoing.word(), FieldName::SentDatetime.bit()];
        Ok(self.connection().query_row(sql, parameters, |row| row.get(0))?)
    }

    /// The tickets of the export, by their ids in the system that it comes from: of messages that were not left out.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn source_tickets(&self) -> Result<Vec<String>, CheckpointError> {
        let mut query = self.connection().prepare(
            "SELECT DISTINCT source_ticket FROM message
             WHERE source_ticket IS NOT NULL AND digest IS NOT NULL ORDER BY turn",
        )?;
        let rows = query.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// When something was last known to be on its way to the account: the last attempt began, or the first run where none
    /// was recorded. A run that sent nothing has disturbed nothing.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn last_sign_of_life(&self) -> Result<Option<Timestamp>, CheckpointError> {
        let sql = "SELECT coalesce((SELECT started FROM attempt ORDER BY rowid DESC LIMIT 1),
                                   (SELECT min(started) FROM run))";
        let millis: Option<i64> = self.connection().query_row(sql, [], |row| row.get(0))?;
        Ok(millis.and_then(|millis| Timestamp::from_millisecond(millis).ok()))
    }

    /// Notes that a run begins, and the side effect that it asks for; gives its number.
    ///
    /// # Errors
    /// When the checkpoint can't be written.
    pub fn begin_run(&self, command: &str, action: Option<Action>, now: Timestamp) -> Result<i64, CheckpointError> {
        Ok(self.connection().query_row(
            "INSERT INTO run (command, action, started) VALUES (?1, ?2, ?3) RETURNING id",
            params![command, action.map(Action::word), now.as_millisecond()],
            |row| row.get(0),
        )?)
    }

    /// Notes how the run `run` ended.
    ///
    /// # Errors
    /// When the checkpoint can't be written.
    pub fn finish_run(
        &self,
        run: i64,
        now: Timestamp,
        requests: u64,
        throttled: u64,
        ended: &str,
    ) -> Result<(), CheckpointError> {
        self.connection().execute(
            "UPDATE run SET finished = ?2, requests = ?3, throttled = ?4, ended = ?5 WHERE id = ?1",
            params![run, now.as_millisecond(), requests, throttled, ended],
        )?;
        Ok(())
    }

    /// Every run so far, the oldest first.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn runs(&self) -> Result<Vec<RunRecord>, CheckpointError> {
        let mut query = self.connection().prepare(
            "SELECT id, command, started, finished, ended, action,
                    iif(action IS NULL, 0, (SELECT count(DISTINCT message_id) FROM attempt WHERE run = run.id)) AS acted_on,
                    iif(finished IS NULL, (SELECT count(*) FROM attempt WHERE run = run.id), requests) AS requests,
                    iif(finished IS NULL, (SELECT count(*) FROM attempt WHERE run = run.id AND status = 429),
                        throttled) AS throttled
             FROM run ORDER BY id",
        )?;
        let time = |millis: i64| {
            Timestamp::from_millisecond(millis)
                .map_err(|_| CheckpointError::Corrupt { what: format!("the time {millis}") })
        };
        let rows = query.query_and_then([], |row| {
            Ok(RunRecord {
                id: row.get("id")?,
                command: row.get("command")?,
                started: time(row.get("started")?)?,
                finished: row.get::<_, Option<i64>>("finished")?.map(time).transpose()?,
                requests: row.get("requests")?,
                throttled: row.get("throttled")?,
                ended: row.get("ended")?,
                asked: asked(row)?,
            })
        })?;
        rows.collect()
    }
}

/// How many rows another try may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retriable {
    /// Those that failed.
    pub failed: u64,
    /// Those that are blocked.
    pub blocked: u64,
}

impl Retriable {
    /// All of them.
    pub fn all(self) -> u64 {
        self.failed + self.blocked
    }
}

fn asked(row: &Row<'_>) -> Result<Option<(Action, u64)>, CheckpointError> {
    let Some(word) = row.get::<_, Option<String>>("action")? else { return Ok(None) };
    let action = Action::from_word(&word);
    let action = action.ok_or_else(|| CheckpointError::Corrupt { what: format!("the action \"{word}\"") })?;
    Ok(Some((action, row.get("acted_on")?)))
}

/// The rows that another try may help, as an SQL condition; its parts are our own codes and names.
pub(super) fn retriable() -> String {
    let (failed, blocked) = (State::Failed.code(), State::Blocked.code());
    let (conflict, edited) = (of_kind(CauseKind::OtherExternalId), of_kind(CauseKind::EditedSince));
    // Where a scan tells what a target holds, looking again would find the same.
    let unscanned = "NOT EXISTS (SELECT 1 FROM pin WHERE name = 'scan_id' AND value <> '')";
    format!("(state = {failed} OR state = {blocked} AND ({edited} OR {conflict} AND {unscanned}))")
}

/// That a row's cause is of `kind`, as an SQL condition; its parts are our own names.
pub(crate) fn of_kind(kind: CauseKind) -> String {
    format!("cause IN (SELECT id FROM cause WHERE kind = '{}')", kind.name())
}

/// The codes of `states` as an SQL list; they are our own numbers, so nothing can be injected.
pub(super) fn codes(states: &[State]) -> String {
    let codes: Vec<_> = states.iter().map(|state| state.code().to_string()).collect();
    codes.join(", ")
}

pub(super) fn place(row: &Row<'_>) -> rusqlite::Result<Place> {
    Ok(Place {
        input: InputId(row.get("input")?),
        ordinal: row.get("ordinal")?,
        line: row.get("line")?,
        offset: row.get("offset")?,
        length: row.get("length")?,
        block: row.get("block")?,
        item: row.get("item")?,
    })
}

/// What [`planned`] reads of a row of `message`.
const PLANNED: &str =
    "turn, input, ordinal, line, offset, length, block, item, external_id, ticket_id, message_id, digest,
     state, fills, (SELECT kind FROM cause WHERE cause.id = message.cause) AS cause_kind";

fn planned(row: &Row<'_>) -> Result<Planned, CheckpointError> {
    let external_id = ExternalId::new(row.get::<_, String>("external_id")?);
    Ok(Planned {
        turn: row.get("turn")?,
        place: place(row)?,
        external_id: external_id.map_err(|error| CheckpointError::Corrupt { what: format!("an id: {error}") })?,
        target: Target { ticket: TicketId(row.get("ticket_id")?), message: MessageId(row.get("message_id")?) },
        digest: Digest(row.get("digest")?),
        state: state(row)?,
        is_known: row.get::<_, Option<u16>>("fills")?.is_some(),
        writes_over_edits: row.get::<_, Option<String>>("cause_kind")?.as_deref()
            == Some(CauseKind::EditedSince.name()),
    })
}
