//! Lists of messages, page by page.
//!
//! A cursor names the message at the edge of a page, and not a number of rows, so that no message is left out or
//! doubled while others come and go.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Bound::{Excluded, Unbounded};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::{Account, Key};
use super::answer::Answer;
use super::query::Query;

const DEFAULT_ROWS: usize = 30;
const MOST_ROWS: usize = 100;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Ascending,
    Descending,
}

/// Which side of the cursor's message the page lies on, in the list's order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    After,
    Before,
}

/// An edge of a page, with the list that it is an edge in.
#[derive(Clone, Copy)]
struct Cursor {
    side: Side,
    list: List,
    edge: Key,
}

/// What a list holds, and in which order.
#[derive(Clone, Copy, PartialEq, Eq)]
struct List {
    order: Order,
    ticket_id: Option<u64>,
}

/// Answers `GET /api/messages`.
pub(super) fn messages(account: &Account, query: &Query) -> Answer {
    read(account, query).unwrap_or_else(|refusal| refusal)
}

fn read(account: &Account, query: &Query) -> Result<Answer, Answer> {
    query.only(&["cursor", "limit", "order_by", "ticket_id"])?;
    let rows = rows(query)?;
    let (list, cursor) = list(query)?;
    let none = BTreeSet::new();
    let keys = account.keys(list.ticket_id).unwrap_or(&none);
    let page = page(keys, list.order, cursor.map(|cursor| (cursor.side, cursor.edge)), rows);
    let link = |edge: Option<&Key>, side| -> Value {
        let edge = edge.filter(|edge| !page_from(keys, list.order, side, Some(**edge), 1).is_empty());
        edge.map_or(Value::Null, |edge| json!(Cursor { side, list, edge: *edge }.written()))
    };
    let data: Vec<_> = page.iter().filter_map(|key| account.at(*key)).collect();
    Ok(Answer::json(
        200,
        &json!({
            "object": "list",
            "uri": "/api/messages",
            "data": data,
            "meta": {
                "prev_cursor": link(page.first(), Side::Before),
                "next_cursor": link(page.last(), Side::After),
            },
        }),
    ))
}

fn rows(query: &Query) -> Result<usize, Answer> {
    let Some(given) = query.get("limit") else {
        return Ok(DEFAULT_ROWS);
    };
    let rows = given.parse().ok().filter(|rows| (1..=MOST_ROWS).contains(rows));
    rows.ok_or_else(|| Answer::invalid_parameter("limit", "Must be between 1 and 100."))
}

/// The list that a query means. A cursor belongs to its list, and what the query says besides must agree with it.
fn list(query: &Query) -> Result<(List, Option<Cursor>), Answer> {
    let order = match query.get("order_by") {
        None => None,
        Some("created_datetime:asc") => Some(Order::Ascending),
        Some("created_datetime:desc") => Some(Order::Descending),
        Some(_) => {
            let complaint = "Must be one of: created_datetime:asc, created_datetime:desc.";
            return Err(Answer::invalid_parameter("order_by", complaint));
        }
    };
    let ticket_id = query.get("ticket_id").map(str::parse).transpose();
    let ticket_id = ticket_id.map_err(|_| Answer::invalid_parameter("ticket_id", "Not a valid integer."))?;
    let Some(text) = query.get("cursor") else {
        let order = order.unwrap_or(Order::Descending);
        return Ok((List { order, ticket_id }, None));
    };
    let cursor = Cursor::read(text).filter(|cursor| {
        order.is_none_or(|order| order == cursor.list.order)
            && (ticket_id.is_none() || ticket_id == cursor.list.ticket_id)
    });
    let cursor = cursor.ok_or_else(|| Answer::invalid_parameter("cursor", "Invalid cursor."))?;
    Ok((cursor.list, Some(cursor)))
}

fn page(keys: &BTreeSet<Key>, order: Order, from: Option<(Side, Key)>, rows: usize) -> Vec<Key> {
    let (side, edge) = from.map_or((Side::After, None), |(side, edge)| (side, Some(edge)));
    let mut page = page_from(keys, order, side, edge, rows);
    if side == Side::Before {
        page.reverse();
    }
    page
}

/// Up to so many keys that follow the edge on one side of it, the nearest first.
fn page_from(keys: &BTreeSet<Key>, order: Order, side: Side, edge: Option<Key>, rows: usize) -> Vec<Key> {
    let edge = edge.map_or(Unbounded, Excluded);
    if (order == Order::Ascending) == (side == Side::After) {
        keys.range((edge, Unbounded)).take(rows).copied().collect()
    } else {
        keys.range((Unbounded, edge)).rev().take(rows).copied().collect()
    }
}

impl Cursor {
    /// As hexadecimal digits, so that nobody is tempted to make one up.
    fn written(self) -> String {
        let side = if self.side == Side::After { 'n' } else { 'p' };
        let order = if self.list.order == Order::Ascending { 'a' } else { 'd' };
        let ticket = self.list.ticket_id.map(|id| id.to_string()).unwrap_or_default();
        let Key { created, message_id } = self.edge;
        let plain = format!("{side} {order} {ticket} {} {message_id}", created.as_nanosecond());
        plain.bytes().fold(String::new(), |mut digits, byte| {
            // Writing to a string never fails.
            let _ = write!(digits, "{byte:02x}");
            digits
        })
    }

    fn read(text: &str) -> Option<Self> {
        let pairs = text.as_bytes().chunks(2);
        let plain: Option<Vec<u8>> =
            pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()).collect();
        let plain = String::from_utf8(plain?).ok()?;
        let parts: Vec<&str> = plain.split(' ').collect();
        let [side, order, ticket, created, message_id] = parts[..] else {
            return None;
        };
        let ticket_id = if ticket.is_empty() { None } else { Some(ticket.parse().ok()?) };
        let order = if order == "a" { Order::Ascending } else { Order::Descending };
        Some(Self {
            side: if side == "n" { Side::After } else { Side::Before },
            list: List { order, ticket_id },
            edge: Key {
                created: Timestamp::from_nanosecond(created.parse().ok()?).ok()?,
                message_id: message_id.parse().ok()?,
            },
        })
    }
}
