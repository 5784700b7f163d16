//! The closed lists `channel` and `via`, as the API documents them for an update.

macro_rules! closed_list {
    ($(#[$doc:meta])* $list:ident { $($variant:ident = $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $list {
            $(#[doc = concat!("`", $name, "`")] $variant,)+
        }

        impl $list {
            /// Every value that an update may write.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The value as the API spells it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The value that the API spells `name`.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }
        }
    };
}

closed_list! {
    /// How the message was sent, such as `email`. 21 values.
    Channel {
        Aircall = "aircall",
        Api = "api",
        Chat = "chat",
        ContactForm = "contact_form",
        Email = "email",
        Facebook = "facebook",
        FacebookMention = "facebook-mention",
        FacebookMessenger = "facebook-messenger",
        FacebookRecommendations = "facebook-recommendations",
        HelpCenter = "help-center",
        InstagramAdComment = "instagram-ad-comment",
        InstagramComment = "instagram-comment",
        InstagramDirectMessage = "instagram-direct-message",
        InstagramMention = "instagram-mention",
        InternalNote = "internal-note",
        Phone = "phone",
        Sms = "sms",
        Twitter = "twitter",
        TwitterDirectMessage = "twitter-direct-message",
        Whatsapp = "whatsapp",
        YotpoReview = "yotpo-review",
    }
}

closed_list! {
    /// What brought the message into Gorgias, such as `zendesk`. 29 values may be written; three more occur in answers.
    Via {
        Aircall = "aircall",
        Api = "api",
        Chat = "chat",
        ContactForm = "contact_form",
        Email = "email",
        Facebook = "facebook",
        FacebookMention = "facebook-mention",
        FacebookMessenger = "facebook-messenger",
        FacebookRecommendations = "facebook-recommendations",
        Form = "form",
        HelpCenter = "help-center",
        Helpdesk = "helpdesk",
        Instagram = "instagram",
        InstagramAdComment = "instagram-ad-comment",
        InstagramComment = "instagram-comment",
        InstagramDirectMessage = "instagram-direct-message",
        InstagramMention = "instagram-mention",
        InternalNote = "internal-note",
        Phone = "phone",
        Rule = "rule",
        Shopify = "shopify",
        Sms = "sms",
        Twilio = "twilio",
        Twitter = "twitter",
        TwitterDirectMessage = "twitter-direct-message",
        Whatsapp = "whatsapp",
        Yotpo = "yotpo",
        YotpoReview = "yotpo-review",
        Zendesk = "zendesk",
    }
}
