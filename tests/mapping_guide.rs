//! Every example in docs/mapping.md does what the page says: the mapping is accepted, and makes of the record beneath it
//! the very lines that stand beneath that.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod mapping_support;

use std::fs;
use std::path::Path;

use deskferry::mapping::{Lookups, Mapped, MappedResult};
use deskferry::update::{Address, Draft, Field};
use mapping_support::{compile, lookups, map_with};

/// The fields that every block must have, for examples that are about something else.
const NEEDED: [(&str, &str); 5] = [
    ("external_id", r#"external_id = { value = "1" }"#),
    ("channel", r#"channel = { value = "email" }"#),
    ("via", r#"via = { value = "api" }"#),
    ("from_agent", "from_agent = { value = false }"),
    ("sent_datetime", r#"sent_datetime = { value = "2024-05-31T10:00:00Z", apply = ["datetime"] }"#),
];

/// A mapping, a record, and what comes of it.
struct Example {
    line: usize,
    mapping: String,
    record: String,
    result: String,
}

/// The fenced blocks of the page: the line that they start on, their language, and their text.
fn blocks(page: &str) -> Vec<(usize, String, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String, String)> = None;
    for (number, line) in (1..).zip(page.lines()) {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => open = Some((number, language.to_owned(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some((_, _, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block that does not end");
    blocks
}

fn examples() -> Vec<Example> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/mapping.md");
    let page = fs::read_to_string(path).expect("the page");
    let blocks = blocks(&page);
    let examples = blocks.windows(3).filter_map(|three| match three {
        [(line, toml, mapping), (_, json, record), (_, text, result)]
            if (toml.as_str(), json.as_str(), text.as_str()) == ("toml", "json", "text") =>
        {
            let (mapping, record, result) = (whole(mapping), record.clone(), result.clone());
            Some(Example { line: *line, mapping, record, result })
        }
        _ => None,
    });
    examples.collect()
}

/// The example as a whole mapping: what it leaves out is added.
fn whole(example: &str) -> String {
    if example.contains("[message.ticket]") {
        return example.to_owned();
    }
    let head = "name = \"example\"\nsystem = \"Example\"\n";
    let blocks = if example.contains("[[message]]") {
        example.to_owned()
    } else {
        format!("[[message]]\n[message.fields]\n{example}")
    };
    let mut parts = blocks.split("[message.fields]\n");
    let mut text = format!("{head}{}", parts.next().unwrap_or_default());
    for fields in parts {
        text.push_str("[message.fields]\n");
        let is_there = |name: &str| fields.lines().any(|line| line.split([' ', '.']).next() == Some(name));
        for (_, line) in NEEDED.iter().filter(|(name, _)| !is_there(name)) {
            text.push_str(line);
            text.push('\n');
        }
        text.push_str(fields);
    }
    text
}

/// The fields of an update, a line each, as the page writes them.
fn lines(mapped: &Mapped, draft: &Draft) -> Vec<String> {
    let mut lines = Vec::new();
    let mut put = |name: &str, value: Option<String>| lines.extend(value.map(|value| format!("  {name} = {value}")));
    let text = |field: &Field<String>| field.value().cloned();
    put("external_id", text(&draft.external_id));
    put("channel", draft.channel.map(|channel| channel.name().to_owned()));
    put("from_agent", draft.from_agent.map(|from_agent| from_agent.to_string()));
    put("via", draft.via.map(|via| via.name().to_owned()));
    put("sent_datetime", draft.sent_datetime.value().map(ToString::to_string));
    put("body_html", text(&draft.body_html));
    put("body_text", text(&draft.body_text));
    put("subject", text(&draft.subject));
    put("message_id", text(&draft.message_id));
    put("ticket.external_id", mapped.ticket.clone());
    if let Some(source) = draft.source.value() {
        put("source.type", source.r#type.clone());
        let mut address = |name: &str, address: &Address| {
            put(&format!("{name}.name"), address.name.clone());
            put(&format!("{name}.address"), address.address.clone());
        };
        source.from.iter().for_each(|from| address("source.from", from));
        for (name, list) in [("to", &source.to), ("cc", &source.cc), ("bcc", &source.bcc)] {
            list.iter().enumerate().for_each(|(index, one)| address(&format!("source.{name}[{index}]"), one));
        }
    }
    for (index, file) in draft.attachments.value().into_iter().flatten().enumerate() {
        put(&format!("attachments[{index}].url"), Some(file.url.clone()));
        put(&format!("attachments[{index}].name"), Some(file.name.clone()));
        put(&format!("attachments[{index}].size"), file.size.map(|size| size.to_string()));
        put(&format!("attachments[{index}].content_type"), Some(file.content_type.clone()));
    }
    lines
}

/// What an example's mapping makes of its record, as the page writes it.
fn made(example: &Example) -> Vec<String> {
    let mapping = compile(&example.mapping);
    let rows: &[(&str, &[&str])] = &[("users", &[r#"{"id": 7, "role": "agent"}"#])];
    let lookups = if mapping.lookups().is_empty() { Lookups::default() } else { lookups(&mapping, rows) };
    let mut made = Vec::new();
    for mapped in map_with(&mapping, &lookups, &example.record) {
        match &mapped.result {
            MappedResult::Message(draft) => {
                made.push(format!("message {}", mapped.external_id.as_deref().unwrap_or_default()));
                made.extend(lines(&mapped, draft));
            }
            MappedResult::Skipped(cause) => made.push(format!("skipped: {}", cause.detail)),
            MappedResult::Blocked(cause) => made.push(format!("blocked: {}", cause.detail)),
        }
    }
    made
}

/// A line with what stands for a hash made plain.
fn without_hash(line: &str) -> String {
    match line.split_once("csv-") {
        Some((before, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            format!("{before}csv-HASH")
        }
        _ => line.to_owned(),
    }
}

#[test]
fn every_example_does_what_the_page_says() {
    let examples = examples();
    assert!(examples.len() >= 7, "the page has {} examples", examples.len());
    for example in examples {
        let made: Vec<_> = made(&example).iter().map(|line| without_hash(line)).collect();
        let mut at = 0;
        for wanted in example.result.lines() {
            // An example without messages' names is about a few fields, and indents nothing.
            let found = made[at..].iter().position(|line| line.trim_start() == wanted.trim_start());
            let found =
                found.unwrap_or_else(|| panic!("line {}: `{wanted}` is not in\n{}", example.line, made.join("\n")));
            at += found + 1;
        }
        if example.result.starts_with("message") && example.mapping.contains("[message.ticket]") {
            assert_eq!(made, example.result.lines().collect::<Vec<_>>(), "line {}", example.line);
        }
    }
}
