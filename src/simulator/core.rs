//! The core: a request and a point in time go in, an answer comes out.
//!
//! The order of the checks is part of the behaviour: a wrong domain knows nobody, strangers use nothing of an account's
//! bucket, what does not fit into the bucket is not looked at, and a fault strikes what has come so far.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::account::{Account, Target};
use super::answer::{Answer, Fate, Request};
use super::bucket::Bucket;
use super::change::{Change, Seed, Update};
use super::faults::{Fault, Strike};
use super::journal::{Counters, Entry, InFlight, Journal};
use super::luck::Luck;
use super::query::Query;
use super::route::{self, Route};
use super::settings::{Access, Settings};
use super::spoil::spoilt;
use super::ticket::ticket;
use super::{SeedError, check, control, page};

/// The stand-in for Gorgias, without clock, wire or file.
#[derive(Debug)]
pub struct Simulator {
    access: Access,
    domain: String,
    latency: Duration,
    retry_after: Duration,
    account: Account,
    bucket: Bucket,
    luck: Luck,
    journal: Journal,
}

/// A request to the API, taken apart.
struct Call<'a> {
    request: &'a Request<'a>,
    /// Without the query.
    path: &'a str,
    query: Query,
    route: Route,
    now: Timestamp,
}

impl Simulator {
    /// A stand-in with an empty account.
    pub fn new(settings: Settings) -> Self {
        Self {
            access: settings.access,
            domain: settings.domain,
            latency: settings.latency,
            retry_after: settings.retry_after,
            account: Account::default(),
            bucket: Bucket::new(settings.limit),
            luck: Luck::new(settings.faults, settings.seed),
            journal: Journal::default(),
        }
    }

    /// Answers a request that arrives at `now`, which should never go back. The account has changed when this returns,
    /// whatever the answer's fate.
    pub fn answer(&mut self, request: &Request<'_>, now: Timestamp) -> Answer {
        let (path, query) = route::split(request.path);
        if control::is_meant(path) {
            return control::answer(self, request.method, path, request.body);
        }
        let route = Route::of(path);
        let call = Call { request, path, query, route, now };
        self.journal.counters.requests += 1;
        self.journal.counters.update_requests += u64::from(route.updated(request.method).is_some());
        let (mut answer, fault) = self.admit(&call);
        match &mut answer.fate {
            Fate::Answered { after } | Fate::Truncated { after } => *after = self.latency,
            Fate::Reset | Fate::Hang => {}
        }
        if answer.is_from_gorgias() {
            answer = answer.with_header("x-gorgias-account-api-call-limit", self.bucket.reading());
        }
        self.journal.note(Entry {
            at: now,
            method: request.method.to_owned(),
            path: request.path.to_owned(),
            status: answer.status,
            applied: !answer.changes.is_empty(),
            fault: fault.map(Fault::name),
        });
        answer
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

    /// Applies a stored change again.
    pub(super) fn replay(&mut self, change: &Change) -> Result<(), String> {
        self.account.replay(change)
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
        self.access = access;
    }

    fn admit(&mut self, call: &Call<'_>) -> (Answer, Option<Fault>) {
        match &self.access {
            Access::WrongDomain => return (Answer::page(404, "Not Found"), None),
            Access::Forbidden => return (Answer::refusal(403, "Forbidden."), None),
            Access::Only(expected) if call.request.authorization != Some(expected) => {
                return (Answer::refusal(401, "Unauthorized."), None);
            }
            Access::Only(_) | Access::Anyone => {}
        }
        if let Err(wait) = self.bucket.take(call.now) {
            self.journal.counters.throttled_by_bucket += 1;
            return (Answer::throttled(wait), None);
        }
        let method = call.request.method;
        let updated = call.route.updated(method);
        if let Some(target) = updated {
            self.account.note_request(target);
        }
        let Some(strike) = self.luck.strike(method, call.path, updated) else {
            return (self.serve(call), None);
        };
        self.journal.note_fault(strike.fault);
        (self.struck(strike, call), Some(strike.fault))
    }

    /// What a request does and gets where nothing goes wrong.
    fn serve(&mut self, call: &Call<'_>) -> Answer {
        match (call.request.method, call.route) {
            (_, Route::Redirected) => {
                self.journal.counters.redirects_followed += 1;
                Answer::empty(202)
            }
            ("PUT", Route::Message(target)) => {
                let answer = self.update(target, call);
                answer.unwrap_or_else(|refusal| refusal)
            }
            ("GET", Route::Message(target)) => self.message(200, target),
            ("GET", Route::Ticket(ticket_id)) => ticket(&self.account, ticket_id),
            ("GET", Route::Messages) => page::messages(&self.account, &call.query),
            ("GET", Route::Account) => {
                Answer::json(200, &json!({"domain": self.domain, "status": {"status": "active"}}))
            }
            ("GET" | "PUT", Route::Unknown) => not_found(),
            _ => Answer::refusal(405, "Method not allowed."),
        }
    }

    fn update(&mut self, target: Target, call: &Call<'_>) -> Result<Answer, Answer> {
        let action = check::action(&call.query)?;
        let body = check::body(call.request.body)?;
        let Target { ticket_id, message_id } = target;
        let update = Update { ticket_id, message_id, at: call.now, action, body };
        let shown = self.account.update(&update).ok_or_else(not_found)?;
        let mut answer = Answer::text(202, "application/json", shown);
        answer.changes.push(Change::Updated(update));
        Ok(answer)
    }

    fn message(&self, status: u16, target: Target) -> Answer {
        let message = self.account.message(target);
        message.map_or_else(not_found, |message| Answer::json(status, message))
    }

    /// What a request does and gets where a fault strikes it.
    fn struck(&mut self, strike: Strike, call: &Call<'_>) -> Answer {
        let answer = if strike.applied {
            self.serve(call)
        } else if let Route::Message(target) = call.route {
            // Half an answer must look the same whether the update was applied or not.
            self.message(202, target)
        } else {
            Answer::empty(200)
        };
        spoilt(strike.fault, answer, call.path, self.retry_after)
    }
}

fn not_found() -> Answer {
    Answer::refusal(404, "Not found.")
}
