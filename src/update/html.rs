//! HTML in pieces: text and tags, in one pass.
//!
//! It is read the way browsers read it as far as a comparison needs: comments, declarations, scripts and styles are no
//! pieces. Mail is full of broken HTML, and some of it is hostile: every byte is looked at a bounded number of times,
//! and nothing nests. A tag that never ends is text up to the end.

use memchr::{memchr, memmem};

/// A part of an HTML text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Between tags, with its character references as they are written.
    Text(&'a str),
    /// A tag that opens, or stands alone.
    Open(Tag<'a>),
    /// A tag that closes, by its name as it is written.
    Close(&'a str),
}

/// A tag as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// Names and values, in their order; the value is empty where there is none.
    pub(super) attributes: Vec<(&'a str, &'a str)>,
}

/// The pieces of `html`.
pub(super) fn pieces(html: &str) -> Pieces<'_> {
    Pieces { rest: html }
}

/// The pieces that are left.
pub(super) struct Pieces<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            match Markup::at_start_of(self.rest) {
                None => return Some(self.text()),
                Some(Markup::Comment) => self.skip_past("-->"),
                Some(Markup::Declaration) => self.skip_past(">"),
                Some(Markup::Open) => match self.tag(1) {
                    Ok(tag) if is_hidden(tag.name) => self.skip_to_close_of(tag.name),
                    Ok(tag) => return Some(Piece::Open(tag)),
                    Err(text) => return Some(text),
                },
                Some(Markup::Close) => {
                    return Some(match self.tag(2) {
                        Ok(tag) => Piece::Close(tag.name),
                        Err(text) => text,
                    });
                }
            }
        }
    }
}

impl<'a> Pieces<'a> {
    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    /// Text up to the next markup; a `<` that begins none is text.
    fn text(&mut self) -> Piece<'a> {
        let mut end = 0;
        while let Some(at) = memchr(b'<', &self.rest.as_bytes()[end..]) {
            end += at;
            if Markup::at_start_of(&self.rest[end..]).is_some() {
                return Piece::Text(self.take(end));
            }
            end += 1;
        }
        Piece::Text(self.take(self.rest.len()))
    }

    fn skip_past(&mut self, end: &str) {
        let found = memmem::find(self.rest.as_bytes(), end.as_bytes());
        self.take(found.map_or(self.rest.len(), |at| at + end.len()));
    }

    /// A tag whose name begins at `start`. Where it never ends, all of the rest is text: to look into it again would
    /// take a time that grows with its square.
    fn tag(&mut self, start: usize) -> Result<Tag<'a>, Piece<'a>> {
        let mut scanner = Scanner { text: self.rest, at: start };
        match scanner.tag() {
            Some(tag) => {
                self.rest = &self.rest[scanner.at..];
                Ok(tag)
            }
            None => Err(Piece::Text(self.take(self.rest.len()))),
        }
    }

    /// Skips what a script or a style says, up to the tag that closes it.
    fn skip_to_close_of(&mut self, name: &str) {
        let bytes = self.rest.as_bytes();
        let mut from = 0;
        while let Some(at) = memchr(b'<', &bytes[from..]) {
            from += at + 1;
            let closes = bytes[from..].strip_prefix(b"/").and_then(|rest| rest.get(..name.len()));
            if closes.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes())) {
                self.take(from - 1);
                self.skip_past(">");
                return;
            }
        }
        self.take(self.rest.len());
    }
}

/// Whether what stands inside the element is not shown.
fn is_hidden(name: &str) -> bool {
    name.eq_ignore_ascii_case("script") || name.eq_ignore_ascii_case("style")
}

enum Markup {
    Open,
    Close,
    Comment,
    Declaration,
}

impl Markup {
    fn at_start_of(text: &str) -> Option<Self> {
        match text.as_bytes() {
            [b'<', letter, ..] if letter.is_ascii_alphabetic() => Some(Self::Open),
            [b'<', b'/', letter, ..] if letter.is_ascii_alphabetic() => Some(Self::Close),
            [b'<', b'!', b'-', b'-', ..] => Some(Self::Comment),
            [b'<', b'!' | b'?' | b'/', ..] => Some(Self::Declaration),
            _ => None,
        }
    }
}

/// Reads one tag; every method leaves `at` behind what it read, and is `None` at the end of the text.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn tag(&mut self) -> Option<Tag<'a>> {
        let name = self.until(|byte| is_space(byte) || matches!(byte, b'/' | b'>'));
        let mut attributes = Vec::new();
        loop {
            self.until(|byte| !(is_space(byte) || byte == b'/'));
            if self.peek()? == b'>' {
                self.at += 1;
                return Some(Tag { name, attributes });
            }
            attributes.push(self.attribute()?);
        }
    }

    fn attribute(&mut self) -> Option<(&'a str, &'a str)> {
        let start = self.at;
        if self.peek()? == b'=' {
            // A name may begin with it, and then contains it.
            self.at += 1;
        }
        self.until(|byte| is_space(byte) || matches!(byte, b'/' | b'>' | b'='));
        let name = &self.text[start..self.at];
        self.until(|byte| !is_space(byte));
        if self.peek()? != b'=' {
            return Some((name, ""));
        }
        self.at += 1;
        self.until(|byte| !is_space(byte));
        let value = match self.peek()? {
            quote @ (b'"' | b'\'') => self.quoted(quote)?,
            _ => self.until(|byte| is_space(byte) || byte == b'>'),
        };
        Some((name, value))
    }

    fn quoted(&mut self, quote: u8) -> Option<&'a str> {
        let start = self.at + 1;
        let length = memchr(quote, &self.text.as_bytes()[start..])?;
        self.at = start + length + 1;
        Some(&self.text[start..start + length])
    }

    /// What stands before the first byte that is `end`, an ASCII character.
    fn until(&mut self, end: impl Fn(u8) -> bool) -> &'a str {
        let bytes = &self.text.as_bytes()[self.at..];
        let length = bytes.iter().position(|&byte| end(byte)).unwrap_or(bytes.len());
        let start = self.at;
        self.at += length;
        &self.text[start..self.at]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}

#[cfg(test)]
mod tests {
    use super::{Piece, Tag, pieces};

    fn text(text: &str) -> Piece<'_> {
        Piece::Text(text)
    }

    fn open<'a>(name: &'a str, attributes: &[(&'a str, &'a str)]) -> Piece<'a> {
        Piece::Open(Tag { name, attributes: attributes.to_vec() })
    }

    #[test]
    fn text_and_tags_come_apart() {
        for (html, expected) in [
            ("", vec![]),
            ("a < b & c", vec![text("a < b & c")]),
            ("<<", vec![text("<<")]),
            ("a<!-- x > y -->b<!DOCTYPE html>c<?xml?>d", vec![text("a"), text("b"), text("c"), text("d")]),
            ("a<!-- never ends", vec![text("a")]),
            ("<p>Hi<BR/>é</P >", vec![open("p", &[]), text("Hi"), open("BR", &[]), text("é"), Piece::Close("P")]),
            (
                "<a href = 'x>y' b=\"it's\" c=d'e disabled>t",
                vec![open("a", &[("href", "x>y"), ("b", "it's"), ("c", "d'e"), ("disabled", "")]), text("t")],
            ),
            ("a<SCRIPT x='>'>if (a</b) {}</script >b<style>p{}</style>c", vec![text("a"), text("b"), text("c")]),
            ("a<script>never closed <b>", vec![text("a")]),
            ("a<b never ends", vec![text("a"), text("<b never ends")]),
            ("a<b c=\"never ends><i>", vec![text("a"), text("<b c=\"never ends><i>")]),
            ("<é></>", vec![text("<é>")]),
            ("<a =x é=ü>", vec![open("a", &[("=x", ""), ("é", "ü")])]),
        ] {
            assert_eq!(pieces(html).collect::<Vec<_>>(), expected, "{html}");
        }
    }
}
