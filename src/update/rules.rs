//! The rules that a valid update obeys: one table, each with the sentence that the operator reads when it is broken.
//!
//! Sources: the API's field list, its three kinds of message, and the one rule that is ours: never let Gorgias mail a
//! customer by accident.

use super::{Draft, Field, FieldName, Kind};
use crate::record::{CauseKind, ExternalId};

/// One rule of a valid update.
#[derive(Debug)]
pub struct Rule {
    /// Its stable name.
    pub name: &'static str,
    /// The field that it is about.
    pub field: FieldName,
    /// What the operator reads when it is broken.
    pub sentence: &'static str,
    /// What sort of reason it is.
    pub kind: CauseKind,
    breaks: fn(&Draft) -> bool,
}

impl Rule {
    /// Whether `draft` breaks it.
    pub fn is_broken_by(&self, draft: &Draft) -> bool {
        (self.breaks)(draft)
    }
}

/// The rules that a draft breaks, in the order of [`RULES`]; at least one.
#[derive(Debug, Clone)]
pub struct Broken(Vec<&'static Rule>);

impl Broken {
    pub(super) fn by(draft: &Draft) -> Option<Self> {
        let broken: Vec<_> = RULES.iter().filter(|rule| rule.is_broken_by(draft)).collect();
        if broken.is_empty() { None } else { Some(Self(broken)) }
    }

    /// The rules.
    pub fn rules(&self) -> &[&'static Rule] {
        &self.0
    }

    /// The sort of reason that weighs most: unsafe before invalid.
    pub fn kind(&self) -> CauseKind {
        if self.0.iter().any(|rule| rule.kind == CauseKind::Unsafe) { CauseKind::Unsafe } else { CauseKind::Invalid }
    }

    /// All sentences in one line.
    pub fn sentences(&self) -> String {
        let sentences: Vec<_> = self.0.iter().map(|rule| rule.sentence).collect();
        sentences.join("; ")
    }
}

/// Every rule.
pub const RULES: &[Rule] = &[
    Rule {
        name: "external-id-present",
        field: FieldName::ExternalId,
        sentence: "external_id is missing: the message has no id of its own",
        kind: CauseKind::Invalid,
        breaks: |draft| draft.external_id.value().is_none_or(|id| id.trim().is_empty()),
    },
    Rule {
        name: "external-id-length",
        field: FieldName::ExternalId,
        sentence: "external_id is longer than 255 characters, the most that Gorgias keeps",
        kind: CauseKind::Invalid,
        breaks: |draft| draft.external_id.value().is_some_and(|id| id.chars().count() > ExternalId::MAX_CHARS),
    },
    Rule {
        name: "channel-present",
        field: FieldName::Channel,
        sentence: "channel is missing: the API requires it",
        kind: CauseKind::Invalid,
        breaks: |draft| draft.channel.is_none(),
    },
    Rule {
        name: "via-present",
        field: FieldName::Via,
        sentence: "via is missing: the API requires it",
        kind: CauseKind::Invalid,
        breaks: |draft| draft.via.is_none(),
    },
    Rule {
        name: "from-agent-present",
        field: FieldName::FromAgent,
        sentence: "from_agent is missing: it is not known whether the customer or the company wrote the message",
        kind: CauseKind::Invalid,
        breaks: |draft| draft.from_agent.is_none(),
    },
    Rule {
        name: "sent-datetime-present",
        field: FieldName::SentDatetime,
        sentence: "sent_datetime is missing: without it Gorgias may mail the message to the customer",
        kind: CauseKind::Unsafe,
        breaks: |draft| !is(draft, Kind::InternalNote) && draft.sent_datetime == Field::Keep,
    },
    Rule {
        name: "sent-datetime-kept",
        field: FieldName::SentDatetime,
        sentence: "sent_datetime would be cleared: Gorgias may then mail the message to the customer",
        kind: CauseKind::Unsafe,
        breaks: |draft| draft.sent_datetime == Field::Clear,
    },
    Rule {
        name: "note-from-agent",
        field: FieldName::FromAgent,
        sentence: "an internal note is written by an agent: from_agent must be true",
        kind: CauseKind::Invalid,
        breaks: |draft| is(draft, Kind::InternalNote) && draft.from_agent == Some(false),
    },
    Rule {
        name: "incoming-without-receiver",
        field: FieldName::Receiver,
        sentence: "receiver is set on an incoming message: Gorgias keeps none there",
        kind: CauseKind::Invalid,
        breaks: |draft| is(draft, Kind::Incoming) && draft.receiver.value().is_some(),
    },
    Rule {
        name: "sender-identified",
        field: FieldName::Sender,
        sentence: "sender has neither an id nor an email",
        kind: CauseKind::Invalid,
        breaks: |draft| draft.sender.value().is_some_and(|person| person.id.is_none() && person.email.is_none()),
    },
    Rule {
        name: "receiver-identified",
        field: FieldName::Receiver,
        sentence: "receiver has neither an id nor an email",
        kind: CauseKind::Invalid,
        breaks: |draft| draft.receiver.value().is_some_and(|person| person.id.is_none() && person.email.is_none()),
    },
    Rule {
        name: "source-type-present",
        field: FieldName::Source,
        sentence: "source has no type",
        kind: CauseKind::Invalid,
        breaks: |draft| {
            draft.source.value().is_some_and(|source| source.r#type.as_ref().is_none_or(|kind| kind.trim().is_empty()))
        },
    },
    Rule {
        name: "attachment-url",
        field: FieldName::Attachments,
        sentence: "an attachment has no http(s) url",
        kind: CauseKind::Invalid,
        breaks: |draft| {
            any_attachment(draft, |file| !(file.url.starts_with("https://") || file.url.starts_with("http://")))
        },
    },
    Rule {
        name: "attachment-name",
        field: FieldName::Attachments,
        sentence: "an attachment has no name",
        kind: CauseKind::Invalid,
        breaks: |draft| any_attachment(draft, |file| file.name.trim().is_empty()),
    },
    Rule {
        name: "attachment-content-type",
        field: FieldName::Attachments,
        sentence: "an attachment has no content_type",
        kind: CauseKind::Invalid,
        breaks: |draft| any_attachment(draft, |file| file.content_type.trim().is_empty()),
    },
];

fn is(draft: &Draft, kind: Kind) -> bool {
    // Without `from_agent` the kind is still known for a note; for the others the strictest reading applies.
    draft.channel.is_some_and(|channel| Kind::of(channel, draft.from_agent.unwrap_or(true)) == kind)
}

fn any_attachment(draft: &Draft, is_wrong: fn(&super::Attachment) -> bool) -> bool {
    draft.attachments.value().is_some_and(|files| files.iter().any(is_wrong))
}
