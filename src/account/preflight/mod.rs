//! What is looked at before a run: may it write, how fast, and who would react to what it writes?
//!
//! The account tells most of it, in a handful of requests; the rest is known on this side and handed in as [`Given`].
//! Each check is a value, for the screen, the report and the checkpoint alike. There is one way to stop a run: a check
//! that says [`Level::Stop`] and was not waived. What can't be told is never taken for harmless: a rule whose events
//! can't be read counts as one that reacts.

mod automation;
mod check;
mod clock;
mod credentials;
mod facts;
mod label;
mod limit;
mod mail;
mod role;
mod scan;

pub use check::{Check, CheckName, Level, Preflight, Waiver};
pub use facts::{Given, MailRisk, ScanAge, User};

use crate::deliver::{Courier, Unread};
use crate::gorgias::{Request, Transport};

/// The checks were told to stop before their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the checks were interrupted")]
pub struct Interrupted;

/// Looks at the account that `courier` goes to, as `user`. Reads only.
///
/// # Errors
/// When the courier was told to stop.
pub async fn preflight<T: Transport>(
    courier: &Courier<T>,
    user: &User,
    facts: &Given,
) -> Result<Preflight, Interrupted> {
    let answer = match courier.read_answer(&Request::account()).await {
        Ok((_, answer)) => answer,
        Err(Unread::Stopping) => return Err(Interrupted),
        // Nothing else can be asked there.
        Err(unread) => return Ok(Preflight { checks: vec![credentials::refused(unread)] }),
    };
    let now = courier.clock.now();
    let mut checks = vec![credentials::accepted()];
    checks.extend(role::check(courier, user).await?);
    checks.push(limit::check(answer.usage, facts.pace));
    checks.extend(answer.date.map(|theirs| clock::check(theirs, now)));
    checks.extend(scan::check(facts.scan, facts.has_targets, now));
    checks.push(automation::rules(courier).await?);
    checks.push(automation::integrations(courier).await?);
    checks.extend(facts.mail.map(mail::check));
    for check in &mut checks {
        check.waive(&facts.waivers);
    }
    Ok(Preflight { checks })
}
