//! How one message was mapped, told field by field.
//!
//! A story is there to be read by people, and often to be passed on, so each value in it says whether it is message
//! content: what only names, numbers or dates a message is not, nor is what stands in the mapping itself. When in doubt
//! it is content.

use super::witness::{Event, Witness};
use crate::mapping::mapped::Mapped;
use crate::mapping::recipe::{Missing, Path, PathRoot, Table, Test};
use crate::mapping::value::{Constant, Type, Value};
use crate::record::Cause;
use crate::update::{Channel, Via};

/// What mapping made of one message, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// What came of it.
    pub mapped: Mapped,
    /// What kind of message it is, where the mapping knows several, or names the one.
    pub kind: Option<String>,
    /// The condition of the rule that leaves it out.
    pub skipped_by: Option<String>,
    /// How each field was made, in the order in which it was; none where the message is left out or can't be read.
    pub fields: Vec<FieldStory>,
}

impl Story {
    /// Of a record that can't even be taken out of its file.
    pub fn unreadable(cause: Cause) -> Self {
        Self { mapped: Mapped::unreadable(cause), kind: None, skipped_by: None, fields: Vec::new() }
    }

    /// The value that stands against the first field that can't be made, where it is no content and its reason does not
    /// say it.
    pub fn refused_value(&self) -> Option<&str> {
        let refused = self.fields.iter().find_map(|field| match &field.outcome {
            Outcome::Refused(reason) => Some((reason, field.steps.last()?)),
            _ => None,
        });
        match refused? {
            (reason, Step::Read(_, seen) | Step::Applied(_, seen) | Step::Filled(seen))
                if !seen.is_content && !reason.contains(&seen.text) =>
            {
                Some(&seen.text)
            }
            _ => None,
        }
    }
}

/// How one field was made, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldStory {
    /// Its name, such as `subject`, `source.to[0].address` or `ticket.external_id`.
    pub name: String,
    /// What was done, step by step.
    pub steps: Vec<Step>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It has this value.
    Value(Seen),
    /// It is a list of so many elements.
    List(usize),
    /// The export holds nothing for it: it is left alone.
    Kept,
    /// The export holds nothing for it: it is emptied, as the mapping says.
    Cleared,
    /// It can't be made, for this reason, which blocks the message.
    Refused(String),
    /// It can't be made, for this reason, and so the message is left out.
    Skips(String),
}

/// One step on the way to a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// An alternative was passed over, because this does not hold.
    PassedOver(String),
    /// An alternative was taken up, because this holds.
    Holds(String),
    /// A path held nothing, for this reason.
    Nothing(String),
    /// A path held something.
    Read(String, Seen),
    /// The value stands in the mapping.
    Constant(Seen),
    /// What the template made.
    Filled(Seen),
    /// The transform, with its argument, made this of it.
    Applied(String, Seen),
    /// The transform, with its argument, found nothing in it.
    FoundNothing(String),
    /// The expression came to this, or to nothing.
    Computed(String, Option<Seen>),
    /// The table of this name made this of it.
    Translated(String, Seen),
    /// The table of this name does not know it.
    NotIn(String),
    /// The default was taken.
    Defaulted(Seen),
    /// It was compared: the comparison, and what came of it.
    Tested(String, bool),
    /// The path to a list, and how many elements it has.
    Each(String, usize),
    /// The element of this index was left out, because this holds.
    LeftOut(usize, String),
}

/// A value as it was met on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What it is.
    pub kind: Type,
    /// Its text form.
    pub text: String,
    /// Whether it is message content, or could be: then it is shown to nobody who did not ask for content.
    pub is_content: bool,
}

impl Seen {
    fn constant(constant: &Constant) -> Self {
        Self { kind: constant.kind(), text: constant.value().text_form().into_owned(), is_content: false }
    }
}

/// What a field is about, which decides what of it may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// It names something.
    Id,
    /// It dates something.
    Time,
    /// One word of a closed list, or yes or no.
    Word,
    /// What people wrote, and who they are.
    Content,
}

impl Sort {
    fn of(field: &str) -> Self {
        match field {
            "external_id" | "ticket.external_id" | "target.ticket_id" | "target.message_id" | "sender.id"
            | "receiver.id" => Self::Id,
            "sent_datetime" | "failed_datetime" | "newest" => Self::Time,
            "channel" | "via" | "from_agent" | "source.type" => Self::Word,
            _ if field.ends_with("].size") => Self::Id,
            // A Message-ID as well: its second half is a domain, and often enough a person's.
            _ => Self::Content,
        }
    }
}

/// Writes down what it is told.
#[derive(Default)]
pub(super) struct Teller {
    kind: Option<String>,
    skipped_by: Option<String>,
    fields: Vec<FieldStory>,
    /// The list that is being made: which of `fields` it is, and the element.
    list: Option<(usize, usize)>,
    /// Which of `fields` is being made.
    current: usize,
    /// What the alternative in hand knows by itself, so that a value that is one of these says nothing new.
    words: Vec<String>,
    value: Option<Seen>,
}

impl Teller {
    /// The whole, once the message is mapped.
    pub(super) fn story(self, mapped: Mapped) -> Story {
        Story { mapped, kind: self.kind, skipped_by: self.skipped_by, fields: self.fields }
    }

    fn begin(&mut self, name: String) {
        self.current = self.fields.len();
        self.value = None;
        self.fields.push(FieldStory { name, steps: Vec::new(), outcome: Outcome::Kept });
    }

    /// The name of a part of the list in hand, with the element's index.
    fn name(&self, recipe: &str) -> String {
        let Some((list, element)) = self.list else { return recipe.to_owned() };
        let list = self.fields.get(list).map_or("", |field| &field.name);
        recipe.strip_prefix(list).map_or_else(|| recipe.to_owned(), |part| format!("{list}[{element}]{part}"))
    }

    fn step(&mut self, step: Step) {
        if let Some(field) = self.fields.get_mut(self.current) {
            field.steps.push(step);
        }
    }

    fn end(&mut self, outcome: Outcome) {
        if let Some(field) = self.fields.get_mut(self.current) {
            field.outcome = outcome;
        }
        self.current = self.list.map_or(self.current, |(list, _)| list);
    }

    fn constant(&mut self, constant: &Constant) -> Seen {
        let seen = Seen::constant(constant);
        self.value = Some(seen.clone());
        seen
    }

    fn value(&mut self, value: &Value<'_>) -> Seen {
        let came_from_content = self.value.as_ref().is_none_or(|before| before.is_content);
        let text = value.text_form().into_owned();
        let is_content = came_from_content && self.is_content(value.kind(), &text);
        let seen = Seen { kind: value.kind(), text, is_content };
        self.value = Some(seen.clone());
        seen
    }

    fn read(&mut self, path: &Path, value: &Value<'_>) {
        let mut seen = self.value(value);
        // The name of a file is in every report.
        if matches!(path.root, PathRoot::File(_)) {
            seen.is_content = false;
            self.value = Some(seen.clone());
        }
        self.step(Step::Read(path.text.clone(), seen));
    }

    fn is_content(&self, kind: Type, text: &str) -> bool {
        let sort = self.fields.get(self.current).map_or(Sort::Content, |field| Sort::of(&field.name));
        match (sort, kind) {
            // What people wrote may become an id, too: by a hash, or in a template.
            (Sort::Id, Type::Text | Type::List) => !is_like_an_id(text),
            (_, Type::Boolean | Type::Time) | (Sort::Id, _) => false,
            // Of a number, too: it may be somebody's telephone.
            (Sort::Content, _) => true,
            (Sort::Time, Type::Text) => !is_like_a_time(text),
            (Sort::Word, Type::Text) => !self.is_known(text),
            (Sort::Time | Sort::Word, _) => false,
        }
    }

    fn is_known(&self, text: &str) -> bool {
        // A table of addresses is a table of people.
        let is_word = Channel::from_name(text).is_some() || Via::from_name(text).is_some();
        is_word || (!text.contains('@') && self.words.iter().any(|word| word == text))
    }

    fn learn(&mut self, table: Option<&Table>, test: Option<&Test>) {
        self.value = None;
        self.words = table.map(|table| table.rows.keys().cloned().collect()).unwrap_or_default();
        self.words.extend(test.map(|test| test.constant.value().text_form().into_owned()));
    }
}

impl Witness for Teller {
    fn see(&mut self, event: Event<'_>) {
        match event {
            Event::Kind(name) => self.kind = Some(name.to_owned()),
            Event::Skips(when) => self.skipped_by = Some(when.text.clone()),
            Event::Begins(name) => self.begin(self.name(name)),
            Event::BeginsList(name) => self.begin(name.to_owned()),
            Event::PassedOver(when) => self.step(Step::PassedOver(when.text.clone())),
            Event::Holds(when) => self.step(Step::Holds(when.text.clone())),
            Event::Tries(table, test) => self.learn(table, test),
            Event::Absent(scene, path) => self.step(Step::Nothing(scene.why_missing(path))),
            Event::Blank(path) => self.step(Step::Nothing(format!("`{}` is empty", path.text))),
            Event::Read(path, value) => self.read(path, value),
            Event::Part(path, value) => {
                // What another part is tells nothing about this one.
                self.value = None;
                self.read(path, value);
            }
            Event::Filled(value) => {
                self.value = None;
                let seen = self.value(value);
                self.step(Step::Filled(seen));
            }
            Event::Constant(constant) => {
                let seen = self.constant(constant);
                self.step(Step::Constant(seen));
            }
            Event::Applied(transform, value) => {
                let seen = self.value(value);
                self.step(Step::Applied(transform.text.clone(), seen));
            }
            Event::FoundNothing(transform) => self.step(Step::FoundNothing(transform.text.clone())),
            Event::Computed(expression, value) => {
                let seen = value.map(|value| self.value(value));
                self.step(Step::Computed(expression.text.clone(), seen));
            }
            Event::Translated(table, constant) => {
                let seen = self.constant(constant);
                self.step(Step::Translated(table.name.clone(), seen));
            }
            Event::NotIn(table, _) => self.step(Step::NotIn(table.name.clone())),
            Event::Defaulted(constant) => {
                let seen = self.constant(constant);
                self.step(Step::Defaulted(seen));
            }
            Event::Tested(test, value) => {
                self.value(value);
                self.step(Step::Tested(comparison(test), *value == Value::Boolean(true)));
            }
            Event::NoList(path) => self.step(Step::Nothing(format!("there is no `{path}`"))),
            Event::One => self.list = Some((self.current, 0)),
            Event::Each(path, elements) => {
                self.step(Step::Each(path.to_owned(), elements));
                self.list = Some((self.current, 0));
            }
            Event::LeavesOut(index, when) => self.step(Step::LeftOut(index, when.text.clone())),
            Event::Element(index) => self.list = self.list.map(|(list, _)| (list, index)),
            Event::EndsList(elements) => {
                self.end(Outcome::List(elements));
                self.list = None;
            }
            Event::Made => {
                let value = self.value.take();
                self.end(value.map_or(Outcome::Kept, Outcome::Value));
            }
            Event::Missing(Missing::Clear) => self.end(Outcome::Cleared),
            Event::Missing(_) => self.end(Outcome::Kept),
            Event::Refused(reason) => self.end(Outcome::Refused(reason.to_owned())),
            Event::LeavesMessageOut(reason) => self.end(Outcome::Skips(reason.to_owned())),
        }
    }
}

fn comparison(test: &Test) -> String {
    let word = if test.equal { "is" } else { "is_not" };
    match &test.constant {
        Constant::Text(words) => format!("{word} '{words}'"),
        constant => format!("{word} {}", constant.value().text_form()),
    }
}

/// Whether a text could be an id, and no address and no words.
fn is_like_an_id(text: &str) -> bool {
    text.len() <= 64 && !text.contains(|sign: char| sign.is_whitespace() || sign == '@')
}

/// Whether a text could be a time in some notation, and nothing else.
fn is_like_a_time(text: &str) -> bool {
    text.len() <= 40 && text.chars().all(|sign| sign.is_ascii_digit() || "-:+.,/TZAPM ".contains(sign))
}
