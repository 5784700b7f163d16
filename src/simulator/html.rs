//! What an account that cleans HTML makes of it: no scripts, no styles, no comments, no handlers, and double quotes.
//!
//! It is no parser of everything that a browser takes; it reads tags as people and programs write them.

/// HTML as the account stores it. Cleaned once, it stays as it is.
pub(super) fn cleaned(html: &str) -> String {
    let mut clean = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        clean.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
        } else if let Some((tag, after)) = Tag::read(rest) {
            rest = if tag.is_forbidden() { tag.skipped(after) } else { after };
            tag.write(&mut clean);
        } else {
            clean.push('<');
            rest = &rest[1..];
        }
    }
    clean.push_str(rest);
    clean
}

/// What stands between `<` and `>`.
struct Tag<'a> {
    /// With the slash of a closing one.
    name: &'a str,
    /// All after the name.
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// The tag at the start of a text, and what follows it.
    fn read(text: &'a str) -> Option<(Self, &'a str)> {
        let inside = text.strip_prefix('<')?;
        let slash = usize::from(inside.starts_with('/'));
        let name = inside[slash..].find(|sign: char| !sign.is_ascii_alphanumeric()).filter(|length| *length > 0)?;
        let (name, rest) = inside.split_at(slash + name);
        let mut quote = None;
        let end = rest.find(|sign: char| {
            let quoted = quote.is_some();
            quote = match quote {
                Some(open) => Some(open).filter(|open| sign != *open),
                None => Some(sign).filter(|sign| ['"', '\''].contains(sign)),
            };
            !quoted && sign == '>'
        })?;
        Some((Self { name, attributes: &rest[..end] }, &rest[end + 1..]))
    }

    fn is_forbidden(&self) -> bool {
        ["script", "style"].iter().any(|name| self.name.trim_start_matches('/').eq_ignore_ascii_case(name))
    }

    /// What follows the end of the element that this tag opens, or the tag itself where it closes one.
    fn skipped(&self, after: &'a str) -> &'a str {
        if self.name.starts_with('/') {
            return after;
        }
        // As long as the text, in whatever script: only ASCII changes.
        let lower = after.to_ascii_lowercase();
        let close = format!("</{}", self.name.to_ascii_lowercase());
        let end = lower.find(&close).and_then(|at| Some(at + lower[at..].find('>')? + 1));
        end.map_or("", |end| &after[end..])
    }

    fn write(&self, clean: &mut String) {
        if self.is_forbidden() {
            return;
        }
        clean.push('<');
        clean.push_str(self.name);
        let mut rest = self.attributes.trim();
        while !rest.is_empty() {
            let (name, value, after) = attribute(rest);
            rest = after.trim_start();
            if name.to_ascii_lowercase().starts_with("on") {
                continue;
            }
            clean.push_str(if name == "/" { "" } else { " " });
            clean.push_str(name);
            if let Some(value) = value {
                clean.push_str("=\"");
                clean.push_str(&value.replace('"', "&quot;"));
                clean.push('"');
            }
        }
        clean.push('>');
    }
}

/// The first attribute of a text that is not empty and starts with no space: its name, its value, and what follows it.
fn attribute(text: &str) -> (&str, Option<&str>, &str) {
    if let Some(after) = text.strip_prefix('/') {
        return ("/", None, after);
    }
    // From the second sign on, so that there is always a name.
    let second = text.chars().next().map_or(0, char::len_utf8);
    let end = |sign: char| sign.is_whitespace() || sign == '=' || sign == '/';
    let (name, rest) = text.split_at(text[second..].find(end).map_or(text.len(), |at| second + at));
    let Some(value) = rest.trim_start().strip_prefix('=').map(str::trim_start) else {
        return (name, None, rest);
    };
    let quoted = value.chars().next().filter(|sign| ['"', '\''].contains(sign));
    let (value, after) = match quoted {
        Some(quote) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
        None => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
    };
    (name, Some(value), after)
}

#[cfg(test)]
mod tests {
    use super::cleaned;

    #[test]
    fn html_loses_what_could_act_and_gains_double_quotes() {
        for (given, expected) in [
            ("plain < text & <3", "plain < text & <3"),
            ("<p class=a id='b \"c\"'>é</p>", "<p class=\"a\" id=\"b &quot;c&quot;\">é</p>"),
            ("a<!-- no -->b<!-- open", "ab"),
            ("a<script src='x'>if (a < b) {}</SCRIPT >b", "ab"),
            ("a<STYLE>p {}</style>b<style>open", "ab"),
            ("a</script>b", "ab"),
            ("<img src=\"a>b\" ONERROR='x()' alt onload=y>", "<img src=\"a>b\" alt>"),
            ("<br/><br /><a href='/x'>y</a>", "<br/><br/><a href=\"/x\">y</a>"),
            ("<input checked disabled=''>", "<input checked disabled=\"\">"),
            ("<p unfinished", "<p unfinished"),
        ] {
            assert_eq!(cleaned(given), expected, "{given}");
            assert_eq!(cleaned(expected), expected, "{given}");
        }
    }
}
