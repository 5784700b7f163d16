//! What reading an account costs, before it is read: the whole of it, or just the tickets of an export.

use std::sync::atomic::Ordering;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::reading::{ReadError, page};
use super::scan::Reading;
use crate::deliver::Courier;
use crate::gorgias::{Order, PAGE, Request, Transport};
use crate::record::Mode;
use crate::update::moment;

/// Requests that each way of reading takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Costs {
    /// Page by page, about.
    pub whole: u64,
    /// Ticket by ticket: each is looked for, and read where it is found.
    pub by_ticket: u64,
}

/// What is known of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportSize {
    /// Its messages.
    pub messages: u64,
    /// Their tickets.
    pub tickets: u64,
}

impl Costs {
    /// The cheaper way.
    pub fn cheaper(&self) -> Mode {
        if self.by_ticket < self.whole { Mode::ByTicket } else { Mode::Whole }
    }

    /// The costs for an account of `messages` in `tickets`.
    pub fn of(messages: u64, tickets: u64, export: ExportSize) -> Self {
        let pages = |rows: u64| rows.div_ceil(PAGE as u64).max(1);
        // One more page for what arrives meanwhile.
        Self { whole: pages(messages) + pages(tickets) + 1, by_ticket: 2 * export.tickets }
    }
}

/// Asks the account for its oldest and its newest messages, and takes how close together these are for how many there
/// are in between: the API tells no number. `reading` counts the requests.
///
/// # Errors
/// When the account can't be read.
pub async fn estimate<T: Transport>(
    courier: &Courier<T>,
    export: ExportSize,
    reading: &Reading,
) -> Result<Costs, ReadError> {
    reading.requests.fetch_add(1, Ordering::Relaxed);
    let oldest = page(courier, &Request::messages(Order::OldestFirst, None)).await?.map_err(ReadError::Stopped)?;
    if oldest.next.is_none() {
        let messages = oldest.rows.len() as u64;
        return Ok(Costs::of(messages, messages, export));
    }
    reading.requests.fetch_add(1, Ordering::Relaxed);
    let newest = page(courier, &Request::messages(Order::NewestFirst, None)).await?.map_err(ReadError::Stopped)?;
    let messages = between(&oldest.rows, &newest.rows);
    // Tickets are as long there as here, about.
    let tickets = messages * export.tickets / export.messages.max(1);
    Ok(Costs::of(messages, tickets, export))
}

/// About how many messages there are from the oldest to the newest.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate")]
fn between(oldest: &[Map<String, Value>], newest: &[Map<String, Value>]) -> u64 {
    let times = |rows: &[Map<String, Value>]| -> Vec<i64> {
        let created = rows.iter().filter_map(|row| row.get("created_datetime").and_then(moment));
        let mut times: Vec<_> = created.map(Timestamp::as_second).collect();
        times.sort_unstable();
        times
    };
    let (old, new) = (times(oldest), times(newest));
    let span = |times: &[i64]| times.last().zip(times.first()).map_or(0, |(last, first)| last - first).max(1) as f64;
    let known = (old.len() + new.len()) as u64;
    let (Some(first), Some(last)) = (old.first(), new.last()) else { return known };
    // From the first to the last of a hundred there are ninety-nine steps.
    let pace = |times: &[i64]| times.len().saturating_sub(1) as f64 / span(times);
    let per_second = f64::midpoint(pace(&old), pace(&new));
    known.max(((last - first) as f64 * per_second) as u64)
}
