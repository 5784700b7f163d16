//! Addresses of people as mail headers write them: `"Lee, Ann" <ann@example.com>, b@example.com`.

/// The addresses in a list; separators inside quotes, brackets and comments separate nothing.
pub(super) fn list(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut inside) = (0, Inside::default());
    for (at, sign) in text.char_indices() {
        if inside.is_plain_at(sign) && matches!(sign, ',' | ';') {
            parts.push(&text[start..at]);
            start = at + 1;
        }
    }
    parts.push(&text[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// The address itself, without the name; none where it has no `@` between two parts.
pub(super) fn address(text: &str) -> Option<&str> {
    let inner = bracket(text).map_or(text, |(_, inner)| inner).trim();
    let has_both = inner.rsplit_once('@').is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty());
    let is_address = has_both && !inner.contains(|sign: char| sign.is_whitespace() || "<>,;\"".contains(sign));
    is_address.then_some(inner)
}

/// The name in front of the address; none where there is none.
pub(super) fn name(text: &str) -> Option<String> {
    let (before, _) = bracket(text)?;
    let before = before.trim();
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

fn unescaped(text: &str) -> String {
    let mut is_escaped = false;
    let kept = text.chars().filter(|sign| {
        is_escaped = *sign == '\\' && !is_escaped;
        !is_escaped
    });
    kept.collect()
}

/// Where in a list of addresses a sign stands.
#[derive(Default)]
struct Inside {
    quote: bool,
    escape: bool,
    bracket: bool,
    comments: u32,
}

impl Inside {
    /// Goes on by `sign`; whether it stands outside of quotes, brackets and comments.
    fn is_plain_at(&mut self, sign: char) -> bool {
        if self.escape {
            self.escape = false;
        } else if self.quote {
            self.escape = sign == '\\';
            self.quote = sign != '"';
        } else {
            match sign {
                '"' => self.quote = true,
                '<' => self.bracket = true,
                '>' => self.bracket = false,
                '(' => self.comments += 1,
                ')' => self.comments = self.comments.saturating_sub(1),
                _ => return !self.bracket && self.comments == 0,
            }
        }
        false
    }
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
    }

    #[test]
    fn an_address_and_its_name_are_taken_apart() {
        for (text, wanted_name, wanted_address) in [
            (r#""Lee, Ann" <ann@x.example>"#, Some("Lee, Ann"), Some("ann@x.example")),
            ("Ann Lee <ann@x.example>", Some("Ann Lee"), Some("ann@x.example")),
            (r#""Ann \"A\" Lee" <ann@x.example>"#, Some(r#"Ann "A" Lee"#), Some("ann@x.example")),
            ("<ann@x.example>", None, Some("ann@x.example")),
            (" ann@x.example ", None, Some("ann@x.example")),
            ("@handle", None, None),
            ("Ann", None, None),
            ("Ann <Lee>", Some("Ann"), None),
        ] {
            assert_eq!((name(text).as_deref(), address(text)), (wanted_name, wanted_address), "{text}");
        }
    }
}
