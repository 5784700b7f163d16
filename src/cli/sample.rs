//! `deskferry run --sample N`: a few messages first, watched before and after.

use std::fmt::Write as _;
use std::time::Duration;

use super::account::Destination;
use super::failure::Failure;
use super::line::Line;
use super::terminal::say;
use crate::checkpoint::{Checkpoint, Note, Sampled, Which};
use crate::report::{count, duration, plural};
use crate::run::{Alarm, RunError, Tickets, alarms, read_tickets};
use crate::update::Channel;

/// A sample that is about to be sent, with its tickets as they are before.
pub(super) struct Sample {
    rows: Vec<Sampled>,
    before: Tickets,
    wait: Duration,
}

impl Sample {
    /// Chooses, of `which`, up to `most` messages of different kinds and tickets, and reads their tickets.
    pub(super) fn choose(
        checkpoint: &Checkpoint,
        which: Which,
        most: u64,
        wait: Duration,
        line: Line,
    ) -> Result<Self, Failure> {
        let rows = checkpoint.sample(most, which)?;
        checkpoint.choose_turns(&rows.iter().map(|row| row.turn).collect::<Vec<_>>())?;
        let read = line.hold(
            || "Reading the tickets of the sample".to_owned(),
            async |courier| read_tickets(courier, &rows).await,
        )?;
        let before = finished(read)?;
        Ok(Self { rows, before, wait })
    }

    /// Waits for what Gorgias may do with them, reads their tickets again, and tells what a person should look at, and
    /// whether anything happened there that nobody sent.
    ///
    /// Until then the rest of the plan is not confirmed any more, and stays so where anything is wrong.
    ///
    /// # Errors
    /// When the tickets can't be read.
    pub(super) fn look_again(
        &self,
        checkpoint: &Checkpoint,
        line: Line,
        destination: &Destination,
        next: Option<&str>,
    ) -> Result<(String, Result<(), Failure>), Failure> {
        checkpoint.forget_confirmation()?;
        if !self.wait.is_zero() {
            say(&format!("Waiting {} for what Gorgias does with them.", duration(self.wait)));
        }
        let wait = self.wait;
        let read = line.hold(
            || "Looking at the sample".to_owned(),
            async |courier| {
                let mut stopping = courier.stopping.clone();
                tokio::select! {
                    biased;
                    _ = stopping.wait_for(|&stop| stop) => return Err(crate::account::ReadError::Interrupted.into()),
                    () = tokio::time::sleep(wait) => {}
                }
                read_tickets(courier, &self.rows).await
            },
        )?;
        let alarms = alarms(&self.before, &finished(read)?, &self.rows);
        if alarms.is_empty() {
            checkpoint.note(Note::Confirmed, "yes")?;
            let then = next
                .map_or_else(|| "; nothing is left to send.".to_owned(), |next| format!("; then, to go on:\n  {next}"));
            let links = self.links(destination);
            let text = format!("{links}  Nothing happened there but the updates. Look at some of them{then}\n");
            return Ok((text, Ok(())));
        }
        let number = count(alarms.len() as u64, "thing");
        let verb = if alarms.len() == 1 { "is" } else { "are" };
        let failure = Failure::stopped(
            format!("{number} happened in the tickets of the sample that {verb} no update of ours"),
            "switch off what reacts (`deskferry check` lists rules and integrations), and ask whether a customer was \
             mailed; `deskferry undo` puts the sample back",
        );
        Ok((format!("{}{}", self.links(destination), listed(&alarms)), Err(failure)))
    }

    fn links(&self, destination: &Destination) -> String {
        let mut tickets: Vec<_> = self.rows.iter().map(|row| row.target.ticket.0).collect();
        tickets.sort_unstable();
        tickets.dedup();
        let mut text = format!(
            "\nSample: {} in {} {}\n\n",
            count(self.rows.len() as u64, "message"),
            tickets.len(),
            plural(tickets.len() as u64, "ticket")
        );
        let kinds: Vec<_> = self.rows.iter().map(kind).collect();
        let width = kinds.iter().map(String::len).max().unwrap_or_default();
        for (row, kind) in self.rows.iter().zip(kinds) {
            let place = match destination {
                Destination::Simulator => format!("ticket {}", row.target.ticket.0),
                Destination::Account(account) => format!("{}/app/ticket/{}", account.origin(), row.target.ticket.0),
            };
            // Writing into a string can't fail.
            let _ = writeln!(text, "  {kind:<width$}  message {:<20} {place}", row.external_id);
        }
        text.push('\n');
        text
    }
}

/// What sort of message it is; a note has no channel besides.
fn kind(row: &Sampled) -> String {
    if row.channel == Channel::InternalNote.name() {
        row.kind.clone()
    } else {
        format!("{}, {}", row.kind, row.channel)
    }
}

fn finished(read: Option<Result<Tickets, RunError>>) -> Result<Tickets, Failure> {
    let interrupted = || Failure::interrupted("the sample was interrupted; nothing is lost");
    Ok(read.ok_or_else(interrupted)??)
}

fn listed(alarms: &[Alarm]) -> String {
    let mut text = String::from("  STOP\n");
    for Alarm { ticket, message, what } in alarms {
        let message = message.map(|message| format!(", message {}", message.0)).unwrap_or_default();
        // Writing into a string can't fail.
        let _ = writeln!(text, "    ticket {}{message}: {what}", ticket.0);
    }
    text
}
