//! Whether a message holds what was sent to it.

use serde_json::{Map, Value};

use crate::checkpoint::{Agreed, Finding, Found, Receipt};
use crate::update::{Agreement, Digest, compare};

/// Compares what was sent to a message with what it holds now. `receipt` tells what it held when the update arrived:
/// where that was right, what differs now was changed since.
pub fn inspect(sent: &Map<String, Value>, held: &Map<String, Value>, receipt: Option<Receipt>) -> Finding {
    let readback = Digest::of_held(held);
    let mut finding = Finding { found: Found::Equal, fields: 0, classes: 0, readback: Some(readback) };
    for (field, agreement) in compare(sent, held) {
        match agreement {
            Agreement::Equal => {}
            Agreement::Normalised(class) => finding.classes |= 1 << class.code(),
            Agreement::Different => finding.fields |= field.bit(),
        }
    }
    let was_right = receipt.is_some_and(|receipt| {
        receipt.agreement.is_some_and(|agreed| agreed < Agreed::Different) && receipt.readback != Some(readback)
    });
    finding.found = match (finding.fields, finding.classes) {
        (0, 0) => Found::Equal,
        (0, _) => Found::Normalised,
        _ if was_right => Found::EditedSince,
        _ => Found::Different,
    };
    finding
}
