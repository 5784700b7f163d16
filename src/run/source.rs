//! Records of the plan, read again at their places and mapped again.

use std::collections::HashMap;
use std::sync::Arc;

use super::reading::{Checked, check};
use super::{Job, RunError};
use crate::checkpoint::Planned;
use crate::export::Rereader;
use crate::mapping::Mapped;
use crate::record::InputId;
use crate::update::Writes;

/// The export, record by record, in any order.
#[derive(Debug)]
pub(super) struct Source {
    job: Arc<Job>,
    files: HashMap<InputId, Rereader>,
}

impl Source {
    pub(super) fn new(job: Arc<Job>) -> Self {
        Self { job, files: HashMap::new() }
    }

    /// How much of each update is sent.
    pub(super) fn writes(&self) -> &Writes {
        &self.job.writes
    }

    /// The updates of `rows`, which all stand in one record of one file; each must be the one that was planned.
    pub(super) fn updates(&mut self, rows: &[Planned]) -> Result<Vec<Checked>, RunError> {
        let Some(first) = rows.first() else { return Ok(Vec::new()) };
        let place = first.place;
        let input = &self.job.inputs[place.input.0 as usize];
        let changed = || RunError::RecordChanged { path: input.path.clone(), line: place.line };
        let file = match self.files.entry(place.input) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(Rereader::open(&input.path, input.format, input.header.clone())?)
            }
        };
        let chunk = file.read(place.offset, place.length)?;
        let record = chunk.records.first().ok_or_else(changed)?;
        let content = chunk.content(record).map_err(|_| changed())?;
        let mut mapped = Vec::new();
        let reader = self.job.mapping.reader(input.header.as_ref(), &input.path)?;
        reader.map(content, &self.job.lookups, &mut mapped);
        let mut found: HashMap<(u16, u32), Mapped> =
            mapped.into_iter().map(|mapped| ((mapped.block, mapped.item), mapped)).collect();
        let updates = rows.iter().map(|row| {
            let mapped = found.remove(&(row.place.block, row.place.item)).ok_or_else(changed)?;
            let checked = check(mapped.result, &self.job.writes).map_err(|_| changed())?;
            let is_same = checked.digest == row.digest && checked.update.external_id() == &row.external_id;
            if is_same { Ok(checked) } else { Err(changed()) }
        });
        updates.collect()
    }
}
