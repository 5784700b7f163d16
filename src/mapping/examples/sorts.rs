//! What the fields of an expected message hold, so that an example that asks for something else is refused at once.

use crate::update::FieldName;

/// What stands under a name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sort {
    Text,
    Time,
    Boolean,
    Number,
    Channel,
    Via,
    /// Parts with names of their own.
    Parts(Parts),
    /// A list of elements that are made of parts.
    List(Parts),
}

/// Names, and what stands under them.
pub(super) type Parts = &'static [(&'static str, Sort)];

const PERSON: Parts = &[("id", Sort::Number), ("email", Sort::Text)];
const ADDRESS: Parts = &[("name", Sort::Text), ("address", Sort::Text)];
const SOURCE: Parts = &[
    ("type", Sort::Text),
    ("from", Sort::Parts(ADDRESS)),
    ("to", Sort::List(ADDRESS)),
    ("cc", Sort::List(ADDRESS)),
    ("bcc", Sort::List(ADDRESS)),
];
const ATTACHMENT: Parts =
    &[("url", Sort::Text), ("name", Sort::Text), ("size", Sort::Number), ("content_type", Sort::Text)];

/// What goes with a message and is no field of it.
pub(super) const AROUND: Parts = &[("ticket", Sort::Parts(TICKET)), ("target", Sort::Parts(TARGET))];
const TICKET: Parts = &[("external_id", Sort::Text)];
const TARGET: Parts = &[("ticket_id", Sort::Number), ("message_id", Sort::Number)];

/// What a field holds.
pub(super) fn sort_of(field: FieldName) -> Sort {
    match field {
        FieldName::Attachments => Sort::List(ATTACHMENT),
        FieldName::BodyHtml
        | FieldName::BodyText
        | FieldName::ExternalId
        | FieldName::MessageId
        | FieldName::Subject => Sort::Text,
        FieldName::Channel => Sort::Channel,
        FieldName::FailedDatetime | FieldName::SentDatetime => Sort::Time,
        FieldName::FromAgent => Sort::Boolean,
        FieldName::Receiver | FieldName::Sender => Sort::Parts(PERSON),
        FieldName::Source => Sort::Parts(SOURCE),
        FieldName::Via => Sort::Via,
    }
}

/// The names of all fields, and of those parts of them that stand alone: `source.to`, but not its elements.
pub(super) fn names() -> Vec<String> {
    let mut names = Vec::new();
    for field in FieldName::ALL {
        add_names(field.name().to_owned(), sort_of(field), &mut names);
    }
    names
}

fn add_names(name: String, sort: Sort, names: &mut Vec<String>) {
    if let Sort::Parts(parts) = sort {
        for (part, sort) in parts {
            add_names(format!("{name}.{part}"), *sort, names);
        }
    }
    names.push(name);
}
