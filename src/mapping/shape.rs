//! What a mapping reads of a record, as a tree of keys.
//!
//! Every path of a mapping is entered here once, when it is compiled, and becomes a list of key numbers. Reading JSON
//! along this tree keeps what some field reads and skips the rest unparsed, which is where the speed comes from.

use std::ops::Range;

/// Keys that are read somewhere, each with a number that is the same wherever it stands.
#[derive(Debug, Default)]
pub(crate) struct Keys(Vec<Box<str>>);

impl Keys {
    /// The number of the key `name`, which never changes again.
    fn number(&mut self, name: &str) -> u32 {
        let number = self.0.iter().position(|key| **key == *name).unwrap_or_else(|| {
            self.0.push(name.into());
            self.0.len() - 1
        });
        // A mapping has no four thousand million keys.
        u32::try_from(number).unwrap_or(u32::MAX)
    }
}

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
    /// Its number.
    pub(crate) number: u32,
    /// Where the mapping reads it: the first place of each block that does.
    pub(crate) written: Vec<(u16, Range<usize>)>,
    /// What is read below it.
    pub(crate) shape: Shape,
}

impl Child {
    /// Where one of these blocks reads it first.
    pub(crate) fn written_in(&self, blocks: &[u16]) -> Option<&Range<usize>> {
        self.written.iter().find(|(block, _)| blocks.contains(block)).map(|(_, written)| written)
    }
}

impl Shape {
    /// The keys, in the order in which the mapping first reads them.
    pub(crate) fn children(&self) -> &[Child] {
        &self.children
    }

    /// The number of the key `name`, and what is read below it.
    pub(crate) fn child(&self, name: &str) -> Option<(u32, &Shape)> {
        self.children.iter().find(|child| *child.name == *name).map(|child| (child.number, &child.shape))
    }

    /// Enters the key `name`, which `block` reads at `written`, and gives its number.
    pub(crate) fn enter(&mut self, name: &str, block: u16, written: &Range<usize>, keys: &mut Keys) -> u32 {
        let number = keys.number(name);
        if let Some(child) = self.children.iter_mut().find(|child| child.number == number) {
            if child.written_in(&[block]).is_none() {
                child.written.push((block, written.clone()));
            }
        } else {
            let written = vec![(block, written.clone())];
            self.children.push(Child { name: name.into(), number, written, shape: Self::default() });
        }
        number
    }

    /// The shape that stands at `place`, a list of numbers that [`Self::enter`] gave.
    pub(crate) fn at(&mut self, place: &[u32]) -> &mut Self {
        let mut shape = self;
        for &number in place {
            // Whoever knows the number has entered it here.
            let index = shape.children.iter().position(|child| child.number == number).unwrap_or_default();
            shape = &mut shape.children[index].shape;
        }
        shape
    }
}
