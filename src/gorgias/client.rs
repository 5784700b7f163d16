//! The client for the network.

use std::error::Error;
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{redirect, retry};

use super::{Account, Answer, Credentials, Lost, Method, Request, Transport};

/// The most of an answer's body that is read, in bytes; a message of the API is far smaller.
const MAX_ANSWER: usize = 32 * 1024 * 1024;
/// Below the idle limits of the usual load balancers (60 s and up), so that no connection is reused as it closes.
const IDLE: Duration = Duration::from_secs(15);

/// How long the client waits.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For a whole request, from its start to the last byte of the answer.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), total: Duration::from_mins(1) }
    }
}

/// The client could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("the HTTPS client can't be set up: {0}")]
pub struct ClientError(String);

/// Talks to one account. It follows no redirect, repeats nothing by itself, and asks no proxy.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    origin: String,
    credentials: Option<Credentials>,
}

impl Client {
    /// A client for `account`.
    ///
    /// # Errors
    /// When TLS can't be set up on this machine, such as where there are no root certificates.
    pub fn new(account: &Account, credentials: Option<Credentials>, timeouts: Timeouts) -> Result<Self, ClientError> {
        // An error says that a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent(concat!("deskferry/", env!("CARGO_PKG_VERSION")))
            .https_only(!account.is_loopback())
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.total)
            .pool_idle_timeout(IDLE)
            .build()
            .map_err(|error| ClientError(deepest(&error)))?;
        Ok(Self { http, origin: account.origin().to_owned(), credentials })
    }
}

impl Transport for Client {
    async fn send(&self, request: Request) -> Result<Answer, Lost> {
        let url = format!("{}{}", self.origin, request.path);
        let mut builder = match request.method {
            Method::Get => self.http.get(url),
            Method::Put => self.http.put(url),
        };
        if let Some(body) = request.body {
            builder = builder.header(CONTENT_TYPE, "application/json").body(body);
        }
        if let Some(credentials) = &self.credentials {
            builder = credentials.sign(builder);
        }
        let mut response = builder.send().await.map_err(|error| lost(&error))?;
        let headers = response.headers();
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let mut answer = Answer::head(response.status().as_u16(), header);
        while let Some(bytes) = response.chunk().await.map_err(|error| Lost::NoAnswer(deepest(&error)))? {
            if answer.body.len() + bytes.len() > MAX_ANSWER {
                return Err(Lost::NoAnswer(format!("the answer is larger than {MAX_ANSWER} bytes")));
            }
            answer.body.extend_from_slice(&bytes);
        }
        Ok(answer)
    }
}

fn lost(error: &reqwest::Error) -> Lost {
    let reason = if error.is_timeout() { "no answer in time".to_owned() } else { deepest(error) };
    if error.is_connect() || error.is_builder() { Lost::NotReached(reason) } else { Lost::NoAnswer(reason) }
}

/// The innermost reason: the outer ones repeat the URL.
fn deepest(error: &dyn Error) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}
