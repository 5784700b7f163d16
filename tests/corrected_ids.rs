//! A wrong ids file is the commonest mistake: after its correction everything ends where it belongs, and nobody waits for
//! ever.

#![allow(clippy::expect_used, reason = "a test that can't go on has failed")]

mod support;

use deskferry::simulator::Settings;
use support::{Account, Folder, totals};

const MAPPING: &str = r#"
name = "acme"
system = "Acme"
format = "json-lines"
files = ["messages.jsonl"]

[[message]]
[message.fields]
external_id   = { from = "id" }
channel       = { value = "email" }
via           = { value = "api" }
from_agent    = { value = false }
sent_datetime = { from = "at", apply = ["datetime"], required = true }
"#;

/// An export of messages with these ids, and an account that holds messages 1 to 9 in ticket 1.
fn story(ids: &[&str]) -> (Folder, Account) {
    let folder = Folder::new();
    let lines: Vec<_> = ids.iter().map(|id| format!("{{\"id\":\"{id}\",\"at\":\"2024-05-01T10:00:00Z\"}}\n")).collect();
    folder.write("export/messages.jsonl", lines.concat());
    folder.write("acme.toml", MAPPING);
    let seeds: Vec<_> = (1..10).map(|message| format!("seed{message},1,{message}\n")).collect();
    let all = folder.write("all.csv", format!("external_id,ticket_id,message_id\n{}", seeds.concat()));
    let account = Account::start(Settings::default(), &all);
    (folder, account)
}

fn write_ids(folder: &Folder, ids: &[(&str, u64)]) {
    let lines: Vec<_> = ids.iter().map(|(id, message)| format!("{id},1,{message}\n")).collect();
    folder.write("export/ids.csv", format!("external_id,ticket_id,message_id\n{}", lines.concat()));
}

fn run(folder: &Folder, account: &Account, code: i32) {
    run_with("--undo on", folder, account, code);
}

fn run_with(options: &str, folder: &Folder, account: &Account, code: i32) {
    let flag = account.flag();
    let command = format!("run export --mapping acme.toml --rate none --checkpoint a.deskferry {options} {flag}");
    folder.run(&command).expect(code);
}

/// Which id each message of the account holds.
fn held(account: &Account) -> Vec<(u64, String)> {
    let updated = account.updated().into_iter();
    updated
        .map(|(message, now)| (message, now.message["external_id"].as_str().unwrap_or_default().to_owned()))
        .collect()
}

#[test]
fn two_ids_that_were_swapped_are_put_right_by_the_corrected_file() {
    for undo in ["--undo on", "--undo off"] {
        let (folder, account) = story(&["X", "Y"]);
        write_ids(&folder, &[("X", 1), ("Y", 2)]);
        run_with(undo, &folder, &account, 0);
        write_ids(&folder, &[("X", 2), ("Y", 1)]);
        run_with(undo, &folder, &account, 0);
        assert_eq!(folder.outcomes("a.deskferry"), totals([("updated", 2)]), "{undo}");
        assert_eq!(held(&account), [(1, "Y".into()), (2, "X".into())], "{undo}");
    }
}

#[test]
fn a_target_that_holds_another_message_of_ours_is_not_overwritten() {
    let (folder, account) = story(&["X"]);
    write_ids(&folder, &[("X", 1)]);
    run(&folder, &account, 0);
    // Tomorrow's export brings another message, and a line that leads to the same place.
    folder.write("export/messages.jsonl", "{\"id\":\"Y\",\"at\":\"2024-05-01T10:00:00Z\"}\n");
    write_ids(&folder, &[("Y", 1)]);
    run(&folder, &account, 3);
    assert_eq!(folder.outcomes("a.deskferry"), totals([("blocked", 1)]));
    let errors = folder.run("errors --checkpoint a.deskferry").expect(0);
    assert!(errors.out.contains("message 1 in Gorgias was already written for X"), "{}", errors.out);
    assert_eq!(held(&account), [(1, "X".into())]);
}

#[test]
fn what_was_blocked_goes_out_with_a_retry_once_nothing_stands_in_its_way() {
    let (folder, account) = story(&["X", "Y"]);
    write_ids(&folder, &[("X", 1), ("Y", 1)]);
    run(&folder, &account, 3);
    assert_eq!(folder.outcomes("a.deskferry"), totals([("blocked", 2)]));
    write_ids(&folder, &[("X", 1), ("Y", 2)]);
    folder.run("retry --checkpoint a.deskferry").expect(0);
    assert_eq!(folder.outcomes("a.deskferry"), totals([("updated", 2)]));
    assert_eq!(held(&account), [(1, "X".into()), (2, "Y".into())]);
}

#[test]
fn an_id_that_was_missing_is_sent_once_the_file_names_it() {
    let (folder, account) = story(&["X", "Y"]);
    write_ids(&folder, &[("X", 1)]);
    run(&folder, &account, 0);
    assert_eq!(folder.outcomes("a.deskferry"), totals([("absent", 1), ("updated", 1)]));
    write_ids(&folder, &[("X", 1), ("Y", 2)]);
    run(&folder, &account, 0);
    assert_eq!(folder.outcomes("a.deskferry"), totals([("updated", 2)]));
    assert_eq!(account.counters().updates, 2, "what had arrived was not sent again");
}

#[test]
fn a_plan_and_a_retry_say_what_failed_and_what_they_are_about_to_do() {
    let (folder, account) = story(&["X", "Y"]);
    // Gorgias has no message 77.
    write_ids(&folder, &[("X", 1), ("Y", 77)]);
    run(&folder, &account, 3);
    let flag = account.flag();
    let plan = folder.run(&format!("plan export --mapping acme.toml --checkpoint a.deskferry {flag}")).expect(3);
    let said = plan.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("nothing to send: 1 message failed earlier (`deskferry retry` sends them again)"), "{said}");
    account.seed([(1, 77)]);
    let retry = folder.run("retry --checkpoint a.deskferry").expect(0);
    assert!(retry.out.contains("ready: 1 message to send"), "{}", retry.out);
    assert!(retry.out.contains("3 requests"), "{}", retry.out);
    assert_eq!(folder.outcomes("a.deskferry"), totals([("updated", 2)]));
}
