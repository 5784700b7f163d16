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
    let text = text.trim();
    // A withheld number says a word instead; with some of its letters left out, a number is another one.
    if text.contains(char::is_alphabetic) {
        return None;
    }
    let plus = if text.starts_with('+') { "+" } else { "" };
    // The zero is dialled only within the country.
    let is_abroad = text.starts_with('+') || text.starts_with("00");
    let text = if is_abroad { text.replacen("(0)", "", 1) } else { text.to_owned() };
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| format!("{plus}{digits}"))
}
