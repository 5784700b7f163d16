//! Taking what was read into a scan.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Params, params};
use serde_json::{Map, Value};

use super::{Marks, Scan, ScanError};
use crate::record::TicketId;
use crate::update::{Facts, Kind, html_key, message_ref, moment, pack, text_key};

/// What a list says of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldTicket {
    /// Its id.
    pub id: TicketId,
    /// Its id in a foreign system.
    pub external_id: Option<String>,
    /// How many messages it says that it has.
    pub messages: Option<u64>,
}

impl HeldTicket {
    /// Reads a row of a list, or a ticket itself; `None` where it has no id.
    pub fn read(row: &Map<String, Value>) -> Option<Self> {
        let external_id = match row.get("external_id") {
            Some(Value::String(id)) if !id.is_empty() => Some(id.clone()),
            Some(Value::Number(id)) => Some(id.to_string()),
            _ => None,
        };
        Some(Self {
            id: TicketId(row.get("id")?.as_u64()?),
            external_id,
            messages: row.get("messages_count").and_then(Value::as_u64),
        })
    }
}

impl Scan {
    /// A reading begins: until it is complete, the scan is not.
    ///
    /// # Errors
    /// When the scan can't be written.
    pub fn begin(&self, marks: &Marks) -> Result<(), ScanError> {
        let transaction = self.connection().unchecked_transaction()?;
        self.connection().execute("DELETE FROM sought", [])?;
        self.mark(marks)?;
        transaction.commit()?;
        Ok(())
    }

    /// When the newest message of this pass was created that was created by `now`; all in microseconds.
    ///
    /// # Errors
    /// When the scan can't be read.
    pub fn newest(&self, pass: i64, now: i64) -> Result<Option<i64>, ScanError> {
        let sql = "SELECT max(created) FROM held WHERE pass = ?1 AND created <= ?2";
        Ok(self.connection().query_row(sql, [pass, now], |row| row.get(0))?)
    }

    /// Takes in what one answer brought, together with how far the reading is: both are on the disk, or neither.
    ///
    /// Says how many of the messages are new to this pass.
    ///
    /// # Errors
    /// When a message has no ids, or the scan can't be written.
    pub fn take_in(
        &self,
        marks: &Marks,
        tickets: &[HeldTicket],
        messages: &[Map<String, Value>],
    ) -> Result<u64, ScanError> {
        let transaction = self.connection().unchecked_transaction()?;
        for ticket in tickets {
            self.write_ticket(marks.pass, ticket)?;
        }
        let mut new = 0;
        for message in messages {
            new += u64::from(self.write_message(marks.pass, message)?);
        }
        self.mark(marks)?;
        transaction.commit()?;
        Ok(new)
    }

    /// Takes in a ticket that was read whole: what this pass knows of its messages is just what came with it.
    ///
    /// Says whether it has other messages than was known, and how many of them are new to this pass.
    ///
    /// # Errors
    /// When a message has no ids, or the scan can't be written.
    pub fn take_in_whole(
        &self,
        marks: &Marks,
        ticket: &HeldTicket,
        messages: &[Map<String, Value>],
    ) -> Result<(bool, u64), ScanError> {
        let transaction = self.connection().unchecked_transaction()?;
        let before = self.messages_of(marks.pass, ticket.id)?;
        self.forget_messages(ticket.id)?;
        self.write_ticket(marks.pass, ticket)?;
        for message in messages {
            self.write_message(marks.pass, message)?;
        }
        let after = self.messages_of(marks.pass, ticket.id)?;
        self.mark(marks)?;
        transaction.commit()?;
        Ok((before != after, after.difference(&before).count() as u64))
    }

    fn messages_of(&self, pass: i64, ticket: TicketId) -> Result<BTreeSet<u64>, ScanError> {
        let mut query =
            self.connection().prepare_cached("SELECT message_id FROM held WHERE ticket_id = ?1 AND pass = ?2")?;
        let rows = query.query_map(params![ticket.0, pass], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn write_ticket(&self, pass: i64, ticket: &HeldTicket) -> Result<(), ScanError> {
        // A list may say a foreign id that the ticket itself does not.
        let mut insert = self.connection().prepare_cached(
            "INSERT INTO ticket VALUES (?1, ?2, ?3, 1, ?1, ?4) ON CONFLICT (ticket_id) DO UPDATE SET
                 external_id = coalesce(excluded.external_id, iif(pass = excluded.pass, external_id, NULL)),
                 messages = excluded.messages, shown = 1, home = excluded.home, pass = excluded.pass",
        )?;
        insert.execute(params![ticket.id.0, ticket.external_id, ticket.messages, pass])?;
        Ok(())
    }

    /// Whether it is the first time in this pass.
    fn write_message(&self, pass: i64, message: &Map<String, Value>) -> Result<bool, ScanError> {
        let id = |name: &str| message.get(name).and_then(Value::as_u64);
        let (Some(message_id), Some(ticket_id)) = (id("id"), id("ticket_id")) else {
            return Err(self.damaged("a message without ids was read".into()));
        };
        let text = |name: &str| message.get(name).and_then(Value::as_str);
        let time = |name: &str| message.get(name).and_then(moment).map(Timestamp::as_microsecond);
        let facts = Facts::of(message);
        let mut known = self.connection().prepare_cached("SELECT 1 FROM held WHERE message_id = ?1 AND pass = ?2")?;
        let is_new = !known.exists(params![message_id, pass])?;
        let mut insert = self
            .connection()
            .prepare_cached("INSERT OR REPLACE INTO held VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")?;
        insert.execute(params![
            message_id,
            ticket_id,
            time("created_datetime"),
            time("sent_datetime"),
            text("external_id").filter(|id| !id.is_empty()),
            text("message_id").and_then(message_ref),
            kind(message, &facts).map(Kind::word),
            text("body_text").map_or(0, text_key).cast_signed(),
            text("body_html").map_or(0, html_key).cast_signed(),
            facts.to_bytes(),
            pack(message),
            pass,
        ])?;
        Ok(is_new)
    }

    /// Notes that a foreign ticket id was looked for, and what came of it.
    ///
    /// # Errors
    /// When the scan can't be written.
    pub fn note_sought(&self, external_id: &str, fate: &str) -> Result<(), ScanError> {
        let mut insert = self.connection().prepare_cached("INSERT OR REPLACE INTO sought VALUES (?1, ?2)")?;
        insert.execute(params![external_id, fate])?;
        Ok(())
    }

    /// Whether a foreign ticket id was looked for already.
    ///
    /// # Errors
    /// When the scan can't be read.
    pub fn was_sought(&self, external_id: &str) -> Result<bool, ScanError> {
        Ok(self.connection().prepare_cached("SELECT 1 FROM sought WHERE external_id = ?1")?.exists([external_id])?)
    }

    /// Notes that these tickets are in no list, though messages name them: they are to be looked at.
    ///
    /// # Errors
    /// When the scan can't be written.
    pub fn note_hidden(&self, pass: i64, tickets: &[TicketId]) -> Result<(), ScanError> {
        // What an earlier pass saw of it in a list is its foreign id still.
        let transaction = self.connection().unchecked_transaction()?;
        let mut insert = self.connection().prepare_cached(
            "INSERT INTO ticket VALUES (?1, NULL, NULL, 0, ?1, ?2) ON CONFLICT (ticket_id) DO UPDATE SET
                 messages = NULL, shown = 0, home = excluded.home, pass = excluded.pass",
        )?;
        for ticket in tickets {
            insert.execute(params![ticket.0, pass])?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Tickets after `last` that are in no list and were not looked at yet, at most `most` of them.
    ///
    /// # Errors
    /// When the scan can't be read.
    pub fn hidden_tickets(&self, pass: i64, last: TicketId, most: usize) -> Result<Vec<TicketId>, ScanError> {
        let sql = "SELECT ticket_id FROM ticket WHERE shown = 0 AND pass = ?1 AND ticket_id > ?2
                   ORDER BY ticket_id LIMIT ?3";
        self.tickets(sql, params![pass, last.0, most])
    }

    /// Tickets after `last` that messages of this pass name and no list has shown yet, at most `most` of them.
    ///
    /// # Errors
    /// When the scan can't be read.
    pub fn unknown_tickets(&self, pass: i64, last: TicketId, most: usize) -> Result<Vec<TicketId>, ScanError> {
        let sql = "SELECT DISTINCT ticket_id FROM held WHERE pass = ?1 AND ticket_id > ?2 AND NOT EXISTS (
                       SELECT 1 FROM ticket WHERE ticket.ticket_id = held.ticket_id AND ticket.pass = ?1)
                   ORDER BY ticket_id LIMIT ?3";
        self.tickets(sql, params![pass, last.0, most])
    }

    /// Tickets after `last` whose number of messages is not what was read of them, at most `most` of them. Messages that
    /// were created after `read_until`, in microseconds, may have come since the number was told.
    ///
    /// # Errors
    /// When the scan can't be read.
    pub fn doubtful_tickets(
        &self,
        pass: i64,
        read_until: Option<i64>,
        last: TicketId,
        most: usize,
    ) -> Result<Vec<TicketId>, ScanError> {
        let sql = "SELECT ticket_id FROM ticket WHERE pass = ?1 AND shown = 1 AND ticket_id > ?3 AND (
                       messages > (SELECT count(*) FROM held WHERE held.ticket_id = ticket.ticket_id AND held.pass = ?1)
                       OR messages < (SELECT count(*) FROM held
                                      WHERE held.ticket_id = ticket.ticket_id AND held.pass = ?1 AND created <= ?2))
                   ORDER BY ticket_id LIMIT ?4";
        self.tickets(sql, params![pass, read_until, last.0, most])
    }

    fn tickets(&self, sql: &str, params: impl Params) -> Result<Vec<TicketId>, ScanError> {
        let mut query = self.connection().prepare_cached(sql)?;
        let rows = query.query_map(params, |row| Ok(TicketId(row.get(0)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn forget_messages(&self, ticket: TicketId) -> Result<(), ScanError> {
        self.connection().prepare_cached("DELETE FROM held WHERE ticket_id = ?1")?.execute([ticket.0])?;
        Ok(())
    }

    /// A ticket is not in the account any more, whatever a list said.
    ///
    /// # Errors
    /// When the scan can't be written.
    pub fn note_gone(&self, marks: &Marks, ticket: TicketId) -> Result<(), ScanError> {
        let transaction = self.connection().unchecked_transaction()?;
        self.forget_messages(ticket)?;
        self.write_lost(marks, ticket)?;
        transaction.commit()?;
        Ok(())
    }

    /// A ticket was merged into one that nobody names: what was read of its messages stays where it was.
    ///
    /// # Errors
    /// When the scan can't be written.
    pub fn note_lost(&self, marks: &Marks, ticket: TicketId) -> Result<(), ScanError> {
        let transaction = self.connection().unchecked_transaction()?;
        self.write_lost(marks, ticket)?;
        transaction.commit()?;
        Ok(())
    }

    fn write_lost(&self, marks: &Marks, ticket: TicketId) -> Result<(), ScanError> {
        let mut insert =
            self.connection().prepare_cached("INSERT OR REPLACE INTO ticket VALUES (?1, NULL, NULL, 2, ?1, ?2)")?;
        insert.execute(params![ticket.0, marks.pass])?;
        self.mark(marks)
    }

    /// A ticket was merged into `home`, which was taken in whole: there are its messages, and its foreign id leads there.
    ///
    /// # Errors
    /// When the scan can't be written.
    pub fn note_merged(
        &self,
        marks: &Marks,
        ticket: TicketId,
        external_id: Option<&str>,
        home: TicketId,
    ) -> Result<(), ScanError> {
        let transaction = self.connection().unchecked_transaction()?;
        self.forget_messages(ticket)?;
        self.connection().execute(
            "INSERT INTO ticket VALUES (?1, ?2, NULL, 2, ?3, ?4) ON CONFLICT (ticket_id) DO UPDATE SET
                 external_id = coalesce(excluded.external_id, external_id), messages = NULL, shown = 2,
                 home = excluded.home, pass = excluded.pass",
            params![ticket.0, external_id, home.0, marks.pass],
        )?;
        // What had been merged into it before went on with it.
        let sql = "UPDATE ticket SET home = ?2 WHERE home = ?1 AND home <> ticket_id";
        self.connection().execute(sql, [ticket.0, home.0])?;
        self.mark(marks)?;
        transaction.commit()?;
        Ok(())
    }

    /// This reading is at its end: what only earlier ones saw is not in the account any more.
    ///
    /// # Errors
    /// When the scan can't be written.
    pub fn finish(&self, marks: &Marks) -> Result<(), ScanError> {
        let transaction = self.connection().unchecked_transaction()?;
        self.connection().execute("DELETE FROM held WHERE pass <> ?1", [marks.pass])?;
        self.connection().execute("DELETE FROM ticket WHERE pass <> ?1", [marks.pass])?;
        self.mark(marks)?;
        transaction.commit()?;
        Ok(())
    }
}

/// Which of the three kinds a message is. A channel that no update can say is not that of internal notes.
fn kind(message: &Map<String, Value>, facts: &Facts) -> Option<Kind> {
    let is_said = message.get("channel").is_some_and(Value::is_string);
    let of_custom = || facts.from_agent.filter(|_| is_said && facts.channel.is_none());
    facts.kind().or_else(|| of_custom().map(|from_agent| if from_agent { Kind::Outgoing } else { Kind::Incoming }))
}
