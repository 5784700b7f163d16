//! A valid update, and how it is written as JSON.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::rules::Broken;
use super::{Address, Attachment, Channel, Draft, Field, FieldName, Kind, Person, Source, Via, Writes, time};
use crate::record::ExternalId;

/// An update that obeys every rule of [`super::RULES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    external_id: ExternalId,
    channel: Channel,
    via: Via,
    from_agent: bool,
    draft: Draft,
}

impl Update {
    /// Checks `draft` against every rule.
    ///
    /// # Errors
    /// With the rules that it breaks, all of them.
    pub fn new(draft: Draft) -> Result<Self, Broken> {
        if let Some(broken) = Broken::by(&draft) {
            return Err(broken);
        }
        let id = draft.external_id.value().cloned().unwrap_or_default();
        match (ExternalId::new(id), draft.channel, draft.via, draft.from_agent) {
            (Ok(external_id), Some(channel), Some(via), Some(from_agent)) => {
                Ok(Self { external_id, channel, via, from_agent, draft })
            }
            _ => unreachable!("the rules ask for all four"),
        }
    }

    /// The message's own id.
    pub fn external_id(&self) -> &ExternalId {
        &self.external_id
    }

    /// The channel.
    pub fn channel(&self) -> Channel {
        self.channel
    }

    /// Which of the three kinds it is.
    pub fn kind(&self) -> Kind {
        Kind::of(self.channel, self.from_agent)
    }

    /// When the message was sent.
    pub fn sent_at(&self) -> Option<Timestamp> {
        self.draft.sent_datetime.value().copied()
    }

    /// The update as the API takes it, with just the fields that `writes` lets through, in a fixed order.
    pub fn to_body(&self, writes: &Writes) -> Map<String, Value> {
        FieldName::ALL
            .into_iter()
            .filter(|&field| writes.includes(field))
            .filter_map(|field| Some((field.name().to_owned(), self.value(field)?)))
            .collect()
    }

    /// A field as JSON; `None` where it is kept.
    fn value(&self, field: FieldName) -> Option<Value> {
        let draft = &self.draft;
        match field {
            // The one field that is emptied by an empty list: the API takes no null for it.
            FieldName::Attachments if draft.attachments == Field::Clear => Some(json!([])),
            FieldName::Attachments => sent(&draft.attachments, |files| files.iter().map(attachment).collect()),
            FieldName::BodyHtml => sent(&draft.body_html, |text| json!(text)),
            FieldName::BodyText => sent(&draft.body_text, |text| json!(text)),
            FieldName::Channel => Some(json!(self.channel.name())),
            FieldName::ExternalId => Some(json!(self.external_id)),
            FieldName::FailedDatetime => sent(&draft.failed_datetime, time),
            FieldName::FromAgent => Some(json!(self.from_agent)),
            FieldName::MessageId => sent(&draft.message_id, |text| json!(text)),
            FieldName::Receiver => sent(&draft.receiver, person),
            FieldName::Sender => sent(&draft.sender, person),
            FieldName::SentDatetime => sent(&draft.sent_datetime, time),
            FieldName::Source => sent(&draft.source, source),
            FieldName::Subject => sent(&draft.subject, |text| json!(text)),
            FieldName::Via => Some(json!(self.via.name())),
        }
    }
}

fn sent<T>(field: &Field<T>, to_json: impl Fn(&T) -> Value) -> Option<Value> {
    match field {
        Field::Keep => None,
        Field::Clear => Some(Value::Null),
        Field::Set(value) => Some(to_json(value)),
    }
}

fn time(at: &Timestamp) -> Value {
    Value::String(time::spelled(*at))
}

fn attachment(file: &Attachment) -> Value {
    json!({"url": file.url, "name": file.name, "size": file.size, "content_type": file.content_type})
}

/// The id alone where it is known: an email beside it could change the person.
fn person(person: &Person) -> Value {
    match (person.id, &person.email) {
        (Some(id), _) => json!({"id": id}),
        (None, email) => json!({"email": email}),
    }
}

fn source(source: &Source) -> Value {
    let mut object = Map::new();
    object.insert("type".into(), json!(source.r#type));
    if let Some(from) = &source.from {
        object.insert("from".into(), address(from));
    }
    // An empty list would take away the recipients that the account has.
    let lists = [("to", &source.to), ("cc", &source.cc), ("bcc", &source.bcc)];
    for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        object.insert(name.into(), list.iter().map(address).collect());
    }
    Value::Object(object)
}

fn address(address: &Address) -> Value {
    json!({"name": address.name, "address": address.address})
}
