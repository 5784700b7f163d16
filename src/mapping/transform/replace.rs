//! `replace`.

use super::extract::regular_expression;
use super::{Argument, BadArgument, Transform, of_text};
use crate::mapping::value::{Constant, Type};

pub(super) const TRANSFORM: Transform = Transform {
    name: "replace",
    about: "replaces each match of a regular expression; $1 is its first group",
    argument: Argument::Needed("a regular expression, and what to write in its place"),
    accepts: &[Type::Text],
    gives: Type::Text,
    prepare: |given| {
        let [Constant::Text(wanted), Constant::Text(with)] = given.values else {
            let label = r#"such as { replace = ['\s+', " "] }"#;
            return Err(BadArgument::new(
                0,
                "the argument must be two texts: what to look for, and what to write",
                label,
            ));
        };
        let (wanted, with) = (regular_expression(wanted)?, with.clone());
        Ok(of_text(move |text| Ok(Some(wanted.replace_all(text, with.as_str()).into_owned()))))
    },
};
