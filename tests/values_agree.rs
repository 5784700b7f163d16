//! What Gorgias stores otherwise than it was sent is known by its class and is no difference; everything else is one,
//! and the few bytes of the facts say the same as the values themselves.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod messages;

use std::time::{Duration, Instant};

use deskferry::update::{Agreement, Class, Facts, FieldName, agree, compare, html_key, text_key};
use messages::{any_held, any_update, map};
use proptest::prelude::*;
use serde_json::{Value, json};

use Agreement::{Different, Equal, Normalised};
use FieldName as F;

#[test]
fn each_class_is_told_apart() {
    let whole = json!({"id": 7, "email": "ann@shop.example", "name": "Ann", "meta": null});
    let routing = json!({"type": "email", "from": {"name": "A", "address": "A@b", "id": 1}, "to": [{"address": "c@d"}],
        "cc": [], "extra": {"x": 1}});
    let file = |url: &str, name: &str| json!([{"url": url, "name": name, "size": 1, "content_type": "text/plain"}]);
    let cases: Vec<(F, Value, Value, Agreement)> = vec![
        (F::Subject, json!("a"), json!("a"), Equal),
        (F::Subject, json!("a"), json!("a "), Different),
        (F::Subject, json!(""), json!(null), Normalised(Class::Blank)),
        (F::Attachments, json!([]), json!(null), Normalised(Class::Blank)),
        (F::Source, json!({"type": ""}), json!({}), Normalised(Class::Blank)),
        (
            F::SentDatetime,
            json!("2024-05-01T10:00:00+00:00"),
            json!("2024-05-01T10:00:00"),
            Normalised(Class::TimeZone),
        ),
        (
            F::FailedDatetime,
            json!("2024-05-01T12:00:00+02:00"),
            json!("2024-05-01T10:00:00.000Z"),
            Normalised(Class::TimeZone),
        ),
        (F::SentDatetime, json!("2024-05-01T10:00:00+00:00"), json!("2024-05-01T10:00:01+00:00"), Different),
        (F::SentDatetime, json!("2024-05-01T10:00:00+00:00"), json!(null), Different),
        (F::BodyHtml, json!("<P Class=a>x<!-- y --></P>"), json!("<p class=\"a\">x</p>\n"), Normalised(Class::Html)),
        (F::BodyHtml, json!("<p>x</p>"), json!("<p>X</p>"), Different),
        (F::BodyText, json!("a \r\nb\n"), json!("a\nb"), Normalised(Class::LineEnds)),
        (F::BodyText, json!("a b"), json!("a  b"), Different),
        (F::MessageId, json!(" <a@b>\n"), json!("<a@b>"), Normalised(Class::LineEnds)),
        (F::MessageId, json!("<a@b>"), json!("a@b"), Different),
        (F::ExternalId, json!("7"), json!(" 7"), Different),
        (F::ExternalId, json!("7"), json!(7), Different),
        (F::Channel, json!("email"), json!("chat"), Different),
        (F::FromAgent, json!(false), json!(null), Different),
        (F::Sender, json!({"id": 7}), whole.clone(), Normalised(Class::Person)),
        (F::Sender, json!({"email": "Ann@Shop.example"}), whole.clone(), Normalised(Class::Person)),
        (F::Receiver, json!({"id": 8}), whole.clone(), Different),
        (F::Receiver, json!({"id": 7, "email": "x@shop.example"}), whole.clone(), Different),
        (F::Receiver, json!(null), whole.clone(), Different),
        (F::Receiver, json!({"name": "Ann"}), whole, Different),
        (F::Source, json!({"type": "email"}), routing.clone(), Normalised(Class::Routing)),
        (
            F::Source,
            json!({"type": "email", "from": {"name": "A", "address": "a@B"}}),
            routing.clone(),
            Normalised(Class::Routing),
        ),
        (F::Source, json!({"to": [{"name": null, "address": "c@d"}]}), routing.clone(), Normalised(Class::Routing)),
        (F::Source, json!({"type": "email", "cc": [{"address": "c@d"}]}), routing.clone(), Different),
        (F::Source, json!({"type": "chat"}), routing, Different),
        (F::Attachments, file("https://a", "n"), file("https://b", "n"), Normalised(Class::Attachments)),
        (F::Attachments, file("https://a", "n"), file("https://a", "m"), Different),
        (F::Attachments, file("https://a", "n"), json!([]), Different),
    ];
    for (field, ours, held, expected) in cases {
        assert_eq!(agree(field, &ours, Some(&held)), expected, "{field:?} {ours} {held}");
    }
    assert_eq!(agree(F::Subject, &json!(null), None), Normalised(Class::Blank));
    assert_eq!(agree(F::Subject, &json!("a"), None), Different);
}

#[test]
fn only_what_was_sent_is_compared() {
    let sent = map(json!({"subject": "a", "external_id": "1", "no_field": 1}));
    let held = map(json!({"subject": "b", "external_id": "1", "body_text": "x"}));
    assert_eq!(compare(&sent, &held), [(F::ExternalId, Equal), (F::Subject, Different)]);
}

#[test]
fn classes_have_names_of_their_own() {
    for (index, class) in Class::ALL.iter().enumerate() {
        for other in &Class::ALL[..index] {
            assert_ne!(class.word(), other.word());
            assert_ne!(class.code(), other.code());
            assert_ne!(class.sentence(), other.sentence());
        }
    }
}

#[test]
fn hostile_html_takes_no_longer_than_other_text() {
    let texts = [
        "<",
        "<a",
        "<a ",
        "</a",
        "<!--",
        "<!",
        "<script>",
        "<style ",
        "</script",
        "<a b=\"",
        "<a b='><",
        "<p>",
        "&",
        "&#",
        "&#x1",
        ":",
        ":a",
        "<script><",
        "<a b=1 c=2 ",
        "\r",
        " ",
    ];
    let long = texts.map(|text| text.repeat((1 << 19) / text.len())).into_iter();
    // The last one is a tag that does end.
    for text in long.chain([format!("<a {}>x", "b=1 c=2 onx=y ".repeat(1 << 15))]) {
        let start = Instant::now();
        let facts = Facts::of(&map(json!({"body_html": text, "body_text": text})));
        let keys = (html_key(&text), text_key(&text));
        // In a time that grows with the square it would be minutes.
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", &text[..8]);
        assert!(facts.has(F::BodyHtml) && (keys.1 != 0 || text.trim().is_empty()), "{:?}", &text[..8]);
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0_u64..4).prop_map(Value::from),
        prop::sample::select(vec!["", " ", "a", "A@b", "a@b", "email", "2024-05-01T10:00:00", "2024-05-01T10:00:00Z"])
            .prop_map(Value::from),
        "[<>&;!a-c/ \"'=\\-é]{0,12}".prop_map(Value::from),
    ];
    let key = || {
        let keys = ["id", "email", "name", "type", "from", "to", "cc", "address", "url", "content_type", "extra"];
        prop::sample::select(keys.to_vec()).prop_map(str::to_owned)
    };
    leaf.prop_recursive(3, 12, 3, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn the_facts_say_what_the_values_say(sent in any_update(), held in any_held()) {
        let (ours, theirs) = (Facts::of(&sent), Facts::of(&held));
        for (field, agreement) in compare(&sent, &held) {
            prop_assert_eq!(agreement != Different, ours.agrees(&theirs, field), "{:?}", field);
        }
    }

    #[test]
    fn so_they_do_for_any_value(ours in any_json(), held in any_json()) {
        for field in FieldName::ALL {
            let one = |value: &Value| Facts::of(&map(json!({field.name(): value})));
            let agreement = agree(field, &ours, Some(&held));
            prop_assert_eq!(agreement != Different, one(&ours).agrees(&one(&held), field), "{:?}", field);
            prop_assert_eq!(agreement == Equal, ours == held);
            prop_assert_eq!(agree(field, &ours, Some(&ours)), Equal);
            prop_assert!(one(&ours).agrees(&one(&ours), field), "{:?}", field);
        }
    }

    #[test]
    fn any_text_is_compared_without_a_panic(text in "\\PC{0,40}", html in "[<>&;!a-c/ \"'=\\-éscript#:0-9]{0,60}") {
        for text in [text, html] {
            let facts = Facts::of(&map(json!({"body_html": text, "body_text": text})));
            prop_assert!(facts.agrees(&facts, F::BodyHtml) && facts.agrees(&facts, F::BodyText));
            let spaced: String = text.chars().flat_map(|char| [char, '\n']).collect();
            if !text.contains(['&', ':']) {
                prop_assert_eq!(text_key(&text), text_key(&spaced));
            }
            let _ = html_key(&text);
        }
    }
}
