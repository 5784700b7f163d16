//! Which messages a run is told to send, where it is told to send only some.
//!
//! They are found once, and written down as rows of `chosen`; whoever sends or counts goes by these.

use jiff::Timestamp;
use rusqlite::params_from_iter;

use super::batches::BATCH;
use super::totals::time;
use super::{CauseCount, Checkpoint, CheckpointError};
use crate::record::{State, count};

/// Which rows of the plan are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// Those that were chosen last.
    Chosen,
}

impl Which {
    /// As what follows an SQL condition on rows of `message`.
    pub(super) const fn also(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Chosen => " AND turn IN chosen",
        }
    }
}

/// What the operator picks of a plan: a message has to fit everything that is said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// One of these batches, numbered from 1.
    pub batches: Vec<u64>,
    /// One of these causes, by the numbers that reports show as `C3`.
    pub causes: Vec<i64>,
    /// One of these ids of its own.
    pub messages: Vec<String>,
    /// Sent then or later.
    pub since: Option<Timestamp>,
    /// Sent then or earlier.
    pub until: Option<Timestamp>,
}

impl Selection {
    /// Whether nothing is said: then all is meant.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }
}

/// Numbers as a list.
pub(super) fn listed<N: ToString>(numbers: &[N]) -> String {
    let list: Vec<_> = numbers.iter().map(ToString::to_string).collect();
    list.join(",")
}

/// Why nothing can be chosen.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// There is no such batch.
    #[error("there is no batch {asked}: {}", batches_there(*batches))]
    NoBatch {
        /// The number.
        asked: u64,
        /// How many there are.
        batches: u64,
    },
    /// Nothing that a retry may send has this cause.
    #[error("no message that failed or was held back has the cause C{asked}")]
    NoCause {
        /// The number.
        asked: i64,
        /// The causes that there are.
        known: Vec<CauseCount>,
    },
    /// No message has this id.
    #[error("the plan has no message `{asked}`")]
    NoMessage {
        /// The id.
        asked: String,
    },
    /// Each part fits something, and no message fits all of it.
    #[error("no message of the plan fits what is selected")]
    Nothing {
        /// When the first and the last message of the plan were sent.
        span: Option<(Timestamp, Timestamp)>,
    },
    /// The checkpoint can't be used.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// How many causes are named where another was asked for.
const NAMED_CAUSES: usize = 8;

impl SelectionError {
    /// What the operator can do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoBatch { .. } => "`deskferry status --batches` lists them".into(),
            Self::NoCause { known, .. } if known.is_empty() => "nothing is failed, unconfirmed or blocked".into(),
            Self::NoCause { known, .. } => {
                let named = known.iter().take(NAMED_CAUSES).map(|row| {
                    format!("C{} ({} {}: {})", row.id, count(row.count, "message"), row.state.word(), row.cause.detail)
                });
                let more = known.len().saturating_sub(NAMED_CAUSES);
                let more = if more > 0 { format!(", and {more} more: `deskferry errors` lists them") } else { String::new() };
                format!("there are: {}{more}", named.collect::<Vec<_>>().join(", "))
            }
            Self::NoMessage { .. } => {
                "it is the id that the message has in the export, as in the column external_id of `deskferry errors --all`"
                    .into()
            }
            Self::Nothing { span: Some((first, last)), .. } => {
                format!("its messages were sent from {first} to {last}; options that stand together all have to fit")
            }
            Self::Nothing { span: None, .. } => "no message of it has a time".into(),
            Self::Checkpoint(error) => return error.hint(),
        })
    }
}

fn batches_there(batches: u64) -> String {
    match batches {
        0 => "the plan is empty".into(),
        1 => "the plan has one".into(),
        more => format!("the plan has 1 to {more}"),
    }
}

/// The states in which a cause can be picked.
const WITH_CAUSES: [State; 4] = [State::Failed, State::Unconfirmed, State::Blocked, State::Pending];

impl Checkpoint {
    /// Marks the messages of the batches and causes in `selection` as the present plan has them, so that they can be chosen
    /// from a plan that is made after it: it may have other batches, and what was blocked has its cause no more.
    ///
    /// # Errors
    /// When there is no such batch or cause, or the checkpoint can't be used.
    pub fn mark(&self, selection: &Selection) -> Result<(), SelectionError> {
        let mut fits = Vec::new();
        if !selection.batches.is_empty() {
            self.check_batches(&selection.batches)?;
            fits.push(format!("{BATCH} IN ({})", listed(&selection.batches)));
        }
        if !selection.causes.is_empty() {
            self.check_causes(&selection.causes)?;
            fits.push(format!("cause IN ({})", listed(&selection.causes)));
        }
        if fits.is_empty() {
            return Ok(());
        }
        // What has no id is known by its place; so is what was skipped, because its id may be another row's, too.
        let marked = self.connection().execute_batch(&format!(
            "DROP TABLE IF EXISTS temp.marked;
             CREATE TEMP TABLE marked (external_id TEXT, input INTEGER, ordinal INTEGER, by_place INTEGER);
             INSERT INTO marked SELECT external_id, input, ordinal, external_id IS NULL OR state = {}
                 FROM message WHERE {};
             CREATE INDEX temp.marked_by_place ON marked (input, ordinal)",
            State::Skipped.code(),
            fits.join(" AND ")
        ));
        Ok(marked.map_err(CheckpointError::from)?)
    }

    fn check_batches(&self, asked: &[u64]) -> Result<(), SelectionError> {
        let batches = self
            .connection()
            .query_row(&format!("SELECT coalesce(max({BATCH}), 0) FROM message"), [], |row| row.get(0))
            .map_err(CheckpointError::from)?;
        match asked.iter().find(|&&batch| batch == 0 || batch > batches) {
            Some(&asked) => Err(SelectionError::NoBatch { asked, batches }),
            None => Ok(()),
        }
    }

    fn check_causes(&self, asked: &[i64]) -> Result<(), SelectionError> {
        let mut known = self.cause_counts(Which::All)?;
        known.retain(|row| WITH_CAUSES.contains(&row.state));
        match asked.iter().find(|&&cause| known.iter().all(|row| row.id != cause)) {
            Some(&asked) => Err(SelectionError::NoCause { asked, known }),
            None => Ok(()),
        }
    }

    /// Chooses what fits `selection`, of whose batches and causes the messages were marked before.
    ///
    /// # Errors
    /// When nothing fits, or the checkpoint can't be written.
    pub fn choose(&self, selection: &Selection) -> Result<(), SelectionError> {
        for id in &selection.messages {
            if !self.has_message(id)? {
                return Err(SelectionError::NoMessage { asked: id.clone() });
            }
        }
        let mut fits = vec!["1".to_owned()];
        if !selection.batches.is_empty() || !selection.causes.is_empty() {
            fits.push(
                "(external_id IN (SELECT external_id FROM temp.marked WHERE NOT by_place) OR EXISTS (
                         SELECT 1 FROM temp.marked WHERE by_place AND marked.input = message.input
                             AND marked.ordinal = message.ordinal
                             AND coalesce(marked.external_id = message.external_id, 1)))"
                    .to_owned(),
            );
        }
        if let Some(since) = selection.since {
            fits.push(format!("sent_at >= {}", since.as_microsecond()));
        }
        if let Some(until) = selection.until {
            fits.push(format!("sent_at <= {}", until.as_microsecond()));
        }
        if !selection.messages.is_empty() {
            fits.push(format!("external_id IN ({})", vec!["?"; selection.messages.len()].join(", ")));
        }
        let sql = format!("SELECT turn FROM message WHERE {}", fits.join(" AND "));
        if self.put_in_chosen(&sql, params_from_iter(&selection.messages))? == 0 {
            return Err(SelectionError::Nothing { span: self.span()? });
        }
        Ok(())
    }

    /// Chooses the rows with these turns, in the place of those that were chosen before.
    ///
    /// # Errors
    /// When the checkpoint can't be written.
    pub fn choose_turns(&self, turns: &[i64]) -> Result<(), CheckpointError> {
        self.put_in_chosen(&format!("SELECT turn FROM message WHERE turn IN ({})", listed(turns)), [])?;
        Ok(())
    }

    /// Makes what `rows` finds the chosen ones; says how many these are.
    fn put_in_chosen(&self, rows: &str, parameters: impl rusqlite::Params) -> Result<usize, CheckpointError> {
        let transaction = self.connection().unchecked_transaction()?;
        transaction.execute("DELETE FROM chosen", [])?;
        let chosen = transaction.execute(&format!("INSERT INTO chosen {rows}"), parameters)?;
        transaction.commit()?;
        Ok(chosen)
    }

    fn has_message(&self, id: &str) -> Result<bool, CheckpointError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM message WHERE external_id = ?1)";
        Ok(self.connection().query_row(sql, [id], |row| row.get(0))?)
    }

    /// When the first and the last message of the plan were sent.
    fn span(&self) -> Result<Option<(Timestamp, Timestamp)>, CheckpointError> {
        let sql = "SELECT min(sent_at), max(sent_at) FROM message";
        let (first, last) = self
            .connection()
            .query_row(sql, [], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?)))?;
        Ok(first.and_then(time).zip(last.and_then(time)))
    }
}
