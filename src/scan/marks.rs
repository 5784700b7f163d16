//! What a scan says of itself.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::params;

use super::{Scan, ScanError};
use crate::record::Mode;

/// What a scan says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// The account that it is a copy of.
    pub account: String,
    /// Where that is.
    pub origin: String,
    /// How it is read.
    pub mode: Mode,
    /// Which reading of the account this is, from 1; rows of earlier ones go when it is complete.
    pub pass: i64,
    /// When this reading began.
    pub started: Timestamp,
    /// When it was complete; `None` while it is not.
    pub finished: Option<Timestamp>,
    /// How far it is, in the words of whoever reads.
    pub position: Option<String>,
    /// Requests that it took so far.
    pub requests: u64,
}

impl Marks {
    /// By what a plan knows this very scan again.
    pub fn id(&self) -> String {
        let finished = self.finished.map(|at| at.to_string()).unwrap_or_default();
        format!("{} pass {} of {} to {finished}", self.account, self.pass, self.started)
    }
}

impl Scan {
    /// What it says of itself; `None` where nothing was read yet.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn marks(&self) -> Result<Option<Marks>, ScanError> {
        let mut query = self.connection().prepare_cached("SELECT name, value FROM mark")?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut values: HashMap<String, String> = rows.collect::<Result<_, _>>()?;
        let Some(account) = values.remove("account") else { return Ok(None) };
        let odd = |name: &str| self.damaged(format!("no good `{name}`"));
        let mut take = |name: &str| values.remove(name).filter(|value| !value.is_empty());
        let time = |name: &str, text: String| text.parse::<Timestamp>().map_err(|_| odd(name));
        Ok(Some(Marks {
            account,
            origin: take("origin").unwrap_or_default(),
            mode: take("mode").and_then(|word| Mode::from_word(&word)).ok_or_else(|| odd("mode"))?,
            pass: take("pass").and_then(|text| text.parse().ok()).ok_or_else(|| odd("pass"))?,
            started: time("started", take("started").ok_or_else(|| odd("started"))?)?,
            finished: take("finished").map(|text| time("finished", text)).transpose()?,
            position: take("position"),
            requests: take("requests").and_then(|text| text.parse().ok()).unwrap_or(0),
        }))
    }

    /// Stores what it says of itself.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn mark(&self, marks: &Marks) -> Result<(), ScanError> {
        let finished = marks.finished.map(|at| at.to_string()).unwrap_or_default();
        let mut insert = self.connection().prepare_cached("INSERT OR REPLACE INTO mark VALUES (?1, ?2)")?;
        for (name, value) in [
            ("account", marks.account.as_str()),
            ("origin", &marks.origin),
            ("mode", marks.mode.word()),
            ("pass", &marks.pass.to_string()),
            ("started", &marks.started.to_string()),
            ("finished", &finished),
            ("position", marks.position.as_deref().unwrap_or_default()),
            ("requests", &marks.requests.to_string()),
        ] {
            insert.execute(params![name, value])?;
        }
        Ok(())
    }
}
