//! What a mapping comes to when it is compiled: paths as key numbers, names as indexes, nothing left to look up by
//! text.

use std::collections::HashMap;

use super::expression::Expression;
use super::file::FilePart;
use super::syntax::Condition;
use super::transform::Prepared;
use super::value::Constant;

/// A compiled path.
#[derive(Debug)]
pub(crate) struct Path {
    pub(crate) root: PathRoot,
    pub(crate) steps: Vec<PathStep>,
    /// As it is written, for reasons that people read.
    pub(crate) text: String,
}

/// Where a path starts.
#[derive(Debug)]
pub(crate) enum PathRoot {
    /// At the value of this scope: 0 is the record, 1 the message in it (or an element, without `each`), and so on.
    Scope(usize),
    /// At the row of the lookup with this index, whose key is the value at `key`.
    Row { lookup: usize, key: Box<Path> },
    /// At something that the name of the record's file says.
    File(FilePart),
}

/// One step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PathStep {
    Child(u32),
    Index(usize),
    /// From the end of a list: 1 is the last element.
    FromEnd(usize),
}

impl Path {
    /// Whether it starts, with all lookups followed, further out than scope `depth`.
    pub(crate) fn is_outside(&self, depth: usize) -> bool {
        match &self.root {
            PathRoot::Scope(scope) => *scope < depth,
            PathRoot::Row { key, .. } => key.is_outside(depth),
            PathRoot::File(_) => true,
        }
    }
}

/// The path to the elements of a list, which may go through each element of lists around it.
#[derive(Debug)]
pub(crate) struct Each {
    /// The scope that it starts at.
    pub(crate) scope: usize,
    /// From one list to the next; at least one.
    pub(crate) hops: Vec<Hop>,
    /// As it is written.
    pub(crate) text: String,
}

/// The way to a list, from the record or from an element of the list before.
#[derive(Debug)]
pub(crate) struct Hop {
    pub(crate) steps: Vec<PathStep>,
    /// As it is written, without what stands before it.
    pub(crate) text: String,
}

/// A condition, and how it is written.
#[derive(Debug)]
pub(crate) struct When {
    pub(crate) condition: Condition<Path>,
    pub(crate) text: String,
}

/// An enum table: text forms of source values to constants.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) rows: HashMap<String, Constant>,
}

/// What becomes of a field whose value is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Keep,
    Clear,
    Block,
}

/// What becomes of a value that a table does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    Default,
    Block,
    Skip,
}

/// How a single value is made.
#[derive(Debug)]
pub(crate) struct Recipe {
    /// The field, such as `sender.email`.
    pub(crate) name: String,
    pub(crate) alternatives: Vec<Alternative>,
    pub(crate) missing: Missing,
    /// Whether an empty text counts as missing: an address or a name that is empty says nothing.
    pub(crate) skips_blank: bool,
}

/// One way to make it; the first that applies and yields something wins.
#[derive(Debug)]
pub(crate) struct Alternative {
    pub(crate) when: Option<When>,
    pub(crate) origin: Origin,
    pub(crate) apply: Vec<Prepared>,
    pub(crate) table: Option<usize>,
    pub(crate) test: Option<Test>,
    pub(crate) default: Option<Constant>,
    pub(crate) unknown: Unknown,
    /// Whether the message is left out where this way applies and the field has no value.
    pub(crate) skips: bool,
}

/// Where a value comes from.
#[derive(Debug)]
pub(crate) enum Origin {
    /// The first of these paths that holds something.
    Paths(Vec<Path>),
    Constant(Constant),
    /// What it comes to, and the paths of the values that it is given, by name.
    Expression(Expression, Vec<(String, Path)>),
    Template(Template),
}

/// A text with paths in it.
#[derive(Debug)]
pub(crate) struct Template(pub(crate) Vec<TemplatePiece>);

/// A piece of it.
#[derive(Debug)]
pub(crate) enum TemplatePiece {
    Text(String),
    Path(Path),
}

/// `is` and `is_not`.
#[derive(Debug)]
pub(crate) struct Test {
    pub(crate) constant: Constant,
    /// The result where the value is the constant.
    pub(crate) equal: bool,
}

/// How a list is made of a list.
#[derive(Debug)]
pub(crate) struct ListRecipe {
    /// The field, such as `source.to`.
    pub(crate) name: String,
    pub(crate) alternatives: Vec<ListAlternative>,
    pub(crate) missing: Missing,
}

/// One way to make the list.
#[derive(Debug)]
pub(crate) struct ListAlternative {
    pub(crate) when: Option<When>,
    /// The path to the elements; without it the list has one, made of what is around it.
    pub(crate) each: Option<Each>,
    /// What makes a list of each value there; nothing where it is one.
    pub(crate) apply: Vec<Prepared>,
    /// The scope of an element.
    pub(crate) depth: usize,
    pub(crate) skip: Option<When>,
    /// Whether the message is left out where this way applies and the list has no element.
    pub(crate) skips: bool,
    /// One recipe for each part of an element, in the order in which the compiler names them.
    pub(crate) parts: Vec<Option<Recipe>>,
}

/// A `[[message]]` block.
#[derive(Debug)]
pub(crate) struct Message {
    /// What reports call this kind of message.
    pub(crate) name: String,
    /// Patterns of the files that it is for; none where it is for all.
    pub(crate) files: Vec<String>,
    /// What holds of the records that it is for.
    pub(crate) when: Option<When>,
    /// The paths to the messages, of which the first that is there counts; none where the record is the message.
    pub(crate) each: Vec<Each>,
    /// Whether a record without the list holds no message of this kind.
    pub(crate) optional: bool,
    pub(crate) skip: Vec<SkipRule>,
    pub(crate) newest: Option<Recipe>,
    pub(crate) fields: Fields,
    pub(crate) ticket: Option<Recipe>,
    pub(crate) target: Option<(Recipe, Recipe)>,
}

impl Message {
    /// How each of its single values is made, and each of its ticket's and its target's; not those in lists.
    pub(crate) fn recipes(&self) -> impl Iterator<Item = &Recipe> {
        let fields = &self.fields;
        let single = [
            &fields.external_id,
            &fields.channel,
            &fields.from_agent,
            &fields.via,
            &fields.sent_datetime,
            &fields.body_html,
            &fields.body_text,
            &fields.subject,
            &fields.message_id,
            &fields.failed_datetime,
            &self.ticket,
        ];
        let people = [&fields.sender, &fields.receiver].into_iter().flatten();
        let people = people.flat_map(|person| [&person.id, &person.email]);
        let source = fields.source.iter().flat_map(|source| [&source.kind, &source.from_name, &source.from_address]);
        let target = self.target.iter().flat_map(|(ticket, message)| [ticket, message]);
        single.into_iter().chain(people).chain(source).flatten().chain(target)
    }

    /// How each of its lists is made.
    pub(crate) fn lists(&self) -> impl Iterator<Item = &ListRecipe> {
        let source = self.fields.source.iter().flat_map(|source| [&source.to, &source.cc, &source.bcc]);
        source.chain([&self.fields.attachments]).flatten()
    }
}

/// Messages that are left out, and why.
#[derive(Debug)]
pub(crate) struct SkipRule {
    pub(crate) when: When,
    pub(crate) reason: String,
    /// Whether it asks only about what is around the message, so that it also holds where there is none.
    pub(crate) about_parent: bool,
}

/// The fields of an update that a block sets.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    pub(crate) attachments: Option<ListRecipe>,
    pub(crate) body_html: Option<Recipe>,
    pub(crate) body_text: Option<Recipe>,
    pub(crate) channel: Option<Recipe>,
    pub(crate) external_id: Option<Recipe>,
    pub(crate) failed_datetime: Option<Recipe>,
    pub(crate) from_agent: Option<Recipe>,
    pub(crate) message_id: Option<Recipe>,
    pub(crate) receiver: Option<PersonRecipe>,
    pub(crate) sender: Option<PersonRecipe>,
    pub(crate) sent_datetime: Option<Recipe>,
    pub(crate) source: Option<SourceRecipe>,
    pub(crate) subject: Option<Recipe>,
    pub(crate) via: Option<Recipe>,
}

/// `sender` and `receiver`.
#[derive(Debug, Default)]
pub(crate) struct PersonRecipe {
    pub(crate) id: Option<Recipe>,
    pub(crate) email: Option<Recipe>,
}

/// `source`.
#[derive(Debug, Default)]
pub(crate) struct SourceRecipe {
    pub(crate) kind: Option<Recipe>,
    pub(crate) from_name: Option<Recipe>,
    pub(crate) from_address: Option<Recipe>,
    pub(crate) to: Option<ListRecipe>,
    pub(crate) cc: Option<ListRecipe>,
    pub(crate) bcc: Option<ListRecipe>,
}
