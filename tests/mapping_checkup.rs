//! `deskferry mapping check MAPPING EXPORT` lays an export beside its mapping: what is never read, what is never there,
//! which values no table knows, how many messages there are of each kind, and what would be blocked. No content is shown
//! unless asked.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(clippy::needless_raw_string_hashes, reason = "all snapshots are quoted alike")]

mod mapping_support;
#[path = "support/screen.rs"]
mod screen;
mod support;

use insta::assert_snapshot;
use mapping_support::small;
use screen::{assert_one_clear_sentence, told};
use serde_json::{Value, json};
use support::{Folder, Ran};

const MAPPING: &str = r#"name = "acme"
system = "Acme"
format = "json-lines"
files = ["tickets*.jsonl"]

[lookups.users]
files = ["users*.jsonl"]
key = "id"

[tables.channels]
mail = "email"

[tables.kinds]
mail = "email"

[[message]]
each = "parts"
skip = [{ when = "type == 'event'", reason = "an event, not a message" }]
[message.fields]
external_id = { from = "id", apply = ["to_string"] }
channel = [{ when = "private == true", value = "internal-note" }, { from = "channel", table = "channels" }]
via = { value = "helpdesk" }
from_agent = { from = "@users[author_id].role", is = "agent", required = true }
sent_datetime = { from = "created_at", apply = ["datetime"], required = true }
body_text = { from = ["plain", "text"] }
message_id = { from = "meta.mail.'Message ID'" }
source.type = { from = "channel", table = "kinds", default = "other" }
source.to = { each = "to", fields = { name = { from = "name" }, address = { from = "address" } } }
"#;

/// A part of a ticket that is right, with some keys replaced.
fn part(changes: Value) -> Value {
    let mut part = json!({
        "id": 31, "author_id": 7, "channel": "mail", "created_at": "2024-05-31T10:00:00Z", "text": "On its way.",
        "html": "<p>On its way.</p>", "from": "Ann Lee <ann@example.com>", "to": [{"address": "ann@example.com"}],
        "flags": [], "rating": null, "size": 1.5, "tags": ["vip", "eu"],
    });
    if let (Value::Object(part), Value::Object(changes)) = (&mut part, changes) {
        part.extend(changes);
    }
    part
}

/// A folder with the mapping and an export of one ticket with these parts.
fn folder(parts: &[Value]) -> Folder {
    let folder = Folder::new();
    folder.write("mine.toml", MAPPING);
    let ticket = json!({"id": 3, "subject": "Where is my parcel", "phone": "+1 206-555-0112", "parts": parts});
    folder.write("export/tickets.jsonl", ticket.to_string() + "\n");
    let users = "{\"id\": 7, \"role\": \"agent\", \"name\": \"Ada\"}\n{\"id\": 8, \"role\": \"customer\", \"name\": \"Ann Lee\"}\n";
    folder.write("export/users.jsonl", users);
    folder
}

fn check(folder: &Folder, more: &str) -> Ran {
    folder.run(&format!("mapping check mine.toml export {more}"))
}

#[test]
fn all_of_an_export_beside_its_mapping_without_content() {
    let folder = folder(&[
        part(json!({})),
        part(json!({"id": 32, "author_id": 8, "html": "<p>Thanks</p>", "size": 2.0})),
        part(json!({"id": 33, "private": true})),
        part(json!({"id": 34, "type": "event"})),
        part(json!({"id": 35, "channel": "pigeon"})),
        part(json!({"id": 36, "channel": "pigeon", "author_id": 9})),
        part(json!({"id": 37, "channel": "bob@example.com"})),
        part(json!({"id": 38, "created_at": null})),
    ]);
    let ran = check(&folder, "");
    assert_snapshot!(told(&ran), @r#"
    exit code 3
    --- stdout
    mine.toml: the mapping is right.

      system    Acme
      files     tickets*.jsonl
      lookup    users: users*.jsonl
      sets      body_text, channel, external_id, from_agent, message_id, sent_datetime, source, via

      export    1 record, 8 messages
      verdict   4 messages would be blocked

      incoming                1   12.5 %
      outgoing                1   12.5 %
      internal note           1   12.5 %
      skipped                 1   12.5 %
      blocked                 4   50.0 %

      skipped
             1  an event, not a message
                tickets.jsonl:1, message 34

      blocked
             1  channel: `pigeon` is not in table channels
                tickets.jsonl:1, message 35
                mend the mapping, or the lookup it joins with, then retry
             1  channel: `pigeon` is not in table channels; from_agent: no row with
                id 9 in lookup users
                tickets.jsonl:1, message 36
                mend the mapping, or the lookup it joins with, then retry
             1  channel: an address is not in table channels
                tickets.jsonl:1, message 37
                mend the mapping, or the lookup it joins with, then retry
             1  sent_datetime: there is no `created_at`
                tickets.jsonl:1, message 38
                map sent_datetime from a time that the export has, then retry

      values without a row in their table
             2  channels  pigeon      blocked; tickets.jsonl:1, message 35
             2  kinds     pigeon      the default is taken; tickets.jsonl:1, message 35
             1  channels  an address  blocked; tickets.jsonl:1, message 37
             1  kinds     an address  the default is taken; tickets.jsonl:1, message 37

      read by the mapping, and never in the export
        line   25  parts[].plain
        line   26  parts[].meta.mail.'Message ID'
        line   28  parts[].to[].name

      in the export, and never read by the mapping
        8 of 8  parts[].from    address
        8 of 8  parts[].html    text of 13 to 18 characters
        8 of 8  parts[].size    number with a fraction
        8 of 8  parts[].tags[]  text of 2 to 3 characters
        2 of 2  @users[].name   text of 3 to 7 characters
        1 of 1  id              whole number
        1 of 1  phone           address
        1 of 1  subject         text of 18 characters
        and 2 fields that never hold anything
    "#);
    for content in ["ann@", "bob@", "Ann Lee", "On its way", "206-555", "parcel", "vip"] {
        assert!(!ran.out.contains(content), "{content} in\n{}", ran.out);
    }
}

#[test]
fn content_is_shown_to_who_asks_for_it() {
    let folder =
        folder(&[part(json!({})), part(json!({"id": 32, "channel": "bob@example.com", "html": "x".repeat(70)}))]);
    assert_snapshot!(told(&check(&folder, "--show-content")), @r#"
    exit code 3
    --- stdout
    mine.toml: the mapping is right.

      system    Acme
      files     tickets*.jsonl
      lookup    users: users*.jsonl
      sets      body_text, channel, external_id, from_agent, message_id, sent_datetime, source, via

      export    1 record, 2 messages
      verdict   1 message would be blocked

      outgoing           1   50.0 %
      blocked            1   50.0 %

      blocked
             1  channel: an address is not in table channels
                tickets.jsonl:1, message 32
                mend the mapping, or the lookup it joins with, then retry

      values without a row in their table
             1  channels  "bob@example.com"  blocked; tickets.jsonl:1, message 32
             1  kinds     "bob@example.com"  the default is taken; tickets.jsonl:1, message 32

      read by the mapping, and never in the export
        line   18  parts[].type
        line   21  parts[].private
        line   25  parts[].plain
        line   26  parts[].meta.mail.'Message ID'
        line   28  parts[].to[].name

      in the export, and never read by the mapping
        2 of 2  @users[].name   "Ada", "Ann Lee"
        2 of 2  parts[].from    "Ann Lee <ann@example.com>"
        2 of 2  parts[].html    "<p>On its way.</p>", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"
        2 of 2  parts[].size    "1.5"
        2 of 2  parts[].tags[]  "vip", "eu"
        1 of 1  id              "3"
        1 of 1  phone           "+1 206-555-0112"
        1 of 1  subject         "Where is my parcel"
        and 2 fields that never hold anything
    "#);
}

#[test]
fn the_same_as_json() {
    let folder = folder(&[part(json!({})), part(json!({"id": 32, "channel": "pigeon"}))]);
    let hidden = check(&folder, "--json").expect(3);
    assert!(!hidden.out.contains("ann@example.com"), "{}", hidden.out);
    let told = hidden.json();
    let export = &told["export"];
    assert_eq!((&told["schema"], &told["mapping"]), (&json!("deskferry.checkup/1"), &json!("acme")));
    assert_eq!((&export["records"], &export["messages"]), (&json!(1), &json!(2)));
    assert_eq!(export["made"], json!([{"block": "message 1", "kind": "outgoing", "messages": 1}]));
    assert_eq!(export["blocked"]["messages"], 1);
    assert_eq!(export["blocked"]["reasons"][0]["detail"], "channel: `pigeon` is not in table channels");
    assert_eq!(export["blocked"]["reasons"][0]["example"]["external_id"], "32");
    let unknown = &export["unknown_values"][0];
    assert_eq!((&unknown["value"], &unknown["becomes"]), (&json!("pigeon"), &json!("blocked")));
    let from = |told: &Value| {
        let all = told["export"]["never_read"].as_array().expect("a list").clone();
        all.into_iter().find(|one| one["path"] == "parts[].from").expect("it is never read")
    };
    let expected = json!({"path": "parts[].from", "filled": 2, "of": 2, "kinds": "address", "samples": null});
    assert_eq!(from(&told), expected);
    let shown = check(&folder, "--json --show-content").expect(3).json();
    assert_eq!(from(&shown)["samples"], json!(["Ann Lee <ann@example.com>"]));
    // Without an export there is only the mapping to tell of.
    let alone = folder.run("mapping check mine.toml --json").expect(0).json();
    assert_eq!((&alone["export"], &alone["lookups"][0]["name"]), (&Value::Null, &json!("users")));
}

#[test]
fn nothing_to_say_is_not_said() {
    let folder = Folder::new();
    folder.write("mine.toml", small("", ""));
    folder.write("export/a.jsonl", "{\"id\": 1}\n{\"id\": 2}\n");
    assert_snapshot!(told(&check(&folder, "")), @r#"
    exit code 0
    --- stdout
    mine.toml: the mapping is right.

      system    Acme
      files     any JSON or CSV
      sets      channel, external_id, from_agent, sent_datetime, via

      export    2 records, 2 messages
      verdict   nothing would be blocked

      incoming           2  100.0 %
    "#);
    folder.write("export/a.jsonl", "[]");
    assert_snapshot!(told(&check(&folder, "")), @r#"
    exit code 0
    --- stdout
    mine.toml: the mapping is right.

      system    Acme
      files     any JSON or CSV
      sets      channel, external_id, from_agent, sent_datetime, via

      export    0 records, 0 messages
      verdict   the export holds no message
    "#);
}

#[test]
fn columns_of_a_csv_are_paths() {
    let folder = Folder::new();
    let fields = "subject = { from = \"'The subject'\" }\nbody_text = { from = \"text\" }";
    folder.write("mine.toml", small("format = \"csv\"", fields));
    folder.write("export/a.csv", "id,The subject,text,Sent by,no\n1,,Hello,ann@example.com,\n2,,,7,\n");
    assert_snapshot!(told(&check(&folder, "")), @r#"
    exit code 0
    --- stdout
    mine.toml: the mapping is right.

      system    Acme
      files     any JSON or CSV
      sets      body_text, channel, external_id, from_agent, sent_datetime, subject, via

      export    2 records, 2 messages
      verdict   nothing would be blocked

      incoming           2  100.0 %

      read by the mapping, and never in the export
        line   11  'The subject'

      in the export, and never read by the mapping
        2 of 2  'Sent by'  address, whole number
        and 1 field that never holds anything
    "#);
}

#[test]
fn keys_that_are_ids_cost_no_memory_without_bound() {
    let folder = folder(&[part(json!({}))]);
    let keys: Vec<_> = (0..6000).map(|number| format!("\"key-{number}\": {number}")).collect();
    let ticket = format!("{{\"id\": 4, \"parts\": [], \"by_id\": {{{}}}}}\n", keys.join(", "));
    folder.write("export/tickets.jsonl", ticket);
    let ran = check(&folder, "").expect(0);
    assert!(
        ran.out.contains("and keys that were not looked at: the export has too many different ones"),
        "{}",
        ran.out
    );
    let never_read = check(&folder, "--json").expect(0).json();
    let never_read = never_read["export"]["never_read"].as_array().expect("a list").len();
    assert!((4900..=5002).contains(&never_read), "{never_read}");
}

#[test]
fn an_address_that_is_a_key_is_not_shown_either() {
    let folder = folder(&[part(json!({"by": {"ann@example.com": 1, "bo@example.com": 2}}))]);
    let ran = check(&folder, "").expect(0);
    assert!(ran.out.contains("2 of 1  parts[].by.'an address'  whole number\n"), "{}", ran.out);
    assert!(!ran.out.contains("example.com"), "{}", ran.out);
}

#[test]
fn what_reaches_an_operator_of_a_mapping_that_does_not_fit() {
    let folder = folder(&[part(json!({}))]);
    folder.write("mine.toml", MAPPING.replace("apply = [\"datetime\"]", "apply = [\"datetme\"]"));
    let wrong = check(&folder, "").expect(2);
    assert!(wrong.err.contains("did you mean `datetime`?"), "{}", wrong.err);
    folder.write("mine.toml", MAPPING);
    let missing = folder.run("mapping check mine.toml nowhere").expect(2);
    assert_one_clear_sentence(&missing);
    let lookup = folder.run("mapping check mine.toml export --lookup user=export/users.jsonl").expect(2);
    assert_one_clear_sentence(&lookup);
}

#[test]
fn a_path_that_is_nearly_a_key_beside_it_is_told_with_that_key() {
    let told = check(&folder(&[part(json!({"plian": "Hello"}))]), "").expect(0).out;
    assert!(told.contains("parts[].plain; did you mean `plian`?"), "{told}");
}

/// A table whose words are in German, and a mapping for it.
fn german(mapping: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    let row = |row: usize| {
        let (role, note) = (["Kunde", "Agent"][row % 2], if row % 6 == 5 { "ja" } else { "nein" });
        format!("{row},F{},{:02}.03.2024 08:15,{role},{note},Text {row}\n", row / 3, 1 + row)
    };
    folder.write("talk.csv", (0..24).map(row).fold("id,case,at,role,intern,text\n".to_owned(), |all, row| all + &row));
    let text = r#"name = "acme"
system = "Acme"
timezone = "UTC"
[[message]]
[message.fields]
external_id = { from = "id" }
channel = [{ when = "intern == 'ja'", value = "internal-note" }, { value = "email" }]
via = { value = "api" }
from_agent = { from = "role", is = "Agent" }
sent_datetime = { from = "at", apply = [{ time_format = "%d.%m.%Y %H:%M" }], required = true }
body_text = { from = "text" }
[message.ticket]
external_id = { from = "case" }
"#;
    let text = mapping.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    folder.write("mine.toml", text);
    folder
}

#[test]
fn words_that_are_spelled_otherwise_are_named_with_those_that_are_there() {
    let folder = german(&[("'ja'", "'JA'"), ("\"Agent\"", "\"agent\"")]);
    let ran = folder.run("mapping check mine.toml talk.csv").expect(0);
    assert_snapshot!(ran.out, @"
    mine.toml: the mapping is right.

      system    Acme
      files     any JSON or CSV
      sets      body_text, channel, external_id, from_agent, sent_datetime, via

      export    24 records, 24 messages
      verdict   nothing would be blocked
      warning   not one message is outgoing: check `from_agent` in the mapping

      incoming          24  100.0 %

      words that the mapping waits for, where the export has others
        channel: `intern` is never 'JA'; it is nein 20 times, ja 4 times; did you
          mean 'ja'?
        from_agent: `role` is never 'agent'; it is Agent 12 times, Kunde 12 times;
          did you mean 'Agent'?
    ");
    let json = folder.run("mapping check mine.toml talk.csv --json").expect(0).json();
    assert_eq!(json["export"]["unmet_words"][0]["guess"], "ja", "{json}");
    let plan = folder.run("plan talk.csv --mapping mine.toml").expect(0);
    assert!(plan.out.contains("not one message is outgoing"), "{}", plan.out);
    let right = german(&[]).run("mapping check mine.toml talk.csv").expect(0);
    assert!(!right.out.contains("waits for") && !right.out.contains("warning"), "{}", right.out);
}

#[test]
fn what_people_wrote_is_not_shown_for_a_word() {
    let folder = german(&[("'ja'", "'x' or text == 'never'")]);
    let told = folder.run("mapping check mine.toml talk.csv").expect(0).out;
    assert!(told.contains("`text` is never 'never'; it is something else 24 times"), "{told}");
    let json = folder.run("mapping check mine.toml talk.csv --json").expect(0).out;
    assert!(!told.contains("Text 1") && !json.contains("Text 1"), "{told}{json}");
    let shown = folder.run("mapping check mine.toml talk.csv --show-content").expect(0).out;
    assert!(shown.contains("Text 1"), "{shown}");
}

#[test]
fn an_id_that_many_different_messages_share_is_doubted() {
    let folder = german(&[("external_id = { from = \"id\" }", "external_id = { from = \"case\" }")]);
    let ran = folder.run("mapping check mine.toml talk.csv").expect(0);
    assert!(ran.out.contains("warning   16 of 24 messages have an external_id"), "{}", ran.out);
    assert!(ran.out.contains("16 messages with the id of a different one"), "{}", ran.out);
    let plan = folder.run("plan talk.csv --mapping mine.toml").expect(0);
    assert!(plan.out.contains("warning   16 of 24 messages have an external_id"), "{}", plan.out);
}

#[test]
fn a_value_that_cannot_be_read_is_shown_where_it_is_no_content() {
    let folder = german(&[("[{ time_format = \"%d.%m.%Y %H:%M\" }]", "[\"datetime\"]")]);
    let ran = folder.run("mapping check mine.toml talk.csv").expect(3);
    assert!(ran.out.contains("24  sent_datetime: `datetime`: this is no time"), "{}", ran.out);
    assert!(ran.out.contains("; such as \"01.03.2024 08:15\", \"02.03.2024 08:15\","), "{}", ran.out);
    assert!(ran.out.contains("`time_format`"), "{}", ran.out);
    let plan = folder.run("plan talk.csv --mapping mine.toml").expect(3);
    assert!(plan.out.contains("talk.csv:2, message 0: \"01.03.2024 08:15\""), "{}", plan.out);
    let content = german(&[(
        "from = \"at\", apply = [{ time_format = \"%d.%m.%Y %H:%M\" }]",
        "from = \"text\", apply = [\"datetime\"]",
    )]);
    let ran = content.run("mapping check mine.toml talk.csv").expect(3);
    assert!(!ran.out.contains("Text 1"), "{}", ran.out);
}

#[test]
fn rules_that_leave_out_most_or_all_are_told_in_the_verdict() {
    let skip = |when: &str| {
        let rule = format!("[[message]]\nskip = [{{ when = \"{when}\", reason = \"a rule\" }}]");
        let folder = german(&[("[[message]]", &rule)]);
        let checked = folder.run("mapping check mine.toml talk.csv").expect(0).out;
        assert!(checked.contains("warning   rules of the mapping leave out"), "{checked}");
        folder.run("plan talk.csv --mapping mine.toml").expect(0).out
    };
    let all = skip("id exists");
    assert!(all.contains("nothing to send: everything is left out, 24 by rules of"), "{all}");
    let most = skip("id != '3'");
    assert!(most.contains("left out: 23 by"), "{most}");
    assert!(most.contains("warning   rules of the mapping leave out 23 of 24 messages"), "{most}");
}
