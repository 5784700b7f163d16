//! What the exit code says.

use std::process::ExitCode;

/// How a command ended, as its exit code says it. The table is in `--help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Every message is updated, unchanged, skipped or absent; or the command had nothing to do with messages.
    Done = 0,
    /// An error of the tool or its surroundings.
    Error = 1,
    /// Wrong usage, mapping or configuration.
    Usage = 2,
    /// Finished, but some messages are blocked, failed or unconfirmed; or verify found that something differs, undo left
    /// something as it is, a mapping would block something, or one of its tests failed.
    Troubled = 3,
    /// Stopped by a guard, a check or the sample; can be resumed.
    Stopped = 4,
    /// Interrupted; can be resumed.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The table of `--help`.
pub(super) const TABLE: &str = "\
Exit codes:
  0    every message is updated, unchanged, skipped or absent, or --limit or --stop-at was reached
  1    an error of the tool or its surroundings
  2    wrong usage, mapping or configuration
  3    finished, but some messages are blocked, failed or unconfirmed; verify: something differs;
       undo: something was left as it is; mapping check: something would be blocked;
       mapping test: a test failed
  4    stopped by a guard (credentials, wrong domain, an outage, too many failures, a check,
       the sample); can be resumed
  130  interrupted; can be resumed

Credentials come from the environment:
  GORGIAS_DOMAIN        the part before .gorgias.com
  GORGIAS_EMAIL         the user's email
  GORGIAS_API_KEY       the REST API key (or --api-key-file FILE)
  GORGIAS_ACCESS_TOKEN  an OAuth2 token, in place of the two above";
