//! What an operator reads when a mapping is wrong about its blocks, files, lists, templates, patterns, or about what is
//! not expected: the exact text, one class of mistake a test.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(clippy::needless_raw_string_hashes, reason = "all snapshots are quoted alike")]

mod mapping_support;

use deskferry::mapping::Mapping;
use insta::assert_snapshot;
use mapping_support::{block, head, small};

fn refusal(text: &str) -> String {
    Mapping::compile(text, "mappings/acme.toml").expect_err("a wrong mapping is refused").render()
}

/// What is wrong with a block that has these keys.
fn of_block(keys: &str) -> String {
    refusal(&(head("") + &block(keys, "")))
}

/// What is wrong with a mapping that has these fields.
fn of_fields(fields: &str) -> String {
    refusal(&small("[tables.words]\nx = \"y\"", fields))
}

#[test]
fn an_unknown_key_of_a_block() {
    assert_snapshot!(of_block("file = \"*notes*\""), @r#"
    error: unknown key `file` of [[message]]
     --> mappings/acme.toml:5:1
      |
    5 | file = "*notes*"
      | ^^^^ did you mean `files`?
      |
      = valid: name, files, when, each, optional, skip, newest, fields, ticket, target
    "#);
}

#[test]
fn two_blocks_of_one_name() {
    let notes = block("name = \"notes\"", "");
    assert_snapshot!(refusal(&(head("") + &notes + &notes)), @r#"
    error: two blocks are called `notes`
      --> mappings/acme.toml:13:9
       |
    13 | name = "notes"
       |         ^^^^^ reports could not tell them apart
    "#);
}

#[test]
fn a_block_with_an_empty_name() {
    assert_snapshot!(of_block("name = \" \""), @r#"
    error: the block has an empty name
     --> mappings/acme.toml:5:9
      |
    5 | name = " "
      |         ^ name it, or leave `name` out
    "#);
}

#[test]
fn a_block_for_no_file() {
    assert_snapshot!(of_block("files = []"), @r#"
    error: `files` is empty: the block is for no file
     --> mappings/acme.toml:5:9
      |
    5 | files = []
      |         ^^ leave it out for all files
    "#);
}

#[test]
fn a_foreign_sign_in_a_block_s_pattern() {
    assert_snapshot!(of_block("files = [\"notes-[0-9].json\"]"), @r#"
    error: `[` in a pattern of file names
     --> mappings/acme.toml:5:17
      |
    5 | files = ["notes-[0-9].json"]
      |                 ^ only `*` and `?` stand for something
    "#);
}

#[test]
fn a_condition_of_a_block_that_is_wrong() {
    assert_snapshot!(of_block("when = \"kind = 'note'\"\neach = \"notes\""), @r#"
    error: unexpected `=`
     --> mappings/acme.toml:5:14
      |
    5 | when = "kind = 'note'"
      |              ^ write `==`
    "#);
}

#[test]
fn a_condition_of_a_block_that_looks_out_of_the_record() {
    assert_snapshot!(of_block("when = \"parent.kind == 'note'\"\neach = \"notes\""), @r#"
    error: `parent` leads out of the record
     --> mappings/acme.toml:5:9
      |
    5 | when = "parent.kind == 'note'"
      |         ^^^^^^^^^^^ the record itself is the message here: it has no parent
    "#);
}

#[test]
fn no_path_to_the_messages() {
    assert_snapshot!(of_block("each = []"), @r#"
    error: `each` is empty
     --> mappings/acme.toml:5:8
      |
    5 | each = []
      |        ^^ at least one path is needed
    "#);
}

#[test]
fn a_wrong_path_to_the_messages() {
    assert_snapshot!(of_block("each = [\"notes[.note\", \"parent.notes\"]"), @r#"
    error: unexpected `.`
     --> mappings/acme.toml:5:16
      |
    5 | each = ["notes[.note", "parent.notes"]
      |                ^ expected the number of an element: 0 is the first, -1 the last

    error: `parent` leads out of the record
     --> mappings/acme.toml:5:25
      |
    5 | each = ["notes[.note", "parent.notes"]
      |                         ^^^^^^^^^^^^ the record itself is the message here: it has no parent
    "#);
}

#[test]
fn messages_in_a_lookup_or_in_a_file_s_name() {
    let lookup = "[lookups.users]\nfiles = \"u*\"\nkey = \"id\"\n";
    let text = head(lookup) + &block("each = \"@users[id].notes\"", "") + &block("each = \"@file.name\"", "");
    assert_snapshot!(refusal(&text), @r#"
    error: `each` can't read from a lookup
     --> mappings/acme.toml:8:9
      |
    8 | each = "@users[id].notes"
      |         ^^^^^^^^^^^^^^^^ a path inside the record is needed

    error: `each` can't read from the file's name
      --> mappings/acme.toml:16:9
       |
    16 | each = "@file.name"
       |         ^^^^^^^^^^ a path inside the record is needed
    "#);
}

#[test]
fn optional_where_the_record_is_the_message() {
    assert_snapshot!(of_block("optional = true"), @r#"
    error: `optional` without `each`
     --> mappings/acme.toml:5:12
      |
    5 | optional = true
      |            ^^^^ the record itself is the message here
    "#);
}

#[test]
fn optional_in_quotes() {
    assert_snapshot!(of_block("each = \"notes\"\noptional = \"yes\""), @r#"
    error: `optional` must be true or false
     --> mappings/acme.toml:6:12
      |
    6 | optional = "yes"
      |            ^^^^^ this is text
    "#);
}

#[test]
fn every_element_where_one_value_is_needed() {
    assert_snapshot!(of_fields("subject = { from = [\"title\", \"tags[].name\"] }"), @r#"
    error: `[]` goes into each element, and only `each` can
      --> mappings/acme.toml:12:35
       |
    12 | subject = { from = ["title", "tags[].name"] }
       |                                   ^^ write which one: `[0]` is the first, `[-1]` the last
    "#);
}

#[test]
fn every_element_of_nothing() {
    assert_snapshot!(of_block("each = \"notes[][].note\""), @r#"
    error: `[]` behind `[]`
     --> mappings/acme.toml:5:16
      |
    5 | each = "notes[][].note"
      |                ^^ a key is needed between them
    "#);
}

#[test]
fn an_element_that_is_no_number() {
    assert_snapshot!(of_fields("subject = { from = \"tags[last].name\" }"), @r#"
    error: unexpected `last`
      --> mappings/acme.toml:12:26
       |
    12 | subject = { from = "tags[last].name" }
       |                          ^^^^ expected the number of an element: 0 is the first, -1 the last
    "#);
}

#[test]
fn an_unknown_part_of_the_file() {
    assert_snapshot!(of_fields("subject = { from = \"@file.nam\" }"), @r#"
    error: unknown part `nam` of @file
      --> mappings/acme.toml:12:27
       |
    12 | subject = { from = "@file.nam" }
       |                           ^^^ did you mean `name`?
       |
       = valid: name, stem, folder, number
    "#);
}

#[test]
fn no_part_of_the_file() {
    assert_snapshot!(of_fields("subject = { from = \"@file\", when = \"@file. == 'x'\" }"), @r#"
    error: it ends too early
      --> mappings/acme.toml:12:26
       |
    12 | subject = { from = "@file", when = "@file. == 'x'" }
       |                          ^ expected `.name`, `.stem`, `.folder` or `.number`

    error: unexpected `==`
      --> mappings/acme.toml:12:44
       |
    12 | subject = { from = "@file", when = "@file. == 'x'" }
       |                                            ^^ expected `name`, `stem`, `folder` or `number`
    "#);
}

#[test]
fn a_number_of_a_file_is_text() {
    assert_snapshot!(of_fields("sender.id = { from = \"@file.number\" }"), @r#"
    error: `sender.id` takes a whole number
      --> mappings/acme.toml:12:22
       |
    12 | sender.id = { from = "@file.number" }
       |                      ^^^^^^^^^^^^^^ this gives text
       |
       = add `integer` to `apply`
    "#);
}

#[test]
fn a_pattern_that_is_no_regular_expression() {
    assert_snapshot!(of_fields("subject = { when = \"kind matches '^(note|draft' and id exists\", from = \"s\" }"), @r#"
    error: this is no regular expression that can be used
      --> mappings/acme.toml:12:36
       |
    12 | subject = { when = "kind matches '^(note|draft' and id exists", from = "s" }
       |                                    ^ unclosed group
    "#);
}

#[test]
fn a_pattern_that_looks_ahead() {
    assert_snapshot!(of_fields("subject = { when = '''kind matches 'a(?!b)' ''', from = \"s\" }"), @r#"
    error: this is no regular expression that can be used
      --> mappings/acme.toml:12:38
       |
    12 | subject = { when = '''kind matches 'a(?!b)' ''', from = "s" }
       |                                      ^^^ it can't look ahead or behind
    "#);
}

#[test]
fn a_pattern_with_a_range_upside_down_and_an_unknown_class() {
    let fields = "subject = { when = '''kind matches '[z-a]' ''', from = \"s\" }\nbody_text = { when = '''kind matches '\\p{Greeek}' ''', from = \"s\" }";
    assert_snapshot!(of_fields(fields), @r#"
    error: this is no regular expression that can be used
      --> mappings/acme.toml:12:38
       |
    12 | subject = { when = '''kind matches '[z-a]' ''', from = "s" }
       |                                      ^^^ invalid character class range, the start must be <= the end

    error: this is no regular expression that can be used
      --> mappings/acme.toml:13:39
       |
    13 | body_text = { when = '''kind matches '\p{Greeek}' ''', from = "s" }
       |                                       ^^^^^^^^^^ Unicode property not found
    "#);
}

#[test]
fn a_pattern_that_takes_too_much_memory() {
    assert_snapshot!(of_fields("subject = { when = '''kind matches '(\\w{1000}){1000}' ''', from = \"s\" }"), @r#"
    error: this is no regular expression that can be used
      --> mappings/acme.toml:12:37
       |
    12 | subject = { when = '''kind matches '(\w{1000}){1000}' ''', from = "s" }
       |                                     ^^^^^^^^^^^^^^^^ it repeats too much
    "#);
}

#[test]
fn a_pattern_without_quotes() {
    assert_snapshot!(of_fields("subject = { when = \"kind matches note\", from = \"s\" }"), @r#"
    error: unexpected `note`
      --> mappings/acme.toml:12:34
       |
    12 | subject = { when = "kind matches note", from = "s" }
       |                                  ^^^^ expected a regular expression in quotes
    "#);
}

#[test]
fn a_comparison_of_another_language() {
    assert_snapshot!(of_fields("subject = { when = \"kind =~ 'note'\", from = \"s\" }"), @r#"
    error: unexpected `=~`
      --> mappings/acme.toml:12:26
       |
    12 | subject = { when = "kind =~ 'note'", from = "s" }
       |                          ^^ write `matches`
    "#);
}

#[test]
fn a_template_without_an_end() {
    assert_snapshot!(of_fields("subject = { template = \"Call from {raw_digits\" }"), @r#"
    error: a `{` that does not end
      --> mappings/acme.toml:12:35
       |
    12 | subject = { template = "Call from {raw_digits" }
       |                                   ^ no closing `}`; a brace in the text is written `{{`
    "#);
}

#[test]
fn a_template_with_a_lone_brace() {
    assert_snapshot!(of_fields("subject = { template = \"Call from raw_digits} {id}\" }"), @r#"
    error: a `}` that nothing opens
      --> mappings/acme.toml:12:45
       |
    12 | subject = { template = "Call from raw_digits} {id}" }
       |                                             ^ a brace in the text is written `}}`
    "#);
}

#[test]
fn a_template_with_an_empty_place_or_a_wrong_path() {
    let fields = "subject = { template = \"Call {} {id}\" }\nbody_text = { template = \"Ä {a..b} {@users[id].x}\" }\nmessage_id = { template = \"{a} {parent.b} {@file.stemm}\" }";
    assert_snapshot!(of_fields(fields), @r#"
    error: it ends too early
      --> mappings/acme.toml:12:31
       |
    12 | subject = { template = "Call {} {id}" }
       |                               ^ expected a key

    error: unexpected `.`
      --> mappings/acme.toml:13:32
       |
    13 | body_text = { template = "Ä {a..b} {@users[id].x}" }
       |                                ^ expected a key

    error: `parent` leads out of the record
      --> mappings/acme.toml:14:33
       |
    14 | message_id = { template = "{a} {parent.b} {@file.stemm}" }
       |                                 ^^^^^^^^ the record itself is the message here: it has no parent

    error: unknown part `stemm` of @file
      --> mappings/acme.toml:14:50
       |
    14 | message_id = { template = "{a} {parent.b} {@file.stemm}" }
       |                                                  ^^^^^ did you mean `stem`?
       |
       = valid: name, stem, folder, number
    "#);
}

#[test]
fn a_template_without_a_path() {
    assert_snapshot!(of_fields("subject = { template = \"Call {{id}}\" }"), @r#"
    error: the template of `subject` has no path in it
      --> mappings/acme.toml:12:25
       |
    12 | subject = { template = "Call {{id}}" }
       |                         ^^^^^^^^^^^ a text that is always the same is a `value`
    "#);
}

#[test]
fn a_template_where_no_text_is_needed() {
    let fields = "from_agent = { template = \"{role}\" }\nsent_datetime = { template = \"{day}T{hour}Z\" }";
    assert_snapshot!(of_fields(fields), @r#"
    error: `from_agent` takes a boolean
      --> mappings/acme.toml:10:27
       |
    10 | from_agent = { template = "{role}" }
       |                           ^^^^^^^^ this gives text
       |
       = add `boolean` to `apply`, or compare with `is`

    error: `sent_datetime` takes a time
      --> mappings/acme.toml:11:30
       |
    11 | sent_datetime = { template = "{day}T{hour}Z" }
       |                              ^^^^^^^^^^^^^^^ this gives text
       |
       = add `datetime`, `epoch_seconds` or `epoch_millis` to `apply`
    "#);
}

#[test]
fn two_sources() {
    let fields = "subject = { from = \"a\", template = \"{a}\" }\nbody_text = { value = \"a\", template = \"{a}\" }";
    assert_snapshot!(of_fields(fields), @r#"
    error: `subject` has both `from` and `template`
      --> mappings/acme.toml:12:36
       |
    12 | subject = { from = "a", template = "{a}" }
       |                                    ^^^^^ leave one out

    error: `body_text` has both `value` and `template`
      --> mappings/acme.toml:13:39
       |
    13 | body_text = { value = "a", template = "{a}" }
       |                                       ^^^^^ leave one out
    "#);
}

#[test]
fn an_unknown_choice_for_what_is_missing() {
    assert_snapshot!(of_fields("subject = { from = \"a\", when_missing = \"skipp\" }"), @r#"
    error: unknown choice `skipp`
      --> mappings/acme.toml:12:41
       |
    12 | subject = { from = "a", when_missing = "skipp" }
       |                                         ^^^^^ did you mean `skip`?
       |
       = valid: keep, clear, block, skip
    "#);
}

#[test]
fn needed_and_left_out() {
    assert_snapshot!(of_fields("subject = { from = \"a\", required = true, when_missing = \"skip\" }"), @r#"
    error: `required` and `when_missing` contradict each other
      --> mappings/acme.toml:12:58
       |
    12 | subject = { from = "a", required = true, when_missing = "skip" }
       |                                                          ^^^^ leave one out
    "#);
}

#[test]
fn an_unknown_choice_for_what_a_table_does_not_know() {
    assert_snapshot!(of_fields("subject = { from = \"a\", table = \"words\", when_unknown = \"keep\" }"), @r#"
    error: unknown choice `keep`
      --> mappings/acme.toml:12:58
       |
    12 | subject = { from = "a", table = "words", when_unknown = "keep" }
       |                                                          ^^^^ there is none of this name
       |
       = valid: default, block, skip
    "#);
}

#[test]
fn a_default_that_is_not_there() {
    assert_snapshot!(of_fields("subject = { from = \"a\", table = \"words\", when_unknown = \"default\" }"), @r#"
    error: there is no `default`
      --> mappings/acme.toml:12:58
       |
    12 | subject = { from = "a", table = "words", when_unknown = "default" }
       |                                                          ^^^^^^^ add `default`, or leave this out
    "#);
}

#[test]
fn nothing_that_could_be_unknown() {
    assert_snapshot!(of_fields("subject = { from = \"a\", when_unknown = \"skip\" }"), @r#"
    error: `when_unknown` without `table`
      --> mappings/acme.toml:12:41
       |
    12 | subject = { from = "a", when_unknown = "skip" }
       |                                         ^^^^ it is about what a table does not know
    "#);
}

#[test]
fn an_unknown_choice_for_doubles() {
    assert_snapshot!(refusal(&small("doubles = \"lastt\"", "")), @r#"
    error: unknown choice `lastt`
     --> mappings/acme.toml:3:12
      |
    3 | doubles = "lastt"
      |            ^^^^^ did you mean `last`?
      |
      = valid: newest, first, last, block
    "#);
}

#[test]
fn experimental_in_quotes() {
    assert_snapshot!(refusal(&small("experimental = \"yes\"", "")), @r#"
    error: `experimental` must be true or false
     --> mappings/acme.toml:3:16
      |
    3 | experimental = "yes"
      |                ^^^^^ this is text
    "#);
}

#[test]
fn a_list_of_one_element_without_its_parts() {
    let fields = "attachments = { fields = { name = { from = \"n\" } } }\nsource = { type = { value = \"email\" }, to = { when = \"a exists\" } }";
    assert_snapshot!(of_fields(fields), @r#"
    error: `attachments` has no `url`
      --> mappings/acme.toml:12:15
       |
    12 | attachments = { fields = { name = { from = "n" } } }
       |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ its `fields` must map `url`

    error: `attachments` has no `content_type`
      --> mappings/acme.toml:12:15
       |
    12 | attachments = { fields = { name = { from = "n" } } }
       |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ its `fields` must map `content_type`

    error: `source.to` has no `fields`
      --> mappings/acme.toml:13:45
       |
    13 | source = { type = { value = "email" }, to = { when = "a exists" } }
       |                                             ^^^^^^^^^^^^^^^^^^^^^ what is read of each element?
       |
       = valid: name, address
    "#);
}

#[test]
fn around_the_one_element_is_what_is_around_the_message() {
    let fields =
        "source.type = { value = \"email\" }\nsource.to = { fields = { address = { from = \"parent.mail\" } } }";
    assert_snapshot!(of_fields(fields), @r#"
    error: `parent` leads out of the record
      --> mappings/acme.toml:13:46
       |
    13 | source.to = { fields = { address = { from = "parent.mail" } } }
       |                                              ^^^^^^^^^^^ the record itself is the message here: it has no parent
    "#);
}

#[test]
fn the_key_of_a_lookup_is_one_value() {
    assert_snapshot!(refusal(&small("[lookups.users]\nfiles = \"u*\"\nkey = \"ids[].id\"", "")), @r#"
    error: a lookup's key stands in its own row
     --> mappings/acme.toml:5:8
      |
    5 | key = "ids[].id"
      |        ^^^^^^^^ a plain path is needed
    "#);
}
