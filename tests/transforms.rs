//! Every transform: what it makes of what it takes, what it finds nothing in, and what it refuses, in words that show no
//! message content.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod mapping_support;

use deskferry::mapping::{MappedResult, Transform, Type};
use deskferry::update::Field;
use mapping_support::{compile, map, small};
use proptest::prelude::*;
use serde_json::{Value, json};

/// What `body_text` becomes of `value` with `apply`; a time shows as `sent_datetime`.
fn made(apply: &str, value: &Value) -> String {
    let record = json!({"id": 1, "v": value}).to_string();
    let with = |more: &str| format!("body_text = {{ from = \"v\", apply = {}{more}] }}", &apply[..apply.len() - 1]);
    let field = match gives(apply) {
        Type::Time => format!("failed_datetime = {{ from = \"v\", apply = {apply} }}"),
        Type::Integer | Type::Boolean => with(", \"to_string\""),
        Type::List => with(", { join = \"|\" }"),
        _ => with(""),
    };
    let mapped = map(&small("timezone = \"Europe/Berlin\"", &field), &record);
    match &mapped[0].result {
        MappedResult::Message(draft) => match (&draft.body_text, &draft.failed_datetime) {
            (Field::Set(text), _) => text.clone(),
            (_, Field::Set(at)) => at.to_string(),
            _ => "nothing".to_owned(),
        },
        MappedResult::Blocked(cause) => format!("refused: {}", cause.detail.split_once(": ").expect("a field").1),
        MappedResult::Skipped(cause) => panic!("skipped: {}", cause.detail),
    }
}

/// What the last transform gives.
fn gives(apply: &str) -> Type {
    let end = |name: &str| apply.rfind(name).map(|at| (at + name.len(), name.len()));
    Transform::ALL.iter().max_by_key(|transform| end(transform.name)).map_or(Type::Text, |transform| transform.gives)
}

#[test]
fn text_is_trimmed_cut_and_written_anew() {
    for (apply, value, wanted) in [
        (r#"["trim"]"#, " a b\n", "a b"),
        (r#"["lowercase"]"#, "ÄB", "äb"),
        (r#"["uppercase"]"#, "äb", "ÄB"),
        ("[{ slice = 2 }]", "abcde", "cde"),
        ("[{ slice = [0, 3] }]", "äbcde", "äbc"),
        ("[{ slice = [-2, 9] }]", "abcde", "de"),
        ("[{ slice = [3, 1] }]", "abcde", ""),
        ("[{ truncate = 5 }]", "abcde", "abcde"),
        ("[{ truncate = 5 }]", "abc efg", "abc…"),
        ("[{ truncate = [6, \"...\"] }]", "abcdefgh", "abc..."),
        (r#"[{ prefix = "a-" }, { suffix = "-z" }]"#, "5", "a-5-z"),
        (r#"[{ replace = ['(\w+) +(\w+)', "$2 $1"] }]"#, "b   a", "a b"),
        (r"[{ extract = 'ticket-(\d+)' }]", "see ticket-12, ticket-13", "12"),
        (r"[{ extract = '\d+' }]", "see 12", "12"),
        (r"[{ extract = '\d+' }]", "see", "nothing"),
        (r#"[{ split = "," }]"#, "a, b,,c ", "a|b|c"),
        (r#"[{ split = "," }, { item = -1 }]"#, "a,b", "b"),
        (r#"[{ split = "," }, { item = 2 }]"#, "a,b", "nothing"),
        (r#"["html_to_text"]"#, "<p>Fine &amp; well</p><p>Ann</p>", "Fine & well\n\nAnn"),
        (r#"["html_to_text"]"#, "<head><title>T</title></head><ul><li><p>a</p></li></ul>", "- a"),
        (r#"["html_to_text"]"#, "<title>T</title><pre>a\n  b</pre>", "a\n  b"),
        (r#"[{ replace = ['(?<n>\d)(a)', "${n}${2}x$$"] }]"#, "1a", "1ax$"),
        (r#"["text_to_html"]"#, "a < b\r\n\"c\" & d", "a &lt; b<br>&quot;c&quot; &amp; d"),
        (r#"["decode_entities"]"#, "a &amp;lt; b&#8217;s", "a &lt; b’s"),
        ("[{ hash = 8 }]", "a", "17762fdd"),
    ] {
        assert_eq!(made(apply, &json!(value)), wanted, "{apply} of {value:?}");
    }
}

#[test]
fn a_hash_is_the_same_for_the_same_text_only() {
    assert_eq!(made("[{ hash = 64 }]", &json!("x")).len(), 64);
    assert_eq!(made("[{ hash = 32 }]", &json!("x")), made("[{ hash = 64 }]", &json!("x"))[..32]);
    assert_ne!(made("[{ hash = 32 }]", &json!("x")), made("[{ hash = 32 }]", &json!("y")));
}

#[test]
fn people_and_numbers_are_taken_apart() {
    for (apply, value, wanted) in [
        (r#"["email_address"]"#, r#""Lee, Ann" <ann@x.example>"#, "ann@x.example"),
        (r#"["email_address"]"#, "@handle", "nothing"),
        (r#"["display_name"]"#, r#""Lee, Ann" <ann@x.example>"#, "Lee, Ann"),
        (r#"["email_address"]"#, "ann@x.example (Ann Lee)", "ann@x.example"),
        (r#"["display_name"]"#, "ann@x.example (Ann Lee)", "Ann Lee"),
        (r#"["display_name"]"#, "ann@x.example", "nothing"),
        (r#"["addresses"]"#, "Team: a@x.example; Lee, Ann <b@x.example>", "a@x.example|Lee, Ann <b@x.example>"),
        (r#"["addresses"]"#, r#""Ann <a@x.example>, b@x.example"#, r#""Ann <a@x.example>|b@x.example"#),
        (r#"["addresses"]"#, r#""Lee, Ann" <ann@x.example>, b@x.example"#, r#""Lee, Ann" <ann@x.example>|b@x.example"#),
        (r#"["message_id"]"#, " abc@mail.example ", "<abc@mail.example>"),
        (r#"["message_id"]"#, "<abc@mail.example>", "<abc@mail.example>"),
        (r#"["message_id"]"#, " ", "nothing"),
        (r#"["message_id"]"#, "<a@b> <c@d>", "refused: `message_id`: this is no Message-ID, or more than one"),
        (r#"["phone"]"#, "+1 800-123-4567", "+18001234567"),
        (r#"["phone"]"#, "anonymous", "nothing"),
        (r#"["phone"]"#, "1-800-FLOWERS", "nothing"),
        (r#"["phone"]"#, "call 2 me", "nothing"),
        (r#"["phone"]"#, "+44 (0)20 7946 0000", "+442079460000"),
        (r#"["phone"]"#, "(0)20 7946 0000", "02079460000"),
    ] {
        assert_eq!(made(apply, &json!(value)), wanted, "{apply} of {value:?}");
    }
}

#[test]
fn numbers_and_booleans_are_read_from_words() {
    for (apply, value, wanted) in [
        (r#"["integer"]"#, json!(" 7 "), "7"),
        (r#"["integer"]"#, json!("7.5"), "refused: `integer`: not a whole number"),
        (r#"["round"]"#, json!(7.5), "8"),
        (r#"["round"]"#, json!("2.4"), "2"),
        (r#"["round"]"#, json!(1e30), "refused: `round`: a number that is too large"),
        (r#"["boolean"]"#, json!("Yes"), "true"),
        (r#"["boolean"]"#, json!("off"), "false"),
        (r#"["boolean"]"#, json!(1), "true"),
        (
            r#"["boolean"]"#,
            json!("maybe"),
            "refused: `boolean`: none of true, false, yes, no, on, off, y, n, t, f, 1, 0",
        ),
    ] {
        assert_eq!(made(apply, &value), wanted, "{apply} of {value}");
    }
}

#[test]
fn a_list_of_the_export_is_joined_or_gives_one_of_its_elements() {
    assert_eq!(made(r#"[{ join = ", " }]"#, &json!(["a", null, "b", 3])), "a, b, 3");
    assert_eq!(made("[{ item = 1 }]", &json!(["a", "b"])), "b");
    assert_eq!(made("[{ item = 0 }]", &json!([])), "nothing");
    assert_eq!(made(r#"["trim"]"#, &json!(["a"])), "refused: `v` is a list, where a single value is needed");
    assert!(made(r#"[{ join = ", " }]"#, &json!([{"a": 1}])).starts_with("refused: `v` is a list"));
}

#[test]
fn times_of_every_kind_are_one_moment() {
    for (apply, value) in [
        (r#"["datetime"]"#, json!("2024-05-31T10:00:00Z")),
        (r#"["datetime"]"#, json!("2024-05-31T19:00:00+09:00")),
        (r#"["datetime"]"#, json!("2024-05-31 10:00:00.000000+0000")),
        (r#"["datetime"]"#, json!("2024-05-31 12:00:00")),
        (r#"[{ datetime = "UTC" }]"#, json!("2024-05-31 10:00:00")),
        (r#"[{ time_format = "%d.%m.%Y %H:%M" }]"#, json!("31.05.2024 12:00")),
        (r#"[{ time_format = ["%d.%m.%Y %H:%M", "UTC"] }]"#, json!("31.05.2024 10:00")),
        (r#"[{ time_format = "%Y-%m-%d %H:%M %z" }]"#, json!("2024-05-31 12:00 +0200")),
        (r#"["datetime"]"#, json!("2024-05-31T06:00:00-04:00[America/New_York]")),
        (r#"["datetime"]"#, json!("2024-05-31T06:00:00[America/New_York]")),
        (r#"[{ time_format = "%s" }]"#, json!("1717149600")),
        (r#"[{ time_format = "%d.%m.%y %I %p" }]"#, json!("31.05.24 12 PM")),
        (r#"[{ time_format = "%b %e %Y %l:%M %P" }]"#, json!("May 31 2024 12:00 pm")),
        (r#"[{ time_format = "%Y%m%d%H%M%S" }]"#, json!("20240531120000")),
        (r#"[{ time_format = "%F %T%.f %Q" }]"#, json!("2024-05-31 06:00:00.000 America/New_York")),
        (r#"["rfc2822"]"#, json!("Fri, 31 May 2024 12:00:00 +0200")),
        (r#"["epoch_seconds"]"#, json!(1_717_149_600)),
        (r#"["epoch_seconds"]"#, json!("1717149600")),
        (r#"["epoch_seconds"]"#, json!(1_717_149_600.0)),
        (r#"["epoch_millis"]"#, json!(1_717_149_600_000_i64)),
    ] {
        assert_eq!(made(apply, &value), "2024-05-31T10:00:00Z", "{apply} of {value}");
    }
    assert_eq!(made(r#"[{ time_format = "%d.%m.%Y" }]"#, &json!("31.05.2024")), "2024-05-30T22:00:00Z");
    assert_eq!(made(r#"["epoch_seconds"]"#, &json!(1_701_292_649.333)), "2023-11-29T21:17:29.333Z");
    assert_eq!(made(r#"["epoch_millis"]"#, &json!("1701292649333.5")), "2023-11-29T21:17:29.3335Z");
}

#[test]
fn a_time_that_means_nothing_is_refused_with_the_reason() {
    for (apply, value, wanted) in [
        (
            r#"["datetime"]"#,
            "2024-10-27 02:30:00",
            "`datetime`: the clocks in Europe/Berlin showed this time twice: summer time ended",
        ),
        (
            r#"["datetime"]"#,
            "2024-03-31 02:30:00",
            "`datetime`: the clocks in Europe/Berlin never showed this time: summer time began",
        ),
        (
            r#"["datetime"]"#,
            "2024-05-31",
            "`datetime`: the time of day is missing: `time_format` reads a day alone, such as %Y-%m-%d",
        ),
        (
            r#"["datetime"]"#,
            "2024-05-31T06:00:00+01:00[America/New_York]",
            "`datetime`: the time does not fit the zone in brackets behind it",
        ),
        (
            r#"["datetime"]"#,
            "yesterday",
            "`datetime`: this is no time such as 2024-05-31T12:00:00Z (`time_format` reads other forms)",
        ),
        (r#"[{ time_format = "%d.%m.%Y" }]"#, "2024-05-31", "`time_format`: this is no time of the form %d.%m.%Y"),
        (r#"["rfc2822"]"#, "31 May", "`rfc2822`: this is no time such as Fri, 31 May 2024 10:00:00 +0200"),
        (r#"["epoch_seconds"]"#, "1e9", "`epoch_seconds`: not a number"),
        (r#"["epoch_seconds"]"#, "99999999999999", "`epoch_seconds`: beyond the years that can be written"),
    ] {
        assert_eq!(made(apply, &json!(value)), format!("refused: {wanted}"), "{apply} of {value}");
    }
}

#[test]
fn what_finds_nothing_leaves_it_to_the_default_and_to_the_next_way() {
    let fields = r#"body_text = { from = "v", apply = [{ extract = '\d+' }], default = "none" }
subject = [{ from = "v", apply = [{ extract = '\d+' }] }, { from = "w" }]"#;
    let mapped = map(&small("", fields), r#"{"id":1,"v":"abc","w":"later"}"#);
    let draft = mapping_support::draft(&mapped);
    assert_eq!(draft.body_text, Field::Set("none".to_owned()));
    assert_eq!(draft.subject, Field::Set("later".to_owned()));
}

#[test]
fn a_needed_value_in_which_nothing_was_found_says_so() {
    for (field, record, wanted) in [
        (r#"from = "v", apply = [{ extract = '\d+' }]"#, r#""v":"abc""#, "`extract` found nothing in `v`"),
        (
            r#"from = ["u", "v"], apply = [{ item = 3 }]"#,
            r#""v":["a"]"#,
            "there is no `u`, `item` found nothing in `v`",
        ),
        (r#"template = "a{v}", apply = [{ extract = '\d+' }]"#, r#""v":"b""#, "`extract` found nothing in its text"),
        (r#"template = "a{v}", apply = [{ extract = '\d+' }]"#, r#""w":"b""#, "there is no `v`"),
        (
            r#"expr = "v[0]", with = { v = "v" }, apply = ["display_name"]"#,
            r#""v":["b"]"#,
            "`display_name` found nothing in what `expr` gives",
        ),
    ] {
        let mapped =
            map(&small("", &format!("subject = {{ {field}, required = true }}")), &format!("{{\"id\":1,{record}}}"));
        assert_eq!(mapping_support::blocked(&mapped).1, format!("subject: {wanted}"));
    }
}

#[test]
fn a_list_that_an_expression_gives_is_no_single_value() {
    let mapped =
        map(&small("", r#"from_agent = { expr = "v", with = { v = "v" }, is = "a" }"#), r#"{"id":1,"v":["a"]}"#);
    assert_eq!(
        mapping_support::blocked(&mapped).1,
        "from_agent: a list, where a single value is needed: add `join` or `item`"
    );
}

#[test]
fn every_transform_is_described() {
    for transform in Transform::ALL {
        assert!(!transform.about.is_empty() && !transform.accepts.is_empty(), "{}", transform.name);
        assert_eq!(Transform::from_name(transform.name).map(|found| found.name), Some(transform.name));
    }
}

/// Every transform once, with an argument where it needs one.
const EACH: [&str; 30] = [
    r#""trim""#,
    r#""lowercase""#,
    r#""uppercase""#,
    "{ slice = [-3, 5] }",
    "{ truncate = 3 }",
    r#"{ prefix = "a" }"#,
    r#"{ suffix = "a" }"#,
    r#"{ replace = ['.', "$0"] }"#,
    "{ extract = '(a*)b' }",
    r#"{ split = "a" }"#,
    r#"{ join = "a" }"#,
    "{ item = -1 }",
    r#""addresses""#,
    r#""email_address""#,
    r#""display_name""#,
    r#""message_id""#,
    r#""phone""#,
    r#""html_to_text""#,
    r#""text_to_html""#,
    r#""decode_entities""#,
    "{ hash = 8 }",
    r#""to_string""#,
    r#""integer""#,
    r#""round""#,
    r#""boolean""#,
    r#""datetime""#,
    r#"{ time_format = "%d.%m.%Y" }"#,
    r#""rfc2822""#,
    r#""epoch_seconds""#,
    r#""epoch_millis""#,
];

fn any_value() -> impl Strategy<Value = Value> {
    let single = prop_oneof![
        any::<String>().prop_map(Value::from),
        "[<>@,;\"\\\\ a-c&#;()]{0,40}".prop_map(Value::from),
        "[0-9T:. +-]{0,30}".prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ];
    let list = proptest::collection::vec(single.clone(), 0..4).prop_map(Value::from);
    prop_oneof![3 => single, 1 => list]
}

proptest! {
    #[test]
    fn no_value_makes_a_transform_panic(value in any_value(), index in 0..EACH.len()) {
        assert_eq!(EACH.len(), Transform::ALL.len());
        made(&format!("[{}]", EACH[index]), &value);
    }
}

#[test]
fn a_chain_is_compiled_once_and_used_for_every_record() {
    let mapping = compile(&small("", r#"body_text = { from = "v", apply = ["trim", { truncate = 4 }] }"#));
    for (value, wanted) in [("abcdef", "abc…"), (" ab ", "ab")] {
        let record = json!({"id": 1, "v": value}).to_string();
        let mapped = mapping_support::map_with(&mapping, &deskferry::mapping::Lookups::default(), &record);
        assert_eq!(mapping_support::draft(&mapped).body_text, Field::Set(wanted.to_owned()));
    }
}
