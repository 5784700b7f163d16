//! The one model that every form of a report is made from.

use std::path::PathBuf;

use jiff::Timestamp;

use super::{AtWork, Forecast, SeenScan};
use crate::account::Preflight;
use crate::checkpoint::{
    CauseCount, Checkpoint, CheckpointError, Effect, FieldCount, FirstReads, Note, Pins, Retriable, RunRecord, Totals,
    Unexpected, Which,
};
use crate::deliver::{Counters, Pace};
use crate::plan::{Delta, Staged};
use crate::record::{Action, CauseKind, State, TimeExample};
use crate::run::Excluded;
use crate::update::{FieldName, Write};

/// The other side, as a report names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The account's name; `None` for a plan that was made without one.
    pub account: Option<String>,
    /// Whether it is a simulator or a test server on this machine.
    pub is_loopback: bool,
    /// The pace that forecasts count with.
    pub pace: Pace,
}

/// The part of the plan that the run at hand is told to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// The options that name it.
    pub typed: String,
    /// The command that goes on with it, with its options.
    pub goes_on: String,
    /// Messages of it that wait to be sent.
    pub waiting: u64,
    /// By state and cause.
    pub causes: Vec<CauseCount>,
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
    /// The scan of the account that it looked into.
    pub scan: Option<SeenScan>,
    /// The numbers.
    pub totals: Totals,
    /// What the mapping did not expect, and what was done.
    pub unexpected: Vec<Unexpected>,
    /// Whether the mapping was written without a real export at hand.
    pub is_experimental: bool,
    /// One message's time as exported and as understood; only where the plan has just been made.
    pub time_example: Option<TimeExample>,
    /// What the list of exclusions came to; only where the plan has just been made.
    pub excluded: Option<Excluded>,
    /// For causes, by their numbers, a value that stands against their first message; only where the plan has just been
    /// made.
    pub refused_values: Vec<(i64, String)>,
    /// Lookups in which somebody was looked for, and of which no file was found: each with what it is looked for as.
    pub missing_lookups: Vec<(String, String)>,
    /// How the plan differs from the one before; only where it has just been made.
    pub delta: Option<Delta>,
    /// Messages that a retry is about to put back among those to be sent.
    pub again: Retriable,
    /// The process that is at work with the checkpoint at this moment; only where another one asks.
    pub at_work: Option<AtWork>,
    /// Send so many messages and no more.
    pub limit: Option<u64>,
    /// When the run stops by itself.
    pub stop_at: Option<Timestamp>,
    /// What of the plan is to be sent, where that is not all.
    pub selected: Option<Selected>,
    /// The side effect that the run at hand asks the account for.
    pub action: Option<Action>,
    /// Whether what undo needs is kept, and read first where nothing tells it.
    pub undo: bool,
    /// What is read before what waits.
    pub reads: FirstReads,
    /// The same, with what a retry puts back.
    pub reads_of_retry: FirstReads,
    /// What was looked at before the last run.
    pub preflight: Option<Preflight>,
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
        let scan = pins.scan.as_ref().map(SeenScan::of);
        let has_scan = scan.as_ref().is_some_and(|scan| scan.finished.is_some());
        Ok(Some(Self {
            at,
            side,
            system: system.to_owned(),
            pins,
            scan,
            totals: checkpoint.totals()?,
            unexpected: checkpoint.unexpected()?,
            is_experimental: false,
            time_example: None,
            excluded: None,
            refused_values: Vec::new(),
            missing_lookups: Vec::new(),
            delta: None,
            again: Retriable::default(),
            at_work: None,
            limit: None,
            stop_at: None,
            selected: None,
            action: None,
            undo: checkpoint.noted(Note::Undo)?.as_deref() != Some("off"),
            reads: checkpoint.first_reads(has_scan, false, Which::All)?,
            reads_of_retry: checkpoint.first_reads(has_scan, true, Which::All)?,
            preflight: preflight(checkpoint)?,
            runs: checkpoint.runs()?,
            counters: None,
        }))
    }

    /// Whether every message that was read is in exactly one state.
    pub fn balanced(&self) -> bool {
        self.totals.balance()
    }

    /// Messages that a rule of the mapping leaves out.
    pub fn by_rule(&self) -> u64 {
        of_cause(&self.totals.causes, State::Skipped, CauseKind::SkipRule)
    }

    /// Messages that `--exclude` leaves out.
    pub fn excluded_messages(&self) -> u64 {
        of_cause(&self.totals.causes, State::Skipped, CauseKind::Excluded)
    }

    /// Narrows what it says of sending to what was chosen in `checkpoint` by the options `typed`; `goes_on` is the command
    /// that goes on with it.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn select(&mut self, checkpoint: &Checkpoint, typed: String, goes_on: String) -> Result<(), CheckpointError> {
        let has_scan = self.scan.as_ref().is_some_and(|scan| scan.finished.is_some());
        self.reads = checkpoint.first_reads(has_scan, false, Which::Chosen)?;
        self.reads_of_retry = checkpoint.first_reads(has_scan, true, Which::Chosen)?;
        self.totals.fields = checkpoint.field_counts(Which::Chosen)?;
        let waiting = checkpoint.count_in(&WAITING, Which::Chosen)?;
        self.selected = Some(Selected { typed, goes_on, waiting, causes: checkpoint.cause_counts(Which::Chosen)? });
        Ok(())
    }

    /// Messages of the plan that are still to be sent, by whatever run.
    pub fn waiting(&self) -> u64 {
        WAITING.into_iter().map(|state| self.totals.of(state)).sum()
    }

    /// Messages that are still to be sent, of those that the run at hand is told to send.
    pub fn to_send(&self) -> u64 {
        let waiting = self.selected.as_ref().map_or_else(|| self.waiting(), |selected| selected.waiting);
        waiting + self.again.all()
    }

    /// Those of them that the run at hand sends.
    pub fn to_send_now(&self) -> u64 {
        self.limit.map_or(self.to_send(), |limit| limit.min(self.to_send()))
    }

    /// What sending these takes.
    pub fn forecast(&self) -> Forecast {
        let updates = self.to_send_now();
        let reads = if self.again.all() > 0 { &self.reads_of_retry } else { &self.reads };
        let looks = self.undo || self.reads_first();
        Forecast::of(updates, reads.tickets(updates, looks), reads.messages(updates, looks), self.side.pace)
    }

    /// Messages that failed, or are blocked, and stay so: without those that a retry puts back.
    pub fn left_behind(&self) -> (u64, u64) {
        let [failed, blocked] = [State::Failed, State::Blocked].map(|state| self.totals.of(state));
        (failed.saturating_sub(self.again.failed), blocked.saturating_sub(self.again.blocked))
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

    /// Messages to be sent that an undo took back.
    pub fn taken_back(&self) -> u64 {
        self.selected_of(State::Pending, CauseKind::Undone)
    }

    /// Messages to be sent that somebody changed in Gorgias since they were first updated, which a retry writes over.
    pub fn over_edits(&self) -> u64 {
        let is_retry = self.again.all() > 0;
        let put_back = if is_retry { self.selected_of(State::Blocked, CauseKind::EditedSince) } else { 0 };
        self.selected_of(State::Pending, CauseKind::EditedSince) + put_back
    }

    /// Messages that may be one of several of the account.
    pub fn ambiguous(&self) -> u64 {
        of_cause(&self.totals.causes, State::Blocked, CauseKind::Ambiguous)
    }

    /// The same, of what the run at hand is told to send.
    fn selected_of(&self, state: State, kind: CauseKind) -> u64 {
        of_cause(self.selected.as_ref().map_or(&self.totals.causes, |selected| &selected.causes), state, kind)
    }

    /// The export files, as they were named.
    pub fn inputs(&self) -> Vec<&PathBuf> {
        self.pins.exports().collect()
    }

    /// The path of the input with number `input`, by its name alone.
    pub fn input_name(&self, input: crate::record::InputId) -> String {
        let path = self.inputs().get(input.0 as usize).copied();
        path.and_then(|path| path.file_name()).map_or_else(|| "?".into(), |name| name.to_string_lossy().into_owned())
    }

    /// The fields that are written to messages of which it is not known what they hold, with how many have each.
    pub fn written(&self) -> Vec<(FieldName, u64)> {
        self.fields(|row, field| row.effect.is_none() && self.sets(row, field))
    }

    /// The fields that the mapping sets and the plan does not write.
    pub fn unwritten(&self) -> Vec<(FieldName, u64)> {
        self.fields(|row, field| row.fields & field.bit() != 0 && !self.pins.writes.includes(field))
    }

    /// The fields that fill what the account is known to lack.
    pub fn fills(&self) -> Vec<(FieldName, u64)> {
        self.fields(|row, field| row.effect.is_some_and(|effect| effect.fills & field.bit() != 0))
    }

    /// The fields that replace something else that the account is known to hold.
    pub fn replaces(&self) -> Vec<(FieldName, u64)> {
        self.fields(|row, field| row.effect.is_some_and(|effect| effect.replaces & field.bit() != 0))
    }

    /// Of those that fill and replace: which can't be put back by an undo.
    pub fn for_good(&self) -> Vec<(FieldName, u64)> {
        self.fields(|row, field| row.effect.is_some_and(|effect| effect.lost & field.bit() != 0))
    }

    /// Messages to be sent of which it is known what the account holds, and those of which it is not.
    pub fn known_and_unknown(&self) -> (u64, u64) {
        let count = |is_known: bool| {
            let rows = self.totals.fields.iter().filter(|row| row.effect.is_some() == is_known);
            rows.map(|row| row.count).sum()
        };
        (count(true), count(false))
    }

    /// Whether what a message holds must be known before it is written to.
    pub fn reads_first(&self) -> bool {
        self.pins.writes.write == Write::Missing
    }

    /// Messages whose written `body_html` holds an image.
    pub fn inline_images(&self) -> u64 {
        let is_written = |row: &FieldCount| match row.effect {
            Some(Effect { fills, replaces, .. }) => (fills | replaces) & FieldName::BodyHtml.bit() != 0,
            None => self.pins.writes.includes(FieldName::BodyHtml),
        };
        let rows = self.totals.fields.iter().filter(|row| row.fields & Staged::INLINE_IMAGE != 0 && is_written(row));
        rows.map(|row| row.count).sum()
    }

    /// What the operator took upon themselves, in words.
    pub fn waived(&self) -> Vec<String> {
        let id = "messages that hold another external_id are written over (--replace-external-id)";
        let id = self.pins.writes.replace_external_id.then(|| id.to_owned());
        let checks = self.preflight.iter().flat_map(|preflight| &preflight.checks).filter(|check| check.waived);
        let checks = checks.map(|check| format!("{}: {}", check.name.word(), check.finding));
        id.into_iter().chain(checks).collect()
    }

    /// Whether an update of this message sends `field`, as far as is known without the account.
    fn sets(&self, row: &FieldCount, field: FieldName) -> bool {
        row.fields & field.bit() != 0 && self.pins.writes.includes(field)
    }

    fn fields(&self, is_meant: impl Fn(&FieldCount, FieldName) -> bool) -> Vec<(FieldName, u64)> {
        let count = |field| {
            let rows = self.totals.fields.iter().filter(|row| is_meant(row, field));
            rows.map(|row| row.count).sum::<u64>()
        };
        FieldName::ALL.into_iter().map(|field| (field, count(field))).filter(|&(_, count)| count > 0).collect()
    }
}

/// The states of what is still to be sent.
const WAITING: [State; 3] = [State::Pending, State::Unconfirmed, State::Sending];

fn of_cause(causes: &[CauseCount], state: State, kind: CauseKind) -> u64 {
    let is_of_it = |row: &&CauseCount| row.state == state && row.cause.kind == kind;
    causes.iter().filter(is_of_it).map(|row| row.count).sum()
}

fn preflight(checkpoint: &Checkpoint) -> Result<Option<Preflight>, CheckpointError> {
    let text = checkpoint.noted(Note::Preflight)?;
    let odd = |_| CheckpointError::Corrupt { what: "checks that can't be read".into() };
    text.map(|text| serde_json::from_str(&text).map_err(odd)).transpose()
}
