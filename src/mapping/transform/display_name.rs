//! `display_name`.

use super::{Argument, Transform, mailbox, of_text};
use crate::mapping::value::Type;

pub(super) const TRANSFORM: Transform = Transform {
    name: "display_name",
    about: "takes the name out of \"Lee, Ann\" <ann@example.com>",
    argument: Argument::None,
    accepts: &[Type::Text],
    gives: Type::Text,
    prepare: |_| Ok(of_text(|text| Ok(mailbox::name(text)))),
};
