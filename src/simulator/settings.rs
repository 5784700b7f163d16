//! How a stand-in is to behave, settled before it starts.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::Value;
use thiserror::Error;

use super::faults::Faults;
use super::happening::Event;
use super::reaction::Reactions;
use super::storing::Storing;

/// How the stand-in behaves. The default is a well-behaved account with a generous limit.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The size of the leaky bucket.
    pub limit: Limit,
    /// What goes wrong, and how often.
    pub faults: Faults,
    /// Where the faults' dice start: the same seed, the same faults for the same requests.
    pub seed: u64,
    /// How long every answer of the API takes.
    pub latency: Duration,
    /// Whom it lets in.
    pub access: Access,
    /// The account's domain, as `GET /api/account` tells it.
    pub domain: String,
    /// What the `Retry-After` of a 429 that comes from a fault asks for, rounded up to whole seconds.
    pub retry_after: Duration,
    /// How long a cursor is good for; for ever where there is none.
    pub cursor_life: Option<Duration>,
    /// What other people do meanwhile: before the n-th request to the API is answered, from 1, refused ones counted too.
    pub events: Vec<(u64, Event)>,
    /// What the account's automation does when a message is updated.
    pub reactions: Reactions,
    /// What `GET /api/rules` lists.
    pub rules: Vec<Value>,
    /// What `GET /api/integrations` lists.
    pub integrations: Vec<Value>,
    /// Whether the user's role may not read rules and integrations.
    pub hides_automation: bool,
    /// The role of the account's one user.
    pub role: String,
    /// How far the account's clock is ahead of the time that it is told.
    pub clock_ahead: SignedDuration,
    /// What the account changes of what it is given.
    pub storing: Storing,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limit: Limit::GENEROUS,
            faults: Faults::none(),
            seed: 0,
            latency: Duration::ZERO,
            access: Access::Anyone,
            domain: "simulator".to_owned(),
            retry_after: Duration::from_secs(1),
            cursor_life: None,
            events: Vec::new(),
            reactions: Reactions::default(),
            rules: Vec::new(),
            integrations: Vec::new(),
            hides_automation: false,
            role: "admin".to_owned(),
            clock_ahead: SignedDuration::ZERO,
            storing: Storing::default(),
        }
    }
}

/// Whom the stand-in lets in. Its `Debug` form holds no credentials.
#[derive(Clone, PartialEq, Eq)]
pub enum Access {
    /// Every request, whatever its credentials, and without any.
    Anyone,
    /// Requests with exactly this `Authorization` header; others get 401.
    Only(String),
    /// Nobody: the role lacks the permission, 403.
    Forbidden,
    /// Nobody: no account has this domain, an HTML 404.
    WrongDomain,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anyone => "Anyone",
            Self::Only(_) => "Only(…)",
            Self::Forbidden => "Forbidden",
            Self::WrongDomain => "WrongDomain",
        })
    }
}

/// The size of a leaky bucket: so many requests at once, draining completely in so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    requests: u32,
    per: Duration,
}

impl Limit {
    /// An account's API key: 40 requests in 20 seconds.
    pub const API_KEY: Self = Self::new(40, Duration::from_secs(20));
    /// More than a client on the same machine will use: 20,000 requests a second.
    pub const GENEROUS: Self = Self::new(400_000, Duration::from_secs(20));

    /// A bucket of `requests`, at least 1, that drains in `per`, at least a nanosecond.
    pub const fn new(requests: u32, per: Duration) -> Self {
        Self {
            requests: if requests == 0 { 1 } else { requests },
            per: if per.is_zero() { Duration::from_nanos(1) } else { per },
        }
    }

    /// How many requests the bucket holds; at least 1.
    pub const fn requests(self) -> u32 {
        self.requests
    }

    /// How long a full bucket takes to drain; never zero.
    pub const fn per(self) -> Duration {
        self.per
    }
}

/// A limit that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no limit: write requests and seconds, such as 40/20s")]
pub struct LimitError(String);

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.split_once('/').and_then(|(requests, per)| {
            let requests: u32 = requests.trim().parse().ok()?;
            let seconds: u32 = per.trim().strip_suffix('s')?.parse().ok()?;
            (requests > 0 && seconds > 0).then(|| Self::new(requests, Duration::from_secs(seconds.into())))
        });
        parsed.ok_or_else(|| LimitError(text.to_owned()))
    }
}
