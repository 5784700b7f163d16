//! The numbers that every report is made of, and the lists behind them.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::progress::{codes, place};
use super::tallies::{field_counts, match_counts, settled_counts};
use super::{Checkpoint, CheckpointError, FieldCount, Which};
use crate::record::{Cause, CauseKind, MatchRule, Place, Settled, State};

/// How many messages are in one state, by channel and kind where these are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateCount {
    /// The state.
    pub state: State,
    /// The channel in Gorgias; `None` where the mapping did not get that far.
    pub channel: Option<String>,
    /// The kind of message; `None` where the mapping did not get that far.
    pub kind: Option<String>,
    /// How many.
    pub count: u64,
}

/// How many messages share a state and a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseCount {
    /// The number under which the checkpoint keeps the cause; shown as `C3`.
    pub id: i64,
    /// The state.
    pub state: State,
    /// The cause.
    pub cause: Cause,
    /// How many.
    pub count: u64,
    /// The first of them, in the order of the export.
    pub example: Example,
}

/// One message that stands for many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Where it stands.
    pub place: Place,
    /// Its own id, where it has one.
    pub external_id: Option<String>,
}

/// One message with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its place in the order of sending, from 1.
    pub turn: u64,
    /// Where it stands.
    pub place: Place,
    /// Its own id, where it has one.
    pub external_id: Option<String>,
    /// Its ticket in the system it comes from.
    pub source_ticket: Option<String>,
    /// When it was sent, where the mapping got so far.
    pub sent_at: Option<Timestamp>,
    /// Its channel in Gorgias, where the mapping got so far.
    pub channel: Option<String>,
    /// The kind of message, where the mapping got so far.
    pub kind: Option<String>,
    /// Its ticket in Gorgias, where known.
    pub ticket_id: Option<u64>,
    /// Its message in Gorgias, where known.
    pub message_id: Option<u64>,
    /// What became of it.
    pub state: State,
    /// The number of its cause, and the cause.
    pub cause: Option<(i64, Cause)>,
}

/// The plan in numbers, as one moment's snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// Messages that the reader counted, on their way into the plan.
    pub read: u64,
    /// Every row of the plan: one a message that was read.
    pub messages: u64,
    /// Tickets of the export that hold them.
    pub source_tickets: u64,
    /// Tickets in Gorgias that messages of the plan belong to.
    pub target_tickets: u64,
    /// When the earliest and the latest message were sent.
    pub span: Option<(Timestamp, Timestamp)>,
    /// By state, channel and kind; adds up to `messages`.
    pub states: Vec<StateCount>,
    /// Messages with a target, by the rule that found it.
    pub matched: Vec<(MatchRule, u64)>,
    /// By the fields that the mapping sets and what they change; only of messages that are still to be sent.
    pub fields: Vec<FieldCount>,
    /// Messages whose outcome was not known for a while, by how that was settled.
    pub settled: Vec<(Settled, u64)>,
    /// By state and cause.
    pub causes: Vec<CauseCount>,
    /// Attempts that were made so far, over all runs.
    pub attempts: u64,
}

impl Totals {
    /// How many messages are in `state`.
    pub fn of(&self, state: State) -> u64 {
        self.states.iter().filter(|row| row.state == state).map(|row| row.count).sum()
    }

    /// Whether every message that was read is in exactly one state.
    pub fn balance(&self) -> bool {
        self.messages == self.read && self.messages == State::ALL.into_iter().map(|state| self.of(state)).sum::<u64>()
    }
}

impl Checkpoint {
    /// Counts everything, in one consistent view.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn totals(&self) -> Result<Totals, CheckpointError> {
        let view = self.connection().unchecked_transaction()?;
        let (messages, source_tickets, target_tickets, first, last): (_, _, _, Option<i64>, Option<i64>) = view
            .query_row(
                "SELECT count(*), count(DISTINCT source_ticket), count(DISTINCT ticket_id), min(sent_at), max(sent_at)
             FROM message",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
            )?;
        let attempts = view.query_row("SELECT count(*) FROM attempt", [], |row| row.get(0))?;
        let mut query = view.prepare(
            "SELECT state, channel, kind, count(*) AS count FROM message GROUP BY state, channel, kind
             ORDER BY count(*) DESC, channel, kind",
        )?;
        let states = query
            .query_and_then([], |row| {
                Ok(StateCount {
                    state: state(row)?,
                    channel: row.get("channel")?,
                    kind: row.get("kind")?,
                    count: row.get("count")?,
                })
            })?
            .collect::<Result<_, CheckpointError>>()?;
        Ok(Totals {
            read: counted(&view)?,
            messages,
            source_tickets,
            target_tickets,
            span: first.and_then(time).zip(last.and_then(time)),
            states,
            matched: match_counts(&view)?,
            fields: field_counts(&view, Which::All)?,
            settled: settled_counts(&view)?,
            causes: cause_counts(&view, Which::All)?,
            attempts,
        })
    }

    /// Messages of `which`, by state and cause.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn cause_counts(&self, which: Which) -> Result<Vec<CauseCount>, CheckpointError> {
        cause_counts(self.connection(), which)
    }

    /// Messages of `which` that are still to be sent, by the fields that the mapping sets and what they change.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn field_counts(&self, which: Which) -> Result<Vec<FieldCount>, CheckpointError> {
        field_counts(self.connection(), which)
    }

    /// The messages in one of `states`, in the order of the export, handed to `each` one by one.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn list<E: From<CheckpointError>>(
        &self,
        states: &[State],
        mut each: impl FnMut(Listed) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = format!(
            "SELECT turn, input, ordinal, line, offset, length, block, item, external_id, source_ticket, ticket_id,
                    message_id, sent_at, channel, message.kind AS message_kind, state, message.cause AS id,
                    cause.kind AS cause_kind, detail
             FROM message LEFT JOIN cause ON cause.id = message.cause
             WHERE state IN ({}) ORDER BY input, ordinal",
            codes(states)
        );
        let mut query = self.connection().prepare(&sql).map_err(CheckpointError::from)?;
        let mut rows = query.query([]).map_err(CheckpointError::from)?;
        while let Some(row) = rows.next().map_err(CheckpointError::from)? {
            each(listed(row)?)?;
        }
        Ok(())
    }
}

/// Reads a row of `message`, with its kind as `message_kind` and its cause as `id`, `cause_kind` and `detail`.
pub(super) fn listed(row: &Row<'_>) -> Result<Listed, CheckpointError> {
    let id: Option<i64> = row.get("id")?;
    Ok(Listed {
        turn: row.get("turn")?,
        place: place(row)?,
        external_id: row.get("external_id")?,
        source_ticket: row.get("source_ticket")?,
        sent_at: row.get::<_, Option<i64>>("sent_at")?.and_then(time),
        channel: row.get("channel")?,
        kind: row.get("message_kind")?,
        ticket_id: row.get("ticket_id")?,
        message_id: row.get("message_id")?,
        state: state(row)?,
        cause: id.map(|id| Ok::<_, CheckpointError>((id, cause(row)?))).transpose()?,
    })
}

pub(super) fn time(micros: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(micros).ok()
}

/// What the reader counted; nothing before there is a plan.
fn counted(connection: &rusqlite::Connection) -> rusqlite::Result<u64> {
    let mut query = connection.prepare("SELECT CAST(value AS INTEGER) FROM pin WHERE name = 'messages'")?;
    Ok(query.query_row([], |row| row.get(0)).optional()?.unwrap_or(0))
}

pub(super) fn cause_counts(
    connection: &rusqlite::Connection,
    which: Which,
) -> Result<Vec<CauseCount>, CheckpointError> {
    // SQLite takes the bare columns of a group with min() from the row that holds the minimum: the example.
    let mut query = connection.prepare(&format!(
        "SELECT cause.id AS id, state, cause.kind AS cause_kind, detail, count(*) AS count,
                min(input * 1000000000000 + ordinal), input, ordinal, line, offset, length, block, item, external_id
         FROM message JOIN cause ON cause.id = message.cause WHERE 1{}
         GROUP BY state, cause.id ORDER BY count(*) DESC, cause.id",
        which.also()
    ))?;
    let rows = query.query_and_then(params![], |row| {
        Ok(CauseCount {
            id: row.get("id")?,
            state: state(row)?,
            cause: cause(row)?,
            count: row.get("count")?,
            example: Example { place: place(row)?, external_id: row.get("external_id")? },
        })
    })?;
    rows.collect()
}

pub(super) fn state(row: &Row<'_>) -> Result<State, CheckpointError> {
    let code: i64 = row.get("state")?;
    State::from_code(code).ok_or_else(|| CheckpointError::Corrupt { what: format!("the state {code}") })
}

pub(super) fn cause(row: &Row<'_>) -> Result<Cause, CheckpointError> {
    let name: String = row.get("cause_kind")?;
    let kind = CauseKind::from_name(&name)
        .ok_or_else(|| CheckpointError::Corrupt { what: format!("the cause \"{name}\"") })?;
    Ok(Cause::new(kind, row.get::<_, String>("detail")?))
}
