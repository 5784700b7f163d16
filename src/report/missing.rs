//! The messages that the account lacks, for whoever brings them over by other means: one a line, as JSON, without
//! content.

use std::io::Write;

use serde::Serialize;

use super::ListingError;
use crate::checkpoint::{Checkpoint, Listed};
use crate::export::shown;
use crate::record::State;

/// A line of the list.
#[derive(Debug, Serialize)]
struct Missing<'a> {
    /// The file of the export that it stands in.
    file: &'a str,
    line: u64,
    /// The how-manieth message of the file it is.
    number: u64,
    external_id: Option<&'a str>,
    source_ticket: Option<&'a str>,
    sent_at: Option<String>,
    channel: Option<&'a str>,
    kind: Option<&'a str>,
    /// The name of the kind of reason.
    cause: Option<&'a str>,
    detail: Option<&'a str>,
    advice: Option<&'a str>,
}

/// Writes every absent message of the plan in `checkpoint`, as a line of JSON, in the order of the export; says how
/// many.
///
/// # Errors
/// When the checkpoint can't be read, or `to` can't be written.
pub fn write_missing(checkpoint: &Checkpoint, mut to: impl Write) -> Result<u64, ListingError> {
    let pins = checkpoint.planned_pins()?;
    let files: Vec<_> = pins.exports().map(|path| shown(path)).collect();
    let mut count = 0;
    checkpoint.list(&[State::Absent], |message| {
        count += 1;
        let line = serde_json::to_string(&missing(&message, &files)).map_err(std::io::Error::from)?;
        Ok::<_, ListingError>(writeln!(to, "{line}")?)
    })?;
    to.flush()?;
    Ok(count)
}

fn missing<'a>(message: &'a Listed, files: &'a [String]) -> Missing<'a> {
    let cause = message.cause.as_ref().map(|(_, cause)| cause);
    Missing {
        file: files.get(message.place.input.0 as usize).map_or("", String::as_str),
        line: message.place.line,
        number: message.place.ordinal,
        external_id: message.external_id.as_deref(),
        source_ticket: message.source_ticket.as_deref(),
        sent_at: message.sent_at.map(|at| at.to_string()),
        channel: message.channel.as_deref(),
        kind: message.kind.as_deref(),
        cause: cause.map(|cause| cause.kind.name()),
        detail: cause.map(|cause| cause.detail.as_str()),
        advice: cause.map(|cause| cause.kind.advice()),
    }
}
