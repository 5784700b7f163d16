//! What an operator reads when a transform or its argument is wrong: the exact text, one class of mistake a test.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(clippy::needless_raw_string_hashes, reason = "all snapshots are quoted alike")]

mod mapping_support;

use deskferry::mapping::Mapping;
use insta::assert_snapshot;
use mapping_support::small;

fn refusal_of(head: &str, fields: &str) -> String {
    Mapping::compile(&small(head, fields), "acme.toml").expect_err("a wrong mapping is refused").render()
}

fn refusal(apply: &str) -> String {
    refusal_of("", &format!("subject = {{ from = \"s\", apply = {apply} }}"))
}

#[test]
fn an_argument_that_is_missing() {
    assert_snapshot!(refusal(r#"["truncate"]"#), @r#"
    error: `truncate` needs an argument
      --> acme.toml:11:35
       |
    11 | subject = { from = "s", apply = ["truncate"] }
       |                                   ^^^^^^^^ written as { truncate = … }: the most characters, and if wanted the mark of a cut
    "#);
}

#[test]
fn an_argument_that_nobody_takes() {
    assert_snapshot!(refusal("[{ trim = 3 }]"), @r#"
    error: `trim` has no argument
      --> acme.toml:11:43
       |
    11 | subject = { from = "s", apply = [{ trim = 3 }] }
       |                                           ^ write "trim"
    "#);
}

#[test]
fn an_argument_of_the_wrong_kind() {
    assert_snapshot!(refusal(r#"[{ truncate = "80" }]"#), @r#"
    error: `truncate`: the argument must be a whole number
      --> acme.toml:11:48
       |
    11 | subject = { from = "s", apply = [{ truncate = "80" }] }
       |                                                ^^ such as { truncate = 80 } or { truncate = [80, "..."] }
    "#);
}

#[test]
fn an_argument_that_is_too_small() {
    assert_snapshot!(refusal(r#"[{ truncate = [2, "..."] }]"#), @r#"
    error: `truncate`: 2 is shorter than the mark of a cut
      --> acme.toml:11:48
       |
    11 | subject = { from = "s", apply = [{ truncate = [2, "..."] }] }
       |                                                ^ such as { truncate = 80 } or { truncate = [80, "..."] }
    "#);
}

#[test]
fn a_regular_expression_that_is_none() {
    assert_snapshot!(refusal("[{ extract = 'ticket-(' }]"), @r#"
    error: `extract`: this is no regular expression
      --> acme.toml:11:47
       |
    11 | subject = { from = "s", apply = [{ extract = 'ticket-(' }] }
       |                                               ^^^^^^^^ unclosed group
    "#);
}

#[test]
fn two_transforms_in_one_table() {
    assert_snapshot!(refusal(r#"[{ prefix = "a", suffix = "b" }]"#), @r#"
    error: a transform with more than one name, or none
      --> acme.toml:11:34
       |
    11 | subject = { from = "s", apply = [{ prefix = "a", suffix = "b" }] }
       |                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ each transform is a table of its own
    "#);
}

#[test]
fn a_transform_that_is_no_name() {
    assert_snapshot!(refusal("[80]"), @r#"
    error: `apply` must be a transform's name, or a table with its argument such as { truncate = 80 }
      --> acme.toml:11:34
       |
    11 | subject = { from = "s", apply = [80] }
       |                                  ^^ this is a whole number
    "#);
}

#[test]
fn an_unknown_time_zone() {
    assert_snapshot!(refusal_of("timezone = \"Europe/Berln\"", ""), @r#"
    error: unknown time zone `Europe/Berln`
     --> acme.toml:3:13
      |
    3 | timezone = "Europe/Berln"
      |             ^^^^^^^^^^^^ did you mean `Europe/Berlin`?
    "#);
    assert_snapshot!(refusal(r#"[{ datetime = "Mars" }, "to_string"]"#), @r#"
    error: `datetime`: unknown time zone `Mars`
      --> acme.toml:11:48
       |
    11 | subject = { from = "s", apply = [{ datetime = "Mars" }, "to_string"] }
       |                                                ^^^^ such as "UTC" or "Europe/Berlin"

    error: `to_string` takes text or a whole number or a number with a fraction or a boolean
      --> acme.toml:11:58
       |
    11 | subject = { from = "s", apply = [{ datetime = "Mars" }, "to_string"] }
       |                                                          ^^^^^^^^^ what comes before gives a time
    "#);
}

#[test]
fn a_form_of_times_that_is_none() {
    assert_snapshot!(refusal_of("", r#"failed_datetime = { from = "s", apply = [{ time_format = "%d.%!" }] }"#), @r#"
    error: `time_format`: this is no form of times
      --> acme.toml:11:59
       |
    11 | failed_datetime = { from = "s", apply = [{ time_format = "%d.%!" }] }
       |                                                           ^^^^^ strftime formatting failed: found unrecognized specifier directive `!`
    "#);
}

#[test]
fn a_list_where_text_is_needed() {
    assert_snapshot!(refusal(r#"[{ split = "," }]"#), @r#"
    error: `subject` takes text
      --> acme.toml:11:34
       |
    11 | subject = { from = "s", apply = [{ split = "," }] }
       |                                  ^^^^^^^^^^^^^^^ this gives a list
       |
       = add `join` or `item` to `apply`
    "#);
}

#[test]
fn text_where_a_list_is_needed() {
    assert_snapshot!(refusal(r#"["trim", { join = "," }]"#), @r#"
    error: `join` takes a list
      --> acme.toml:11:44
       |
    11 | subject = { from = "s", apply = ["trim", { join = "," }] }
       |                                            ^^^^ what comes before gives text
    "#);
}

#[test]
fn a_separator_of_nothing() {
    assert_snapshot!(refusal(r#"[{ split = "" }]"#), @r#"
    error: `split`: there is no separator
      --> acme.toml:11:45
       |
    11 | subject = { from = "s", apply = [{ split = "" }] }
       |                                             ^ such as { split = "," }
    "#);
}

#[test]
fn a_hash_that_is_too_short() {
    assert_snapshot!(refusal("[{ hash = 4 }]"), @r#"
    error: `hash`: a hash has 8 to 64 digits
      --> acme.toml:11:43
       |
    11 | subject = { from = "s", apply = [{ hash = 4 }] }
       |                                           ^ such as { hash = 32 }
    "#);
}
