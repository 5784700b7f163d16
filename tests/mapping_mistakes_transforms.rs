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
    error: `extract`: this is no regular expression that can be used
      --> acme.toml:11:54
       |
    11 | subject = { from = "s", apply = [{ extract = 'ticket-(' }] }
       |                                                      ^ unclosed group
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
    for (zone, wanted) in [
        ("Berlin", "did you mean `Europe/Berlin`?"),
        ("New York", "did you mean `America/New_York`?"),
        ("PST", "did you mean `America/Los_Angeles`?"),
        ("XST", "such as \"UTC\" or \"Europe/Berlin\""),
    ] {
        let refused = refusal_of(&format!("timezone = \"{zone}\""), "");
        assert!(refused.ends_with(wanted), "{refused}");
    }
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
       |                                                           ^^^^^ found unrecognized specifier directive `!`
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

#[test]
fn a_group_that_is_not_there() {
    assert_snapshot!(refusal(r#"[{ replace = ['(a) (?<b>c)', "$b $$3 $1x"] }]"#), @r#"
    error: `replace`: the regular expression has no group `1x`
      --> acme.toml:11:70
       |
    11 | subject = { from = "s", apply = [{ replace = ['(a) (?<b>c)', "$b $$3 $1x"] }] }
       |                                                                      ^^^ write ${1}x for group 1 before `x`
    "#);
}

#[test]
fn a_group_with_too_great_a_number() {
    assert_snapshot!(refusal(r#"[{ replace = ['(a)', "$2"] }]"#), @r#"
    error: `replace`: the regular expression has no group `2`
      --> acme.toml:11:55
       |
    11 | subject = { from = "s", apply = [{ replace = ['(a)', "$2"] }] }
       |                                                       ^^ write $$ for a dollar sign
    "#);
}

#[test]
fn a_form_with_an_hour_but_no_minute() {
    assert_snapshot!(refusal_of("", r#"failed_datetime = { from = "s", apply = [{ time_format = "%Y-%m-%d %H:%Q" }] }"#), @r#"
    error: `time_format`: this is no form of times
      --> acme.toml:11:59
       |
    11 | failed_datetime = { from = "s", apply = [{ time_format = "%Y-%m-%d %H:%Q" }] }
       |                                                           ^^^^^^^^^^^^^^ there is no minute: it needs %M
    "#);
}

#[test]
fn a_form_with_minutes_but_no_hour() {
    assert_snapshot!(refusal_of("", r#"failed_datetime = { from = "s", apply = [{ time_format = "%d.%m.%Y %M" }] }"#), @r#"
    error: `time_format`: this is no form of times
      --> acme.toml:11:59
       |
    11 | failed_datetime = { from = "s", apply = [{ time_format = "%d.%m.%Y %M" }] }
       |                                                           ^^^^^^^^^^^ there is no hour, or no minute: it needs %H and %M
    "#);
}

#[test]
fn a_form_with_half_a_day() {
    assert_snapshot!(refusal_of("", r#"failed_datetime = { from = "s", apply = [{ time_format = "%d.%m.%Y %I:%M" }] }"#), @r#"
    error: `time_format`: this is no form of times
      --> acme.toml:11:59
       |
    11 | failed_datetime = { from = "s", apply = [{ time_format = "%d.%m.%Y %I:%M" }] }
       |                                                           ^^^^^^^^^^^^^^ %I and %l need %p: is it morning or evening?
    "#);
}

#[test]
fn a_form_without_a_day() {
    assert_snapshot!(refusal_of("", r#"failed_datetime = { from = "s", apply = [{ time_format = "%H:%M" }] }"#), @r#"
    error: `time_format`: this is no form of times
      --> acme.toml:11:59
       |
    11 | failed_datetime = { from = "s", apply = [{ time_format = "%H:%M" }] }
       |                                                           ^^^^^ it tells no day: it needs %Y, %m and %d, or the like
    "#);
}

#[test]
fn a_form_that_can_only_be_written() {
    assert_snapshot!(refusal_of("", r#"failed_datetime = { from = "s", apply = [{ time_format = "%F %T %Z" }] }"#), @r#"
    error: `time_format`: this is no form of times
      --> acme.toml:11:59
       |
    11 | failed_datetime = { from = "s", apply = [{ time_format = "%F %T %Z" }] }
       |                                                           ^^^^^^^^ parsing time zone abbreviation is not allowed
    "#);
}

#[test]
fn a_list_before_a_table() {
    assert_snapshot!(refusal_of("[tables]\nt = { a = \"b\" }", r#"subject = { from = "s", apply = [{ split = "," }], table = "t" }"#), @r#"
    error: `table` takes a single value
      --> acme.toml:12:61
       |
    12 | subject = { from = "s", apply = [{ split = "," }], table = "t" }
       |                                                             ^ what comes before gives a list
       |
       = add `join` or `item` to `apply`
    "#);
}

#[test]
fn a_list_before_a_comparison() {
    assert_snapshot!(refusal_of("", r#"from_agent = { from = "s", apply = [{ split = "," }], is = "a" }"#), @r#"
    error: `is` takes a single value
      --> acme.toml:10:60
       |
    10 | from_agent = { from = "s", apply = [{ split = "," }], is = "a" }
       |                                                            ^^^ what comes before gives a list
       |
       = add `join` or `item` to `apply`
    "#);
}

#[test]
fn values_for_no_expression() {
    assert_snapshot!(refusal_of("", r#"subject = { from = "s", with = { a = "a" } }"#), @r#"
    error: `with` without `expr`
      --> acme.toml:11:32
       |
    11 | subject = { from = "s", with = { a = "a" } }
       |                                ^^^^^^^^^^^ only an expression is given values by name
    "#);
}

#[test]
fn no_form_that_can_only_be_written_is_accepted() {
    for form in ["%c", "%q", "%r", "%x", "%X", "%Z", "%s%.f", "%d.%m.%Y %p", "%d.%m.%Y %S", "%d.%m"] {
        let form = if form.contains("%s") || form.contains("%d") { form.to_owned() } else { format!("%F {form}") };
        let refused =
            refusal_of("", &format!("failed_datetime = {{ from = \"s\", apply = [{{ time_format = \"{form}\" }}] }}"));
        assert!(refused.contains("this is no form of times"), "{form}");
    }
}
