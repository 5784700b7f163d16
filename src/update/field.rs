//! A field of an update, which is never null by accident; and the 14 names.

/// What an update does with one field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Field<T> {
    /// Not sent: the account keeps what it holds.
    #[default]
    Keep,
    /// Sent as `null`: the account forgets what it holds.
    Clear,
    /// Sent with this value.
    Set(T),
}

impl<T> Field<T> {
    /// The value, where there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// Whether the field is sent at all.
    pub fn is_sent(&self) -> bool {
        !matches!(self, Self::Keep)
    }
}

macro_rules! field_names {
    ($($variant:ident = $name:literal,)+) => {
        /// The 14 fields that the API takes; any other is an "unknown parameter".
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FieldName {
            $(#[doc = concat!("`", $name, "`")] $variant,)+
        }

        impl FieldName {
            /// All of them, in the order in which an update is written.
            pub const ALL: [Self; 14] = [$(Self::$variant),+];

            /// The name as the API spells it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The bit that stands for it in a set of fields.
            pub const fn bit(self) -> u16 {
                1 << self as u16
            }

            /// The field that the API spells `name`.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|field| field.name() == name)
            }
        }
    };
}

field_names! {
    Attachments = "attachments",
    BodyHtml = "body_html",
    BodyText = "body_text",
    Channel = "channel",
    ExternalId = "external_id",
    FailedDatetime = "failed_datetime",
    FromAgent = "from_agent",
    MessageId = "message_id",
    Receiver = "receiver",
    Sender = "sender",
    SentDatetime = "sent_datetime",
    Source = "source",
    Subject = "subject",
    Via = "via",
}
