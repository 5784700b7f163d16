//! `expr` computes what nothing else in a mapping says, from what it is given and nothing else, in a bounded number of steps.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(clippy::needless_raw_string_hashes, reason = "all snapshots are quoted alike")]

mod mapping_support;

use deskferry::mapping::Mapping;
use deskferry::update::Field;
use insta::assert_snapshot;
use mapping_support::{blocked, draft, map, small};
use serde_json::{Value, json};

fn field(expr: &str) -> String {
    small("", &format!("body_text = {{ expr = {}, with = {{ a = \"a\", b = \"x.b\" }} }}", json!(expr)))
}

fn made(expr: &str, record: &Value) -> Field<String> {
    draft(&map(&field(expr), &record.to_string())).body_text
}

fn refused(field: &str) -> String {
    Mapping::compile(&small("", field), "acme.toml").expect_err("a wrong mapping is refused").render()
}

#[test]
fn it_computes_with_texts_numbers_booleans_and_lists() {
    let record = json!({"id": 1, "a": "Refund", "x": {"b": ["vip", "eu", null]}});
    for (expr, wanted) in [
        ("a ~ ' (' ~ (b | join('/')) ~ ')'", "Refund (vip/eu)"),
        ("a | upper if b else 'none'", "REFUND"),
        ("(b | length) ~ a[0]", "2R"),
        ("b[1] if 'vip' in b else a", "eu"),
        ("a if b is sequence", "Refund"),
        ("a[:3] ~ b[0]", "Refvip"),
        ("a if b else 0 | default(value='x')", "Refund"),
        ("b | sort(reverse=true) | join(a[:1])", "vipReu"),
        ("a if 1e3 > 1.5e2 and b.0.x is undefined and b[0x0] == 'vip'", "Refund"),
    ] {
        assert_eq!(made(expr, &record), Field::Set(wanted.to_owned()), "{expr}");
    }
}

#[test]
fn nothing_is_a_missing_value() {
    let record = json!({"id": 1, "x": {"b": "z"}});
    assert_eq!(made("a if b == 'z'", &record), Field::Keep);
    assert_eq!(made("a if b == 'y' else none", &record), Field::Keep);
    assert_eq!(made("a | default(b)", &record), Field::Set("z".to_owned()));
}

#[test]
fn what_it_gives_is_typed_like_any_value() {
    let mapped = map(&field("a * 2 if b is undefined"), &json!({"id": 1, "a": 4}).to_string());
    assert_eq!(blocked(&mapped).1, "body_text: a whole number, where text is needed: add `to_string`");
    let mapped = map(&field("{'k': a, 'l': b}"), &json!({"id": 1, "a": 4}).to_string());
    assert_eq!(blocked(&mapped).1, "body_text: `expr` gives neither text, number, true, false nor a list of them");
}

#[test]
fn it_ends_whatever_it_is_told_to_do() {
    let record = json!({"id": 1, "a": "x".repeat(2000), "x": {"b": 9}}).to_string();
    for expr in [
        "(a * 1000000000) if b else a",
        "([1] * 1000000000) | join(a) if b else a",
        "(a | list) * 100000 | join(a | list | join(a)) if b else a",
        "9 ** 9 ** 9 if b else a",
    ] {
        let mapped = map(&field(expr), &record);
        assert!(blocked(&mapped).1.starts_with("body_text: "), "{expr}");
    }
}

#[test]
fn a_text_of_a_megabyte_goes_through_a_filter() {
    let text = "word ".repeat(200_000);
    let record = json!({"id": 1, "a": text, "x": {"b": 9}});
    let upper = made("a | upper | replace('D', 't') if b", &record);
    assert_eq!(upper, Field::Set("WORt ".repeat(200_000)));
    let words = made("(a | split | length | string) if b", &record);
    assert_eq!(words, Field::Set("200000".to_owned()));
}

#[test]
fn a_long_expression_is_refused_before_it_is_read() {
    for piece in [" | trim", "not ", " ~ a", "-", "[0]", " if a else a", "(", "[", "{'a':", "a."] {
        let is_before = !piece.starts_with([' ', '[']) || piece == "[";
        let repeated = |times: usize| {
            let pieces = piece.repeat(times);
            field(&if is_before { format!("{pieces}a") } else { format!("a{pieces}") })
        };
        let refused = Mapping::compile(&repeated(20_000), "acme.toml").expect_err("it is refused").render();
        assert!(refused.contains("characters, of 1000 at most"), "{piece}");
        // What is just short enough is read, whatever comes of it.
        let _ = Mapping::compile(&repeated(999 / piece.len()), "acme.toml");
    }
}

#[test]
fn a_function_of_a_value() {
    assert_snapshot!(refused(r#"subject = { expr = "a.upper()", with = { a = "a" } }"#), @r#"
    error: a value has no functions
      --> acme.toml:11:23
       |
    11 | subject = { expr = "a.upper()", with = { a = "a" } }
       |                       ^^^^^ an expression has filters, but no functions: write a | upper
    "#);
    assert!(refused(r#"subject = { expr = "a[0](1)", with = { a = "a" } }"#).contains("a value has no functions"));
}

#[test]
fn it_reaches_no_file_no_environment_and_no_function() {
    for expr in ["debug() ~ a ~ b", "range(9) ~ a ~ b", "env('HOME') ~ a ~ b", "(a | include) ~ b", "self.x ~ a ~ b"] {
        assert!(Mapping::compile(&field(expr), "acme.toml").is_err(), "{expr}");
    }
}

#[test]
fn why_it_fails_shows_no_content() {
    let mapped = map(&field("(a | int) + b"), &json!({"id": 1, "a": "secret", "x": {"b": 1}}).to_string());
    let (_, why) = blocked(&mapped);
    assert!(!why.contains("secret"), "{why}");
}

#[test]
fn an_unknown_name() {
    let refused = refused(r#"subject = { expr = "titel ~ tag", with = { title = "title", tag = "tag" } }"#);
    assert_snapshot!(refused, @r#"
    error: `titel` is not among what `expr` is given
      --> acme.toml:11:21
       |
    11 | subject = { expr = "titel ~ tag", with = { title = "title", tag = "tag" } }
       |                     ^^^^^ did you mean `title`?
       |
       = valid: title, tag

    error: `expr` does not use `title`
      --> acme.toml:11:44
       |
    11 | subject = { expr = "titel ~ tag", with = { title = "title", tag = "tag" } }
       |                                            ^^^^^ leave it out, or use it
    "#);
}

#[test]
fn an_unknown_filter() {
    assert_snapshot!(refused(r#"subject = { expr = "a | uper", with = { a = "a" } }"#), @r#"
    error: unknown filter `uper`
      --> acme.toml:11:25
       |
    11 | subject = { expr = "a | uper", with = { a = "a" } }
       |                         ^^^^ did you mean `upper`?
       |
       = valid: abs, capitalize, default, first, float, int, join, last, length, list, lower, max, min, replace, reverse, round, sort, split, string, title, trim, unique, upper
    "#);
}

#[test]
fn an_unknown_test() {
    assert_snapshot!(refused(r#"subject = { expr = "a if a is strng", with = { a = "a" } }"#), @r#"
    error: unknown test `strng`
      --> acme.toml:11:31
       |
    11 | subject = { expr = "a if a is strng", with = { a = "a" } }
       |                               ^^^^^ did you mean `string`?
       |
       = valid: defined, undefined, none, true, false, string, number, integer, float, boolean, sequence, startingwith, endingwith, in
    "#);
}

#[test]
fn a_function() {
    assert_snapshot!(refused(r#"subject = { expr = "range(9) | join(a)", with = { a = "a" } }"#), @r#"
    error: unknown function `range`
      --> acme.toml:11:21
       |
    11 | subject = { expr = "range(9) | join(a)", with = { a = "a" } }
       |                     ^^^^^ an expression has filters, but no functions
    "#);
}

#[test]
fn no_expression() {
    assert_snapshot!(refused(r#"subject = { expr = "a ~~ b", with = { a = "a", b = "b" } }"#), @r#"
    error: `expr` can't be read: unexpected `~`
      --> acme.toml:11:21
       |
    11 | subject = { expr = "a ~~ b", with = { a = "a", b = "b" } }
       |                     ^^^^^^ this is no expression
    "#);
}

#[test]
fn another_source_beside_it() {
    assert_snapshot!(refused(r#"subject = { expr = "a", with = { a = "a" }, from = "b" }"#), @r#"
    error: `subject` has both `from` and `expr`
      --> acme.toml:11:20
       |
    11 | subject = { expr = "a", with = { a = "a" }, from = "b" }
       |                    ^^^ leave one out
    "#);
}
