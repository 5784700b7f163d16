//! Somebody who watches the evaluator: it tells each step that it takes, so that it can be explained without being
//! written twice.

use super::scene::Scene;
use crate::mapping::expression::Expression;
use crate::mapping::recipe::{Missing, Path, Table, Test, When};
use crate::mapping::transform::Prepared;
use crate::mapping::value::{Constant, Value};

/// A step of the evaluator.
pub(super) enum Event<'e> {
    /// A message of this kind begins.
    Kind(&'e str),
    /// This rule leaves the message out.
    Skips(&'e When),
    /// A single value begins.
    Begins(&'e str),
    /// A list begins.
    BeginsList(&'e str),
    /// An alternative does not apply.
    PassedOver(&'e When),
    /// An alternative applies.
    Holds(&'e When),
    /// An alternative is tried; its table and its test are the words that it knows.
    Tries(Option<&'e Table>, Option<&'e Test>),
    /// There is nothing at this path.
    Absent(&'e Scene<'e>, &'e Path),
    /// There is only white space at this path, where that says nothing.
    Blank(&'e Path),
    /// This was read.
    Read(&'e Path, &'e Value<'e>),
    /// This was read, to be put into a template.
    Part(&'e Path, &'e Value<'e>),
    /// What the template made.
    Filled(&'e Value<'e>),
    /// This stands in the mapping.
    Constant(&'e Constant),
    /// What the transform made.
    Applied(&'e Prepared, &'e Value<'e>),
    /// The transform found nothing.
    FoundNothing(&'e Prepared),
    /// What the expression came to.
    Computed(&'e Expression, Option<&'e Value<'e>>),
    /// What the table made of it.
    Translated(&'e Table, &'e Constant),
    /// The table does not know it.
    NotIn(&'e Table, &'e Value<'e>),
    /// The default is taken.
    Defaulted(&'e Constant),
    /// What `is` or `is_not` made of it.
    Tested(&'e Test, &'e Value<'e>),
    /// There is no list at this path.
    NoList(&'e str),
    /// There are so many elements at this path.
    Each(&'e str, usize),
    /// The one element of a list begins, made of what is around it.
    One,
    /// The element with this index is left out.
    LeavesOut(usize, &'e When),
    /// The element with this index begins.
    Element(usize),
    /// So many elements were made.
    EndsList(usize),
    /// The value is made.
    Made,
    /// There is none.
    Missing(Missing),
    /// It can't be made, for this reason.
    Refused(&'e str),
    /// The message is left out, for this reason.
    LeavesMessageOut(&'e str),
}

/// Who is told.
pub(super) trait Witness {
    /// Takes note of a step.
    fn see(&mut self, event: Event<'_>);
}

/// Nobody watches: nothing of the telling is left when this is compiled.
#[derive(Default)]
pub(super) struct Nobody;

impl Witness for Nobody {
    #[inline]
    fn see(&mut self, _: Event<'_>) {}
}
