//! What the account lacks is listed with the reason, and what may be several messages is listed for the operator to
//! choose: in files for whoever works on them.

#![allow(clippy::expect_used, reason = "a test may stop at what it did not expect")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use deskferry::checkpoint::{Access, Checkpoint};
use deskferry::record::{Mode, TicketId};
use deskferry::report::{write_ambiguous, write_missing};
use deskferry::scan::{HeldTicket, Marks, Scan};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use support::desk::{Desk, MAPPING, Said, holder, said};
use support::{Folder, outcomes, totals};

const DAY: Timestamp = Timestamp::constant(1_700_000_000, 0);

/// A message that the account holds: sent `second` seconds into the day, with this text.
fn held(ticket: u64, message: u64, second: i64, text: &str) -> Map<String, Value> {
    let at = (DAY + SignedDuration::from_secs(second)).to_string();
    let message = json!({
        "id": message, "ticket_id": ticket, "created_datetime": at, "sent_datetime": at, "body_text": text,
        "channel": "email", "via": "api", "from_agent": true,
    });
    message.as_object().expect("an object").clone()
}

/// A complete scan at `path`, of an account with these tickets (its id, the foreign one) and messages. Read ticket by
/// ticket, it looked for the foreign ids `sought`, and this came of each.
fn scan(path: &Path, account: &str, tickets: &[(u64, u64)], messages: &[Map<String, Value>], sought: &[(u64, &str)]) {
    let scan = Scan::open_to_write(path, &holder()).expect("a scan");
    let mode = if sought.is_empty() { Mode::Whole } else { Mode::ByTicket };
    let marks = Marks {
        account: account.to_owned(),
        origin: String::new(),
        mode,
        pass: 1,
        started: DAY,
        finished: None,
        position: None,
        requests: 3,
    };
    scan.begin(&marks).expect("a scan");
    let tickets = tickets.iter().map(|&(id, foreign)| HeldTicket {
        id: TicketId(id),
        external_id: Some(foreign.to_string()),
        messages: None,
    });
    scan.take_in(&marks, &tickets.collect::<Vec<_>>(), messages).expect("a scan");
    for (foreign, fate) in sought {
        scan.note_sought(&foreign.to_string(), fate).expect("a scan");
    }
    scan.finish(&Marks { finished: Some(DAY), ..marks }).expect("a scan");
}

/// A desk that exports `messages`, and looks into a scan of such an account.
fn desk(messages: &[Said], tickets: &[(u64, u64)], held: &[Map<String, Value>], sought: &[(u64, &str)]) -> Desk {
    let mut desk = Desk::new();
    desk.export(messages);
    let path = desk.path("virtual.scan");
    scan(&path, "virtual", tickets, held, sought);
    desk.scan = Some(path);
    desk
}

/// The list of the desk's plan: each message with its line.
fn missing(desk: &Desk) -> BTreeMap<String, Value> {
    let mut list = Vec::new();
    let count = write_missing(&desk.plan().checkpoint, &mut list).expect("a list");
    let lines = String::from_utf8(list).expect("UTF-8");
    assert_eq!(lines.lines().count() as u64, count);
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines.map(|line| (line["external_id"].as_str().expect("an id").to_owned(), line)).collect()
}

#[track_caller]
fn assert_reasons(desk: &Desk, expected: &[(&str, &str, &str)]) {
    let missing = missing(desk);
    let reasons = missing.iter().map(|(id, line)| {
        let text = |name: &str| line[name].as_str().expect("a text");
        assert!(!text("advice").is_empty());
        (id.as_str(), text("cause"), text("detail"))
    });
    assert_eq!(reasons.collect::<Vec<_>>(), expected);
}

// What is absent

#[test]
fn each_reason_of_absence_in_an_account_that_was_read_whole() {
    let mut messages = vec![
        said("a-there", 7, 100),
        said("b-older", 7, 5),
        said("c-other-ticket", 8, 100),
        said("d-not-in-it", 7, 200),
        said("e-without-ticket", 7, 200).with("ticket", Value::Null),
        said("f-gone", 7, 200).to(70, 999),
    ];
    // The 251st message of its ticket; the 250 before it are there.
    messages.extend((0..250).map(|number| said(&format!("long-{number}"), 9, 300 + number)));
    messages.push(said("z-beyond", 9, 1_000));
    let mut there = vec![held(70, 701, 100, "text of a-there")];
    there.extend((0..250).map(|number| {
        let second = i64::try_from(number).expect("a second");
        held(90, 9_000 + number, 300 + second, &format!("text of long-{number}"))
    }));
    let desk = desk(&messages, &[(70, 7), (90, 9)], &there, &[]);
    assert_reasons(
        &desk,
        &[
            ("b-older", "too-old", "it is older than every message of the account"),
            ("c-other-ticket", "no-ticket", "the account has no ticket with the foreign id of its ticket"),
            ("d-not-in-it", "not-in-ticket", "its ticket is in the account, and not this message"),
            (
                "e-without-ticket",
                "no-target",
                "no message of the account is this one, and the export does not say its ticket",
            ),
            ("f-gone", "no-target", "the account has no message with the id that is given for it"),
            ("z-beyond", "beyond-limit", "it comes after the 250th message of its ticket"),
        ],
    );
    let plan = desk.plan();
    assert_eq!(plan.totals(), [("pending", 251), ("absent", 6)].into());
}

#[test]
fn each_reason_of_absence_in_an_account_that_was_read_ticket_by_ticket() {
    let messages = [
        said("a-there", 7, 100),
        said("b-not-in-it", 7, 200),
        said("c-never-looked-for", 8, 100),
        said("d-deleted", 9, 100),
        said("e-merged", 10, 100),
        said("f-none", 11, 100),
    ];
    let sought = [(7, "found"), (9, "deleted"), (10, "merged"), (11, "none")];
    let desk = desk(&messages, &[(70, 7)], &[held(70, 701, 100, "text of a-there")], &sought);
    assert_reasons(
        &desk,
        &[
            ("b-not-in-it", "not-in-ticket", "its ticket is in the account, and not this message"),
            ("c-never-looked-for", "not-scanned", "the scan did not look for its ticket"),
            ("d-deleted", "no-ticket", "its ticket was deleted in Gorgias"),
            ("e-merged", "no-ticket", "its ticket was merged into another in Gorgias"),
            ("f-none", "no-ticket", "the account has no ticket with the foreign id of its ticket"),
        ],
    );
}

#[test]
fn each_reason_of_absence_without_a_scan() {
    let mut desk = Desk::new();
    desk.export(&[said("a", 7, 100), said("b", 7, 200).to(70, 702)]);
    let detail = "there is no ids file, and the export does not say where it is in Gorgias";
    assert_reasons(&desk, &[("a", "no-target", detail)]);
    desk.ids(&[("c", 70, 703)]);
    assert_reasons(&desk, &[("a", "no-target", "the ids file has no line for it")]);
}

#[test]
fn a_line_says_where_the_message_is_and_what_it_was_without_its_content() {
    let mut desk = Desk::new();
    desk.export(&[said("there", 7, 100).to(70, 701), said("a", 7, 200)]);
    let line = missing(&desk).remove("a").expect("it is missing");
    assert_eq!(line["file"], desk.path("messages.jsonl").canonicalize().expect("a file").display().to_string());
    assert_eq!((&line["line"], &line["number"]), (&json!(2), &json!(2)));
    assert_eq!(line["source_ticket"], "7");
    assert_eq!(line["sent_at"], (DAY + SignedDuration::from_secs(200)).to_string());
    assert_eq!((&line["channel"], &line["kind"]), (&json!("email"), &json!("outgoing")));
    assert!(!line.to_string().contains("text of"), "{line}");
}

// What is ambiguous

#[test]
fn the_candidates_of_each_ambiguous_message_are_listed_and_nothing_else() {
    let messages = [said("one", 7, 100), said("two", 7, 300).with("text", "Thank you"), said("three", 7, 500)];
    let there = [held(70, 701, 100, "text of one"), held(70, 702, 299, "Thank you"), held(70, 703, 301, "Thank you")];
    let desk = desk(&messages, &[(70, 7)], &there, &[]);
    let plan = desk.plan();
    assert_eq!(plan.totals(), [("pending", 1), ("absent", 1), ("blocked", 1)].into());
    let mut list = Vec::new();
    assert_eq!(write_ambiguous(&plan.checkpoint, &mut list).expect("a list"), 2);
    let file = desk.path("messages.jsonl").canonicalize().expect("a file").display().to_string();
    let at = DAY + SignedDuration::from_secs(300);
    assert_eq!(
        String::from_utf8(list).expect("UTF-8"),
        format!(
            "external_id,ticket_id,message_id,rule,file,line,sent_at\n\
             two,70,702,ticket,{file},2,{at}\n\
             two,70,703,ticket,{file},2,{at}\n"
        )
    );
}

/// An operator's folder: an export with one clear message, two that may be either of two, and one that is missing; a
/// mapping, and a scan of the simulator.
fn folder() -> Folder {
    let folder = Folder::new();
    let messages = [
        said("clear", 7, 100),
        said("-first", 7, 300).with("text", "Thank you"),
        said("second", 8, 300).with("text", "Thank you"),
        said("missing", 9, 300),
    ];
    let lines: Vec<_> = messages.iter().map(|message| format!("{}\n", Value::Object(message.line().clone()))).collect();
    folder.write("export/messages.jsonl", lines.concat());
    folder.write("acme.toml", MAPPING);
    let there = [
        held(70, 701, 100, "text of clear"),
        held(70, 702, 299, "Thank you"),
        held(70, 703, 301, "Thank you"),
        held(80, 801, 299, "Thank you"),
        held(80, 802, 301, "Thank you"),
    ];
    scan(&folder.file("simulator.scan"), "simulator", &[(70, 7), (80, 8)], &there, &[]);
    folder
}

const RUN: &str = "run export --mapping acme.toml --simulate --quiet --report to";

#[test]
fn a_list_of_candidates_without_its_wrong_lines_is_an_ids_file_that_settles_them() {
    let folder = folder();
    folder.run(RUN).expect(3);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 1), ("absent", 1), ("blocked", 2)]));
    let list = folder.read("to/ambiguous.csv");
    assert_eq!(list.lines().count(), 5, "{list}");
    let chosen: Vec<_> = list
        .split_inclusive('\n')
        .filter(|line| !["702", "802"].iter().any(|id| line.contains(&format!(",{id},"))))
        .collect();
    folder.write("chosen.csv", chosen.concat());
    let run = folder.run(&format!("{RUN} --ids chosen.csv --json")).expect(0);
    assert_eq!(outcomes(&run.json()), totals([("updated", 3), ("absent", 1)]));
    let matched = &run.json()["matched"];
    // What the run before has written is known by its id now.
    assert_eq!(matched, &json!([{"rule": "ids", "messages": 2}, {"rule": "external_id", "messages": 1}]));
    let mut targets = Vec::new();
    let checkpoint = Checkpoint::open(&folder.file("simulator.deskferry"), Access::Read).expect("a checkpoint");
    checkpoint.targets(|target| targets.push(target.message.0)).expect("the targets");
    targets.sort_unstable();
    assert_eq!(targets, [701, 703, 801]);
}

#[test]
fn the_files_are_what_errors_lists_and_their_owner_alone_reads_them() {
    let folder = folder();
    folder.write("to/missing.jsonl", "of an earlier report");
    let said = folder.run(RUN).expect(3).err;
    for line in
        ["Report: to/report.json", "Absent: to/missing.jsonl, 1 message", "Ambiguous: to/ambiguous.csv, 4 candidates"]
    {
        assert!(said.contains(line), "{said}");
    }
    assert_eq!(folder.run("errors --missing").expect(0).out, folder.read("to/missing.jsonl"));
    assert_eq!(folder.run("errors --ambiguous").expect(0).out, folder.read("to/ambiguous.csv"));
    assert!(folder.read("to/missing.jsonl").starts_with("{\"file\":"));
    #[cfg(unix)]
    for name in ["report.json", "missing.jsonl", "ambiguous.csv"] {
        let metadata = folder.file(&format!("to/{name}")).metadata().expect("a file");
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777, 0o600, "{name}");
    }
    folder.run("errors --missing --ambiguous").expect(2);
}

#[test]
fn a_list_that_was_filled_in_is_not_written_over() {
    let folder = folder();
    folder.run(RUN).expect(3);
    let list = folder.read("to/ambiguous.csv");
    // One of the two messages is settled; of the other, both lines are still there.
    let half: Vec<_> = list.split_inclusive('\n').filter(|line| !line.contains(",702,")).collect();
    folder.write("to/ambiguous.csv", half.concat());
    let run = folder.run(&format!("{RUN} --ids to/ambiguous.csv")).expect(3);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 2), ("absent", 1), ("blocked", 1)]));
    assert_eq!(folder.read("to/ambiguous.csv"), half.concat());
    assert!(run.err.contains("to/ambiguous.csv is the ids file, and stays as it is"), "{}", run.err);
}

#[test]
fn a_plan_writes_the_lists_too() {
    let folder = folder();
    folder.run("plan export --mapping acme.toml --simulate --report to").expect(3);
    assert_eq!(folder.read("to/missing.jsonl").lines().count(), 1);
    assert_eq!(folder.read("to/ambiguous.csv").lines().count(), 5);
}
