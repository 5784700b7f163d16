//! The proposal as text: for each field its path, with what speaks for it, or a question.

use std::fmt::Write as _;

use super::author::{Author, author, sides};
use super::fields::Line;
use super::likeness::{Candidate, Place, Role, candidates, messages};
use super::profile::{Level, Profile, Source};
use super::stat::Sort;
use super::vocabulary;
use super::{Manner, NoProposal};
use crate::export::Format;

/// What is proposed for the likeliest place of messages.
pub(super) fn draft(profile: &Profile, manner: Manner<'_>) -> Result<String, NoProposal> {
    let places = messages(&profile.sources);
    let first = places.first().and_then(|place| {
        let source = profile.sources.get(place.source)?;
        Some((place.clone(), source, source.levels.get(&place.list)?))
    });
    let Some((place, source, message)) = first else { return Err(nothing(profile)) };
    let around = source.levels.get("").filter(|_| !place.list.is_empty());
    let draft = Draft { manner, place, source, message, around, profile };
    let mut text = String::new();
    // Writing into a string can't fail.
    let _ = draft.write(&mut text, &places);
    Ok(text)
}

/// Why nothing is proposed.
fn nothing(profile: &Profile) -> NoProposal {
    let levels = profile.sources.iter().flat_map(|source| source.levels.values());
    let keys: Vec<_> = levels.flat_map(|level| level.paths.keys().cloned()).collect();
    if profile.sources.is_empty() { NoProposal::NoRecord } else { NoProposal::NoMessage(keys) }
}

/// What a proposal is made from.
pub(super) struct Draft<'p> {
    pub(super) manner: Manner<'p>,
    /// Which of the sources holds the messages, and the list in its records.
    place: Place,
    pub(super) source: &'p Source,
    pub(super) message: &'p Level,
    /// The record around the message, where it stands in a list.
    pub(super) around: Option<&'p Level>,
    profile: &'p Profile,
}

impl<'p> Draft<'p> {
    fn write(&self, text: &mut String, places: &[Place]) -> std::fmt::Result {
        let author = author(&self.profile.sources, self.place.source, &self.place.list);
        let channel = self.candidates(Role::Channel).into_iter().next();
        self.head(text)?;
        self.lookup(text, author.as_ref())?;
        tables(text, author.as_ref(), channel.as_ref())?;
        self.block(text, places)?;
        self.field(
            text,
            &Line {
                field: "external_id",
                role: Role::Id,
                question: "which of these is the message's own id?",
                rest: |_| ", apply = [\"to_string\"]".to_owned(),
            },
        )?;
        Self::via(text)?;
        self.channel(text, channel.as_ref())?;
        self.direction(text, author.as_ref())?;
        self.sent(text)?;
        self.bodies(text)?;
        self.optional(text, "subject", Role::Subject)?;
        self.optional(text, "message_id", Role::MessageId)?;
        self.optional(text, "sender.email", Role::AuthorAddress)?;
        self.ticket(text)
    }

    /// The candidates in the message, then those in the record around it.
    pub(super) fn candidates(&self, role: Role) -> Vec<Candidate<'p>> {
        let mut all = candidates(role, self.message, "");
        if let Some(around) = self.around
            && matches!(role, Role::Subject | Role::Channel)
        {
            all.extend(candidates(role, around, "parent."));
        }
        all.sort_by_key(|one| std::cmp::Reverse(one.score));
        all
    }

    fn head(&self, text: &mut String) -> std::fmt::Result {
        let objects = self.message.objects;
        let list = &self.place.list;
        let place = if list.is_empty() { "records".to_owned() } else { format!("objects in `{list}`") };
        let names = listed(&patterns(&self.source.files));
        let is_naive = self.candidates(Role::Time).first().is_some_and(|time| {
            time.stat.sort().is_some_and(|(sort, _)| matches!(sort, Sort::NaiveTime | Sort::WrittenTime))
        });
        writeln!(text, "#:schema ./deskferry-mapping.schema.json")?;
        writeln!(text, "# A proposal, made from {objects} {place}. Above each line stands what speaks for it; a line")?;
        writeln!(text, "# with QUESTION can't be answered from the export: answer it, then check the file with")?;
        writeln!(text, "# `deskferry mapping check FILE EXPORT`.\n")?;
        writeln!(text, "name = \"mine\"")?;
        writeln!(text, "# QUESTION: what is the system called? Reports use the name.")?;
        writeln!(text, "system = \"the old helpdesk\"")?;
        writeln!(text, "format = \"{}\"\nfiles = [{names}]", named_format(self.source.format).word())?;
        if let Some(records) = &self.source.records_at {
            writeln!(text, "records = {}", quoted(records))?;
        }
        text.push_str(&reading(self.source.format, self.manner));
        if is_naive {
            writeln!(
                text,
                "# QUESTION: its times have no zone. Which one is meant? Without an answer they block their messages."
            )?;
            writeln!(text, "# timezone = \"UTC\"")?;
        }
        Ok(())
    }

    fn lookup(&self, text: &mut String, author: Option<&Author<'_>>) -> std::fmt::Result {
        let joined = match author {
            Some(Author::Joined(join)) => Some(join),
            _ => None,
        };
        if let Some(join) = joined {
            let files = listed(&patterns(&self.profile.sources[join.source].files));
            writeln!(
                text,
                "\n# Who wrote a message: `{}` is `{}` of a row here for {} % of the authors.",
                join.own, join.found, join.key
            )?;
            writeln!(text, "[lookups.people]\nfiles = [{files}]\nkey = \"{}\"", join.key)?;
        }
        let others = self.profile.sources.iter().enumerate();
        let unread =
            others.filter(|(other, _)| *other != self.place.source && joined.is_none_or(|join| join.source != *other));
        for (_, source) in unread {
            writeln!(text, "\n# Not read: {}.", source.files.join(", "))?;
        }
        Ok(())
    }

    fn block(&self, text: &mut String, places: &[Place]) -> std::fmt::Result {
        writeln!(text, "\n[[message]]")?;
        if !self.place.list.is_empty() {
            writeln!(text, "each = {}", quoted(&self.place.list))?;
        }
        for Place { source, list, .. } in places.iter().skip(1).filter(|place| place.is_whole) {
            let place = if list.is_empty() { "the record itself".to_owned() } else { format!("`{list}`") };
            let files = self.profile.sources[*source].files.join(", ");
            writeln!(
                text,
                "# QUESTION: {place} in {files} looks like a message, too. If it is one, it needs a [[message]] of its own."
            )?;
        }
        writeln!(text, "# QUESTION: are there events, drafts or deleted messages among them, to be left out?")?;
        writeln!(text, "# skip = [{{ when = \"type == 'event'\", reason = \"an event, not a message\" }}]")?;
        writeln!(text, "\n[message.fields]")
    }
}

/// The closed lists, with what each word of the export is here.
fn tables(text: &mut String, author: Option<&Author<'_>>, channel: Option<&Candidate<'_>>) -> std::fmt::Result {
    if let Some(channel) = channel {
        writeln!(
            text,
            "\n# The values of `{}`, and what they are in Gorgias. One that is not here blocks its messages.",
            channel.path
        )?;
        writeln!(text, "[tables.channels]")?;
        for (word, count) in channel.stat.words().unwrap_or_default() {
            match vocabulary::channel(word) {
                Some(channel) => writeln!(text, "{} = \"{}\"   # {count} times", quoted(word), channel.name())?,
                None => writeln!(
                    text,
                    "# QUESTION: what is this in Gorgias? It is there {count} times.\n# {} = \"…\"",
                    quoted(word)
                )?,
            }
        }
    }
    let roles = match author {
        Some(Author::Word(word)) => Some((word.path.clone(), word.stat)),
        Some(Author::Joined(join)) => Some((format!("@people[{}].{}", join.own, join.role), join.stat)),
        Some(Author::Flag(..)) | None => None,
    };
    if let Some((path, stat)) = roles {
        writeln!(
            text,
            "\n# The values of `{path}`: true is who writes for the company. One that is not here blocks its messages."
        )?;
        writeln!(text, "[tables.roles]")?;
        for (word, count, side) in sides(stat) {
            match side {
                Some(side) => writeln!(text, "{} = {side}   # {count} times", quoted(word))?,
                None => writeln!(
                    text,
                    "# QUESTION: is that somebody of the company? It is there {count} times.\n# {} = true",
                    quoted(word)
                )?,
            }
        }
    }
    Ok(())
}

/// File names as patterns, numbers in them as `*`.
fn patterns(files: &[String]) -> Vec<String> {
    // The number in the name of a single file says nothing of others.
    if let [only] = files {
        return vec![only.clone()];
    }
    let mut patterns = Vec::new();
    for name in files {
        let mut pattern = String::new();
        for sign in name.chars() {
            if !sign.is_ascii_digit() {
                pattern.push(sign);
            } else if !pattern.ends_with('*') {
                pattern.push('*');
            }
        }
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    patterns
}

/// The format as a mapping names it.
fn named_format(format: Format) -> Format {
    if format.has_rows() { Format::Csv } else { format }
}

/// How files of this format are to be read, as lines of a mapping, where it is not the usual way or was told.
pub fn reading(format: Format, manner: Manner<'_>) -> String {
    let is_told = manner.rows.is_some() || format != Format::Csv;
    let separator = format.separator().filter(|_| is_told);
    let separator = separator.map(|sign| format!("separator = {}\n", quoted(&char::from(sign).to_string())));
    let encoding = manner.encoding.map(|name| format!("encoding = {}\n", quoted(name)));
    [separator, encoding].into_iter().flatten().collect()
}

fn listed(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| quoted(name)).collect();
    names.join(", ")
}

/// A text as TOML writes it, which takes the escapes of JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
