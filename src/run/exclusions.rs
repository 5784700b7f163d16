//! Messages that are left out on the operator's word: of people who asked to be erased, of single tickets.
//!
//! They are counted and named nowhere: their rows say where they stand, and nothing else.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::RunError;
use crate::export::ExportError;
use crate::mapping::{Mapped, MappedResult};

/// What is left out.
#[derive(Debug, Default)]
pub struct Exclusions {
    files: Vec<PathBuf>,
    messages: HashMap<String, AtomicBool>,
    tickets: HashMap<String, AtomicBool>,
    /// In lower case.
    addresses: HashMap<String, AtomicBool>,
    /// The ids of what was left out: another copy of it may not name the address.
    left_out: Mutex<BTreeSet<String>>,
}

impl Exclusions {
    /// Adds the file `path` by name only, as a plan that was made already has it.
    pub(super) fn name(&mut self, path: PathBuf) {
        self.files.push(path);
    }

    /// Adds what stands in the file `path`: one a line, an id of a message, an address, `message:ID` or `ticket:ID`. Empty
    /// lines and those that begin with `#` say nothing; of a line with commas, the first part counts.
    ///
    /// # Errors
    /// When it can't be read, or is no text.
    pub fn read(&mut self, path: &Path) -> Result<(), RunError> {
        let text = fs::read_to_string(path).map_err(|error| ExportError::io(path, error))?;
        for line in text.trim_start_matches('\u{feff}').lines() {
            let entry = line.split(',').next().unwrap_or_default().trim().trim_matches('"');
            if entry.is_empty() || entry.starts_with('#') {
                continue;
            }
            let (entries, word) = match entry.split_once(':') {
                Some(("ticket", id)) => (&mut self.tickets, id.trim().to_owned()),
                Some(("message", id)) => (&mut self.messages, id.trim().to_owned()),
                _ if entry.contains('@') => (&mut self.addresses, entry.to_lowercase()),
                _ => (&mut self.messages, entry.to_owned()),
            };
            entries.insert(word, AtomicBool::new(false));
        }
        self.files.push(path.to_owned());
        Ok(())
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
        let named = |entries: &HashMap<String, AtomicBool>, word: Option<&String>| {
            let entry = word.and_then(|word| entries.get(word));
            entry.inspect(|was_met| was_met.store(true, Ordering::Relaxed)).is_some()
        };
        let by_id = named(&self.messages, mapped.external_id.as_ref());
        let by_ticket = named(&self.tickets, mapped.ticket.as_ref());
        let is_named = |address: &String| named(&self.addresses, Some(&address.to_lowercase()));
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

    /// How many entries there are, and how many of them matched nothing.
    pub fn unmatched(&self) -> (u64, u64) {
        let all = [&self.messages, &self.tickets, &self.addresses].into_iter().flat_map(HashMap::values);
        all.fold((0, 0), |(all, unmatched), was_met| (all + 1, unmatched + u64::from(!was_met.load(Ordering::Relaxed))))
    }
}
