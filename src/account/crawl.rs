//! Which page of the account's messages to ask for next, so that none is left out.
//!
//! A list can be walked from its oldest message or from its newest, by cursors that live only for a while; there is no
//! other way into the middle of it. So a walk whose cursor was refused goes on from the *other* end, until it meets what
//! was covered before: only the page where they meet is read twice, and what was created in the very same moment. Where
//! that cursor is refused as well, one of the two walks begins again at its end, the shorter one. So the first refusal
//! costs two requests, and each further one half of the account's pages at most. Where they come so fast that nothing
//! new is reached in between, it ends.
//!
//! It is all a value: the request follows from it, and so it can be kept and taken up again.

use serde::{Deserialize, Serialize};

use crate::gorgias::Order;

/// How often a cursor may be refused without anything new in between: more is no expiry.
const REFUSALS: u32 = 4;

/// A walk through the account's messages, as far as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crawl {
    /// From the oldest message on.
    low: Walk,
    /// From the newest message back.
    high: Walk,
    /// Which of the two is walked now.
    from_newest: bool,
    /// How often a cursor was refused since something new was reached; whoever takes it up again starts anew.
    #[serde(skip)]
    refused: u32,
    done: bool,
}

/// One of the two walks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Walk {
    /// When the last message of it was created, in microseconds; `None` before the first page.
    edge: Option<i64>,
    cursor: Option<String>,
    /// Pages walked since it last began.
    walked: u64,
    /// Pages from its end to its edge: what walking it again costs.
    pages: u64,
}

impl Default for Crawl {
    fn default() -> Self {
        Self::from(Order::OldestFirst)
    }
}

impl Crawl {
    /// A walk that begins at one end.
    pub fn from(order: Order) -> Self {
        Self {
            low: Walk::default(),
            high: Walk::default(),
            from_newest: order == Order::NewestFirst,
            refused: 0,
            done: false,
        }
    }

    /// The next page to ask for; `None` once everything is covered.
    pub fn next(&self) -> Option<(Order, Option<&str>)> {
        let order = if self.from_newest { Order::NewestFirst } else { Order::OldestFirst };
        (!self.done).then(|| (order, self.walk().cursor.as_deref()))
    }

    /// A page came: when its last message was created, and the cursor of the next one.
    pub fn took(&mut self, last: Option<i64>, next: Option<String>) {
        let (from_newest, low, high) = (self.from_newest, self.low.edge, self.high.edge);
        self.done = next.is_none()
            // Strictly beyond: of the same moment there may be more than the other walk has seen.
            || if from_newest { last.zip(low).is_some_and(|(last, low)| last < low) }
               else { last.zip(high).is_some_and(|(last, high)| last > high) };
        let walk = self.walk_mut();
        walk.walked += 1;
        walk.cursor = next;
        // A walk that begins again passes what it covered before: its edge stays where it was.
        let is_new =
            last.is_some_and(|last| walk.edge.is_none_or(|edge| if from_newest { last < edge } else { last > edge }));
        if is_new {
            (walk.edge, walk.pages) = (last, walk.walked);
            self.refused = 0;
        }
    }

    /// The cursor was refused; false if the list can't be read so: it was no cursor, or no page brings anything new.
    pub fn refused(&mut self) -> bool {
        self.refused += 1;
        if self.walk().cursor.is_none() || self.refused > REFUSALS {
            return false;
        }
        self.walk_mut().cursor = None;
        // The other walk may go on where it was, or has yet to begin, or begins again.
        let (mine, other) = if self.from_newest { (&self.high, &self.low) } else { (&self.low, &self.high) };
        if other.cursor.is_some() || other.edge.is_none() || other.pages <= mine.pages {
            self.from_newest = !self.from_newest;
        }
        if self.walk().cursor.is_none() {
            self.walk_mut().walked = 0;
        }
        true
    }

    fn walk(&self) -> &Walk {
        if self.from_newest { &self.high } else { &self.low }
    }

    fn walk_mut(&mut self) -> &mut Walk {
        if self.from_newest { &mut self.high } else { &mut self.low }
    }
}
