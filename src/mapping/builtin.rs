//! The mappings that ship inside, for systems whose exports are known.

/// A mapping that ships inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    /// Its name, as `--mapping` takes it.
    pub name: &'static str,
    /// Its text, there to be copied.
    pub text: &'static str,
    /// Its examples, as they stand beside it.
    pub tests: &'static str,
    /// What it reads, in one line.
    pub summary: &'static str,
}

impl BuiltIn {
    /// What its file is called.
    pub fn file_name(&self) -> String {
        format!("{}.toml", self.name)
    }

    /// Whether no real export was at hand when it was written, as its head says.
    pub fn is_experimental(&self) -> bool {
        let head = self.text.lines().take_while(|line| !line.starts_with('['));
        head.filter_map(|line| line.split('#').next()).any(|line| line.trim_end() == "experimental = true")
    }
}

const ALL: &[BuiltIn] = &[
    BuiltIn {
        name: "zendesk",
        text: include_str!("../../mappings/zendesk.toml"),
        tests: include_str!("../../mappings/zendesk.test.toml"),
        summary: "Zendesk, full JSON export: one ticket a line with its comments inside, users beside it",
    },
    BuiltIn {
        name: "zendesk-comments-csv",
        text: include_str!("../../mappings/zendesk-comments-csv.toml"),
        tests: include_str!("../../mappings/zendesk-comments-csv.test.toml"),
        summary: "Zendesk, comments as CSV: one comment a row, with its ticket and author",
    },
];

/// All of them.
pub fn all() -> &'static [BuiltIn] {
    ALL
}

/// The one called `name`.
pub fn find(name: &str) -> Option<&'static BuiltIn> {
    ALL.iter().find(|mapping| mapping.name == name)
}
