//! How one message was mapped, as text.

use std::fmt::Write as _;

use super::count;
use super::lines::{line, wrapped};
use crate::mapping::{FieldStory, MappedResult, Outcome, Seen, Step, Story, Type};
use crate::update::{Draft, FieldName, Kind};

/// The story of one message, which stands at `place`; message content is shown only if `show_content`.
///
/// Ends with a line break.
pub fn story_text(story: &Story, place: &str, show_content: bool) -> String {
    let mut text = String::new();
    // Writing into a string can't fail.
    let _ = write(&mut text, story, place, show_content);
    text
}

fn write(text: &mut String, story: &Story, place: &str, show_content: bool) -> std::fmt::Result {
    let mapped = &story.mapped;
    match &mapped.external_id {
        Some(id) => writeln!(text, "{place}, message {}\n", plain(id))?,
        None => writeln!(text, "{place}, a message without a readable id\n")?,
    }
    match &mapped.result {
        MappedResult::Message(draft) => line(text, "result", &update(draft))?,
        MappedResult::Skipped(cause) => line(text, "result", &format!("skipped: {}", cause.detail))?,
        MappedResult::Blocked(cause) => {
            line(text, "result", &format!("blocked ({}): {}", cause.kind.name(), cause.detail))?;
            line(text, "to do", cause.kind.advice())?;
        }
    }
    if let Some(when) = &story.skipped_by {
        line(text, "rule", &one_line(when))?;
    }
    if let Some(kind) = &story.kind {
        line(text, "kind", kind)?;
    }
    line(text, "ticket", &mapped.ticket.as_deref().map_or_else(|| "not known".to_owned(), plain))?;
    if mapped.version.is_some() {
        let by = if story.fields.iter().any(|field| field.name == "newest") { "`newest`" } else { "`sent_datetime`" };
        line(text, "copies", &format!("of two, the one with the later {by} is the newer"))?;
    }
    if let Some(target) = &mapped.target {
        line(text, "target", &format!("{target}, as the export says"))?;
    }
    for field in &story.fields {
        write_field(text, field, show_content)?;
    }
    Ok(())
}

fn write_field(text: &mut String, field: &FieldStory, show_content: bool) -> std::fmt::Result {
    let name = &field.name;
    let what = match &field.outcome {
        Outcome::Value(value) => seen(value, show_content),
        Outcome::List(elements) => count(*elements as u64, "element"),
        // A part of a field, or what goes with the message, is nothing that Gorgias could keep.
        Outcome::Kept if FieldName::from_name(name).is_some() => "not sent; Gorgias keeps what it has".to_owned(),
        Outcome::Kept => "nothing".to_owned(),
        Outcome::Cleared => "cleared".to_owned(),
        Outcome::Refused(reason) => format!("blocked: {reason}"),
        Outcome::Skips(reason) => format!("the message is skipped: {reason}"),
    };
    writeln!(text)?;
    wrapped(text, &format!("  {name}: "), 6, &what)?;
    field.steps.iter().try_for_each(|step| write_step(text, step, show_content))
}

fn write_step(text: &mut String, step: &Step, show_content: bool) -> std::fmt::Result {
    let what = match step {
        Step::PassedOver(when) => format!("when {}: no", one_line(when)),
        Step::Holds(when) => format!("when {}: yes", one_line(when)),
        Step::Nothing(why) => why.clone(),
        Step::Read(path, value) => format!("from `{path}`: {}", seen(value, show_content)),
        Step::Constant(value) => format!("value: {}", seen(value, show_content)),
        Step::Filled(value) => format!("template: {}", seen(value, show_content)),
        Step::Applied(transform, value) => format!("{transform}: {}", seen(value, show_content)),
        Step::FoundNothing(transform) => format!("{transform}: nothing found"),
        Step::Computed(expression, Some(value)) => {
            format!("expr {}: {}", one_line(expression), seen(value, show_content))
        }
        Step::Computed(expression, None) => format!("expr {}: nothing", one_line(expression)),
        Step::Translated(table, value) => format!("table {table}: {}", seen(value, show_content)),
        Step::NotIn(table) => format!("table {table}: not in it"),
        Step::Defaulted(value) => format!("default: {}", seen(value, show_content)),
        Step::Tested(comparison, holds) => format!("{comparison}: {holds}"),
        Step::Each(path, elements) => format!("each `{path}`: {}", count(*elements as u64, "element")),
        Step::LeftOut(index, when) => format!("[{index}] left out, as {}", one_line(when)),
    };
    wrapped(text, "    ", 8, &what)
}

/// What kind of message comes of it.
fn update(draft: &Draft) -> String {
    match (draft.channel, draft.from_agent) {
        (Some(channel), Some(from_agent)) => match Kind::of(channel, from_agent) {
            Kind::InternalNote => "an update: internal note".to_owned(),
            kind => format!("an update: {}, {}", kind.word(), channel.name()),
        },
        _ => "an update".to_owned(),
    }
}

/// A value, or only what it is.
fn seen(value: &Seen, show_content: bool) -> String {
    if show_content || !value.is_content {
        return plain(&value.text);
    }
    match (value.kind, value.text.chars().count()) {
        (Type::Text, 0) => "an empty text".to_owned(),
        (Type::Text, length) => format!("text, {}", count(length as u64, "character")),
        (kind, _) => kind.words().to_owned(),
    }
}

/// A text on one line, as it is; in quotes where that would not be clear.
fn plain(text: &str) -> String {
    let is_clear = !text.is_empty() && text.chars().all(|sign| !sign.is_whitespace() && !sign.is_control());
    if is_clear { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

/// A condition that a mapping spreads over lines.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
