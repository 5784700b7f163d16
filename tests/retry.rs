//! What an operator types after a run that left something behind: `retry` once the cause is gone, `--limit` to go in steps.

mod support;

use support::Folder;
use support::desk::MAPPING;

#[test]
fn after_the_mapping_was_mended_retry_sends_what_was_blocked() {
    // One request to greet the account, one to read the ticket for undo, and one for each that was blocked.
    for (undo, requests) in [("off", 3), ("on", 4)] {
        after_the_mapping_was_mended(undo, requests);
    }
}

fn after_the_mapping_was_mended(undo: &str, requests: u64) {
    let folder = Folder::new();
    let line = |id: u64, channel: &str| {
        format!(
            "{{\"id\": \"m{id}\", \"ticket\": 1, \"at\": \"2024-05-01T10:00:0{id}Z\", \"channel\": \"{channel}\", \"to_ticket\": 1, \"to_message\": {}}}\n",
            100 + id
        )
    };
    folder.write("export/messages.jsonl", [line(1, "email"), line(2, "pigeon"), line(3, "pigeon")].concat());
    folder.write("acme.toml", MAPPING);
    folder.run(&format!("run export --mapping acme.toml --simulate --undo {undo}")).expect(3);
    let blocked = support::totals([("blocked", 2), ("updated", 1)]);
    assert_eq!(folder.outcomes("simulator.deskferry"), blocked);
    // Nothing has changed yet: there is nothing to be retried.
    folder.run("retry").expect(3);
    assert_eq!(folder.outcomes("simulator.deskferry"), blocked);
    let table = "[tables.channels]\npigeon = \"sms\"\nemail = \"email\"\n\n[[message]]";
    let mended = MAPPING
        .replacen("[[message]]", table, 1)
        .replace("{ from = \"channel\", ", "{ from = \"channel\", table = \"channels\", ");
    folder.write("acme.toml", mended);
    let retried = folder.run("retry --json").expect(0);
    assert!(retried.err.contains("What has changed: the mapping."), "{}", retried.err);
    assert_eq!(support::outcomes(&retried.json()), support::totals([("updated", 3)]));
    assert_eq!(retried.json()["this_run"]["requests"], requests, "undo {undo}, as in the run before");
}

#[test]
fn a_limited_run_says_how_many_wait() {
    let folder = Folder::with_sample("zendesk");
    let ran = folder.run("run export --mapping zendesk --simulate --limit 20").expect(0);
    assert!(ran.out.contains("Stopped at the limit; 243 messages wait to be sent."), "{}", ran.out);
    let expected = support::totals([("pending", 243), ("skipped", 7), ("updated", 20)]);
    assert_eq!(folder.outcomes("simulator.deskferry"), expected);
}
