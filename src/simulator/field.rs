//! The 14 fields that an update may carry, and nothing else: their types, and what the account keeps of them.

use serde_json::{Value, json};

use super::people::People;
use super::{html, moment, shape};

/// A field of the update endpoint.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) required: bool,
    nullable: bool,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    /// A string of at most 255 characters.
    ShortText,
    Flag,
    Moment,
    OneOf(&'static [&'static str]),
    Person,
    Source,
    Attachments,
}

/// Every field, in the order of the reference.
pub(super) static FIELDS: [Field; 14] = [
    optional("attachments", Kind::Attachments),
    nullable("body_html", Kind::Text),
    nullable("body_text", Kind::Text),
    required("channel", Kind::OneOf(&CHANNELS)),
    nullable("external_id", Kind::ShortText),
    nullable("failed_datetime", Kind::Moment),
    required("from_agent", Kind::Flag),
    nullable("message_id", Kind::Text),
    optional("receiver", Kind::Person),
    optional("sender", Kind::Person),
    nullable("sent_datetime", Kind::Moment),
    optional("source", Kind::Source),
    nullable("subject", Kind::Text),
    required("via", Kind::OneOf(&WRITABLE_VIAS)),
];

static CHANNELS: [&str; 21] = [
    "aircall",
    "api",
    "chat",
    "contact_form",
    "email",
    "facebook",
    "facebook-mention",
    "facebook-messenger",
    "facebook-recommendations",
    "help-center",
    "instagram-ad-comment",
    "instagram-comment",
    "instagram-direct-message",
    "instagram-mention",
    "internal-note",
    "phone",
    "sms",
    "twitter",
    "twitter-direct-message",
    "whatsapp",
    "yotpo-review",
];

/// Not `gorgias_chat`, `offline_capture` and `self_service`: those occur in answers only.
static WRITABLE_VIAS: [&str; 29] = [
    "aircall",
    "api",
    "chat",
    "contact_form",
    "email",
    "facebook",
    "facebook-mention",
    "facebook-messenger",
    "facebook-recommendations",
    "form",
    "help-center",
    "helpdesk",
    "instagram",
    "instagram-ad-comment",
    "instagram-comment",
    "instagram-direct-message",
    "instagram-mention",
    "internal-note",
    "phone",
    "rule",
    "shopify",
    "sms",
    "twilio",
    "twitter",
    "twitter-direct-message",
    "whatsapp",
    "yotpo",
    "yotpo-review",
    "zendesk",
];

/// The longest `external_id`, in characters.
const LONGEST_ID: usize = 255;

const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, required: true, nullable: false, kind }
}

const fn optional(name: &'static str, kind: Kind) -> Field {
    Field { name, required: false, nullable: false, kind }
}

const fn nullable(name: &'static str, kind: Kind) -> Field {
    Field { name, required: false, nullable: true, kind }
}

impl Field {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.name == name)
    }

    /// What is wrong with a value for this field: a list of sentences, or for what is nested an object of such.
    pub(super) fn complaint(&self, value: &Value) -> Option<Value> {
        if value.is_null() {
            return (!self.nullable).then(|| json!(["Field may not be null."]));
        }
        match self.kind {
            Kind::Text => shape::text(value),
            Kind::ShortText => shape::text(value).or_else(|| shape::at_most(value, LONGEST_ID)),
            Kind::Flag => shape::flag(value),
            Kind::Moment => shape::moment(value),
            Kind::OneOf(valid) => shape::one_of(value, valid),
            Kind::Person => shape::person(value),
            Kind::Source => shape::source(value),
            Kind::Attachments => shape::attachments(value),
        }
    }
}

/// What the account keeps of a checked value: people are looked up, points in time get the offset `+00:00`, and HTML is
/// cleaned where the account does that.
pub(super) fn stored(name: &str, value: &Value, cleans_html: bool, people: &mut People) -> Value {
    match (Field::named(name).map(|field| field.kind), value) {
        (Some(Kind::Person), _) => people.resolve(value),
        (Some(Kind::Moment), _) => {
            value.as_str().and_then(moment::read).map_or(Value::Null, |at| json!(moment::show(at)))
        }
        (_, Value::String(html)) if cleans_html && name == "body_html" => json!(html::cleaned(html)),
        _ => value.clone(),
    }
}
