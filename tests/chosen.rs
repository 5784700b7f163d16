//! Only what is chosen is sent: by batch, by cause, by id, by time; everything else stays as it is.

#![allow(clippy::expect_used, reason = "a test may stop at what it did not expect")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

#[path = "support/screen.rs"]
mod screen;
mod support;
#[path = "support/twelve.rs"]
mod twelve;

use std::collections::BTreeSet;

use deskferry::simulator::Fault;
use insta::assert_snapshot;
use screen::{assert_one_clear_sentence, settled, told};
use serde_json::json;
use support::desk::MAPPING;
use support::{Ran, outcomes, totals};
use twelve::{account, arrived, code, folder, message, plain, run, then, write};

fn numbers(numbers: impl IntoIterator<Item = u64>) -> BTreeSet<u64> {
    numbers.into_iter().collect()
}

#[test]
fn a_batch_is_rerun_and_only_what_is_not_right_yet_is_sent() {
    let folder = plain();
    let account = account(&folder, &[(5, Fault::BadRequest), (8, Fault::Conflict)]);
    run(&folder, &account, "--limit 9").expect(3);
    assert_eq!(folder.outcomes("a.deskferry"), totals([("updated", 7), ("failed", 2), ("pending", 3)]));
    let before = account.counters().updates;
    then(&folder, "retry --batch 2").expect(3);
    assert_eq!(account.counters().updates, before + 1);
    assert_eq!(folder.outcomes("a.deskferry"), totals([("updated", 8), ("failed", 1), ("pending", 3)]));
    // Nothing of it is left.
    let again = then(&folder, "retry --batch 2").expect(3);
    assert!(again.out.contains("Nothing to send of what is selected: nothing was sent."), "{}", told(&again));
    then(&folder, "retry --batch 3,4").expect(0);
    assert_eq!(arrived(&account), numbers(1..=12));
    assert_eq!(account.counters().repeated, 0);
}

#[test]
fn a_cause_is_retried_and_others_are_not() {
    let folder = plain();
    let account = account(&folder, &[(2, Fault::Conflict), (5, Fault::BadRequest), (8, Fault::BadRequest)]);
    run(&folder, &account, "--limit 9").expect(3);
    then(&folder, &format!("retry --cause {}", code(&folder, "400"))).expect(3);
    assert_eq!(arrived(&account), numbers([1, 3, 4, 5, 6, 7, 8, 9]));
    assert_eq!(folder.outcomes("a.deskferry"), totals([("updated", 8), ("failed", 1), ("pending", 3)]));
}

#[test]
fn messages_are_retried_by_their_ids() {
    let folder = plain();
    let account = account(&folder, &[(2, Fault::BadRequest), (5, Fault::BadRequest), (8, Fault::BadRequest)]);
    run(&folder, &account, "--limit 9").expect(3);
    then(&folder, "retry --message m5 --message m11").expect(3);
    assert_eq!(arrived(&account), numbers([1, 3, 4, 5, 6, 7, 9, 11]));
    assert_eq!(folder.outcomes("a.deskferry"), totals([("updated", 8), ("failed", 2), ("pending", 2)]));
}

#[test]
fn what_stands_together_has_to_fit_together() {
    let folder = plain();
    let account = account(&folder, &[(4, Fault::BadRequest), (5, Fault::BadRequest), (8, Fault::BadRequest)]);
    run(&folder, &account, "").expect(3);
    let cause = code(&folder, "400");
    then(&folder, &format!("retry --cause {cause} --batch 2 --messages-since 2024-05-05")).expect(3);
    assert_eq!(arrived(&account), numbers([1, 2, 3, 5, 6, 7, 9, 10, 11, 12]));
}

#[test]
fn a_day_is_one_of_where_the_operator_is_and_counts_whole() {
    let cases = [
        ("UTC", "--messages-since 2024-05-03 --messages-until 2024-05-05", vec![3, 4, 5]),
        ("UTC", "--messages-until 2024-05-01", vec![1]),
        // There it is midnight, the first moment of the fifth, when the fourth is ten hours old in UTC.
        ("Pacific/Kiritimati", "--messages-since 2024-05-05 --messages-until 2024-05-05", vec![4]),
        ("Pacific/Kiritimati", "--messages-since 2024-05-12", vec![11, 12]),
        ("UTC", "--messages-since 2024-05-03T10:00:00Z --messages-until 2024-05-04T12:00:00+02:00", vec![3, 4]),
        ("UTC", "--messages-since 2024-05-03T10:00:01Z --messages-until 2024-05-04T11:59:59+02:00", vec![]),
    ];
    for (zone, options, expected) in cases {
        let folder = plain();
        let account = account(&folder, &[]);
        let flag = account.flag();
        let mut command = folder.command(&format!("run export --mapping acme.toml --rate none -q {flag} {options}"));
        let ran = Ran::of(command.env("TZ", zone).output().expect("deskferry starts"));
        assert_eq!(arrived(&account), numbers(expected.clone()), "{zone} {options}");
        ran.expect(if expected.is_empty() { 2 } else { 0 });
    }
}

#[test]
fn the_numbers_are_those_of_what_is_chosen() {
    let folder = plain();
    let _screen = settled(&folder);
    let account = account(&folder, &[]);
    let ran = run(&folder, &account, "--only-batch 2,4").expect(0);
    assert_eq!(arrived(&account), numbers([4, 5, 6, 10, 11, 12]));
    // The greeting, two tickets that are read first, and six updates; the check before it is counted by itself.
    assert_snapshot!(told(&ran), @r#"
    exit code 0
    --- stdout
    Plan: Acme to 127.0.0.1:[PORT] (on this machine)

      verdict   ready: 6 of 12 messages to send
      warning   not one message is incoming: check `from_agent` in the mapping
      selected  --only-batch 2,4
      export    [FOLDER]/export/messages.jsonl, 12 records
      messages  12 messages in 4 tickets, sent 2024-05-01 to 2024-05-12 (UTC)
      times     message m1: "2024-05-01T10:00:00Z" in the export is 2024-05-01
                10:00:00 UTC
      matched   12 by the export itself

      to update        12  100.0 %
      messages         12  adds up

      kinds     outgoing 12
      channels  email 12

      unexpected
            12      channel: nothing in the export; default: email
            12      from_agent: nothing in the export; default: true

      writes    all: body_text 6, channel 6, external_id 6, from_agent 6,
                sent_datetime 6, via 6
      mail      0 messages blocked that Gorgias might have mailed
      time      9 requests, as fast as the other side answers: 1 greets the account;
                6 update; 2 read tickets first, so that the run can be undone
                (--undo off saves them)

    Finished what was selected; 6 messages wait to be sent.

      updated           6   50.0 %
      pending           6   50.0 %
      messages         12  adds up

      kinds     outgoing 12
      channels  email 12

      selected  --only-batch 2,4
      last run  finished what was selected; 9 requests in [DURATION] ([RATE])
      next      deskferry resume
    "#);
    let again = run(&folder, &account, "--only-batch 2,3 --json --report r").expect(0).json();
    assert_eq!(again["this_run"]["requests"], 5);
    assert_eq!(again["selected"], "--only-batch 2,3");
    assert_eq!(outcomes(&again), totals([("updated", 9), ("pending", 3)]));
    assert_eq!(again["forecast"]["messages"], 0, "nothing of it is left");
    let written: serde_json::Value = serde_json::from_str(&folder.read("r/report.json")).expect("JSON");
    assert_eq!(written["selected"], again["selected"]);
    let commands: Vec<_> = again["runs"].as_array().expect("runs").iter().map(|run| run["command"].clone()).collect();
    assert_eq!(commands, ["run --only-batch 2,4", "run --only-batch 2,3"]);
}

#[test]
fn a_limit_and_a_sample_are_of_what_is_chosen() {
    let folder = plain();
    let account = account(&folder, &[]);
    let ran = run(&folder, &account, "--only-batch 2 --limit 1").expect(0);
    assert!(ran.out.contains("ready: 1 of 12 messages to send"), "{}", told(&ran));
    assert!(ran.out.contains("Stopped at the limit; 2 messages wait to be sent."), "{}", told(&ran));
    assert!(ran.out.contains("deskferry resume --only-batch 2"), "{}", told(&ran));
    assert_eq!(arrived(&account), numbers([4]));
    let ran = then(&folder, "resume --only-batch 2,3 --sample 3 --sample-wait 0s").expect(0);
    assert!(ran.out.contains("Sample: 3 messages in 2 tickets"), "{}", told(&ran));
    assert!(ran.out.contains("deskferry resume --only-batch 2,3"), "{}", told(&ran));
    assert_eq!(arrived(&account).len(), 4);
    assert!(arrived(&account).is_subset(&numbers(4..=9)), "{:?}", arrived(&account));
    then(&folder, "resume --only-batch 2,3").expect(0);
    assert_eq!(arrived(&account), numbers(4..=9));
    // What was chosen then is of no meaning now.
    then(&folder, "resume").expect(0);
    assert_eq!(arrived(&account), numbers(1..=12));
}

/// The mapping with a table that knows what pigeons are.
fn mended() -> String {
    let table = "[tables.channels]\npigeon = \"sms\"\nemail = \"email\"\n\n[[message]]";
    MAPPING
        .replacen("[[message]]", table, 1)
        .replace("{ from = \"channel\", ", "{ from = \"channel\", table = \"channels\", ")
}

#[test]
fn of_what_was_blocked_the_chosen_cause_goes_once_it_is_mended() {
    let folder = folder(|number| match number {
        2 | 7 => json!({"channel": "pigeon"}),
        9 => json!({"at": "yesterday"}),
        _ => json!({}),
    });
    let account = account(&folder, &[(3, Fault::BadRequest)]);
    run(&folder, &account, "--limit 3").expect(3);
    assert_eq!(arrived(&account), numbers([1, 4]));
    let cause = code(&folder, "pigeon");
    folder.write("acme.toml", mended());
    let ran = then(&folder, &format!("retry --cause {cause}")).expect(3);
    assert!(ran.err.contains("What has changed: the mapping."), "{}", told(&ran));
    assert_eq!(arrived(&account), numbers([1, 2, 4, 7]));
    let left = totals([("updated", 4), ("failed", 1), ("blocked", 1), ("pending", 6)]);
    assert_eq!(folder.outcomes("a.deskferry"), left);
}

#[test]
fn the_batches_of_a_retry_are_those_that_the_operator_has_seen() {
    let folder = plain();
    let account = account(&folder, &[(5, Fault::BadRequest), (8, Fault::BadRequest)]);
    run(&folder, &account, "").expect(3);
    // Another ticket comes before all others: every batch is one further now.
    let more = (13..=15).map(|number| message(number, &json!({"to_ticket": null, "at": "2024-04-01T10:00:00Z"})));
    let lines: Vec<_> = more.chain((1..=12).map(|number| message(number, &json!({})))).collect();
    write(&folder, &lines);
    then(&folder, "retry --batch 2").expect(3);
    assert_eq!(arrived(&account), numbers((1..=12).filter(|&number| number != 8)));
    let batches = then(&folder, "status --json").json()["by_batch"].clone();
    assert_eq!(batches[2]["standing"], "done");
    assert_eq!(batches[3]["standing"], "failed");
}

#[test]
fn after_the_mapping_changed_only_what_changed_of_a_batch_is_sent() {
    let folder = plain();
    let account = account(&folder, &[]);
    run(&folder, &account, "").expect(0);
    // Of the second batch one message is another now, and of the third all.
    let other = "body_text = [{ when = \"id == 'm5' or ticket == 3\", template = \"{text}!\" }, { from = \"text\" }]";
    folder.write("acme.toml", MAPPING.replace("body_text = { from = \"text\" }", other));
    let ran = run(&folder, &account, "--only-batch 2").expect(0);
    assert!(ran.out.contains("4 changed, 8 as they are in"), "{}", told(&ran));
    assert!(ran.out.contains("ready: 1 of 4 messages to send"), "{}", told(&ran));
    assert_eq!(account.counters().updates, 13);
    let updated = account.updated();
    let again: Vec<_> = updated.iter().filter(|(_, message)| message.times > 1).map(|(id, _)| *id).collect();
    assert_eq!(again, [105]);
    assert_eq!(folder.outcomes("a.deskferry"), totals([("updated", 9), ("pending", 3)]));
    // And back again: what was sent so is right as it is, and the one that was sent otherwise is not.
    folder.write("acme.toml", MAPPING);
    run(&folder, &account, "--only-batch 3").expect(0);
    assert_eq!(account.counters().updates, 13);
    run(&folder, &account, "--only-batch 2").expect(0);
    assert_eq!(account.counters().updates, 14);
}

#[test]
fn what_fits_nothing_is_refused_with_what_there_is() {
    let folder = plain();
    let account = account(&folder, &[(2, Fault::BadRequest), (5, Fault::Conflict)]);
    run(&folder, &account, "--concurrency 1").expect(3);
    let requests = account.counters().requests;
    let mut said = Vec::new();
    for wrong in [
        "resume --only-batch 5",
        "retry --batch 0",
        "retry --cause C99",
        "retry --message m13",
        "resume --messages-since 2025-01-01",
        "retry --batch 1 --message m4",
        "resume --messages-since 2024-05-02 --messages-until 2024-05-01",
    ] {
        let ran = then(&folder, wrong).expect(2);
        assert_one_clear_sentence(&ran);
        assert_eq!(ran.out, "", "{wrong}");
        said.push(format!("{wrong}\n{}\n", ran.err));
    }
    assert_snapshot!(said.concat(), @r#"
    resume --only-batch 5
    error: there is no batch 5: the plan has 1 to 4

    hint: `deskferry status --batches` lists them

    retry --batch 0
    error: there is no batch 0: the plan has 1 to 4

    hint: `deskferry status --batches` lists them

    retry --cause C99
    error: no message that failed or was held back has the cause C99

    hint: there are: C7 (1 message failed: 400: Bad request.), C8 (1 message failed: 409: The identifier is already in use.)

    retry --message m13
    error: the plan has no message `m13`

    hint: it is the id that the message has in the export, as in the column external_id of `deskferry errors --all`

    resume --messages-since 2025-01-01
    error: no message of the plan fits what is selected

    hint: its messages were sent from 2024-05-01T10:00:00Z to 2024-05-12T10:00:00Z; options that stand together all have to fit

    retry --batch 1 --message m4
    error: no message of the plan fits what is selected

    hint: its messages were sent from 2024-05-01T10:00:00Z to 2024-05-12T10:00:00Z; options that stand together all have to fit

    resume --messages-since 2024-05-02 --messages-until 2024-05-01
    error: `--messages-since` is later than `--messages-until`: nothing is between them

    hint: both count, and a day counts whole
    "#);
    for wrong in ["retry --cause 400:", "resume --messages-since 2024-05-02T10:00:00", "resume --messages-until May"] {
        then(&folder, wrong).expect(2);
    }
    assert_one_clear_sentence(&run(&folder, &account, "--dry-run --only-batch 1").expect(2));
    assert_eq!(account.counters().requests, requests, "nothing was asked");
}
