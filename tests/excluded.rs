//! Messages of people who asked to be erased, and others that the operator names, are left out: counted, and named nowhere.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(clippy::needless_raw_string_hashes, reason = "all snapshots are quoted alike")]

#[path = "support/screen.rs"]
mod screen;
mod support;

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use screen::{assert_one_clear_sentence, settled, told};
use support::{Folder, totals};

const MAPPING: &str = r#"
name = "acme"
system = "Acme"
files = ["*talk*"]
[[message]]
[message.fields]
external_id = { from = "id" }
channel = { value = "email" }
via = { value = "api" }
from_agent = { value = false }
sent_datetime = { from = "at", apply = ["datetime"], required = true }
body_text = { from = "text" }
source.type = { value = "email" }
source.from.address = { from = "from" }
source.cc = { each = "cc", fields = { address = { from = "." } } }
[message.ticket]
external_id = { from = "ticket" }
"#;

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("acme.toml", MAPPING);
    let line = |id: &str, ticket: &str, from: &str, cc: &str| {
        format!(
            r#"{{"id":"{id}","ticket":"{ticket}","at":"2024-05-31T10:00:00Z","text":"text of {id}","from":"{from}","cc":[{cc}]}}"#
        )
    };
    let lines = [
        line("msg-aaa", "ticket-one", "ann@example.com", ""),
        line("msg-bbb", "ticket-one", "bob@example.com", r#""Erased.Person@Example.com""#),
        line("msg-ccc", "ticket-two", "erased.person@example.com", ""),
        line("msg-ddd", "ticket-six", "dan@example.com", ""),
        line("msg-eee", "ticket-six", "eve@example.com", ""),
        line("msg-fff", "ticket-ten", "fay@example.com", ""),
    ];
    folder.write("export/talk.jsonl", lines.join("\n"));
    let ids = ["aaa", "bbb", "ccc", "ddd", "eee", "fff"].iter().zip(51..);
    let ids = ids.fold("external_id,ticket_id,message_id\n".to_owned(), |text, (id, message)| {
        format!("{text}msg-{id},5,{message}\n")
    });
    folder.write("export/ids.csv", ids);
    folder.write(
        "erased.txt",
        "# asked on 2024-06-01\nerased.person@example.com\n\nticket:ticket-six\nmsg-fff\nnobody@example.com\n",
    );
    folder
}

const RUN: &str = "run export --mapping acme.toml --simulate --quiet --exclude erased.txt";

#[test]
fn they_are_left_out_by_address_by_ticket_and_by_id() {
    let folder = folder();
    let ran = folder.run(RUN).expect(0);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 1), ("skipped", 5)]));
    assert!(ran.out.contains("by 4 entries of --exclude; 1 of them matched nothing: line 6"), "{}", ran.out);
}

#[test]
fn nothing_that_is_left_behind_names_them() {
    fn search(path: &Path, names: &[&str], found: &mut Vec<String>) {
        for entry in fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                if !entry.ends_with("export") {
                    search(&entry, names, found);
                }
                continue;
            }
            let bytes = fs::read(&entry).expect("a file").to_ascii_lowercase();
            let text = String::from_utf8_lossy(&bytes);
            let holds = names.iter().filter(|name| text.contains(*name));
            found.extend(holds.map(|name| format!("{name} in {}", entry.display())));
        }
    }
    let folder = folder();
    folder.run(&format!("{RUN} --report report")).expect(0);
    folder.write("seen/errors.csv", folder.run("errors --all").out);
    folder.write("seen/status.json", folder.run("status --json").out);
    fs::remove_file(folder.file("erased.txt")).expect("the operator's own list");
    let names = ["msg-bbb", "msg-ccc", "msg-ddd", "msg-eee", "msg-fff", "ticket-two", "ticket-six", "erased.person"];
    let mut found = Vec::new();
    search(folder.path(), &names, &mut found);
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn what_could_not_be_carried_over_or_held_a_surprise_is_left_out_like_the_rest() {
    let folder = folder();
    let mapping =
        MAPPING.replace("body_text", "subject = { from = \"kind\", table = \"kinds\", default = \"-\" }\nbody_text");
    let skip = "[[message]]\nskip = [{ when = \"text == 'skip'\", reason = \"by a rule\" }]";
    let mapping = mapping.replace("[[message]]", &format!("[tables.kinds]\na = \"b\"\n{skip}"));
    folder.write("acme.toml", mapping);
    let line = |id: &str, at: &str, text: &str| {
        format!(
            r#"{{"id":"{id}","ticket":"ticket-old","at":"{at}","text":"{text}","kind":"kind-of-{id}","from":"Erased.Person@example.com"}}"#
        )
    };
    let lines = [
        line("msg-blocked", "some day", "x"),
        line("msg-skipped", "2024-05-31T10:00:00Z", "skip"),
        line("msg-odd", "2024-05-31T10:00:00Z", "x"),
    ];
    folder.write("export/more-talk.jsonl", lines.join("\n"));
    let ran = folder.run(&format!("{RUN} --report report")).expect(0);
    let kept = [ran.out, folder.run("errors --all").out, folder.run("status --json").out].concat();
    for name in ["msg-blocked", "msg-skipped", "msg-odd", "ticket-old"] {
        assert!(!kept.contains(name), "{name} in {kept}");
    }
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 1), ("skipped", 8)]));
}

#[test]
fn another_copy_that_does_not_name_the_address_is_left_out_with_it() {
    let folder = folder();
    let line = r#"{"id":"msg-ccc","ticket":"ticket-two","at":"2024-05-31T10:00:00Z","text":"older","from":"","cc":[]}"#;
    folder.write("export/older-talk.jsonl", line);
    folder.run(&format!("{RUN} --report report")).expect(0);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 1), ("skipped", 6)]));
    let kept = [folder.run("errors --all").out, folder.run("status --json").out].concat();
    assert!(!kept.contains("msg-ccc") && !kept.contains("ticket-two"), "{kept}");
}

#[test]
fn a_list_in_the_folder_of_the_export_is_no_part_of_it() {
    let folder = folder();
    fs::rename(folder.file("erased.txt"), folder.file("export/erased-talk.csv")).expect("it is there");
    folder.run(&RUN.replace("erased.txt", "export/erased-talk.csv")).expect(0);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 1), ("skipped", 5)]));
}

#[test]
fn the_plan_says_how_many_are_left_out_and_what_matched_nothing() {
    let folder = folder();
    let _screen = settled(&folder);
    let ran = folder.run("plan export --mapping acme.toml --simulate --exclude erased.txt").expect(0);
    assert_snapshot!(ran.out, @r#"
    Plan: Acme to simulator (on this machine)

      verdict   ready: 1 message to send; left out: 5 by --exclude
      export    [FOLDER]/export/talk.jsonl, 6 records
      messages  6 messages in 1 ticket, sent 2024-05-31 to 2024-05-31 (UTC)
      times     message msg-aaa: "2024-05-31T10:00:00Z" in the export is 2024-05-31
                10:00:00 UTC
      excluded  by 4 entries of --exclude; 1 of them matched nothing: line 6
      matched   1 by the ids file

      skipped           5   83.3 %
      to update         1   16.7 %
      messages          6  adds up

      kinds     incoming 1
      channels  email 1

      skipped
             5 C1   it is among those to be left out (--exclude)
                    talk.jsonl:2
                    nothing to do: --exclude leaves it out

      writes    all: body_text 1, channel 1, external_id 1, from_agent 1,
                sent_datetime 1, source 1, via 1
      mail      0 messages blocked that Gorgias might have mailed
      time      3 requests, as fast as the other side answers: 1 greets the account;
                1 updates; 1 reads a ticket first, so that the run can be undone
                (--undo off saves them)
      next      deskferry run export --mapping acme.toml --simulate --exclude erased.txt

    Nothing was sent.
    "#);
}

#[test]
fn a_longer_list_makes_a_new_plan_and_what_was_written_stays_known() {
    let folder = folder();
    folder.run(RUN).expect(0);
    folder.write("erased.txt", "msg-aaa\n");
    let ran = folder.run(RUN).expect(0);
    assert!(ran.err.contains("what is excluded"), "{}", told(&ran));
    let words = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("1 with an outcome that this plan does not send"), "{}", ran.out);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 5), ("skipped", 1)]));
}

#[test]
fn a_list_that_is_not_there_is_refused() {
    let folder = folder();
    let refused = folder.run("plan export --mapping acme.toml --exclude erasd.txt").expect(2);
    assert_one_clear_sentence(&refused);
    assert!(refused.err.contains("did you mean `erased.txt`?"), "{}", told(&refused));
}

#[test]
fn every_entry_of_a_line_counts() {
    let folder = folder();
    folder.write(
        "erased.txt",
        "Bob <bob@example.com>, \"Person, Erased\" <ERASED.person@example.com>; dan@example.com\n",
    );
    folder.run(RUN).expect(0);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 3), ("skipped", 3)]));
}

#[test]
fn a_line_that_is_not_understood_as_a_whole_is_refused_by_its_number_and_not_repeated() {
    let folder = folder();
    for line in ["Kim,kim@example.com", "ticket 900", "Kim Lee", "@example.com", "email"] {
        folder.write("erased.txt", format!("# a list\ndan@example.com\n{line}\n"));
        let refused = folder.run(RUN).expect(2);
        assert_one_clear_sentence(&refused);
        assert!(refused.err.contains("erased.txt:3: "), "{}", told(&refused));
        assert!(!refused.err.contains("900") && !refused.err.contains("Kim"), "{}", told(&refused));
    }
}

#[test]
fn addresses_are_refused_where_the_mapping_names_nobody() {
    let folder = folder();
    let is_of_people = |line: &&str| line.starts_with("source.from") || line.starts_with("source.cc");
    let nobody: Vec<_> = MAPPING.lines().filter(|line| !is_of_people(line)).collect();
    folder.write("acme.toml", nobody.join("\n"));
    let refused = folder.run(RUN).expect(2);
    assert_one_clear_sentence(&refused);
    assert_snapshot!(refused.err, @r#"
    error: erased.txt:2 is an address, and the mapping acme names nobody: it would leave out nothing

    hint: map sender.email, receiver.email or the addresses in `source`, which need not be written; or name the messages by id or ticket:ID
    "#);
    folder.write("erased.txt", "ticket:ticket-six\nmsg-fff\n");
    folder.run(RUN).expect(0);
}

#[test]
fn it_is_said_what_an_earlier_run_has_updated_of_them() {
    let folder = folder();
    folder.run(RUN).expect(0);
    folder.write("erased.txt", "ann@example.com\n");
    for again in [RUN.replace("run ", "plan "), RUN.to_owned(), RUN.replace("run ", "plan ")] {
        let ran = folder.run(&again).expect(0);
        let words = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("1 excluded message was updated by an earlier run"), "{}", ran.out);
    }
}
