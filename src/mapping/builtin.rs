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
        name: "aircall",
        text: include_str!("../../mappings/aircall.toml"),
        summary: "Aircall, calls as its API lists them; their comments are notes",
    },
    BuiltIn {
        name: "freshdesk",
        text: include_str!("../../mappings/freshdesk.toml"),
        summary: "Freshdesk, as its API gives it: tickets and their conversations, agents and contacts beside them",
    },
    BuiltIn {
        name: "freshdesk-export",
        text: include_str!("../../mappings/freshdesk-export.toml"),
        summary: "Freshdesk, the account export as JSON: tickets with their notes inside",
    },
    BuiltIn {
        name: "generic-csv",
        text: include_str!("../../mappings/generic-csv.toml"),
        summary: "any system, as CSV: one message a row, columns called as Gorgias calls the fields",
    },
    BuiltIn {
        name: "generic-json",
        text: include_str!("../../mappings/generic-json.toml"),
        summary: "any system, as JSON: one message a record, keys called as Gorgias calls the fields",
    },
    BuiltIn {
        name: "gorgias",
        text: include_str!("../../mappings/gorgias.toml"),
        summary: "Gorgias, pages of messages of one account for another one",
    },
    BuiltIn {
        name: "gorgias-backup",
        text: include_str!("../../mappings/gorgias-backup.toml"),
        summary: "Gorgias, pages of messages put back into the account that they are of",
    },
    BuiltIn {
        name: "zammad",
        text: include_str!("../../mappings/zammad.toml"),
        summary: "Zammad, articles as its API gives them: one file a ticket, tickets beside it",
    },
    BuiltIn {
        name: "zendesk",
        text: include_str!("../../mappings/zendesk.toml"),
        summary: "Zendesk, full JSON export: one ticket a line with its comments inside, users beside it",
    },
    BuiltIn {
        name: "zendesk-audits",
        text: include_str!("../../mappings/zendesk-audits.toml"),
        summary: "Zendesk, ticket audits: comments among other events, users beside them",
    },
    BuiltIn {
        name: "zendesk-comments-csv",
        text: include_str!("../../mappings/zendesk-comments-csv.toml"),
        summary: "Zendesk, comments as CSV: one comment a row, with its ticket and author",
    },
    BuiltIn {
        name: "zendesk-incremental",
        text: include_str!("../../mappings/zendesk-incremental.toml"),
        summary: "Zendesk, as its API gives it: comments in one file a ticket, tickets and users beside them",
    },
    BuiltIn {
        name: "zoho-desk",
        text: include_str!("../../mappings/zoho-desk.toml"),
        summary: "Zoho Desk, threads and comments as its API gives them: one file a ticket, tickets beside it",
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
