//! Where a record stands in an export, exactly enough to read it again.

/// One of the plan's input files, by its number in the plan (from 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InputId(pub u32);

/// Where a record stands: the file, and the bytes of the record that holds it.
///
/// A record of a file may hold many messages (a ticket with its comments); `block` and `item` tell them apart.
/// (`input`, `ordinal`) identifies a message within a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub input: InputId,
    /// The how-manieth message of the file it is, from 1.
    pub ordinal: u64,
    /// The line on which the enclosing record starts, from 1.
    pub line: u64,
    /// Where the enclosing record starts, in bytes from the start of the file.
    pub offset: u64,
    /// The length of the enclosing record, in bytes.
    pub length: u64,
    /// Which `[[message]]` block of the mapping made it, from 0.
    pub block: u16,
    /// Its index in that block's list, from 0; 0 where the record itself is the message.
    pub item: u32,
}
