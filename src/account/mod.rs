//! The other side: what is known of the account, beyond where it is and who asks.
//!
//! Everything in here reads and judges; whatever it asks goes through the one courier, because reads drain the same
//! bucket as updates. The [`preflight`] looks at the account before a run may write to it.

mod preflight;

pub use preflight::{
    Check, CheckName, Facts, Interrupted, Level, MailRisk, Preflight, ScanAge, User, Waiver, preflight,
};
