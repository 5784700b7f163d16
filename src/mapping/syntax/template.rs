//! Templates: `Call from {raw_digits}`.

use super::lex::SyntaxError;
use super::path::{PathSyntax, path};

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// As it stands.
    Text(String),
    /// What is at this path.
    Path(PathSyntax),
}

/// Reads `text` as a template.
pub(crate) fn template(text: &str) -> Result<Vec<Piece>, SyntaxError> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut at = 0;
    while let Some(next) = text[at..].find(['{', '}']) {
        plain.push_str(&text[at..at + next]);
        at += next;
        let rest = &text[at..];
        if rest.starts_with("{{") || rest.starts_with("}}") {
            plain.push_str(&rest[..1]);
            at += 2;
        } else if rest.starts_with('}') {
            return Err(SyntaxError::new(
                at..at + 1,
                "a `}` that nothing opens",
                "a brace in the text is written `}}`",
            ));
        } else {
            let Some(length) = path_length(&rest[1..]) else {
                let label = "no closing `}`; a brace in the text is written `{{`";
                return Err(SyntaxError::new(at..at + 1, "a `{` that does not end", label));
            };
            let start = at + 1;
            let mut path = path(&text[start..start + length]).map_err(|error| error.moved(start))?;
            path.move_by(start);
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Path(path));
            at = start + length + 1;
        }
    }
    plain.push_str(&text[at..]);
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Ok(pieces)
}

/// How long the path is that `text` begins with, up to the brace behind it. A key in quotes may hold a brace.
fn path_length(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, sign) in text.char_indices() {
        match (quote, sign) {
            (None, '}') => return Some(at),
            (None, '\'' | '"') => quote = Some(sign),
            (Some(open), _) if open == sign => quote = None,
            _ => {}
        }
    }
    None
}
