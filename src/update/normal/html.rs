//! The normal form of HTML: what a reader would see, written in one way.
//!
//! Gorgias cleans what it stores. So scripts, styles, comments and event handlers, which it takes away, say nothing
//! here; nor does the order and the quoting of attributes, the case of names, how a character is written, and white
//! space that no browser shows. A run of white space counts as one even inside `<pre>`.

use crate::update::entities::decode;
use crate::update::html::{Piece, Tag, pieces};

/// Elements that begin a line of their own, so that white space around their tags is not shown.
const BLOCKS: [&str; 44] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "caption",
    "center",
    "col",
    "colgroup",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];

/// The normal form of `text`.
pub(in crate::update) fn html(text: &str) -> String {
    let mut normal = Normal { html: String::with_capacity(text.len()), has_space: false, is_at_edge: true };
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => normal.text(&decode(text)),
            Piece::Open(tag) => normal.open(tag),
            Piece::Close(name) => {
                let name = normal.begin_tag(name);
                normal.html.push_str("</");
                normal.html.push_str(&name);
                normal.html.push('>');
            }
        }
    }
    normal.html
}

struct Normal {
    html: String,
    /// White space was read and is not yet written.
    has_space: bool,
    /// White space is not shown here.
    is_at_edge: bool,
}

impl Normal {
    fn text(&mut self, text: &str) {
        for char in text.chars() {
            if char.is_ascii_whitespace() {
                self.has_space = true;
                continue;
            }
            self.write_space();
            self.character(char);
        }
    }

    fn open(&mut self, tag: Tag<'_>) {
        let name = self.begin_tag(tag.name);
        self.html.push('<');
        self.html.push_str(&name);
        for (name, value) in attributes(tag) {
            self.html.push(' ');
            self.html.push_str(&name);
            self.html.push_str("=\"");
            decode(value).chars().for_each(|char| self.character(char));
            self.html.push('"');
        }
        self.html.push('>');
    }

    /// What white space before a tag and behind it comes to; gives the tag's name in its normal form.
    fn begin_tag(&mut self, name: &str) -> String {
        let name = name.to_ascii_lowercase();
        if BLOCKS.binary_search(&name.as_str()).is_ok() {
            self.has_space = false;
            self.is_at_edge = true;
        } else {
            self.write_space();
        }
        name
    }

    fn write_space(&mut self) {
        if self.has_space && !self.is_at_edge {
            self.html.push(' ');
        }
        self.has_space = false;
        self.is_at_edge = false;
    }

    fn character(&mut self, char: char) {
        match char {
            '&' => self.html.push_str("&amp;"),
            '<' => self.html.push_str("&lt;"),
            '>' => self.html.push_str("&gt;"),
            '"' => self.html.push_str("&quot;"),
            char => self.html.push(char),
        }
    }
}

/// Sorted by name, without event handlers; of two with one name the first counts, as it does in a browser.
fn attributes(tag: Tag<'_>) -> Vec<(String, &str)> {
    let named = tag.attributes.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
    let mut kept: Vec<_> = named.filter(|(name, _)| !name.starts_with("on")).collect();
    kept.sort_by(|(one, _), (other, _)| one.cmp(other));
    kept.dedup_by(|(later, _), (first, _)| later == first);
    kept
}

#[cfg(test)]
mod tests {
    use super::{BLOCKS, html};

    #[test]
    fn what_is_written_in_different_ways_is_one() {
        assert!(BLOCKS.is_sorted());
        for (said, expected) in [
            ("", ""),
            (" \n", ""),
            ("<!-- a -->", ""),
            ("a  b\r\n c", "a b c"),
            ("<P CLASS=x>Hi</P>", "<p class=\"x\">Hi</p>"),
            ("\n<p>\n Hi <b> you </b>\n</p> \n<p>!</p>", "<p>Hi <b> you </b></p><p>!</p>"),
            ("<ul> <li>a</li> </ul>", "<ul><li>a</li></ul>"),
            ("a <br/> b<br>c", "a<br>b<br>c"),
            ("<a title='b' HREF=x?a=1&amp;b=2 onclick=\"y()\">z</a>", "<a href=\"x?a=1&amp;b=2\" title=\"b\">z</a>"),
            ("<a href=x?a=1&b=2>z</a>", "<a href=\"x?a=1&amp;b=2\">z</a>"),
            ("<i b=1 B=2 disabled>z", "<i b=\"1\" disabled=\"\">z"),
            ("caf&eacute; &#8217;&amp;&quot; < 3", "café ’&amp;&quot; &lt; 3"),
            ("a&nbsp;b", "a\u{a0}b"),
            ("<script>x</script>a<style>p{}</style>b", "ab"),
        ] {
            assert_eq!(html(said), expected, "{said}");
            assert_eq!(html(expected), expected, "{said}");
        }
    }

    #[test]
    fn what_a_reader_would_see_is_kept() {
        let texts =
            ["<p>a</p>", "<p>b</p>", "<p>a b</p>", "<p>a&nbsp;b</p>", "<p><b>a</b></p>", "<p class=c>a</p>", "&lt;p>a"];
        for (index, one) in texts.iter().enumerate() {
            assert!(texts[index + 1..].iter().all(|other| html(one) != html(other)), "{one}");
        }
    }
}
