//! The core: a request and a point in time go in, an answer comes out.
//!
//! Here is what there is of it besides the account: its clock, what happens to it from outside, and the figures; `serve`
//! holds what a request does.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::account::{Account, Target};
use super::answer::{Answer, Fate, Request};
use super::bucket::Bucket;
use super::change::{Change, Happened, Seed, TicketSeed};
use super::faults::Fault;
use super::happening::{Event, HappeningError};
use super::journal::{Counters, Entry, InFlight, Journal};
use super::luck::Luck;
use super::query::Query;
use super::route::{self, Route};
use super::seeding::{FIRST_DAY, SeedError};
use super::settings::{Access, Settings};
use super::{control, moment, storing};

/// The stand-in for Gorgias, without clock, wire or file.
#[derive(Debug)]
pub struct Simulator {
    pub(super) settings: Settings,
    pub(super) account: Account,
    pub(super) bucket: Bucket,
    pub(super) luck: Luck,
    pub(super) journal: Journal,
    /// What will happen, the next one first.
    script: VecDeque<(u64, Event)>,
    /// The account's clock, as the last request found it.
    clock: Timestamp,
    /// What happened apart from a request and was not handed out to be stored yet.
    unstored: Vec<Change>,
}

/// A request to the API, taken apart.
pub(super) struct Call<'a> {
    pub(super) request: &'a Request<'a>,
    /// Without the query.
    pub(super) path: &'a str,
    pub(super) query: Query,
    pub(super) route: Route,
    pub(super) now: Timestamp,
}

impl Simulator {
    /// A stand-in with an empty account.
    pub fn new(mut settings: Settings) -> Self {
        let mut script = std::mem::take(&mut settings.events);
        script.sort_by_key(|(turn, _)| *turn);
        Self {
            account: Account::default(),
            bucket: Bucket::new(settings.limit),
            luck: Luck::new(std::mem::take(&mut settings.faults), settings.seed),
            journal: Journal::default(),
            script: script.into(),
            clock: FIRST_DAY,
            unstored: Vec::new(),
            settings,
        }
    }

    /// Answers a request that arrives at `now`, which should never go back. The account has changed when this returns,
    /// whatever the answer's fate.
    pub fn answer(&mut self, request: &Request<'_>, now: Timestamp) -> Answer {
        let now = now.checked_add(self.settings.clock_ahead).unwrap_or(now);
        self.clock = now;
        let (path, query) = route::split(request.path);
        let mut answer = if control::is_meant(path) {
            control::answer(self, request.method, path, request.body)
        } else {
            self.call(&Call { request, path, query, route: Route::of(path), now })
        };
        answer.changes.splice(..0, std::mem::take(&mut self.unstored));
        answer.with_header("date", moment::header(now))
    }

    fn call(&mut self, call: &Call<'_>) -> Answer {
        let read = call.request.method == "GET";
        let counters = &mut self.journal.counters;
        counters.requests += 1;
        counters.update_requests += u64::from(call.route.updated(call.request.method).is_some());
        counters.reads += u64::from(read && call.route.is_read());
        let (mut answer, fault) = match self.let_happen() {
            Ok(()) => self.admit(call),
            Err(error) => (Answer::refusal(500, &format!("What was to happen can't: {error}.")), None),
        };
        self.journal.counters.pages += u64::from(read && call.route.is_list() && answer.status == 200);
        if self.settings.storing.naive_times {
            answer = storing::with_naive_times(answer);
        }
        match &mut answer.fate {
            Fate::Answered { after } | Fate::Truncated { after } => *after = self.settings.latency,
            Fate::Reset | Fate::Hang => {}
        }
        if answer.is_from_gorgias() {
            answer = answer.with_header("x-gorgias-account-api-call-limit", self.bucket.reading());
        }
        self.note(call, &answer, fault);
        answer
    }

    fn note(&mut self, call: &Call<'_>, answer: &Answer, fault: Option<Fault>) {
        self.journal.note(Entry {
            at: call.now,
            method: call.request.method.to_owned(),
            path: call.request.path.to_owned(),
            status: answer.status,
            applied: !answer.changes.is_empty(),
            fault: fault.map(Fault::name),
        });
    }

    /// Says that a request has arrived, before its answer is asked for: so overlapping updates of a ticket are noticed.
    pub fn begin(&mut self, method: &str, path: &str) -> InFlight {
        let updated = Route::of(route::split(path).0).updated(method);
        let ticket_id = updated.map(|target| target.ticket_id);
        if let Some(ticket_id) = ticket_id {
            self.journal.begin(ticket_id);
        }
        InFlight { ticket_id }
    }

    /// Says that a request has got its answer, or never will.
    #[expect(clippy::needless_pass_by_value, reason = "given back, it can't be given back again")]
    pub fn finish(&mut self, in_flight: InFlight) {
        if let Some(ticket_id) = in_flight.ticket_id {
            self.journal.finish(ticket_id);
        }
    }

    /// Makes a message exist, as [`Account::seed`] says, and returns the change to be stored if there was one.
    pub fn seed(&mut self, seed: Seed) -> Result<Option<Change>, SeedError> {
        let new = self.account.seed(&seed)?;
        Ok(new.then_some(Change::Seeded(seed)))
    }

    /// Gives a ticket its properties, as [`Account::seed_ticket`] says, and returns the change to be stored if there was
    /// one.
    pub fn seed_ticket(&mut self, seed: TicketSeed) -> Result<Option<Change>, SeedError> {
        let new = self.account.seed_ticket(&seed)?;
        Ok(new.then_some(Change::TicketSeeded(seed)))
    }

    /// Lets somebody else do something to the account now, which is when the last request came; `false` where that
    /// changes nothing. The next answer brings the change that is to be stored.
    pub fn happen(&mut self, event: Event) -> Result<bool, HappeningError> {
        let happened = Happened { at: self.clock, event };
        let changed = self.account.happen(&happened)?;
        if changed {
            self.unstored.push(Change::Happened(happened));
        }
        Ok(changed)
    }

    /// An agent edits a message: [`Event::Edit`].
    pub fn edit(&mut self, target: Target, properties: Map<String, Value>) -> Result<bool, HappeningError> {
        self.happen(Event::Edit { target, properties })
    }

    /// A message is deleted: [`Event::DeleteMessage`].
    pub fn delete_message(&mut self, target: Target) -> Result<bool, HappeningError> {
        self.happen(Event::DeleteMessage(target))
    }

    /// A ticket is deleted with its messages: [`Event::DeleteTicket`].
    pub fn delete_ticket(&mut self, ticket_id: u64) -> Result<bool, HappeningError> {
        self.happen(Event::DeleteTicket(ticket_id))
    }

    /// A ticket is merged into another: [`Event::Merge`].
    pub fn merge(&mut self, from: u64, into: u64) -> Result<bool, HappeningError> {
        self.happen(Event::Merge { from, into })
    }

    /// Applies a stored change again.
    pub(super) fn replay(&mut self, change: &Change) -> Result<(), String> {
        self.account.replay(change)
    }

    /// What happened apart from a request and is to be stored.
    pub(super) fn unstored(&mut self) -> &mut Vec<Change> {
        &mut self.unstored
    }

    /// What the account holds.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Figures of what it has seen so far.
    pub fn counters(&self) -> Counters {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        Counters {
            updates: self.account.updates(),
            repeated: self.account.repeated(),
            mails: count(self.account.mailed().len()),
            actions_seen: self.account.actions_seen(),
            deleted: count(self.account.deleted()),
            people_created: self.account.people_created(),
            messages: count(self.account.len()),
            peak_used: self.bucket.peak_used(),
            ..self.journal.counters.clone()
        }
    }

    /// The last thousand requests to the API, the oldest first.
    pub fn recent(&self) -> impl Iterator<Item = &Entry> {
        self.journal.recent()
    }

    /// From now on lets in whom `access` says, as when a key is revoked in the middle of a run.
    pub fn set_access(&mut self, access: Access) {
        self.settings.access = access;
    }

    /// Lets happen what is due before this request. What can't is a mistake in the script, and every request hears of
    /// it from there on.
    fn let_happen(&mut self) -> Result<(), HappeningError> {
        let turn = self.journal.counters.requests;
        while let Some((_, event)) = self.script.front().filter(|(due, _)| *due <= turn) {
            self.happen(event.clone())?;
            self.script.pop_front();
        }
        Ok(())
    }
}
