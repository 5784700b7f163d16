//! What may go wrong, and how often: chances for rehearsals, a script for tests.

use std::str::FromStr;

use thiserror::Error;

/// A way in which a request goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 400, though nothing is wrong with the request.
    BadRequest,
    /// 401, as if the credentials had just expired.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 404 as JSON.
    NotFound,
    /// 409.
    Conflict,
    /// 413.
    TooLarge,
    /// 429 with `Retry-After`, though the bucket is not full.
    Throttled,
    /// 500 from Gorgias, as JSON.
    ServerError,
    /// 502 from something before Gorgias, as HTML.
    BadGateway,
    /// 503, likewise.
    Unavailable,
    /// 504, likewise.
    GatewayTimeout,
    /// 404 as HTML, as an unknown domain gives it.
    WrongDomain,
    /// 301 with a `Location` and an empty body.
    Redirect,
    /// The connection is dropped without an answer.
    Reset,
    /// Nothing is ever answered.
    Hang,
    /// Half of the answer's body, then the connection is dropped.
    Truncated,
    /// A 202 with an empty body.
    Empty,
    /// A 202 whose body holds another `external_id` than was sent.
    OtherId,
    /// A 202 whose body is no JSON.
    Unreadable,
}

/// Whether the account is changed by a request that a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Never,
    Always,
    /// Half of the time.
    Either,
}

static NAMES: [(&str, Fault, Reach); 19] = [
    ("400", Fault::BadRequest, Reach::Never),
    ("401", Fault::Unauthorized, Reach::Never),
    ("403", Fault::Forbidden, Reach::Never),
    ("404", Fault::NotFound, Reach::Never),
    ("409", Fault::Conflict, Reach::Never),
    ("413", Fault::TooLarge, Reach::Never),
    ("429", Fault::Throttled, Reach::Never),
    ("500", Fault::ServerError, Reach::Either),
    ("502", Fault::BadGateway, Reach::Either),
    ("503", Fault::Unavailable, Reach::Either),
    ("504", Fault::GatewayTimeout, Reach::Either),
    ("html404", Fault::WrongDomain, Reach::Never),
    ("redirect", Fault::Redirect, Reach::Never),
    ("reset", Fault::Reset, Reach::Either),
    ("hang", Fault::Hang, Reach::Either),
    ("truncated", Fault::Truncated, Reach::Either),
    ("empty", Fault::Empty, Reach::Always),
    ("other-id", Fault::OtherId, Reach::Always),
    ("unreadable", Fault::Unreadable, Reach::Always),
];

impl Fault {
    /// Its name, as it is written in a list of faults.
    pub fn name(self) -> &'static str {
        let found = NAMES.iter().find(|(_, fault, _)| *fault == self);
        found.map_or("", |(name, ..)| name)
    }

    pub(super) fn reach(self) -> Reach {
        let found = NAMES.iter().find(|(_, fault, _)| *fault == self);
        found.map_or(Reach::Never, |(.., reach)| *reach)
    }

    fn named(name: &str) -> Option<Self> {
        let found = NAMES.iter().find(|(known, ..)| *known == name);
        found.map(|(_, fault, _)| *fault)
    }
}

/// One fault that happens, and whether the request had its effect before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strike {
    /// What goes wrong.
    pub fault: Fault,
    /// Whether the request is carried out all the same.
    pub applied: bool,
}

impl Strike {
    /// A fault after which the request has had its effect.
    pub const fn applied(fault: Fault) -> Self {
        Self { fault, applied: true }
    }

    /// A fault that keeps the request from having any effect.
    pub const fn unapplied(fault: Fault) -> Self {
        Self { fault, applied: false }
    }
}

/// When a scripted fault strikes. Only requests that passed the credentials and the bucket are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// At the n-th update request, from 1.
    Update(u64),
    /// At the n-th update request, from 1, for one message.
    Attempt {
        /// The message.
        message_id: u64,
        /// Which of its requests.
        attempt: u64,
    },
}

/// What goes wrong, and how often. Written `500=0.05,reset=0.01`.
///
/// Faults strike updates, unless [`Faults::on_reads_too`] is asked for. A chance is drawn for each request from the
/// seed, the path, and how often that path was asked for: the same message meets the same faults, in whatever order and
/// on however many connections the requests arrive.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    pub(super) chances: Vec<(Fault, f64)>,
    pub(super) script: Vec<(Moment, Strike)>,
    pub(super) reads: bool,
}

impl Faults {
    /// Nothing goes wrong.
    pub fn none() -> Self {
        Self::default()
    }

    /// Exactly these faults at these moments, and no others. Of two at one moment, the first strikes.
    pub fn script(script: Vec<(Moment, Strike)>) -> Self {
        Self { script, ..Self::default() }
    }

    /// The same chances, for reads as well as for updates.
    #[must_use]
    pub fn on_reads_too(self) -> Self {
        Self { reads: true, ..self }
    }

    /// The names of all faults, for messages and help texts.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, ..)| *name)
    }
}

/// Why a list of faults can't be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FaultsError {
    /// There is no such fault.
    #[error("unknown fault `{name}`, did you mean `{nearest}`? (valid: {})", valid_names())]
    Unknown {
        /// What was written.
        name: String,
        /// The name nearest to it.
        nearest: &'static str,
    },
    /// It is no `name=chance`.
    #[error("`{0}` is no fault with its chance: write it as in 500=0.05")]
    Malformed(String),
    /// Chances go from 0 to 1.
    #[error("the chance of `{name}` is `{chance}`: it must be a number from 0 to 1")]
    Chance {
        /// The fault.
        name: String,
        /// What was written.
        chance: String,
    },
    /// It is in the list more than once.
    #[error("fault `{0}` is given twice")]
    Twice(String),
    /// A request can't meet more than one fault.
    #[error("the chances add up to {0}: together they must not exceed 1")]
    Sum(String),
}

impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut chances: Vec<(Fault, f64)> = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let malformed = || FaultsError::Malformed(part.to_owned());
            let (name, chance) = part.split_once('=').ok_or_else(malformed)?;
            let (name, chance) = (name.trim(), chance.trim());
            let fault = Fault::named(name).ok_or_else(|| unknown(name))?;
            if chances.iter().any(|(known, _)| *known == fault) {
                return Err(FaultsError::Twice(name.to_owned()));
            }
            let parsed = chance.parse().ok().filter(|chance| (0.0..=1.0).contains(chance));
            let wrong = || FaultsError::Chance { name: name.to_owned(), chance: chance.to_owned() };
            chances.push((fault, parsed.ok_or_else(wrong)?));
        }
        let sum: f64 = chances.iter().map(|(_, chance)| chance).sum();
        // A tenth written ten times is a hair more than one in binary.
        if sum > 1.0 + 1e-9 {
            return Err(FaultsError::Sum(format!("{sum:.3}")));
        }
        Ok(Self { chances, ..Self::default() })
    }
}

fn valid_names() -> String {
    Faults::names().collect::<Vec<_>>().join(", ")
}

fn unknown(name: &str) -> FaultsError {
    let nearest = Faults::names().min_by_key(|known| strsim::damerau_levenshtein(known, name));
    FaultsError::Unknown { name: name.to_owned(), nearest: nearest.unwrap_or_default() }
}
