//! From what the mapping makes of a record to a row of the plan; the same for both passes.

use serde_json::{Map, Value};

use crate::mapping::{Mapped, MappedResult};
use crate::plan::{Likeness, Staged};
use crate::record::{Cause, CauseKind, Place, State};
use crate::update::{Digest, Draft, Facts, Update, Writes, html_key, message_ref, text_key};

/// A valid update with its body as it would be sent.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) update: Update,
    /// What the mapping sets, whether it is written or not; see [`Staged::fields`].
    fields: u16,
    pub(super) body: Map<String, Value>,
    pub(super) digest: Digest,
}

/// Checks what the mapping made of a record.
pub(super) fn check(result: MappedResult, writes: &Writes) -> Result<Checked, (State, Cause)> {
    match result {
        MappedResult::Message(mut draft) => {
            let fields = fields(&draft);
            draft.keep_unwritten(writes);
            let update = Update::new(*draft)
                .map_err(|broken| (State::Blocked, Cause::new(broken.kind(), broken.sentences())))?;
            let body = update.to_body(writes);
            let digest = Digest::of(&body);
            Ok(Checked { update, fields, body, digest })
        }
        MappedResult::Skipped(cause) => Err((State::Skipped, cause)),
        MappedResult::Blocked(cause) => Err((State::Blocked, cause)),
    }
}

/// The row for a record that `mapped` describes, standing at `place`; with what it is recognised by in the account, if it
/// is looked for there.
pub(super) fn stage(mapped: Mapped, place: Place, writes: &Writes, is_sought: bool) -> Staged {
    let Mapped { external_id, ticket, version, target, result, .. } = mapped;
    // Before `check` takes out what is not written: a message is recognised by all that it says.
    let likeness = if is_sought { likeness(&result) } else { None };
    let mut row = Staged {
        place,
        external_id,
        source_ticket: ticket,
        version,
        target,
        likeness,
        sent_at: None,
        shape: None,
        fields: 0,
        digest: None,
        state: State::Pending,
        cause: None,
    };
    match check(result, writes) {
        Ok(checked) => {
            row.fields = checked.fields;
            row.external_id = Some(checked.update.external_id().as_str().to_owned());
            row.sent_at = checked.update.sent_at().map(jiff::Timestamp::as_microsecond);
            row.shape = Some((checked.update.channel(), checked.update.kind()));
            row.digest = Some(checked.digest);
            if let Some(likeness) = &mut row.likeness {
                likeness.facts = Some(Facts::of(&checked.body));
            }
        }
        Err((state, cause)) => {
            row.state = state;
            row.cause = Some(cause);
        }
    }
    row
}

fn likeness(result: &MappedResult) -> Option<Likeness> {
    let MappedResult::Message(draft) = result else { return None };
    let key = |text: Option<&String>, key: fn(&str) -> u64| text.map_or(0, |text| key(text));
    Some(Likeness {
        message_ref: draft.message_id.value().and_then(|id| message_ref(id)),
        text_key: key(draft.body_text.value(), text_key),
        html_key: key(draft.body_html.value(), html_key),
        facts: None,
    })
}

fn fields(draft: &Draft) -> u16 {
    let shows_image = draft.body_html.value().is_some_and(|html| html.contains("<img"));
    draft.fields() | if shows_image { Staged::INLINE_IMAGE } else { 0 }
}

/// The row for a record that can't be read.
pub(super) fn stage_broken(cause: Cause, place: Place) -> Staged {
    nameless(place, State::Blocked, cause)
}

/// The row for a message that is excluded: where it stands, and nothing of what it is.
pub(super) fn stage_excluded(place: Place) -> Staged {
    nameless(place, State::Skipped, excluded())
}

/// Why an excluded message is not carried over.
pub(super) fn excluded() -> Cause {
    Cause::new(CauseKind::Excluded, "it is among those to be left out (--exclude)")
}

/// A row that says of its message no more than where it stands.
fn nameless(place: Place, state: State, cause: Cause) -> Staged {
    Staged {
        place,
        external_id: None,
        source_ticket: None,
        version: None,
        target: None,
        likeness: None,
        sent_at: None,
        shape: None,
        fields: 0,
        digest: None,
        state,
        cause: Some(cause),
    }
}
