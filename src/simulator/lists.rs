//! The lists of the API: what they hold, what they can be narrowed down to, and in which order they come.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::account::{Account, Key};
use super::answer::Answer;
use super::message::Message;
use super::page::{Asking, List, Wanted};
use super::query::Query;
use super::ticket::{Shown, Ticket};

/// How many tickets can be asked for by their ids.
const MOST_IDS: usize = 100;

/// By which of its dates a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Created,
    Updated,
}

#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Messages {
    ascending: bool,
    ticket_id: Option<u64>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tickets {
    by: By,
    ascending: bool,
    external_id: Option<String>,
    customer_id: Option<u64>,
    ticket_ids: Option<BTreeSet<u64>>,
    trashed: bool,
}

/// A list of the account's settings, in the order that they have there.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain {}

#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Users {
    email: Option<String>,
}

/// Answers `GET /api/messages`.
pub(super) fn messages(account: &Account, asking: Asking<'_>) -> Result<Answer, Answer> {
    let wanted = Wanted::<Messages>::read(asking)?;
    let none = BTreeSet::new();
    let page = wanted.page(account.keys(wanted.list.ticket_id).unwrap_or(&none), |_| true);
    let rows: Vec<&Message> = page.keys.iter().filter_map(|key| account.at(*key)).collect();
    Ok(page.answer("/api/messages", &rows))
}

/// Answers `GET /api/tickets`, whose rows carry no messages.
pub(super) fn tickets(account: &Account, asking: Asking<'_>) -> Result<Answer, Answer> {
    let wanted = Wanted::<Tickets>::read(asking)?;
    let list = &wanted.list;
    let page = wanted.page(&list.keys(account), |key| account.ticket(key.id).is_some_and(|ticket| list.holds(ticket)));
    let found = page.keys.iter().filter_map(|key| account.ticket(key.id));
    let rows: Vec<Shown<'_>> = found.map(|ticket| Shown::row(account, ticket)).collect();
    Ok(page.answer("/api/tickets", &rows))
}

/// Answers `GET /api/rules` or `GET /api/integrations`.
pub(super) fn plain(uri: &str, rows: &[Value], asking: Asking<'_>) -> Result<Answer, Answer> {
    let page = Wanted::<Plain>::read(asking)?.page(&places(rows.len()), |_| true);
    let rows: Vec<&Value> = page.keys.iter().filter_map(|key| rows.get(usize::try_from(key.id).ok()?)).collect();
    Ok(page.answer(uri, &rows))
}

/// Answers `GET /api/users`: the account has one user, who has whatever email is asked for.
pub(super) fn users(role: &str, asking: Asking<'_>) -> Result<Answer, Answer> {
    let wanted = Wanted::<Users>::read(asking)?;
    let user = json!({
        "id": 1,
        "email": wanted.list.email.as_deref().unwrap_or("operator@example.com"),
        "name": "Operator",
        "active": true,
        "role": {"name": role},
    });
    let page = wanted.page(&places(1), |_| true);
    let rows: Vec<&Value> = page.keys.iter().map(|_| &user).collect();
    Ok(page.answer("/api/users", &rows))
}

/// Places for so many rows that have no date: by their numbers, from 0.
fn places(rows: usize) -> BTreeSet<Key> {
    (0..rows as u64).map(|id| Key { at: Timestamp::UNIX_EPOCH, id }).collect()
}

impl List for Messages {
    const PARAMETERS: &[&str] = &["order_by", "ticket_id"];

    fn asked(self, query: &Query) -> Result<Self, Answer> {
        let order = order(query, &[By::Created])?;
        Ok(Self {
            ascending: order.map_or(self.ascending, |(_, ascending)| ascending),
            ticket_id: id(query, "ticket_id")?.or(self.ticket_id),
        })
    }

    fn is_ascending(&self) -> bool {
        self.ascending
    }
}

impl List for Tickets {
    const PARAMETERS: &[&str] = &["order_by", "external_id", "customer_id", "ticket_ids", "trashed"];

    fn asked(self, query: &Query) -> Result<Self, Answer> {
        let (by, ascending) = order(query, &[By::Created, By::Updated])?.unwrap_or((self.by, self.ascending));
        Ok(Self {
            by,
            ascending,
            external_id: query.get("external_id").map(str::to_owned).or(self.external_id),
            customer_id: id(query, "customer_id")?.or(self.customer_id),
            ticket_ids: ticket_ids(query)?.or(self.ticket_ids),
            trashed: flag(query, "trashed")?.unwrap_or(self.trashed),
        })
    }

    fn is_ascending(&self) -> bool {
        self.ascending
    }
}

impl List for Plain {
    const PARAMETERS: &[&str] = &[];

    fn asked(self, _: &Query) -> Result<Self, Answer> {
        Ok(self)
    }

    fn is_ascending(&self) -> bool {
        true
    }
}

impl List for Users {
    const PARAMETERS: &[&str] = &["email"];

    fn asked(self, query: &Query) -> Result<Self, Answer> {
        Ok(Self { email: query.get("email").map(str::to_owned).or(self.email) })
    }

    fn is_ascending(&self) -> bool {
        true
    }
}

impl Default for Tickets {
    fn default() -> Self {
        Self {
            by: By::Created,
            ascending: false,
            external_id: None,
            customer_id: None,
            ticket_ids: None,
            trashed: true,
        }
    }
}

impl Tickets {
    /// Where to look: at the few tickets that a filter names, or at all of them.
    fn keys<'a>(&self, account: &'a Account) -> Cow<'a, BTreeSet<Key>> {
        let named = match self {
            Self { ticket_ids: Some(ids), .. } => ids.iter().copied().collect(),
            Self { external_id: Some(known), .. } => account.index.with_external_id(known),
            Self { customer_id: Some(known), .. } => account.index.of_customer(*known),
            Self { by: By::Created, .. } => return Cow::Borrowed(&account.index.created),
            Self { by: By::Updated, .. } => return Cow::Borrowed(&account.index.updated),
        };
        let found = named.into_iter().filter_map(|id| account.ticket(id));
        Cow::Owned(found.map(|ticket| self.key(ticket)).collect())
    }

    fn key(&self, ticket: &Ticket) -> Key {
        let at = if self.by == By::Created { ticket.facts.created } else { ticket.facts.updated };
        Key { at, id: ticket.id() }
    }

    fn holds(&self, ticket: &Ticket) -> bool {
        let facts = &ticket.facts;
        (self.trashed || !ticket.is_trashed())
            && (self.external_id.is_none() || self.external_id == facts.external_id)
            && (self.customer_id.is_none() || self.customer_id == facts.customer_id)
    }
}

/// What a list is to be sorted by, and whether in ascending order.
fn order(query: &Query, valid: &[By]) -> Result<Option<(By, bool)>, Answer> {
    let Some(given) = query.get("order_by") else { return Ok(None) };
    let orders = valid.iter().flat_map(|by| [(*by, true), (*by, false)]);
    let found = orders.clone().find(|order| written(*order) == given);
    found.map(Some).ok_or_else(|| {
        let valid: Vec<&str> = orders.map(written).collect();
        Answer::invalid_parameter("order_by", &format!("Must be one of: {}.", valid.join(", ")))
    })
}

fn written(order: (By, bool)) -> &'static str {
    match order {
        (By::Created, true) => "created_datetime:asc",
        (By::Created, false) => "created_datetime:desc",
        (By::Updated, true) => "updated_datetime:asc",
        (By::Updated, false) => "updated_datetime:desc",
    }
}

fn id(query: &Query, name: &str) -> Result<Option<u64>, Answer> {
    let given = query.get(name).map(str::parse).transpose();
    given.map_err(|_| Answer::invalid_parameter(name, "Not a valid integer."))
}

fn flag(query: &Query, name: &str) -> Result<Option<bool>, Answer> {
    let given = query.get(name).map(|given| bool::from_str(&given.to_ascii_lowercase())).transpose();
    given.map_err(|_| Answer::invalid_parameter(name, "Not a valid boolean."))
}

/// Ids as a repeated parameter, separated by commas, or both.
fn ticket_ids(query: &Query) -> Result<Option<BTreeSet<u64>>, Answer> {
    let given: Vec<&str> = query.all("ticket_ids").flat_map(|value| value.split(',')).map(str::trim).collect();
    if given.is_empty() {
        return Ok(None);
    }
    let ids: Result<BTreeSet<u64>, _> = given.iter().map(|id| id.parse()).collect();
    let ids = ids.map_err(|_| Answer::invalid_parameter("ticket_ids", "Not a valid list of integers."))?;
    if given.len() > MOST_IDS {
        return Err(Answer::invalid_parameter("ticket_ids", "Must have between 1 and 100 items."));
    }
    Ok(Some(ids))
}
