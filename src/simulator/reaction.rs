//! What an account's automation does when a message is updated.
//!
//! It works after the answer went out, so no answer shows what the update of it caused; the next request meets it.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::account::{Account, Target};
use super::change::{Reacted, Seed};
use super::moment;

/// One thing that automation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// An outgoing message is mailed, whatever its `sent_datetime`, which becomes the time of that moment.
    Mails,
    /// The ticket is open again.
    Reopens,
    /// The ticket is unread again.
    MarksUnread,
    /// An outgoing message could not be sent, and says so.
    FailsSending,
    /// A rule sends the customer a new message.
    Answers,
}

/// What an account's automation does, all together. Written `mails,reopens`. The default is: nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "any of them go together")]
pub struct Reactions {
    /// [`Reaction::Mails`].
    pub mails: bool,
    /// [`Reaction::Reopens`].
    pub reopens: bool,
    /// [`Reaction::MarksUnread`].
    pub marks_unread: bool,
    /// [`Reaction::FailsSending`].
    pub fails_sending: bool,
    /// [`Reaction::Answers`].
    pub answers: bool,
}

/// Why a list of reactions can't be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown reaction `{name}`, did you mean `{nearest}`? (valid: {})", valid_names())]
pub struct ReactionsError {
    name: String,
    nearest: &'static str,
}

/// In the order in which they happen.
static NAMES: [(&str, Reaction); 5] = [
    ("mails", Reaction::Mails),
    ("reopens", Reaction::Reopens),
    ("marks_unread", Reaction::MarksUnread),
    ("fails_sending", Reaction::FailsSending),
    ("answers", Reaction::Answers),
];

/// Messages that a rule sends have ids from here on, far from any that a test makes up.
const FIRST_ANSWER: u64 = 1_000_000_000_000;
/// Whom they are from.
const RULES: u64 = 999_999_999_999;

impl Reactions {
    /// Those that are wanted, in the order in which they happen.
    pub(super) fn wanted(self) -> impl Iterator<Item = Reaction> {
        NAMES.iter().map(|(_, reaction)| *reaction).filter(move |reaction| match reaction {
            Reaction::Mails => self.mails,
            Reaction::Reopens => self.reopens,
            Reaction::MarksUnread => self.marks_unread,
            Reaction::FailsSending => self.fails_sending,
            Reaction::Answers => self.answers,
        })
    }

    fn add(&mut self, reaction: Reaction) {
        match reaction {
            Reaction::Mails => self.mails = true,
            Reaction::Reopens => self.reopens = true,
            Reaction::MarksUnread => self.marks_unread = true,
            Reaction::FailsSending => self.fails_sending = true,
            Reaction::Answers => self.answers = true,
        }
    }
}

impl FromStr for Reactions {
    type Err = ReactionsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut reactions = Self::default();
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let found = NAMES.iter().find(|(known, _)| *known == name);
            reactions.add(found.ok_or_else(|| unknown(name))?.1);
        }
        Ok(reactions)
    }
}

fn valid_names() -> String {
    NAMES.map(|(name, _)| name).join(", ")
}

fn unknown(name: &str) -> ReactionsError {
    let nearest = NAMES.iter().map(|(known, _)| *known).min_by_key(|known| strsim::damerau_levenshtein(known, name));
    ReactionsError { name: name.to_owned(), nearest: nearest.unwrap_or_default() }
}

impl Account {
    /// Lets automation react to an update; `false` where there is nothing that it could do it to.
    pub(super) fn react(&mut self, reacted: &Reacted) -> bool {
        let Reacted { at, target, reaction } = *reacted;
        let Some(message) = self.messages.get_mut(&target.message_id).filter(|message| message.target() == target)
        else {
            return false;
        };
        match reaction {
            Reaction::Mails | Reaction::FailsSending if !message.is_outgoing() => return false,
            Reaction::Mails => self.mail(target, at),
            Reaction::FailsSending => {
                message.set("failed_datetime", json!(moment::show(at)));
                message.set("last_sending_error", json!({"error": "The message could not be sent."}));
            }
            Reaction::Reopens => self.mark(target, "status", json!("open")),
            Reaction::MarksUnread => self.mark(target, "is_unread", json!(true)),
            Reaction::Answers => return self.send_by_rule(reacted),
        }
        self.settle(target.ticket_id, Some(at));
        true
    }

    fn mark(&mut self, target: Target, name: &str, value: Value) {
        if let Some(ticket) = self.tickets.get_mut(&target.ticket_id) {
            ticket.set(name, value);
        }
    }

    fn send_by_rule(&mut self, reacted: &Reacted) -> bool {
        let Target { ticket_id, message_id } = reacted.target;
        let last = |ids: Option<&u64>| ids.map_or(0, |id| id.saturating_add(1));
        let next = last(self.messages.keys().next_back()).max(last(self.gone.last())).max(FIRST_ANSWER);
        let customer = self
            .messages
            .get(&message_id)
            .map(|message| message.get(if message.is_outgoing() { "receiver" } else { "sender" }).clone());
        let properties = json!({
            "via": "rule",
            "rule_id": 1,
            "from_agent": true,
            "sender": {"id": RULES, "email": "rules@example.com"},
            "receiver": customer,
            "imported": false,
            "body_text": "Thank you for your message.",
            "body_html": "<p>Thank you for your message.</p>",
        });
        let properties = match properties {
            Value::Object(properties) => properties,
            _ => Map::new(),
        };
        let target = Target { ticket_id, message_id: next };
        let new = self.arrive(&Seed { ticket_id, message_id: next, properties }, reacted.at) == Ok(true);
        if new {
            self.mail(target, reacted.at);
            self.settle(ticket_id, Some(reacted.at));
        }
        new
    }
}
