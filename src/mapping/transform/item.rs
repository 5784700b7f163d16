//! `item`.

use super::{Argument, Transform};
use crate::mapping::value::{Type, Value};

pub(super) const TRANSFORM: Transform = Transform {
    name: "item",
    about: "takes one element of a list; negative places count from the end",
    argument: Argument::Needed("its place, from 0"),
    accepts: &[Type::List],
    gives: Type::Any,
    prepare: |given| {
        let at = given.number("{ item = 0 }")?;
        Ok(Box::new(move |value| {
            let Value::List(mut values) = value else { return Ok(Some(value)) };
            let length = i64::try_from(values.len()).unwrap_or(i64::MAX);
            let at = usize::try_from(if at < 0 { at.saturating_add(length) } else { at }).ok();
            Ok(at.filter(|at| *at < values.len()).map(|at| values.swap_remove(at)))
        }))
    },
};
