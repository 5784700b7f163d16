//! What an operator reads, word for word; and that every form of it tells the same.

#![allow(clippy::expect_used, reason = "a test may stop at what it did not expect")]

#[path = "support/screen.rs"]
mod screen;
#[path = "support/small.rs"]
mod small;
mod support;

use std::fs;

use deskferry::checkpoint::{Access, Checkpoint, CheckpointError};
use deskferry::record::{Mode, State};
use deskferry::scan::{Marks, Scan};
use insta::assert_snapshot;
use screen::settled;
use serde_json::{Value, json};
use support::desk::holder;
use support::{Folder, outcomes, sample};

fn troubled() -> Folder {
    Folder::with_sample("zendesk-troubled")
}

// Screens

#[test]
fn the_plan_of_a_clean_export() {
    let folder = Folder::with_sample("zendesk");
    let _screen = settled(&folder);
    assert_snapshot!(folder.run("plan export --mapping zendesk --rate 40/20s --simulate").expect(0).out, @r#"
    Plan: Zendesk to simulator (on this machine)

      verdict   ready: 263 messages to send
      export    [FOLDER]/export/tickets.jsonl, 64 records
      messages  270 messages in 62 tickets, sent 2019-02-04 to 2025-03-24 (UTC)
      times     message 31938589004: "2019-02-04T08:30:11Z" in the export is
                [TIME]
      matched   263 by the ids file

      skipped           7    2.6 %
      to update       263   97.4 %
      messages        270  adds up

      kinds     incoming 136, outgoing 93, internal note 41
      channels  email 156, internal-note 41, chat 21, whatsapp 13, contact_form 10,
                twitter 8, facebook 7, api 5, instagram-direct-message 5, sms 3,
                phone 1

      skipped
             7 C1   the same message stands in the export again
                    tickets.jsonl:57, message 32536098855827
                    nothing to do: it is carried over once

      unexpected
             1      attachments.content_type: nothing in the export; default: application/octet-stream

      writes    all: body_html 263, body_text 263, channel 263, external_id 263,
                from_agent 263, message_id 81, sent_datetime 263, source 263,
                subject 263, via 263
      leaves    attachments 14, receiver 7, sender 232 as the account has them
      images    9 messages with an image in body_html, linked as exported: such
                links may expire
      mail      0 messages blocked that Gorgias might have mailed
      time      326 requests at 40/20s: 2 min 43 s, until [TIME] if it
                starts now: 1 greets the account; 263 update; 62 read tickets first,
                so that the run can be undone (--undo off saves them)
      next      deskferry run export --mapping zendesk --rate 40/20s --simulate

    Nothing was sent.
    "#);
}

#[test]
fn the_plan_without_an_account() {
    let folder = small::folder();
    let _screen = settled(&folder);
    assert_snapshot!(folder.run("plan export --mapping zendesk --show 1").expect(0).out, @r#"
    Plan: Zendesk to Gorgias (no account named)

      verdict   ready: 3 messages to send
      export    [FOLDER]/export/tickets.jsonl, 2 records
      messages  3 messages in 2 tickets, sent 2024-05-01 to 2024-05-01 (UTC)
      times     message 301: "2024-05-01T10:00:00Z" in the export is 2024-05-01
                10:00:00 UTC
      matched   3 by the ids file

      to update         3  100.0 %
      messages          3  adds up

      kinds     incoming 2, outgoing 1
      channels  email 3

      writes    all: body_html 3, body_text 3, channel 3, external_id 3, from_agent
                3, sent_datetime 3, source 3, subject 3, via 3
      leaves    sender 3 as the account has them
      mail      0 messages blocked that Gorgias might have mailed
      time      6 requests at 40/20s: 3 s, until [TIME] if it starts
                now: 1 greets the account; 3 update; 2 read tickets first, so that
                the run can be undone (--undo off saves them)
      next      deskferry run export --mapping zendesk --simulate

    Nothing was sent.

    PUT /api/tickets/1001/messages/5001
    {
      "body_html": "<p>Where is my jug?</p>",
      "body_text": "Where is my jug?",
      "channel": "email",
      "external_id": "301",
      "from_agent": false,
      "sent_datetime": "2024-05-01T10:00:00+00:00",
      "source": {
        "type": "email"
      },
      "subject": "The jug",
      "via": "zendesk"
    }
    "#);
}

/// A scan of the simulator in which the first message holds what the export says and another subject, and the second
/// nothing that the export knows, in a channel that no update can say. The third is not in it.
fn scanned(folder: &Folder) {
    let scan = Scan::open_to_write(&folder.file("simulator.scan"), &holder()).expect("a scan");
    let at = "2024-05-02T08:00:00Z".parse().expect("a time");
    let marks = Marks {
        account: "simulator".into(),
        origin: String::new(),
        mode: Mode::ByTicket,
        pass: 1,
        started: at,
        finished: Some(at),
        position: None,
        requests: 2,
    };
    let held = |more: Value| {
        let mut message = json!({"ticket_id": 1001, "created_datetime": "2024-05-01T10:00:00Z"});
        let message = message.as_object_mut().expect("an object");
        message.extend(more.as_object().expect("an object").clone());
        message.clone()
    };
    let messages = [
        held(json!({
            "id": 5001, "channel": "email", "via": "zendesk", "from_agent": false, "subject": "Another",
            "sent_datetime": "2024-05-01T10:00:00Z", "body_text": "Where is my jug?",
            "body_html": "<p>Where is my jug?</p>",
        })),
        held(json!({"id": 5002, "channel": "carrier-pigeon", "via": "zendesk", "from_agent": true})),
    ];
    scan.begin(&marks).expect("a scan");
    scan.take_in(&marks, &[], &messages).expect("a scan");
    scan.finish(&marks).expect("a scan");
}

#[test]
fn the_plan_that_looks_into_a_scan() {
    let folder = small::folder();
    scanned(&folder);
    let _screen = settled(&folder);
    let plan = "plan export --mapping zendesk --simulate --rate 40/20s --replace-external-id";
    assert_snapshot!(folder.run(plan).expect(0).out, @r#"
    Plan: Zendesk to simulator (on this machine)

      verdict   ready: 3 messages to send
      export    [FOLDER]/export/tickets.jsonl, 2 records
      messages  3 messages in 2 tickets, sent 2024-05-01 to 2024-05-01 (UTC)
      times     message 301: "2024-05-01T10:00:00Z" in the export is 2024-05-01
                10:00:00 UTC
      account   scan of simulator, by-ticket, finished [TIME]
      matched   3 by the ids file

      to update         3  100.0 %
      messages          3  adds up

      kinds     incoming 2, outgoing 1
      channels  email 3

      writes    all; where it is not known what the account holds (1 message):
                body_html 1, body_text 1, channel 1, external_id 1, from_agent 1,
                sent_datetime 1, source 1, subject 1, via 1
      fills     body_html 1, body_text 1, external_id 2, sent_datetime 1, source 2,
                subject 1
      replaces  channel 1, subject 1
      leaves    sender 3 as the account has them
      for good  can't be undone: channel 1 (no update can bring back what Gorgias
                holds there now), sent_datetime 1 (never set back to null), source 2
                (no update can bring back what Gorgias holds there now)
      mail      0 messages blocked that Gorgias might have mailed
      waived    messages that hold another external_id are written over
                (--replace-external-id)
      time      5 requests at 40/20s: 2 s, until [TIME] if it starts
                now: 1 greets the account; 3 update; 1 reads a ticket first, so that
                the run can be undone (--undo off saves them)
      next      deskferry run export --mapping zendesk --simulate --rate 40/20s --replace-external-id

    Nothing was sent.
    "#);
    // Where all of it is known.
    folder.write("export/ids.csv", "external_id,ticket_id,message_id\n301,1001,5001\n302,1001,5002\n");
    let all = folder.run("plan export --mapping zendesk --simulate --write missing").expect(0).out;
    let from = all.find("  writes").expect("what is written");
    assert_snapshot!(&all[from..], @"
      writes    missing
      fills     body_html 1, body_text 1, external_id 2, sent_datetime 1, source 2,
                subject 1
      replaces  channel 1
      leaves    sender 2 as the account has them
      for good  can't be undone: channel 1 (no update can bring back what Gorgias
                holds there now), sent_datetime 1 (never set back to null), source 2
                (no update can bring back what Gorgias holds there now)
      mail      0 messages blocked that Gorgias might have mailed
      time      3 requests, as fast as the other side answers: 1 greets the account;
                2 update
      next      deskferry run export --mapping zendesk --simulate --write missing

    Nothing was sent.
    ");
    let json = folder.run("plan export --mapping zendesk --simulate --json").expect(0).json();
    assert_eq!(json["for_good"][0]["field"], "channel", "{json:#}");
    assert_eq!(json["scan"]["mode"], "by-ticket");
    assert_eq!(json["scan"]["finished"], "2024-05-02T08:00:00Z");
    // Once the scan is gone, what it told is read.
    folder.run("run export --mapping zendesk --simulate --limit 1").expect(0);
    assert_eq!(folder.run("status --json").expect(0).json()["forecast"]["ticket_reads"], 0);
    fs::remove_file(folder.file("simulator.scan")).expect("a scan");
    let json = folder.run("status --json").expect(0).json();
    assert_eq!((&json["forecast"]["ticket_reads"], &json["scan"]["finished"]), (&json!(1), &Value::Null));
}

#[test]
fn the_plan_of_a_troubled_export() {
    let folder = troubled();
    let _screen = settled(&folder);
    assert_snapshot!(folder.run("plan export --mapping zendesk --simulate").expect(3).out, @r#"
    Plan: Zendesk to simulator (on this machine)

      verdict   ready: 26 messages to send; left behind: 16 messages blocked, 2
                messages not known in Gorgias; left out: 2 by rules of the mapping
      export    [FOLDER]/export/tickets.jsonl, 22 records
      messages  49 messages in 18 tickets, sent 2025-03-03 to 2025-03-20 (UTC)
      times     message 32638533886099: "2025-03-03T09:12:44Z" in the export is
                [TIME]
      matched   28 by the ids file

      skipped           5   10.2 %
      absent            2    4.1 %
      blocked          16   32.7 %
      to update        26   53.1 %
      messages         49  adds up

      kinds     incoming 17, outgoing 14, blocked 13, internal note 3
      channels  contact_form 17, email 14, blocked 13, internal-note 3

      skipped
             2 C1   an event, not a message
                    tickets.jsonl:2, message 32639944211091
                    nothing to do, unless the mapping's skip rule is wrong
             2 C13  the same message stands in the export again
                    tickets.jsonl:3, message 32652633176851
                    nothing to do: it is carried over once
             1 C14  a newer copy of it stands in the export
                    tickets.jsonl:8, message 32654011530515
                    nothing to do: the newer form is carried over

      absent
             2 C17  the ids file has no line for it
                    tickets.jsonl:5, message 32671883465747
                    add it to the ids file, or bring it over by other means

      blocked
             2 C6   external_id is missing: the message has no id of its own
                    tickets.jsonl:11
                    mend the mapping or the export, then retry
             2 C11  the record has no `comments`
                    tickets.jsonl:19
                    export it again, or mend the file at this place
             2 C18  message 3390001737 in Gorgias would be written by 32773768204179 and 32773917297555
                    tickets.jsonl:13, message 32773768204179
                    correct the ids file: each target belongs to one message
             1 C2   sent_datetime: there is no `created_at`
                    tickets.jsonl:6, message 32682264012563
                    map sent_datetime from a time that the export has, then retry
             1 C3   from_agent: no row with id 20999912340019 in lookup users
                    tickets.jsonl:7, message 32684314033427
                    mend the mapping, or the lookup it joins with, then retry
             1 C4   channel: `carrier_pigeon` is not in table channels
                    tickets.jsonl:9, message 32696004594963
                    mend the mapping, or the lookup it joins with, then retry
             1 C5   external_id is longer than 255 characters, the most that Gorgias keeps
                    tickets.jsonl:10, message guestbook-2025-0123456789012345678901...
                    mend the mapping or the export, then retry
             1 C7   sent_datetime: `datetime`: this is no time such as 2024-05-31T12:00:00Z (`time_format` reads other forms)
                    tickets.jsonl:16, message 32846688001171
                    mend the mapping, or the lookup it joins with, then retry
             1 C8   sent_datetime: `datetime`: the time has no zone: it needs Z or an offset such as +02:00, or `timezone` in the mapping
                    tickets.jsonl:16, message 32846904242835: "2025-03-17 13:41:12"
                    mend the mapping, or the lookup it joins with, then retry
             1 C9   not valid JSON: invalid number
                    tickets.jsonl:17
                    export it again, or mend the file at this place
             1 C10  not valid UTF-8 at byte 394 of the line
                    tickets.jsonl:18
                    export it again, or mend the file at this place
             1 C12  the file ends in the middle of this record
                    tickets.jsonl:22
                    export it again, or mend the file at this place
             1 C16  the ids file names several targets for it
                    tickets.jsonl:14, message 32790491102995
                    `deskferry errors --ambiguous` lists the candidates: leave one line of each message in the ids file

      writes    all: body_html 26, body_text 26, channel 26, external_id 26,
                from_agent 26, sent_datetime 26, source 26, subject 26, via 26
      leaves    attachments 1, sender 25 as the account has them
      mail      1 message blocked that Gorgias might have mailed
      time      42 requests, as fast as the other side answers: 1 greets the
                account; 26 update; 15 read tickets first, so that the run can be
                undone (--undo off saves them)
      next      deskferry run export --mapping zendesk --simulate

    Nothing was sent.
    "#);
}

#[test]
fn the_run_and_the_status_of_a_clean_export() {
    let folder = Folder::with_sample("zendesk");
    let _screen = settled(&folder);
    let run = folder.run("run export --mapping zendesk --simulate").expect(0);
    assert_eq!(run.err, "");
    let (_, summary) = run.out.split_once("\n\nFinished.").expect("a summary behind the plan");
    assert_snapshot!(format!("Finished.{summary}"), @"
    Finished.
    The simulator sent 0 mails to customers.

      updated         263   97.4 %
      skipped           7    2.6 %
      messages        270  adds up

      kinds     incoming 136, outgoing 93, internal note 41
      channels  email 156, internal-note 41, chat 21, whatsapp 13, contact_form 10,
                twitter 8, facebook 7, api 5, instagram-direct-message 5, sms 3,
                phone 1

      last run  finished; 326 requests in [DURATION] ([RATE])
      next      deskferry verify
    ");
    assert_snapshot!(folder.run("status").expect(0).out, @"
    Zendesk to simulator: no run is sending

      updated         263   97.4 %
      skipped           7    2.6 %
      messages        270  adds up

      kinds     incoming 136, outgoing 93, internal note 41
      channels  email 156, internal-note 41, chat 21, whatsapp 13, contact_form 10,
                twitter 8, facebook 7, api 5, instagram-direct-message 5, sms 3,
                phone 1

      skipped
             7 C1   the same message stands in the export again
                    tickets.jsonl:57, message 32536098855827
                    nothing to do: it is carried over once

      last run  finished; 326 requests in [DURATION] ([RATE])
      next      deskferry verify
    ");
    assert_eq!(folder.run("errors").expect(0).out.lines().count(), 1, "only the names of the columns");
    let again = folder.run("run export --mapping zendesk --simulate").expect(0);
    assert_snapshot!(again.out, @"
    Nothing to send: nothing was sent.

      updated         263   97.4 %
      skipped           7    2.6 %
      messages        270  adds up

      kinds     incoming 136, outgoing 93, internal note 41
      channels  email 156, internal-note 41, chat 21, whatsapp 13, contact_form 10,
                twitter 8, facebook 7, api 5, instagram-direct-message 5, sms 3,
                phone 1

      skipped
             7 C1   the same message stands in the export again
                    tickets.jsonl:57, message 32536098855827
                    nothing to do: it is carried over once

      last run  finished; 326 requests in [DURATION] ([RATE])
      next      deskferry verify
    ");
}

#[test]
fn the_run_and_the_status_of_a_troubled_export() {
    let folder = troubled();
    let _screen = settled(&folder);
    let run = folder.run("run export --mapping zendesk --simulate").expect(3);
    assert_eq!(run.err, "");
    let (plan, summary) = run.out.split_once("\n\nFinished.").expect("a summary behind the plan");
    assert_snapshot!(format!("Finished.{summary}"), @"
    Finished.
    The simulator sent 0 mails to customers.

      updated          26   53.1 %
      skipped           5   10.2 %
      absent            2    4.1 %
      blocked          16   32.7 %
      messages         49  adds up

      kinds     incoming 17, outgoing 14, blocked 13, internal note 3
      channels  contact_form 17, email 14, blocked 13, internal-note 3

      last run  finished; 42 requests in [DURATION] ([RATE])
      next      deskferry errors > errors.csv: what to do stands beside each message
    ");
    // The causes that the plan showed are shown again.
    let causes = |text: &str| {
        let from = text.find("\n  skipped\n").expect("causes");
        let to = text[from..].find("\n\n  writes").or_else(|| text[from..].find("\n\n  last run")).expect("an end");
        text[from..from + to].to_owned()
    };
    let status = folder.run("status").expect(3);
    // A value that can't be read is shown where it has just been read.
    let plan = plan.replace(": \"2025-03-17 13:41:12\"\n", "\n");
    assert_eq!(causes(&status.out), causes(&plan));
    assert_snapshot!(status.out.split_once("\n\n").expect("a headline").0, @"Zendesk to simulator: no run is sending");
}

#[test]
fn the_errors_of_a_troubled_export() {
    let folder = troubled();
    let _screen = settled(&folder);
    folder.run("run export --mapping zendesk --simulate").expect(3);
    assert_snapshot!(folder.run("errors").expect(0).out, @r#"
    file,line,number,batch,external_id,source_ticket,ticket_id,message_id,outcome,cause,detail,what_to_do
    [FOLDER]/export/tickets.jsonl,6,17,1,32682264012563,5233,,,blocked,C2,sent_datetime: there is no `created_at`,"map sent_datetime from a time that the export has, then retry"
    [FOLDER]/export/tickets.jsonl,7,18,1,32684314033427,5237,,,blocked,C3,from_agent: no row with id 20999912340019 in lookup users,"mend the mapping, or the lookup it joins with, then retry"
    [FOLDER]/export/tickets.jsonl,9,22,1,32696004594963,5243,,,blocked,C4,channel: `carrier_pigeon` is not in table channels,"mend the mapping, or the lookup it joins with, then retry"
    [FOLDER]/export/tickets.jsonl,10,23,1,guestbook-2025-0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890,5246,,,blocked,C5,"external_id is longer than 255 characters, the most that Gorgias keeps","mend the mapping or the export, then retry"
    [FOLDER]/export/tickets.jsonl,11,26,1,,5249,,,blocked,C6,external_id is missing: the message has no id of its own,"mend the mapping or the export, then retry"
    [FOLDER]/export/tickets.jsonl,11,27,1,,5249,,,blocked,C6,external_id is missing: the message has no id of its own,"mend the mapping or the export, then retry"
    [FOLDER]/export/tickets.jsonl,13,32,1,32773768204179,5262,51990403,3390001737,blocked,C18,message 3390001737 in Gorgias would be written by 32773768204179 and 32773917297555,correct the ids file: each target belongs to one message
    [FOLDER]/export/tickets.jsonl,13,33,1,32773917297555,5262,51990403,3390001737,blocked,C18,message 3390001737 in Gorgias would be written by 32773768204179 and 32773917297555,correct the ids file: each target belongs to one message
    [FOLDER]/export/tickets.jsonl,14,35,1,32790491102995,5265,,,blocked,C16,the ids file names several targets for it,`deskferry errors --ambiguous` lists the candidates: leave one line of each message in the ids file
    [FOLDER]/export/tickets.jsonl,16,40,1,32846688001171,5269,,,blocked,C7,sent_datetime: `datetime`: this is no time such as 2024-05-31T12:00:00Z (`time_format` reads other forms),"mend the mapping, or the lookup it joins with, then retry"
    [FOLDER]/export/tickets.jsonl,16,41,1,32846904242835,5269,,,blocked,C8,"sent_datetime: `datetime`: the time has no zone: it needs Z or an offset such as +02:00, or `timezone` in the mapping","mend the mapping, or the lookup it joins with, then retry"
    [FOLDER]/export/tickets.jsonl,17,43,1,,,,,blocked,C9,not valid JSON: invalid number,"export it again, or mend the file at this place"
    [FOLDER]/export/tickets.jsonl,18,44,1,,,,,blocked,C10,not valid UTF-8 at byte 394 of the line,"export it again, or mend the file at this place"
    [FOLDER]/export/tickets.jsonl,19,45,1,,5278,,,blocked,C11,the record has no `comments`,"export it again, or mend the file at this place"
    [FOLDER]/export/tickets.jsonl,20,46,1,,5285,,,blocked,C11,the record has no `comments`,"export it again, or mend the file at this place"
    [FOLDER]/export/tickets.jsonl,22,49,1,,,,,blocked,C12,the file ends in the middle of this record,"export it again, or mend the file at this place"
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is one screen after the other")]
fn the_help() {
    let folder = Folder::new();
    assert_snapshot!(folder.run("--help").expect(0).out, @"
    Carries the messages of another helpdesk into Gorgias: planned, paced, checkpointed, resumable

    Usage: deskferry <COMMAND>

    Commands:
      scan         Read the account into a local copy, in which plans find their targets
      plan         Say what a run would do; sends nothing and changes nothing
      run          Plan, show the plan, and send
      resume       Go on with a run that stopped, from its checkpoint alone
      retry        Send what failed again, what was blocked if its cause is gone, and what still waits
      status       Show where a checkpoint stands, also while a run is sending
      stop         Stop the run that is sending, from another terminal, as Ctrl-C does there
      verify       Compare every updated message with what the account holds now, and write a manifest
      undo         Put messages back as they were before the run; shows a plan first
      errors       List what did not arrive, as CSV: place, id, cause, what to do
      check        Look at the account before a run: what may react, what does not fit
      mapping      List, show, check, explain and test mappings
      simulator    Serve the stand-in for Gorgias on this machine
      completions  Print completions for a shell
      help         Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Exit codes:
      0    every message is updated, unchanged, skipped or absent, or --limit or --stop-at was reached
      1    an error of the tool or its surroundings
      2    wrong usage, mapping or configuration
      3    finished, but some messages are blocked, failed or unconfirmed; verify: something differs;
           undo: something was left as it is; mapping check: something would be blocked;
           mapping test: a test failed
      4    stopped by a guard (credentials, wrong domain, an outage, too many failures, a check,
           the sample); can be resumed
      130  interrupted; can be resumed

    Credentials come from the environment:
      GORGIAS_DOMAIN        the part before .gorgias.com
      GORGIAS_EMAIL         the user's email
      GORGIAS_API_KEY       the REST API key (or --api-key-file FILE)
      GORGIAS_ACCESS_TOKEN  an OAuth2 token, in place of the two above
    ");
    assert_snapshot!(folder.run("run --help").expect(0).out, @r#"
    Plan, show the plan, and send

    Usage: deskferry run [OPTIONS] <EXPORT>...

    Arguments:
      <EXPORT>...  What the other helpdesk exported: files, folders, zip files, patterns such as
                   'tickets-*.json'; - is standard input. What is packed is unpacked once, into a folder
                   beside the checkpoint

    Options:
      -h, --help  Print help

    Reading:
          --mapping <NAME|FILE>  How messages become updates: a built-in mapping's name, or a file
          --lookup <NAME=FILE>   A side file that records are joined with; found beside the export where
                                 left out
          --encoding <NAME>      What text that is not UTF-8 is written in, such as windows-1252; it is
                                 never guessed
          --separator <SIGN>     What separates the cells of a CSV, where that can't be told: , ; | or
                                 tab
          --ids <FILE>           Which id is which message in Gorgias: CSV or JSON lines with
                                 external_id, ticket_id, message_id; ids.csv beside the export where
                                 left out
          --scan <FILE>          The local copy of the account, made by `deskferry scan`, in which
                                 targets are found; ACCOUNT.scan in this folder where left out
          --exclude <FILE>       A file that names what is left out, on each line one or several: a
                                 message's id, ticket:ID, or the address of somebody who asked to be
                                 erased (as sender, receiver, or in copy; texts are not searched). They
                                 are counted, and named nowhere

    Writing:
          --write <ids|missing|all>  How much to write: `ids` (external_id and message_id), `missing`
                                     (those, and what the account lacks; reads each message first) or
                                     `all` (what the mapping sets). For a real account there is no
                                     default
          --also <FIELD>             Fields that are written only when named: attachments, sender,
                                     receiver
          --replace-external-id      Also write to messages that hold another external_id already
          --undo <on|off>            `on`: keep what each message was before, so that `deskferry undo`
                                     can put it back; what no scan tells is read from the account first,
                                     one request a ticket. `off` saves those [default: on] [possible
                                     values: on, off]
          --batch-size <N>           Messages per batch [default: 500]

    Sending:
          --newest-first            Send the tickets with the newest messages first, so that what agents
                                    look at is done early; else they go as the export names them. The
                                    messages of a ticket always go by their time
          --rate <N/Ss>             The account's limit: 40/20s (API key), 80/20s (OAuth app), 40/10s or
                                    80/10s (Enterprise), or `none`. Where left out, that of the last
                                    run, else what the account's answers tell, from 40/20s on (`none`
                                    for --simulate)
          --reserve <SHARE>         The share of the limit that is left to the account's other
                                    integrations, such as 25%. Whatever they use beyond it is theirs,
                                    too: then it goes more slowly
          --concurrency <N>         Requests that may be out at once; 16 where left out
          --max-outage <TIME>       How long the account may be away (no connection, or errors whatever
                                    is asked) before the run stops, such as 90s, 15m, 2h; until then it
                                    waits, and goes on by itself [default: 15m]
          --max-failures <N|SHARE>  Stop after more failed messages than this: a number, or a share such
                                    as 2% (counted from the 100th message on)
          --keep-going              Go on even where nearly all messages fail with one cause; without
                                    it, 20 of the last 25 stop the run
          --stop-at <TIME>          Stop at this time, finishing what is out: 07:00, '07:00
                                    Europe/Berlin', or a date with it (2026-11-26T07:00)
          --limit <N>               Send so many messages and no more
          --sample <N>              Send so many messages of different kinds and tickets, wait, and look
                                    at their tickets again: whatever happened there that is no update
                                    stops the run
          --sample-wait <TIME>      How long the account has to react to the sample, such as 30s, 5m
                                    [default: 1m]
          --timeout <SECONDS>       Seconds to wait for an answer [default: 60]
          --confirm <ACCOUNT>       The account's name, in place of typing it
          --dry-run                 Only plan: the same as `deskferry plan`

    Account:
          --simulate             Run against the simulator inside: nothing leaves this machine
          --faults <FAULTS>      What the simulator does wrong, such as 500=0.05,429=0.02,reset=0.01
          --base-url <URL>       A simulator or test server, in place of the real account: loopback, or
                                 https
          --api-key-file <FILE>  A file that holds the API key, in place of GORGIAS_API_KEY
          --checkpoint <FILE>    The file that holds the plan and every outcome; ACCOUNT.deskferry in
                                 this folder where left out
          --waive <CHECK>        Checks that may stop nothing: rules (they can't mail anybody),
                                 integrations (whatever listens may hear of every update)

    Output:
          --show <N>      With --dry-run: show so many messages as they would go out, with their content
                          [default: 0]
          --json          Results as JSON on standard output
          --report <DIR>  Also write into this folder: report.json, missing.jsonl (what the account
                          lacks) and ambiguous.csv (where several messages may be the one, for you to
                          choose)
      -q, --quiet         No progress

    Which:
          --only-batch <N>             Only messages of these batches, numbered from 1; `deskferry
                                       status --batches` lists them
          --messages-since <DAY|TIME>  Only messages that were sent then or later: a day where you are,
                                       such as 2024-05-31, or a time with its zone, such as
                                       2024-05-31T10:00:00Z
          --messages-until <DAY|TIME>  Only messages that were sent then or earlier; a day counts to its
                                       end

    Side effects:
          --action <retry|force|cancel>  What Gorgias is to do, with each update, about external actions
                                         of the message that failed: try them again (retry), run the
                                         rest and send the message to its customer (force), or drop them
                                         and delete the message (cancel; only with --message, --cause or
                                         batches)
          --allow-side-effects           That --action is meant: it does what no update does, and no
                                         undo takes it back
    "#);
}

#[test]
fn the_mappings() {
    let folder = Folder::new();
    assert_snapshot!(folder.run("mapping list").expect(0).out, @r#"
    aircall               experimental  Aircall, calls as its API lists them; their comments are notes
    freshdesk                           Freshdesk, as its API gives it: tickets and their conversations, agents and contacts beside them
    freshdesk-export      experimental  Freshdesk, the account export as JSON: tickets with their notes inside
    front                 experimental  Front, messages and comments of its API, as they come: pages or lines
    generic-csv                         any system, as CSV: one message a row, columns called as Gorgias calls the fields
    generic-json                        any system, as JSON: one message a record, keys called as Gorgias calls the fields
    gorgias                             Gorgias, pages of messages of one account for another one
    gorgias-backup                      Gorgias, pages of messages put back into the account that they are of
    help-scout                          Help Scout, conversations with their threads, or pages of threads: Mailbox API 2.0, 1.0 and webhooks
    intercom                            Intercom, conversations and tickets of its API with their parts, one a line
    intercom-csv                        Intercom, messages as CSV: one message a row, with its author and conversation
    kustomer              experimental  Kustomer, messages and notes of its API, as they come: pages or lines
    zammad                              Zammad, articles as its API gives them: one file a ticket, tickets beside it
    zendesk                             Zendesk, full JSON export: one ticket a line with its comments inside, users beside it
    zendesk-audits                      Zendesk, ticket audits: comments among other events, users beside them
    zendesk-comments-csv                Zendesk, comments as CSV: one comment a row, with its ticket and author
    zendesk-incremental                 Zendesk, as its API gives it: comments in one file a ticket, tickets and users beside them
    zoho-desk                           Zoho Desk, threads and comments as its API gives them: one file a ticket, tickets beside it
    "#);
    assert_snapshot!(folder.run("mapping check zendesk").expect(0).out, @"
    zendesk: the mapping is right.

      system    Zendesk
      files     *tickets*.json*, *tickets*.ndjson*
      lookup    users: users*.json*, users*.ndjson*, *_users*.json*
      sets      attachments, body_html, body_text, channel, external_id, from_agent, message_id, receiver, sender, sent_datetime, source, subject, via
    ");
    let shown = folder.run("mapping show zendesk").expect(0).out;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/mappings/zendesk.toml");
    assert_eq!(shown, fs::read_to_string(path).expect("the mapping"));
}

// The table in samples/zendesk-troubled/README.md

/// A row of the table: the line, the message's id as far as it is shown, and what is expected.
#[derive(Debug)]
struct Row {
    line: u64,
    id: Option<String>,
    expected: String,
}

/// The rows of the table, with what is expected where attachments are written, or are not.
fn table(with_attachments: bool) -> Vec<Row> {
    let readme = fs::read_to_string(sample("zendesk-troubled").join("README.md")).expect("the table");
    let rows = readme.lines().filter(|line| line.starts_with("| ")).skip(1).map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [line, id, _, expected] = cells.as_slice() else { panic!("not four cells: {line}") };
        let (id, _) = id.split_once(" (").unwrap_or((id, ""));
        let id = id.trim_matches('`').trim_end_matches('…');
        let (usually, with) = expected.split_once("; with `--also attachments` ").unwrap_or((expected, expected));
        Row {
            line: line.parse().expect("a line number"),
            id: (!matches!(id, "null" | "\"\"" | "-")).then(|| id.to_owned()),
            expected: (if with_attachments { with } else { usually }).to_owned(),
        }
    });
    rows.collect()
}

/// Every message of the checkpoint, as the table has them.
fn listed(folder: &Folder) -> Vec<Row> {
    let checkpoint = Checkpoint::open(&folder.file("simulator.deskferry"), Access::Read).expect("the checkpoint");
    let mut rows = Vec::new();
    let listing = checkpoint.list::<CheckpointError>(&State::ALL, |message| {
        let cause = message.cause.map(|(_, cause)| format!(" ({})", cause.kind.name().replace('-', " ")));
        rows.push(Row {
            line: message.place.line,
            id: message.external_id.filter(|id| !id.is_empty()),
            expected: format!("{}{}", message.state.word(), cause.unwrap_or_default()),
        });
        Ok(())
    });
    listing.expect("the list");
    rows
}

#[test]
fn every_message_of_the_troubled_export_comes_to_what_its_table_says() {
    for (also, with_attachments) in [("", false), ("--also attachments", true)] {
        let folder = troubled();
        folder.run(&format!("run export --mapping zendesk --simulate {also}")).expect(3);
        let (expected, got) = (table(with_attachments), listed(&folder));
        for (expected, got) in expected.iter().zip(&got) {
            let same_id = match (&expected.id, &got.id) {
                (None, None) => true,
                (Some(start), Some(id)) => id.starts_with(start.as_str()),
                // What is broken has an id in the table that nobody could read.
                (Some(_), None) => expected.expected == "blocked (unreadable)",
                (None, Some(_)) => false,
            };
            assert!(
                expected.line == got.line && same_id && expected.expected == got.expected,
                "the table says {expected:?}, and it is {got:?}"
            );
        }
        assert_eq!(expected.len(), got.len());
    }
}

#[test]
fn the_balance_in_the_readme_is_the_balance_of_the_run() {
    let folder = troubled();
    folder.run("run export --mapping zendesk --simulate").expect(3);
    let readme = fs::read_to_string(sample("zendesk-troubled").join("README.md")).expect("the text");
    let balance = readme.split_once("As a balance:").expect("a balance").1.replace('\n', " ");
    for (outcome, number) in folder.outcomes("simulator.deskferry") {
        assert!(balance.contains(&format!("{number} {outcome}")), "{number} {outcome}: {balance}");
    }
}

// Every form tells the same

/// The lines of a balance in `text`: each word with its number.
fn assert_tells(text: &str, report: &Value, names: &[(&str, &str)]) {
    let mut all = outcomes(report);
    all.insert("messages".to_owned(), report["messages"].as_u64().expect("a number"));
    for (outcome, number) in all {
        let name = names.iter().find(|(name, _)| *name == outcome).map_or(outcome.as_str(), |(_, word)| word);
        let said = text.lines().filter_map(|line| line.strip_prefix(&format!("  {name} "))).find_map(|rest| {
            let number = rest.split_whitespace().next()?;
            number.replace(',', "").parse::<u64>().ok()
        });
        assert_eq!(said, Some(number), "{outcome} in\n{text}");
    }
    for cause in report["causes"].as_array().expect("causes").iter().take(10) {
        let code = cause["code"].as_str().expect("a code");
        let detail = cause["detail"].as_str().expect("a detail");
        let number = cause["messages"].as_u64().expect("a number");
        let line = text.lines().find(|line| line.ends_with(detail)).unwrap_or_else(|| panic!("{detail} in\n{text}"));
        let words: Vec<_> = line.split_whitespace().take(2).collect();
        assert_eq!(words, [number.to_string().as_str(), code]);
    }
    let to_send = report["forecast"]["messages"].as_u64().expect("a number");
    assert_eq!(to_send > 0, text.contains(" to send"), "{text}");
}

#[test]
fn json_and_text_tell_the_same_numbers() {
    for (sample, code) in [("zendesk", 0), ("zendesk-troubled", 3)] {
        let folder = Folder::with_sample(sample);
        let plan = folder.run("plan export --mapping zendesk --simulate").expect(code);
        let json = folder.run("plan export --mapping zendesk --simulate --json").expect(code).json();
        assert_tells(&plan.out, &json, &[("pending", "to update")]);
        folder.run("run export --mapping zendesk --simulate --limit 7").expect(code);
        let status = folder.run("status").expect(code);
        let json = folder.run("status --json").expect(code).json();
        assert_tells(&status.out, &json, &[]);
        assert_eq!(outcomes(&json)["updated"], 7, "{sample}");
        let folder = Folder::with_sample(sample);
        let run = folder.run("run export --mapping zendesk --simulate --json").expect(code);
        assert_eq!(outcomes(&run.json()), folder.outcomes("simulator.deskferry"));
        assert!(run.err.contains("Plan: Zendesk to simulator"), "the talk goes to stderr:\n{}", run.err);
    }
}

#[test]
fn errors_as_json_are_the_rows_of_the_csv() {
    let folder = troubled();
    folder.run("run export --mapping zendesk --simulate").expect(3);
    for all in ["", " --all"] {
        let text = folder.run(&format!("errors{all}")).expect(0).out;
        let mut rows = csv::Reader::from_reader(text.as_bytes());
        let header = rows.headers().expect("a header").clone();
        let json = folder.run(&format!("errors --json{all}")).expect(0).out;
        let rows: Vec<_> = rows.records().map(|row| row.expect("a row")).collect();
        assert_eq!(rows.len(), json.lines().count());
        for (row, line) in rows.iter().zip(json.lines()) {
            let object: Value = serde_json::from_str(line).expect("JSON");
            for (name, cell) in header.iter().zip(row) {
                assert_eq!(object[name], cell, "{name}");
            }
        }
    }
}

#[test]
fn the_report_file_is_what_json_prints() {
    let folder = troubled();
    for command in ["plan", "run"] {
        let ran = folder
            .run(&format!("{command} export --mapping zendesk --simulate --json --report to/{command}"))
            .expect(3);
        let name = format!("to/{command}/report.json");
        assert_eq!(folder.read(&name), ran.out);
        assert!(ran.err.contains(&format!("Report: {name}\n")), "{}", ran.err);
        assert_eq!(ran.json()["report"], command);
    }
}

#[test]
fn what_is_piped_has_no_escape_codes() {
    let folder = troubled();
    for command in [
        "plan export --mapping zendesk --simulate",
        "run export --mapping zendesk --simulate",
        "status",
        "errors",
        "resume",
        "retry",
        "mapping list",
        "mapping check zendesk",
        "mapping check nothing",
        "run export --mapping zendesk --simulat",
        "--help",
        "run --help",
        "--version",
    ] {
        let mut command = folder.command(command);
        command.envs([("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]);
        let output = command.output().expect("deskferry starts");
        for stream in [output.stdout, output.stderr] {
            assert!(!stream.contains(&0x1b), "{command:?}\n{}", String::from_utf8_lossy(&stream));
        }
    }
}

#[test]
fn the_next_command_of_a_plan_works_as_it_stands() {
    let folder = small::folder();
    let plan = folder.run("plan export --mapping zendesk --show 2 --simulate --rate none").expect(0);
    let next = plan.out.lines().find_map(|line| line.strip_prefix("  next      deskferry ")).expect("a next command");
    folder.run(next).expect(0);
    let plan =
        folder.run("run export --dry-run --mapping zendesk --show=2 --checkpoint other.deskferry --simulate").expect(0);
    let next = plan.out.lines().find_map(|line| line.strip_prefix("  next      deskferry ")).expect("a next command");
    folder.run(next).expect(0);
    assert_eq!(folder.outcomes("other.deskferry")["updated"], 3, "{next}");
}
