//! Whether the account holds what was sent: the same, the same as Gorgias stores it, or something else.

use serde_json::{Map, Value};

use super::FieldName;
use super::normal::{agree as parts_agree, is_silent, parts};

/// What comparing a value that was sent with the value that is held comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Agreement {
    /// The same JSON.
    Equal,
    /// The same, in the form in which Gorgias stores it.
    Normalised(Class),
    /// Something else.
    Different,
}

macro_rules! classes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $word:literal, $sentence:literal;)+) => {
        /// How a value differs that Gorgias stores otherwise than it was sent.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Class {
            $($(#[$doc])* $variant,)+
        }

        impl Class {
            /// Every class.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for it in reports and in `--json`.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// What it means, for the operator.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence),+ }
            }

            /// The number that is stored for it. Never reused for another meaning.
            pub const fn code(self) -> i64 {
                match self { $(Self::$variant => $code),+ }
            }
        }
    };
}

classes! {
    /// The same instant.
    TimeZone = 1, "time zone", "the same time in another spelling or time zone";
    /// The same HTML to a reader.
    Html = 2, "html", "the same HTML, cleaned: tags, attributes and white space in another spelling";
    /// Null, an empty text or an empty list.
    Blank = 3, "blank", "nothing, in another spelling: null, an empty text or an empty list";
    /// The same text.
    LineEnds = 4, "line ends", "the same text with other line ends, or other blanks at ends";
    /// Looked up.
    Person = 5, "person", "the same person, looked up: an id or an email became a whole person";
    /// Completed.
    Routing = 6, "routing", "the same routing, completed with what was not sent";
    /// Kept elsewhere.
    Attachments = 7, "attachments", "the same files by name and type, kept elsewhere";
}

/// Whether `held` is what `ours` says in `field`. Of people and routing only what `ours` says is compared.
pub fn agree(field: FieldName, ours: &Value, held: Option<&Value>) -> Agreement {
    if held == Some(ours) {
        return Agreement::Equal;
    }
    let said = parts(field, Some(ours));
    if !parts_agree(&said, &parts(field, held)) {
        return Agreement::Different;
    }
    Agreement::Normalised(if is_silent(&said) { Class::Blank } else { class_of(field) })
}

/// Each field of `sent`, in the order in which an update is written, and whether `held` agrees.
pub fn compare(sent: &Map<String, Value>, held: &Map<String, Value>) -> Vec<(FieldName, Agreement)> {
    let sent = FieldName::ALL.into_iter().filter_map(|field| Some((field, sent.get(field.name())?)));
    sent.map(|(field, ours)| (field, agree(field, ours, held.get(field.name())))).collect()
}

/// How values of a field differ that agree.
fn class_of(field: FieldName) -> Class {
    match field {
        FieldName::FailedDatetime | FieldName::SentDatetime => Class::TimeZone,
        FieldName::BodyHtml => Class::Html,
        FieldName::Receiver | FieldName::Sender => Class::Person,
        FieldName::Source => Class::Routing,
        FieldName::Attachments => Class::Attachments,
        // Of the others, the ones that may differ at all do so in blanks.
        FieldName::BodyText
        | FieldName::Channel
        | FieldName::ExternalId
        | FieldName::FromAgent
        | FieldName::MessageId
        | FieldName::Subject
        | FieldName::Via => Class::LineEnds,
    }
}
