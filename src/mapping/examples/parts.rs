//! A message taken to pieces: each single value under the name that `deskferry mapping explain` gives it.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;

use crate::mapping::mapped::Mapped;
use crate::update::{Address, Attachment, Draft, Field, Person, Source};

/// A single value of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    Number(i128),
    Boolean(bool),
    Time(Timestamp),
    /// A list of so many elements, which stand beside it.
    Elements(usize),
    /// The field is emptied in Gorgias.
    Cleared,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{}", serde_json::Value::from(text.as_str())),
            Self::Number(number) => write!(f, "{number}"),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Time(at) => write!(f, "{at}"),
            Self::Elements(0) => write!(f, "an empty list"),
            Self::Elements(1) => write!(f, "a list of 1 element"),
            Self::Elements(number) => write!(f, "a list of {number} elements"),
            Self::Cleared => write!(f, "cleared"),
        }
    }
}

/// The pieces of a message, by name; what is kept is not among them.
#[derive(Debug, Default)]
pub(super) struct Pieces(BTreeMap<String, Part>);

impl Pieces {
    /// What is known of a message whatever became of it.
    pub(super) fn around(mapped: &Mapped) -> Self {
        let mut pieces = Self::default();
        pieces.text("external_id", mapped.external_id.as_ref());
        pieces.text("ticket.external_id", mapped.ticket.as_ref());
        if let Some(target) = &mapped.target {
            pieces.add("target.ticket_id", Part::Number(target.ticket.0.into()));
            pieces.add("target.message_id", Part::Number(target.message.0.into()));
        }
        pieces
    }

    /// Adds what the mapping made.
    pub(super) fn add_draft(&mut self, draft: &Draft) {
        self.field("attachments", &draft.attachments, |pieces, name, files| pieces.attachments(name, files));
        self.field("body_html", &draft.body_html, |pieces, name, text| pieces.text(name, Some(text)));
        self.field("body_text", &draft.body_text, |pieces, name, text| pieces.text(name, Some(text)));
        self.field("message_id", &draft.message_id, |pieces, name, text| pieces.text(name, Some(text)));
        self.field("subject", &draft.subject, |pieces, name, text| pieces.text(name, Some(text)));
        self.field("failed_datetime", &draft.failed_datetime, |pieces, name, at| pieces.add(name, Part::Time(*at)));
        self.field("sent_datetime", &draft.sent_datetime, |pieces, name, at| pieces.add(name, Part::Time(*at)));
        self.field("receiver", &draft.receiver, Self::person);
        self.field("sender", &draft.sender, Self::person);
        self.field("source", &draft.source, Self::source);
        if let Some(channel) = draft.channel {
            self.add("channel", Part::Text(channel.name().to_owned()));
        }
        if let Some(via) = draft.via {
            self.add("via", Part::Text(via.name().to_owned()));
        }
        if let Some(from_agent) = draft.from_agent {
            self.add("from_agent", Part::Boolean(from_agent));
        }
    }

    /// The piece called `name`.
    pub(super) fn get(&self, name: &str) -> Option<&Part> {
        self.0.get(name)
    }

    /// What there is of the field or part `name`: itself, or a piece of it.
    pub(super) fn any_of(&self, name: &str) -> Option<(&str, &Part)> {
        let is_inside =
            |piece: &str| piece.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        let mut pieces = self.0.iter().filter(|(piece, part)| is_inside(piece) && **part != Part::Elements(0));
        pieces.next().map(|(piece, part)| (piece.as_str(), part))
    }

    fn add(&mut self, name: &str, part: Part) {
        self.0.insert(name.to_owned(), part);
    }

    fn text(&mut self, name: &str, text: Option<&String>) {
        if let Some(text) = text {
            self.add(name, Part::Text(text.clone()));
        }
    }

    fn number(&mut self, name: &str, number: Option<u64>) {
        if let Some(number) = number {
            self.add(name, Part::Number(number.into()));
        }
    }

    fn field<T>(&mut self, name: &str, field: &Field<T>, add: fn(&mut Self, &str, &T)) {
        match field {
            Field::Keep => {}
            Field::Clear => self.add(name, Part::Cleared),
            Field::Set(value) => add(self, name, value),
        }
    }

    fn person(&mut self, name: &str, person: &Person) {
        self.number(&format!("{name}.id"), person.id);
        self.text(&format!("{name}.email"), person.email.as_ref());
    }

    fn source(&mut self, name: &str, source: &Source) {
        self.text(&format!("{name}.type"), source.r#type.as_ref());
        if let Some(from) = &source.from {
            self.address(&format!("{name}.from"), from);
        }
        for (part, list) in [("to", &source.to), ("cc", &source.cc), ("bcc", &source.bcc)] {
            self.list(&format!("{name}.{part}"), list, Self::address);
        }
    }

    fn address(&mut self, name: &str, address: &Address) {
        self.text(&format!("{name}.name"), address.name.as_ref());
        self.text(&format!("{name}.address"), address.address.as_ref());
    }

    fn attachments(&mut self, name: &str, files: &[Attachment]) {
        self.list(name, files, |pieces, name, file| {
            pieces.text(&format!("{name}.url"), Some(&file.url));
            pieces.text(&format!("{name}.name"), Some(&file.name));
            pieces.number(&format!("{name}.size"), file.size);
            pieces.text(&format!("{name}.content_type"), Some(&file.content_type));
        });
    }

    fn list<T>(&mut self, name: &str, list: &[T], add: fn(&mut Self, &str, &T)) {
        self.add(name, Part::Elements(list.len()));
        for (index, element) in list.iter().enumerate() {
            add(self, &format!("{name}[{index}]"), element);
        }
    }
}
