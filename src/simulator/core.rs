//! The core: a request and a point in time go in, an answer comes out.
//!
//! The order of the checks is part of the behaviour: a wrong domain knows nobody, strangers use nothing of an account's
//! bucket, what does not fit into the bucket is not looked at, and a fault strikes what has come so far.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::{Account, Target};
use super::answer::{Answer, Fate, Request};
use super::bucket::Bucket;
use super::change::{Change, Seed, Update};
use super::faults::{Fault, Strike};
use super::journal::{Counters, Entry, InFlight, Journal};
use super::luck::Luck;
use super::message::Message;
use super::query::Query;
use super::route::{self, REDIRECTED, Route};
use super::settings::{Access, Settings};
use super::{SeedError, check, control, moment, page};

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
        self.journal.counters.requests += 1;
        self.journal.counters.update_requests += u64::from(route.updated(request.method).is_some());
        let (mut answer, fault) = self.admit(request, path, route, &query, now);
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

    fn admit(
        &mut self,
        request: &Request<'_>,
        path: &str,
        route: Route,
        query: &Query,
        now: Timestamp,
    ) -> (Answer, Option<Fault>) {
        match &self.access {
            Access::WrongDomain => return (Answer::page(404, "Not Found"), None),
            Access::Forbidden => return (Answer::refusal(403, "Forbidden."), None),
            Access::Only(expected) if request.authorization != Some(expected) => {
                return (Answer::refusal(401, "Unauthorized."), None);
            }
            Access::Only(_) | Access::Anyone => {}
        }
        if let Err(wait) = self.bucket.take(now) {
            self.journal.counters.throttled_by_bucket += 1;
            return (throttled(wait), None);
        }
        let updated = route.updated(request.method);
        if let Some(target) = updated {
            self.account.note_request(target);
        }
        let Some(strike) = self.luck.strike(request.method, path, updated) else {
            return (self.serve(request, route, query, now), None);
        };
        self.journal.note_fault(strike.fault);
        (self.struck(strike, request, path, route, query, now), Some(strike.fault))
    }

    /// What a request does and gets where nothing goes wrong.
    fn serve(&mut self, request: &Request<'_>, route: Route, query: &Query, now: Timestamp) -> Answer {
        match (request.method, route) {
            (_, Route::Redirected) => {
                self.journal.counters.redirects_followed += 1;
                Answer::empty(202)
            }
            ("PUT", Route::Message(target)) => {
                let answer = self.update(target, request.body, query, now);
                answer.unwrap_or_else(|refusal| refusal)
            }
            ("GET", Route::Message(target)) => self.message(200, target),
            ("GET", Route::Ticket(ticket_id)) => self.ticket(ticket_id),
            ("GET", Route::Messages) => page::messages(&self.account, query),
            ("GET", Route::Account) => Answer::json(200, &json!({"domain": self.domain, "status": {"status": "active"}})),
            ("GET" | "PUT", Route::Unknown) => not_found(),
            _ => Answer::refusal(405, "Method not allowed."),
        }
    }

    fn update(&mut self, target: Target, body: &[u8], query: &Query, now: Timestamp) -> Result<Answer, Answer> {
        let action = check::action(query)?;
        let body = check::body(body)?;
        let Target { ticket_id, message_id } = target;
        let update = Update { ticket_id, message_id, at: now, action, body };
        let shown = self.account.update(&update).ok_or_else(not_found)?;
        let mut answer = Answer::json(202, &shown);
        answer.changes.push(Change::Updated(update));
        Ok(answer)
    }

    fn message(&self, status: u16, target: Target) -> Answer {
        let message = self.account.message(target);
        message.map_or_else(not_found, |message| Answer::json(status, message))
    }

    fn ticket(&self, ticket_id: u64) -> Answer {
        let Some(keys) = self.account.keys(Some(ticket_id)) else { return not_found() };
        let messages: Vec<&Message> = keys.iter().filter_map(|key| self.account.at(*key)).collect();
        let property = |name: &str| messages.first().map_or(Value::Null, |first| first.get(name).clone());
        let created = messages.first().map(|first| moment::show(first.created()));
        let updated = messages.last().map(|last| moment::show(last.created()));
        Answer::json(
            200,
            &json!({
                "id": ticket_id,
                "uri": format!("/api/tickets/{ticket_id}/"),
                "external_id": null,
                "status": "closed",
                "channel": property("channel"),
                "via": property("via"),
                "subject": property("subject"),
                "customer": property("sender"),
                "is_unread": false,
                "spam": false,
                "trashed_datetime": null,
                "created_datetime": created,
                "updated_datetime": updated,
                "messages_count": messages.len(),
                "messages": messages,
            }),
        )
    }

    /// What a request does and gets where a fault strikes it.
    fn struck(
        &mut self,
        strike: Strike,
        request: &Request<'_>,
        path: &str,
        route: Route,
        query: &Query,
        now: Timestamp,
    ) -> Answer {
        let mut answer = if strike.applied {
            self.serve(request, route, query, now)
        } else if let Route::Message(target) = route {
            // Half an answer must look the same whether the update was applied or not.
            self.message(202, target)
        } else {
            Answer::empty(200)
        };
        let changes = std::mem::take(&mut answer.changes);
        let mut spoilt = match strike.fault {
            Fault::BadRequest => Answer::refusal(400, "Bad request."),
            Fault::Unauthorized => Answer::refusal(401, "Unauthorized."),
            Fault::Forbidden => Answer::refusal(403, "Forbidden."),
            Fault::NotFound => not_found(),
            Fault::Conflict => Answer::refusal(409, "The identifier is already in use."),
            Fault::TooLarge => Answer::refusal(413, "Payload too large."),
            Fault::Throttled => throttled(self.retry_after),
            Fault::ServerError => Answer::refusal(500, "Internal server error."),
            Fault::BadGateway => Answer::page(502, "Bad Gateway"),
            Fault::Unavailable => Answer::page(503, "Service Unavailable"),
            Fault::GatewayTimeout => Answer::page(504, "Gateway Timeout"),
            Fault::WrongDomain => Answer::page(404, "Not Found"),
            Fault::Redirect => Answer::empty(301).with_header("location", format!("{REDIRECTED}{path}")),
            Fault::Reset => Answer { fate: Fate::Reset, ..answer },
            Fault::Hang => Answer { fate: Fate::Hang, ..answer },
            Fault::Truncated => Answer { fate: Fate::Truncated { after: Duration::ZERO }, ..answer },
            // A request that is refused anyway gets its refusal: these three are about a success that does not look like one.
            Fault::Empty | Fault::OtherId | Fault::Unreadable if answer.status >= 300 => answer,
            Fault::Empty => Answer::empty(answer.status),
            Fault::OtherId => with_other_id(&answer),
            Fault::Unreadable => Answer::text(answer.status, "application/json", "{\"id\": 12, <!-- upstream"),
        };
        spoilt.changes = changes;
        spoilt
    }
}

fn not_found() -> Answer {
    Answer::refusal(404, "Not found.")
}

/// A 429 that asks to wait so long, rounded up to whole seconds.
fn throttled(wait: Duration) -> Answer {
    let seconds = wait.as_nanos().div_ceil(1_000_000_000);
    Answer::refusal(429, "Too many requests.").with_header("retry-after", seconds.to_string())
}

fn with_other_id(answer: &Answer) -> Answer {
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if let Some(id) = body.get_mut("external_id") {
        let other = id.as_str().map_or("another".to_owned(), |id| format!("another-{id}"));
        *id = Value::String(other);
    }
    Answer::json(answer.status, &body)
}
