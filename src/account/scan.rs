//! Reading an account into a scan: whole, page by page, or ticket by ticket.

use std::sync::atomic::{AtomicU64, Ordering};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::crawl::Crawl;
use super::reading::{Gone, ReadError, WholeTicket, follow_ticket, page};
use crate::deliver::Courier;
use crate::gorgias::{Order, PAGE, Request, Transport};
use crate::record::{Cause, CauseKind, Mode, TicketId};
use crate::scan::{HeldTicket, Marks, Scan, ScanError};
use crate::update::moment;

/// How far a reading is; whoever shows it may look at any time.
#[derive(Debug, Default)]
pub struct Reading {
    /// Messages taken in.
    pub messages: AtomicU64,
    /// Tickets taken in.
    pub tickets: AtomicU64,
    /// Requests made.
    pub requests: AtomicU64,
}

/// How far a reading is.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Position {
    /// Of the whole account, at its messages.
    Messages(Crawl),
    /// At its tickets, by pages.
    Tickets(Option<String>),
    /// At what the pages did not show. Messages up to this moment were read by then, in microseconds.
    Rest(Option<i64>),
    /// Ticket by ticket; the scan itself holds which.
    ByTicket,
}

/// How often the cursor of what has just arrived may be refused.
const REFUSALS: u32 = 4;

/// A reading under way.
#[derive(Debug)]
pub struct Scanner<'a, T> {
    courier: &'a Courier<T>,
    scan: &'a Scan,
    marks: Marks,
    reading: &'a Reading,
}

/// Which account is read, and how.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The account's name.
    pub account: &'a str,
    /// Where it is.
    pub origin: &'a str,
    /// How it is read.
    pub mode: Mode,
}

impl<'a, T: Transport> Scanner<'a, T> {
    /// Takes up the reading that `scan` holds, or begins a new one: where there is none, where it is complete, or where
    /// it was read in another way. What `reading` has counted already was asked for its sake.
    ///
    /// # Errors
    /// When the scan is of another account, or can't be read.
    pub fn start(
        courier: &'a Courier<T>,
        scan: &'a Scan,
        subject: Subject<'_>,
        now: Timestamp,
        reading: &'a Reading,
    ) -> Result<Self, ScanError> {
        let fresh = |pass| Marks {
            account: subject.account.to_owned(),
            origin: subject.origin.to_owned(),
            mode: subject.mode,
            pass,
            started: now,
            finished: None,
            position: None,
            requests: 0,
        };
        let mut marks = match scan.marks()? {
            None => fresh(1),
            Some(marks) if (marks.account.as_str(), marks.origin.as_str()) != (subject.account, subject.origin) => {
                return Err(ScanError::OtherAccount {
                    path: scan.path().to_owned(),
                    found: marks.account,
                    wanted: subject.account.to_owned(),
                });
            }
            Some(marks) if marks.finished.is_none() && marks.mode == subject.mode => marks,
            Some(marks) => fresh(marks.pass + 1),
        };
        marks.requests += reading.requests.load(Ordering::Relaxed);
        if marks.position.is_none() {
            scan.begin(&marks)?;
        }
        Ok(Self { courier, scan, marks, reading })
    }

    /// Whether it takes up an earlier reading.
    pub fn is_resumed(&self) -> bool {
        self.marks.position.is_some()
    }

    /// Reads the whole account.
    ///
    /// # Errors
    /// When it can't be read to the end; what was read is kept, and the next reading goes on from there.
    pub async fn read_whole(mut self) -> Result<Marks, ReadError> {
        let kept = self.marks.position.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let mut position = kept.unwrap_or_else(|| Position::Messages(Crawl::default()));
        let read_until = loop {
            position = match position {
                Position::Messages(crawl) => self.read_messages(crawl).await?,
                Position::Tickets(cursor) => self.read_tickets(cursor).await?,
                Position::Rest(read_until) => break read_until,
                Position::ByTicket => Position::Messages(Crawl::default()),
            };
        };
        self.read_arrivals(read_until).await?;
        self.read_unknown_tickets(read_until).await?;
        self.read_hidden_tickets(read_until).await?;
        self.read_doubtful_tickets(read_until).await?;
        self.finish()
    }

    async fn read_messages(&mut self, mut crawl: Crawl) -> Result<Position, ReadError> {
        while let Some((order, cursor)) = crawl.next() {
            match self.ask_page(&Request::messages(order, cursor)).await? {
                Ok(listing) => {
                    crawl.took(listing.rows.last().and_then(created), listing.next);
                    self.keep(&Position::Messages(crawl.clone()), &[], &listing.rows)?;
                }
                Err(cause) if !crawl.refused() => return Err(cut_off(&cause)),
                Err(_) => {}
            }
        }
        Ok(Position::Tickets(None))
    }

    async fn read_tickets(&mut self, mut cursor: Option<String>) -> Result<Position, ReadError> {
        loop {
            let listing = match self.ask_page(&Request::tickets(cursor.as_deref())).await? {
                Ok(listing) => listing,
                // The cursor has expired: the tickets that are missing are asked for by their ids.
                Err(_) if cursor.is_some() => return self.rest(),
                Err(cause) => return Err(ReadError::Stopped(cause)),
            };
            let tickets: Vec<_> = listing.rows.iter().filter_map(HeldTicket::read).collect();
            cursor = listing.next;
            let next = if cursor.is_some() { Position::Tickets(cursor.clone()) } else { self.rest()? };
            self.keep(&next, &tickets, &[])?;
            if cursor.is_none() {
                return Ok(next);
            }
        }
    }

    fn rest(&self) -> Result<Position, ReadError> {
        // What is dated ahead of today is no sign that all before it was read.
        let now = self.courier.clock.now().as_microsecond();
        Ok(Position::Rest(self.scan.newest(self.marks.pass, now)?))
    }

    /// What arrived while the rest was read: from the newest message back to what was the newest before.
    ///
    /// A reading that was taken up again begins here, at the newest message: the pages that it had read of these are no
    /// sign that all before them was.
    async fn read_arrivals(&mut self, read_until: Option<i64>) -> Result<(), ReadError> {
        let mut cursor: Option<String> = None;
        let mut refused = 0;
        loop {
            let request = Request::messages(Order::NewestFirst, cursor.as_deref());
            let listing = match self.ask_page(&request).await? {
                Ok(listing) => listing,
                Err(cause) if cursor.is_none() || refused == REFUSALS => return Err(cut_off(&cause)),
                Err(_) => {
                    (cursor, refused) = (None, refused + 1);
                    continue;
                }
            };
            self.keep(&Position::Rest(read_until), &[], &listing.rows)?;
            let last = listing.rows.last().and_then(created);
            let is_known = last.zip(read_until).is_some_and(|(last, read)| last < read);
            cursor = listing.next;
            if is_known || cursor.is_none() {
                return Ok(());
            }
        }
    }

    /// Tickets that messages name and no page has shown: since the list was read, or because its cursor had expired.
    async fn read_unknown_tickets(&mut self, read_until: Option<i64>) -> Result<(), ReadError> {
        let mut last = TicketId(0);
        loop {
            let wanted = self.scan.unknown_tickets(self.marks.pass, last, PAGE)?;
            let Some(end) = wanted.last() else { return Ok(()) };
            last = *end;
            let shown = match self.ask_page(&Request::tickets_by_id(&wanted)).await? {
                Ok(listing) => listing.rows.iter().filter_map(HeldTicket::read).collect(),
                // An API that does not know the parameter: one by one.
                Err(_) => Vec::new(),
            };
            self.keep(&Position::Rest(read_until), &shown, &[])?;
            let is_hidden = |id: &TicketId| shown.iter().all(|ticket| ticket.id != *id);
            let hidden: Vec<_> = wanted.into_iter().filter(is_hidden).collect();
            self.scan.note_hidden(self.marks.pass, &hidden)?;
        }
    }

    /// Tickets that no list shows: they were deleted or merged since their messages were read.
    async fn read_hidden_tickets(&mut self, read_until: Option<i64>) -> Result<(), ReadError> {
        let mut last = TicketId(0);
        loop {
            let wanted = self.scan.hidden_tickets(self.marks.pass, last, PAGE)?;
            let Some(end) = wanted.last() else { return Ok(()) };
            last = *end;
            if !self.read_one_by_one(&wanted, read_until).await? {
                return Ok(());
            }
        }
    }

    /// Tickets that have more messages than the pages showed, as where one was imported behind the reading's back, or
    /// fewer, as where one was deleted.
    async fn read_doubtful_tickets(&mut self, read_until: Option<i64>) -> Result<(), ReadError> {
        let mut last = TicketId(0);
        loop {
            let wanted = self.scan.doubtful_tickets(self.marks.pass, read_until, last, PAGE)?;
            let Some(end) = wanted.last() else { return Ok(()) };
            last = *end;
            if !self.read_one_by_one(&wanted, read_until).await? {
                return Ok(());
            }
        }
    }

    /// Reads tickets whole; false where these are many and none of them was other than it was known to be: what made
    /// them doubtful then means something else in this account.
    async fn read_one_by_one(&mut self, tickets: &[TicketId], read_until: Option<i64>) -> Result<bool, ReadError> {
        let mut differ = false;
        for &id in tickets {
            match self.ask_ticket(id).await? {
                Ok(whole) if whole.ticket.id == id => differ |= self.replace(&Position::Rest(read_until), &whole)?,
                Ok(home) => {
                    self.replace(&Position::Rest(read_until), &home)?;
                    self.scan.note_merged(&self.marks, id, None, home.ticket.id)?;
                    differ = true;
                }
                Err(Gone::Deleted) => {
                    self.scan.note_gone(&self.marks, id)?;
                    differ = true;
                }
                // Its messages live on in a ticket that nobody names, which has more of them now than it had.
                Err(Gone::Merged { .. }) => {
                    self.scan.note_lost(&self.marks, id)?;
                    differ = true;
                }
            }
        }
        Ok(differ || tickets.len() < PAGE)
    }

    /// Reads the tickets that hold one of the foreign ids `wanted`, `concurrency` of them at a time.
    ///
    /// # Errors
    /// When they can't all be read; what was read is kept, and the next reading goes on from there.
    pub async fn read_by_ticket(mut self, wanted: &[String], concurrency: usize) -> Result<Marks, ReadError> {
        let mut wanted = wanted.iter();
        let mut out = FuturesUnordered::new();
        let (courier, reading) = (self.courier, self.reading);
        let mut failure = None;
        loop {
            while failure.is_none() && out.len() < concurrency.max(1) {
                let Some(external_id) = wanted.next() else { break };
                if !self.scan.was_sought(external_id)? {
                    out.push(async move { (external_id, seek(courier, reading, external_id).await) });
                }
            }
            let Some((external_id, sought)) = out.next().await else { break };
            match sought {
                Ok(Sought { fate, tickets, requests }) => {
                    self.marks.requests += requests;
                    self.keep(&Position::ByTicket, &[], &[])?;
                    for (found, whole) in &tickets {
                        self.replace(&Position::ByTicket, whole)?;
                        if whole.ticket.id != *found {
                            self.scan.note_merged(&self.marks, *found, Some(external_id), whole.ticket.id)?;
                        }
                    }
                    self.scan.note_sought(external_id, fate)?;
                }
                // What is out is taken in, nothing new is asked for.
                Err(error) => failure = Some(error),
            }
        }
        match failure {
            Some(error) => Err(error),
            None => self.finish(),
        }
    }

    fn finish(mut self) -> Result<Marks, ReadError> {
        self.marks.finished = Some(self.courier.clock.now());
        self.scan.finish(&self.marks)?;
        Ok(self.marks)
    }

    async fn ask_page(
        &mut self,
        request: &Request,
    ) -> Result<Result<crate::gorgias::Listing, crate::record::Cause>, ReadError> {
        self.reading.requests.fetch_add(1, Ordering::Relaxed);
        self.marks.requests += 1;
        page(self.courier, request).await
    }

    async fn ask_ticket(&mut self, id: TicketId) -> Result<Result<WholeTicket, Gone>, ReadError> {
        let (reading, marks) = (self.reading, &mut self.marks);
        let asks = || {
            reading.requests.fetch_add(1, Ordering::Relaxed);
            marks.requests += 1;
        };
        follow_ticket(self.courier, id, asks).await
    }

    fn keep(
        &mut self,
        position: &Position,
        tickets: &[HeldTicket],
        messages: &[Map<String, Value>],
    ) -> Result<(), ReadError> {
        self.stand_at(position);
        let new = self.scan.take_in(&self.marks, tickets, messages)?;
        self.reading.messages.fetch_add(new, Ordering::Relaxed);
        self.reading.tickets.fetch_add(tickets.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    /// Takes in a ticket that was read whole: these are its messages, and no others. Says whether that is news.
    fn replace(&mut self, position: &Position, whole: &WholeTicket) -> Result<bool, ReadError> {
        self.stand_at(position);
        let (differs, new) = self.scan.take_in_whole(&self.marks, &whole.ticket, &whole.messages)?;
        self.reading.messages.fetch_add(new, Ordering::Relaxed);
        self.reading.tickets.fetch_add(1, Ordering::Relaxed);
        Ok(differs)
    }

    fn stand_at(&mut self, position: &Position) {
        // It is made of texts and numbers, which always serialise.
        self.marks.position = serde_json::to_string(position).ok();
    }
}

/// The list can't be read to its end.
fn cut_off(cause: &Cause) -> ReadError {
    let detail =
        format!("the list of messages is cut off again and again before all of it was read ({})", cause.detail);
    ReadError::Stopped(Cause::new(CauseKind::Unavailable, detail))
}

/// What looking for one foreign ticket id came to.
struct Sought {
    fate: &'static str,
    /// The tickets that were found, each as it is, or as the one that it was merged into.
    tickets: Vec<(TicketId, WholeTicket)>,
    requests: u64,
}

async fn seek<T: Transport>(courier: &Courier<T>, reading: &Reading, external_id: &str) -> Result<Sought, ReadError> {
    let mut requests = 0;
    let mut asks = || {
        reading.requests.fetch_add(1, Ordering::Relaxed);
        requests += 1;
    };
    asks();
    let listing = page(courier, &Request::tickets_by_external_id(external_id)).await?;
    let listing = listing.map_err(ReadError::Stopped)?;
    // Whether the API compares as we do is not known: only what holds this very id counts.
    let held = listing.rows.iter().filter_map(HeldTicket::read);
    let held: Vec<_> = held.filter(|ticket| ticket.external_id.as_deref() == Some(external_id)).collect();
    let mut fate = if held.is_empty() { "not there" } else { "found" };
    let mut tickets = Vec::new();
    for found in held {
        match follow_ticket(courier, found.id, &mut asks).await? {
            // What the list said of its foreign id holds, whatever the ticket itself says.
            Ok(whole) if whole.ticket.id == found.id => {
                let ticket = HeldTicket { external_id: found.external_id, ..whole.ticket };
                tickets.push((found.id, WholeTicket { ticket, ..whole }));
            }
            Ok(home) => tickets.push((found.id, home)),
            Err(Gone::Deleted) => fate = "deleted",
            Err(Gone::Merged { .. }) => fate = "merged",
        }
    }
    Ok(Sought { fate, tickets, requests })
}

pub(super) fn created(message: &Map<String, Value>) -> Option<i64> {
    message.get("created_datetime").and_then(moment).map(Timestamp::as_microsecond)
}
