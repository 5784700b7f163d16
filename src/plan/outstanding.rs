//! What is outstanding: a pure function of a record's state.

use crate::record::State;

/// The states that a run sends: what waits, and what may not have arrived.
pub const SENDABLE: &[State] = &[State::Pending, State::Unconfirmed];

/// Whether a run sends a record that is in `state`.
pub fn is_sendable(state: State) -> bool {
    SENDABLE.contains(&state)
}
