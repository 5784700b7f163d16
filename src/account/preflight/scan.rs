//! Is the local copy of the account complete and fresh?

use std::time::Duration;

use jiff::Timestamp;

use super::{Check, CheckName, ScanAge};
use crate::record::duration;

/// A scan that is older misses a day of the agents' work.
const FRESH: Duration = Duration::from_hours(24);

/// Judges the scan; `None` where there is none and none is needed.
pub(super) fn check(scan: ScanAge, has_targets: bool, now: Timestamp) -> Option<Check> {
    let name = CheckName::Scan;
    Some(match scan {
        ScanAge::None if has_targets => return None,
        ScanAge::None => Check::warning(
            name,
            "there is none, and neither an ids file nor the export says which message is which in Gorgias",
            "`deskferry scan` reads the account; or name an ids file with --ids",
        ),
        ScanAge::Incomplete => Check::warning(
            name,
            "it stopped before its end: no plan looks for targets in half a copy",
            "the same `deskferry scan` command goes on with it",
        ),
        ScanAge::Complete { begun } => {
            let age = Duration::try_from(now.duration_since(begun)).unwrap_or_default();
            let finding = format!("complete, begun {} ago", duration(age));
            if age > FRESH {
                Check::warning(name, finding, "`deskferry scan` brings it up to date")
            } else {
                Check::ok(name, finding)
            }
        }
    })
}
