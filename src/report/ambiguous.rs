//! The messages that may be one of several of the account, with all of these, in the shape of an ids file: whoever
//! deletes the wrong lines has one that settles them.

use std::io::Write;

use super::ListingError;
use crate::checkpoint::Checkpoint;
use crate::export::shown;

/// The first three are those of an ids file; the others help to choose.
const COLUMNS: [&str; 7] = ["external_id", "ticket_id", "message_id", "rule", "file", "line", "sent_at"];

/// Writes every candidate of an ambiguous message of the plan in `checkpoint` as a row of CSV, in the order of the
/// export; says how many.
///
/// # Errors
/// When the checkpoint can't be read, or `to` can't be written.
pub fn write_ambiguous(checkpoint: &Checkpoint, to: impl Write) -> Result<u64, ListingError> {
    let pins = checkpoint.planned_pins()?;
    let files: Vec<_> = pins.exports().map(|path| shown(path)).collect();
    let mut csv = csv::Writer::from_writer(to);
    csv.write_record(COLUMNS)?;
    let mut count = 0;
    checkpoint.candidates(|candidate| {
        count += 1;
        let of = candidate.of;
        // An id is kept byte for byte, whatever a spreadsheet makes of it: it is read again.
        let cells: [String; COLUMNS.len()] = [
            of.external_id.unwrap_or_default(),
            candidate.target.ticket.0.to_string(),
            candidate.target.message.0.to_string(),
            candidate.rule.word().to_owned(),
            files.get(of.place.input.0 as usize).cloned().unwrap_or_default(),
            of.place.line.to_string(),
            of.sent_at.map(|at| at.to_string()).unwrap_or_default(),
        ];
        Ok::<_, ListingError>(csv.write_record(cells)?)
    })?;
    csv.flush()?;
    Ok(count)
}
