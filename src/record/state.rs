//! What became of a record, and the only ways in which that may change.

/// A record's state in the plan.
///
/// ```text
/// pending ──intent──▶ sending ──confirmed──▶ updated
///    ▲                  │──refused for good, or every try answered with an error──▶ failed ──retry──▶ pending
///    │                  │──process died, or the last answer was lost──▶ unconfirmed ──intent──▶ sending
///    └──released────────┘  the run stopped, and the last answer says that nothing was written
///                        sending ──deleted there, as the operator asked──▶ absent
/// never sent: skipped, absent, blocked, unchanged
/// found when it is known what the account holds: pending or unconfirmed ──▶ blocked, unchanged
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// To be sent.
    Pending,
    /// Its intent is committed: it may be on the wire.
    Sending,
    /// The account holds the update.
    Updated,
    /// The account already held it; nothing was written.
    Unchanged,
    /// Left out by a rule of the mapping, or a copy of another record.
    Skipped,
    /// The account has no such message, as far as is known.
    Absent,
    /// Held back: invalid, ambiguous, in conflict, or unsafe.
    Blocked,
    /// Refused for good, or every try was answered with an error.
    Failed,
    /// It went out, and whether it arrived is not known.
    Unconfirmed,
}

impl State {
    /// Every state, in the order in which reports show them.
    pub const ALL: [Self; 9] = [
        Self::Updated,
        Self::Unchanged,
        Self::Skipped,
        Self::Absent,
        Self::Blocked,
        Self::Failed,
        Self::Unconfirmed,
        Self::Sending,
        Self::Pending,
    ];

    /// The word for it in reports and in `--json`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skipped",
            Self::Absent => "absent",
            Self::Blocked => "blocked",
            Self::Failed => "failed",
            Self::Unconfirmed => "unconfirmed",
        }
    }

    /// The number that the checkpoint stores for it. Never reused for another meaning.
    pub const fn code(self) -> i64 {
        match self {
            Self::Pending => 0,
            Self::Sending => 1,
            Self::Updated => 2,
            Self::Failed => 3,
            Self::Unconfirmed => 4,
            Self::Skipped => 5,
            Self::Absent => 6,
            Self::Blocked => 7,
            Self::Unchanged => 8,
        }
    }

    /// The state that the checkpoint stores as `code`.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether a record may go from this state to `next` while a run sends.
    ///
    /// Between runs a retry puts back what failed and what was found in conflict, a new plan settles everything anew, and
    /// an undo makes what was updated unconfirmed, while that is taken back, and then pending, as what was found there
    /// unchanged.
    pub fn may_become(self, next: Self) -> bool {
        use State::{Absent, Blocked, Failed, Pending, Sending, Unchanged, Unconfirmed, Updated};
        matches!(
            (self, next),
            (Pending | Unconfirmed, Sending | Blocked | Unchanged)
                | (Sending, Updated | Failed | Unconfirmed | Pending | Absent)
                | (Failed, Pending)
        )
    }
}
