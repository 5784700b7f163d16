//! `uppercase`.

use super::{Argument, Transform, of_text};
use crate::mapping::value::Type;

pub(super) const TRANSFORM: Transform = Transform {
    name: "uppercase",
    about: "writes all letters in upper case",
    argument: Argument::None,
    accepts: &[Type::Text],
    gives: Type::Text,
    prepare: |_| Ok(of_text(|text| Ok(Some(text.to_uppercase())))),
};
