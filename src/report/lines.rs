//! A labelled line of a screen.

use std::fmt::Write as _;

/// Columns that a line of the screen may take.
const WIDTH: usize = 80;
/// Where the text behind a label begins.
const INDENT: usize = 12;

/// A label and what belongs to it, wrapped at spaces.
pub(super) fn line(text: &mut String, label: &str, what: &str) -> std::fmt::Result {
    wrapped(text, &format!("  {label:<9} "), INDENT, what)
}

/// `first` and `what` behind it, wrapped at spaces; what follows is indented.
pub(super) fn wrapped(text: &mut String, first: &str, indent: usize, what: &str) -> std::fmt::Result {
    let mut row = first.to_owned();
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
