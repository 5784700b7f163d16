//! What is outstanding: it follows from a record's state alone.

use crate::record::State;

/// The states that a run sends: what waits, and what may not have arrived.
pub const SENDABLE: &[State] = &[State::Pending, State::Unconfirmed];
