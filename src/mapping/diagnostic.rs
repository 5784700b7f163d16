//! What is wrong with a mapping, shown at the place where it is written.
//!
//! A mapping is edited by people who are not programmers, so a mistake is shown as a compiler would: the line, a mark
//! under the very word, and what would have been right. All mistakes of a file are collected, so that one look mends
//! it.

use std::ops::Range;

use super::nearest;

/// The most of a line that is shown, in characters.
const EXCERPT: usize = 120;

/// One mistake in a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong, in one fragment.
    pub message: String,
    /// The mapping's file name.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// The place in the mapping's text, in bytes.
    pub span: Range<usize>,
    /// What is said under the place.
    pub label: String,
    /// What would be right, such as the list of valid names.
    pub hint: Option<String>,
    /// The line as it is shown: tabs are widened.
    excerpt: String,
    /// Where the mark starts in the shown line, and its length, in terminal cells.
    mark: (usize, usize),
}

impl Diagnostic {
    /// The mistake as plain text, with the line and a mark under the place. Ends without a line break.
    pub fn render(&self) -> String {
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let (excerpt, before) = self.window();
        let mark = format!("{}{} {}", " ".repeat(before), "^".repeat(self.mark.1.min(EXCERPT)), self.label);
        let mut lines = vec![
            format!("error: {}", self.message),
            format!("{gutter}--> {}:{}:{}", self.file, self.line, self.column),
            format!("{gutter} |"),
            format!("{number} | {excerpt}"),
            format!("{gutter} | {mark}"),
        ];
        if let Some(hint) = &self.hint {
            lines.push(format!("{gutter} |"));
            lines.push(format!("{gutter} = {hint}"));
        }
        let lines: Vec<_> = lines.iter().map(|line| line.trim_end()).collect();
        lines.join("\n")
    }
}

impl Diagnostic {
    /// The part of the line around the mark, and how far in it the mark stands. A file that is no mapping at all may
    /// have lines of any length, with anybody's data in them.
    fn window(&self) -> (String, usize) {
        let length = self.excerpt.chars().count();
        if length <= EXCERPT {
            return (self.excerpt.clone(), self.mark.0);
        }
        let start = self.mark.0.saturating_sub(EXCERPT / 2).min(length - EXCERPT);
        let part: String = self.excerpt.chars().skip(start).take(EXCERPT).collect();
        let before = if start > 0 { "…" } else { "" };
        let after = if start + EXCERPT < length { "…" } else { "" };
        (format!("{before}{part}{after}"), self.mark.0 - start + before.chars().count())
    }
}

/// Why a mapping is refused: every mistake in it, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.summary())]
pub struct MappingError {
    /// The mistakes, at least one.
    pub diagnostics: Vec<Diagnostic>,
}

impl MappingError {
    /// All mistakes as plain text, an empty line between them.
    pub fn render(&self) -> String {
        let all: Vec<_> = self.diagnostics.iter().map(Diagnostic::render).collect();
        all.join("\n\n")
    }

    /// The first mistake in one line, and how many more there are.
    fn summary(&self) -> String {
        let Some(first) = self.diagnostics.first() else {
            return "the mapping is refused".to_owned();
        };
        let place = format!("{}:{}:{}: {}", first.file, first.line, first.column, first.message);
        match self.diagnostics.len() {
            1 => place,
            all => format!("{place}, and {} more", all - 1),
        }
    }
}

/// The mistakes found so far in one mapping.
#[derive(Debug)]
pub(crate) struct Findings<'t> {
    file: &'t str,
    text: &'t str,
    list: Vec<Diagnostic>,
}

impl<'t> Findings<'t> {
    /// None yet, in the mapping `text` that stands in `file`.
    pub(crate) fn new(text: &'t str, file: &'t str) -> Self {
        Self { file, text, list: Vec::new() }
    }

    /// The mapping's text.
    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    /// The line of the byte `at`, from 1.
    pub(crate) fn line_at(&self, at: usize) -> usize {
        line_of(self.text, at)
    }

    /// Notes a mistake at `span`.
    pub(crate) fn add(&mut self, span: Range<usize>, message: impl Into<String>, label: impl Into<String>) {
        self.add_hinted(span, message, label, None);
    }

    /// Notes a word at `span` that is none of `names`.
    pub(crate) fn add_unknown<'n>(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        word: &str,
        names: impl IntoIterator<Item = &'n str> + Clone,
    ) {
        let label =
            nearest::did_you_mean(word, names.clone()).unwrap_or_else(|| "there is none of this name".to_owned());
        self.add_hinted(span, message, label, nearest::valid(names));
    }

    /// Notes a mistake at `span`, with what would be right.
    pub(crate) fn add_hinted(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
        hint: Option<String>,
    ) {
        let place = Place::of(&span, self.text);
        self.list.push(Diagnostic {
            message: message.into(),
            file: self.file.to_owned(),
            line: place.line,
            column: place.column,
            label: label.into(),
            hint,
            excerpt: place.excerpt,
            mark: place.mark,
            span,
        });
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All of them as an error, in the order of the file.
    pub(crate) fn into_error(mut self) -> MappingError {
        self.list.sort_by_key(|diagnostic| (diagnostic.line, diagnostic.column));
        MappingError { diagnostics: self.list }
    }
}

/// The line of the byte `at` in `text`, from 1.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    Place::of(&(at..at), text).line
}

/// A span, in the words of an editor.
struct Place {
    line: usize,
    column: usize,
    excerpt: String,
    mark: (usize, usize),
}

impl Place {
    fn of(span: &Range<usize>, text: &str) -> Self {
        let start = floor(text, span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].split('\n').next().unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        let line_end = line_start + line.len();
        // A mistake that spans lines is marked on its first; one at the very end of a line gets a mark after it.
        let end = floor(text, span.end.max(start)).clamp(start.min(line_end), line_end);
        let before = &text[line_start..start.min(line_end)];
        let marked = &text[start.min(line_end)..end];
        Self {
            line: text[..line_start].matches('\n').count() + 1,
            column: before.chars().count() + 1,
            excerpt: line.replace('\t', TAB),
            mark: (cells(before), cells(marked).max(1)),
        }
    }
}

const TAB: &str = "    ";

/// The last character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// How many cells of a terminal `text` takes.
fn cells(text: &str) -> usize {
    text.chars().map(cell_width).sum()
}

/// Near enough for a mark: East Asian and emoji blocks are two cells wide, combining marks none.
fn cell_width(character: char) -> usize {
    match character {
        '\t' => TAB.len(),
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}
