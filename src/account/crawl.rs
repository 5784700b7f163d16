//! Which page of the account's messages to ask for next, so that none is left out.
//!
//! A list can be walked from its oldest message or from its newest, by cursors that live only for a while; there is no
//! other way into the middle of it. So a walk whose cursor was refused goes on from the *other* end, until it meets what
//! was covered before: nothing is read twice. Where that cursor is refused as well, one of the two walks begins again at
//! its end, the shorter one. It is all a value: the request follows from it, and so it can be kept and taken up again.

use serde::{Deserialize, Serialize};

use crate::gorgias::Order;

/// How often a cursor may be refused without a page in between: more is no expiry.
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
    refused: u32,
    done: bool,
}

/// One of the two walks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Walk {
    /// When the last message of it was created, in microseconds; `None` before the first page.
    edge: Option<i64>,
    cursor: Option<String>,
    /// What walking it again would cost.
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
        self.refused = 0;
        self.done = next.is_none()
            // Strictly beyond: of the same moment there may be more than the other walk has seen.
            || if from_newest { last.zip(low).is_some_and(|(last, low)| last < low) }
               else { last.zip(high).is_some_and(|(last, high)| last > high) };
        let walk = self.walk_mut();
        walk.pages += 1;
        walk.cursor = next;
        // A walk that begins again passes what it covered before: its edge stays where it was.
        walk.edge = match (walk.edge, last) {
            (Some(edge), Some(last)) => Some(if from_newest { edge.min(last) } else { edge.max(last) }),
            (edge, last) => edge.or(last),
        };
    }

    /// The cursor was refused; false if that is no expiry, and the list can't be read.
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
            self.walk_mut().pages = 0;
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
