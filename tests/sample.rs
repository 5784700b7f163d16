//! A sample is sent first and watched: whatever happens in its tickets that is no update of ours stops the run.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

#[path = "support/live.rs"]
mod live;
#[path = "support/screen.rs"]
mod screen;
#[path = "support/small.rs"]
mod small;
mod support;

use std::collections::{BTreeMap, BTreeSet};

use deskferry::checkpoint::{Access, Checkpoint, Note};
use deskferry::simulator::{Event, Reactions, Seed, Settings, Target, TicketSeed};
use live::Live;
use screen::{assert_one_clear_sentence, settled, told};
use serde_json::{Map, Value, json};
use small::{AGENT, comment};
use support::{Account, Folder, Ran, totals};

/// Messages of the export.
const SENT: u64 = 24;

/// Six tickets of four messages: an incoming one, an answer, a note, and one by another channel.
fn folder() -> Folder {
    let folder = Folder::new();
    let ticket = |ticket: u64| -> Vec<Value> {
        let at = |hour: u64| format!("2024-05-0{}T1{hour}:00:00Z", ticket + 1);
        let id = |place: u64| 300 + 10 * ticket + place;
        vec![
            comment(id(1), &json!({"created_at": at(1)})),
            comment(id(2), &json!({"author_id": AGENT, "created_at": at(2)})),
            comment(id(3), &json!({"author_id": AGENT, "public": false, "created_at": at(3)})),
            comment(id(4), &json!({"via": {"channel": "sms", "source": {}}, "created_at": at(4)})),
        ]
    };
    small::write(&folder, &(0..6).map(ticket).collect::<Vec<_>>());
    folder
}

/// A folder with that export, and an account that behaves as `settings` say.
fn story(settings: Settings) -> (Folder, Account) {
    let folder = folder();
    let account = Account::start(settings, &folder.file("export/ids.csv"));
    account.with(|simulator| {
        // What is an agent's here is one there: automation sends nothing else.
        for (ticket, message) in (1001..1007).flat_map(|ticket| (1..5).map(move |place| (ticket, place))) {
            let message_id = 5000 + 4 * (ticket - 1001) + message;
            let properties = match message {
                2 => json!({"from_agent": true}),
                3 => json!({"from_agent": true, "channel": "internal-note"}),
                4 => json!({"channel": "sms"}),
                _ => continue,
            };
            let properties = properties.as_object().expect("an object").clone();
            let target = Target { ticket_id: ticket, message_id };
            simulator.edit(target, properties).expect("it is there");
        }
    });
    (folder, account)
}

fn run(folder: &Folder, account: &Account, options: &str) -> Ran {
    folder.run(&format!("{} {options}", command(account)))
}

fn command(account: &Account) -> String {
    format!("run export --mapping zendesk --checkpoint a.deskferry --rate none --quiet {}", account.flag())
}

/// The lines under STOP: ticket to what happened there.
fn alarms(ran: &Ran) -> BTreeMap<u64, Vec<String>> {
    let (_, listed) = ran.out.split_once("  STOP\n").unwrap_or_else(|| panic!("no alarm\n{}", told(ran)));
    let mut alarms = BTreeMap::<u64, Vec<String>>::new();
    for line in listed.lines() {
        let (place, what) = line.trim().split_once(": ").expect("a place and what happened");
        let ticket = place.strip_prefix("ticket ").expect("a ticket").split(',').next().expect("its number");
        alarms.entry(ticket.parse().expect("a number")).or_default().push(what.to_owned());
    }
    alarms
}

/// The tickets, kinds and channels of the messages that were listed.
fn sampled(ran: &Ran) -> Vec<(String, String)> {
    let listed = ran.out.lines().filter(|line| line.contains(" message ") && line.contains("/app/ticket/"));
    let listed = listed.map(|line| {
        let (kind, place) = line.split_once(" message ").expect("both");
        let ticket = place.rsplit('/').next().expect("a ticket");
        (kind.trim().to_owned(), ticket.to_owned())
    });
    listed.collect()
}

#[test]
fn whatever_the_account_does_by_itself_stops_the_run_and_is_named_with_its_ticket() {
    let cases = [
        ("mails", "its sent_datetime changed: it was mailed"),
        ("reopens", "the ticket was reopened"),
        ("marks_unread", "the ticket was marked unread"),
        ("fails_sending", "it has a failed_datetime: Gorgias tried to send it"),
        ("answers", "a new message is in the ticket"),
    ];
    for (reaction, what) in cases {
        let reactions: Reactions = reaction.parse().expect("a reaction");
        let (folder, account) = story(Settings { reactions, ..Settings::default() });
        let ran = run(&folder, &account, "--sample 6 --sample-wait 0s").expect(4);
        let alarms = alarms(&ran);
        assert!(alarms.values().flatten().any(|said| said == what), "{reaction}\n{}", told(&ran));
        let sampled: BTreeSet<u64> =
            sampled(&ran).into_iter().map(|(_, ticket)| ticket.parse().expect("a number")).collect();
        assert!(alarms.keys().all(|ticket| sampled.contains(ticket)), "{reaction}: {alarms:?}");
        assert!(ran.err.contains("no update of ours"), "{}", told(&ran));
        assert!(ran.err.contains("hint: switch off what reacts"), "{}", told(&ran));
        assert_eq!(folder.outcomes("a.deskferry"), totals([("updated", 6), ("pending", SENT - 6)]), "{reaction}");
        // What the operator is told to do works.
        account.with(|simulator| assert_eq!(simulator.counters().update_requests, 6));
        folder.run("undo --checkpoint a.deskferry --rate none --quiet").expect(0);
    }
}

#[test]
fn a_quiet_account_is_shown_with_its_links_and_the_run_goes_on() {
    let (folder, account) = story(Settings::default());
    let _screen = settled(&folder);
    let ran = run(&folder, &account, "--sample 6 --sample-wait 1s").expect(0);
    let (_, shown) = ran.out.split_once("\nSample:").expect("the sample is told");
    let shown = shown.replace(&account.flag()["--base-url ".len()..], "[ACCOUNT]");
    insta::assert_snapshot!(shown.trim(), @"
    6 messages in 6 tickets

      incoming, email  message 301                  [ACCOUNT]/app/ticket/1001
      outgoing, email  message 312                  [ACCOUNT]/app/ticket/1002
      internal note    message 323                  [ACCOUNT]/app/ticket/1003
      incoming, sms    message 334                  [ACCOUNT]/app/ticket/1004
      outgoing, email  message 342                  [ACCOUNT]/app/ticket/1005
      internal note    message 353                  [ACCOUNT]/app/ticket/1006

      Nothing happened there but the updates. Look at some of them; then, to go on:
      deskferry resume
    ");
    assert!(ran.err.contains("Waiting 1 s for what Gorgias does with them."), "{}", told(&ran));
    assert_eq!(folder.outcomes("a.deskferry"), totals([("updated", 6), ("pending", SENT - 6)]));
    folder.run("resume --rate none --quiet").expect(0);
    assert_eq!(folder.outcomes("a.deskferry"), totals([("updated", SENT)]));
    assert_eq!((account.counters().mails, account.counters().repeated), (0, 0));
}

#[test]
fn a_sample_is_of_all_kinds_and_of_as_many_tickets_as_it_has_messages() {
    let (folder, account) = story(Settings::default());
    let ran = run(&folder, &account, "--sample 6 --sample-wait 0s").expect(0);
    let sampled = sampled(&ran);
    let kinds: BTreeSet<_> = sampled.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, BTreeSet::from(["incoming, email", "incoming, sms", "internal note", "outgoing, email"]));
    let tickets: BTreeSet<_> = sampled.iter().map(|(_, ticket)| ticket).collect();
    assert_eq!((sampled.len(), tickets.len()), (6, 6), "{sampled:?}");
}

#[test]
fn a_sample_that_is_larger_than_the_plan_is_the_plan() {
    let (folder, account) = story(Settings::default());
    let ran = run(&folder, &account, "--sample 1000 --sample-wait 0s").expect(0);
    assert!(ran.out.contains("Sample: 24 messages in 6 tickets"), "{}", told(&ran));
    assert!(ran.out.contains("to go on:\n  deskferry verify"), "{}", told(&ran));
    assert_eq!(folder.outcomes("a.deskferry"), totals([("updated", SENT)]));
}

#[test]
fn a_customers_reply_that_arrives_meanwhile_is_told_as_a_new_message() {
    let (folder, account) = story(Settings::default());
    let mut run = Live::start(folder.command(&format!("{} --sample 6 --sample-wait 3s", command(&account))));
    run.says("Waiting 3 s");
    account.with(|simulator| simulator.happen(Event::Arrive(Seed::new(1001, 9001)))).expect("it arrives");
    let ran = run.end().expect(4);
    assert_eq!(alarms(&ran), BTreeMap::from([(1001, vec!["a new message is in the ticket".to_owned()])]));
    assert!(ran.out.contains("ticket 1001, message 9001"), "{}", told(&ran));
}

#[test]
fn a_ticket_that_vanishes_meanwhile_is_told() {
    let (folder, account) = story(Settings::default());
    let mut run = Live::start(folder.command(&format!("{} --sample 6 --sample-wait 3s", command(&account))));
    run.says("Waiting 3 s");
    account.with(|simulator| {
        simulator.delete_ticket(1001).expect("it is there");
        simulator.merge(1002, 1003).expect("both are there");
    });
    let alarms = alarms(&run.end().expect(4));
    let gone = vec!["the ticket is not there any more".to_owned()];
    assert_eq!((alarms.get(&1001), alarms.get(&1002)), (Some(&gone), Some(&gone)), "{alarms:?}");
}

#[test]
fn what_was_so_before_is_no_alarm() {
    let (folder, account) = story(Settings::default());
    let open = |ticket| {
        let properties = json!({"status": "open", "is_unread": true});
        TicketSeed::new(ticket, properties.as_object().expect("an object").clone())
    };
    account.with(|simulator| {
        for ticket in 1001..1007 {
            simulator.seed_ticket(open(ticket)).expect("it is taken");
        }
    });
    run(&folder, &account, "--sample 24 --sample-wait 0s").expect(0);
}

#[test]
fn ctrl_c_while_it_waits_ends_it_and_nothing_is_lost() {
    let (folder, account) = story(Settings::default());
    let mut run = Live::start(folder.command(&format!("{} --sample 6 --sample-wait 1h", command(&account))));
    run.says("Waiting 1 h");
    run.signal("INT");
    let ran = run.end().expect(130);
    assert!(!ran.out.contains("Nothing happened there"), "nobody looked\n{}", told(&ran));
    assert_eq!(folder.outcomes("a.deskferry"), totals([("updated", 6), ("pending", SENT - 6)]));
}

// Before anything is sent

fn rule() -> Value {
    json!({"id": 1, "name": "Auto-reply", "event_types": "ticket-message-created,ticket-updated"})
}

fn integration() -> Value {
    json!({"id": 2, "name": "Warehouse", "type": "http", "http": {"triggers": {"ticket-updated": true}}})
}

#[test]
fn rules_and_integrations_that_may_react_stop_a_run_unless_they_are_waived() {
    let settings = Settings { rules: vec![rule()], integrations: vec![integration()], ..Settings::default() };
    let (folder, account) = story(settings);
    let ran = run(&folder, &account, "").expect(4);
    assert!(ran.err.contains("Auto-reply") && ran.err.contains("Warehouse"), "{}", told(&ran));
    for waived in ["--waive rules", "--waive integrations"] {
        let ran = run(&folder, &account, waived).expect(4);
        assert!(ran.err.contains("nothing was sent"), "{}", told(&ran));
    }
    assert_eq!(account.counters().update_requests, 0);
    let ran = run(&folder, &account, "--waive bells").expect(2);
    assert_one_clear_sentence(&ran);
    run(&folder, &account, "--limit 5 --waive rules,integrations").expect(0);
    assert_eq!(account.counters().updates, 5);
    let checkpoint = Checkpoint::open(&folder.file("a.deskferry"), Access::Read).expect("the checkpoint");
    let noted = checkpoint.noted(Note::Preflight).expect("the checkpoint").expect("a note");
    let noted: Map<String, Value> = serde_json::from_str(&noted).expect("JSON");
    let waived: Vec<_> = noted["checks"]
        .as_array()
        .expect("the checks")
        .iter()
        .filter(|check| !check["waived"].is_null() && check["waived"] != false)
        .collect();
    assert_eq!(waived.len(), 2, "{noted:?}");
    drop(checkpoint);
    // A resume goes on with what was waived; another run is another decision.
    folder.run("resume --rate none --quiet --limit 5").expect(0);
    run(&folder, &account, "").expect(4);
    assert_eq!(account.counters().updates, 10);
}
