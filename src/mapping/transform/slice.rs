//! `slice`.

use super::{Argument, BadArgument, Transform, of_text};
use crate::mapping::value::{Constant, Type};

pub(super) const TRANSFORM: Transform = Transform {
    name: "slice",
    about: "takes the characters from one place to another; negative places count from the end",
    argument: Argument::Needed("where it begins and, if wanted, where it ends, from 0"),
    accepts: &[Type::Text],
    gives: Type::Text,
    prepare: |given| {
        let (from, to) = match given.values {
            [Constant::Integer(from)] => (*from, None),
            [Constant::Integer(from), Constant::Integer(to)] => (*from, Some(*to)),
            _ => {
                let label = "such as { slice = [0, 10] }";
                return Err(BadArgument::new(0, "the argument must be one or two whole numbers", label));
            }
        };
        Ok(of_text(move |text| Ok(Some(slice(text, from, to)))))
    },
};

fn slice(text: &str, from: i64, to: Option<i64>) -> String {
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let place = |at: i64| usize::try_from(if at < 0 { at.saturating_add(length) } else { at }).unwrap_or(0);
    let (from, to) = (place(from), place(to.unwrap_or(length)));
    text.chars().skip(from).take(to.saturating_sub(from)).collect()
}
