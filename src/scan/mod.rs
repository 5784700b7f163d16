//! The local copy of what the account holds: a SQLite file of its own, so that it can be thrown away and made again.
//!
//! A checkpoint holds no content; this file does, compressed, because verify and undo need it. It is readable by its
//! owner alone. Whoever writes it holds the lock beside it; a plan only reads it, and only when it is complete: of a
//! message that is not in half a copy nobody can say that it is absent.

mod error;
mod marks;
mod schema;
mod store;
mod write;

pub use error::ScanError;
pub use marks::Marks;
pub use store::Scan;
pub use write::HeldTicket;
