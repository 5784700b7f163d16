//! What a mapping makes of a record, before it is known to be valid.

use jiff::Timestamp;

use super::{Channel, Field, Via};

/// An update that has yet to be checked. [`super::Update::new`] checks it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// Files; an empty list says that there are none.
    pub attachments: Field<Vec<Attachment>>,
    /// The body as HTML; it does not follow `body_text`.
    pub body_html: Field<String>,
    /// The body as plain text.
    pub body_text: Field<String>,
    /// Required by the API.
    pub channel: Option<Channel>,
    /// The message's id in the system it comes from.
    pub external_id: Field<String>,
    /// When sending failed.
    pub failed_datetime: Field<Timestamp>,
    /// Company to customer: true. Required by the API.
    pub from_agent: Option<bool>,
    /// The id at the sending service, such as the RFC 5322 Message-ID.
    pub message_id: Field<String>,
    /// Who it went to.
    pub receiver: Field<Person>,
    /// Who wrote it.
    pub sender: Field<Person>,
    /// When it was sent. Without it Gorgias may send the message itself.
    pub sent_datetime: Field<Timestamp>,
    /// The routing.
    pub source: Field<Source>,
    /// The subject line.
    pub subject: Field<String>,
    /// Required by the API.
    pub via: Option<Via>,
}

/// A file that belongs to a message. Empty text stands for "the export does not say".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attachment {
    /// Where it can be fetched.
    pub url: String,
    /// Its file name.
    pub name: String,
    /// Its length in bytes, where known.
    pub size: Option<u64>,
    /// Its media type.
    pub content_type: String,
}

/// A customer or a user, by id or by email address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The id in Gorgias; preferred, because an unknown email may create a person.
    pub id: Option<u64>,
    /// The email address.
    pub email: Option<String>,
}

/// The routing of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// What it is, such as `email`; a free text on update.
    pub r#type: Option<String>,
    /// Who it came from.
    pub from: Option<Address>,
    /// Who it went to.
    pub to: Vec<Address>,
    /// Who got a copy.
    pub cc: Vec<Address>,
    /// Who got a copy unseen.
    pub bcc: Vec<Address>,
}

/// A name and an address of any channel: an email address, a phone number, a handle.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// The name shown.
    pub name: Option<String>,
    /// The address itself.
    pub address: Option<String>,
}
