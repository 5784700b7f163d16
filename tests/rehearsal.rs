//! An operator rehearses, with a sample and a simulated account, all that they will do with the real ones: scan, plan,
//! sample, run, verify, undo.

#![allow(clippy::expect_used, reason = "a test may stop at what it did not expect")]

#[path = "support/screen.rs"]
mod screen;
mod support;

use std::collections::BTreeMap;

use deskferry::simulator::{Access, Settings, Target};
use insta::assert_snapshot;
use screen::settled;
use serde_json::{Value, json};
use support::{Account, Folder, Ran, outcomes, sample, totals};

/// What the agent edits between the run and the undo: the first message of the export that the account holds.
const EDITED: Target = Target { ticket_id: 61_840_281, message_id: 3_520_110_633 };

/// The operator's folder, and the account of `samples/zendesk-without-ids`.
struct Rehearsal {
    folder: Folder,
    account: Account,
}

impl Rehearsal {
    /// Everything is there, and nothing has been read.
    fn new() -> Self {
        let folder = Folder::with_sample("zendesk-without-ids");
        let account = Account::holding(Settings::default(), &sample("zendesk-without-ids").join("account.jsonl"));
        Self { folder, account }
    }

    /// `deskferry COMMAND` against the account.
    fn run(&self, command: &str) -> Ran {
        self.folder.run(&format!("{command} {} --rate none", self.account.flag()))
    }

    /// The account is read.
    fn scanned(self) -> Self {
        self.run("scan export --mapping zendesk --quiet").expect(0);
        self
    }

    /// Everything that can be found is updated.
    fn sent(self) -> Self {
        let rehearsal = self.scanned();
        rehearsal.run("run export --mapping zendesk --write ids --quiet").expect(3);
        rehearsal
    }

    /// What `deskferry ARGUMENTS` lists from the checkpoint.
    fn listed(&self, arguments: &str) -> String {
        self.folder.run(arguments).expect(0).out
    }

    /// Every message of the account, as the API shows it.
    fn held(&self) -> BTreeMap<u64, Value> {
        self.account.with(|simulator| {
            let messages = simulator.account().messages();
            messages.map(|message| (message.target().message_id, message.shown())).collect()
        })
    }

    /// An agent writes an id of their own.
    fn edit(&self) {
        let properties = json!({"external_id": "by-hand"}).as_object().expect("an object").clone();
        self.account.with(|simulator| simulator.edit(EDITED, properties)).expect("the message is there");
    }
}

#[test]
fn the_scan() {
    let rehearsal = Rehearsal::new();
    let _screen = settled(&rehearsal.folder);
    let ran = rehearsal.run("scan export --mapping zendesk").expect(0);
    assert_snapshot!(ran.out, @"
    Scan: 127.0.0.1:[PORT], the whole account

      messages  86
      tickets   25
      requests  4 in [DURATION]
      kept in   127.0.0.1-[PORT].scan
      next      deskferry plan export --mapping zendesk --base-url http://127.0.0.1:[PORT] --write ids
    ");
    assert_snapshot!(ran.err, @r#"
    Not read, because none of the mapping's patterns fits: export/account.jsonl.
    Reading the whole account takes about 3 requests; looking up the 27 tickets of the export, 54 requests. The whole account is read.
    "#);
}

#[test]
fn the_plan() {
    let rehearsal = Rehearsal::new().scanned();
    let _screen = settled(&rehearsal.folder);
    let ran = rehearsal.run("plan export --mapping zendesk --write ids --report report").expect(3);
    assert_snapshot!(ran.out, @r#"
    Plan: Zendesk to 127.0.0.1:[PORT] (on this machine)

      verdict   ready: 67 messages to send; left behind: 5 messages blocked, 9
                messages not known in Gorgias
      export    [FOLDER]/export/tickets.jsonl, 27 records
      messages  88 messages in 27 tickets, sent 2022-06-14 to 2025-03-20 (UTC)
      times     message 19152539677750: "2022-06-14T09:12:40Z" in the export is
                [TIME]
      account   scan of 127.0.0.1:[PORT], whole, finished [TIME]
      matched   9 by external_id, 13 by Message-ID, 54 by ticket, time and text

      unchanged         7    8.0 %
      absent            9   10.2 %
      blocked           5    5.7 %
      to update        67   76.1 %
      messages         88  adds up

      kinds     incoming 50, outgoing 28, internal note 10
      channels  email 59, contact_form 12, internal-note 10, chat 5, api 2

      absent
             4 C11  its ticket is in the account, and not this message
                    tickets.jsonl:15, message 30298027267925
                    look at the ticket in Gorgias; if the message is there, add it to the ids file
             3 C7   it is older than every message of the account
                    tickets.jsonl:1, message 19152539677750
                    Gorgias's importers bring over a limited past: bring it over by other means
             2 C9   the account has no ticket with the foreign id of its ticket
                    tickets.jsonl:22, message 31759377845809
                    bring its ticket over first, or add the message to the ids file

      blocked
             3 C5   several messages of the account may be this one
                    tickets.jsonl:10, message 28589975550308
                    `deskferry errors --ambiguous` lists the candidates: leave one line of each message in the ids file
             2 C12  its target already holds another external_id
                    tickets.jsonl:12, message 29494747499418
                    check which message it is; if ours is the right id, --replace-external-id allows it

      writes    ids
      fills     external_id 65, message_id 2, sent_datetime 1
      replaces  channel 2, via 3
      leaves    attachments 2, body_html 67, body_text 67, receiver 18, sender 67,
                source 67, subject 67 as the account has them
      for good  can't be undone: channel 2 (no update can bring back what Gorgias
                holds there now), sent_datetime 1 (never set back to null), via 3
                (no update can bring back what Gorgias holds there now)
      mail      0 messages blocked that Gorgias might have mailed
      time      68 requests, as fast as the other side answers: 1 greets the
                account; 67 update
      next      deskferry run export --mapping zendesk --write ids --report report --base-url http://127.0.0.1:[PORT] --rate none

    Nothing was sent.
    "#);
    assert_snapshot!(ran.err, @r#"
    Not read, because none of the mapping's patterns fits: export/account.jsonl.
    Report: report/report.json
    Absent: report/missing.jsonl, 9 messages
    Ambiguous: report/ambiguous.csv, 6 candidates
    "#);
    assert_eq!(rehearsal.account.counters().update_requests, 0);
}

#[test]
fn the_sample() {
    let rehearsal = Rehearsal::new().scanned();
    let _screen = settled(&rehearsal.folder);
    let ran = rehearsal.run("run export --mapping zendesk --write ids --sample 8 --sample-wait 0s").expect(3);
    let after = ran.out.split_once("The sample is sent").expect("the sample is sent").1;
    assert_snapshot!(after, @"
    ; 59 messages wait to be sent.

      updated           8    9.1 %
      unchanged         7    8.0 %
      absent            9   10.2 %
      blocked           5    5.7 %
      pending          59   67.0 %
      messages         88  adds up

      kinds     incoming 50, outgoing 28, internal note 10
      channels  email 59, contact_form 12, internal-note 10, chat 5, api 2

      last run  finished what was selected; 9 requests in [DURATION] ([RATE])
      to send   59 messages

    Sample: 8 messages in 8 tickets

      incoming, email         message 22534454005735       http://127.0.0.1:[PORT]/app/ticket/61840281
      outgoing, email         message 23550476560625       http://127.0.0.1:[PORT]/app/ticket/61840326
      outgoing, email         message 24791859591184       http://127.0.0.1:[PORT]/app/ticket/61840388
      internal note           message 25762987321673       http://127.0.0.1:[PORT]/app/ticket/61840399
      internal note           message 26672567348949       http://127.0.0.1:[PORT]/app/ticket/61840440
      outgoing, chat          message 28590007471178       http://127.0.0.1:[PORT]/app/ticket/61840663
      incoming, api           message 29770628531342       http://127.0.0.1:[PORT]/app/ticket/61840810
      incoming, contact_form  message 30881760714430       http://127.0.0.1:[PORT]/app/ticket/61841015

      Nothing happened there but the updates. Look at some of them; then, to go on:
      deskferry resume
    ");
    assert_eq!(rehearsal.account.counters().updates, 8);
}

#[test]
fn what_is_missing_and_what_is_ambiguous() {
    let rehearsal = Rehearsal::new().sent();
    let _screen = settled(&rehearsal.folder);
    assert_snapshot!(rehearsal.listed("errors --missing"), @r#"
    {"file":"[FOLDER]/export/tickets.jsonl","line":1,"number":1,"external_id":"19152539677750","source_ticket":"5204","sent_at":"2022-06-14T09:12:40Z","channel":"email","kind":"incoming","cause":"too-old","detail":"it is older than every message of the account","advice":"Gorgias's importers bring over a limited past: bring it over by other means"}
    {"file":"[FOLDER]/export/tickets.jsonl","line":1,"number":2,"external_id":"19152564334049","source_ticket":"5204","sent_at":"2022-06-14T10:42:40Z","channel":"email","kind":"outgoing","cause":"too-old","detail":"it is older than every message of the account","advice":"Gorgias's importers bring over a limited past: bring it over by other means"}
    {"file":"[FOLDER]/export/tickets.jsonl","line":1,"number":3,"external_id":"19152605137532","source_ticket":"5204","sent_at":"2022-06-14T13:42:40Z","channel":"email","kind":"incoming","cause":"too-old","detail":"it is older than every message of the account","advice":"Gorgias's importers bring over a limited past: bring it over by other means"}
    {"file":"[FOLDER]/export/tickets.jsonl","line":15,"number":51,"external_id":"30298027267925","source_ticket":"5276","sent_at":"2024-10-25T08:49:14Z","channel":"email","kind":"incoming","cause":"not-in-ticket","detail":"its ticket is in the account, and not this message","advice":"look at the ticket in Gorgias; if the message is there, add it to the ids file"}
    {"file":"[FOLDER]/export/tickets.jsonl","line":18,"number":60,"external_id":"30881871314472","source_ticket":"5291","sent_at":"2024-12-05T10:24:02Z","channel":"email","kind":"outgoing","cause":"not-in-ticket","detail":"its ticket is in the account, and not this message","advice":"look at the ticket in Gorgias; if the message is there, add it to the ids file"}
    {"file":"[FOLDER]/export/tickets.jsonl","line":19,"number":65,"external_id":"31336427854841","source_ticket":"5299","sent_at":"2025-01-12T12:44:00Z","channel":"email","kind":"outgoing","cause":"not-in-ticket","detail":"its ticket is in the account, and not this message","advice":"look at the ticket in Gorgias; if the message is there, add it to the ids file"}
    {"file":"[FOLDER]/export/tickets.jsonl","line":22,"number":70,"external_id":"31759377845809","source_ticket":"5319","sent_at":"2025-02-11T03:12:09Z","channel":"email","kind":"incoming","cause":"no-ticket","detail":"the account has no ticket with the foreign id of its ticket","advice":"bring its ticket over first, or add the message to the ids file"}
    {"file":"[FOLDER]/export/tickets.jsonl","line":22,"number":71,"external_id":"31759404921332","source_ticket":"5319","sent_at":"2025-02-11T08:45:29Z","channel":"internal-note","kind":"internal note","cause":"no-ticket","detail":"the account has no ticket with the foreign id of its ticket","advice":"bring its ticket over first, or add the message to the ids file"}
    {"file":"[FOLDER]/export/tickets.jsonl","line":23,"number":73,"external_id":"32023790393183","source_ticket":"5322","sent_at":"2025-03-03T13:56:51Z","channel":"email","kind":"outgoing","cause":"not-in-ticket","detail":"its ticket is in the account, and not this message","advice":"look at the ticket in Gorgias; if the message is there, add it to the ids file"}
    "#);
    assert_snapshot!(rehearsal.listed("errors --ambiguous"), @"
    external_id,ticket_id,message_id,rule,file,line,sent_at
    28589975550308,61840663,3520115790,ticket,[FOLDER]/export/tickets.jsonl,10,2024-06-11T14:00:03Z
    28589975550308,61840663,3520115822,ticket,[FOLDER]/export/tickets.jsonl,10,2024-06-11T14:00:03Z
    28589989746295,61840663,3520115790,ticket,[FOLDER]/export/tickets.jsonl,10,2024-06-11T14:00:24Z
    28589989746295,61840663,3520115822,ticket,[FOLDER]/export/tickets.jsonl,10,2024-06-11T14:00:24Z
    28845954025291,61840701,3520116772,ticket,[FOLDER]/export/tickets.jsonl,11,2024-07-01T07:58:30Z
    28845954025291,61840701,3520117078,ticket,[FOLDER]/export/tickets.jsonl,11,2024-07-01T07:58:30Z
    ");
}

#[test]
fn what_is_ambiguous_is_settled_by_the_lines_that_are_kept() {
    let rehearsal = Rehearsal::new().sent();
    let right = ["external_id", "28589975550308,61840663,3520115790", "28589989746295,61840663,3520115822"];
    let listed = rehearsal.listed("errors --ambiguous");
    let kept: Vec<_> = listed.lines().filter(|line| right.iter().any(|right| line.starts_with(right))).collect();
    assert_eq!(kept.len(), 3, "{listed}");
    rehearsal.folder.write("chosen.csv", kept.join("\n"));
    let ran = rehearsal.run("run export --mapping zendesk --write ids --ids chosen.csv --json").expect(3);
    let expected = totals([("updated", 69), ("unchanged", 7), ("absent", 9), ("blocked", 3)]);
    assert_eq!(outcomes(&ran.json()), expected);
    let held = rehearsal.held();
    assert_eq!(held[&3_520_115_790]["external_id"], "28589975550308");
    assert_eq!(held[&3_520_115_822]["external_id"], "28589989746295");

    // The two that hold another id are written only when that is asked for.
    let allowed = "run export --mapping zendesk --write ids --ids chosen.csv --replace-external-id --json";
    let expected = totals([("updated", 71), ("unchanged", 7), ("absent", 9), ("blocked", 1)]);
    assert_eq!(outcomes(&rehearsal.run(allowed).expect(3).json()), expected);
}

#[test]
fn a_second_run_sends_nothing_and_what_verify_finds_is_equal() {
    let rehearsal = Rehearsal::new().sent();
    let _screen = settled(&rehearsal.folder);
    let updates = rehearsal.account.counters().updates;
    assert_eq!(updates, 67);
    rehearsal.run("run export --mapping zendesk --write ids --quiet").expect(3);
    assert_eq!(rehearsal.account.counters().updates, updates);
    assert_snapshot!(rehearsal.run("verify").expect(0).out, @"
    Verify: 127.0.0.1:[PORT], 67 updated messages

      answers   67 equal
      now       67 equal
      balance   88 messages, adds up
      manifest  127.0.0.1-[PORT].manifest.jsonl
      digest    [DIGEST]
    ");
}

#[test]
fn only_the_very_scan_that_the_plan_looked_into_tells_how_large_the_account_is() {
    let rehearsal = Rehearsal::new().sent();
    let reads = || {
        let plan = rehearsal.folder.run("undo --rate none").expect(0).out;
        plan.lines().find(|line| line.contains("requests;")).expect("its time").trim().to_owned()
    };
    assert_snapshot!(reads(), @"time      68 requests; 1 of them reads what is there now, and what somebody");
    // A newer one that came to nothing.
    rehearsal.account.with(|simulator| simulator.set_access(Access::Forbidden));
    rehearsal.run("scan --quiet").expect(4);
    assert_snapshot!(reads(), @"time      89 requests; 22 of them read what is there now, and what somebody");
}

#[test]
fn an_edit_is_named_by_verify_and_survives_the_undo() {
    let rehearsal = Rehearsal::new();
    let before = rehearsal.held();
    let rehearsal = rehearsal.sent();
    let _screen = settled(&rehearsal.folder);
    rehearsal.run("verify --quiet --manifest first.jsonl").expect(0);
    rehearsal.edit();
    assert_snapshot!(rehearsal.run("verify").expect(3).out, @"
    Verify: 127.0.0.1:[PORT], 67 updated messages

      answers   67 equal
      now       66 equal
                1 changed since
      balance   88 messages, adds up
      manifest  127.0.0.1-[PORT].manifest.jsonl
      digest    [DIGEST]

      differs
        tickets.jsonl:2, message 22534454005735 (ticket 61840281 in Gorgias): changed since: external_id

      edits     what somebody changed in Gorgias stays, also in an undo; only a plan
                made from a newer scan would replace it, and says so
    ");
    assert_snapshot!(rehearsal.run("verify --against first.jsonl").expect(3).out, @"
    Manifest: [DIGEST], whole and unchanged

      compared  67 updated messages
      the same  66
      differing 1
        tickets.jsonl:2, message 22534454005735: changed since
    ");
    let planned = rehearsal.folder.run("undo --rate none").expect(0);
    assert_snapshot!(planned.out, @"
    Undo: 127.0.0.1:[PORT]

      put back  67 messages in 22 tickets
      restores  external_id 65, message_id 2
      for good  channel 2, sent_datetime 1, via 3: stays as it was written
      time      68 requests; 1 of them reads what is there now, and what somebody
                changed since stays as it is
      next      deskferry undo --rate none --yes
    ");
    assert_eq!(rehearsal.account.counters().updates, 67, "a plan changes nothing");
    assert_snapshot!(rehearsal.folder.run("undo --yes --rate none --quiet").expect(3).out, @"
    Undo: 127.0.0.1:[PORT]

      put back  67 messages in 22 tickets
      restores  external_id 65, message_id 2
      for good  channel 2, sent_datetime 1, via 3: stays as it was written
      time      68 requests; 1 of them reads what is there now, and what somebody
                changed since stays as it is

    Undone.

      put back     66
      left alone   1
        message 22534454005735 (ticket 61840281, message 3520110633): somebody changed external_id since

      What was put back is pending again: a run would send it anew.
    ");
    assert_snapshot!(rehearsal.folder.run("status").expect(3).out.lines().last().expect("a line").trim_start(), @"next      nothing, if the undo was meant; deskferry resume would send it anew");

    let changed: BTreeMap<_, _> = rehearsal
        .held()
        .into_iter()
        .filter_map(|(id, now)| {
            let was = before[&id].as_object().expect("an object");
            let differs = was.iter().filter(|(name, was)| now[name.as_str()] != **was);
            let fields: Vec<_> = differs.map(|(name, _)| name.as_str()).collect();
            (!fields.is_empty()).then(|| (id, fields.join(" ")))
        })
        .collect();
    // The agent's edit, and what the plan named beforehand as changed for good.
    assert_snapshot!(serde_json::to_string_pretty(&changed).expect("JSON"), @r#"
    {
      "3520110633": "external_id",
      "3520116011": "via",
      "3520116340": "via",
      "3520116470": "via",
      "3520118353": "channel",
      "3520118712": "channel",
      "3520119118": "sent_datetime"
    }
    "#);
    assert_eq!(rehearsal.held()[&EDITED.message_id]["external_id"], "by-hand");
    assert_eq!(rehearsal.account.counters().mails, 0);
}
