//! A message's own id arrives byte for byte, or its message is blocked with the reason.

#![allow(clippy::expect_used, reason = "a test may stop at what it did not expect")]

#[path = "support/small.rs"]
mod small;
mod support;

use deskferry::simulator::Settings;
use serde_json::{Value, json};
use support::{Account, Folder, targets, totals};

const RUN: &str = "run export --mapping zendesk --rate none --quiet --checkpoint c.deskferry";

/// Runs an export of messages with these ids, and gives the account, and the reasons of what did not arrive.
fn carried(ids: &[Value], code: i32) -> (Folder, Account, Vec<Value>) {
    let folder = Folder::new();
    let comments: Vec<_> = ids.iter().map(|id| small::comment(id.clone(), &json!({}))).collect();
    small::write(&folder, &[comments]);
    let account = Account::start(Settings::default(), &folder.file("export/ids.csv"));
    folder.run(&format!("{RUN} {}", account.flag())).expect(code);
    let errors = folder.run("errors --json --checkpoint c.deskferry").expect(0).out;
    let errors = errors.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    (folder, account, errors)
}

fn ids_that_arrive() -> Vec<Value> {
    let ascii = "x".repeat(255);
    let wide = "ü".repeat(255);
    let widest = "🕯".repeat(255);
    vec![
        json!(33_144_690_000_019_u64),
        json!(1_234_567_890_123_456_789_u64),
        json!("9007199254740993"),
        json!(9_007_199_254_740_995_u64),
        json!("000412"),
        json!(412),
        json!("5875122a-dc9b-4e16-9c4a-15046882cca9"),
        json!(ascii),
        json!(wide),
        json!(widest),
        json!(r#"she said "hi", and 'bye'"#),
        json!("back\\slash, comma; tab\tand\nnew line"),
        json!("candle 🕯️ Kerze"),
        json!("with  two  spaces inside"),
        json!(" with spaces around "),
        json!("e\u{301} is not é"),
        json!("é is not e\u{301}"),
        json!("true"),
        json!("1e5"),
        json!("<b>&amp;</b>"),
        json!("=1+1"),
    ]
}

#[test]
fn ids_arrive_byte_for_byte() {
    let ids = ids_that_arrive();
    let (folder, account, errors) = carried(&ids, 0);
    assert_eq!(errors, Vec::<Value>::new());
    assert_eq!(folder.outcomes("c.deskferry"), totals([("updated", ids.len() as u64)]));
    let targets = targets(&folder.file("export/ids.csv"));
    let updated = account.updated();
    assert_eq!(targets.len(), ids.len(), "every id is another one");
    for id in ids {
        let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        let (_, message) = targets[&id];
        assert_eq!(updated[&message].body["external_id"], json!(id), "as it was sent");
        assert_eq!(updated[&message].message["external_id"], json!(id), "as the account holds it");
    }
}

#[test]
fn ids_arrive_byte_for_byte_from_a_csv_too() {
    let folder = Folder::new();
    let mut export = csv::Writer::from_writer(Vec::new());
    let mut ids = csv::Writer::from_writer(Vec::new());
    export
        .write_record([
            "comment_id",
            "ticket_id",
            "created_at",
            "author_id",
            "author_role",
            "public",
            "channel",
            "body",
        ])
        .expect("a row");
    ids.write_record(["external_id", "ticket_id", "message_id"]).expect("a row");
    let texts: Vec<String> =
        ids_that_arrive().iter().map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned)).collect();
    for (number, id) in (1..).zip(&texts) {
        let row = [id, "7", "2024-05-01T10:00:00Z", "21", "end-user", "true", "email", "Hello"];
        export.write_record(row).expect("a row");
        ids.write_record([id.clone(), "1001".into(), (5000 + number).to_string()]).expect("a row");
    }
    folder.write("export/comments.csv", export.into_inner().expect("the rows"));
    folder.write("export/ids.csv", ids.into_inner().expect("the rows"));
    let mapping = folder.run("mapping show zendesk-comments-csv").expect(0).out;
    let unread = ["ticket_subject", "html_body", "message_id", "author_email", "author_name"];
    let kept: Vec<_> =
        mapping.lines().filter(|line| !unread.iter().any(|name| line.contains(&format!("\"{name}\"")))).collect();
    folder.write("mine.toml", kept.join("\n"));
    let account = Account::start(Settings::default(), &folder.file("export/ids.csv"));
    folder.run(&format!("run export --mapping mine.toml --rate none --quiet {}", account.flag())).expect(0);
    let updated = account.updated();
    for (number, id) in (5001..).zip(&texts) {
        assert_eq!(updated[&number].message["external_id"], json!(id));
    }
}

#[test]
fn ids_that_can_not_be_kept_block_their_messages_with_the_reason() {
    const LONG: &str = "external_id is longer than 255 characters, the most that Gorgias keeps";
    const NONE: &str = "external_id is missing: the message has no id of its own";
    let cases = [
        (json!("x".repeat(256)), LONG),
        (json!("ü".repeat(256)), LONG),
        (Value::Null, NONE),
        (json!(""), NONE),
        (json!("  \t "), NONE),
        (json!(3.3e13), "external_id: `to_string`: the number looks damaged by a spreadsheet (3.3E+13)"),
        (json!("3.3E+13"), "external_id: `to_string`: the number looks damaged by a spreadsheet (3.3E+13)"),
        (json!(0.5), "external_id: `to_string`: the number looks damaged by a spreadsheet (5E-1)"),
        (json!([1]), "external_id: `id` is a list, where a single value is needed"),
        (json!({"a": 1}), "external_id: `id` is an object, where a single value is needed"),
    ];
    let ids: Vec<_> = cases.iter().map(|(id, _)| id.clone()).collect();
    let (folder, account, errors) = carried(&ids, 3);
    assert_eq!(folder.outcomes("c.deskferry"), totals([("blocked", cases.len() as u64)]));
    assert_eq!(account.counters().requests, 0);
    for ((id, reason), error) in cases.iter().zip(&errors) {
        assert_eq!((&error["detail"], &error["outcome"]), (&json!(reason), &json!("blocked")), "{id}");
    }
    assert_eq!(errors.len(), cases.len());
}

#[test]
fn a_message_without_the_key_is_blocked_and_the_others_arrive() {
    let folder = Folder::new();
    let mut nameless = small::comment(1, &json!({}));
    nameless.as_object_mut().expect("an object").remove("id");
    small::write(&folder, &[vec![small::comment(301, &json!({})), nameless]]);
    folder.run("run export --mapping zendesk --simulate --quiet").expect(3);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 1), ("blocked", 1)]));
}
