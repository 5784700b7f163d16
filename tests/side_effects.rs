//! The endpoint's `action` goes out only where an operator asks for it twice over, for what they name, and once; what came
//! of it is told and written down.

#![allow(clippy::expect_used, reason = "a test may stop at what it did not expect")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

#[path = "support/screen.rs"]
mod screen;
mod support;
#[path = "support/twelve.rs"]
mod twelve;

use std::collections::BTreeSet;

use deskferry::checkpoint::{Access, Checkpoint, Note};
use deskferry::simulator::{Fault, Strike};
use insta::assert_snapshot;
use screen::{assert_one_clear_sentence, settled, told};
use serde_json::json;
use support::desk::{MAPPING, holder};
use support::{Account, Folder, Ran, totals};
use twelve::{account, account_with, arrived, code, plain, run, then};

/// A folder whose run has left behind that m5 failed and that m10 to m12 wait.
fn story() -> (Folder, Account) {
    let folder = plain();
    let account = account(&folder, &[(5, Fault::BadRequest)]);
    run(&folder, &account, "--limit 9").expect(3);
    (folder, account)
}

/// How many updates carried an action, how many messages are gone, how many mails went out.
fn effects(account: &Account) -> (u64, u64, u64) {
    let counters = account.counters();
    (counters.actions_seen, counters.deleted, counters.mails)
}

fn there(account: &Account) -> BTreeSet<u64> {
    account.with(|simulator| simulator.account().messages().map(|message| message.target().message_id - 100).collect())
}

#[test]
fn an_action_is_announced_with_its_messages_and_goes_out_for_them_alone() {
    let cases = [
        ("retry", "this run has Gorgias try the failed external actions of 1 message again.", (1, 0, 0)),
        (
            "force",
            "this run has Gorgias run the other external actions of 1 message and SEND it to its customer.",
            (1, 0, 1),
        ),
        ("cancel", "this run deletes 1 message in Gorgias.", (1, 1, 0)),
    ];
    for (action, announced, expected) in cases {
        let (folder, account) = story();
        let name = account.flag().replace("--base-url http://", "");
        let retry = format!("retry --message m5 --action {action} --allow-side-effects --json --confirm {name}");
        let ran = then(&folder, &retry).expect(0);
        assert_eq!(effects(&account), expected, "{action}");
        let announced = format!("SIDE EFFECT (--action {action}): {announced} No undo takes it back.");
        assert!(ran.err.contains(&announced), "{}", told(&ran));
        let json = ran.json();
        assert_eq!(json["action"], action);
        assert_eq!(json["selected"], "--message m5");
        assert_eq!(json["runs"][1]["action"], json!({"action": action, "messages": 1}));
        assert_eq!(json["runs"][1]["command"], format!("retry --message m5 --action {action} --allow-side-effects"));
        assert_eq!(json["runs"][0]["action"], json!(null));
        // A later run says that it was so, and does not do it again.
        then(&folder, "resume").expect(0);
        assert_eq!(effects(&account), expected, "{action}");
        let status = then(&folder, "status").expect(0);
        assert!(status.out.contains(&format!("action    {action}, asked for 1 message by run 2")), "{}", told(&status));
    }
}

#[test]
fn the_screen_says_what_it_does() {
    let (folder, account) = story();
    let _screen = settled(&folder);
    let retry = format!("retry --cause {} --action cancel --allow-side-effects", code(&folder, "400"));
    assert_snapshot!(told(&then(&folder, &retry).expect(0)), @r#"
    exit code 0
    --- stdout
    Plan: Acme to 127.0.0.1:[PORT] (on this machine)

      verdict   ready: 1 of 4 messages to send
      warning   not one message is incoming: check `from_agent` in the mapping
      selected  --cause C7
      action    deletes 1 message in Gorgias
      export    [FOLDER]/export/messages.jsonl, 12 records
      messages  12 messages in 4 tickets, sent 2024-05-01 to 2024-05-12 (UTC)
      matched   12 by the export itself

      updated           8   66.7 %
      failed            1    8.3 %
      to update         3   25.0 %
      messages         12  adds up

      kinds     outgoing 12
      channels  email 12

      failed
             1 C7   400: Bad request.
                    messages.jsonl:5, message m5
                    read the API's message; after a correction, retry

      unexpected
            12      channel: nothing in the export; default: email
            12      from_agent: nothing in the export; default: true

      mail      0 messages blocked that Gorgias might have mailed
      time      3 requests, as fast as the other side answers: 1 greets the account;
                1 updates; 1 reads a ticket first, to see what the account holds

    Finished what was selected; 3 messages wait to be sent.

      updated           8   66.7 %
      absent            1    8.3 %
      pending           3   25.0 %
      messages         12  adds up

      kinds     outgoing 12
      channels  email 12

      action    cancel, asked for 1 message by run 2
                (`retry --cause C7 --action cancel --allow-side-effects`)
      selected  --cause C7
      last run  finished what was selected; 3 requests in [DURATION] ([RATE])
      next      deskferry resume
    --- stderr
    SIDE EFFECT (--action cancel): this run deletes 1 message in Gorgias. No undo takes it back.
    Trying again: 1 message.
    "#);
    assert_eq!(effects(&account), (1, 1, 0));
}

#[test]
fn what_was_deleted_is_absent_for_good_and_nobody_misses_it() {
    let (folder, account) = story();
    // Three were updated, and will not be touched; m5 failed; three wait.
    then(&folder, "retry --batch 2,4 --action cancel --allow-side-effects").expect(0);
    assert_eq!(there(&account), BTreeSet::from([1, 2, 3, 4, 6, 7, 8, 9]));
    let after = totals([("updated", 8), ("absent", 4)]);
    assert_eq!(folder.outcomes("a.deskferry"), after);
    let batches = then(&folder, "status --json").json()["by_batch"].clone();
    assert_eq!((&batches[1]["standing"], &batches[3]["standing"]), (&json!("done"), &json!("done")));
    let verified = then(&folder, "verify").expect(0);
    assert!(!verified.out.contains("gone"), "{}", told(&verified));
    let missing = folder.run("errors --missing --checkpoint a.deskferry").expect(0);
    assert_eq!(missing.out.matches("\"cause\":\"cancelled\"").count(), 4, "{}", told(&missing));
    // No rerun, no other plan and no retry brings it back among what is sent.
    run(&folder, &account, "").expect(0);
    folder.write(
        "acme.toml",
        MAPPING.replace("\"text\"", "\"text\", template = \"{text}!\"").replace("from = \"text\", ", ""),
    );
    run(&folder, &account, "").expect(0);
    then(&folder, "retry").expect(0);
    assert_eq!(folder.outcomes("a.deskferry"), after);
    assert_eq!(effects(&account), (4, 4, 0));
    let undone = then(&folder, "undo --yes").expect(0);
    assert!(undone.out.contains("8 messages"), "what was deleted is no part of it\n{}", told(&undone));
}

#[test]
fn what_was_updated_before_and_is_deleted_now_can_not_be_undone() {
    let folder = plain();
    let account = account(&folder, &[]);
    run(&folder, &account, "--only-batch 1").expect(0);
    folder.write("acme.toml", MAPPING.replace("{ from = \"text\" }", "{ template = \"{text}!\" }"));
    run(&folder, &account, "--only-batch 1 --action cancel --allow-side-effects").expect(0);
    assert_eq!(effects(&account), (3, 3, 0));
    assert_eq!(folder.outcomes("a.deskferry"), totals([("absent", 3), ("pending", 9)]));
    let undo = then(&folder, "undo").expect(0);
    assert!(undo.err.contains("Nothing was changed."), "{}", told(&undo));
    then(&folder, "undo --message m1").expect(2);
}

#[test]
fn what_the_account_holds_already_is_asked_for_all_the_same() {
    let folder = plain();
    let account = account(&folder, &[]);
    run(&folder, &account, "--write ids").expect(0);
    let held = then(&folder, "status --json").json();
    assert_eq!(support::outcomes(&held), totals([("updated", 12)]));
    // Another checkpoint knows nothing of that: the account holds all of it.
    let flag = account.flag();
    let again = format!(
        "run export --mapping acme.toml --write ids --batch-size 3 --rate none -q {flag} --checkpoint b.deskferry"
    );
    folder.run(&format!("{again} --only-batch 1 --action retry --allow-side-effects")).expect(0);
    assert_eq!(effects(&account), (3, 0, 0));
    assert_eq!(folder.outcomes("b.deskferry"), totals([("updated", 3), ("pending", 9)]));
    folder.run(&again).expect(0);
    assert_eq!(folder.outcomes("b.deskferry"), totals([("updated", 3), ("unchanged", 9)]));
}

#[test]
fn what_may_have_happened_is_not_asked_for_twice() {
    // What was mailed has another time now: somebody has to look at it.
    let mailed = totals([("updated", 10), ("blocked", 2)]);
    for (action, code, settled) in [("retry", 0, totals([("updated", 12)])), ("force", 3, mailed)] {
        let folder = plain();
        let account =
            account_with(&folder, vec![(1, Strike::applied(Fault::Reset)), (2, Strike::applied(Fault::ServerError))]);
        let ran = run(&folder, &account, &format!("--only-batch 1 --action {action} --allow-side-effects")).expect(3);
        assert_eq!(effects(&account).0, 3, "once for each\n{}", told(&ran));
        assert_eq!(folder.outcomes("a.deskferry"), totals([("updated", 1), ("unconfirmed", 2), ("pending", 9)]));
        assert!(ran.out.contains("deskferry retry --batch 1 --action"), "{}", told(&ran));
        // Whoever types the same again settles them by reading, without the action.
        let again = format!("retry --batch 1 --action {action} --allow-side-effects");
        then(&folder, &again).expect(code);
        assert_eq!(effects(&account).0, 3, "{again}");
        // So does a resume.
        then(&folder, "resume").expect(code);
        assert_eq!(effects(&account).0, 3);
        assert_eq!(folder.outcomes("a.deskferry"), settled);
    }
}

#[test]
fn a_message_that_was_deleted_though_the_answer_was_lost_is_absent() {
    let folder = plain();
    let strikes = vec![(1, Strike::applied(Fault::Reset)), (2, Strike::unapplied(Fault::BadGateway))];
    let account = account_with(&folder, strikes);
    run(&folder, &account, "--only-batch 1 --action cancel --allow-side-effects").expect(0);
    assert_eq!(effects(&account), (3, 3, 0));
    assert_eq!(folder.outcomes("a.deskferry"), totals([("absent", 3), ("pending", 9)]));
}

#[test]
fn a_message_that_was_not_there_before_is_no_message_that_was_deleted() {
    let (folder, account) = story();
    let target = deskferry::simulator::Target { ticket_id: 2, message_id: 105 };
    account.with(|simulator| simulator.delete_message(target)).expect("it is gone");
    then(&folder, "retry --message m5 --action cancel --allow-side-effects").expect(3);
    assert_eq!(folder.outcomes("a.deskferry"), totals([("updated", 8), ("failed", 1), ("pending", 3)]));
    assert_eq!(effects(&account), (0, 0, 0));
}

#[test]
fn without_all_that_has_to_stand_beside_it_nothing_is_asked_for() {
    let (folder, account) = story();
    let requests = account.counters().requests;
    let mut said = Vec::new();
    for wrong in [
        "retry --action retry",
        "retry --action force --message m5",
        "retry --action cancel --message m5",
        "retry --allow-side-effects",
        "retry --action cancel --allow-side-effects",
        "retry --action cancel --allow-side-effects --messages-since 2024-05-01",
        "retry --action force --allow-side-effects --message m5 --sample 1",
    ] {
        let ran = then(&folder, wrong).expect(2);
        assert_one_clear_sentence(&ran);
        said.push(format!("{wrong}\n{}\n", ran.err));
    }
    assert_snapshot!(said.concat(), @r#"
    retry --action retry
    error: `--action retry` tries the external actions of messages again, which no undo takes back

    hint: if that is meant, say --allow-side-effects, too; nothing was sent

    retry --action force --message m5
    error: `--action force` sends messages to customers, which no undo takes back

    hint: if that is meant, say --allow-side-effects, too; nothing was sent

    retry --action cancel --message m5
    error: `--action cancel` deletes messages in Gorgias, which no undo takes back

    hint: if that is meant, say --allow-side-effects, too; nothing was sent

    retry --allow-side-effects
    error: `--allow-side-effects` allows nothing by itself

    hint: it stands beside --action; without one, updates have no side effects

    retry --action cancel --allow-side-effects
    error: `--action cancel` deletes messages: it has to be said which

    hint: retry takes --message ID, --cause CODE and --batch N, run takes --only-batch N; nothing was sent

    retry --action cancel --allow-side-effects --messages-since 2024-05-01
    error: `--action cancel` deletes messages: it has to be said which

    hint: retry takes --message ID, --cause CODE and --batch N, run takes --only-batch N; nothing was sent

    retry --action force --allow-side-effects --message m5 --sample 1
    error: `--action force` can't go with --sample, which looks for what no update does by itself

    hint: retry --message ID tries it on one message; nothing was sent
    "#);
    for wrong in [
        "retry --action delete --allow-side-effects",
        "resume --action retry --allow-side-effects",
        "undo --action cancel --allow-side-effects",
        "retry --action retry --allow-side-effects=no",
    ] {
        then(&folder, wrong).expect(2);
    }
    run(&folder, &account, "--action cancel --allow-side-effects").expect(2);
    run(&folder, &account, "--action retry --allow-side-effects --dry-run").expect(2);
    assert_eq!((effects(&account), account.counters().requests), ((0, 0, 0), requests));
    assert_eq!(arrived(&account).len(), 8);
}

#[test]
fn what_was_confirmed_without_an_action_is_confirmed_anew_with_one() {
    let folder = plain();
    let real = [("GORGIAS_DOMAIN", "acme"), ("GORGIAS_EMAIL", "ann@acme.example"), ("GORGIAS_API_KEY", "k")];
    let command = |arguments: &str| Ran::of(folder.command(arguments).envs(real).output().expect("deskferry starts"));
    command("run export --mapping acme.toml --write ids").expect(2);
    let checkpoint =
        Checkpoint::open(&folder.file("acme.deskferry"), Access::Write(&holder())).expect("the checkpoint");
    checkpoint.note(Note::Confirmed, "yes").expect("the checkpoint");
    drop(checkpoint);
    let ran = command("retry --message m1 --action force --allow-side-effects").expect(2);
    assert!(ran.err.contains("SIDE EFFECT (--action force): this run has Gorgias"), "{}", told(&ran));
    assert!(ran.err.contains("error: a run on a real account has to be confirmed"), "{}", told(&ran));
}
