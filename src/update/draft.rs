//! What a mapping makes of a record, before it is known to be valid.

use jiff::Timestamp;

use super::{Channel, Field, FieldName, Via, Writes};

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

impl Draft {
    /// The fields that are set or cleared, as their bits.
    pub fn fields(&self) -> u16 {
        let sent = |is_sent: bool, field: FieldName| if is_sent { field.bit() } else { 0 };
        sent(self.attachments.is_sent(), FieldName::Attachments)
            | sent(self.body_html.is_sent(), FieldName::BodyHtml)
            | sent(self.body_text.is_sent(), FieldName::BodyText)
            | sent(self.channel.is_some(), FieldName::Channel)
            | sent(self.external_id.is_sent(), FieldName::ExternalId)
            | sent(self.failed_datetime.is_sent(), FieldName::FailedDatetime)
            | sent(self.from_agent.is_some(), FieldName::FromAgent)
            | sent(self.message_id.is_sent(), FieldName::MessageId)
            | sent(self.receiver.is_sent(), FieldName::Receiver)
            | sent(self.sender.is_sent(), FieldName::Sender)
            | sent(self.sent_datetime.is_sent(), FieldName::SentDatetime)
            | sent(self.source.is_sent(), FieldName::Source)
            | sent(self.subject.is_sent(), FieldName::Subject)
            | sent(self.via.is_some(), FieldName::Via)
    }

    /// The addresses of the people whom the message is from and to.
    pub fn addresses(&self) -> impl Iterator<Item = &String> {
        let people = [&self.sender, &self.receiver].into_iter().filter_map(|field| field.value()?.email.as_ref());
        let sources = self.source.value().into_iter();
        let routing =
            sources.flat_map(|source| source.from.iter().chain(&source.to).chain(&source.cc).chain(&source.bcc));
        people.chain(routing.filter_map(|address| address.address.as_ref()))
    }

    /// Keeps every field that `writes` does not let through, so that what is not sent can't be wrong either.
    pub fn keep_unwritten(&mut self, writes: &Writes) {
        fn keep<T>(field: &mut Field<T>, is_written: bool) {
            if !is_written {
                *field = Field::Keep;
            }
        }
        // The other six are always written.
        keep(&mut self.attachments, writes.includes(FieldName::Attachments));
        keep(&mut self.body_html, writes.includes(FieldName::BodyHtml));
        keep(&mut self.body_text, writes.includes(FieldName::BodyText));
        keep(&mut self.failed_datetime, writes.includes(FieldName::FailedDatetime));
        keep(&mut self.receiver, writes.includes(FieldName::Receiver));
        keep(&mut self.sender, writes.includes(FieldName::Sender));
        keep(&mut self.source, writes.includes(FieldName::Source));
        keep(&mut self.subject, writes.includes(FieldName::Subject));
    }
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
