//! Where an account is. The key goes there and nowhere else, so the address is checked before anything is sent.

use std::net::{IpAddr, SocketAddr};

use reqwest::Url;

/// Why a text names no account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The domain is no Gorgias domain.
    #[error(
        "`{0}` is not a Gorgias domain: it is the part before `.gorgias.com`, lower-case letters, digits and hyphens"
    )]
    Domain(String),
    /// The base URL is no origin that the key may go to.
    #[error("`{0}` is not a base URL: it is an origin such as http://127.0.0.1:9700, without a path")]
    BaseUrl(String),
    /// The base URL would carry the key over the network in the clear.
    #[error("`{0}` would carry the key and the messages unencrypted: http is for this machine alone")]
    Unencrypted(String),
}

impl AccountError {
    /// What the operator can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Domain(given) => {
                let rest = given.trim_start_matches("https://").trim_start_matches("http://");
                let name = rest.trim_end_matches('/').trim_end_matches(".gorgias.com").to_lowercase();
                match Account::of_domain(&name) {
                    Ok(account) => format!("did you mean `{}`? Nothing was sent", account.name()),
                    Err(_) => "if you work at https://acme.gorgias.com, it is `acme`; nothing was sent".into(),
                }
            }
            Self::BaseUrl(_) | Self::Unencrypted(_) => {
                "a simulator is at http://127.0.0.1:9700, say; leave --base-url out for a real account".into()
            }
        }
    }
}

/// An account: its name, and the origin to which `/api/…` is added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    name: String,
    origin: String,
    is_loopback: bool,
}

impl Account {
    /// The account at `https://{domain}.gorgias.com`.
    ///
    /// # Errors
    /// When `domain` is anything but letters, digits and inner hyphens: it could send the key to a stranger.
    pub fn of_domain(domain: &str) -> Result<Self, AccountError> {
        let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let is_good = domain.chars().all(|c| is_word(c) || c == '-')
            && domain.starts_with(is_word)
            && domain.ends_with(is_word)
            && domain.len() <= 63;
        if !is_good {
            return Err(AccountError::Domain(domain.to_owned()));
        }
        Ok(Self { name: domain.to_owned(), origin: format!("https://{domain}.gorgias.com"), is_loopback: false })
    }

    /// A simulator or a test server.
    ///
    /// # Errors
    /// When `url` is not an origin, or neither on loopback nor https.
    pub fn of_base_url(url: &str) -> Result<Self, AccountError> {
        let wrong = || AccountError::BaseUrl(url.to_owned());
        let parsed = Url::parse(url).map_err(|_| wrong())?;
        let host = parsed.host_str().ok_or_else(wrong)?;
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        let is_loopback = address.map_or(host == "localhost", |address| address.is_loopback());
        let is_bare = parsed.path() == "/"
            && parsed.query().is_none()
            && parsed.fragment().is_none()
            && parsed.username().is_empty()
            && parsed.password().is_none();
        if !is_bare || !matches!(parsed.scheme(), "http" | "https") {
            return Err(wrong());
        }
        if parsed.scheme() == "http" && !is_loopback {
            return Err(AccountError::Unencrypted(url.to_owned()));
        }
        let name = parsed.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Ok(Self { name, origin: parsed.origin().ascii_serialization(), is_loopback })
    }

    /// The stand-in that runs inside this process, at `address`.
    pub fn simulator(address: SocketAddr) -> Self {
        Self { name: "simulator".into(), origin: format!("http://{address}"), is_loopback: true }
    }

    /// Its name: what an operator types to confirm, and what a checkpoint is pinned to.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The origin, without a slash at the end.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether it is on this machine, so that no customer can be behind it.
    pub fn is_loopback(&self) -> bool {
        self.is_loopback
    }
}
