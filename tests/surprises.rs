//! What a mapping does not expect and carries over all the same is counted by value in the plan, and shows no content.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(clippy::needless_raw_string_hashes, reason = "all snapshots are quoted alike")]

#[path = "support/screen.rs"]
mod screen;
mod support;

use std::fmt::Write as _;

use insta::assert_snapshot;
use screen::settled;
use serde_json::json;
use support::Folder;

const MAPPING: &str = r#"
name = "acme"
system = "Acme"
experimental = true
timezone = "Europe/Berlin"
files = ["*talk*"]
[lookups.users]
files = ["users*"]
key = "id"
[tables.channels]
mail = "email"
[[message]]
[message.fields]
external_id = { from = "id", apply = ["to_string"] }
channel = { from = "via", table = "channels", default = "api" }
via = { value = "api" }
from_agent = { from = "@users[author].agent", default = false }
sent_datetime = { from = "at", apply = ["datetime"], required = true }
subject = [{ from = "@users[author].title" }, { from = "subject" }]
body_text = { from = "text", default = "(no text)" }
"#;

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("acme.toml", MAPPING);
    folder.write("export/users.jsonl", r#"{"id":7,"agent":true,"title":"x"}"#);
    let mut lines = String::new();
    for (id, via, author) in [
        (1, "mail", 7),
        (2, "line", 7),
        (3, "line", 8),
        (4, "ann@example.com", 9),
        (5, "+44 20 7946 0000", 7),
        (6, &"very long indeed ".repeat(9), 7),
    ] {
        let line =
            json!({"id": id, "via": via, "author": author, "at": "2024-05-31 12:00:00", "subject": "s", "text": "t"});
        writeln!(lines, "{line}").expect("text");
    }
    lines.push_str(r#"{"id":7,"via":"mail","author":7,"at":"2024-05-31 12:00:00"}"#);
    folder.write("export/talk.jsonl", lines);
    let ids =
        (1..=7).fold("external_id,ticket_id,message_id\n".to_owned(), |text, id| format!("{text}{id},5,{}\n", 50 + id));
    folder.write("export/ids.csv", ids);
    folder
}

#[test]
fn the_plan_counts_them_by_field_and_value() {
    let folder = folder();
    let _screen = settled(&folder);
    assert_snapshot!(folder.run("plan export --mapping acme.toml --simulate").expect(0).out, @r#"
    Plan: Acme to simulator (on this machine)

      verdict   ready: 7 messages to send
      export    [FOLDER]/export/talk.jsonl, 7 records
      messages  7 messages, sent 2024-05-31 to 2024-05-31 (UTC)
      mapping   experimental: written without a real export at hand; look at a
                --sample before all is sent
      times     message 1: "2024-05-31 12:00:00" in the export is 2024-05-31
                10:00:00 UTC
      matched   7 by the ids file

      to update         7  100.0 %
      messages          7  adds up

      kinds     outgoing 5, incoming 2
      channels  api 5, email 2

      unexpected
             2      channel: `line` is not in table channels; default: api
             2      channel: an address is not in table channels; default: api
             2      from_agent: no row in lookup users; default: false
             1      body_text: nothing in the export; default: (no text)
             1      channel: a value of 153 characters is not in table channels; default: api

      writes    all: body_text 7, channel 7, external_id 7, from_agent 7,
                sent_datetime 7, subject 7, via 7
      mail      0 messages blocked that Gorgias might have mailed
      time      9 requests, as fast as the other side answers: 1 greets the account;
                7 update; 1 reads a ticket first, so that the run can be undone
                (--undo off saves them)
      next      deskferry run export --mapping acme.toml --simulate

    Nothing was sent.
    "#);
}

#[test]
fn the_report_tells_the_same_and_a_later_status_still_does() {
    let folder = folder();
    let plan = folder.run("plan export --mapping acme.toml --simulate --json").expect(0).json();
    folder.run("run export --mapping acme.toml --simulate --quiet").expect(0);
    let status = folder.run("status --json").expect(0).json();
    assert_eq!(plan["unexpected"], status["unexpected"]);
    let expected =
        json!({"field": "channel", "what": "`line` is not in table channels", "done": "default: api", "times": 2});
    assert!(plan["unexpected"].as_array().expect("a list").contains(&expected), "{}", plan["unexpected"]);
    assert!(!plan.to_string().contains("ann@example.com") && !plan.to_string().contains("7946"), "{plan}");
}

#[test]
fn an_export_that_is_as_expected_surprises_nobody() {
    let folder = Folder::with_sample("zendesk");
    let plan = folder.run("plan export --mapping zendesk --json").expect(0).json();
    let only = json!({
        "field": "attachments.content_type", "what": "nothing in the export", "done": "default: application/octet-stream",
        "times": 1,
    });
    assert_eq!(plan["unexpected"], json!([only]), "one attachment of the sample has no content type");
}

#[test]
fn a_time_is_shown_as_exported_in_utc_and_where_the_operator_is() {
    let folder = folder();
    let output = folder.command("plan export --mapping acme.toml --simulate").env("TZ", "America/New_York").output();
    let out = String::from_utf8(output.expect("it starts").stdout).expect("text");
    let words = out.split_whitespace().collect::<Vec<_>>().join(" ");
    let wanted =
        r#"message 1: "2024-05-31 12:00:00" in the export is 2024-05-31 10:00:00 UTC, 06:00 in America/New_York"#;
    assert!(words.contains(wanted), "{out}");
}

#[test]
fn a_message_counts_once_however_many_ways_meet_the_same_surprise() {
    let folder = folder();
    let subject = "subject = [{ from = \"@users[author].title\" }, { from = \"subject\" }]";
    let twice = "subject = [{ from = \"@users[author].title\" }, { from = \"@users[author].name\" }]";
    folder.write("acme.toml", MAPPING.replace(subject, twice));
    let plan = folder.run("plan export --mapping acme.toml --simulate --json").expect(0).json();
    let all = plan["unexpected"].as_array().expect("a list");
    let subject = all.iter().find(|one| one["field"] == "subject").expect("it is told");
    assert_eq!(subject["times"], 2, "{plan}");
}

#[test]
fn a_lookup_without_any_file_is_told_once() {
    let folder = folder();
    let optional = MAPPING.replace("key = \"id\"", "key = \"id\"\noptional = true");
    folder.write("acme.toml", optional);
    std::fs::remove_file(folder.file("export/users.jsonl")).expect("it is there");
    let out = folder.run("plan export --mapping acme.toml --simulate").expect(0).out;
    let words = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("no file of the lookup users was found"), "{out}");
    assert!(words.contains("looked for as users*"), "{out}");
}
