//! `text_to_html`.

use super::{Argument, Transform, of_text};
use crate::mapping::value::Type;

pub(super) const TRANSFORM: Transform = Transform {
    name: "text_to_html",
    about: "writes text as HTML: signs escaped, line ends as <br>",
    argument: Argument::None,
    accepts: &[Type::Text],
    gives: Type::Text,
    prepare: |_| Ok(of_text(|text| Ok(Some(html(text))))),
};

fn html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    for sign in text.replace("\r\n", "\n").chars() {
        match sign {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\n' | '\r' => html.push_str("<br>"),
            sign => html.push(sign),
        }
    }
    html
}
