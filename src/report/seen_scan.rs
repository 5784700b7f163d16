//! The scan that the plan looked into, as it is found now.

use jiff::Timestamp;

use crate::checkpoint::PinnedScan;
use crate::scan::Scan;

/// The scan that the plan looked into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenScan {
    /// As the plan remembers it.
    pub pinned: PinnedScan,
    /// When the account had been read; `None` where that scan is not there any more, or the account was read again
    /// since: what it told is then read from the account.
    pub finished: Option<Timestamp>,
}

impl SeenScan {
    pub(super) fn of(pinned: &PinnedScan) -> Self {
        let marks = Scan::open(&pinned.path).and_then(|scan| scan.marks()).ok().flatten();
        let same = marks.filter(|marks| marks.id() == pinned.id);
        Self { pinned: pinned.clone(), finished: same.and_then(|marks| marks.finished) }
    }
}
