//! The mappings that ship inside, for systems whose exports are known.

/// A mapping that ships inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    /// Its name, as `--mapping` takes it.
    pub name: &'static str,
    /// Its text, there to be copied.
    pub text: &'static str,
    /// What it reads, in one line.
    pub summary: &'static str,
}

const ALL: &[BuiltIn] = &[
    BuiltIn {
        name: "front",
        text: include_str!("../../mappings/front.toml"),
        summary: "Front, messages and comments of its API, as they come: pages or lines (experimental)",
    },
    BuiltIn {
        name: "help-scout",
        text: include_str!("../../mappings/help-scout.toml"),
        summary: "Help Scout, conversations with their threads, or pages of threads: Mailbox API 2.0, 1.0 and webhooks",
    },
    BuiltIn {
        name: "intercom",
        text: include_str!("../../mappings/intercom.toml"),
        summary: "Intercom, conversations and tickets of its API with their parts, one a line",
    },
    BuiltIn {
        name: "intercom-csv",
        text: include_str!("../../mappings/intercom-csv.toml"),
        summary: "Intercom, messages as CSV: one message a row, with its author and conversation",
    },
    BuiltIn {
        name: "kustomer",
        text: include_str!("../../mappings/kustomer.toml"),
        summary: "Kustomer, messages and notes of its API, as they come: pages or lines (experimental)",
    },
    BuiltIn {
        name: "zendesk",
        text: include_str!("../../mappings/zendesk.toml"),
        summary: "Zendesk, full JSON export: one ticket a line with its comments inside, users beside it",
    },
    BuiltIn {
        name: "zendesk-comments-csv",
        text: include_str!("../../mappings/zendesk-comments-csv.toml"),
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
