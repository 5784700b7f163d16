//! `phone`.

use super::{Argument, Transform, of_text};
use crate::mapping::value::Type;

pub(super) const TRANSFORM: Transform = Transform {
    name: "phone",
    about: "keeps the digits of a phone number, and a + in front",
    argument: Argument::None,
    accepts: &[Type::Text, Type::Integer],
    gives: Type::Text,
    prepare: |_| Ok(of_text(|text| Ok(phone(text)))),
};

fn phone(text: &str) -> Option<String> {
    let plus = if text.trim_start().starts_with('+') { "+" } else { "" };
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    // A withheld number says a word instead.
    (!digits.is_empty()).then(|| format!("{plus}{digits}"))
}
