//! What a try of an update comes to that asks the account for a side effect.
//!
//! Such an update is not like others: sent twice it may have its effect twice, and one that deletes the message is
//! answered with 404 the second time.

use super::verdict::Setback;
use crate::record::Action;

/// Whether no other try may follow `setback`: the side effect may have happened, and would happen again.
pub(super) fn must_not_be_repeated(action: Option<Action>, setback: Setback) -> bool {
    setback.may_be_written() && action.is_some_and(Action::happens_each_time)
}

/// Whether an answer with `status` says that an earlier try, whose answer did not come, has deleted the message.
pub(super) fn was_deleted(action: Option<Action>, status: Option<u16>, may_be_written: bool) -> bool {
    action == Some(Action::Cancel) && may_be_written && status == Some(404)
}
