//! An operator's folder with the sample, the account that it goes to, and a run between them.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use deskferry::record::State;
use deskferry::simulator::Settings;

use crate::live::{Live, agree, in_state, rows};
use crate::support::{Account, Folder, totals};

/// Messages of the sample that are sent.
pub(crate) const SENT: u64 = 263;

pub(crate) struct Story {
    pub(crate) folder: Folder,
    pub(crate) account: Account,
    /// The name of the checkpoint.
    pub(crate) at: &'static str,
}

impl Story {
    pub(crate) fn new(settings: Settings) -> Self {
        let folder = Folder::with_sample("zendesk");
        let account = Account::start(settings, &folder.file("export/ids.csv"));
        Self { folder, account, at: "night.deskferry" }
    }

    /// An account that answers slowly enough for somebody to come in between while updates are on the wire.
    pub(crate) fn slow() -> Self {
        Self::new(Settings { latency: Duration::from_millis(50), ..Settings::default() })
    }

    pub(crate) fn checkpoint(&self) -> PathBuf {
        self.folder.file(self.at)
    }

    pub(crate) fn command(&self, options: &str) -> String {
        format!("run export --mapping zendesk --checkpoint {} {} {options}", self.at, self.account.flag())
    }

    pub(crate) fn start(&self, options: &str) -> Live {
        Live::start(self.folder.command(&self.command(options)))
    }

    pub(crate) fn outcomes(&self) -> BTreeMap<String, u64> {
        self.folder.outcomes(self.at)
    }

    /// Waits until the run `live` has had so many messages updated.
    #[track_caller]
    pub(crate) fn waits_for(&self, live: &mut Live, updates: u64) {
        assert!(live.reaches(|| self.account.counters().updates >= updates), "it ended before");
    }

    /// Goes on to the end; by then every message has arrived.
    #[track_caller]
    pub(crate) fn resumes(&self) {
        self.folder.run(&format!("resume --checkpoint {} --rate none", self.at)).expect(0);
        assert_eq!(self.outcomes(), totals([("updated", SENT), ("skipped", 7)]));
        agree(&self.checkpoint(), &self.account);
        assert_eq!(self.account.updated().len() as u64, SENT);
    }

    /// Fails unless everything that was on the wire was waited for, and the rest was not touched.
    #[track_caller]
    pub(crate) fn is_drained(&self) {
        let rows = rows(&self.checkpoint());
        let updated = in_state(&rows, State::Updated);
        assert_eq!(updated.len() as u64, self.account.counters().updates, "what was on the wire was waited for");
        assert_eq!((updated.len() + in_state(&rows, State::Pending).len()) as u64, SENT, "the rest was not touched");
        agree(&self.checkpoint(), &self.account);
    }
}
