//! A ticket, as far as its messages tell: the account holds nothing else of one.

use serde_json::{Value, json};

use super::account::Account;
use super::answer::Answer;
use super::message::Message;
use super::moment;

/// Answers `GET /api/tickets/{id}`, with all of the ticket's messages.
pub(super) fn ticket(account: &Account, ticket_id: u64) -> Answer {
    let Some(keys) = account.keys(Some(ticket_id)) else {
        return Answer::refusal(404, "Not found.");
    };
    let messages: Vec<&Message> = keys.iter().filter_map(|key| account.at(*key)).collect();
    let property = |name: &str| messages.first().map_or(Value::Null, |first| first.get(name).clone());
    let created = messages.first().map(|first| moment::show(first.created()));
    let updated = messages.last().map(|last| moment::show(last.created()));
    Answer::json(
        200,
        &json!({
            "id": ticket_id,
            "uri": format!("/api/tickets/{ticket_id}/"),
            "external_id": null,
            "status": "closed",
            "channel": property("channel"),
            "via": property("via"),
            "subject": property("subject"),
            "customer": property("sender"),
            "is_unread": false,
            "spam": false,
            "trashed_datetime": null,
            "created_datetime": created,
            "updated_datetime": updated,
            "messages_count": messages.len(),
            "messages": messages,
        }),
    )
}
