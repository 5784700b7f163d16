//! The main job: an export goes in, and arrives field by field; a second run sends nothing.

#![allow(clippy::expect_used, reason = "a test that can't go on may say so")]

mod support;

use std::collections::{BTreeMap, HashMap};
use std::fs;

use deskferry::simulator::{Seed, Settings};
use serde_json::{Value, json};
use support::{Account, Folder, outcomes, sample, targets, totals};

#[test]
fn a_zendesk_export_arrives_in_the_simulator_and_a_second_run_sends_nothing() {
    let folder = Folder::with_sample("zendesk");
    let first = folder.run("run export --mapping zendesk --simulate").expect(0);
    assert!(first.out.contains("The simulator sent 0 mails to customers."), "{}", first.out);
    assert!(first.out.contains("adds up"), "{}", first.out);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 263), ("skipped", 7)]));
    let second = folder.run("run export --mapping zendesk --simulate --json").expect(0);
    assert!(second.err.contains("nothing was sent"), "{}", second.err);
    assert_eq!(outcomes(&second.json()), totals([("updated", 263), ("skipped", 7)]));
    assert_eq!(second.json()["runs"].as_array().map(Vec::len), Some(1), "the second run made no request");
}

#[test]
fn every_sample_message_arrives_field_by_field_as_the_mapping_says() {
    for undo in ["off", "on"] {
        let folder = Folder::with_sample("zendesk");
        folder.write("none.csv", "external_id,ticket_id,message_id\n");
        let account = Account::start(Settings::default(), &folder.file("none.csv"));
        let targets = targets(&folder.file("export/ids.csv"));
        let expected = expected(&folder.read("export/tickets.jsonl"), &folder.read("export/users.jsonl"));
        // As an importer leaves them. What was read is sent as it is there: channel, via and from_agent.
        for (id, fields) in &expected {
            let (ticket, message) = targets[id];
            let mut seed = Seed::new(ticket, message);
            let kind = ["channel", "from_agent"].into_iter().filter_map(|name| Some((name, fields.get(name)?)));
            seed.properties.extend(kind.map(|(name, value)| (name.to_owned(), value.clone())));
            account.with(|simulator| simulator.seed(seed)).expect("the account takes it");
        }
        folder
            .run(&format!(
                "run export --mapping zendesk --rate none --write all --also attachments,sender,receiver \
                 --undo {undo} {}",
                account.flag()
            ))
            .expect(0);
        let arrived = account.updated();
        assert_eq!(arrived.len(), expected.len());
        for (id, expected) in expected {
            let (ticket, message) = targets[&id];
            let got = &arrived[&message];
            assert_eq!(got.times, 1, "message {id} was sent once");
            assert_eq!(got.message["ticket_id"], json!(ticket), "message {id} stays in its ticket");
            for (field, value) in expected {
                assert_eq!(got.body[field], value, "{field} of message {id}, undo {undo}");
            }
        }
        assert_eq!(account.counters().mails, 0);
    }
}

/// What must arrive, worked out from the sample by hand and not by the mapping: the newest copy of each comment.
fn expected(tickets: &str, users: &str) -> BTreeMap<String, HashMap<&'static str, Value>> {
    let roles: HashMap<i64, String> = users
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a user"))
        .map(|user| (user["id"].as_i64().expect("an id"), user["role"].as_str().expect("a role").to_owned()))
        .collect();
    let mut expected = BTreeMap::new();
    for line in tickets.lines().filter(|line| !line.trim().is_empty()) {
        let ticket: Value = serde_json::from_str(line).expect("a ticket");
        for comment in ticket["comments"].as_array().expect("comments") {
            let author = comment["author_id"].as_i64().expect("an author");
            let is_note = comment["public"] == false;
            let from_agent = is_note || roles.get(&author).is_none_or(|role| role != "end-user");
            let time = comment["created_at"].as_str().expect("a time").trim_end_matches('Z');
            let mut fields = HashMap::from([
                ("external_id", json!(comment["id"].to_string().trim_matches('"'))),
                ("from_agent", json!(from_agent)),
                ("sent_datetime", json!(format!("{time}+00:00"))),
                ("body_html", comment["html_body"].clone()),
                ("subject", ticket["subject"].clone()),
                ("via", json!("zendesk")),
            ]);
            if is_note {
                fields.insert("channel", json!("internal-note"));
            }
            if let Some(id) = comment["metadata"]["system"]["message_id"].as_str() {
                fields.insert("message_id", json!(id));
            }
            expected.insert(comment["id"].to_string().trim_matches('"').to_owned(), fields);
        }
    }
    expected
}

#[test]
fn the_csv_form_of_the_export_arrives_too() {
    let folder = Folder::with_sample("zendesk-comments-csv");
    folder.run("run export --mapping zendesk-comments-csv --simulate").expect(0);
    let rows = csv::Reader::from_path(sample("zendesk-comments-csv").join("comments.csv"))
        .expect("the CSV")
        .into_records()
        .count();
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", rows as u64)]));
}

#[test]
fn the_plan_counts_what_the_run_then_does() {
    for (sample, undo) in
        [("zendesk", "off"), ("zendesk", "on"), ("zendesk-troubled", "off"), ("zendesk-troubled", "on")]
    {
        let folder = Folder::with_sample(sample);
        let plan = folder.run(&format!("plan export --mapping zendesk --simulate --json --undo {undo}")).json();
        let run = folder.run(&format!("run export --mapping zendesk --simulate --json --undo {undo}")).json();
        let mut planned = outcomes(&plan);
        let pending = planned.remove("pending").expect("something to send");
        planned.insert("updated".to_owned(), pending);
        assert_eq!(planned, outcomes(&run), "{sample}, undo {undo}");
        assert_eq!(
            plan["forecast"]["requests"], run["this_run"]["requests"],
            "{sample}, undo {undo}: the forecast of requests holds"
        );
        assert_eq!(plan["causes"], run["causes"], "{sample}, undo {undo}");
    }
}

#[test]
fn a_plan_sends_nothing_and_leaves_nothing_behind() {
    let folder = Folder::with_sample("zendesk");
    let account = Account::start(Settings::default(), &folder.file("export/ids.csv"));
    let plan = folder.run(&format!("plan export --mapping zendesk {}", account.flag())).expect(0);
    assert!(plan.out.contains("Nothing was sent."), "{}", plan.out);
    assert_eq!(account.counters().requests, 0);
    let left: Vec<_> =
        fs::read_dir(folder.path()).expect("the folder").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(left, ["export"]);
}
