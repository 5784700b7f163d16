//! Character references of HTML, such as `&eacute;` and `&#8217;`, as the characters that they stand for.
//!
//! The names are those that mail programs and helpdesks write: all of Latin-1 and the usual punctuation. A name that is
//! not among them stays as it is written, in both of two texts that are compared.

use std::borrow::Cow;

use memchr::memchr;

/// The names of U+00A0 to U+00FF, in their order.
const LATIN_1: [&str; 96] = [
    "nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar", "sect", "uml", "copy", "ordf", "laquo", "not", "shy",
    "reg", "macr", "deg", "plusmn", "sup2", "sup3", "acute", "micro", "para", "middot", "cedil", "sup1", "ordm",
    "raquo", "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc", "Atilde", "Auml", "Aring", "AElig",
    "Ccedil", "Egrave", "Eacute", "Ecirc", "Euml", "Igrave", "Iacute", "Icirc", "Iuml", "ETH", "Ntilde", "Ograve",
    "Oacute", "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute", "Ucirc", "Uuml", "Yacute", "THORN",
    "szlig", "agrave", "aacute", "acirc", "atilde", "auml", "aring", "aelig", "ccedil", "egrave", "eacute", "ecirc",
    "euml", "igrave", "iacute", "icirc", "iuml", "eth", "ntilde", "ograve", "oacute", "ocirc", "otilde", "ouml",
    "divide", "oslash", "ugrave", "uacute", "ucirc", "uuml", "yacute", "thorn", "yuml",
];

const OTHERS: [(&str, char); 34] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("OElig", 'Œ'),
    ("oelig", 'œ'),
    ("Scaron", 'Š'),
    ("scaron", 'š'),
    ("Yuml", 'Ÿ'),
    ("circ", 'ˆ'),
    ("tilde", '˜'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
    ("zwnj", '\u{200c}'),
    ("zwj", '\u{200d}'),
    ("lrm", '\u{200e}'),
    ("rlm", '\u{200f}'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("bull", '•'),
    ("hellip", '…'),
    ("lsaquo", '‹'),
    ("rsaquo", '›'),
    ("euro", '€'),
    ("trade", '™'),
    ("rarr", '→'),
];

/// What 0x80 to 0x9F mean in a number: every browser reads them as Windows-1252. The same number where that has none.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The longest reference that is looked for, so that a text of nothing but `&` takes no longer than another.
const LONGEST: usize = 12;

/// `text` with every reference replaced, once: `&amp;lt;` becomes `&lt;`.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr(b'&', text.as_bytes()) else { return Cow::Borrowed(text) };
    let mut decoded = String::with_capacity(text.len());
    decoded.push_str(&text[..first]);
    let mut rest = &text[first..];
    loop {
        // `rest` starts with `&`.
        let (char, length) = reference(rest).unwrap_or(('&', 1));
        decoded.push(char);
        rest = &rest[length..];
        let next = memchr(b'&', rest.as_bytes()).unwrap_or(rest.len());
        decoded.push_str(&rest[..next]);
        rest = &rest[next..];
        if rest.is_empty() {
            return Cow::Owned(decoded);
        }
    }
}

/// The character that `text` starts with a reference to, and how long the reference is.
fn reference(text: &str) -> Option<(char, usize)> {
    let bytes = text.as_bytes();
    let end = memchr(b';', &bytes[..bytes.len().min(LONGEST)])?;
    let name = &text[1..end];
    let char = match name.strip_prefix('#') {
        Some(number) => numbered(number)?,
        None => named(name)?,
    };
    Some((char, end + 1))
}

fn numbered(number: &str) -> Option<char> {
    let (digits, radix) = number.strip_prefix(['x', 'X']).map_or((number, 10), |digits| (digits, 16));
    // A sign would be taken as well.
    if digits.starts_with('+') {
        return None;
    }
    let code = u32::from_str_radix(digits, radix).ok().filter(|&code| code != 0)?;
    match code {
        0x80..=0x9f => WINDOWS_1252.get(code as usize - 0x80).copied(),
        _ => char::from_u32(code),
    }
}

fn named(name: &str) -> Option<char> {
    if let Some((_, char)) = OTHERS.iter().find(|(known, _)| *known == name) {
        return Some(*char);
    }
    (0xa0..=0xff_u8).zip(LATIN_1).find(|(_, known)| *known == name).map(|(code, _)| char::from(code))
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn references_become_characters_once_and_what_is_none_stays() {
        for (text, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("a &amp; b", "a & b"),
            ("&amp;lt;", "&lt;"),
            ("&lt;&gt;&quot;&apos;&#39;&#x27;&#X27;", "<>\"''''"),
            ("&nbsp;|&eacute;&Eacute;&yuml;", "\u{a0}|éÉÿ"),
            ("&#8217;&#146;&rsquo;", "’’’"),
            ("&#128521;", "😉"),
            ("R&D; &unknown; &; &", "R&D; &unknown; &; &"),
            ("&#0; &#xD800; &#+65; &#;", "&#0; &#xD800; &#+65; &#;"),
            ("&é;&&amp", "&é;&&amp"),
        ] {
            assert_eq!(decode(text), expected, "{text}");
        }
    }
}
