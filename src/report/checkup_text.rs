//! What a mapping makes of an export, and what it passes by, as text.

use std::fmt::{Result, Write as _};

use super::lines::{line, wrapped};
use super::warnings::{left_out, one_direction, shared_ids};
use super::{count, grouped, percent};
use crate::mapping::{Mapping, Unmet, Unread, kinds_of, looks_like_address};
use crate::run::{Checkup, Counted, Example, Reason, UnknownValue};
use crate::update::Kind;

/// Of each list so many are shown; as JSON there are all.
const SHOWN: usize = 100;
/// Columns that a path may take before what stands behind it moves.
const PATH: usize = 44;

/// The checkup of `mapping` as text; values of the export are shown only if `show_content`. Ends with a line break.
pub fn checkup_text(checkup: &Checkup, mapping: &Mapping, show_content: bool) -> String {
    let mut text = String::new();
    // Writing into a string can't fail.
    let _ = Screen { text: &mut text, blocks: Blocks::of(mapping), show_content }.write(checkup);
    text
}

/// What the blocks are called, where there is more than one.
struct Blocks(Vec<String>);

impl Blocks {
    fn of(mapping: &Mapping) -> Self {
        let names = mapping.block_names();
        Self(if names.len() > 1 { names.iter().map(ToString::to_string).collect() } else { Vec::new() })
    }

    /// What stands before something about this block.
    fn prefix(&self, block: u16) -> String {
        self.0.get(usize::from(block)).map(|name| format!("{name}: ")).unwrap_or_default()
    }
}

struct Screen<'a> {
    text: &'a mut String,
    blocks: Blocks,
    show_content: bool,
}

impl Screen<'_> {
    fn write(&mut self, checkup: &Checkup) -> Result {
        let (records, messages) = (count(checkup.records, "record"), count(checkup.messages, "message"));
        writeln!(self.text)?;
        line(self.text, "export", &format!("{records}, {messages}"))?;
        line(self.text, "verdict", &verdict(checkup))?;
        let of_kind = |kind| checkup.made.iter().filter(|row| row.kind == kind).map(|row| row.messages).sum();
        let direction = one_direction(of_kind(Kind::Incoming), of_kind(Kind::Outgoing));
        let shared = shared_ids(checkup.sharing_ids, checkup.messages);
        let skipped = left_out(checkup.skipped.messages(), checkup.messages);
        let warnings = [direction, shared, skipped].into_iter().flatten();
        for warning in warnings {
            line(self.text, "warning", &warning)?;
        }
        if checkup.repeated + checkup.sharing_ids > 0 {
            line(self.text, "doubles", &doubles(checkup))?;
        }
        self.kinds(checkup)?;
        self.reasons("skipped", &checkup.skipped, false)?;
        self.reasons("blocked", &checkup.blocked, true)?;
        self.unknown(&checkup.unknown)?;
        self.unmet(checkup)?;
        self.never_there(checkup)?;
        self.unread(checkup)
    }

    fn kinds(&mut self, checkup: &Checkup) -> Result {
        let made = checkup.made.iter().map(|row| {
            let name = format!("{}{}", self.blocks.prefix(row.block), row.kind.word());
            (name, row.messages)
        });
        let (skipped, blocked) = (checkup.skipped.messages(), checkup.blocked.messages());
        let rest = [("skipped", skipped), ("blocked", blocked)].map(|(name, number)| (name.to_owned(), number));
        let rows: Vec<_> = made.chain(rest).filter(|(_, number)| *number > 0).collect();
        let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        if !rows.is_empty() {
            writeln!(self.text)?;
        }
        rows.iter().try_for_each(|(name, number)| {
            let share = percent(*number, checkup.messages);
            writeln!(self.text, "  {name:<width$}  {:>10}  {share:>5} %", grouped(*number))
        })
    }

    fn reasons(&mut self, title: &str, reasons: &Counted<Reason>, is_trouble: bool) -> Result {
        if reasons.messages() == 0 {
            return Ok(());
        }
        writeln!(self.text, "\n  {title}")?;
        for (reason, number, example) in reasons.rows.iter().take(SHOWN) {
            let what = format!("{}{}", self.blocks.prefix(reason.block), reason.cause.detail);
            wrapped(self.text, &format!("  {:>8}  ", grouped(*number)), 12, &what)?;
            let values: Vec<_> = example.values.iter().map(|value| format!("\"{value}\"")).collect();
            let values = if values.is_empty() { String::new() } else { format!("; such as {}", values.join(", ")) };
            writeln!(self.text, "            {}{values}", place(example))?;
            if is_trouble {
                wrapped(self.text, &" ".repeat(12), 12, reason.cause.kind.advice())?;
            }
        }
        let others: u64 = reasons.rows.iter().skip(SHOWN).map(|(_, number, _)| number).sum::<u64>() + reasons.others;
        if others > 0 {
            writeln!(self.text, "  {:>8}  for other reasons", grouped(others))?;
        }
        Ok(())
    }

    fn unknown(&mut self, unknown: &Counted<UnknownValue>) -> Result {
        if unknown.messages() == 0 {
            return Ok(());
        }
        writeln!(self.text, "\n  values without a row in their table")?;
        let rows: Vec<_> = unknown.rows.iter().take(SHOWN).collect();
        let value = |value: &UnknownValue| shown_value(value, self.show_content);
        let tables = rows.iter().map(|(one, ..)| one.table.chars().count()).max().unwrap_or_default();
        let values = rows.iter().map(|(one, ..)| value(one).chars().count()).max().unwrap_or_default();
        for (one, number, example) in &rows {
            let what = one.becomes.words();
            let (table, value) = (&one.table, value(one));
            let (number, place) = (grouped(*number), place(example));
            writeln!(self.text, "  {number:>8}  {table:<tables$}  {value:<values$}  {what}; {place}")?;
        }
        let others: u64 = unknown.rows.iter().skip(SHOWN).map(|(_, number, _)| number).sum::<u64>() + unknown.others;
        if others > 0 {
            writeln!(self.text, "  {:>8}  other values", grouped(others))?;
        }
        Ok(())
    }

    fn unmet(&mut self, checkup: &Checkup) -> Result {
        if checkup.unmet.is_empty() {
            return Ok(());
        }
        writeln!(self.text, "\n  words that the mapping waits for, where the export has others")?;
        for one in checkup.unmet.iter().take(SHOWN) {
            let Unmet { block, place, path, words, guess, .. } = one;
            let (prefix, words) = (self.blocks.prefix(*block), words.join(" or "));
            let there = words_there(one, self.show_content);
            let there: Vec<_> = there.iter().map(|(word, times)| format!("{word} {}", count(*times, "time"))).collect();
            let guess = guess.as_ref().map(|guess| format!("; did you mean '{guess}'?")).unwrap_or_default();
            let what = format!("{prefix}{place}: `{path}` is never {words}; it is {}{guess}", there.join(", "));
            wrapped(self.text, "    ", 6, &what)?;
        }
        Ok(())
    }

    fn never_there(&mut self, checkup: &Checkup) -> Result {
        if checkup.never_there.is_empty() {
            return Ok(());
        }
        writeln!(self.text, "\n  read by the mapping, and never in the export")?;
        checkup.never_there.iter().try_for_each(|one| {
            let guess = one.guess.as_ref().map(|guess| format!("; did you mean `{guess}`?")).unwrap_or_default();
            writeln!(self.text, "    line {:>4}  {}{guess}", one.line, one.path)
        })
    }

    fn unread(&mut self, checkup: &Checkup) -> Result {
        if checkup.unread.is_empty() && checkup.never_filled == 0 {
            return Ok(());
        }
        writeln!(self.text, "\n  in the export, and never read by the mapping")?;
        let shown: Vec<_> = checkup.unread.iter().take(SHOWN).collect();
        let width = shown.iter().map(|one| one.path.chars().count()).max().unwrap_or_default().min(PATH);
        let digits =
            |number: fn(&Unread) -> u64| shown.iter().map(|one| grouped(number(one)).len()).max().unwrap_or_default();
        let (filled, of) = (digits(|one| one.filled), digits(|one| one.of));
        for one in &shown {
            let what = self.samples(one);
            let (path, number, all) = (&one.path, grouped(one.filled), grouped(one.of));
            writeln!(self.text, "    {number:>filled$} of {all:>of$}  {path:<width$}  {what}")?;
        }
        let more = checkup.unread.len() - shown.len();
        if more > 0 {
            writeln!(self.text, "    and {} more; --json lists all", grouped(more as u64))?;
        }
        if checkup.never_filled > 0 {
            let verb = if checkup.never_filled == 1 { "holds" } else { "hold" };
            writeln!(self.text, "    and {} that never {verb} anything", count(checkup.never_filled, "field"))?;
        }
        if checkup.is_cut {
            writeln!(self.text, "    and keys that were not looked at: the export has too many different ones")?;
        }
        Ok(())
    }

    fn samples(&self, unread: &Unread) -> String {
        if !self.show_content {
            return kinds_of(&unread.samples);
        }
        let samples = unread.samples.iter().map(|sample| serde_json::Value::from(sample.text.as_str()).to_string());
        samples.collect::<Vec<_>>().join(", ")
    }
}

/// How many messages come again.
fn doubles(checkup: &Checkup) -> String {
    let repeated = (checkup.repeated, "that stand there once more, as they are");
    let sharing = (checkup.sharing_ids, "with the id of a different one, of which only one is carried over");
    let parts = [repeated, sharing].into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<_> = parts.map(|(number, what)| format!("{} {what}", count(number, "message"))).collect();
    parts.join("; ")
}

fn verdict(checkup: &Checkup) -> String {
    match (checkup.messages, checkup.blocked.messages()) {
        (0, _) => "the export holds no message".to_owned(),
        (_, 0) => "nothing would be blocked".to_owned(),
        (_, blocked) => format!("{} would be blocked", count(blocked, "message")),
    }
}

/// A value of a closed list is a word of the export, and may be seen unless it is somebody's address.
pub(super) fn shown_value(unknown: &UnknownValue, show_content: bool) -> String {
    shown_word(&unknown.value, show_content)
}

/// What is there where the mapping waits for other words. Of a list that is not closed, or has more than words in it, only
/// how often something is there: it may be what people wrote.
pub(super) fn words_there(unmet: &Unmet, show_content: bool) -> Vec<(String, u64)> {
    let is_closed = unmet.others == 0 && unmet.held.iter().all(|(word, _)| !word.contains(char::is_whitespace));
    let all = || unmet.others + unmet.held.iter().map(|(_, times)| times).sum::<u64>();
    if !show_content && !is_closed {
        return vec![("something else".to_owned(), all())];
    }
    let held = unmet.held.iter().map(|(word, times)| (shown_word(word, show_content), *times));
    let others = (unmet.others > 0).then(|| ("something else".to_owned(), unmet.others));
    held.chain(others).collect()
}

/// A word of the export.
fn shown_word(text: &str, show_content: bool) -> String {
    if !show_content && looks_like_address(text) {
        return "an address".to_owned();
    }
    match text.chars().count() {
        length if !show_content && length > 40 => format!("text of {}", count(length as u64, "character")),
        _ if text.chars().all(|sign| sign.is_alphanumeric() || "_-.".contains(sign)) && !text.is_empty() => {
            text.to_owned()
        }
        _ => serde_json::Value::from(text).to_string(),
    }
}

/// Where a message stands, and its id.
fn place(example: &Example) -> String {
    let file = example.file.file_name().unwrap_or_default().to_string_lossy();
    let id = example.external_id.as_ref().map(|id| {
        let short: String = id.chars().take(40).collect();
        if short.len() < id.len() { format!(", message {short}...") } else { format!(", message {id}") }
    });
    format!("{file}:{}{}", example.line, id.unwrap_or_default())
}
