//! A page of a list, in the API's envelope.

use serde_json::{Map, Value};

/// `{"object":"list","data":[…],"meta":{"next_cursor":…}}`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listing {
    /// The rows, in the list's order.
    pub rows: Vec<Map<String, Value>>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}

impl Listing {
    /// Reads an answer; `None` where it is no list.
    pub fn read(answer: Value) -> Option<Self> {
        let Value::Object(mut answer) = answer else { return None };
        let Some(Value::Array(data)) = answer.remove("data") else { return None };
        let row = |row| match row {
            Value::Object(row) => Some(row),
            _ => None,
        };
        let next = answer.get("meta").and_then(|meta| meta.get("next_cursor")).and_then(Value::as_str);
        Some(Self {
            next: next.filter(|cursor| !cursor.is_empty()).map(str::to_owned),
            rows: data.into_iter().map(row).collect::<Option<_>>()?,
        })
    }
}
