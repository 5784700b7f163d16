//! What a mapping reads of a record, as a tree of keys.
//!
//! Every path of a mapping is entered here once, when it is compiled, and becomes a list of child numbers. Reading JSON
//! along this tree keeps what some field reads and skips the rest unparsed, which is where the speed comes from.

use std::ops::Range;

/// The keys that are read of one value; the same for each element where the value is a list.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    children: Vec<Child>,
}

/// One key that is read.
#[derive(Debug)]
pub(crate) struct Child {
    /// The key, or the column.
    pub(crate) name: Box<str>,
    /// Where the mapping first reads it.
    pub(crate) written: Range<usize>,
    /// What is read below it.
    pub(crate) shape: Shape,
}

impl Shape {
    /// The keys, in the order in which the mapping first reads them.
    pub(crate) fn children(&self) -> &[Child] {
        &self.children
    }

    /// The number of the key `name`, and what is read below it.
    pub(crate) fn child(&self, name: &str) -> Option<(u32, &Shape)> {
        (0_u32..)
            .zip(&self.children)
            .find(|(_, child)| *child.name == *name)
            .map(|(number, child)| (number, &child.shape))
    }

    /// Enters the key `name` and gives its number, which never changes again.
    pub(crate) fn enter(&mut self, name: &str, written: &Range<usize>) -> u32 {
        if let Some((number, _)) = self.child(name) {
            return number;
        }
        self.children.push(Child { name: name.into(), written: written.clone(), shape: Self::default() });
        // A mapping has no four thousand million keys.
        u32::try_from(self.children.len() - 1).unwrap_or(u32::MAX)
    }

    /// The shape that stands at `place`, a list of child numbers that [`Self::enter`] gave.
    pub(crate) fn at(&mut self, place: &[u32]) -> &mut Self {
        let mut shape = self;
        for &number in place {
            shape = &mut shape.children[number as usize].shape;
        }
        shape
    }
}
