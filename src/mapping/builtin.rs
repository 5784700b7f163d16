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

/// The built-in mapping whose file is called `$name`, with its examples beside it.
macro_rules! built_in {
    ($name:literal, $summary:literal) => {
        BuiltIn {
            name: $name,
            text: include_str!(concat!("../../mappings/", $name, ".toml")),
            tests: include_str!(concat!("../../mappings/", $name, ".test.toml")),
            summary: $summary,
        }
    };
}

const ALL: &[BuiltIn] = &[
    built_in!("aircall", "Aircall, calls as its API lists them; their comments are notes"),
    built_in!(
        "freshdesk",
        "Freshdesk, as its API gives it: tickets and their conversations, agents and contacts beside them"
    ),
    built_in!("freshdesk-export", "Freshdesk, the account export as JSON: tickets with their notes inside"),
    built_in!("front", "Front, messages and comments of its API, as they come: pages or lines"),
    built_in!("generic-csv", "any system, as CSV: one message a row, columns called as Gorgias calls the fields"),
    built_in!("generic-json", "any system, as JSON: one message a record, keys called as Gorgias calls the fields"),
    built_in!("gorgias", "Gorgias, pages of messages of one account for another one"),
    built_in!("gorgias-backup", "Gorgias, pages of messages put back into the account that they are of"),
    built_in!(
        "help-scout",
        "Help Scout, conversations with their threads, or pages of threads: Mailbox API 2.0, 1.0 and webhooks"
    ),
    built_in!("intercom", "Intercom, conversations and tickets of its API with their parts, one a line"),
    built_in!("intercom-csv", "Intercom, messages as CSV: one message a row, with its author and conversation"),
    built_in!("kustomer", "Kustomer, messages and notes of its API, as they come: pages or lines"),
    built_in!("zammad", "Zammad, articles as its API gives them: one file a ticket, tickets beside it"),
    built_in!("zendesk", "Zendesk, full JSON export: one ticket a line with its comments inside, users beside it"),
    built_in!("zendesk-audits", "Zendesk, ticket audits: comments among other events, users beside them"),
    built_in!("zendesk-comments-csv", "Zendesk, comments as CSV: one comment a row, with its ticket and author"),
    built_in!(
        "zendesk-incremental",
        "Zendesk, as its API gives it: comments in one file a ticket, tickets and users beside them"
    ),
    built_in!(
        "zoho-desk",
        "Zoho Desk, threads and comments as its API gives them: one file a ticket, tickets beside it"
    ),
];

/// All of them.
pub fn all() -> &'static [BuiltIn] {
    ALL
}

/// The one called `name`.
pub fn find(name: &str) -> Option<&'static BuiltIn> {
    ALL.iter().find(|mapping| mapping.name == name)
}
