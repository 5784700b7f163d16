//! Messages that are left out on the operator's word: of people who asked to be erased, of single tickets.
//!
//! They are counted and named nowhere: their rows say where they stand, and nothing else.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::RunError;
use super::exclusion_list::{Entry, entries};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::export::ExportError;
use crate::mapping::{Mapped, MappedResult, Mapping};

/// What is left out.
#[derive(Debug, Default)]
pub struct Exclusions {
    files: Vec<PathBuf>,
    entries: HashMap<Entry, Standing>,
    /// The ids of what was left out: another copy of it may not name the address.
    left_out: Mutex<BTreeSet<String>>,
}

/// Where an entry stands, and whether it has left out anything.
#[derive(Debug)]
struct Standing {
    file: usize,
    line: u64,
    was_met: AtomicBool,
}

/// What a list of exclusions came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Excluded {
    /// How many entries there are.
    pub entries: u64,
    /// Where those stand that matched nothing: the file and the line, from 1.
    pub unmatched: Vec<(PathBuf, u64)>,
    /// The kinds of message that no address can leave out, because the mapping names nobody there.
    pub out_of_reach: Vec<String>,
    /// How many of the messages left out were updated by an earlier run.
    pub updated_earlier: u64,
}

impl Exclusions {
    /// Adds the file `path` by name only, as a plan that was made already has it.
    pub(super) fn name(&mut self, path: PathBuf) {
        self.files.push(path);
    }

    /// Adds what stands in the file `path`: on a line an address, an id of a message, `message:ID` or `ticket:ID`, or
    /// several of them. Empty lines and those that begin with `#` say nothing.
    ///
    /// # Errors
    /// When it can't be read, or is no text, or a line can't be understood as a whole.
    pub fn read(&mut self, path: &Path) -> Result<(), RunError> {
        let text = fs::read_to_string(path).map_err(|error| ExportError::io(path, error))?;
        let file = self.files.len();
        for (line, words) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
            let found = entries(words);
            let found = found.map_err(|reason| RunError::Exclusion { path: path.to_owned(), line, reason })?;
            for entry in found {
                self.entries.entry(entry).or_insert(Standing { file, line, was_met: AtomicBool::new(false) });
            }
        }
        self.files.push(path.to_owned());
        Ok(())
    }

    /// Refuses addresses where `mapping` names nobody: they would leave out nothing.
    ///
    /// # Errors
    /// With the first of them.
    pub(super) fn check(&self, mapping: &Mapping) -> Result<(), RunError> {
        if mapping.blocks_without_people().len() < mapping.block_names().len() {
            return Ok(());
        }
        match self.addresses().min_by_key(|standing| (standing.file, standing.line)) {
            Some(first) => {
                let path = self.files.get(first.file).cloned().unwrap_or_default();
                Err(RunError::ExcludedPeople { path, line: first.line, mapping: mapping.name().to_owned() })
            }
            None => Ok(()),
        }
    }

    fn addresses(&self) -> impl Iterator<Item = &Standing> {
        self.entries.iter().filter(|(entry, _)| matches!(entry, Entry::Address(_))).map(|(_, standing)| standing)
    }

    /// The files that they were read from.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Whether `mapped` is left out. Threads may ask at once.
    pub(super) fn leave_out(&self, mapped: &Mapped) -> bool {
        if self.files.is_empty() {
            return false;
        }
        let by_id = self.names(mapped.external_id.clone().map(Entry::Message));
        let by_ticket = self.names(mapped.ticket.clone().map(Entry::Ticket));
        let is_named = |address: &String| self.names(Some(Entry::Address(address.to_lowercase())));
        // Each is looked at: all entries that were met are to be known.
        let by_address = match &mapped.result {
            MappedResult::Message(draft) => draft.addresses().filter(|address| is_named(address)).count() > 0,
            MappedResult::Skipped(_) | MappedResult::Blocked(_) => {
                mapped.addresses.iter().filter(|address| is_named(address)).count() > 0
            }
        };
        let is_left_out = by_id || by_ticket || by_address;
        if let (true, Some(id)) = (is_left_out, &mapped.external_id) {
            self.left_out.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone());
        }
        is_left_out
    }

    /// The ids of all that was left out so far.
    pub(super) fn left_out(&self) -> Vec<String> {
        self.left_out.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Whether `entry` is in the list.
    fn names(&self, entry: Option<Entry>) -> bool {
        let standing = entry.and_then(|entry| self.entries.get(&entry));
        standing.inspect(|standing| standing.was_met.store(true, Ordering::Relaxed)).is_some()
    }

    /// What the list came to in the plan that `checkpoint` holds; none where there is no list.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn result(&self, mapping: &Mapping, checkpoint: &Checkpoint) -> Result<Option<Excluded>, CheckpointError> {
        if self.entries.is_empty() {
            return Ok(None);
        }
        let unmatched = self.entries.values().filter(|standing| !standing.was_met.load(Ordering::Relaxed));
        let mut unmatched: Vec<_> = unmatched.map(|standing| (standing.file, standing.line)).collect();
        unmatched.sort_unstable();
        let named = |(file, line): (usize, u64)| Some((self.files.get(file)?.clone(), line));
        let out_of_reach = self.addresses().next().map(|_| mapping.blocks_without_people());
        Ok(Some(Excluded {
            entries: self.entries.len() as u64,
            unmatched: unmatched.into_iter().filter_map(named).collect(),
            out_of_reach: out_of_reach.unwrap_or_default().into_iter().map(ToOwned::to_owned).collect(),
            updated_earlier: checkpoint.updated_earlier(&self.left_out())?,
        }))
    }
}
