//! Which messages of the plan are sent first, to be looked at.

use std::collections::HashMap;

use rusqlite::params;

use super::{Checkpoint, CheckpointError, Which};
use crate::record::{MessageId, State, Target, TicketId};

/// A row that is sent before all others, to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sampled {
    /// Its place in the order of sending.
    pub turn: i64,
    /// Its own id.
    pub external_id: String,
    /// Where it goes.
    pub target: Target,
    /// Its channel.
    pub channel: String,
    /// Its kind.
    pub kind: String,
    /// When it was sent, in microseconds since 1970.
    pub sent_at: Option<i64>,
}

impl Checkpoint {
    /// Up to `most` rows of `which` that are to be sent, as different as can be: each kind in turn, of a kind each channel, and of as
    /// many tickets as there are; in the order of sending.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn sample(&self, most: u64, which: Which) -> Result<Vec<Sampled>, CheckpointError> {
        // Of each kind and channel so many, in other tickets where there are: no more can be chosen.
        let mut query = self.connection().prepare(&format!(
            "SELECT turn, external_id, ticket_id, message_id, channel, kind, sent_at FROM (
                 SELECT *, row_number() OVER (PARTITION BY kind, channel ORDER BY in_ticket, turn) AS place
                 FROM (
                     SELECT *, row_number() OVER (PARTITION BY kind, channel, ticket_id ORDER BY turn) AS in_ticket
                     FROM message WHERE state = ?1{}
                 )
             ) WHERE place <= ?2 ORDER BY turn",
            which.also()
        ))?;
        let rows = query.query_map(params![State::Pending.code(), most], |row| {
            Ok(Sampled {
                turn: row.get("turn")?,
                external_id: row.get("external_id")?,
                target: Target { ticket: TicketId(row.get("ticket_id")?), message: MessageId(row.get("message_id")?) },
                channel: row.get("channel")?,
                kind: row.get("kind")?,
                sent_at: row.get("sent_at")?,
            })
        })?;
        Ok(spread(rows.collect::<Result<_, _>>()?, most))
    }
}

/// Up to `most` of `rows`, which are in the order of sending: each time one of the kind, then of the channel, then of the
/// ticket that was chosen the least so far.
fn spread(mut rows: Vec<Sampled>, most: u64) -> Vec<Sampled> {
    let (mut kinds, mut channels) = (HashMap::<_, u32>::new(), HashMap::<_, u32>::new());
    let mut tickets = HashMap::<_, u32>::new();
    let mut chosen = Vec::new();
    while (chosen.len() as u64) < most {
        let next = (0..rows.len()).min_by_key(|&at| {
            let Sampled { target, channel, kind, .. } = &rows[at];
            let of_channel = channels.get(&(kind.clone(), channel.clone()));
            (kinds.get(kind).copied(), of_channel.copied(), tickets.get(&target.ticket).copied(), at)
        });
        let Some(next) = next else { break };
        let row = rows.remove(next);
        *kinds.entry(row.kind.clone()).or_default() += 1;
        *channels.entry((row.kind.clone(), row.channel.clone())).or_default() += 1;
        *tickets.entry(row.target.ticket).or_default() += 1;
        chosen.push(row);
    }
    chosen.sort_unstable_by_key(|row| row.turn);
    chosen
}
