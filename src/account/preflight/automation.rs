//! Who reacts when a message is updated: the account's rules, which may mail customers, and the systems that its HTTP
//! integrations tell.
//!
//! Both are read loosely, and what can't be understood counts as reacting: a false alarm costs a look, the other
//! mistake costs mails to customers. A rule counts whatever ticket or message event it runs on, because nobody promises
//! which of them an update sets off.

use serde_json::{Map, Value};

use super::label::label;
use super::{Check, CheckName, Interrupted};
use crate::deliver::{Courier, Unread};
use crate::gorgias::{Listing, Request, Transport};
use crate::record::{CauseKind, count};

/// So many are named; the rest is a number.
const NAMED: usize = 5;
/// A list with more pages does not end.
const MOST_PAGES: usize = 100;

type Row = Map<String, Value>;

/// What a list came to.
enum Found {
    Rows(Vec<Row>),
    /// The role may not see it.
    Hidden(String),
    Unread(String),
}

/// How a check speaks about what it lists.
struct Words {
    name: CheckName,
    noun: &'static str,
    /// What to do where some react.
    react: &'static str,
    /// What to do where they can't be seen.
    hidden: &'static str,
}

/// The rules that may react to an update.
pub(super) async fn rules<T: Transport>(courier: &Courier<T>) -> Result<Check, Interrupted> {
    const WORDS: Words = Words {
        name: CheckName::Rules,
        noun: "rule",
        react: "switch them off in Gorgias (Settings, Rules) for the time of the run; if they can't mail anybody: \
                `--waive rules`",
        hidden: "look in Gorgias (Settings, Rules) whether any reacts to tickets, and switch those off for the time of \
                 the run",
    };
    let is_of_tickets = |event: &str| event.contains("ticket") || event.contains("message");
    let reacts = |rule: &Row| is_active(rule) && sets_off(rule.get("event_types"), is_of_tickets);
    Ok(judge(&WORDS, all(courier, Request::rules).await?, reacts))
}

/// The HTTP integrations that are told of updates.
pub(super) async fn integrations<T: Transport>(courier: &Courier<T>) -> Result<Check, Interrupted> {
    const WORDS: Words = Words {
        name: CheckName::Integrations,
        noun: "HTTP integration",
        react: "switch them off in Gorgias for the time of the run; if whatever listens may hear of every update: \
                `--waive integrations`",
        hidden: "look in Gorgias whether an HTTP integration is told of updated tickets or messages, and switch it off \
                 for the time of the run",
    };
    let is_of_updates = |event: &str| event == "ticket-updated" || event.starts_with("ticket-message");
    let triggers = |integration: &Row| {
        let http = integration.get("http");
        sets_off(http.and_then(|http| http.get("triggers")), is_of_updates)
    };
    let reacts = |integration: &Row| is_active(integration) && is_http(integration) && triggers(integration);
    Ok(judge(&WORDS, all(courier, Request::integrations).await?, reacts))
}

/// Reads all pages of a list.
async fn all<T: Transport>(courier: &Courier<T>, page: impl Fn(Option<&str>) -> Request) -> Result<Found, Interrupted> {
    let mut rows = Vec::new();
    let mut cursor: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let answer = match courier.read(&page(cursor.as_deref())).await {
            Ok(answer) => answer,
            Err(unread) => return without(unread),
        };
        let Some(listing) = Listing::read(answer) else { return Ok(Found::Unread("the answer is no list".into())) };
        rows.extend(listing.rows);
        match listing.next {
            Some(next) => cursor = Some(next),
            None => return Ok(Found::Rows(rows)),
        }
    }
    Ok(Found::Unread("the list does not end".into()))
}

fn without(unread: Unread) -> Result<Found, Interrupted> {
    match unread {
        Unread::Stopping => Err(Interrupted),
        Unread::Refused { status: 404, cause, .. } => Ok(Found::Hidden(cause.detail)),
        // The account itself has answered before: what stops everything else only hides a list.
        Unread::Stop(cause) if matches!(cause.kind, CauseKind::Permission | CauseKind::WrongDomain) => {
            Ok(Found::Hidden(cause.detail))
        }
        Unread::Refused { cause, .. } | Unread::TriesUsedUp(cause) | Unread::Stop(cause) => {
            Ok(Found::Unread(cause.detail))
        }
    }
}

fn judge(words: &Words, found: Found, reacts: impl Fn(&Row) -> bool) -> Check {
    let Words { name, noun, .. } = *words;
    let rows = match found {
        Found::Rows(rows) => rows,
        Found::Hidden(why) => {
            let finding = format!("the {noun}s can't be read with this role ({})", why.trim_end_matches('.'));
            return Check::warning(name, finding, words.hidden);
        }
        Found::Unread(why) => {
            let finding = format!("the {noun}s can't be read ({}), and any may react", why.trim_end_matches('.'));
            return Check::stop(name, finding, format!("check again; {}", words.hidden));
        }
    };
    let reacting: Vec<_> = rows.iter().filter(|row| reacts(row)).collect();
    if reacting.is_empty() {
        return Check::ok(name, format!("no active {noun} may react to an update"));
    }
    let number = reacting.len();
    let mut names: Vec<_> = reacting.into_iter().take(NAMED).map(named).collect();
    if number > NAMED {
        names.push(format!("and {} more", number - NAMED));
    }
    let many = count(number as u64, &format!("active {noun}"));
    Check::stop(name, format!("{many} may react to an update: {}", names.join(", ")), words.react)
}

/// Switched off is what says since when.
fn is_active(row: &Row) -> bool {
    row.get("deactivated_datetime").and_then(Value::as_str).is_none_or(str::is_empty)
}

fn is_http(integration: &Row) -> bool {
    integration.get("type").and_then(Value::as_str).is_none_or(|kind| kind.eq_ignore_ascii_case("http"))
}

/// Whether one of `events` is one that `matters`, or they can't be understood.
fn sets_off(events: Option<&Value>, matters: impl Fn(&str) -> bool) -> bool {
    events.and_then(read_events).is_none_or(|events| events.iter().any(|event| matters(event)))
}

/// Events as the API writes them: text with commas, a list, or an object of switches.
fn read_events(value: &Value) -> Option<Vec<String>> {
    let plain = |event: &str| event.trim().to_lowercase().replace('_', "-");
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.split(',').map(plain).collect()),
        Value::Array(list) => list.iter().map(|event| event.as_str().map(plain)).collect(),
        Value::Object(switches) => {
            let on = switches.iter().filter(|(_, switch)| !matches!(switch, Value::Bool(false) | Value::Null));
            Some(on.map(|(event, _)| plain(event)).collect())
        }
        _ => None,
    }
}

/// A rule or an integration by its name; by its number where the name is no good on a screen.
fn named(row: &Row) -> String {
    let by_name = row.get("name").and_then(Value::as_str).and_then(label);
    by_name.unwrap_or_else(|| match row.get("id") {
        Some(Value::Number(id)) => format!("number {id}"),
        _ => "one without a name".into(),
    })
}
