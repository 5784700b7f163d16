//! The other side: what is known of the account, beyond where it is and who asks.
//!
//! Whatever is asked here goes through the one courier, because reads drain the same bucket as updates. The
//! [`preflight`] looks at the account before a run may write to it; a [`Scanner`] reads it into a
//! [`crate::scan::Scan`], so that a plan can find its targets there.

mod cost;
mod crawl;
mod preflight;
mod reading;
mod scan;
mod verify;
mod walk;

pub use cost::{Costs, ExportSize, estimate};
pub use crawl::Crawl;
pub use preflight::{
    Check, CheckName, Given, Interrupted, Level, MailRisk, Preflight, ScanAge, User, Waiver, preflight,
};
pub use reading::{Gone, ReadError, WholeTicket, find_ticket};
pub use scan::{Reading, Scanner, Subject};
pub use verify::inspect;
pub use walk::{Way, walk_pages, walk_tickets};
