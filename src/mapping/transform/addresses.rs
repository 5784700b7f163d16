//! `addresses`.

use super::{Argument, Transform, mailbox, plain};
use crate::mapping::value::{Type, Value};

pub(super) const TRANSFORM: Transform = Transform {
    name: "addresses",
    about: "cuts a list of addresses into its addresses: \"Lee, Ann\" <ann@example.com>, b@example.com",
    argument: Argument::None,
    accepts: &[Type::Text],
    gives: Type::List,
    prepare: |_| {
        Ok(plain(|value| {
            let text = value.text_form();
            let addresses = mailbox::list(&text).into_iter().map(|one| Value::Text(one.to_owned().into()));
            Ok(Value::List(addresses.collect()))
        }))
    },
};
