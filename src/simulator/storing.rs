//! What an account changes of what it is given: on storing, or on reading it out.

use serde_json::Value;

use super::answer::Answer;
use super::moment;

/// What the account changes. The default is: nothing, but for the offset of points in time, which is always UTC's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Storing {
    /// `body_html` loses scripts, styles, comments and `on…` attributes, and its attributes get double quotes.
    pub cleans_html: bool,
    /// Answers show points in time without an offset, which means UTC.
    pub naive_times: bool,
}

/// An answer whose points in time are without an offset.
pub(super) fn with_naive_times(mut answer: Answer) -> Answer {
    // What is no JSON is a page for people, and holds none.
    if let Ok(mut body) = serde_json::from_slice(&answer.body) {
        strip(&mut body);
        answer.body = body.to_string().into_bytes();
    }
    answer
}

fn strip(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(strip),
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                match value.as_str().and_then(moment::read) {
                    Some(at) if name.ends_with("_datetime") => *value = Value::String(moment::show_naive(at)),
                    _ => strip(value),
                }
            }
        }
        _ => {}
    }
}
