//! The other helpdesk's copy of a message and Gorgias's have the same key, and other messages have another.

use deskferry::update::{html_key, message_ref, text_key};

/// A message with an emoji, as one system's three fields and the other's two may have it.
#[test]
fn five_spellings_of_one_message_are_alike() {
    let body = "Hi Ann,\n\nyour jug & lid left today :wink:\n&nbsp;\nBest, Bo's shop";
    let plain_body = "Hi Ann, \n\n your jug & lid left today \n\n&nbsp;\n\nBest, Bo's shop";
    let html_body = "<div class=\"zd-comment\" dir=\"auto\"><p dir=\"auto\">Hi Ann,</p><p>your jug &amp; lid left \
        today <img alt=\":wink:\" src=\"https://static.example/emojis/wink.png\"></p>&nbsp;<br>Best, Bo&#39;s \
        shop</div>";
    let body_text = "Hi Ann,\r\n\r\nyour jug & lid left today \u{1f609}\u{fe0f}\r\n\u{a0}\r\nBest, Bo's shop\u{200b}\n";
    let body_html = "<style>p{}</style><!-- kept --><div>Hi Ann,</div><div>your jug &amp; lid left today \
        &#128521;</div><br>Best, Bo&apos;s shop";
    let key = text_key(body);
    assert_ne!(key, 0);
    assert_eq!(text_key(plain_body), key);
    assert_eq!(html_key(html_body), key);
    assert_eq!(text_key(body_text), key);
    assert_eq!(html_key(body_html), key);
}

#[test]
fn other_messages_are_not_alike() {
    let texts =
        ["a", "A", "b", "ab", "a.", "at 10:30:45", "at 10:31:45", "a:b c:d", "a: d", "1 < 2", "1 > 2", "é", "e"];
    for (index, one) in texts.iter().enumerate() {
        assert_ne!(text_key(one), 0);
        for other in &texts[..index] {
            assert_ne!(text_key(one), text_key(other), "{one} {other}");
        }
    }
}

#[test]
fn shortcodes_vanish_and_what_only_looks_like_one_stays() {
    let key = text_key("ab");
    for text in ["a:wink:b", "a :+1: b", "a:-1:b", "a:100:b", "a:+1::skin-tone-2:b", "a\u{1f468}\u{200d}\u{1f469}b"] {
        assert_eq!(text_key(text), key, "{text}");
    }
    for text in ["a:b", "a::b", "a:wink b", "a:12:b", "a:not one:b"] {
        assert_ne!(text_key(text), key, "{text}");
    }
}

#[test]
fn what_says_nothing_is_like_nothing() {
    for text in ["", " \n\t\u{a0}\u{200b}", "&nbsp;", ":wink:", "\u{1f44d}\u{1f3fd}"] {
        assert_eq!(text_key(text), 0, "{text:?}");
    }
    for html in ["", "<p></p>", "<br>&nbsp;<br>", "<img src=x>", "<script>a</script>", "<!-- a -->"] {
        assert_eq!(html_key(html), 0, "{html}");
    }
}

#[test]
fn a_message_id_is_known_without_its_brackets() {
    for id in ["<a.B@mail.example>", "a.B@mail.example", " <a.B@mail.example>\r\n", "<a.B@\n mail.example>"] {
        assert_eq!(message_ref(id).as_deref(), Some("a.B@mail.example"), "{id:?}");
    }
    for id in ["", " ", "<>", "< >\n"] {
        assert_eq!(message_ref(id), None, "{id:?}");
    }
}
