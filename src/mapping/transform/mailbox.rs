//! Addresses of people as mail headers write them: `"Lee, Ann" <ann@example.com>, b@example.com`.

use std::ops::Range;

/// The addresses in a list; separators inside quotes, brackets and comments separate nothing. The name of a group, as in
/// `Team: a@x.example;`, is none. A name whose comma stands outside of quotes, as in `Lee, Ann <ann@x.example>`, is one
/// with the address behind it.
pub(crate) fn list(text: &str) -> Vec<&str> {
    let mut addresses = Vec::new();
    let mut names: Vec<Range<usize>> = Vec::new();
    for (part, end) in parts(text) {
        let words = &text[part.clone()];
        if end == Some(',') && !words.contains('@') {
            names.push(part);
            continue;
        }
        let is_named = words.contains('@') && words.contains('<');
        let name = names.first().filter(|_| is_named).map(|name| name.start);
        match name {
            Some(start) => addresses.push(&text[start..part.end]),
            None => addresses.extend(names.iter().cloned().chain([part]).map(|part| &text[part])),
        }
        names.clear();
    }
    addresses.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// The address itself, without the name; none where it has no `@` between two parts.
pub(crate) fn address(text: &str) -> Option<&str> {
    let inner = bracket(text).map_or_else(|| without_comment(text), |(_, inner)| inner).trim();
    let has_both = inner.rsplit_once('@').is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty());
    let is_address = has_both && !inner.contains(|sign: char| sign.is_whitespace() || "<>(),;\"".contains(sign));
    is_address.then_some(inner)
}

/// The name in front of the address, or in a comment beside it; none where there is none.
pub(super) fn name(text: &str) -> Option<String> {
    let before = bracket(text).map(|(before, _)| before.trim()).filter(|before| !before.is_empty());
    let Some(before) = before else {
        address(text)?;
        let (_, comment, _) = comment(text)?;
        return Some(comment.trim().to_owned()).filter(|name| !name.is_empty());
    };
    let quoted = before.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let name = quoted.map_or_else(|| before.to_owned(), unescaped);
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// What stands before the last `<`, and between it and its `>`.
fn bracket(text: &str) -> Option<(&str, &str)> {
    let (before, rest) = text.rsplit_once('<')?;
    let (inner, _) = rest.split_once('>')?;
    Some((before, inner))
}

/// What stands before a comment, in it, and behind it.
fn comment(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('(')?;
    let (inner, after) = rest.rsplit_once(')')?;
    Some((before, inner, after))
}

fn without_comment(text: &str) -> &str {
    match comment(text) {
        Some((before, _, after)) if after.trim().is_empty() => before,
        Some((before, _, after)) if before.trim().is_empty() => after,
        _ => text,
    }
}

fn unescaped(text: &str) -> String {
    let mut is_escaped = false;
    let kept = text.chars().filter(|sign| {
        is_escaped = *sign == '\\' && !is_escaped;
        !is_escaped
    });
    kept.collect()
}

/// The parts of a list, and what ends each.
fn parts(text: &str) -> Vec<(Range<usize>, Option<char>)> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(sign) = text[at..].chars().next() {
        if let Some(length) = enclosed(&text[..at], &text[at..]) {
            at += length;
            continue;
        }
        match sign {
            ',' | ';' => {
                parts.push((start..at, Some(sign)));
                start = at + 1;
            }
            // The name of a group ends.
            ':' if !text[start..at].contains('@') => start = at + 1,
            _ => {}
        }
        at += sign.len_utf8();
    }
    parts.push((start..text.len(), None));
    parts
}

/// How long what `text` begins with is, if that is enclosed in quotes, brackets or parentheses that are closed; `before`
/// stands before it.
fn enclosed(before: &str, text: &str) -> Option<usize> {
    let closed = |open: char, close: char| {
        let end = text[1..].find([open, close])? + 1;
        text[end..].starts_with(close).then_some(end + 1)
    };
    match text.chars().next()? {
        '<' => closed('<', '>'),
        '(' => closed('(', ')'),
        // A quote within a word is none, as in `5" pipe`.
        '"' if before.chars().next_back().is_none_or(is_edge) => quoted(text),
        _ => None,
    }
}

/// How long the text in quotes is that `text` begins with; none where they are not closed at the end of a word.
fn quoted(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    let mut signs = text.char_indices().skip(1);
    let (end, _) = signs.find(|(_, sign)| {
        let is_end = *sign == '"' && !is_escaped;
        is_escaped = *sign == '\\' && !is_escaped;
        is_end
    })?;
    let after = &text[end + 1..];
    after.chars().next().is_none_or(|sign| is_edge(sign) || sign == '@').then_some(end + 1)
}

/// Whether words end at it.
fn is_edge(sign: char) -> bool {
    sign.is_whitespace() || ",;:<>()".contains(sign)
}

#[cfg(test)]
mod tests {
    use super::{address, list, name};

    #[test]
    fn addresses_are_told_apart_as_mail_programs_do() {
        assert_eq!(list(r#""Lee, Ann" <a@x.example>, b@x.example; C <c@x.example>,"#).len(), 3);
        assert_eq!(list(r#""a \", b" <a@x.example>"#).len(), 1);
        assert_eq!(list("a@x.example (home, mostly), b@x.example").len(), 2);
        assert_eq!(list(" , ;"), Vec::<&str>::new());
        assert_eq!(
            list("Team: a@x.example, B <b@x.example>; c@x.example"),
            ["a@x.example", "B <b@x.example>", "c@x.example"]
        );
        assert_eq!(list("undisclosed-recipients:;"), Vec::<&str>::new());
        assert_eq!(list("Lee, Ann <a@x.example>, b@x.example"), ["Lee, Ann <a@x.example>", "b@x.example"]);
        assert_eq!(list("Lee, b@x.example, Cy"), ["Lee", "b@x.example", "Cy"]);
        assert_eq!(list(r#""Ann <a@x.example>, b@x.example"#), [r#""Ann <a@x.example>"#, "b@x.example"]);
        assert_eq!(list(r#"5" pipe <a@x.example>, "B" <b@x.example>"#).len(), 2);
        assert_eq!(list("A <a@x.example, B <b@x.example>").len(), 2);
        assert_eq!(list("a@x.example (home, b@x.example").len(), 2);
    }

    #[test]
    fn an_address_and_its_name_are_taken_apart() {
        for (text, wanted_name, wanted_address) in [
            (r#""Lee, Ann" <ann@x.example>"#, Some("Lee, Ann"), Some("ann@x.example")),
            ("Ann Lee <ann@x.example>", Some("Ann Lee"), Some("ann@x.example")),
            (r#""Ann \"A\" Lee" <ann@x.example>"#, Some(r#"Ann "A" Lee"#), Some("ann@x.example")),
            ("<ann@x.example>", None, Some("ann@x.example")),
            (" ann@x.example ", None, Some("ann@x.example")),
            ("ann@x.example (Ann Lee)", Some("Ann Lee"), Some("ann@x.example")),
            ("(Ann Lee) ann@x.example", Some("Ann Lee"), Some("ann@x.example")),
            ("<ann@x.example> (Ann)", Some("Ann"), Some("ann@x.example")),
            ("Lee, Ann <ann@x.example>", Some("Lee, Ann"), Some("ann@x.example")),
            ("Ann (Lee)", None, None),
            ("@handle", None, None),
            ("Ann", None, None),
            ("Ann <Lee>", Some("Ann"), None),
        ] {
            assert_eq!((name(text).as_deref(), address(text)), (wanted_name, wanted_address), "{text}");
        }
    }
}
