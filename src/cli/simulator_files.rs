//! The files that tell `deskferry simulator` what its account holds.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use serde_json::Value;

use super::failure::Failure;
use crate::export::IdsFile;
use crate::simulator::{Seed, SeedLine, TicketSeed};

/// What an account holds at first.
#[derive(Debug, Default)]
pub(super) struct Holdings {
    pub(super) messages: Vec<Seed>,
    pub(super) tickets: Vec<TicketSeed>,
}

impl Holdings {
    /// Adds the targets of an ids file, as messages with nothing special about them.
    pub(super) fn add_ids(&mut self, path: &Path) -> Result<(), Failure> {
        for row in IdsFile::open(path)? {
            let target = row?.target;
            self.messages.push(Seed::new(target.ticket.0, target.message.0));
        }
        Ok(())
    }

    /// Adds messages and tickets, one a line.
    pub(super) fn add_lines(&mut self, path: &Path) -> Result<(), Failure> {
        let file = File::open(path).map_err(|error| unreadable(path, &error))?;
        for (line, number) in BufReader::new(file).lines().zip(1_u64..) {
            let line = line.map_err(|error| unreadable(path, &error))?;
            if line.trim().is_empty() {
                continue;
            }
            match serde_json::from_str(&line) {
                Ok(SeedLine::Message(seed)) => self.messages.push(seed),
                Ok(SeedLine::Ticket(seed)) => self.tickets.push(seed),
                Err(error) => {
                    let wrong = format!("line {number} of {} is no message and no ticket: {error}", path.display());
                    return Err(Failure::usage(wrong, SHAPE));
                }
            }
        }
        Ok(())
    }
}

const SHAPE: &str = r#"write {"ticket_id":1,"message_id":2,"properties":{"subject":"Hi"}} or {"ticket_id":1,"ticket":{"status":"open"}}"#;

/// Reads the account's automation rules.
pub(super) fn rules(path: &Path) -> Result<Vec<Value>, Failure> {
    let text = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    serde_json::from_slice(&text).map_err(|error| {
        let wrong = format!("{} holds no rules: {error}", path.display());
        Failure::usage(wrong, r#"write an array, such as [{"id":1,"name":"Close spam"}]"#)
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::error(format!("failed to read {}: {error}", path.display()), None)
}
