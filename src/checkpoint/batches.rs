//! How the plan's batches stand.

use super::totals::state;
use super::{Checkpoint, CheckpointError};
use crate::record::State;

/// The batch of a row, from 1, as an SQL expression.
pub(super) const BATCH: &str =
    "((turn - 1) / (SELECT max(CAST(value AS INTEGER), 1) FROM pin WHERE name = 'batch_size') + 1)";

/// One batch, in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its number, from 1.
    pub number: u64,
    /// Messages by state, without those that are nought, in the order of [`State::ALL`].
    pub states: Vec<(State, u64)>,
}

/// How a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is left to do: each message is updated, unchanged, skipped or absent.
    Done,
    /// Some of it has gone out, and some waits or is not confirmed.
    PartlyDone,
    /// Nothing of it waits, and something is failed or blocked.
    Failed,
    /// All that is to be sent of it waits.
    Pending,
}

impl Standing {
    /// The words for it in reports and in `--json`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::PartlyDone => "partly done",
            Self::Failed => "failed",
            Self::Pending => "pending",
        }
    }
}

impl Batch {
    /// How many messages it has.
    pub fn messages(&self) -> u64 {
        self.states.iter().map(|(_, number)| number).sum()
    }

    /// How it stands; it follows from the states of its messages alone.
    pub fn standing(&self) -> Standing {
        let has = |any: &[State]| self.states.iter().any(|(state, _)| any.contains(state));
        let is_open = has(&[State::Sending, State::Unconfirmed]);
        if !has(&[State::Pending]) && !is_open {
            let is_troubled = has(&[State::Failed, State::Blocked]);
            return if is_troubled { Standing::Failed } else { Standing::Done };
        }
        // What is unchanged, skipped, absent or blocked may be so since the plan was made.
        let has_gone_out = is_open || has(&[State::Updated, State::Failed]);
        if has_gone_out { Standing::PartlyDone } else { Standing::Pending }
    }
}

impl Checkpoint {
    /// Every batch of the plan, in the order of sending.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn batches(&self) -> Result<Vec<Batch>, CheckpointError> {
        let sql = format!("SELECT {BATCH} AS batch, state, count(*) AS count FROM message GROUP BY batch, state");
        let mut query = self.connection().prepare(&sql)?;
        let mut rows = query.query([])?;
        let mut batches: Vec<Batch> = Vec::new();
        while let Some(row) = rows.next()? {
            let (number, counted) = (row.get("batch")?, (state(row)?, row.get("count")?));
            match batches.last_mut().filter(|batch| batch.number == number) {
                Some(batch) => batch.states.push(counted),
                None => batches.push(Batch { number, states: vec![counted] }),
            }
        }
        for batch in &mut batches {
            batch.states.sort_by_key(|(state, _)| State::ALL.iter().position(|known| known == state));
        }
        Ok(batches)
    }
}
