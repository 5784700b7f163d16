//! Do both sides mean the same by "now"?

use std::time::Duration;

use jiff::Timestamp;

use super::{Check, CheckName};
use crate::record::duration;

/// So far the clocks may be apart: the header has whole seconds, and an answer takes a while.
const TOLERANCE: Duration = Duration::from_mins(1);

pub(super) fn check(theirs: Timestamp, ours: Timestamp) -> Check {
    let apart = ours.duration_since(theirs);
    if apart.unsigned_abs() <= TOLERANCE {
        return Check::ok(CheckName::Clock, "the same as Gorgias's, within a minute");
    }
    let side = if apart.is_positive() { "ahead of" } else { "behind" };
    Check::warning(
        CheckName::Clock,
        format!("this machine's clock is {} {side} Gorgias's", duration(apart.unsigned_abs())),
        "set it right: the times in reports, and waits until a time that Gorgias names, are off by as much",
    )
}
