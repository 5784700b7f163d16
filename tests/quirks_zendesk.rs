//! What is odd in Zendesk's incremental exports and ticket audits, and what becomes of it: one quirk a test. The full export
//! has a file of its own.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod mapping_support;

use deskferry::mapping::{Lookups, Mapped, Mapping, builtin};
use deskferry::update::{Channel, Field};
use mapping_support::{change, compile, draft, lookups, map_in, skipped};
use serde_json::{Value, json};

fn mapping(name: &str) -> Mapping {
    compile(builtin::find(name).expect("a built-in mapping").text)
}

fn beside(mapping: &Mapping) -> Lookups {
    lookups(
        mapping,
        &[
            (
                "users",
                &[
                    r#"{"id": 1, "role": "agent", "email": "ada@shop.example"}"#,
                    r#"{"id": 2, "role": "end-user", "email": null}"#,
                ],
            ),
            (
                "tickets",
                &[
                    r#"{"id": 123, "subject": "Old", "status": "open", "generated_timestamp": 1}"#,
                    r#"{"id": 123, "subject": "Lost", "status": "open", "generated_timestamp": 2}"#,
                    r#"{"id": 73, "subject": "SCRUBBED", "status": "deleted"}"#,
                ],
            ),
        ],
    )
}

fn comment(changes: &Value) -> Value {
    let mut record = json!({
        "id": 31_964_468_391_u64, "type": "Comment", "author_id": 2, "body": "Hi :wink:", "html_body": "<div class=\"zd-comment\" dir=\"auto\">Hi</div>",
        "plain_body": "Hi", "public": true, "attachments": [], "audit_id": 31_964_468_381_u64,
        "via": {"channel": "email", "source": {"from": {"address": "cleo@home.example", "name": "Cleo"}, "to": {"address": "help@shop.example", "name": "Shop"}, "rel": null}},
        "created_at": "2015-07-19T22:41:43Z", "metadata": {"system": {"message_id": "<1@mail.example>"}, "custom": {}},
    });
    change(&mut record, changes.clone());
    record
}

fn commented(file: &str, changes: &Value) -> Vec<Mapped> {
    let mapping = mapping("zendesk-incremental");
    map_in(file, &mapping, &beside(&mapping), &comment(changes).to_string())
}

#[test]
fn a_comments_page_names_no_ticket_and_its_files_name_does() {
    for file in ["comments/123.json", "comments/123-2.json", "export/comments-123.json", "123/comments.json"] {
        let mapped = commented(file, &json!({}));
        assert_eq!(mapped[0].ticket.as_deref(), Some("123"), "{file}");
        assert_eq!(draft(&mapped).subject, Field::Set("Lost".to_owned()), "{file}: of the ticket that came again");
    }
}

#[test]
fn a_deleted_ticket_still_stands_in_the_incremental_export() {
    assert_eq!(skipped(&commented("comments/73.json", &json!({}))), "the ticket was deleted and scrubbed in Zendesk");
}

#[test]
fn a_comment_of_a_ticket_that_is_on_no_page_keeps_the_subject_that_gorgias_has() {
    assert_eq!(draft(&commented("comments/999.json", &json!({}))).subject, Field::Keep);
}

/// An audit with these events.
fn audited(events: &Value, changes: &Value) -> Vec<Mapped> {
    let mapping = mapping("zendesk-audits");
    let mut record = json!({
        "id": 31_964_468_381_u64, "ticket_id": 123, "created_at": "2015-07-19T22:41:43Z", "author_id": 1, "events": events,
        "metadata": {"system": {"message_id": "<1@mail.example>"}, "custom": {}},
        "via": {"channel": "email", "source": {"from": {"address": "cleo@home.example", "name": "Cleo"}, "to": {"address": "help@shop.example"}, "rel": null}},
    });
    change(&mut record, changes.clone());
    map_in("audits-123.json", &mapping, &beside(&mapping), &record.to_string())
}

fn event(changes: &Value) -> Value {
    let mut event = json!({
        "id": 31_964_468_391_u64, "type": "Comment", "author_id": 2, "body": "Hi", "html_body": "<div>Hi</div>", "plain_body": "Hi",
        "public": true, "attachments": [], "audit_id": 31_964_468_381_u64,
    });
    change(&mut event, changes.clone());
    event
}

#[test]
fn an_event_has_its_time_its_channel_and_its_message_id_from_the_audit() {
    let message = draft(&audited(&json!([event(&json!({}))]), &json!({})));
    assert_eq!(message.sent_datetime.value().map(ToString::to_string).as_deref(), Some("2015-07-19T22:41:43Z"));
    assert_eq!(
        (message.channel, message.message_id),
        (Some(Channel::Email), Field::Set("<1@mail.example>".to_owned()))
    );
}

#[test]
fn the_events_id_counts_and_not_the_audits() {
    let mapped = audited(&json!([event(&json!({}))]), &json!({}));
    assert_eq!(mapped[0].external_id.as_deref(), Some("31964468391"));
}

#[test]
fn an_agent_may_write_down_what_a_customer_said() {
    assert_eq!(
        draft(&audited(&json!([event(&json!({}))]), &json!({}))).from_agent,
        Some(false),
        "the audit is an agent's"
    );
    assert_eq!(
        draft(&audited(&json!([event(&json!({"author_id": 1}))]), &json!({"author_id": 2}))).from_agent,
        Some(true)
    );
}

#[test]
fn a_notification_has_a_body_and_is_no_message() {
    for kind in ["Notification", "Create", "Change", "Cc", "Error", "External", "CommentPrivacyChange"] {
        let mapped = audited(&json!([event(&json!({"type": kind, "recipients": [2]}))]), &json!({}));
        assert_eq!(skipped(&mapped), "an event, not a message", "{kind}");
    }
}

#[test]
fn voice_and_facebook_comments_are_messages() {
    for kind in ["VoiceComment", "TpeVoiceComment", "FacebookComment"] {
        let mapped = audited(&json!([event(&json!({"type": kind, "plain_body": null}))]), &json!({}));
        assert_eq!(draft(&mapped).body_text, Field::Set("Hi".to_owned()), "{kind}");
    }
}
