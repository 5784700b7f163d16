//! What is known on this side before the account is asked.

use jiff::Timestamp;

use super::Waiver;
use crate::deliver::Pace;
use crate::gorgias::Credentials;

/// Who asks, as far as the credentials say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum User {
    /// The user with this email, by API key.
    Email(String),
    /// An app or a user, by access token.
    Token,
    /// Nobody: a test server that asks for no credentials.
    Nobody,
}

impl User {
    /// Whom `credentials` belong to.
    pub fn of(credentials: Option<&Credentials>) -> Self {
        match credentials {
            Some(Credentials::ApiKey { email, .. }) => Self::Email(email.clone()),
            Some(Credentials::Token(_)) => Self::Token,
            None => Self::Nobody,
        }
    }
}

/// What there is of a local copy of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanAge {
    /// There is none.
    None,
    /// The scan came to its end.
    Complete {
        /// When it was begun: that old is what it read first.
        begun: Timestamp,
    },
    /// The scan stopped before its end.
    Incomplete,
}

/// What might reach a customer, as far as plan and scan know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailRisk {
    /// Targets that are outgoing messages which the account has not sent; `None` where no scan tells.
    pub unsent: Option<u64>,
    /// Messages of the plan that are blocked because Gorgias might mail them.
    pub blocked: u64,
}

/// What the run is like that the checks are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The rate that it keeps to.
    pub pace: Pace,
    /// The scan that it goes by.
    pub scan: ScanAge,
    /// Whether it has its targets from an ids file or the export, and so needs no scan.
    pub has_targets: bool,
    /// What might reach a customer; `None` without a plan.
    pub mail: Option<MailRisk>,
    /// The stops that the operator takes upon themselves.
    pub waivers: Vec<Waiver>,
}
