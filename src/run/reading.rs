//! From what the mapping makes of a record to a row of the plan; the same for both passes.

use serde_json::{Map, Value};

use crate::mapping::{Mapped, MappedResult};
use crate::plan::Staged;
use crate::record::{Cause, Place, State};
use crate::update::{Digest, FieldName, Update, Writes};

/// A valid update with its body as it would be sent.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) update: Update,
    pub(super) body: Map<String, Value>,
    pub(super) digest: Digest,
}

/// Checks what the mapping made of a record.
pub(super) fn check(result: MappedResult, writes: &Writes) -> Result<Checked, (State, Cause)> {
    match result {
        MappedResult::Message(draft) => {
            let update = Update::new(*draft)
                .map_err(|broken| (State::Blocked, Cause::new(broken.kind(), broken.sentences())))?;
            let body = update.to_body(writes);
            let digest = Digest::of(&body);
            Ok(Checked { update, body, digest })
        }
        MappedResult::Skipped(cause) => Err((State::Skipped, cause)),
        MappedResult::Blocked(cause) => Err((State::Blocked, cause)),
    }
}

/// The row for a record that `mapped` describes, standing at `place`.
pub(super) fn stage(mapped: Mapped, place: Place, writes: &Writes) -> Staged {
    let Mapped { external_id, ticket, version, target, result, .. } = mapped;
    let mut row = Staged {
        place,
        external_id,
        source_ticket: ticket,
        version,
        target,
        sent_at: None,
        shape: None,
        fields: 0,
        digest: None,
        state: State::Pending,
        cause: None,
    };
    match check(result, writes) {
        Ok(checked) => {
            row.fields = fields(&checked.update);
            row.external_id = Some(checked.update.external_id().as_str().to_owned());
            row.sent_at = checked.update.sent_at().map(|at| at.as_microsecond());
            row.shape = Some((checked.update.channel(), checked.update.kind()));
            row.digest = Some(checked.digest);
        }
        Err((state, cause)) => {
            row.state = state;
            row.cause = Some(cause);
        }
    }
    row
}

fn fields(update: &Update) -> u16 {
    let set = FieldName::ALL.into_iter().filter(|&field| update.sets(field));
    let shows_image = update.body_html().is_some_and(|html| html.contains("<img"));
    set.fold(if shows_image { Staged::INLINE_IMAGE } else { 0 }, |fields, field| fields | field.bit())
}

/// The row for a record that can't be read.
pub(super) fn stage_broken(cause: Cause, place: Place) -> Staged {
    Staged {
        place,
        external_id: None,
        source_ticket: None,
        version: None,
        target: None,
        sent_at: None,
        shape: None,
        fields: 0,
        digest: None,
        state: State::Blocked,
        cause: Some(cause),
    }
}
