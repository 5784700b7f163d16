//! Nothing goes to a real account before the operator has said what to write and named the account; and the key goes
//! nowhere but into the header of a request.

#![allow(clippy::expect_used, reason = "a test may stop at what it did not expect")]

#[path = "support/screen.rs"]
mod screen;
#[path = "support/small.rs"]
mod small;
mod support;

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use deskferry::simulator::{Access, Settings};
use insta::assert_snapshot;
use screen::{assert_one_clear_sentence, settled, told};
use support::{Account, Folder, Ran, totals};

const EMAIL: &str = "ann@acme.example";
const KEY: &str = "9f2c-the-key-of-acme-77aa";
const REAL: [(&str, &str); 3] = [("GORGIAS_DOMAIN", "acme"), ("GORGIAS_EMAIL", EMAIL), ("GORGIAS_API_KEY", KEY)];

fn run(folder: &Folder, arguments: &str, variables: &[(&str, &str)]) -> Ran {
    Ran::of(folder.command(arguments).envs(variables.iter().copied()).output().expect("deskferry starts"))
}

/// A run is written down before its first request, so a checkpoint without runs has made none.
#[track_caller]
fn assert_no_request_was_made(folder: &Folder) {
    let status = folder.run("status --json --checkpoint acme.deskferry").json();
    assert_eq!(status["runs"], serde_json::json!([]));
    assert_eq!(status["attempts"], 0);
}

#[test]
fn without_write_nothing_is_planned() {
    let folder = small::folder();
    let _screen = settled(&folder);
    let ran = run(&folder, "run export --mapping zendesk --confirm acme", &REAL).expect(2);
    assert_one_clear_sentence(&ran);
    assert_snapshot!(told(&ran), @"
    exit code 2
    --- stderr
    error: what to write is not said: an update replaces what the account holds

    hint: --write ids (external_id and message_id), --write missing (those, and what the account lacks) or --write all
    ");
    assert!(!folder.file("acme.deskferry").exists(), "not even a plan is made");
}

#[test]
fn without_a_confirmation_the_plan_is_shown_and_nothing_is_sent() {
    let folder = small::folder();
    let _screen = settled(&folder);
    let ran = run(&folder, "run export --mapping zendesk --write ids", &REAL).expect(2);
    assert_one_clear_sentence(&ran);
    assert_snapshot!(told(&ran), @r#"
    exit code 2
    --- stdout
    Plan: Zendesk to the account acme

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

      writes    ids: channel 3, external_id 3, from_agent 3, sent_datetime 3, via 3
      leaves    body_html 3, body_text 3, sender 3, source 3, subject 3 as the
                account has them
      mail      0 messages blocked that Gorgias might have mailed
      time      6 requests at 40/20s: 3 s, until [TIME] if it starts
                now: 1 greets the account; 3 update; 2 read tickets first, so that
                the run can be undone (--undo off saves them)
    --- stderr
    error: a run on a real account has to be confirmed

    hint: `--confirm acme` says it without being asked; nothing was sent
    "#);
    assert_no_request_was_made(&folder);
    // What was not confirmed once is not taken for confirmed the next time.
    for command in ["run export --mapping zendesk --write ids", "resume", "retry"] {
        let again = run(&folder, command, &REAL).expect(2);
        assert_eq!(again.err, ran.err, "{command}");
    }
    assert_no_request_was_made(&folder);
}

#[test]
fn with_the_name_of_another_account_nothing_is_planned() {
    let folder = small::folder();
    let _screen = settled(&folder);
    let ran = run(&folder, "run export --mapping zendesk --write ids --confirm acne", &REAL).expect(2);
    assert_one_clear_sentence(&ran);
    assert_snapshot!(told(&ran), @"
    exit code 2
    --- stderr
    error: `--confirm acne` names another account than `acme`, which the run is for

    hint: nothing was sent; check GORGIAS_DOMAIN, --base-url or the checkpoint
    ");
    for wrong in ["ACME", "acme.gorgias.com", "acme2", "yes"] {
        let ran = run(&folder, &format!("run export --mapping zendesk --write all --confirm {wrong}"), &REAL).expect(2);
        assert_one_clear_sentence(&ran);
    }
    assert!(!folder.file("acme.deskferry").exists());
}

#[test]
fn a_checkpoint_of_a_real_account_is_not_sent_to_another_one() {
    let folder = small::folder();
    let _screen = settled(&folder);
    run(&folder, "run export --mapping zendesk --write ids", &REAL).expect(2);
    let other = [("GORGIAS_DOMAIN", "bravo"), ("GORGIAS_EMAIL", EMAIL), ("GORGIAS_API_KEY", KEY)];
    let ran = run(&folder, "resume --confirm bravo", &other).expect(2);
    assert_one_clear_sentence(&ran);
    assert_snapshot!(told(&ran), @"
    exit code 2
    --- stderr
    error: the checkpoint acme.deskferry is for `acme`, and this is `bravo`

    hint: use a checkpoint of its own for each account: --checkpoint FILE
    ");
    assert_no_request_was_made(&folder);
}

#[test]
fn a_plan_needs_no_credentials_and_names_the_account() {
    let folder = small::folder();
    let _screen = settled(&folder);
    let plan = run(&folder, "plan export --mapping zendesk --write ids", &REAL[..1]).expect(0);
    assert_snapshot!(told(&plan), @r#"
    exit code 0
    --- stdout
    Plan: Zendesk to the account acme

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

      writes    ids: channel 3, external_id 3, from_agent 3, sent_datetime 3, via 3
      leaves    body_html 3, body_text 3, sender 3, source 3, subject 3 as the
                account has them
      mail      0 messages blocked that Gorgias might have mailed
      time      6 requests at 40/20s: 3 s, until [TIME] if it starts
                now: 1 greets the account; 3 update; 2 read tickets first, so that
                the run can be undone (--undo off saves them)
      next      deskferry run export --mapping zendesk --write ids --sample 20

    Nothing was sent.
    "#);
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1, "the export alone");
}

/// Every file below `folder`, but the exports.
fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push((path.display().to_string(), fs::read(&path).expect("a file")));
        }
    }
}

/// Runs into a loopback account that lets in `header` alone, then with wrong credentials, and looks for the secret in all
/// that was printed or written.
#[track_caller]
fn keeps_secret(arguments: &str, variables: &[(&str, &str)], header: &str, secrets: &[String], key_file: Option<&str>) {
    let folder = small::folder();
    if let Some(key) = key_file {
        folder.write("secret/key", format!("{key}\n"));
    }
    let ids = folder.file("export/ids.csv");
    let right = Account::start(Settings { access: Access::Only(header.to_owned()), ..Settings::default() }, &ids);
    let wrong = Account::start(Settings { access: Access::Only("Basic eDp5".into()), ..Settings::default() }, &ids);
    let mut seen = Vec::new();
    for (account, code, checkpoint) in [(&right, 0, "right.deskferry"), (&wrong, 4, "wrong.deskferry")] {
        let flag = account.flag();
        let run_it = format!(
            "run export --mapping zendesk --rate none --checkpoint {checkpoint} --report report-{code} {flag} {arguments}"
        );
        for command in [
            run_it,
            format!("resume --rate none --json --checkpoint {checkpoint} {arguments}"),
            format!("plan export --mapping zendesk --show 3 --checkpoint {checkpoint} {flag}"),
        ] {
            let code = if command.starts_with("plan") { 0 } else { code };
            let ran = run(&folder, &command, variables).expect(code);
            seen.extend([(command.clone(), ran.out.into_bytes()), (command, ran.err.into_bytes())]);
        }
        for command in ["status --json", "errors --all"] {
            let ran = run(&folder, &format!("{command} --checkpoint {checkpoint}"), variables);
            seen.extend([(command.to_owned(), ran.out.into_bytes()), (command.to_owned(), ran.err.into_bytes())]);
        }
    }
    assert_eq!(folder.outcomes("right.deskferry"), totals([("updated", 3)]));
    assert_eq!(right.updated().len(), 3, "the credentials were right");
    files(folder.path(), &mut seen);
    assert!(seen.iter().any(|(name, _)| name.ends_with("report.json")));
    assert!(seen.iter().any(|(name, _)| name.ends_with("right.deskferry.lock")));
    for (name, bytes) in seen.iter().filter(|(name, _)| !name.ends_with("secret/key")) {
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {name}");
        }
    }
}

/// `secret` plainly and in the forms of base64.
fn forms(secret: &str) -> Vec<String> {
    let pair = format!("{EMAIL}:{secret}");
    let mut forms = vec![secret.to_owned()];
    for text in [secret, &pair] {
        forms.extend([STANDARD.encode(text), STANDARD_NO_PAD.encode(text), URL_SAFE_NO_PAD.encode(text)]);
    }
    forms
}

#[test]
fn a_key_from_the_environment_is_nowhere_to_be_read() {
    let header = format!("Basic {}", STANDARD.encode(format!("{EMAIL}:{KEY}")));
    keeps_secret("", &[("GORGIAS_EMAIL", EMAIL), ("GORGIAS_API_KEY", KEY)], &header, &forms(KEY), None);
}

#[test]
fn a_key_from_a_file_is_nowhere_to_be_read() {
    let header = format!("Basic {}", STANDARD.encode(format!("{EMAIL}:{KEY}")));
    keeps_secret("--api-key-file secret/key", &[("GORGIAS_EMAIL", EMAIL)], &header, &forms(KEY), Some(KEY));
}

#[test]
fn an_access_token_is_nowhere_to_be_read() {
    let token = "eyJ-the-token-of-acme-42";
    // It goes before a key that is set as well.
    let variables = [("GORGIAS_ACCESS_TOKEN", token), ("GORGIAS_EMAIL", EMAIL), ("GORGIAS_API_KEY", KEY)];
    let secrets: Vec<_> = forms(token).into_iter().chain(forms(KEY)).collect();
    keeps_secret("", &variables, &format!("Bearer {token}"), &secrets, None);
}

#[test]
fn credentials_are_no_arguments() {
    let folder = small::folder();
    for option in ["--api-key", "--email", "--token", "--access-token", "--password"] {
        folder.run(&format!("run export --mapping zendesk --simulate {option} x")).expect(2);
    }
}

#[cfg(unix)]
#[test]
fn the_checkpoint_and_the_simulated_account_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = small::folder();
    folder.run("run export --mapping zendesk --simulate --quiet").expect(0);
    for file in ["simulator.deskferry", "simulator.deskferry.account"] {
        let mode = fs::metadata(folder.file(file)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}
