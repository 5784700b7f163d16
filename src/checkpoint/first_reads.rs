//! Which requests come before updates: what is not known of the account, and must be, is read first.

use super::images::seen;
use super::progress::retriable;
use super::{Checkpoint, CheckpointError, Which};
use crate::update::Write;

/// Where in the order of sending something is read first. It takes sixteen bytes a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FirstReads {
    // In a run that keeps what is there before, or fills it.
    reading: Places,
    // In any other run.
    other: Places,
}

/// The updates before which something is read, from 0 in the order of sending.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Places {
    tickets: Vec<u64>,
    messages: Vec<u64>,
}

impl FirstReads {
    /// Tickets that are read where the first `updates` are sent: with all their messages, before the first of them;
    /// `reads` says whether the run keeps what is there before, or fills it.
    pub fn tickets(&self, updates: u64, reads: bool) -> u64 {
        among(&self.places(reads).tickets, updates)
    }

    /// Messages that are read by themselves where the first `updates` are sent: nobody knows whether they were written.
    pub fn messages(&self, updates: u64, reads: bool) -> u64 {
        among(&self.places(reads).messages, updates)
    }

    fn places(&self, reads: bool) -> &Places {
        if reads { &self.reading } else { &self.other }
    }
}

fn among(ascending: &[u64], updates: u64) -> u64 {
    ascending.partition_point(|&update| update < updates) as u64
}

impl Checkpoint {
    /// What is read first of those of `which` that are outstanding, and with `again` also of what a retry puts back; `has_scan` says
    /// whether the scan that the plan looked into is still at hand.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn first_reads(&self, has_scan: bool, again: bool, which: Which) -> Result<FirstReads, CheckpointError> {
        // Our own updates tell what a message holds, once they are answered; before them, and long after, the scan does.
        let of_scan = if has_scan { "fills IS NULL" } else { "1" };
        let seen = seen(self.scan_began()?);
        let is_unknown = format!(
            "CASE WHEN image.message_id IS NULL AND receipt.message_id IS NULL THEN {of_scan}
                  WHEN {seen} THEN {of_scan}
                  WHEN image.sent IS NOT NULL THEN receipt.confirmed IS NOT 1
                  ELSE 1 END"
        );
        // What the plan was shown to do there holds in any run, and what is noted beside an image. Where an earlier update
        // went out and nothing was kept, nothing can be kept now.
        let is_needed = "(fills IS NOT NULL OR image.sent IS NOT NULL)";
        let is_wanted = format!(
            "({is_needed} OR image.message_id IS NOT NULL OR receipt.message_id IS NULL
              OR EXISTS (SELECT 1 FROM pin WHERE name = 'write' AND value = '{}'))",
            Write::Missing.word()
        );
        let more = if again { format!(" OR {}", retriable()) } else { String::new() };
        let sql = format!(
            "WITH ahead AS (
                 SELECT row_number() OVER (ORDER BY turn) - 1 AS place, message.ticket_id, state IN (1, 4) AS is_unsure,
                        {is_unknown} AS is_unknown, {is_needed} AS is_needed, {is_wanted} AS is_wanted
                 FROM message LEFT JOIN image ON image.message_id = message.message_id
                     LEFT JOIN receipt ON receipt.message_id = message.message_id
                 WHERE (state IN (0, 1, 4){more}){}
             )
             SELECT place, 1 AS is_unsure, 1 AS reads FROM ahead WHERE is_unsure
             UNION ALL SELECT place, 1, 0 FROM ahead WHERE is_unsure AND is_needed
             UNION ALL SELECT min(place), 0, 1 FROM ahead WHERE is_unknown AND is_wanted AND NOT is_unsure
                 GROUP BY ticket_id
             UNION ALL SELECT min(place), 0, 0 FROM ahead WHERE is_unknown AND is_needed AND NOT is_unsure
                 GROUP BY ticket_id
             ORDER BY place",
            which.also()
        );
        let mut query = self.connection().prepare(&sql)?;
        let mut rows = query.query([])?;
        let mut reads = FirstReads::default();
        while let Some(row) = rows.next()? {
            let places = if row.get(2)? { &mut reads.reading } else { &mut reads.other };
            let list = if row.get(1)? { &mut places.messages } else { &mut places.tickets };
            list.push(row.get(0)?);
        }
        Ok(reads)
    }
}
