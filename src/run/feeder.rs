//! From rows of the plan to parcels: read each record again at its place, map it again, and check that it is the one
//! that was planned.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::source::Source;
use super::{Job, RunError, ScanFile};
use crate::checkpoint::{Checkpoint, Image, Planned, Which, Written};
use crate::deliver::{Doubt, LastUpdate, Parcel};
use crate::plan::SENDABLE;
use crate::record::{MessageId, State};
use crate::scan::Scan;

/// Rows that are prepared at a time.
const PAGE: usize = 64;

/// What lies idle for so long may have been changed by somebody since.
const UNDISTURBED: SignedDuration = SignedDuration::from_mins(5);

/// Which rows of the plan are fed: of those that may be sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Feed {
    /// All of them, or those that were chosen.
    pub(super) which: Which,
    /// So many and no more.
    pub(super) limit: Option<u64>,
}

/// Follows the plan, page by page.
#[derive(Debug)]
pub(super) struct Feeder {
    checkpoint: Checkpoint,
    // The scan that the plan looked into, if it is still there, and when it began in any case.
    scan: Option<Scan>,
    scan_began: Option<Timestamp>,
    source: Source,
    which: Which,
    doubt: Doubt,
    turn: i64,
    left: u64,
}

impl Feeder {
    /// A feeder of the rows that `feed` names. It reads the plan through a connection of its own.
    pub(super) fn new(job: Arc<Job>, checkpoint: Checkpoint, feed: Feed, now: Timestamp) -> Result<Self, RunError> {
        let scan = job.scan.as_ref().map(ScanFile::open_if_same).transpose()?.flatten();
        let scan_began = job.scan.as_ref().map(|scan| scan.began);
        let last = checkpoint.last_sign_of_life()?;
        // Where the clock was put back since, nobody knows how long it is.
        let is_old = last.is_some_and(|last| now.duration_since(last).abs() > UNDISTURBED);
        let doubt = if is_old { Doubt::Old } else { Doubt::Fresh };
        let left = feed.limit.unwrap_or(u64::MAX);
        Ok(Self { checkpoint, scan, scan_began, source: Source::new(job), which: feed.which, doubt, turn: 0, left })
    }

    /// The next parcels, in the order of sending; none when the plan is done.
    pub(super) fn next_page(&mut self) -> Result<Vec<Parcel>, RunError> {
        self.page().map_err(|error| match error {
            RunError::Checkpoint(error) => error.at(self.checkpoint.path()).into(),
            other => other,
        })
    }

    fn page(&mut self) -> Result<Vec<Parcel>, RunError> {
        let most = PAGE.min(usize::try_from(self.left).unwrap_or(PAGE));
        let rows = self.checkpoint.planned_after(self.turn, SENDABLE, self.which, most)?;
        if let Some(last) = rows.last() {
            self.turn = last.turn;
        }
        self.left -= rows.len() as u64;
        let mut parcels = Vec::with_capacity(rows.len());
        // A record of the file often holds many messages that follow each other: it is read once.
        for rows in rows.chunk_by(|a, b| (a.place.input, a.place.offset) == (b.place.input, b.place.offset)) {
            self.prepare(rows, &mut parcels)?;
        }
        Ok(parcels)
    }

    /// Prepares `rows`, which all stand in one record of one file.
    fn prepare(&mut self, rows: &[Planned], parcels: &mut Vec<Parcel>) -> Result<(), RunError> {
        for (row, checked) in rows.iter().zip(self.source.updates(rows)?) {
            let (held, image, last) = self.held(row.target.message)?;
            parcels.push(Parcel {
                turn: row.turn,
                external_id: row.external_id.clone(),
                target: row.target,
                doubt: (row.state == State::Unconfirmed).then_some(self.doubt),
                last,
                was_known: row.is_known,
                writes_over_edits: row.writes_over_edits,
                body: checked.body,
                held,
                image,
            });
        }
        Ok(())
    }

    /// What the account holds of a message (what we wrote there, else what the scan saw), what is kept of it, and what is
    /// known of its last update.
    fn held(&self, message: MessageId) -> Result<Known, RunError> {
        let seen = || Ok::<_, RunError>(self.scan.as_ref().map(|scan| scan.message(message)).transpose()?.flatten());
        Ok(match self.checkpoint.written(message, self.scan_began)? {
            Written::As(image) => (Some(image.after()), Some(image), LastUpdate::Told),
            Written::Seen(image) => (seen()?, image, LastUpdate::Told),
            Written::Never => (seen()?, None, LastUpdate::None),
            Written::Unknown => (None, self.checkpoint.image(message)?.map(Box::new), LastUpdate::Open),
        })
    }
}

type Known = (Option<Map<String, Value>>, Option<Box<Image>>, LastUpdate);

/// The first `most` updates that a run of the plan in `checkpoint` would send.
///
/// # Errors
/// When the checkpoint or the export can't be read.
pub fn first_parcels(job: Arc<Job>, checkpoint: Checkpoint, most: usize) -> Result<Vec<Parcel>, RunError> {
    let feed = Feed { which: Which::All, limit: Some(most as u64) };
    let mut feeder = Feeder::new(job, checkpoint, feed, Timestamp::UNIX_EPOCH)?;
    let mut parcels = Vec::new();
    loop {
        let page = feeder.next_page()?;
        if page.is_empty() {
            return Ok(parcels);
        }
        parcels.extend(page);
    }
}
