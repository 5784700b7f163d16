//! What a request to the API does, and what it gets.
//!
//! The order of the checks is part of the behaviour: a wrong domain knows nobody, strangers use nothing of an account's
//! bucket, what does not fit into the bucket is not looked at, and a fault strikes what has come so far.

use serde_json::json;

use super::account::Target;
use super::answer::Answer;
use super::change::{Change, Reacted, Update};
use super::core::{Call, Simulator};
use super::faults::{Fault, Strike};
use super::page::Asking;
use super::reaction::Reaction;
use super::route::Route;
use super::settings::Access;
use super::spoil::spoilt;
use super::ticket::Shown;
use super::{check, lists};

impl Simulator {
    /// The answer to a request, before it goes through what all answers go through.
    pub(super) fn admit(&mut self, call: &Call<'_>) -> (Answer, Option<Fault>) {
        match &self.settings.access {
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
        if let (Some(away), "GET" | "PUT") = (self.led_elsewhere(call.route), call.request.method) {
            return away;
        }
        let served = match (call.request.method, call.route) {
            (_, Route::Redirected) => {
                self.journal.counters.redirects_followed += 1;
                Ok(Answer::empty(202))
            }
            ("PUT", Route::Message(target)) => self.update(target, call),
            ("GET" | "PUT", Route::Unknown) => Err(not_found()),
            ("GET", _) => self.read(call),
            _ => Err(Answer::refusal(405, "Method not allowed.")),
        };
        served.unwrap_or_else(|refusal| refusal)
    }

    fn read(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        match call.route {
            Route::Account => {
                let shown = json!({"domain": self.settings.domain, "status": {"status": "active"}});
                Ok(Answer::json(200, &shown))
            }
            Route::Message(target) => Ok(self.message(200, target)),
            Route::Ticket(ticket_id) => {
                let ticket = self.account.ticket(ticket_id).ok_or_else(not_found)?;
                Ok(Answer::json(200, &Shown::whole(&self.account, ticket)))
            }
            _ => self.list(call),
        }
    }

    fn list(&self, call: &Call<'_>) -> Result<Answer, Answer> {
        let settings = &self.settings;
        let asking = Asking { query: &call.query, now: call.now, cursor_life: settings.cursor_life };
        match call.route {
            Route::Messages => lists::messages(&self.account, asking),
            Route::Tickets => lists::tickets(&self.account, asking),
            Route::Users => lists::users(&settings.role, asking),
            Route::Rules | Route::Integrations if settings.hides_automation => Err(Answer::refusal(403, "Forbidden.")),
            Route::Rules => lists::plain("/api/rules", &settings.rules, asking),
            Route::Integrations => lists::plain("/api/integrations", &settings.integrations, asking),
            _ => Err(not_found()),
        }
    }

    fn update(&mut self, target: Target, call: &Call<'_>) -> Result<Answer, Answer> {
        let action = check::action(&call.query)?;
        let body = check::body(call.request.body)?;
        let Target { ticket_id, message_id } = target;
        let cleans_html = self.settings.storing.cleans_html;
        let update = Update { ticket_id, message_id, at: call.now, action, cleans_html, body };
        let updated = self.account.update(&update).ok_or_else(not_found)?;
        let mut answer = Answer::text(202, "application/json", updated.shown);
        answer.changes.push(Change::Updated(update));
        for reaction in self.settings.reactions.wanted() {
            let reacted = Reacted { at: call.now, target, reaction };
            // What has just been mailed is not mailed again.
            if !(updated.mailed && reaction == Reaction::Mails) && self.account.react(&reacted) {
                answer.changes.push(Change::Reacted(reacted));
            }
        }
        Ok(answer)
    }

    /// From what is under a merged ticket, the way to the one that goes on.
    fn led_elsewhere(&self, route: Route) -> Option<Answer> {
        let ticket_id = route.ticket_id()?;
        let heir = self.account.heir(ticket_id);
        (heir != ticket_id).then(|| Answer::empty(301).with_header("location", route.path_in(heir)))
    }

    fn message(&self, status: u16, target: Target) -> Answer {
        let message = self.account.message(target);
        message.map_or_else(not_found, |message| Answer::json(status, message))
    }

    /// What a request does and gets where a fault strikes it.
    fn struck(&mut self, strike: Strike, call: &Call<'_>) -> Answer {
        // A read changes nothing, so half an answer to one is half of the true one.
        let answer = if strike.applied || call.request.method == "GET" {
            self.serve(call)
        } else if let Route::Message(target) = call.route {
            // Half an answer must look the same whether the update was applied or not.
            self.message(202, target)
        } else {
            Answer::empty(200)
        };
        spoilt(strike.fault, answer, call.path, self.settings.retry_after)
    }
}

fn not_found() -> Answer {
    Answer::refusal(404, "Not found.")
}
