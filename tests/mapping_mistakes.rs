//! What an operator reads when a mapping is wrong: the exact text, one class of mistake a test.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(clippy::needless_raw_string_hashes, reason = "all snapshots are quoted alike")]

mod mapping_support;

use deskferry::mapping::Mapping;
use insta::assert_snapshot;
use mapping_support::small;

fn refusal(text: &str) -> String {
    Mapping::compile(text, "mappings/acme.toml").expect_err("a wrong mapping is refused").render()
}

#[test]
fn an_unknown_transform_names_the_nearest() {
    let refused = refusal(&small("", r#"sender.email = { from = "email", apply = ["lowercse"] }"#));
    assert_snapshot!(refused, @r#"
    error: unknown transform `lowercse`
      --> mappings/acme.toml:11:44
       |
    11 | sender.email = { from = "email", apply = ["lowercse"] }
       |                                            ^^^^^^^^ did you mean `lowercase`?
       |
       = valid: trim, lowercase, uppercase, slice, truncate, prefix, suffix, replace, extract, split, join, item, addresses, email_address, display_name, message_id, phone, html_to_text, text_to_html, decode_entities, hash, to_string, integer, round, boolean, datetime, time_format, rfc2822, epoch_seconds, epoch_millis
    "#);
}

#[test]
fn an_unknown_field() {
    let refused = refusal(&small("", r#"subjct = { from = "s" }"#));
    assert_snapshot!(refused, @r#"
    error: unknown field `subjct`
      --> mappings/acme.toml:11:1
       |
    11 | subjct = { from = "s" }
       | ^^^^^^ did you mean `subject`?
       |
       = valid: attachments, body_html, body_text, channel, external_id, failed_datetime, from_agent, message_id, receiver, sender, sent_datetime, source, subject, via
    "#);
}

#[test]
fn action_is_no_field() {
    let refused = refusal(&small("", r#"action = { value = "force" }"#));
    assert_snapshot!(refused, @r#"
    error: unknown field `action`
      --> mappings/acme.toml:11:1
       |
    11 | action = { value = "force" }
       | ^^^^^^ there is none of this name
       |
       = valid: attachments, body_html, body_text, channel, external_id, failed_datetime, from_agent, message_id, receiver, sender, sent_datetime, source, subject, via
    "#);
}

#[test]
fn an_unknown_key_of_a_field() {
    let refused = refusal(&small("", r#"subject = { form = "s" }"#));
    assert_snapshot!(refused, @r#"
    error: unknown key `form` of `subject`
      --> mappings/acme.toml:11:13
       |
    11 | subject = { form = "s" }
       |             ^^^^ did you mean `from`?
       |
       = valid: from, value, template, expr, with, when, apply, table, is, is_not, default, required, when_missing, when_unknown
    "#);
}

#[test]
fn an_unknown_key_of_the_file() {
    let refused = refusal(&small(r#"formt = "csv""#, ""));
    assert_snapshot!(refused, @r#"
    error: unknown key `formt`
     --> mappings/acme.toml:3:1
      |
    3 | formt = "csv"
      | ^^^^^ did you mean `format`?
      |
      = valid: name, system, experimental, format, encoding, separator, files, records, timezone, optional_columns, doubles, lookups, tables, match, message
    "#);
}

#[test]
fn an_unknown_format() {
    let refused = refusal(&small(r#"format = "xml""#, ""));
    assert_snapshot!(refused, @r#"
    error: unknown format `xml`
     --> mappings/acme.toml:3:11
      |
    3 | format = "xml"
      |           ^^^ there is none of this name
      |
      = valid: json-lines, json, csv
    "#);
}

#[test]
fn an_unknown_channel() {
    let refused = refusal(&small("", r#"channel = { value = "e-mail" }"#));
    assert_snapshot!(refused, @r#"
    error: unknown channel `e-mail`
      --> mappings/acme.toml:10:22
       |
    10 | channel = { value = "e-mail" }
       |                      ^^^^^^ did you mean `email`?
       |
       = valid: aircall, api, chat, contact_form, email, facebook, facebook-mention, facebook-messenger, facebook-recommendations, help-center, instagram-ad-comment, instagram-comment, instagram-direct-message, instagram-mention, internal-note, phone, sms, twitter, twitter-direct-message, whatsapp, yotpo-review
    "#);
}

#[test]
fn an_unknown_via() {
    let refused = refusal(&small("", r#"via = { from = "v", default = "zendsk" }"#));
    assert_snapshot!(refused, @r#"
    error: unknown via `zendsk`
      --> mappings/acme.toml:10:32
       |
    10 | via = { from = "v", default = "zendsk" }
       |                                ^^^^^^ did you mean `zendesk`?
       |
       = valid: aircall, api, chat, contact_form, email, facebook, facebook-mention, facebook-messenger, facebook-recommendations, form, help-center, helpdesk, instagram, instagram-ad-comment, instagram-comment, instagram-direct-message, instagram-mention, internal-note, phone, rule, shopify, sms, twilio, twitter, twitter-direct-message, whatsapp, yotpo, yotpo-review, zendesk
    "#);
}

#[test]
fn a_table_value_that_the_field_does_not_take() {
    let refused = refusal(&small(
        r#"[tables.channels]
web = "contact-form"
mail = "email""#,
        r#"channel = { from = "c", table = "channels" }"#,
    ));
    assert_snapshot!(refused, @r#"
    error: unknown channel `contact-form`
     --> mappings/acme.toml:4:8
      |
    4 | web = "contact-form"
      |        ^^^^^^^^^^^^ did you mean `contact_form`?
      |
      = valid: aircall, api, chat, contact_form, email, facebook, facebook-mention, facebook-messenger, facebook-recommendations, help-center, instagram-ad-comment, instagram-comment, instagram-direct-message, instagram-mention, internal-note, phone, sms, twitter, twitter-direct-message, whatsapp, yotpo-review
    "#);
}

#[test]
fn an_undeclared_table() {
    let refused = refusal(&small(
        r#"[tables.channels]
web = "email""#,
        r#"channel = { from = "c", table = "chanels" }"#,
    ));
    assert_snapshot!(refused, @r#"
    error: unknown table `chanels`
      --> mappings/acme.toml:11:34
       |
    11 | channel = { from = "c", table = "chanels" }
       |                                  ^^^^^^^ did you mean `channels`?
       |
       = valid: channels
    "#);
}

#[test]
fn a_lookup_that_is_used_often_and_declared_nowhere() {
    let refused = refusal(&small(
        "",
        r#"subject = { from = ["@agents[a].title", "@agents[b].title"] }
sender.email = { when = "@agents[a].role == 'x'", from = "@contacts[c].email" }"#,
    ));
    assert_snapshot!(refused, @r#"
    error: unknown lookup `agents`
      --> mappings/acme.toml:11:23
       |
    11 | subject = { from = ["@agents[a].title", "@agents[b].title"] }
       |                       ^^^^^^ it is not declared
       |
       = it is declared as [lookups.agents], with files = ["agents*.json*"] and key = "id"

    error: unknown lookup `contacts`
      --> mappings/acme.toml:12:60
       |
    12 | sender.email = { when = "@agents[a].role == 'x'", from = "@contacts[c].email" }
       |                                                            ^^^^^^^^ it is not declared
       |
       = it is declared as [lookups.contacts], with files = ["contacts*.json*"] and key = "id"
    "#);
}

#[test]
fn an_undeclared_lookup() {
    let refused = refusal(&small(
        r#"[lookups.users]
files = "u*"
key = "id""#,
        r#"subject = { from = ["s", "@user[author_id].role"] }"#,
    ));
    assert_snapshot!(refused, @r#"
    error: unknown lookup `user`
      --> mappings/acme.toml:13:28
       |
    13 | subject = { from = ["s", "@user[author_id].role"] }
       |                            ^^^^ did you mean `users`?
       |
       = valid: users
    "#);
}

#[test]
fn a_chain_that_can_not_work() {
    let refused = refusal(&small("", r#"sent_datetime = { from = "t", apply = ["datetime", "trim"] }"#));
    assert_snapshot!(refused, @r#"
    error: `trim` takes text
      --> mappings/acme.toml:10:53
       |
    10 | sent_datetime = { from = "t", apply = ["datetime", "trim"] }
       |                                                     ^^^^ what comes before gives a time
    "#);
}

#[test]
fn a_time_that_is_never_read() {
    let refused = refusal(&small("", r#"sent_datetime = { from = "t", required = true }"#));
    assert_snapshot!(refused, @r#"
    error: `sent_datetime` takes a time
      --> mappings/acme.toml:10:26
       |
    10 | sent_datetime = { from = "t", required = true }
       |                          ^^^ this gives whatever the export holds
       |
       = add `datetime`, `epoch_seconds` or `epoch_millis` to `apply`
    "#);
}

#[test]
fn text_where_a_boolean_is_needed() {
    let refused = refusal(&small("", r#"from_agent = { from = "a", apply = ["trim"] }"#));
    assert_snapshot!(refused, @r#"
    error: `from_agent` takes a boolean
      --> mappings/acme.toml:10:37
       |
    10 | from_agent = { from = "a", apply = ["trim"] }
       |                                     ^^^^^^ this gives text
       |
       = add `boolean` to `apply`, or compare with `is`
    "#);
}

#[test]
fn a_constant_of_the_wrong_type() {
    let refused = refusal(&small("", r#"from_agent = { value = "true" }"#));
    assert_snapshot!(refused, @r#"
    error: `from_agent` takes a boolean
      --> mappings/acme.toml:10:25
       |
    10 | from_agent = { value = "true" }
       |                         ^^^^ this is text
    "#);
}

#[test]
fn sent_datetime_is_never_cleared() {
    let refused =
        refusal(&small("", r#"sent_datetime = { from = "t", apply = ["datetime"], when_missing = "clear" }"#));
    assert_snapshot!(refused, @r#"
    error: `sent_datetime` can't be cleared
      --> mappings/acme.toml:10:69
       |
    10 | sent_datetime = { from = "t", apply = ["datetime"], when_missing = "clear" }
       |                                                                     ^^^^^ without it Gorgias may mail the message to the customer
    "#);
}

#[test]
fn a_wrong_sign_in_a_condition() {
    let refused = refusal(&small("", r#"subject = { when = "type = 'Comment' && public", from = "s" }"#));
    assert_snapshot!(refused, @r#"
    error: unexpected `=`
      --> mappings/acme.toml:11:26
       |
    11 | subject = { when = "type = 'Comment' && public", from = "s" }
       |                          ^ write `==`
    "#);
}

#[test]
fn a_mistyped_true_or_false_in_a_condition() {
    let refused = refusal(&small("", r#"subject = { when = "public == flase", from = "s" }"#));
    assert_snapshot!(refused, @r#"
    error: unexpected `flase`
      --> mappings/acme.toml:11:31
       |
    11 | subject = { when = "public == flase", from = "s" }
       |                               ^^^^^ did you mean `false`? a text is written in quotes: 'flase'
    "#);
}

#[test]
fn a_text_without_quotes_in_a_condition() {
    let refused = refusal(&small("", r#"subject = { when = "type == Comment", from = "s" }"#));
    assert_snapshot!(refused, @r#"
    error: unexpected `Comment`
      --> mappings/acme.toml:11:29
       |
    11 | subject = { when = "type == Comment", from = "s" }
       |                             ^^^^^^^ a text is written in quotes: 'Comment'
    "#);
}

#[test]
fn a_condition_that_ends_too_early() {
    let refused = refusal(&small("", r#"subject = { when = "type ==", from = "s" }"#));
    assert_snapshot!(refused, @r#"
    error: it ends too early
      --> mappings/acme.toml:11:28
       |
    11 | subject = { when = "type ==", from = "s" }
       |                            ^ expected a 'text', a number, true, false or null
    "#);
}

#[test]
fn a_condition_that_compares_nothing() {
    let refused = refusal(&small("", r#"subject = { when = "(public and type == 1)", from = "s" }"#));
    assert_snapshot!(refused, @r#"
    error: unexpected `and`
      --> mappings/acme.toml:11:29
       |
    11 | subject = { when = "(public and type == 1)", from = "s" }
       |                             ^^^ expected `==`, `!=`, `in`, `not in`, `exists`, `not exists` or `matches`
    "#);
}

#[test]
fn a_path_with_a_hole() {
    let refused = refusal(&small("", r#"subject = { from = "a..b" }"#));
    assert_snapshot!(refused, @r#"
    error: unexpected `.`
      --> mappings/acme.toml:11:23
       |
    11 | subject = { from = "a..b" }
       |                       ^ expected a key
    "#);
}

#[test]
fn parent_of_a_record() {
    let refused = refusal(&small("", r#"subject = { from = "parent.subject" }"#));
    assert_snapshot!(refused, @r#"
    error: `parent` leads out of the record
      --> mappings/acme.toml:11:21
       |
    11 | subject = { from = "parent.subject" }
       |                     ^^^^^^^^^^^^^^ the record itself is the message here: it has no parent
    "#);
}

#[test]
fn neither_from_nor_value() {
    let refused = refusal(&small("", r#"subject = { apply = ["trim"] }"#));
    assert_snapshot!(refused, @r#"
    error: `subject` has no source
      --> mappings/acme.toml:11:11
       |
    11 | subject = { apply = ["trim"] }
       |           ^^^^^^^^^^^^^^^^^^^^ nothing to make it from
       |
       = one of: from, value, template, expr
    "#);
}

#[test]
fn both_from_and_value() {
    let refused = refusal(&small("", r#"subject = { from = "s", value = "x" }"#));
    assert_snapshot!(refused, @r#"
    error: `subject` has both `from` and `value`
      --> mappings/acme.toml:11:33
       |
    11 | subject = { from = "s", value = "x" }
       |                                 ^^^ leave one out
       |
       = a value for what is missing is `default`
    "#);
}

#[test]
fn a_field_that_is_not_a_table() {
    let refused = refusal(&small("", r#"subject = "s""#));
    assert_snapshot!(refused, @r#"
    error: `subject` must be a table such as { from = "…" }, or a list of them
      --> mappings/acme.toml:11:11
       |
    11 | subject = "s"
       |           ^^^ this is text
    "#);
}

#[test]
fn a_part_that_a_person_does_not_have() {
    let refused = refusal(&small("", r#"sender.mail = { from = "s" }"#));
    assert_snapshot!(refused, @r#"
    error: unknown part `mail` of `sender`
      --> mappings/acme.toml:11:8
       |
    11 | sender.mail = { from = "s" }
       |        ^^^^ did you mean `email`?
       |
       = valid: id, email
    "#);
}

#[test]
fn a_source_without_a_type() {
    let refused = refusal(&small("", r#"source.from.address = { from = "s" }"#));
    assert_snapshot!(refused, @r#"
    error: `source` has no `type`
      --> mappings/acme.toml:11:1
       |
    11 | source.from.address = { from = "s" }
       | ^^^^^^ map `source.type`: Gorgias needs it
    "#);
}

#[test]
fn an_attachment_without_a_url() {
    let refused = refusal(&small(
        "",
        r#"attachments = { each = "files", fields = { name = { from = "n" }, content_type = { value = "text/plain" } } }"#,
    ));
    assert_snapshot!(refused, @r#"
    error: `attachments` has no `url`
      --> mappings/acme.toml:11:24
       |
    11 | attachments = { each = "files", fields = { name = { from = "n" }, content_type = { value = "text/plain" } } }
       |                        ^^^^^^^ its `fields` must map `url`
    "#);
}

#[test]
fn an_alternative_that_is_never_used() {
    let refused = refusal(&small("", r#"subject = [ { value = "a" }, { from = "s" } ]"#));
    assert_snapshot!(refused, @r#"
    error: the alternatives after this one are never used
      --> mappings/acme.toml:11:13
       |
    11 | subject = [ { value = "a" }, { from = "s" } ]
       |             ^^^^^^^^^^^^^^^ it needs a `when`
    "#);
}

#[test]
fn a_skip_rule_without_a_reason() {
    let refused = refusal(
        r#"name = "acme"
system = "Acme"
[[message]]
skip = [ { when = "type != 'Comment'" } ]
[message.fields]
external_id = { from = "id", apply = ["to_string"] }
channel = { value = "internal-note" }
via = { value = "api" }
from_agent = { value = true }
"#,
    );
    assert_snapshot!(refused, @r#"
    error: a skip rule without `reason`
     --> mappings/acme.toml:4:10
      |
    4 | skip = [ { when = "type != 'Comment'" } ]
      |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ both `when` and `reason` are needed
    "#);
}

#[test]
fn a_message_without_sent_datetime() {
    let refused = refusal(
        r#"name = "acme"
system = "Acme"
[[message]]
[message.fields]
external_id = { from = "id", apply = ["to_string"] }
channel = [ { when = "public == false", value = "internal-note" }, { value = "email" } ]
via = { value = "api" }
from_agent = { value = true }
"#,
    );
    assert_snapshot!(refused, @r#"
    error: refused: a message that is not an internal note must have sent_datetime: without it Gorgias may mail the customer
     --> mappings/acme.toml:3:1
      |
    3 | [[message]]
      | ^^^^^^^^^^^ `sent_datetime` is not mapped
      |
      = map it from the time at which the message was sent, with `required = true`
    "#);
}

#[test]
fn fields_that_every_message_needs() {
    let refused = refusal(
        r#"name = "acme"
system = "Acme"
[[message]]
[message.fields]
channel = { value = "internal-note" }
via = { value = "api" }
"#,
    );
    assert_snapshot!(refused, @r#"
    error: `external_id` is not mapped
     --> mappings/acme.toml:3:1
      |
    3 | [[message]]
      | ^^^^^^^^^^^ every [[message]] must map `external_id`

    error: `from_agent` is not mapped
     --> mappings/acme.toml:3:1
      |
    3 | [[message]]
      | ^^^^^^^^^^^ every [[message]] must map `from_agent`
    "#);
}

#[test]
fn a_file_that_is_not_toml() {
    let refused = refusal(
        r#"name = "acme"
system = "Acme
[[message]]
"#,
    );
    assert_snapshot!(refused, @r#"
    error: not valid TOML: invalid basic string, expected `"`
     --> mappings/acme.toml:2:15
      |
    2 | system = "Acme
      |               ^
      |
      = look above this line, too: a bracket or a quote that is not closed is noticed late
    "#);
}

#[test]
fn a_key_that_stands_twice() {
    let refused = refusal(
        r#"name = "acme"
name = "other"
system = "Acme"
"#,
    );
    assert_snapshot!(refused, @r#"
    error: not valid TOML: duplicate key
     --> mappings/acme.toml:2:1
      |
    2 | name = "other"
      | ^^^^
      |
      = look above this line, too: a bracket or a quote that is not closed is noticed late
    "#);
}

#[test]
fn an_empty_file() {
    let refused = refusal("");
    assert_snapshot!(refused, @r#"
    error: the mapping is empty
     --> mappings/acme.toml:1:1
      |
    1 |
      | ^
      |
      = `deskferry mapping new EXPORT --output FILE` writes one, and `deskferry mapping show NAME` a built-in one
    "#);
}

#[test]
fn tabs_wide_letters_and_windows_line_ends() {
    let refused = refusal(
        "name = \"acme\"\r\nsystem = \"Acme\"\r\n[[message]]\r\n[message.fields]\r\n\tsubject = { from = \"s\", default = \"日本\", apply = [\"slugify\"] }\r\nexternal_id = { from = \"id\" }\r\nchannel = { value = \"internal-note\" }\r\nvia = { value = \"api\" }\r\nfrom_agent = { value = true }\r\n",
    );
    assert_snapshot!(refused, @r#"
    error: unknown transform `slugify`
     --> mappings/acme.toml:5:52
      |
    5 |     subject = { from = "s", default = "日本", apply = ["slugify"] }
      |                                                         ^^^^^^^ there is none of this name
      |
      = valid: trim, lowercase, uppercase, slice, truncate, prefix, suffix, replace, extract, split, join, item, addresses, email_address, display_name, message_id, phone, html_to_text, text_to_html, decode_entities, hash, to_string, integer, round, boolean, datetime, time_format, rfc2822, epoch_seconds, epoch_millis
    "#);
}

#[test]
fn a_file_that_is_no_mapping_is_told_once_and_shows_little_of_itself() {
    let line = format!("{{\"id\":1,\"email\":\"{}\"}}\n", "x".repeat(500));
    let error = Mapping::compile(&line.repeat(50), "users.jsonl").expect_err("a refusal");
    assert_eq!(error.diagnostics.len(), 1);
    assert!(error.render().lines().all(|line| line.chars().count() < 140), "{}", error.render());
}

#[test]
fn one_bracket_that_is_not_closed_is_one_mistake() {
    let text = "name = \"acme\"\nfiles = [\"*.json\"\nsystem = \"Acme\"\n[[message]]\neach = \"comments\"\n";
    let error = Mapping::compile(text, "acme.toml").expect_err("a refusal");
    assert_eq!(error.diagnostics.len(), 1);
    assert!(error.render().contains("look above this line, too"), "{}", error.render());
}
