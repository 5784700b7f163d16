//! Lists, page by page, whatever they are lists of.
//!
//! A cursor names the row at the edge of a page, and not a number of rows, so that no row is left out or doubled while
//! others come and go. It holds its list too, filters and all, so that it is a whole request by itself.

use std::collections::BTreeSet;
use std::ops::Bound::{Excluded, Unbounded};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::account::Key;
use super::answer::Answer;
use super::query::Query;
use super::{hexadecimal, moment};

const DEFAULT_ROWS: usize = 30;
const MOST_ROWS: usize = 100;

/// What a list holds, and in which order. The default is what a query without parameters gets.
pub(super) trait List: Clone + Default + PartialEq + Serialize + DeserializeOwned {
    /// What a query for it may say, besides `cursor` and `limit`.
    const PARAMETERS: &[&str];

    /// This list, changed as a query says.
    fn asked(self, query: &Query) -> Result<Self, Answer>;

    /// Whether the oldest comes first.
    fn is_ascending(&self) -> bool;
}

/// What a query for a page comes with.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) query: &'a Query,
    pub(super) now: Timestamp,
    /// How long a cursor is good for.
    pub(super) cursor_life: Option<Duration>,
}

/// A query for a page, understood.
pub(super) struct Wanted<L> {
    pub(super) list: L,
    rows: usize,
    from: Option<(Side, Key)>,
    now: Timestamp,
}

/// A page, as the places of its rows.
pub(super) struct Page {
    pub(super) keys: Vec<Key>,
    links: Links,
}

/// Which side of the cursor's row the page lies on, in the list's order.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Side {
    After,
    Before,
}

/// An edge of a page, with the list that it is an edge in.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cursor<L> {
    #[serde(with = "moment")]
    issued: Timestamp,
    list: L,
    side: Side,
    #[serde(with = "moment")]
    at: Timestamp,
    id: u64,
}

#[derive(Serialize)]
struct Links {
    prev_cursor: Option<String>,
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    object: &'static str,
    uri: &'a str,
    data: &'a [T],
    meta: &'a Links,
}

impl<L: List> Wanted<L> {
    /// Reads a query. A cursor belongs to its list, and what the query says besides must agree with it.
    pub(super) fn read(asking: Asking<'_>) -> Result<Self, Answer> {
        let Asking { query, now, .. } = asking;
        query.only(&[&["cursor", "limit"], L::PARAMETERS].concat())?;
        let rows = rows(query)?;
        let Some(text) = query.get("cursor") else {
            let list = L::default().asked(query)?;
            return Ok(Self { list, rows, from: None, now });
        };
        let invalid = || Answer::invalid_parameter("cursor", "Invalid cursor.");
        let cursor: Cursor<L> = hexadecimal::read(text).ok_or_else(invalid)?;
        let life = asking.cursor_life.map(|life| SignedDuration::try_from(life).unwrap_or(SignedDuration::MAX));
        let expired = life.is_some_and(|life| now.duration_since(cursor.issued) > life);
        if expired || cursor.list.clone().asked(query)? != cursor.list {
            return Err(invalid());
        }
        let from = Some((cursor.side, Key { at: cursor.at, id: cursor.id }));
        Ok(Self { list: cursor.list, rows, from, now })
    }

    /// The page among these places, as far as they are to be seen.
    pub(super) fn page(&self, keys: &BTreeSet<Key>, seen: impl Fn(&Key) -> bool) -> Page {
        let (side, edge) = self.from.map_or((Side::After, None), |(side, edge)| (side, Some(edge)));
        let mut page = self.next_to(keys, &seen, side, edge, self.rows);
        if side == Side::Before {
            page.reverse();
        }
        let link = |edge: Option<&Key>, side| {
            let edge = edge.filter(|edge| !self.next_to(keys, &seen, side, Some(**edge), 1).is_empty())?;
            let Key { at, id } = *edge;
            Some(hexadecimal::written(&Cursor { issued: self.now, list: self.list.clone(), side, at, id }))
        };
        let links =
            Links { prev_cursor: link(page.first(), Side::Before), next_cursor: link(page.last(), Side::After) };
        Page { keys: page, links }
    }

    /// Up to so many keys that follow the edge on one side of it, the nearest first.
    fn next_to(
        &self,
        keys: &BTreeSet<Key>,
        seen: impl Fn(&Key) -> bool,
        side: Side,
        edge: Option<Key>,
        rows: usize,
    ) -> Vec<Key> {
        let edge = edge.map_or(Unbounded, Excluded);
        if self.list.is_ascending() == (side == Side::After) {
            keys.range((edge, Unbounded)).filter(|key| seen(key)).take(rows).copied().collect()
        } else {
            keys.range((Unbounded, edge)).rev().filter(|key| seen(key)).take(rows).copied().collect()
        }
    }
}

impl Page {
    /// The answer with these rows.
    pub(super) fn answer(&self, uri: &str, rows: &[impl Serialize]) -> Answer {
        Answer::json(200, &Envelope { object: "list", uri, data: rows, meta: &self.links })
    }
}

fn rows(query: &Query) -> Result<usize, Answer> {
    let Some(given) = query.get("limit") else {
        return Ok(DEFAULT_ROWS);
    };
    let rows = given.parse().ok().filter(|rows| (1..=MOST_ROWS).contains(rows));
    rows.ok_or_else(|| Answer::invalid_parameter("limit", "Must be between 1 and 100."))
}
