//! What comes back, read loosely: only what a run decides on.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

/// An answer that arrived whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After`, if there was one that can be read.
    pub retry_after: Option<RetryAfter>,
    /// `X-Gorgias-Account-Api-Call-Limit`, if there was one that can be read.
    pub usage: Option<Usage>,
    /// `Date`: what time it is on the other side, to the second.
    pub date: Option<Timestamp>,
    /// Whether it says that it is a web page, not an API answer.
    pub is_html: bool,
    /// `Location`: where a redirect leads. It is never followed.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer with `status`, what of its headers matters, and a body yet to come. Names are in lower case.
    pub fn head<'a>(status: u16, header: impl Fn(&str) -> Option<&'a str>) -> Self {
        Self {
            status,
            retry_after: header("retry-after").and_then(RetryAfter::parse),
            usage: header("x-gorgias-account-api-call-limit").and_then(Usage::parse),
            date: header("date").and_then(http_date),
            is_html: header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html")),
            location: header("location").map(str::to_owned),
            body: Vec::new(),
        }
    }

    /// How long it asks to wait, if it does. A date counts from what time it was on the other side: our clock may be wrong.
    pub fn pause(&self, now: Timestamp) -> Option<Duration> {
        self.retry_after.map(|after| after.wait(self.date.unwrap_or(now)))
    }

    /// What the API says went wrong: `error.msg`, with the names of the fields it complains of, on one line.
    ///
    /// At most 200 characters; the fields' values are left out.
    pub fn complaint(&self) -> Option<String> {
        let body: Value = serde_json::from_slice(&self.body).ok()?;
        let error = body.get("error")?;
        let message = error.get("msg").and_then(Value::as_str).unwrap_or("no message");
        let mut text = message.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(data) = error.get("data").and_then(Value::as_object) {
            let fields: Vec<_> = data.keys().map(String::as_str).collect();
            text = format!("{text} ({})", fields.join(", "));
        }
        Some(without_ids(&text).chars().take(200).collect())
    }
}

/// Numbers of five digits and more become `#`, so that one complaint about many messages counts as one.
fn without_ids(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut digits = String::new();
    for c in text.chars().chain(['\0']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        plain.push_str(if digits.len() >= 5 { "#" } else { &digits });
        digits.clear();
        if c != '\0' {
            plain.push(c);
        }
    }
    plain
}

/// How long the API asks to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// That many seconds.
    Seconds(u64),
    /// Until that time.
    Until(Timestamp),
}

impl RetryAfter {
    /// Reads the header's value, in either of the two forms of RFC 9110.
    pub fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        if let Ok(seconds) = value.parse() {
            return Some(Self::Seconds(seconds));
        }
        http_date(value).map(Self::Until)
    }

    /// The wait from `now` on.
    pub fn wait(self, now: Timestamp) -> Duration {
        match self {
            Self::Seconds(seconds) => Duration::from_secs(seconds),
            Self::Until(then) => Duration::try_from(then.duration_since(now)).unwrap_or_default(),
        }
    }
}

/// Reads the date of a header.
fn http_date(value: &str) -> Option<Timestamp> {
    Timestamp::try_from(httpdate::parse_http_date(value).ok()?).ok()
}

/// How full the account's bucket is, whoever filled it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Requests in it.
    pub used: u32,
    /// How many it takes.
    pub limit: u32,
}

impl Usage {
    /// Reads `used/limit`.
    pub fn parse(value: &str) -> Option<Self> {
        let (used, limit) = value.trim().split_once('/')?;
        Some(Self { used: used.trim().parse().ok()?, limit: limit.trim().parse().ok()? })
    }
}

/// Why no answer arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// There was no connection: nothing was sent.
    NotReached(String),
    /// It went out; the answer did not come back whole.
    NoAnswer(String),
}
