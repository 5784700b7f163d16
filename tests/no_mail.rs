//! No customer is mailed, whatever the mapping: not by a mapping without `sent_datetime`, not by a message without it, and
//! never by an `action`.

#![allow(clippy::expect_used, reason = "a test may stop at what it did not expect")]

#[path = "support/screen.rs"]
mod screen;
#[path = "support/small.rs"]
mod small;
mod support;

use deskferry::simulator::{Seed, Settings};
use insta::assert_snapshot;
use screen::{settled, told};
use serde_json::{Value, json};
use support::{Account, Folder, targets, totals};

/// An account that holds every target of the ids file in the state in which an update is most likely to make Gorgias send
/// it: unsent, imported without a time, and every second one an agent's.
fn worst_account(folder: &Folder) -> Account {
    folder.write("none.csv", "external_id,ticket_id,message_id\n");
    let account = Account::start(Settings::default(), &folder.file("none.csv"));
    for (ticket_id, message_id) in targets(&folder.file("export/ids.csv")).into_values() {
        let mut seed = Seed::new(ticket_id, message_id);
        seed.properties.insert("from_agent".into(), json!(message_id % 2 == 0));
        account.with(|simulator| simulator.seed(seed)).expect("the account takes it");
    }
    account
}

#[track_caller]
fn assert_no_mail(account: &Account, what: &str) {
    let counters = account.counters();
    assert_eq!((counters.mails, counters.actions_seen, counters.deleted), (0, 0, 0), "{what}");
}

/// The built-in mapping with every line that starts with `start` changed by `change`; `None` takes it away.
fn mutated(folder: &Folder, start: &str, change: Option<&str>) -> String {
    let text = folder.run("mapping show zendesk").expect(0).out;
    let lines = text.lines().filter_map(|line| if line.starts_with(start) { change } else { Some(line) });
    let mutant = lines.collect::<Vec<_>>().join("\n");
    assert_ne!(mutant, text.trim_end(), "`{start}` is a line of the mapping");
    mutant
}

#[test]
fn a_mapping_without_sent_datetime_is_refused() {
    let folder = small::folder();
    let _screen = settled(&folder);
    folder.write("mine.toml", mutated(&folder, "sent_datetime = ", None));
    let ran = folder.run("run export --mapping mine.toml --simulate").expect(2);
    assert_snapshot!(told(&ran), @r#"
    exit code 2
    --- stderr
    error: refused: a message that is not an internal note must have sent_datetime: without it Gorgias may mail the customer
       --> mine.toml:126:1
        |
    126 | [[message]]
        | ^^^^^^^^^^^ `sent_datetime` is not mapped
        |
        = map it from the time at which the message was sent, with `required = true`
    "#);
    assert_eq!(folder.run("mapping check mine.toml").expect(2).err, ran.err);
}

#[test]
fn a_mapping_that_clears_sent_datetime_is_refused() {
    let folder = small::folder();
    let _screen = settled(&folder);
    let clears = r#"sent_datetime = { from = "created_at", apply = ["datetime"], when_missing = "clear" }"#;
    folder.write("mine.toml", mutated(&folder, "sent_datetime = ", Some(clears)));
    assert_snapshot!(told(&folder.run("run export --mapping mine.toml --simulate").expect(2)), @r#"
    exit code 2
    --- stderr
    error: `sent_datetime` can't be cleared
       --> mine.toml:161:78
        |
    161 | sent_datetime = { from = "created_at", apply = ["datetime"], when_missing = "clear" }
        |                                                                              ^^^^^ without it Gorgias may mail the message to the customer
    "#);
}

#[test]
fn a_mapping_with_an_action_is_refused() {
    let folder = small::folder();
    let _screen = settled(&folder);
    let acts = "subject = { from = \"parent.subject\" }\naction = { value = \"force\" }";
    folder.write("mine.toml", mutated(&folder, "subject = ", Some(acts)));
    assert_snapshot!(told(&folder.run("run export --mapping mine.toml --simulate").expect(2)), @r#"
    exit code 2
    --- stderr
    error: unknown field `action`
       --> mine.toml:167:1
        |
    167 | action = { value = "force" }
        | ^^^^^^ there is none of this name
        |
        = valid: attachments, body_html, body_text, channel, external_id, failed_datetime, from_agent, message_id, receiver, sender, sent_datetime, source, subject, via
    "#);
    let acts = "name = \"zendesk\"\naction = \"force\"";
    folder.write("mine.toml", mutated(&folder, "name = ", Some(acts)));
    folder.run("mapping check mine.toml").expect(2);
    let acts = "[[message]]\naction = \"force\"";
    folder.write("mine.toml", mutated(&folder, "[[message]]", Some(acts)));
    folder.run("mapping check mine.toml").expect(2);
}

#[test]
fn no_option_by_itself_and_no_earlier_run_asks_for_an_action() {
    let folder = small::folder();
    let account = worst_account(&folder);
    let flag = account.flag();
    let run = format!("run export --mapping zendesk --rate none --quiet --checkpoint c.deskferry {flag}");
    for option in ["--action force", "--allow-side-effects", "--also action", "--write force"] {
        folder.run(&format!("{run} {option}")).expect(2);
    }
    assert_eq!(account.counters().requests, 0);
    // One message is told to be tried again; whatever follows tells nothing of the kind.
    folder.run(&format!("{run} --limit 1 --action retry --allow-side-effects")).expect(0);
    assert_eq!(account.counters().actions_seen, 1);
    for command in ["resume --limit 1", "retry", "undo --yes"] {
        folder.run(&format!("{command} --rate none --quiet --checkpoint c.deskferry")).expect(0);
    }
    folder.run(&run).expect(0);
    assert_eq!((account.counters().actions_seen, account.counters().mails), (1, 0));
}

#[test]
fn nothing_beside_the_mapping_asks_for_an_action() {
    let folder = small::folder();
    let account = worst_account(&folder);
    let ids = folder.read("export/ids.csv");
    let lines =
        ids.lines().enumerate().map(|(at, line)| format!("{line},{}\n", if at == 0 { "action" } else { "force" }));
    folder.write("export/ids.csv", lines.collect::<String>());
    let acting = |line: &str| {
        let mut ticket: Value = serde_json::from_str(line).expect("a ticket");
        ticket["action"] = json!("force");
        ticket["comments"][0]["action"] = json!("cancel");
        ticket.to_string()
    };
    let tickets: Vec<_> = folder.read("export/tickets.jsonl").lines().map(acting).collect();
    folder.write("export/tickets.jsonl", tickets.join("\n"));
    let mut command = folder.command(&format!("run export --mapping zendesk --rate none --quiet {}", account.flag()));
    for name in ["GORGIAS_ACTION", "DESKFERRY_ACTION", "DESKFERRY_ALLOW_SIDE_EFFECTS"] {
        command.env(name, "force");
    }
    support::Ran::of(command.output().expect("deskferry starts")).expect(0);
    assert_eq!(account.counters().updates, 3);
    assert_no_mail(&account, "an export, an ids file and an environment that name actions");
}

#[test]
fn a_message_without_a_time_is_blocked_as_unsafe() {
    let agent = |more: Value| {
        let mut comment = small::comment(json!(0), &json!({"author_id": small::AGENT}));
        for (name, value) in more.as_object().expect("an object") {
            comment[name] = value.clone();
        }
        comment
    };
    let mut absent = agent(json!({"id": 301}));
    absent.as_object_mut().expect("an object").remove("created_at");
    let comments = vec![
        absent,
        agent(json!({"id": 302, "created_at": null})),
        agent(json!({"id": 303, "created_at": ""})),
        agent(json!({"id": 304, "created_at": "   "})),
        // A customer's message, and a note, which Gorgias would not mail: this mapping asks it of every message.
        small::comment(305, &json!({"created_at": null})),
        small::comment(306, &json!({"created_at": null, "public": false})),
        agent(json!({"id": 307})),
    ];
    let folder = Folder::new();
    small::write(&folder, &[comments]);
    let account = worst_account(&folder);
    let flag = account.flag();
    folder.run(&format!("run export --mapping zendesk --rate none --quiet --checkpoint c.deskferry {flag}")).expect(3);
    assert_eq!(folder.outcomes("c.deskferry"), totals([("updated", 1), ("blocked", 6)]));
    let status = folder.run("status --json --checkpoint c.deskferry").json();
    assert_eq!(status["unsafe_blocked"], 3, "those whose time is missing; a blank one can't be read");
    assert_eq!(account.updated().into_keys().collect::<Vec<_>>(), [5007]);
    assert_no_mail(&account, "the zendesk mapping");
}

#[test]
fn a_time_that_can_not_be_read_blocks_its_message() {
    let times = ["yesterday", "2025-03-17 13:41:12", "2025-02-30T10:00:00Z", "0000-00-00T00:00:00Z", "1742222650"];
    let comments = (301..).zip(times).map(|(id, time)| small::comment(id, &json!({"created_at": time}))).collect();
    let folder = Folder::new();
    small::write(&folder, &[comments]);
    let account = worst_account(&folder);
    let flag = account.flag();
    folder.run(&format!("run export --mapping zendesk --rate none --quiet --checkpoint c.deskferry {flag}")).expect(3);
    assert_eq!(folder.outcomes("c.deskferry"), totals([("blocked", times.len() as u64)]));
    assert_eq!(account.counters().requests, 0);
}

#[test]
fn no_mutant_of_a_mapping_makes_gorgias_send_a_mail() {
    let times = r#"sent_datetime = { from = "created_at", apply = ["datetime"] }"#;
    let mutants: [(&str, Option<&str>); 16] = [
        ("sent_datetime = ", Some(times)),
        ("sent_datetime = ", Some(r#"sent_datetime = { from = ["sent_at", "created_at"], apply = ["datetime"] }"#)),
        (
            "sent_datetime = ",
            Some(r#"sent_datetime = { when = "public == false", from = "created_at", apply = ["datetime"] }"#),
        ),
        ("sent_datetime = ", Some(r#"sent_datetime = { from = "nothing_at_all", apply = ["datetime"] }"#)),
        ("sent_datetime = ", None),
        ("via = ", None),
        ("subject = ", None),
        ("body_html = ", Some(r#"body_html = { from = "html_body", when_missing = "clear" }"#)),
        ("body_text = ", Some(r#"body_text = { from = "nothing", when_missing = "clear" }"#)),
        ("message_id = ", Some(r#"message_id = { from = "nothing", when_missing = "clear" }"#)),
        ("external_id = ", Some(r#"external_id = { from = "audit_id", apply = ["to_string"] }"#)),
        ("attachments = ", None),
        ("receiver.email = ", Some(r#"receiver.email = { value = "cleo@home.example" }"#)),
        ("  { when = \"public == false\", value = true },", Some("  { value = true },")),
        ("  { when = \"public == false\", value = \"internal-note\" },", None),
        ("  { from = \"@users[author_id].role\", table = \"roles\" },", Some("  { value = true },")),
    ];
    let writes = ["ids", "missing", "all", "all --also sender,receiver,attachments"];
    let mut sent = 0;
    for (number, (start, change)) in mutants.into_iter().enumerate() {
        let folder = Folder::with_sample("zendesk-troubled");
        folder.write("mine.toml", mutated(&folder, start, change));
        for write in writes {
            let account = worst_account(&folder);
            let flag = account.flag();
            let run = format!("run export --mapping mine.toml --rate none --quiet --write {write} {flag}");
            let ran = folder.run(&run);
            assert!(matches!(ran.code, 0 | 2 | 3), "{run}\n{}", told(&ran));
            assert_no_mail(&account, &format!("mutant {number}: {start}{change:?} with --write {write}"));
            sent += account.counters().updates;
        }
    }
    assert!(sent > 500, "most mutants are mappings that send something, and not only refused: {sent}");
}
