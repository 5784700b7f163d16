//! The other side: what the account holds.
//!
//! [`Scanner`] reads it into a [`crate::scan::Scan`], so that a plan can find its targets there.

mod cost;
mod crawl;
mod reading;
mod scan;

pub use cost::{Costs, ExportSize, estimate};
pub use crawl::Crawl;
pub use reading::{Gone, ReadError, WholeTicket};
pub use scan::{Reading, Scanner, Subject};
