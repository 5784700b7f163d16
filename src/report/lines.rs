//! A labelled line of a screen.

use std::fmt::Write as _;

/// Columns that a line of the screen may take.
const WIDTH: usize = 80;

/// A label and what belongs to it, wrapped at spaces.
pub(super) fn line(text: &mut String, label: &str, what: &str) -> std::fmt::Result {
    wrapped(text, &format!("  {label:<9} "), what)
}

/// `what` behind `start`, wrapped at spaces; the rows that follow begin where the first one did.
pub(super) fn wrapped(text: &mut String, start: &str, what: &str) -> std::fmt::Result {
    let indent = start.chars().count();
    let mut row = start.to_owned();
    let mut is_first = true;
    for word in words(what) {
        if !is_first && row.chars().count() + word.chars().count() > WIDTH {
            writeln!(text, "{}", row.trim_end())?;
            row = " ".repeat(indent);
        }
        row.push_str(word);
        row.push(' ');
        is_first = false;
    }
    writeln!(text, "{}", row.trim_end())
}

/// The words of `text`; a command between backticks is one, so that it can be copied.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut is_command = false;
    text.split(move |c| {
        is_command ^= c == '`';
        c == ' ' && !is_command
    })
}
