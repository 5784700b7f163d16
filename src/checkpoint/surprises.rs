//! What can be said of a plan before it is followed: what its mapping did not expect, and where its first messages
//! stand.

use super::{Checkpoint, CheckpointError};
use crate::record::{InputId, Place, State};

/// Something in the export that the mapping did not expect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unexpected {
    /// The field that it is about.
    pub field: String,
    /// What it is, without message content.
    pub what: String,
    /// What was done, in words.
    pub done: String,
    /// How often it was met.
    pub times: u64,
}

impl Checkpoint {
    /// Where the first `most` messages of the plan stand that can be carried over, with their ids.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn first_places(&self, most: usize) -> Result<Vec<(Place, String)>, CheckpointError> {
        let mut query = self.connection().prepare(
            "SELECT input, ordinal, line, offset, length, block, item, external_id FROM message
             WHERE digest IS NOT NULL AND external_id IS NOT NULL ORDER BY turn LIMIT ?1",
        )?;
        let rows = query.query_map([most as u64], |row| {
            let place = Place {
                input: InputId(row.get(0)?),
                ordinal: row.get(1)?,
                line: row.get(2)?,
                offset: row.get(3)?,
                length: row.get(4)?,
                block: row.get(5)?,
                item: row.get(6)?,
            };
            Ok((place, row.get(7)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many of the messages with these ids are updated and not in the plan any more.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn updated_earlier(&self, external_ids: &[String]) -> Result<u64, CheckpointError> {
        let sql = "SELECT count(*) FROM past WHERE external_id = ?1 AND state = ?2";
        let mut query = self.connection().prepare(sql)?;
        let counts =
            external_ids.iter().map(|id| query.query_row((id, State::Updated.code()), |row| row.get::<_, u64>(0)));
        Ok(counts.sum::<Result<_, _>>()?)
    }

    /// What the plan's mapping did not expect, the commonest first.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn unexpected(&self) -> Result<Vec<Unexpected>, CheckpointError> {
        let mut query = self
            .connection()
            .prepare("SELECT field, what, done, messages FROM surprise ORDER BY messages DESC, field, what")?;
        let rows = query.query_map([], |row| {
            Ok(Unexpected { field: row.get(0)?, what: row.get(1)?, done: row.get(2)?, times: row.get(3)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
