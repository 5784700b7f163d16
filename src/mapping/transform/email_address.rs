//! `email_address`.

use super::{Argument, Transform, mailbox, of_text};
use crate::mapping::value::Type;

pub(super) const TRANSFORM: Transform = Transform {
    name: "email_address",
    about: "takes the address out of \"Lee, Ann\" <ann@example.com>",
    argument: Argument::None,
    accepts: &[Type::Text],
    gives: Type::Text,
    prepare: |_| Ok(of_text(|text| Ok(mailbox::address(text).map(str::to_owned)))),
};
