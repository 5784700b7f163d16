//! What an undo would do, told before it does anything.

use serde_json::{Map, Value};

use super::RunError;
use crate::checkpoint::{Checkpoint, Scope};
use crate::update::{Agreement, FieldName, Restoration, agree, restore};

/// What an undo would do, if nobody changed anything since.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UndoPlan {
    /// Messages that are put back.
    pub messages: u64,
    /// In so many tickets.
    pub tickets: u64,
    /// Messages that hold already what they held before.
    pub done: u64,
    /// Messages of which nothing can be put back.
    pub stay: u64,
    /// Messages that Gorgias might mail if they were put back: they are left alone.
    pub mailable: u64,
    /// How many messages get each field back, in the order of the fields.
    pub restores: Vec<(FieldName, u64)>,
    /// How many messages stay changed in each field.
    pub lost: Vec<(FieldName, u64)>,
}

/// Says what an undo of `scope` would do.
///
/// # Errors
/// When the checkpoint can't be read.
pub fn undo_plan(checkpoint: &Checkpoint, scope: &Scope) -> Result<UndoPlan, RunError> {
    let mut plan = UndoPlan::default();
    let (mut restores, mut lost) = ([0_u64; FieldName::ALL.len()], [0_u64; FieldName::ALL.len()]);
    let mut previous = None;
    for target in checkpoint.undoable(scope)? {
        let Some(image) = checkpoint.image(target.message)? else { continue };
        let Some(sent) = &image.sent else { continue };
        let after = image.after();
        let (body, stays) = match restore(&image.before, sent, &after) {
            Restoration::Restore { body, lost } => (body, lost),
            Restoration::Nothing => (Map::new(), changed(&image.before, &after)),
            // What was sent is there, so this can only be the one.
            Restoration::Conflict(_) | Restoration::Unsafe => {
                plan.mailable += 1;
                continue;
            }
        };
        match (body.is_empty(), stays) {
            (true, 0) => plan.done += 1,
            (true, _) => plan.stay += 1,
            (false, _) => {
                plan.messages += 1;
                plan.tickets += u64::from(previous != Some(target.ticket));
                previous = Some(target.ticket);
            }
        }
        for (at, field) in FieldName::ALL.into_iter().enumerate() {
            let is_put_back = body.get(field.name()).is_some_and(|value| after.get(field.name()) != Some(value));
            restores[at] += u64::from(is_put_back);
            lost[at] += u64::from(stays & field.bit() != 0);
        }
    }
    let counted = |counts: [u64; FieldName::ALL.len()]| {
        FieldName::ALL.into_iter().zip(counts).filter(|(_, count)| *count > 0).collect()
    };
    Ok(UndoPlan { restores: counted(restores), lost: counted(lost), ..plan })
}

/// The fields in which two states of a message differ, as bits.
fn changed(before: &Map<String, Value>, after: &Map<String, Value>) -> u16 {
    let fields = FieldName::ALL.into_iter();
    let differ = fields.filter(|field| {
        let after = after.get(field.name()).unwrap_or(&Value::Null);
        agree(*field, after, before.get(field.name())) == Agreement::Different
    });
    differ.map(FieldName::bit).sum()
}
