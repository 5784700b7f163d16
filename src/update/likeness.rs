//! By what one message is recognised in two copies: the other helpdesk's and Gorgias's.
//!
//! The two differ in everything that is not text: white space, how characters are written, tags around and inside,
//! emoji as characters, as `:wink:`, as images or left out. So only what is left when all of these are taken away
//! counts. A text of nothing else says nothing, and two such are not alike.

use super::entities::decode;
use super::html::{Piece, pieces};
use super::normal::hash;

/// The longest name between two colons that is taken for an emoji.
const LONGEST_SHORTCODE: usize = 40;

/// A number that two copies of a plain text share; 0 for a text that says nothing.
pub fn text_key(text: &str) -> u64 {
    // Some systems write `&nbsp;` into plain text.
    let text = decode(text);
    let mut said = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(char) = rest.chars().next() {
        let length = if char == ':' { shortcode(rest) } else { None };
        rest = &rest[length.unwrap_or(char.len_utf8())..];
        if length.is_none() && !is_left_out(char) {
            said.push(char);
        }
    }
    if said.is_empty() { 0 } else { hash(said.as_bytes()) }
}

/// The same for HTML: the key of the text that it shows.
pub fn html_key(html: &str) -> u64 {
    let mut shown = String::with_capacity(html.len());
    for piece in pieces(html) {
        if let Piece::Text(text) = piece {
            shown.push_str(&decode(text));
        }
    }
    text_key(&shown)
}

/// A Message-ID as both sides know it, without the angle brackets and without white space; `None` for a blank one.
pub fn message_ref(id: &str) -> Option<String> {
    let id: String = id.chars().filter(|char| !(char.is_whitespace() || matches!(char, '<' | '>'))).collect();
    (!id.is_empty()).then_some(id)
}

/// How long the emoji shortcode is that `text` starts with, such as `:wink:` or `:+1:`; a time such as `10:30:45` has
/// none.
fn shortcode(text: &str) -> Option<usize> {
    let name = &text.as_bytes()[1..text.len().min(LONGEST_SHORTCODE + 2)];
    let end = name.iter().position(|&byte| byte == b':')?;
    let name = &name[..end];
    let is_made_of_it = name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-'));
    let is_name = name.iter().any(u8::is_ascii_alphabetic) || matches!(name, b"+1" | b"-1" | b"100");
    (is_made_of_it && is_name).then_some(end + 2)
}

/// White space of any width, what only steers the layout, and emoji.
fn is_left_out(char: char) -> bool {
    char.is_whitespace()
        || matches!(
            char,
            '\u{ad}'
                | '\u{34f}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2064}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
        )
        || matches!(
            char,
            '\u{20e3}'
                | '\u{231a}'..='\u{23ff}'
                | '\u{2600}'..='\u{27bf}'
                | '\u{2b00}'..='\u{2bff}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{1f000}'..='\u{1faff}'
                | '\u{e0020}'..='\u{e007f}'
        )
}
