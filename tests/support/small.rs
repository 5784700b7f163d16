//! A small Zendesk export, made up by the test that uses it.

#![allow(dead_code, reason = "each test uses a part of it")]

use serde_json::{Value, json};

use crate::support::Folder;

/// The agent and the customer who write.
pub(crate) const AGENT: u64 = 11;
pub(crate) const CUSTOMER: u64 = 21;

/// A public comment of the customer's with this id, and with what `more` says otherwise.
pub(crate) fn comment(id: impl Into<Value>, more: &Value) -> Value {
    let mut comment = json!({
        "id": id.into(),
        "type": "Comment",
        "author_id": CUSTOMER,
        "body": "Where is my jug?",
        "html_body": "<p>Where is my jug?</p>",
        "plain_body": "Where is my jug?",
        "public": true,
        "attachments": [],
        "via": {"channel": "email", "source": {"from": {}, "to": {}, "rel": null}},
        "created_at": "2024-05-01T10:00:00Z",
        "metadata": {"system": {}, "custom": {}},
    });
    for (name, value) in more.as_object().expect("an object") {
        comment[name] = value.clone();
    }
    comment
}

/// Writes an export of one ticket for each of `tickets`, its users, and an ids file that holds every comment whose id is a
/// text or a whole number. The n-th comment of the export (from 1) is message 5000 + n, in ticket 1000 + its ticket's
/// place.
pub(crate) fn write(folder: &Folder, tickets: &[Vec<Value>]) {
    let mut lines = String::new();
    let mut ids = csv::Writer::from_writer(Vec::new());
    ids.write_record(["external_id", "ticket_id", "message_id"]).expect("a header");
    let mut messages = 5000;
    for (ticket, comments) in (1..).zip(tickets) {
        let ticket_json = json!({"id": ticket, "subject": "The jug", "status": "open", "generated_timestamp": 1, "comments": comments});
        lines.push_str(&ticket_json.to_string());
        lines.push('\n');
        for comment in comments {
            messages += 1;
            let id = match &comment["id"] {
                Value::String(text) => text.clone(),
                Value::Number(number) if !number.is_f64() => number.to_string(),
                _ => continue,
            };
            // What a spreadsheet has damaged, an ids file refuses.
            if !id.trim().is_empty() && !id.contains("E+") {
                ids.write_record([id, (1000 + ticket).to_string(), messages.to_string()]).expect("a row");
            }
        }
    }
    folder.write("export/tickets.jsonl", lines);
    folder.write("export/ids.csv", ids.into_inner().expect("the rows"));
    let users = [
        json!({"id": AGENT, "role": "agent", "email": "root@shop.example"}),
        json!({"id": CUSTOMER, "role": "end-user", "email": "cleo@home.example"}),
    ];
    folder.write("export/users.jsonl", users.map(|user| format!("{user}\n")).concat());
}

/// A folder with an export of two tickets and three messages: 301 and 302 in the first, 303 in the second.
pub(crate) fn folder() -> Folder {
    let folder = Folder::new();
    let answer = comment(302, &json!({"author_id": AGENT, "created_at": "2024-05-01T11:00:00Z"}));
    write(&folder, &[vec![comment(301, &json!({})), answer], vec![comment(303, &json!({}))]]);
    folder
}
