//! What the name of a record's file says: `@file`, and which blocks the file is for.

use std::path::{Path, PathBuf};

use super::node::Node;
use crate::export::{folder_name, is_like, origin};

/// What is behind a name and says nothing of what the file holds.
const COMPRESSED: [&str; 2] = [".gz", ".zst"];

/// Something that the name of a file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FilePart {
    Name,
    Stem,
    Folder,
    Number,
}

impl FilePart {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Name, Self::Stem, Self::Folder, Self::Number];

    /// Its name in a path.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Stem => "stem",
            Self::Folder => "folder",
            Self::Number => "number",
        }
    }
}

/// What the name of one file says; null where it says no such thing.
#[derive(Debug)]
pub(crate) struct FileFacts {
    /// The file, as patterns are for it.
    path: PathBuf,
    name: Node<'static>,
    stem: Node<'static>,
    folder: Node<'static>,
    number: Node<'static>,
}

impl FileFacts {
    /// What the name of `file` says.
    pub(crate) fn of(file: &Path) -> Self {
        let path = origin(file);
        let whole = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = uncompressed(&whole);
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let folder = folder_name(file);
        let number = number(stem).or_else(|| number(folder.as_deref()?)).map(ToOwned::to_owned);
        Self {
            name: text(Some(name.to_owned())),
            stem: text(Some(stem.to_owned())),
            number: text(number),
            folder: text(folder),
            path,
        }
    }

    /// Whether the file is like one of `patterns`; compressed or not does not matter.
    pub(crate) fn is_like_one_of(&self, patterns: &[String]) -> bool {
        patterns.iter().any(|pattern| is_like(pattern, &self.path))
    }

    /// A part of what it says.
    pub(crate) fn part(&self, part: FilePart) -> &Node<'static> {
        match part {
            FilePart::Name => &self.name,
            FilePart::Stem => &self.stem,
            FilePart::Folder => &self.folder,
            FilePart::Number => &self.number,
        }
    }
}

fn text(text: Option<String>) -> Node<'static> {
    text.map_or(Node::Null, |text| Node::Text(text.into()))
}

fn uncompressed(name: &str) -> &str {
    let stem = |ending: &&str| {
        let (stem, end) = name.split_at_checked(name.len().checked_sub(ending.len())?)?;
        end.eq_ignore_ascii_case(ending).then_some(stem)
    };
    COMPRESSED.iter().find_map(stem).unwrap_or(name)
}

/// The first number in `name`, digit by digit as it stands there.
fn number(name: &str) -> Option<&str> {
    let start = name.find(|sign: char| sign.is_ascii_digit())?;
    let digits = &name[start..];
    Some(&digits[..digits.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(digits.len())])
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{FileFacts, FilePart};
    use crate::mapping::value::Value;

    #[test]
    fn a_name_is_taken_apart() {
        for (file, expected) in [
            ("/x/comments/123.json", ["123.json", "123", "comments", "123"]),
            ("/x/t-7/comments.v2.json.gz", ["comments.v2.json", "comments.v2", "t-7", "2"]),
            ("/x/t-7/comments.json.zst", ["comments.json", "comments", "t-7", "7"]),
            ("export.zip/tickets/0012-b34.mp3", ["0012-b34.mp3", "0012-b34", "tickets", "0012"]),
            ("/x/NOTES.CSV.GZ", ["NOTES.CSV", "NOTES", "x", ""]),
            ("/x/é", ["é", "é", "x", ""]),
            ("/x/notes", ["notes", "notes", "x", ""]),
            ("/notes", ["notes", "notes", "", ""]),
        ] {
            let facts = FileFacts::of(Path::new(file));
            let part = |part| Value::of(facts.part(part)).map_or(String::new(), |value| value.text_form().into_owned());
            assert_eq!(FilePart::ALL.map(part), expected, "{file}");
        }
    }
}
