//! The process that is at work with a checkpoint, as another one sees it.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::duration;
use crate::checkpoint::{Checkpoint, CheckpointError, Heartbeat, Holder, holder_of};

/// A process that has said nothing for so long is no longer taken for alive.
const SILENCE: Duration = Duration::from_secs(10);

/// A process that is at work with a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtWork {
    /// Who it is.
    pub holder: Holder,
    /// What it said last; `None` where it says nothing, as while it plans.
    pub heartbeat: Option<Heartbeat>,
}

impl AtWork {
    /// Who is at work with `checkpoint`; `None` where nobody is.
    ///
    /// # Errors
    /// When the checkpoint or its lock can't be read.
    pub fn with(checkpoint: &Checkpoint) -> Result<Option<Self>, CheckpointError> {
        let Some(holder) = holder_of(checkpoint.path())? else { return Ok(None) };
        Ok(Some(Self { holder, heartbeat: checkpoint.heartbeat()? }))
    }

    /// What it said last, in its own numbers.
    pub fn said(&self) -> Value {
        self.heartbeat.as_ref().and_then(|beat| serde_json::from_str(&beat.said).ok()).unwrap_or_default()
    }

    /// What it is doing, and how long ago it said so, in a line.
    pub fn words(&self, now: Timestamp) -> String {
        let Some(beat) = &self.heartbeat else {
            return format!("{}; it says nothing of what it does, as while it plans", self.holder);
        };
        let said = self.said();
        let line = said["line"].as_str().unwrap_or_default();
        match beat.age(now) {
            age if age > SILENCE => format!("has given no sign of life for {}; until then: {line}", duration(age)),
            age => format!("{line} ({} ago)", duration(age)),
        }
    }

    /// The same as JSON.
    pub fn to_json(&self, now: Timestamp) -> Value {
        let beat = self.heartbeat.as_ref();
        json!({
            "holder": self.holder,
            "beat": beat.map(|beat| beat.at.to_string()),
            "silent_seconds": beat.map(|beat| beat.age(now).as_secs()),
            "said": self.said(),
        })
    }
}
