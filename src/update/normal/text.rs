//! The normal form of plain text.

/// `text` with `\n` for every line end, and without blanks at the ends of lines and of the whole.
pub(in crate::update) fn text(text: &str) -> String {
    let text = text.trim();
    let mut normal = String::with_capacity(text.len());
    for line in text.replace("\r\n", "\n").split(['\n', '\r']) {
        normal.push_str(line.trim_end());
        normal.push('\n');
    }
    normal.pop();
    normal
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn line_ends_and_blanks_at_ends_are_one() {
        for (said, expected) in [
            ("", ""),
            (" \r\n\t", ""),
            ("a", "a"),
            ("a\r\nb\rc\nd", "a\nb\nc\nd"),
            ("\n a  b \t\r\n\r\nc\u{a0}\n\n", "a  b\n\nc"),
            ("a\r\r\nb", "a\n\nb"),
        ] {
            assert_eq!(text(said), expected, "{said:?}");
            assert_eq!(text(expected), expected, "{said:?}");
        }
    }
}
