//! May the user edit tickets?
//!
//! An access token belongs to an app, and nothing tells what that may do. With an API key the user can be looked up; of
//! Gorgias's roles (observer, lite, basic, lead, admin) the observer alone may not change a ticket.

use serde_json::{Map, Value};

use super::label::label;
use super::{Check, CheckName, Interrupted, User};
use crate::deliver::{Courier, Unread};
use crate::gorgias::{Listing, Request, Transport};

const ROLE: CheckName = CheckName::Role;

/// Looks up the role; `None` where nobody is logged in.
pub(super) async fn check<T: Transport>(courier: &Courier<T>, user: &User) -> Result<Option<Check>, Interrupted> {
    let email = match user {
        User::Email(email) => email,
        User::Token => return Ok(Some(Check::ok(ROLE, "an access token; its role isn't told"))),
        User::Nobody => return Ok(None),
    };
    let told = match courier.read(&Request::users(email)).await {
        Ok(answer) => role(answer, email).ok_or_else(|| "the answer doesn't tell it".to_owned()),
        Err(Unread::Stopping) => return Err(Interrupted),
        Err(Unread::Refused { cause, .. } | Unread::TriesUsedUp(cause) | Unread::Stop(cause)) => Err(cause.detail),
    };
    Ok(Some(match told {
        Ok(role) if role.to_lowercase().contains("observer") => Check::warning(
            ROLE,
            format!("{role}, who may not change tickets"),
            "use the key of a user who may: in Gorgias, an admin can change the role (Settings, Users)",
        ),
        Ok(role) => Check::ok(ROLE, role),
        Err(why) => Check::warning(
            ROLE,
            format!("could not be read ({})", why.trim_end_matches('.')),
            "make sure in Gorgias (Settings, Users) that the user may change tickets",
        ),
    }))
}

/// The role of the user with `email` in a list of users, however the API spells it.
fn role(answer: Value, email: &str) -> Option<String> {
    let users = Listing::read(answer)?.rows;
    // A filter that was not understood would list everybody.
    let is_asked_for = |user: &&Map<String, Value>| {
        user.get("email").and_then(Value::as_str).is_some_and(|held| held.eq_ignore_ascii_case(email))
    };
    let user = users.iter().find(is_asked_for)?;
    let role = ["role", "roles"].into_iter().find_map(|name| user.get(name).filter(|role| !role.is_null()))?;
    let role = role.get(0).unwrap_or(role);
    label(role.get("name").unwrap_or(role).as_str()?)
}
