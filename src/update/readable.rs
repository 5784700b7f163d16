//! HTML as people read it, in plain text.

use super::entities::decode;
use super::html::{Piece, Tag, pieces};

/// Elements with an empty line around them.
const PARAGRAPHS: [&str; 14] =
    ["blockquote", "dl", "fieldset", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"];

/// Elements that begin a line of their own.
const LINES: [&str; 17] = [
    "address", "article", "aside", "body", "center", "dd", "div", "dt", "footer", "form", "header", "hr", "li", "main",
    "nav", "section", "tr",
];

/// Elements of a head; another one ends a head that is not closed.
const OF_HEADS: [&str; 10] =
    ["base", "basefont", "bgsound", "link", "meta", "noscript", "script", "style", "template", "title"];

/// `html` as text: paragraphs with an empty line between them, items behind a dash, and links behind their words.
/// Scripts, styles, comments and the head of a page are no text.
pub fn text_of_html(html: &str) -> String {
    let mut page = Page::default();
    for piece in pieces(html) {
        match piece {
            Piece::Text(_) if page.hidden != Hidden::Nothing => {}
            Piece::Text(text) if page.preformatted > 0 => page.preformatted_text(&decode(text)),
            Piece::Text(text) => page.text(&decode(text)),
            Piece::Open(tag) => page.open(&tag),
            Piece::Close(name) => page.close(&name.to_ascii_lowercase()),
        }
    }
    page.text.trim_end().to_owned()
}

/// `text` with every character reference as the character that it stands for, once: `&amp;lt;` becomes `&lt;`.
pub fn without_entities(text: &str) -> std::borrow::Cow<'_, str> {
    decode(text)
}

#[derive(Default)]
struct Page {
    text: String,
    /// Line ends that come before what is written next.
    line_ends: usize,
    has_space: bool,
    /// Whether what is written next is the first of an item.
    begins_item: bool,
    hidden: Hidden,
    /// How many elements are open in which white space counts.
    preformatted: usize,
    /// Whether such an element has begun just now.
    begins_preformatted: bool,
    /// Where the open link goes, and where its words begin.
    link: Option<(String, usize)>,
}

/// What is open that is not shown.
#[derive(Default, PartialEq, Eq)]
enum Hidden {
    #[default]
    Nothing,
    Head,
    Title {
        is_in_head: bool,
    },
}

impl Page {
    fn text(&mut self, text: &str) {
        for sign in text.chars() {
            // A no-break space is for looks as well.
            if sign.is_whitespace() {
                self.has_space = true;
            } else {
                self.break_off();
                self.text.push(sign);
            }
        }
    }

    /// Text whose line ends and spaces count. A line end that follows the tag is for looks.
    fn preformatted_text(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n");
        let is_first = std::mem::take(&mut self.begins_preformatted);
        for sign in text.strip_prefix('\n').filter(|_| is_first).unwrap_or(&text).chars() {
            if sign == '\n' {
                self.line_ends += 1;
            } else {
                self.break_off();
                self.text.push(sign);
            }
        }
    }

    /// Writes what stands between the last word and the next one.
    fn break_off(&mut self) {
        if !self.text.is_empty() && self.line_ends > 0 {
            self.text.extend(std::iter::repeat_n('\n', self.line_ends));
        } else if self.has_space && !self.text.is_empty() && !self.text.ends_with(char::is_whitespace) {
            self.text.push(' ');
        }
        if std::mem::take(&mut self.begins_item) {
            self.text.push_str("- ");
        }
        (self.line_ends, self.has_space) = (0, false);
    }

    fn open(&mut self, tag: &Tag<'_>) {
        let name = tag.name.to_ascii_lowercase();
        if self.hidden == Hidden::Head && !OF_HEADS.contains(&name.as_str()) {
            self.hidden = Hidden::Nothing;
        }
        self.edge(&name);
        match name.as_str() {
            "br" => self.line_ends += 1,
            "td" | "th" => self.has_space = true,
            "head" => self.hidden = Hidden::Head,
            "title" => self.hidden = Hidden::Title { is_in_head: self.hidden == Hidden::Head },
            "pre" => {
                self.preformatted += 1;
                self.begins_preformatted = true;
            }
            // An item is only there with its text, which may stand in a paragraph of its own.
            "li" => self.begins_item = true,
            "a" => {
                let attribute = tag.attributes.iter().find(|(name, _)| name.eq_ignore_ascii_case("href"));
                let address = attribute.map(|(_, address)| decode(address.trim()).into_owned());
                let address =
                    address.filter(|address| address.starts_with("http://") || address.starts_with("https://"));
                if self.begins_item {
                    self.break_off();
                }
                self.link = address.map(|address| (address, self.text.len()));
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        self.edge(name);
        match name {
            "title" if self.hidden == (Hidden::Title { is_in_head: true }) => self.hidden = Hidden::Head,
            "head" | "title" => self.hidden = Hidden::Nothing,
            "pre" => self.preformatted = self.preformatted.saturating_sub(1),
            "li" => self.begins_item = false,
            _ => {}
        }
        if name == "a"
            && let Some((address, from)) = self.link.take()
        {
            let words = self.text.get(from..).unwrap_or_default().trim();
            if !words.is_empty() && words != address {
                self.text.extend([" (", &address, ")"]);
            }
        }
    }

    /// An element begins or ends here.
    fn edge(&mut self, name: &str) {
        let wanted = if PARAGRAPHS.contains(&name) { 2 } else { usize::from(LINES.contains(&name)) };
        self.line_ends = self.line_ends.max(wanted);
    }
}

#[cfg(test)]
mod tests {
    use super::text_of_html;

    #[test]
    fn it_reads_as_people_read_it() {
        for (html, text) in [
            ("", ""),
            ("Hi", "Hi"),
            ("<p>Hi &amp; bye</p>\n<p>Ann</p>", "Hi & bye\n\nAnn"),
            ("<div>a</div><div>b<br>c<br><br>d</div>", "a\nb\nc\n\nd"),
            ("a <b>b</b>c\n d", "a bc d"),
            ("<ul><li>a</li><li>b</li></ul>c", "- a\n- b\n\nc"),
            ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
            (
                "See <a href=\"https://x.example/?a=1&amp;b=2\">the page</a>.",
                "See the page (https://x.example/?a=1&b=2).",
            ),
            ("<a href='https://x.example'>https://x.example</a>", "https://x.example"),
            ("<a href='javascript:x()'>click</a>", "click"),
            ("a<script>x()</script><style>p{}</style><!-- c -->b", "ab"),
            ("<p>never closed", "never closed"),
            ("<html><head><meta x><title>T</title>x</head><body>a</body></html>", "a"),
            ("<head><title>T</title><p>a", "a"),
            ("<title>T</title>a", "a"),
            ("a<ul><li><p>b</p></li><li></li><li><div><b>c</b> d</div></li></ul>", "a\n\n- b\n\n- c d"),
            ("<ul><li><a href='https://x.example'>https://x.example</a></li></ul>", "- https://x.example"),
            ("a<pre>\nb\n    c  d\r\n\ne\n</pre>f  g", "a\n\nb\n    c  d\n\ne\n\nf g"),
            ("a < b > c", "a < b > c"),
        ] {
            assert_eq!(text_of_html(html), text, "{html}");
        }
    }
}
