//! The lines of the proposal for single fields.

use std::fmt::Write as _;

use super::author::{Author, is_mostly_there};
use super::draft::{Draft, quoted};
use super::likeness::{Candidate, ENOUGH, Role, candidates, plain};
use super::offers::word_in_condition;
use super::stat::{Sort, Stat};
use crate::update::Channel;

/// As many paths are offered where it is not plain which one it is.
const OFFERED: usize = 4;

/// One path that was found, and how it is written.
pub(super) struct Line<'a> {
    pub(super) field: &'a str,
    pub(super) role: Role,
    pub(super) question: &'a str,
    /// What stands behind `from = "PATH"`.
    pub(super) rest: fn(&Stat) -> String,
}

impl<'p> Draft<'p> {
    /// A field that must be there: the plain answer, or a question.
    pub(super) fn field(&self, text: &mut String, line: &Line<'_>) -> std::fmt::Result {
        let found = self.candidates(line.role);
        if let Some(one) = plain(&found) {
            self.because(text, one)?;
            return writeln!(text, "{} = {{ from = {}{} }}", line.field, quoted(&one.path), (line.rest)(one.stat));
        }
        writeln!(text, "# QUESTION: {}", line.question)?;
        let Some(first) = found.first() else {
            self.name_keys(text)?;
            return writeln!(text, "# {} = {{ from = \"…\" }}", line.field);
        };
        found.iter().take(OFFERED).try_for_each(|one| self.because(text, one))?;
        writeln!(text, "# {} = {{ from = {}{} }}", line.field, quoted(&first.path), (line.rest)(first.stat))
    }

    /// When it was sent: a time in a form that can be read in two ways is a question.
    pub(super) fn sent(&self, text: &mut String) -> std::fmt::Result {
        let found = self.candidates(Role::Time);
        let forms = plain(&found).map(|one| one.stat.forms()).unwrap_or_default();
        if let (Some(one), [_, _, ..]) = (plain(&found), forms.as_slice()) {
            writeln!(
                text,
                "# QUESTION: which is the day, and which the month? All times of the sample fit each of these."
            )?;
            self.because(text, one)?;
            return forms.iter().try_for_each(|form| {
                writeln!(text, "# sent_datetime = {{ from = {}{} }}", quoted(&one.path), read_as(form))
            });
        }
        self.field(
            text,
            &Line { field: "sent_datetime", role: Role::Time, question: "when was it sent?", rest: time_transform },
        )
    }

    /// A field that may be left out: only where something speaks for it.
    pub(super) fn optional(&self, text: &mut String, field: &str, role: Role) -> std::fmt::Result {
        let found = self.candidates(role);
        let Some(one) = found.first().filter(|one| one.score >= ENOUGH) else { return Ok(()) };
        self.because(text, one)?;
        writeln!(text, "{field} = {{ from = {} }}", quoted(&one.path))
    }

    /// What brought it into Gorgias, which no export can say.
    pub(super) fn via(text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "# What brought it into Gorgias; `zendesk`, `helpdesk` or another of the list may say it better."
        )?;
        writeln!(text, "via = {{ value = \"api\" }}")
    }

    /// Where something says which messages are internal notes: the condition for it, and what it is read from.
    fn note(&self) -> Option<(String, Candidate<'p>)> {
        let private = candidates(Role::Note, self.message, "");
        let public = candidates(Role::Public, self.message, "");
        // As the export writes it: `true` is no `Yes`.
        let when = |one: &Candidate<'p>, is_true: bool| {
            let condition = match (one.stat.word_for(is_true), one.stat.word_for(!is_true)) {
                (Some(word), _) => format!("{} == {}", one.path, word_in_condition(word)),
                (None, Some(other)) => format!("{0} exists and {0} != {1}", one.path, word_in_condition(other)),
                (None, None) => return None,
            };
            Some((condition, one.clone()))
        };
        plain(&private).and_then(|one| when(one, true)).or_else(|| plain(&public).and_then(|one| when(one, false)))
    }

    pub(super) fn channel(&self, text: &mut String, channel: Option<&Candidate<'_>>) -> std::fmt::Result {
        // Whatever is not answered yet is a comment.
        let sign = if channel.is_some() { "" } else { "# " };
        let way = channel.map_or_else(
            || "{ value = \"email\" }".to_owned(),
            |one| format!("{{ from = {}, table = \"channels\" }}", quoted(&one.path)),
        );
        if let Some(one) = channel {
            self.because(text, one)?;
        } else {
            let names: Vec<_> = Channel::ALL.iter().map(|channel| channel.name()).collect();
            writeln!(text, "# QUESTION: nothing says by which channel messages came. Is it one of these for all?")?;
            names.chunks(6).try_for_each(|some| writeln!(text, "#   {}", some.join(", ")))?;
        }
        let Some((when, because)) = self.note() else {
            writeln!(text, "# QUESTION: nothing says which messages are internal notes. Are there none?")?;
            self.offer_notes(text)?;
            return writeln!(text, "{sign}channel = {way}");
        };
        self.because(text, &because)?;
        writeln!(text, "{sign}channel = [")?;
        writeln!(text, "{sign}  {{ when = {}, value = \"internal-note\" }},", quoted(&when))?;
        writeln!(text, "{sign}  {way},\n{sign}]")
    }

    pub(super) fn direction(&self, text: &mut String, author: Option<&Author<'_>>) -> std::fmt::Result {
        let way = match author {
            Some(Author::Word(word)) => {
                self.because(text, word)?;
                format!("{{ from = {}, table = \"roles\" }}", quoted(&word.path))
            }
            Some(Author::Joined(join)) => {
                let path = format!("@people[{}].{}", join.own, join.role);
                format!("{{ from = {}, table = \"roles\" }}", quoted(&path))
            }
            Some(Author::Flag(flag, is_theirs)) => {
                self.because(text, flag)?;
                let (is, word) = match (flag.stat.word_for(*is_theirs), flag.stat.word_for(!is_theirs)) {
                    (None, Some(other)) => ("is_not", other),
                    (word, _) => ("is", word.unwrap_or(if *is_theirs { "true" } else { "false" })),
                };
                format!("{{ from = {}, {is} = {} }}", quoted(&flag.path), constant(word))
            }
            None => {
                writeln!(text, "# QUESTION: nothing says who writes for the company, and who to it. What does?")?;
                return self.offer_authors(text);
            }
        };
        match self.note() {
            Some((when, _)) => {
                writeln!(text, "from_agent = [\n  {{ when = {}, value = true }},\n  {way},\n]", quoted(&when))
            }
            None => writeln!(text, "from_agent = {way}"),
        }
    }

    pub(super) fn bodies(&self, text: &mut String) -> std::fmt::Result {
        let found = self.candidates(Role::Body);
        let is_html = |one: &&Candidate<'_>| one.stat.part(&[Sort::Html]) > 0.3;
        let html = found.iter().find(is_html);
        let plain = found.iter().find(|one| !is_html(one) && one.score >= 50);
        for (field, one) in [("body_html", html), ("body_text", plain)] {
            let Some(one) = one else { continue };
            self.because(text, one)?;
            writeln!(text, "{field} = {{ from = {} }}", quoted(&one.path))?;
        }
        if html.is_none() && plain.is_none() {
            writeln!(text, "# QUESTION: nothing looks like its text. Which of these is it?")?;
            self.name_keys(text)?;
            writeln!(text, "# body_text = {{ from = \"…\" }}")?;
        }
        Ok(())
    }

    pub(super) fn ticket(&self, text: &mut String) -> std::fmt::Result {
        let found = match self.around {
            Some(around) => candidates(Role::Id, around, "parent."),
            None => candidates(Role::Ticket, self.message, ""),
        };
        writeln!(text, "\n[message.ticket]")?;
        if let Some(one) = plain(&found) {
            self.because(text, one)?;
            return writeln!(text, "external_id = {{ from = {}, apply = [\"to_string\"] }}", quoted(&one.path));
        }
        let files = &self.source.files;
        if files.len() > 1 && files.iter().all(|name| name.contains(|sign: char| sign.is_ascii_digit())) {
            writeln!(
                text,
                "# QUESTION: no record says its ticket, but each file's name has a number. Is it the ticket's?"
            )?;
            return writeln!(text, "# external_id = {{ from = \"@file.number\" }}");
        }
        writeln!(text, "# QUESTION: which ticket does a message belong to?")?;
        found.iter().take(OFFERED).try_for_each(|one| self.because(text, one))?;
        let offered = if found.is_empty() { self.offer_tickets(text)? } else { None };
        let path = found.first().map(|one| one.path.as_str()).or(offered).unwrap_or("…");
        writeln!(text, "# external_id = {{ from = {}, apply = [\"to_string\"] }}", quoted(path))
    }

    /// What speaks for a path, as a comment.
    fn because(&self, text: &mut String, one: &Candidate<'_>) -> std::fmt::Result {
        let stat = one.stat;
        let there = if is_mostly_there(stat, one.objects) && stat.filled == one.objects {
            "in each".to_owned()
        } else {
            format!("in {} of {}", stat.filled, one.objects)
        };
        let Some((sort, part)) = stat.sort() else { return Ok(()) };
        let mostly = if part < 0.99 { "mostly " } else { "" };
        let unique = if stat.uniqueness() > 0.999 && stat.filled > 1 { ", none twice" } else { "" };
        let samples = if (sort.is_content() || one.role.is_content()) && !self.manner.show_content {
            String::new()
        } else {
            let shown: Vec<_> = stat.samples().iter().map(|sample| sample_text(sample)).collect();
            format!(", such as {}", shown.join(", "))
        };
        writeln!(text, "# score {:>3}  `{}`: {there}, {mostly}{}{unique}{samples}", one.score, one.path, sort.words())
    }
}

/// A value on one line of a comment.
fn sample_text(sample: &str) -> String {
    const SHOWN: usize = 40;
    let line: String = sample.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).take(SHOWN).collect();
    if sample.chars().count() > SHOWN { format!("{line}…") } else { line }
}

/// A constant as TOML writes it: yes and no are no texts.
fn constant(word: &str) -> String {
    if matches!(word, "true" | "false") { word.to_owned() } else { quoted(word) }
}

/// What stands behind the path of a time, by what its values are.
fn time_transform(stat: &Stat) -> String {
    let transform = match stat.sort() {
        Some((Sort::MailTime, _)) => "rfc2822",
        Some((Sort::EpochSeconds, _)) => "epoch_seconds",
        Some((Sort::EpochMillis, _)) => "epoch_millis",
        Some((Sort::WrittenTime, _)) => return read_as(stat.forms().first().unwrap_or(&"…")),
        _ => "datetime",
    };
    format!(", apply = [\"{transform}\"], required = true")
}

/// The same for a time of this form.
fn read_as(form: &str) -> String {
    format!(", apply = [{{ time_format = {} }}], required = true", quoted(form))
}
