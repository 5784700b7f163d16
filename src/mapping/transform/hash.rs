//! `hash`.

use super::{Argument, BadArgument, Transform, of_text};
use crate::mapping::value::Type;

pub(super) const TRANSFORM: Transform = Transform {
    name: "hash",
    about: "writes so many hexadecimal digits that stand for a text",
    argument: Argument::Needed("how many digits, 8 to 64"),
    accepts: &[Type::Text],
    gives: Type::Text,
    prepare: |given| {
        let digits = given.number("{ hash = 32 }")?;
        let Some(digits) = usize::try_from(digits).ok().filter(|digits| (8..=64).contains(digits)) else {
            return Err(BadArgument::new(0, "a hash has 8 to 64 digits", "such as { hash = 32 }"));
        };
        Ok(of_text(move |text| Ok(Some(blake3::hash(text.as_bytes()).to_hex()[..digits].to_owned()))))
    },
};
