//! `decode_entities`.

use super::{Argument, Transform, of_text};
use crate::mapping::value::Type;

pub(super) const TRANSFORM: Transform = Transform {
    name: "decode_entities",
    about: "writes &amp; as &, and all other character references as what they stand for",
    argument: Argument::None,
    accepts: &[Type::Text],
    gives: Type::Text,
    prepare: |_| Ok(of_text(|text| Ok(Some(crate::update::without_entities(text).into_owned())))),
};
