//! The built-in Zendesk mappings, quirk by quirk.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod mapping_support;

use deskferry::mapping::{Mapped, Mapping, builtin};
use deskferry::record::CauseKind;
use deskferry::update::{Address, Attachment, Channel, Draft, Field, Kind, Person, Update, Via};
use mapping_support::{blocked, draft, lookups, map_row, map_with, skipped};
use serde_json::{Value, json};

const USERS: [&str; 4] = [
    r#"{"id":11,"name":"Ada","email":"ada@shop.example","role":"agent"}"#,
    r#"{"id":12,"name":"Root","email":"root@shop.example","role":"admin"}"#,
    r#"{"id":21,"name":"Cleo","email":"cleo@home.example","role":"end-user"}"#,
    r#"{"id":22,"name":"Permanently deleted user","email":null,"role":"end-user"}"#,
];

fn zendesk(ticket: &Value) -> Vec<Mapped> {
    let mapping = Mapping::compile(builtin::find("zendesk").unwrap().text, "zendesk.toml").unwrap();
    map_with(&mapping, &lookups(&mapping, &[("users", &USERS)]), &ticket.to_string())
}

/// A public email from a customer, with some keys replaced.
fn comment(changes: Value) -> Value {
    let mut comment = json!({
        "id": 33_144_692_244_499_u64, "type": "Comment", "author_id": 21, "audit_id": 33_144_692_244_498_u64,
        "body": "Hi :wink:", "plain_body": "Hi ", "html_body": "<div class=\"zd-comment\" dir=\"auto\">Hi</div>",
        "public": true, "created_at": "2015-07-19T22:41:43Z",
        "attachments": [
            {"id": 1, "file_name": "README.md", "content_url": "https://x.zendesk.com/a/1", "content_type": "application/x-genesis-rom", "size": 2532, "inline": false, "deleted": false, "thumbnails": []},
            {"id": 2, "file_name": "redacted.txt", "content_url": "https://x.zendesk.com/a/2", "content_type": "text/plain", "size": 1, "deleted": true},
        ],
        "via": {"channel": "email", "source": {"from": {"address": "cleo@work.example", "name": "Cleo", "original_recipients": ["a"]}, "to": {"name": "Shop", "address": "help@shop.example"}, "rel": null}},
        "metadata": {"system": {"message_id": "<abc@mail.example>"}, "custom": {}},
    });
    if let (Value::Object(comment), Value::Object(changes)) = (&mut comment, changes) {
        comment.extend(changes);
    }
    comment
}

fn ticket(comments: &[Value]) -> Value {
    json!({"url": "https://x.zendesk.com/api/v2/tickets/1.json", "id": 1, "status": "closed", "subject": "Größe?",
           "generated_timestamp": 1_437_345_710, "requester_id": 11, "comments": comments})
}

fn one(changes: Value) -> Vec<Mapped> {
    zendesk(&ticket(&[comment(changes)]))
}

fn kind(draft: &Draft) -> Kind {
    Update::new(draft.clone()).unwrap().kind()
}

fn text(text: &str) -> Field<String> {
    Field::Set(text.to_owned())
}

#[test]
fn an_email_from_a_customer_arrives_field_by_field() {
    let mapped = one(json!({}));
    assert_eq!(mapped[0].external_id.as_deref(), Some("33144692244499"));
    assert_eq!((mapped[0].ticket.as_deref(), mapped[0].version), (Some("1"), Some(1_437_345_710)));
    let made = draft(&mapped);
    assert_eq!(kind(&made), Kind::Incoming);
    assert_eq!((made.channel, made.via, made.from_agent), (Some(Channel::Email), Some(Via::Zendesk), Some(false)));
    assert_eq!(made.external_id, text("33144692244499"));
    assert_eq!(made.sent_datetime, Field::Set("2015-07-19T22:41:43Z".parse().unwrap()));
    assert_eq!(made.body_text, text("Hi "));
    assert_eq!(made.body_html, text("<div class=\"zd-comment\" dir=\"auto\">Hi</div>"));
    assert_eq!(made.subject, text("Größe?"));
    assert_eq!(made.message_id, text("<abc@mail.example>"));
    assert_eq!(made.receiver, Field::Keep);
    assert_eq!(made.sender, Field::Set(Person { id: None, email: Some("cleo@work.example".into()) }));
    let file = Attachment {
        url: "https://x.zendesk.com/a/1".into(),
        name: "README.md".into(),
        size: Some(2532),
        content_type: "application/x-genesis-rom".into(),
    };
    assert_eq!(made.attachments, Field::Set(vec![file]));
    let source = made.source.value().unwrap();
    assert_eq!(source.r#type.as_deref(), Some("email"));
    assert_eq!(source.from.as_ref().unwrap().address.as_deref(), Some("cleo@work.example"));
    let shop = Address { name: Some("Shop".into()), address: Some("help@shop.example".into()) };
    assert_eq!(source.to, [shop]);
}

#[test]
fn what_an_agent_writes_in_zendesk_goes_out_by_email() {
    let via = json!({"channel": "web", "source": {"from": {}, "to": {"name": "Cleo", "address": "cleo@work.example"}, "rel": null}});
    let made = draft(&one(json!({"author_id": 12, "via": via})));
    assert_eq!((kind(&made), made.channel), (Kind::Outgoing, Some(Channel::Email)));
    assert_eq!(made.sender, Field::Set(Person { id: None, email: Some("root@shop.example".into()) }));
    assert_eq!(made.receiver, Field::Set(Person { id: None, email: Some("cleo@work.example".into()) }));
}

#[test]
fn a_customers_web_form_is_a_contact_form_whose_empty_source_is_nobody() {
    let via = json!({"channel": "web", "source": {"from": {}, "to": {}, "rel": null}});
    let made = draft(&one(json!({"via": via})));
    assert_eq!((kind(&made), made.channel), (Kind::Incoming, Some(Channel::ContactForm)));
    let source = made.source.value().unwrap();
    assert_eq!((source.r#type.as_deref(), &source.from, source.to.len()), (Some("contact-form"), &None, 0));
    assert_eq!(made.sender, Field::Set(Person { id: None, email: Some("cleo@home.example".into()) }));
}

#[test]
fn a_private_comment_is_an_internal_note() {
    let made = draft(&one(json!({"public": false, "author_id": 11, "via": {"channel": "web", "source": {}}})));
    assert_eq!(
        (kind(&made), made.channel, made.from_agent),
        (Kind::InternalNote, Some(Channel::InternalNote), Some(true))
    );
    assert_eq!(made.source.value().unwrap().r#type.as_deref(), Some("internal-note"));
    assert_eq!(made.receiver, Field::Keep);
}

#[test]
fn a_comment_that_does_not_say_whether_it_is_public_is_blocked() {
    assert_eq!(blocked(&one(json!({"public": null}))).1, "channel: none of its conditions holds");
}

#[test]
fn the_author_decides_the_direction_and_not_the_requester() {
    // The requester of this ticket is the agent 11, who did not write.
    assert_eq!(draft(&one(json!({"author_id": 21}))).from_agent, Some(false));
    assert_eq!(draft(&one(json!({"author_id": 11}))).from_agent, Some(true));
}

#[test]
fn minus_one_is_zendesk_itself_and_an_unknown_author_blocks() {
    assert_eq!(draft(&one(json!({"author_id": -1}))).from_agent, Some(true));
    assert_eq!(
        blocked(&one(json!({"author_id": 404}))),
        (CauseKind::Unmapped, "from_agent: no row with id 404 in lookup users")
    );
}

#[test]
fn a_deleted_user_without_email_has_no_sender() {
    let via = json!({"channel": "twitter", "source": {"from": {"name": "T", "username": "tee", "twitter_id": "5"}, "to": {"name": null, "username": "shop"}, "rel": "mention"}});
    let made = draft(&one(json!({"author_id": 22, "via": via})));
    assert_eq!((made.sender, made.channel), (Field::Keep, Some(Channel::Twitter)));
    let source = made.source.value().unwrap();
    assert_eq!(source.from.as_ref().unwrap().address.as_deref(), Some("tee"));
    assert_eq!(source.to[0], Address { name: None, address: Some("shop".into()) });
}

#[test]
fn channels_come_as_words_and_as_numbers_and_direct_messages_by_rel() {
    let channel = |via: Value| draft(&one(json!({ "via": via }))).channel.unwrap();
    assert_eq!(channel(json!({"channel": 4})), Channel::Email);
    assert_eq!(channel(json!({"channel": 0})), Channel::ContactForm);
    assert_eq!(channel(json!({"channel": "mail"})), Channel::Email);
    assert_eq!(channel(json!({"channel": "api"})), Channel::Api);
    assert_eq!(
        channel(json!({"channel": "voice", "source": {"from": {"phone": "+15550100"}, "rel": "voicemail"}})),
        Channel::Phone
    );
    assert_eq!(channel(json!({"channel": "facebook", "source": {"rel": "post"}})), Channel::Facebook);
    assert_eq!(channel(json!({"channel": "facebook", "source": {"rel": "message"}})), Channel::FacebookMessenger);
    let direct = json!({"channel": "twitter", "source": {"rel": "direct_message"}});
    assert_eq!(channel(direct), Channel::TwitterDirectMessage);
}

#[test]
fn a_channel_that_nobody_knows_is_blocked_and_named() {
    let mapped = one(json!({"via": {"channel": 88, "source": {}}}));
    assert_eq!(blocked(&mapped), (CauseKind::Unmapped, "channel: `88` is not in table channels"));
}

#[test]
fn calls_and_facebook_comments_are_messages_and_events_are_not() {
    let call = json!({"type": "VoiceComment", "plain_body": null, "data": {"from": "+15550100", "call_duration": "60"}, "via": {"channel": "voice", "source": {}}});
    let made = draft(&one(call));
    assert_eq!(made.body_text, text("Hi :wink:"));
    assert_eq!(made.source.value().unwrap().from.as_ref().unwrap().address.as_deref(), Some("+15550100"));
    assert!(draft(&one(json!({"type": "FacebookComment"}))).from_agent.is_some());
    let other_phone = json!({"type": "TpeVoiceComment", "public": false, "author_id": 11, "data": {"via_id": 45}});
    assert_eq!(draft(&one(other_phone)).channel, Some(Channel::InternalNote));
    assert_eq!(skipped(&one(json!({"type": "Notification"}))), "an event, not a message");
}

#[test]
fn a_scrubbed_ticket_is_skipped_with_its_reason() {
    let reason = "the ticket was deleted and scrubbed in Zendesk";
    assert_eq!(skipped(&zendesk(&json!({"id": 73, "status": "deleted", "subject": "SCRUBBED"}))), reason);
    // A ticket that lost its comments in the export is not taken for an empty one.
    let mapped = zendesk(&json!({"id": 74, "status": "open"}));
    assert_eq!((blocked(&mapped).1, mapped[0].ticket.as_deref()), ("the record has no `comments`", Some("74")));
}

#[test]
fn a_comment_without_an_id_is_refused_by_the_rules_of_an_update() {
    for id in [json!(null), json!("")] {
        let made = draft(&one(json!({ "id": id })));
        assert_eq!(Update::new(made).unwrap_err().kind(), CauseKind::Invalid);
    }
}

#[test]
fn a_comment_without_a_time_is_unsafe() {
    assert_eq!(
        blocked(&one(json!({"created_at": null}))),
        (CauseKind::Unsafe, "sent_datetime: there is no `created_at`")
    );
}

const HEADER: [&str; 13] = [
    "comment_id",
    "ticket_id",
    "ticket_subject",
    "created_at",
    "author_id",
    "author_email",
    "author_name",
    "author_role",
    "public",
    "channel",
    "body",
    "html_body",
    "message_id",
];

fn row(changes: &[(&str, &str)]) -> Vec<Mapped> {
    let mut row = [
        "31964468391",
        "1",
        "Size?",
        "2015-07-19T22:41:43Z",
        "21",
        "cleo@home.example",
        "Cleo",
        "end-user",
        "true",
        "email",
        "Hi",
        "<p>Hi</p>",
        "<abc@mail.example>",
    ];
    for (column, cell) in changes {
        row[HEADER.iter().position(|name| name == column).unwrap()] = cell;
    }
    map_row(builtin::find("zendesk-comments-csv").unwrap().text, &HEADER, &row)
}

#[test]
fn a_comment_comes_as_a_row_too() {
    let mapped = row(&[]);
    assert_eq!((mapped[0].external_id.as_deref(), mapped[0].ticket.as_deref()), (Some("31964468391"), Some("1")));
    let made = draft(&mapped);
    assert_eq!(
        (kind(&made), made.channel, made.message_id.clone()),
        (Kind::Incoming, Some(Channel::Email), text("<abc@mail.example>"))
    );
    let note = draft(&row(&[("public", "FALSE"), ("author_role", "admin"), ("channel", "web")]));
    assert_eq!(kind(&note), Kind::InternalNote);
    let reply = draft(&row(&[("author_role", "agent"), ("channel", "web"), ("message_id", "")]));
    assert_eq!((kind(&reply), reply.channel, reply.message_id), (Kind::Outgoing, Some(Channel::Email), Field::Keep));
}

#[test]
fn what_a_row_does_not_say_is_never_guessed() {
    assert_eq!(blocked(&row(&[("public", "")])).1, "channel: none of its conditions holds");
    assert_eq!(blocked(&row(&[("author_role", "")])).1, "from_agent: there is no `author_role`");
    assert_eq!(blocked(&row(&[("author_role", "light agent")])).1, "from_agent: `light agent` is not in table roles");
    assert_eq!(
        blocked(&row(&[("comment_id", "3.19645E+10")])).1,
        "external_id: `to_string`: the number looks damaged by a spreadsheet (3.19645E+10)"
    );
    assert_eq!(blocked(&row(&[("created_at", "2015-07-19 22:41:43")])).0, CauseKind::Unmapped);
}
