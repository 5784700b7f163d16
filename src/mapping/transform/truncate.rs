//! `truncate`.

use super::{Argument, BadArgument, Transform, of_text};
use crate::mapping::value::{Constant, Type};

pub(super) const TRANSFORM: Transform = Transform {
    name: "truncate",
    about: "cuts what is longer than so many characters, and marks the cut",
    argument: Argument::Needed("the most characters, and if wanted the mark of a cut"),
    accepts: &[Type::Text],
    gives: Type::Text,
    prepare: |given| {
        let (most, mark) = match given.values {
            [Constant::Integer(most)] => (*most, "…"),
            [Constant::Integer(most), Constant::Text(mark)] => (*most, mark.as_str()),
            _ => return Err(BadArgument::new(0, "the argument must be a whole number", EXAMPLE)),
        };
        let kept = usize::try_from(most).ok().and_then(|most| Some((most, most.checked_sub(mark.chars().count())?)));
        let Some((most, kept)) = kept else {
            return Err(BadArgument::new(0, format!("{most} is shorter than the mark of a cut"), EXAMPLE));
        };
        let mark = mark.to_owned();
        Ok(of_text(move |text| {
            if text.chars().nth(most).is_none() {
                return Ok(Some(text.to_owned()));
            }
            let start: String = text.chars().take(kept).collect();
            Ok(Some(format!("{}{mark}", start.trim_end())))
        }))
    },
};

const EXAMPLE: &str = "such as { truncate = 80 } or { truncate = [80, \"...\"] }";
