//! The API client: where the account is, who asks, what is asked, and what came back.
//!
//! [`Transport`] is the seam: a run sends through [`Client`] over the network, and a test through whatever answers in
//! virtual time.

mod account;
mod answer;
mod client;
mod credentials;
mod listing;
mod request;

pub use account::{Account, AccountError};
pub use answer::{Answer, Lost, RetryAfter, Usage};
pub use client::{Client, ClientError, Timeouts};
pub use credentials::Credentials;
pub use listing::Listing;
pub use request::{Method, Order, PAGE, Request, Transport};
