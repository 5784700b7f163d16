//! Going through the account's messages once more, to look at each: by pages or by tickets, whichever costs less.

use futures::stream::{self, StreamExt as _};
use serde_json::{Map, Value};

use super::crawl::Crawl;
use super::reading::{Gone, ReadError, WholeTicket, find_ticket, page};
use crate::deliver::Courier;
use crate::gorgias::{PAGE, Request, Transport};
use crate::record::TicketId;

/// How messages are gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Every page of the account.
    Pages,
    /// Every ticket that is asked for.
    Tickets,
}

impl Way {
    /// The cheaper way to see the messages of `tickets` tickets in an account of about `messages`; where the size of the
    /// account is not known, ticket by ticket.
    pub fn cheaper(tickets: u64, messages: Option<u64>) -> Self {
        match messages.map(pages) {
            Some(pages) if pages < tickets => Self::Pages,
            _ => Self::Tickets,
        }
    }

    /// About how many requests it takes.
    pub fn requests(self, tickets: u64, messages: Option<u64>) -> u64 {
        match (self, messages) {
            (Self::Pages, Some(messages)) => pages(messages),
            _ => tickets,
        }
    }
}

fn pages(messages: u64) -> u64 {
    messages.div_ceil(PAGE as u64)
}

/// Goes through every page; each message of the account comes up at least once. False if the account does not let a
/// walk that takes its time come to the end: its cursors don't live long enough.
///
/// # Errors
/// When the account can't be read, or `each` fails.
pub async fn walk_pages<T: Transport, E: From<ReadError>>(
    courier: &Courier<T>,
    mut each: impl AsyncFnMut(Vec<Map<String, Value>>) -> Result<(), E>,
) -> Result<bool, E> {
    let mut crawl = Crawl::default();
    while let Some((order, cursor)) = crawl.next() {
        match page(courier, &Request::messages(order, cursor)).await? {
            Ok(listing) => {
                let last = listing.rows.last().and_then(super::scan::created);
                crawl.took(last, listing.next);
                each(listing.rows).await?;
            }
            Err(cause) if cursor.is_none() => return Err(ReadError::Stopped(cause).into()),
            Err(_) if !crawl.refused() => return Ok(false),
            Err(_) => {}
        }
    }
    Ok(true)
}

/// Goes through `tickets`, `concurrency` of them read at a time; where one was merged, what comes up is the ticket that
/// has its messages now. `each` is to be quick: while it is at work, no answer is waited for.
///
/// # Errors
/// When the account can't be read, or `each` fails.
pub async fn walk_tickets<T: Transport, E: From<ReadError>>(
    courier: &Courier<T>,
    tickets: Vec<TicketId>,
    concurrency: usize,
    mut each: impl AsyncFnMut(TicketId, Result<WholeTicket, Gone>) -> Result<(), E>,
) -> Result<(), E> {
    let reads = stream::iter(tickets).map(|id| async move { (id, find_ticket(courier, id).await) });
    let mut reads = std::pin::pin!(reads.buffer_unordered(concurrency.max(1)));
    while let Some((id, read)) = reads.next().await {
        each(id, read?).await?;
    }
    Ok(())
}
