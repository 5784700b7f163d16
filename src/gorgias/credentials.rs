//! Who asks. The secret leaves this file only into the header of a request.

use reqwest::RequestBuilder;
use secrecy::{ExposeSecret, SecretString};

/// Credentials of the Gorgias API. Their `Debug` form hides the secret.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// A user's email and REST API key.
    ApiKey {
        /// The user's email.
        email: String,
        /// The key.
        key: SecretString,
    },
    /// An OAuth2 access token with `tickets:write`.
    Token(SecretString),
}

impl Credentials {
    pub(super) fn sign(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::ApiKey { email, key } => request.basic_auth(email, Some(key.expose_secret())),
            Self::Token(token) => request.bearer_auth(token.expose_secret()),
        }
    }
}
