//! The one model that every form of a report is made from.

use std::path::PathBuf;

use jiff::Timestamp;

use super::Forecast;
use crate::checkpoint::{Checkpoint, CheckpointError, Pins, Role, RunRecord, Totals};
use crate::deliver::{Counters, Rate};
use crate::plan::{Delta, Staged};
use crate::record::{CauseKind, State};
use crate::update::{FieldName, Write};

/// The other side, as a report names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The account's name; `None` for a plan that was made without one.
    pub account: Option<String>,
    /// Whether it is a simulator or a test server on this machine.
    pub is_loopback: bool,
    /// The rate that forecasts count with.
    pub rate: Rate,
}

/// Everything that a report says.
#[derive(Debug, Clone)]
pub struct Report {
    /// When it was made.
    pub at: Timestamp,
    /// The other side.
    pub side: Side,
    /// The system that the export comes from.
    pub system: String,
    /// What the plan was made from.
    pub pins: Pins,
    /// The numbers.
    pub totals: Totals,
    /// How the plan differs from the one before; only where it has just been made.
    pub delta: Option<Delta>,
    /// Messages that a retry is about to put back among those to be sent.
    pub again: u64,
    /// Whether another process is sending at this moment.
    pub is_running: bool,
    /// Send so many messages and no more.
    pub limit: Option<u64>,
    /// The runs so far.
    pub runs: Vec<RunRecord>,
    /// What went through the pacer in the run that has just ended.
    pub counters: Option<Counters>,
}

impl Report {
    /// Reads everything from `checkpoint`; `None` where it holds no plan.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn gather(
        checkpoint: &Checkpoint,
        side: Side,
        system: &str,
        at: Timestamp,
    ) -> Result<Option<Self>, CheckpointError> {
        let Some(pins) = checkpoint.pins()? else {
            return Ok(None);
        };
        let totals = checkpoint.totals()?;
        let runs = checkpoint.runs()?;
        let system = system.to_owned();
        let report = Self {
            at,
            side,
            system,
            pins,
            totals,
            delta: None,
            again: 0,
            is_running: false,
            limit: None,
            runs,
            counters: None,
        };
        Ok(Some(report))
    }

    /// Whether every message that was read is in exactly one state.
    pub fn balanced(&self) -> bool {
        self.totals.balance()
    }

    /// Messages that are still to be sent.
    pub fn to_send(&self) -> u64 {
        let waiting = [State::Pending, State::Unconfirmed, State::Sending].into_iter();
        waiting.map(|state| self.totals.of(state)).sum::<u64>() + self.again
    }

    /// Those of them that the run at hand sends.
    pub fn to_send_now(&self) -> u64 {
        self.limit.map_or(self.to_send(), |limit| limit.min(self.to_send()))
    }

    /// What sending these takes.
    pub fn forecast(&self) -> Forecast {
        Forecast::of(self.to_send_now(), self.pins.writes.write, self.side.rate)
    }

    /// Messages that need somebody's attention.
    pub fn troubled(&self) -> u64 {
        [State::Blocked, State::Failed, State::Unconfirmed].into_iter().map(|state| self.totals.of(state)).sum()
    }

    /// Messages that were held back because Gorgias might have mailed them.
    pub fn unsafe_blocked(&self) -> u64 {
        let is_unsafe = |kind| kind == CauseKind::Unsafe;
        self.totals.causes.iter().filter(|row| is_unsafe(row.cause.kind)).map(|row| row.count).sum()
    }

    /// The export files, as they were named.
    pub fn inputs(&self) -> Vec<&PathBuf> {
        self.pins.files.iter().filter(|file| file.role == Role::Export).map(|file| &file.path).collect()
    }

    /// The path of the input with number `input`, by its name alone.
    pub fn input_name(&self, input: crate::record::InputId) -> String {
        let path = self.inputs().get(input.0 as usize).copied();
        path.and_then(|path| path.file_name()).map_or_else(|| "?".into(), |name| name.to_string_lossy().into_owned())
    }

    /// The fields that the plan writes and the mapping sets, with how many messages have each.
    pub fn written(&self) -> Vec<(FieldName, u64)> {
        self.fields(|field| self.pins.writes.includes(field))
    }

    /// The fields that the mapping sets and the plan does not write.
    pub fn unwritten(&self) -> Vec<(FieldName, u64)> {
        self.fields(|field| !self.pins.writes.includes(field))
    }

    /// Whether each update reads its message first.
    pub fn reads_first(&self) -> bool {
        self.pins.writes.write == Write::Missing
    }

    /// Messages whose written `body_html` holds an image.
    pub fn inline_images(&self) -> u64 {
        if self.pins.writes.includes(FieldName::BodyHtml) { self.with_bit(Staged::INLINE_IMAGE) } else { 0 }
    }

    fn fields(&self, is_wanted: impl Fn(FieldName) -> bool) -> Vec<(FieldName, u64)> {
        let fields = FieldName::ALL.into_iter().filter(|&field| is_wanted(field));
        fields.map(|field| (field, self.with_bit(field.bit()))).filter(|&(_, count)| count > 0).collect()
    }

    fn with_bit(&self, bit: u16) -> u64 {
        self.totals.fields.iter().filter(|row| row.fields & bit != 0).map(|row| row.count).sum()
    }
}
