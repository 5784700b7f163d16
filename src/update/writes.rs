//! What a run writes: an update replaces what the account holds, so the operator says how much of it to send.

use std::borrow::Cow;

use super::FieldName;

/// How much of an update is sent (`--write`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// `external_id` and `message_id`: the commonest job.
    Ids,
    /// Those, and every other field where the account holds nothing.
    Missing,
    /// Whatever the mapping sets.
    All,
}

impl Write {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Ids, Self::Missing, Self::All];

    /// The word for it on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ids => "ids",
            Self::Missing => "missing",
            Self::All => "all",
        }
    }

    /// The choice that is typed as `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|write| write.word() == word)
    }
}

/// A field that is written only when named (`--also`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Also {
    /// An exported link may replace a good copy by one that expires.
    Attachments,
    /// An unknown email may create a person.
    Sender,
    /// An unknown email may create a person.
    Receiver,
}

impl Also {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Attachments, Self::Sender, Self::Receiver];

    /// The word for it on the command line: the field's name.
    pub const fn word(self) -> &'static str {
        self.field().name()
    }

    /// The field that it stands for.
    pub const fn field(self) -> FieldName {
        match self {
            Self::Attachments => FieldName::Attachments,
            Self::Sender => FieldName::Sender,
            Self::Receiver => FieldName::Receiver,
        }
    }

    /// The choice that is typed as `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|also| also.word() == word)
    }
}

/// What a run writes, as settled once for the whole plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writes {
    /// How much of the update.
    pub write: Write,
    /// Which of the fields that must be named.
    pub also: Vec<Also>,
    /// Whether an `external_id` that the target holds already is replaced (`--replace-external-id`).
    pub replace_external_id: bool,
}

impl Writes {
    /// These, to a message whose `external_id` `is_ours`: an id that we wrote there may always be replaced, as after a
    /// correction of the ids file.
    pub fn over(&self, is_ours: bool) -> Cow<'_, Self> {
        if is_ours && !self.replace_external_id {
            return Cow::Owned(Self { replace_external_id: true, ..self.clone() });
        }
        Cow::Borrowed(self)
    }

    /// Whether the plan sends `field` where the mapping sets it. Under [`Write::Missing`] the account has a say as
    /// well.
    pub fn includes(&self, field: FieldName) -> bool {
        match field {
            // The ids are what every run is for. The API asks for the next three; without the last it may mail the
            // customer.
            FieldName::ExternalId
            | FieldName::MessageId
            | FieldName::Channel
            | FieldName::Via
            | FieldName::FromAgent
            | FieldName::SentDatetime => true,
            FieldName::Attachments | FieldName::Sender | FieldName::Receiver => {
                self.write != Write::Ids && self.also.iter().any(|also| also.field() == field)
            }
            FieldName::BodyHtml
            | FieldName::BodyText
            | FieldName::FailedDatetime
            | FieldName::Source
            | FieldName::Subject => self.write != Write::Ids,
        }
    }
}
