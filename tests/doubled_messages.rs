//! A message that stands in the export more than once is carried over once: the same copies collapse, and of differing ones
//! the mapping says which one counts, or that none does. Each is counted.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeMap;

use support::{Folder, outcomes, totals};

const MAPPING: &str = r#"
name = "acme"
system = "Acme"
files = ["*talk*"]
DOUBLES
[[message]]
newest = { from = "version" }
skip = [{ when = "skip == true", reason = "left out" }]
[message.fields]
external_id = { from = "id" }
channel = { from = "channel", default = "email" }
via = { value = "api" }
from_agent = { value = false }
sent_datetime = { from = "at", apply = ["datetime"], required = true }
body_text = { from = "text" }
[message.ticket]
external_id = { value = "9" }
"#;

/// A copy of message 1.
fn copy(text: &str, version: u32) -> String {
    format!(r#"{{"id":"1","at":"2024-05-31T10:00:00Z","text":"{text}","version":{version}}}"#)
}

/// The outcomes, the causes with their numbers, and the text that goes out.
type Planned = (BTreeMap<String, u64>, Vec<(String, u64)>, Option<String>);

/// Plans `files` under the rule `doubles`.
fn planned(doubles: &str, files: &[(&str, &[String])]) -> Planned {
    let folder = Folder::new();
    folder.write("acme.toml", MAPPING.replace("DOUBLES", doubles));
    folder.write("export/ids.csv", "external_id,ticket_id,message_id\n1,5,51\n2,5,52\n");
    for (name, lines) in files {
        folder.write(&format!("export/{name}.jsonl"), lines.join("\n"));
    }
    let report = folder.run("plan export --mapping acme.toml --simulate --json").json();
    let causes = report["causes"].as_array().expect("causes").iter();
    let causes = causes.map(|row| {
        let word = |name: &str| row[name].as_str().expect("a word").to_owned();
        (word("kind"), row["messages"].as_u64().expect("a number"))
    });
    let shown = folder.run("plan export --mapping acme.toml --simulate --show 1").out;
    let text = shown
        .lines()
        .find_map(|line| line.trim().strip_prefix("\"body_text\": \"")?.split('"').next().map(str::to_owned));
    (outcomes(&report), causes.collect(), text)
}

fn one_file(doubles: &str, copies: &[String]) -> Planned {
    planned(doubles, &[("talk", copies)])
}

fn cause(name: &str, messages: u64) -> Vec<(String, u64)> {
    vec![(name.to_owned(), messages)]
}

#[test]
fn the_same_copies_collapse_whatever_the_rule() {
    for rule in ["", "doubles = \"first\"", "doubles = \"last\"", "doubles = \"block\"", "doubles = \"newest\""] {
        let (outcomes, causes, text) = one_file(rule, &[copy("a", 1), copy("a", 2), copy("a", 1)]);
        assert_eq!(outcomes, totals([("pending", 1), ("skipped", 2)]), "{rule}");
        assert_eq!((causes, text.as_deref()), (cause("doubled", 2), Some("a")), "{rule}");
    }
}

#[test]
fn of_differing_copies_the_one_counts_that_the_mapping_says() {
    let copies = [copy("first", 2), copy("newest", 3), copy("last", 1)];
    for (rule, wanted) in [
        ("", "newest"),
        ("doubles = \"newest\"", "newest"),
        ("doubles = \"first\"", "first"),
        ("doubles = \"last\"", "last"),
    ] {
        let (outcomes, causes, text) = one_file(rule, &copies);
        assert_eq!(outcomes, totals([("pending", 1), ("skipped", 2)]), "{rule}");
        assert_eq!((causes, text.as_deref()), (cause("older-copy", 2), Some(wanted)), "{rule}");
    }
}

#[test]
fn differing_copies_are_all_blocked_where_the_mapping_does_not_choose() {
    let (outcomes, causes, _) = one_file("doubles = \"block\"", &[copy("a", 1), copy("b", 2), copy("a", 3)]);
    assert_eq!((outcomes, causes), (totals([("blocked", 3)]), cause("differing", 3)));
}

#[test]
fn copies_in_several_files_are_one_message() {
    let (outcomes, _, text) =
        planned("doubles = \"last\"", &[("talk-1", &[copy("a", 1)]), ("talk-2", &[copy("b", 1)])]);
    assert_eq!((outcomes, text.as_deref()), (totals([("pending", 1), ("skipped", 1)]), Some("b")));
}

#[test]
fn the_others_are_held_back_where_the_chosen_one_is_blocked() {
    let broken = copy("b", 9).replace("\"version\"", "\"channel\":\"fax\",\"version\"");
    let (outcomes, causes, _) = one_file("", &[copy("a", 1), broken.clone()]);
    assert_eq!(outcomes, totals([("blocked", 2)]));
    assert!(causes.contains(&("newer-blocked".to_owned(), 1)), "{causes:?}");
    let (outcomes, _, text) = one_file("doubles = \"first\"", &[copy("a", 1), broken]);
    assert_eq!((outcomes, text.as_deref()), (totals([("pending", 1), ("blocked", 1)]), Some("a")));
}

#[test]
fn other_messages_are_left_alone() {
    let other = copy("x", 1).replace("\"id\":\"1\"", "\"id\":\"2\"");
    let (outcomes, _, _) = one_file("doubles = \"block\"", &[copy("a", 1), other, copy("b", 1)]);
    assert_eq!(outcomes, totals([("pending", 1), ("blocked", 2)]));
}
