//! Which requests come before updates: what is not known of the account, and must be, is read first.

use super::images::seen;
use super::progress::retriable;
use super::{Checkpoint, CheckpointError};

/// Where in the order of sending something is read first, in a run that reads at all. It takes eight bytes a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FirstReads {
    // The updates before which it happens, from 0 in the order of sending.
    tickets: Vec<u64>,
    messages: Vec<u64>,
}

impl FirstReads {
    /// Tickets that are read where the first `updates` are sent: with all their messages, before the first of them.
    pub fn tickets(&self, updates: u64) -> u64 {
        among(&self.tickets, updates)
    }

    /// Messages that are read by themselves where the first `updates` are sent: nobody knows whether they were written.
    pub fn messages(&self, updates: u64) -> u64 {
        among(&self.messages, updates)
    }
}

fn among(ascending: &[u64], updates: u64) -> u64 {
    ascending.partition_point(|&update| update < updates) as u64
}

impl Checkpoint {
    /// What is read first of what is outstanding, and with `again` also of what a retry puts back; `has_scan` says
    /// whether the scan that the plan looked into is still at hand.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn first_reads(&self, has_scan: bool, again: bool) -> Result<FirstReads, CheckpointError> {
        // Our own updates tell what a message holds, once they are answered; before them, and long after, the scan does.
        let of_scan = if has_scan { "fills IS NULL" } else { "1" };
        let seen = seen(self.scan_began()?);
        let is_unknown = format!(
            "CASE WHEN image.message_id IS NULL AND receipt.message_id IS NULL THEN {of_scan}
                  WHEN {seen} THEN {of_scan}
                  WHEN image.sent IS NOT NULL THEN receipt.confirmed IS NOT 1
                  ELSE 1 END"
        );
        let more = if again { format!(" OR {}", retriable()) } else { String::new() };
        let sql = format!(
            "WITH ahead AS (
                 SELECT row_number() OVER (ORDER BY turn) - 1 AS place, message.ticket_id, state IN (1, 4) AS is_unsure,
                        {is_unknown} AS is_unknown
                 FROM message LEFT JOIN image ON image.message_id = message.message_id
                     LEFT JOIN receipt ON receipt.message_id = message.message_id
                 WHERE state IN (0, 1, 4){more}
             )
             SELECT place, 1 AS is_unsure FROM ahead WHERE is_unsure
             UNION ALL SELECT min(place), 0 FROM ahead WHERE is_unknown AND NOT is_unsure GROUP BY ticket_id
             ORDER BY place"
        );
        let mut query = self.connection().prepare(&sql)?;
        let mut rows = query.query([])?;
        let mut reads = FirstReads::default();
        while let Some(row) = rows.next()? {
            let list = if row.get(1)? { &mut reads.messages } else { &mut reads.tickets };
            list.push(row.get(0)?);
        }
        Ok(reads)
    }
}
