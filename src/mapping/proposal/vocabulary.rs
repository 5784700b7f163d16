//! The words by which exports call things, and what they mean here.

use crate::update::Channel;

/// What a system calls a channel, and Gorgias's word for it.
const CHANNELS: &[(&str, Channel)] = &[
    ("email", Channel::Email),
    ("mail", Channel::Email),
    ("emails", Channel::Email),
    ("web", Channel::ContactForm),
    ("webform", Channel::ContactForm),
    ("form", Channel::ContactForm),
    ("contactform", Channel::ContactForm),
    ("portal", Channel::ContactForm),
    ("chat", Channel::Chat),
    ("livechat", Channel::Chat),
    ("messenger", Channel::Chat),
    ("phone", Channel::Phone),
    ("call", Channel::Phone),
    ("voice", Channel::Phone),
    ("sms", Channel::Sms),
    ("text", Channel::Sms),
    ("twitter", Channel::Twitter),
    ("tweet", Channel::Twitter),
    ("twitterdm", Channel::TwitterDirectMessage),
    ("facebook", Channel::Facebook),
    ("facebookmessenger", Channel::FacebookMessenger),
    ("whatsapp", Channel::Whatsapp),
    ("instagram", Channel::InstagramDirectMessage),
    ("api", Channel::Api),
    ("note", Channel::InternalNote),
    ("internal", Channel::InternalNote),
    ("internalnote", Channel::InternalNote),
    ("privatenote", Channel::InternalNote),
];

/// Who writes for the company.
const AGENTS: &[&str] = &[
    "agent", "admin", "staff", "teammate", "operator", "employee", "team", "owner", "out", "outbound", "outgoing",
    "support",
];

/// Who writes to it.
const CUSTOMERS: &[&str] = &[
    "customer",
    "enduser",
    "contact",
    "client",
    "lead",
    "visitor",
    "requester",
    "guest",
    "in",
    "inbound",
    "incoming",
    "external",
];

/// The letters and digits of `word`, in lower case.
pub(super) fn bare(word: &str) -> String {
    word.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Gorgias's channel that `word` stands for, if that is plain.
pub(super) fn channel(word: &str) -> Option<Channel> {
    let word = bare(word);
    CHANNELS.iter().find(|(known, _)| *known == word).map(|(_, channel)| *channel)
}

/// Whether `word` means somebody of the company, or a customer; none where it may be either.
pub(super) fn is_agent(word: &str) -> Option<bool> {
    let word = bare(word);
    if AGENTS.contains(&word.as_str()) {
        Some(true)
    } else if CUSTOMERS.contains(&word.as_str()) {
        Some(false)
    } else {
        None
    }
}
