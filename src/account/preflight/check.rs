//! A check and what it came to.

use serde::{Deserialize, Serialize};

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckName {
    /// Is the account there, and does it let us in?
    Credentials,
    /// May the user edit tickets?
    Role,
    /// Is the rate in use the account's, and is there room in its bucket?
    Limit,
    /// Do both sides mean the same by "now"?
    Clock,
    /// Is the local copy of the account complete and fresh?
    Scan,
    /// The account's automation rules that may react.
    Rules,
    /// Other systems that Gorgias tells of updates.
    Integrations,
    /// What might reach a customer.
    Mail,
}

impl CheckName {
    /// Its word on the screen and in `--json`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Role => "role",
            Self::Limit => "limit",
            Self::Clock => "clock",
            Self::Scan => "scan",
            Self::Rules => "rules",
            Self::Integrations => "integrations",
            Self::Mail => "mail",
        }
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// The run may start; somebody should know first.
    Warning,
    /// The run must not start, unless it is waived.
    Stop,
}

impl Level {
    /// Its word on the screen and in `--json`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Stop => "stop",
        }
    }
}

/// A stop that the operator may take upon themselves (`--waive`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiver {
    /// The rules that may react can't mail anybody.
    Rules,
    /// Whatever listens may hear of every update.
    Integrations,
}

impl Waiver {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::Rules, Self::Integrations];

    /// The word for it on the command line: the name of the check.
    pub const fn word(self) -> &'static str {
        self.check().word()
    }

    /// The choice that is typed as `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|waiver| waiver.word() == word)
    }

    const fn check(self) -> CheckName {
        match self {
            Self::Rules => CheckName::Rules,
            Self::Integrations => CheckName::Integrations,
        }
    }
}

/// One check, as shown, stored and reported. It holds no message content and no address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was looked at.
    pub name: CheckName,
    /// How bad it is.
    pub level: Level,
    /// What was found, as a fragment for the operator.
    pub finding: String,
    /// What to do about it.
    pub advice: Option<String>,
    /// Whether the operator took a stop upon themselves.
    pub waived: bool,
}

impl Check {
    pub(super) fn ok(name: CheckName, finding: impl Into<String>) -> Self {
        Self { name, level: Level::Ok, finding: finding.into(), advice: None, waived: false }
    }

    pub(super) fn warning(name: CheckName, finding: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { level: Level::Warning, advice: Some(advice.into()), ..Self::ok(name, finding) }
    }

    pub(super) fn stop(name: CheckName, finding: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { level: Level::Stop, ..Self::warning(name, finding, advice) }
    }

    pub(super) fn waive(&mut self, waivers: &[Waiver]) {
        self.waived = self.level == Level::Stop && waivers.iter().any(|waiver| waiver.check() == self.name);
    }

    /// Whether it keeps a run from starting.
    pub fn stops(&self) -> bool {
        self.level == Level::Stop && !self.waived
    }

    /// What it came to, in a word: `ok`, `warning`, `stop` or `waived`.
    pub const fn word(&self) -> &'static str {
        if self.waived { "waived" } else { self.level.word() }
    }
}

/// All checks, in the order in which they were made. Kept as JSON with the run, and shown in its report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preflight {
    /// The checks; what does not apply is left out.
    pub checks: Vec<Check>,
}

impl Preflight {
    /// The checks that keep a run from starting.
    pub fn stops(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.stops())
    }

    /// Waives what was waived `before`, where it is the same finding: a rule that was switched on since is none.
    pub fn waive_as(&mut self, before: &Self) {
        for check in self.checks.iter_mut().filter(|check| check.stops()) {
            let is_same = |earlier: &&Check| earlier.name == check.name && earlier.finding == check.finding;
            check.waived = before.checks.iter().find(is_same).is_some_and(|earlier| earlier.waived);
        }
    }
}
