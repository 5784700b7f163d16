//! `deskferry mapping test` runs the examples beside a mapping: what holds is said shortly, what does not with the field,
//! what was expected and what was made; a mistake in the examples is shown at its place.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(clippy::needless_raw_string_hashes, reason = "all snapshots are quoted alike")]

mod mapping_support;
#[path = "support/screen.rs"]
mod screen;
mod support;

use deskferry::mapping::builtin;
use insta::assert_snapshot;
use mapping_support::small;
use screen::{assert_one_clear_sentence, told};
use support::{Folder, Ran};

/// A folder with a mapping of an operator's own, and the examples `tests` beside it.
fn folder(tests: &str) -> Folder {
    let folder = Folder::new();
    let mapping = r#"
name = "acme"
system = "Acme"

[lookups.users]
files = ["users*.jsonl"]
key = "id"

[[message]]
each = "parts"
skip = [{ when = "type == 'event'", reason = "an event, not a message" }]
[message.fields]
external_id = { from = "id", apply = ["to_string"] }
channel = [{ when = "private == true", value = "internal-note" }, { value = "email" }]
via = { value = "helpdesk" }
from_agent = { from = "@users[author_id].role", is = "agent", required = true }
sent_datetime = { from = "created_at", apply = ["datetime"], required = true }
subject = { from = "parent.subject", when_missing = "clear" }
body_text = { from = "text" }
sender.email = { from = "mail" }
source.type = { value = "email" }
source.to = { each = "to", fields = { address = { from = "." } } }
"#;
    folder.write("mine.toml", mapping);
    folder.write("mine.test.toml", tests);
    folder
}

fn run(tests: &str) -> Ran {
    folder(tests).run("mapping test mine.toml")
}

const PART: &str = r#"{"id": 31, "author_id": 7, "created_at": "2024-05-31T12:00:00+02:00", "text": "On its way.", "to": ["ann@example.com"]}"#;

/// An example of one part, about which `expected` says something.
fn one(expected: &str) -> String {
    format!(
        "[[test]]\nname = \"a reply\"\nlookups.users = ['{{\"id\": 7, \"role\": \"agent\"}}']\n\
         record = '{{\"id\": 3, \"subject\": \"Lost\", \"parts\": [{PART}]}}'\n[[test.message]]\n{expected}\n"
    )
}

#[test]
fn the_examples_of_every_built_in_mapping_hold() {
    let ran = Folder::new().run("mapping test").expect(0);
    for built_in in builtin::all() {
        assert!(ran.out.contains(&format!("{}.test.toml: ", built_in.name)), "{}", ran.out);
        Folder::new().run(&format!("mapping test {}", built_in.name)).expect(0);
    }
    assert!(ran.out.ends_with(", all passed.\n"), "{}", ran.out);
    assert!(!ran.out.contains("FAILED"), "{}", ran.out);
}

#[test]
fn what_holds_is_said_shortly() {
    let tests = one(r#"
external_id = "31"
channel = "email"
from_agent = true
sent_datetime = "2024-05-31T10:00:00Z"
body_text = "On its way."
source.to = [{ address = "ann@example.com" }]
source.cc = []
kept = ["sender", "source.from", "message_id"]
ticket = {}"#);
    assert_snapshot!(told(&run(&tests)), @r#"
    exit code 0
    --- stdout
    mine.test.toml: 1 test

      ok      a reply

    1 test, passed.
    "#);
}

#[test]
fn what_does_not_hold_says_what_was_expected_and_what_was_made() {
    let tests = one(r#"
external_id = "13"
channel = "internal-note"
from_agent = false
sent_datetime = "2024-05-31T12:00:00Z"
message_id = "<a@b>"
source.to = [{ address = "bob@example.com" }, { address = "cy@example.com" }]
kept = ["source"]
cleared = ["subject"]"#);
    assert_snapshot!(told(&run(&tests)), @r#"
    exit code 3
    --- stdout
    mine.test.toml: 1 test

      FAILED  a reply (mine.test.toml:1)
                external_id
                  expected  "13"
                  got       "31"
                channel
                  expected  "internal-note"
                  got       "email"
                from_agent
                  expected  false
                  got       true
                sent_datetime
                  expected  2024-05-31T12:00:00Z
                  got       2024-05-31T10:00:00Z
                message_id
                  expected  "<a@b>"
                  got       nothing
                source.to
                  expected  a list of 2 elements
                  got       a list of 1 element
                source.to[0].address
                  expected  "bob@example.com"
                  got       "ann@example.com"
                source.to[1].address
                  expected  "cy@example.com"
                  got       nothing
                subject
                  expected  cleared
                  got       "Lost"
                source.to
                  expected  nothing to be sent: it is in `kept`
                  got       a list of 1 element

    1 test: 0 passed, 1 failed.
    "#);
}

#[test]
fn a_cleared_field_is_not_a_kept_one() {
    let record =
        "record = '{\"id\": 3, \"parts\": [{\"id\": 1, \"author_id\": 7, \"created_at\": \"2024-05-31T10:00:00Z\"}]}'";
    let test = |asked: &str| {
        format!(
            "[[test]]\nname = \"no subject\"\nlookups.users = ['{{\"id\": 7, \"role\": \"agent\"}}']\n{record}\n[[test.message]]\n{asked}"
        )
    };
    run(&test(r#"cleared = ["subject"]"#)).expect(0);
    let kept = run(&test(r#"kept = ["subject"]"#)).expect(3);
    assert!(kept.out.contains("it is in `kept`\n              got       cleared\n"), "{}", kept.out);
}

#[test]
fn messages_come_in_order_and_as_many_as_are_listed() {
    let tests = r#"
[[test]]
name = "an event between two parts"
lookups.users = [{ id = 7, role = "agent" }]
record = '''{"id": 3, "parts": [
{"id": 31, "author_id": 7, "created_at": "2024-05-31T10:00:00Z", "private": true},
{"id": 32, "type": "event"},
{"id": 33, "author_id": 8, "created_at": "2024-05-31T10:00:00Z"}]}'''
[[test.message]]
external_id = "31"
channel = "internal-note"
[[test.message]]
skipped = "an event"
[[test.message]]
external_id = "33"
blocked = "no row with id 8"

[[test]]
name = "one too few is listed, and the wrong things of them"
record = '{"id": 3, "parts": [{"id": 31, "type": "event"}, {"id": 32, "type": "event"}]}'
[[test.message]]
blocked = "no row"

[[test]]
name = "a record that holds none"
record = '{"id": 3, "parts": []}'
"#;
    assert_snapshot!(told(&run(tests)), @r#"
    exit code 3
    --- stdout
    mine.test.toml: 3 tests

      ok      an event between two parts
      FAILED  one too few is listed, and the wrong things of them (mine.test.toml:18)
                messages
                  expected  1
                  got       2
                message 1, result
                  expected  blocked, with `no row` in the reason
                  got       skipped: an event, not a message
      ok      a record that holds none

    3 tests: 2 passed, 1 failed.
    "#);
}

#[test]
fn an_update_must_also_be_valid() {
    let folder = Folder::new();
    let fields = "channel = { value = \"internal-note\" }\nfrom_agent = { value = false }";
    folder.write("mine.toml", small("", fields));
    let test = "[[test]]\nname = \"a note of a customer\"\nrecord = '{\"id\": 1}'\n[[test.message]]\n";
    folder.write("mine.test.toml", format!("{test}blocked = \"from_agent must be true\""));
    folder.run("mapping test mine.toml").expect(0);
    folder.write("mine.test.toml", format!("{test}channel = \"internal-note\""));
    assert_snapshot!(told(&folder.run("mapping test mine.toml")), @r#"
    exit code 3
    --- stdout
    mine.test.toml: 1 test

      FAILED  a note of a customer (mine.test.toml:1)
                result
                  expected  an update
                  got       blocked: an internal note is written by an agent: from_agent must be true

    1 test: 0 passed, 1 failed.
    "#);
}

#[test]
fn a_row_of_a_csv_is_a_table_of_columns_or_json() {
    let folder = Folder::new();
    folder.write(
        "mine.toml",
        small("format = \"csv\"", "subject = { from = \"'The subject'\" }\nbody_text = { from = \"text\" }"),
    );
    let tests = "
[[test]]
name = \"cells\"
record = { id = 3, 'The subject' = \"Lost\", other = true }
[[test.message]]
external_id = \"3\"
subject = \"Lost\"
kept = [\"body_text\"]

[[test]]
name = \"JSON\"
record = '{\"id\": \"3\", \"The subject\": \"Lost\"}'
[[test.message]]
subject = \"Lost\"
";
    folder.write("mine.test.toml", tests);
    folder.run("mapping test mine.toml").expect(0);
    // Either file may be named.
    folder.run("mapping test mine.test.toml").expect(0);
}

#[test]
fn every_mistake_in_a_test_is_shown_at_its_place() {
    let tests = r#"
[[test]]
name = "a reply"
recrod = '{}'
lookups.user = []
lookups.users = ['{"name": "Ada"}', 7]
record = 1

[[test]]
[test.message]
"#;
    assert_snapshot!(told(&run(tests)), @r#"
    exit code 2
    --- stderr
    error: unknown key `recrod` of [[test]]
     --> mine.test.toml:4:1
      |
    4 | recrod = '{}'
      | ^^^^^^ did you mean `record`?
      |
      = valid: name, file, record, lookups, message

    error: unknown lookup `user`
     --> mine.test.toml:5:9
      |
    5 | lookups.user = []
      |         ^^^^ did you mean `users`?
      |
      = valid: users

    error: lookup users: a row has no `id`
     --> mine.test.toml:6:19
      |
    6 | lookups.users = ['{"name": "Ada"}', 7]
      |                   ^^^^^^^^^^^^^^^ this row can't be looked up

    error: `users` must be text in quotes
     --> mine.test.toml:6:37
      |
    6 | lookups.users = ['{"name": "Ada"}', 7]
      |                                     ^ this is a whole number

    error: `record` must be text in quotes
     --> mine.test.toml:7:10
      |
    7 | record = 1
      |          ^ this is a whole number

    error: the test has no `name`
     --> mine.test.toml:9:1
      |
    9 | [[test]]
      | ^^^^^^^^ write name = …

    error: the test has no `record`
     --> mine.test.toml:9:1
      |
    9 | [[test]]
      | ^^^^^^^^ write record = …

    error: `message` is written once for each message
      --> mine.test.toml:10:1
       |
    10 | [test.message]
       | ^^^^^^^^^^^^^^ write [[test.message]]
    "#);
    assert_snapshot!(told(&run("# nothing yet\n")), @r#"
    exit code 2
    --- stderr
    error: the file has no [[test]]
     --> mine.test.toml:1:1
      |
    1 | # nothing yet
      | ^ each shows what becomes of one record
    "#);
    assert_snapshot!(told(&run("[[test]\n")), @r#"
    exit code 2
    --- stderr
    error: not valid TOML: unclosed array table, expected `]`
     --> mine.test.toml:1:8
      |
    1 | [[test]
      |        ^
    "#);
}

#[test]
fn a_table_of_columns_is_no_record_of_json() {
    let folder = folder("[[test]]\nname = \"a\"\nrecord = { id = 1 }\n");
    folder.write("mine.toml", small("format = \"json\"", ""));
    assert_snapshot!(told(&folder.run("mapping test mine.toml")), @r#"
    exit code 2
    --- stderr
    error: the records of this mapping are JSON
     --> mine.test.toml:3:10
      |
    3 | record = { id = 1 }
      |          ^^^^^^^^^^ write it as text: '{"id": 1}'
    "#);
}

#[test]
fn every_mistake_in_a_message_is_shown_at_its_place() {
    let tests = r#"
[[test]]
name = "a reply"
record = '{}'
[[test.message]]
external_id = 31
chanel = "email"
channel = "e-mail"
from_agent = "yes"
sent_datetime = "yesterday"
sender.mail = "a@b.example"
source.to = { address = "a@b.example" }
kept = ["sendr"]
[[test.message]]
blocked = "a"
skipped = "b"
subject = "c"
"#;
    assert_snapshot!(told(&run(tests)), @r#"
    exit code 2
    --- stderr
    error: `external_id` must be text in quotes
     --> mine.test.toml:6:15
      |
    6 | external_id = 31
      |               ^^ this is a whole number

    error: unknown field `chanel`
     --> mine.test.toml:7:1
      |
    7 | chanel = "email"
      | ^^^^^^ did you mean `channel`?
      |
      = valid: attachments, body_html, body_text, channel, external_id, failed_datetime, from_agent, message_id, receiver, sender, sent_datetime, source, subject, via, ticket, target, kept, cleared, blocked, skipped

    error: unknown channel `e-mail`
     --> mine.test.toml:8:12
      |
    8 | channel = "e-mail"
      |            ^^^^^^ did you mean `email`?
      |
      = valid: aircall, api, chat, contact_form, email, facebook, facebook-mention, facebook-messenger, facebook-recommendations, help-center, instagram-ad-comment, instagram-comment, instagram-direct-message, instagram-mention, internal-note, phone, sms, twitter, twitter-direct-message, whatsapp, yotpo-review

    error: `from_agent` must be true or false
     --> mine.test.toml:9:14
      |
    9 | from_agent = "yes"
      |              ^^^^^ this is text

    error: `yesterday` is no time
      --> mine.test.toml:10:18
       |
    10 | sent_datetime = "yesterday"
       |                  ^^^^^^^^^ write it in UTC, such as 2024-05-31T10:00:00Z

    error: unknown part `mail` of `sender`
      --> mine.test.toml:11:8
       |
    11 | sender.mail = "a@b.example"
       |        ^^^^ did you mean `email`?
       |
       = valid: id, email

    error: `source.to` must be a list of tables
      --> mine.test.toml:12:13
       |
    12 | source.to = { address = "a@b.example" }
       |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^ this is a table

    error: unknown field `sendr`
      --> mine.test.toml:13:10
       |
    13 | kept = ["sendr"]
       |          ^^^^^ did you mean `sender`?
       |
       = valid: attachments, body_html, body_text, channel, external_id, failed_datetime, from_agent, message_id, receiver.id, receiver.email, receiver, sender.id, sender.email, sender, sent_datetime, source.type, source.from.name, source.from.address, source.from, source.to, source.cc, source.bcc, source, subject, via

    error: a message is either blocked or skipped
      --> mine.test.toml:16:11
       |
    16 | skipped = "b"
       |           ^^^ leave one out

    error: `subject` of a message that is skipped
      --> mine.test.toml:17:1
       |
    17 | subject = "c"
       | ^^^^^^^ there is no update to compare it with
    "#);
}

/// The examples among the blocks of a page.
fn examples_of(page: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let page = std::fs::read_to_string(path).expect("the page");
    let blocks = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let tests: Vec<_> = blocks.filter(|block| block.starts_with("[[test]]")).collect();
    assert_eq!(tests.len(), 1, "one block of tests");
    tests.concat()
}

#[test]
fn the_example_in_the_readme_holds_and_that_of_the_mapping_page_can_be_read() {
    let folder = Folder::new();
    let zendesk = builtin::find("zendesk").expect("a built-in mapping");
    folder.write("mine.toml", zendesk.text);
    folder.write("mine.test.toml", examples_of("README.md"));
    folder.run("mapping test mine.toml").expect(0);
    // It is about a mapping that the page does not show in full.
    run(&examples_of("docs/mapping.md")).expect(3);
}

#[test]
fn a_mapping_without_examples_says_where_they_are_looked_for() {
    let folder = Folder::new();
    folder.write("mine.toml", small("", ""));
    let ran = folder.run("mapping test mine.toml").expect(2);
    assert_one_clear_sentence(&ran);
    assert_snapshot!(told(&ran), @r#"
    exit code 2
    --- stderr
    error: there are no tests beside mine.toml: no file mine.test.toml

    hint: write [[test]] with a record, and [[test.message]] with what becomes of it: docs/mapping.md shows how
    "#);
    let ran = folder.run("mapping test zendes").expect(2);
    assert_one_clear_sentence(&ran);
    assert!(ran.err.contains("did you mean `zendesk`?"), "{}", ran.err);
}

#[test]
fn a_column_that_is_nearly_one_that_the_mapping_reads_is_refused() {
    let tests = r#"
[[test]]
name = "a row"
record = { external_id = "1", body_txt = "Hello" }
[[test.message]]
external_id = "1"
"#;
    let folder = Folder::new();
    folder.write("mine.toml", folder.run("mapping show generic-csv").expect(0).out);
    folder.write("mine.test.toml", tests);
    let refused = folder.run("mapping test mine.toml").expect(2);
    assert!(refused.err.contains("the mapping reads no column `body_txt`"), "{}", refused.err);
    assert!(refused.err.contains("did you mean `body_text`?"), "{}", refused.err);
}
