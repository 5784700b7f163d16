//! `message_id`.

use super::{Argument, Transform, of_text};
use crate::mapping::value::Type;

pub(super) const TRANSFORM: Transform = Transform {
    name: "message_id",
    about: "writes a Message-ID in its form: <…>, without white space around it",
    argument: Argument::None,
    accepts: &[Type::Text],
    gives: Type::Text,
    prepare: |_| Ok(of_text(message_id)),
};

fn message_id(text: &str) -> Result<Option<String>, String> {
    let id = text.trim().trim_start_matches('<').trim_end_matches('>').trim();
    if id.is_empty() {
        return Ok(None);
    }
    if id.contains(|sign: char| sign.is_whitespace() || sign == '<' || sign == '>') {
        return Err("this is no Message-ID, or more than one".to_owned());
    }
    Ok(Some(format!("<{id}>")))
}
