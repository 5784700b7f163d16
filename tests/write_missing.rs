//! `--write missing` reads each message first, fills what the account lacks, and replaces nothing.

#![allow(clippy::expect_used, reason = "a test may stop at what it did not expect")]

#[path = "support/small.rs"]
mod small;
mod support;

use std::collections::BTreeMap;

use deskferry::simulator::{Event, Seed, Settings};
use serde_json::{Map, Value, json};
use support::{Account, Folder, outcomes, totals};

/// An export of one ticket per message, and an account that holds message 5000 + n with the n-th of `held`.
fn meet(comments: Vec<Value>, held: &[Value]) -> (Folder, Account) {
    let folder = Folder::new();
    small::write(&folder, &comments.into_iter().map(|comment| vec![comment]).collect::<Vec<_>>());
    folder.write("none.csv", "external_id,ticket_id,message_id\n");
    let account = Account::start(Settings::default(), &folder.file("none.csv"));
    for (number, properties) in (1..).zip(held) {
        let properties = properties.as_object().expect("an object").clone();
        let seed = Seed { ticket_id: 1000 + number, message_id: 5000 + number, properties };
        account.with(|simulator| simulator.seed(seed)).expect("the account takes it");
    }
    (folder, account)
}

fn run(folder: &Folder, account: &Account, code: i32) -> Value {
    let flag = account.flag();
    folder
        .run(&format!("run export --mapping zendesk --write missing --rate none --json --quiet {flag}"))
        .expect(code)
        .json()
}

fn names(body: &Value) -> Vec<&str> {
    body.as_object().map(Map::keys).expect("an object").map(String::as_str).collect()
}

#[test]
fn each_ticket_is_read_once_and_each_message_written_once() {
    let folder = Folder::new();
    let comments: Vec<_> = (301..309).map(|id| small::comment(id, &json!({}))).collect();
    small::write(&folder, &[comments[..5].to_vec(), comments[5..].to_vec()]);
    let account = Account::start(Settings::default(), &folder.file("export/ids.csv"));
    let plan = folder.run(&format!("plan export --mapping zendesk --write missing {}", account.flag())).expect(0);
    let said = plan.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("each message is read first"), "{said}");
    let report = run(&folder, &account, 0);
    assert_eq!(outcomes(&report), totals([("updated", 8)]));
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    account.with(|simulator| {
        for entry in simulator.recent() {
            seen.entry(entry.path.clone()).or_default().push(entry.method.clone());
        }
    });
    // Once by the checks before the run, and once to greet it.
    assert_eq!(seen.remove("/api/account"), Some(vec!["GET".to_owned(), "GET".to_owned()]));
    for list in ["/api/rules?limit=100", "/api/integrations?limit=100"] {
        assert_eq!(seen.remove(list), Some(vec!["GET".to_owned()]), "{list}");
    }
    for ticket in ["/api/tickets/1001", "/api/tickets/1002"] {
        assert_eq!(seen.remove(ticket), Some(vec!["GET".to_owned()]), "{ticket}");
    }
    assert_eq!(seen.len(), 8);
    for (path, methods) in seen {
        assert_eq!(methods, ["PUT"], "{path}");
    }
    assert_eq!(report["this_run"]["requests"], 11);
}

#[test]
fn only_what_the_account_lacks_is_filled() {
    let comments = vec![
        small::comment(301, &json!({"metadata": {"system": {"message_id": "<a@b>"}}})),
        small::comment(302, &json!({})),
        small::comment(303, &json!({})),
    ];
    let held = [
        json!({"subject": "As it is", "message_id": "<old@b>"}),
        json!({"body_html": null, "body_text": "", "source": {}}),
        json!({"subject": "", "source": {"type": "email", "from": {"name": null, "address": "x@y.z"}, "to": []}}),
    ];
    let (folder, account) = meet(comments, &held);
    run(&folder, &account, 0);
    let updated = account.updated();
    assert_eq!(
        names(&updated[&5001].body),
        ["channel", "external_id", "from_agent", "message_id", "sent_datetime", "source", "via"],
        "neither body nor subject is replaced"
    );
    assert_eq!(updated[&5001].message["subject"], "As it is");
    assert_eq!(updated[&5001].message["body_text"], "Imported message 5001");
    assert_eq!(updated[&5001].message["body_html"], "<p>Imported message 5001</p>");
    assert_eq!(updated[&5001].message["external_id"], "301");
    assert_eq!(updated[&5001].message["message_id"], "<a@b>", "the ids are what every run is for");
    assert_eq!(
        names(&updated[&5002].body),
        ["body_html", "body_text", "channel", "external_id", "from_agent", "sent_datetime", "source", "subject", "via"]
    );
    assert_eq!(updated[&5002].message["body_html"], "<p>Where is my jug?</p>");
    assert_eq!(updated[&5002].message["body_text"], "Where is my jug?");
    assert_eq!(
        names(&updated[&5003].body),
        ["channel", "external_id", "from_agent", "sent_datetime", "subject", "via"]
    );
    assert_eq!(updated[&5003].message["subject"], "The jug");
    assert_eq!(updated[&5003].message["source"]["from"]["address"], "x@y.z");
    assert_eq!(account.counters().mails, 0);
}

#[test]
fn what_the_api_requires_is_sent_as_the_account_has_it() {
    let comments = (301..304).map(|id| small::comment(id, &json!({}))).collect();
    let held = [
        json!({"channel": "chat", "via": "helpdesk", "from_agent": true, "sent_datetime": "2021-02-03T04:05:06+00:00"}),
        // Values that the API shows and does not take.
        json!({"channel": "carrier-pigeons", "via": "gorgias_chat", "from_agent": true}),
        json!({}),
    ];
    let (folder, account) = meet(comments, &held);
    run(&folder, &account, 0);
    let updated = account.updated();
    let required = |message: u64| {
        ["channel", "via", "from_agent", "sent_datetime"].map(|field| updated[&message].body[field].clone())
    };
    let planned = json!("2024-05-01T10:00:00+00:00");
    assert_eq!(required(5001), [json!("chat"), json!("helpdesk"), json!(true), json!("2021-02-03T04:05:06+00:00")]);
    assert_eq!(required(5002), [json!("email"), json!("zendesk"), json!(true), planned.clone()]);
    assert_eq!(required(5003), [json!("email"), json!("zendesk"), json!(false), planned]);
    assert_eq!(account.counters().mails, 0);
}

#[test]
fn a_target_with_another_external_id_is_a_conflict_and_stays_as_it_is() {
    let comments = (301..304).map(|id| small::comment(id, &json!({}))).collect();
    let held = [json!({"external_id": "999"}), json!({"external_id": "302"}), json!({"external_id": ""})];
    let (folder, account) = meet(comments, &held);
    let report = run(&folder, &account, 3);
    assert_eq!(outcomes(&report), totals([("updated", 2), ("blocked", 1)]));
    let causes: Vec<_> = report["causes"].as_array().expect("causes").iter().map(|cause| &cause["kind"]).collect();
    assert_eq!(causes, ["other-external-id"]);
    let updated = account.updated();
    assert_eq!(updated.keys().copied().collect::<Vec<_>>(), [5002, 5003]);
    let kept = account.with(|simulator| {
        let target = deskferry::simulator::Target { ticket_id: 1001, message_id: 5001 };
        simulator.account().message(target).and_then(|message| message.external_id().map(str::to_owned))
    });
    assert_eq!(kept.as_deref(), Some("999"));
}

#[test]
fn a_target_that_is_gone_fails_and_the_others_arrive() {
    let comments = (301..303).map(|id| small::comment(id, &json!({}))).collect();
    let (folder, account) = meet(comments, &[json!({})]);
    let report = run(&folder, &account, 3);
    assert_eq!(outcomes(&report), totals([("updated", 1), ("failed", 1)]));
    assert_eq!(account.counters().update_requests, 1, "what is not there is not written");
}

#[test]
fn a_ticket_that_is_gone_or_merged_fails_with_each_of_its_messages_and_nothing_is_written() {
    for (event, says) in [(Event::DeleteTicket(1001), "404: "), (Event::Merge { from: 1001, into: 1002 }, "301: ")] {
        for options in ["--write missing --undo off", "--write all --undo on"] {
            let folder = Folder::new();
            let comments: Vec<_> = (301..305).map(|id| small::comment(id, &json!({}))).collect();
            small::write(&folder, &[comments[..3].to_vec(), comments[3..].to_vec()]);
            let account = Account::start(Settings::default(), &folder.file("export/ids.csv"));
            account.with(|simulator| simulator.happen(event.clone())).expect("it happens");
            let flag = account.flag();
            let run =
                format!("run export --mapping zendesk {options} --rate none --json --checkpoint a.deskferry {flag}");
            let report = folder.run(&run).expect(3).json();
            assert_eq!(outcomes(&report), totals([("updated", 1), ("failed", 3)]), "{event:?} {options}");
            let errors = folder.run("errors --checkpoint a.deskferry").expect(0).out;
            assert_eq!(errors.matches(says).count(), 3, "{errors}");
            assert_eq!(account.counters().update_requests, 1, "what is not there is not written");
            assert_eq!(account.counters().redirects_followed, 0);
        }
    }
}

#[test]
fn a_note_without_a_time_is_never_sent_as_the_message_to_a_customer_that_the_account_holds() {
    // The mapping may leave a note without sent_datetime. But the account holds an agent's unsent email at its target,
    // and `missing` keeps that channel: without a time, Gorgias would mail it.
    let folder = Folder::new();
    let note = json!({"public": false, "author_id": small::AGENT, "created_at": null});
    let (_, account) = meet(Vec::new(), &[json!({"channel": "email", "from_agent": true})]);
    small::write(&folder, &[vec![small::comment(301, &note)]]);
    let mapping = folder.run("mapping show zendesk").expect(0).out;
    folder.write("mine.toml", mapping.replace(r#"apply = ["datetime"], required = true"#, r#"apply = ["datetime"]"#));
    let flag = account.flag();
    let run = format!("run export --mapping mine.toml --write missing --rate none --json --quiet {flag}");
    let ran = folder.run(&run);
    assert_eq!(account.counters().mails, 0);
    let report = ran.expect(3).json();
    assert_eq!(outcomes(&report), totals([("blocked", 1)]));
    assert_eq!(report["causes"][0]["kind"], "unsafe");
}
