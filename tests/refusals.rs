//! Whatever is wrong is told in one clear sentence: what, where, and what next, with the right exit code, and nothing is
//! lost or sent.

#![allow(clippy::expect_used, reason = "a test may stop at what it did not expect")]

#[path = "support/screen.rs"]
mod screen;
#[path = "support/small.rs"]
mod small;
mod support;

use std::fs;

use deskferry::checkpoint::{Holder, Lock};
use deskferry::simulator::{Access, Settings};
use insta::{allow_duplicates, assert_snapshot};
use screen::{assert_one_clear_sentence, settled, told};
use support::{Account, Folder, Ran, sample, totals};

const RUN: &str = "run export --mapping zendesk --simulate --quiet";

/// The command is refused with this exit code before it prints a result, and leaves no plan and no account behind.
#[track_caller]
fn refused(folder: &Folder, arguments: &str, code: i32) -> String {
    refused_with(folder, arguments, &[], code)
}

#[track_caller]
fn refused_with(folder: &Folder, arguments: &str, variables: &[(&str, &str)], code: i32) -> String {
    let output = folder.command(arguments).envs(variables.iter().copied()).output().expect("deskferry starts");
    let ran = Ran::of(output).expect(code);
    assert_one_clear_sentence(&ran);
    assert_eq!(ran.out, "", "nothing that looks like a result");
    assert!(!folder.file("simulator.deskferry.account").exists(), "nothing was sent");
    told(&ran)
}

// The account

#[test]
fn a_domain_that_is_a_web_address_is_refused_with_the_name_that_was_meant() {
    let folder = small::folder();
    let _screen = settled(&folder);
    let run = "run export --mapping zendesk --write ids";
    for written in ["https://acme.gorgias.com", "acme.gorgias.com", "ACME", "https://acme.gorgias.com/"] {
        let told = refused_with(&folder, run, &[("GORGIAS_DOMAIN", written)], 2);
        assert!(told.contains("hint: did you mean `acme`?"), "{told}");
    }
    assert_snapshot!(refused_with(&folder, run, &[("GORGIAS_DOMAIN", "https://acme.gorgias.com")], 2), @"
    exit code 2
    --- stderr
    error: `https://acme.gorgias.com` is not a Gorgias domain: it is the part before `.gorgias.com`, lower-case letters, digits and hyphens

    hint: did you mean `acme`? Nothing was sent
    ");
}

#[test]
fn a_domain_that_leads_to_a_stranger_is_refused() {
    let folder = small::folder();
    let _screen = settled(&folder);
    let run = "run export --mapping zendesk --write ids";
    for written in
        ["acme.evil.com", "acme.evil.com/.gorgias.com", "acme@evil.com", "acme:80", "acme/../x", "-acme", "acme#"]
    {
        refused_with(&folder, run, &[("GORGIAS_DOMAIN", written)], 2);
        refused_with(&folder, "plan export --mapping zendesk", &[("GORGIAS_DOMAIN", written)], 2);
    }
    assert_snapshot!(refused_with(&folder, run, &[("GORGIAS_DOMAIN", "acme.evil.com/")], 2), @"
    exit code 2
    --- stderr
    error: `acme.evil.com/` is not a Gorgias domain: it is the part before `.gorgias.com`, lower-case letters, digits and hyphens

    hint: if you work at https://acme.gorgias.com, it is `acme`; nothing was sent
    ");
}

#[test]
fn no_account_is_named() {
    let folder = small::folder();
    let _screen = settled(&folder);
    assert_snapshot!(refused(&folder, "run export --mapping zendesk", 2), @"
    exit code 2
    --- stderr
    error: no account is named

    hint: set GORGIAS_DOMAIN, GORGIAS_EMAIL and GORGIAS_API_KEY; to rehearse, --simulate, or --base-url of a simulator
    ");
}

#[test]
fn credentials_are_missing() {
    let folder = small::folder();
    let _screen = settled(&folder);
    let run = "run export --mapping zendesk --write ids --confirm acme";
    let domain = ("GORGIAS_DOMAIN", "acme");
    assert_snapshot!(refused_with(&folder, run, &[domain], 2), @"
    exit code 2
    --- stderr
    error: no credentials for acme: GORGIAS_EMAIL and GORGIAS_API_KEY are not set

    hint: Gorgias shows both under Settings, REST API; set them in the environment (the key may be in a file: --api-key-file)
    ");
    let told = refused_with(&folder, run, &[domain, ("GORGIAS_EMAIL", "ann@acme.example")], 2);
    assert!(told.contains("no credentials for acme: GORGIAS_API_KEY is not set"), "{told}");
    let told = refused_with(&folder, run, &[domain, ("GORGIAS_API_KEY", "key")], 2);
    assert!(told.contains("no credentials for acme: GORGIAS_EMAIL is not set"), "{told}");
    assert!(!folder.file("acme.deskferry").exists(), "not even a plan is made");
}

#[test]
fn a_key_file_is_missing_or_holds_no_key() {
    let folder = small::folder();
    let _screen = settled(&folder);
    folder.write("blank", "\n");
    let variables = [("GORGIAS_DOMAIN", "acme"), ("GORGIAS_EMAIL", "ann@acme.example")];
    let run = "run export --mapping zendesk --write ids --confirm acme --api-key-file";
    assert_snapshot!(refused_with(&folder, &format!("{run} nope"), &variables, 2), @"
    exit code 2
    --- stderr
    error: the key file nope can't be read: No such file or directory (os error [N])

    hint: --api-key-file names a file with the key and nothing else, which you may read
    ");
    assert_snapshot!(refused_with(&folder, &format!("{run} blank"), &variables, 2), @"
    exit code 2
    --- stderr
    error: the key file blank holds no key

    hint: --api-key-file names a file with the key and nothing else, which you may read
    ");
}

/// A run that an account ends by itself: exit code 4, one sentence, everything still to be sent, and a resume that
/// finishes once the account has changed its mind.
#[track_caller]
fn stopped_by(access: Access) -> (Folder, String) {
    let folder = small::folder();
    let account = Account::start(Settings { access, ..Settings::default() }, &folder.file("export/ids.csv"));
    let run = format!("run export --mapping zendesk --rate none --quiet --checkpoint c.deskferry {}", account.flag());
    let ran = folder.run(&run).expect(4);
    assert_one_clear_sentence(&ran);
    assert!(ran.out.contains("ready: 3 messages to send"), "{}", ran.out);
    assert!(!ran.out.contains("Finished"), "{}", ran.out);
    assert!(account.updated().is_empty());
    assert_eq!(account.counters().requests, 1, "one request is enough to know");
    assert_eq!(folder.outcomes("c.deskferry"), totals([("pending", 3)]));
    account.with(|simulator| simulator.set_access(Access::Anyone));
    folder.run("resume --checkpoint c.deskferry --rate none --quiet").expect(0);
    assert_eq!(folder.outcomes("c.deskferry"), totals([("updated", 3)]));
    let told = format!("exit code {}\n{}", ran.code, ran.err.trim_end());
    (folder, told)
}

#[test]
fn a_wrong_domain_stops_the_run() {
    let (folder, told) = stopped_by(Access::WrongDomain);
    let _screen = settled(&folder);
    assert_snapshot!(told, @"
    exit code 4
    error: 127.0.0.1:[PORT]: there is no Gorgias account here (404 with a web page in place of an answer)

    hint: check GORGIAS_DOMAIN, then the same command again; nothing was sent
    ");
}

#[test]
fn a_wrong_key_stops_the_run() {
    let (folder, told) = stopped_by(Access::Only("Basic of somebody else".into()));
    let _screen = settled(&folder);
    assert_snapshot!(told, @"
    exit code 4
    error: 127.0.0.1:[PORT]: the credentials are not accepted (401: Unauthorized)

    hint: check GORGIAS_EMAIL and GORGIAS_API_KEY (or GORGIAS_ACCESS_TOKEN), then the same command again; nothing was sent
    ");
}

#[test]
fn a_role_without_the_permission_stops_the_run() {
    let (folder, told) = stopped_by(Access::Forbidden);
    let _screen = settled(&folder);
    assert_snapshot!(told, @"
    exit code 4
    error: 127.0.0.1:[PORT]: the user may not read the account (403: Forbidden)

    hint: use the key of a user who may edit tickets, then the same command again; nothing was sent
    ");
}

#[test]
fn no_network_stops_the_run_which_can_be_resumed() {
    let folder = small::folder();
    let _screen = settled(&folder);
    // A port that nothing listens at, and that no other test can be given.
    let run = "run export --mapping zendesk --rate none --quiet --base-url http://127.0.0.1:1";
    let ran = folder.run(run).expect(4);
    assert_one_clear_sentence(&ran);
    assert_snapshot!(told(&ran), @r#"
    exit code 4
    --- stdout
    Plan: Zendesk to 127.0.0.1:1 (on this machine)

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
      time      6 requests, as fast as the other side answers: 1 greets the account;
                3 update; 2 read tickets first, so that the run can be undone
                (--undo off saves them)
    --- stderr
    error: 127.0.0.1:1: the account can't be reached (no connection: Connection refused (os error [N]))

    hint: check the network, and at a rehearsal that the simulator runs, then the same command again; nothing was sent
    "#);
    assert_eq!(folder.outcomes("127.0.0.1-1.deskferry"), totals([("pending", 3)]));
    let again = folder.run("resume --rate none --quiet").expect(4);
    assert_eq!(again.err, ran.err);
}

#[test]
fn a_scan_of_a_server_that_is_not_there_does_not_wait_for_the_longest_outage() {
    let folder = small::folder();
    let _screen = settled(&folder);
    let ran = folder.run("scan --quiet --max-outage 2h --base-url http://127.0.0.1:1").expect(4);
    assert_one_clear_sentence(&ran);
    assert_snapshot!(ran.err, @"
    error: 127.0.0.1:1 can't be reached (no connection: Connection refused (os error [N]))

    hint: check the network, and at a rehearsal that the simulator runs, then `deskferry scan --quiet --max-outage 2h --base-url http://127.0.0.1:1` goes on with it
    ");
}

#[test]
fn a_base_url_that_would_carry_the_key_in_the_clear_is_refused() {
    let folder = small::folder();
    let _screen = settled(&folder);
    assert_snapshot!(refused(&folder, "run export --mapping zendesk --base-url http://example.com", 2), @"
    exit code 2
    --- stderr
    error: `http://example.com` would carry the key and the messages unencrypted: http is for this machine alone

    hint: a simulator is at http://127.0.0.1:9700, say; leave --base-url out for a real account
    ");
    assert_snapshot!(refused(&folder, "run export --mapping zendesk --base-url http://127.0.0.1:9/api", 2), @"
    exit code 2
    --- stderr
    error: `http://127.0.0.1:9/api` is not a base URL: it is an origin such as http://127.0.0.1:9700, without a path

    hint: a simulator is at http://127.0.0.1:9700, say; leave --base-url out for a real account
    ");
    for url in [
        "ftp://127.0.0.1",
        "127.0.0.1:9700",
        "http://key@127.0.0.1:9",
        "http://127.0.0.1:9/?a=b",
        "http://localhost.evil.com",
    ] {
        refused(&folder, &format!("run export --mapping zendesk --base-url {url}"), 2);
    }
}

// The export

#[test]
fn an_export_that_is_not_there_is_named_with_its_nearest_neighbour() {
    let folder = small::folder();
    let _screen = settled(&folder);
    assert_snapshot!(refused(&folder, "run exprot --mapping zendesk --simulate", 2), @"
    exit code 2
    --- stderr
    error: exprot does not exist

    hint: did you mean `export`?
    ");
    assert_snapshot!(refused(&folder, "run export/tickts.jsonl --mapping zendesk --simulate", 2), @"
    exit code 2
    --- stderr
    error: export/tickts.jsonl does not exist

    hint: did you mean `tickets.jsonl`?
    ");
    assert_snapshot!(refused(&folder, "run quite/else --mapping zendesk --simulate", 2), @"
    exit code 2
    --- stderr
    error: quite/else does not exist

    hint: check the name, and the folder that you are in
    ");
}

#[test]
fn an_empty_folder_an_empty_file_and_a_folder_of_other_things() {
    let folder = small::folder();
    let _screen = settled(&folder);
    fs::create_dir(folder.file("empty")).expect("a folder");
    folder.write("blank/tickets.jsonl", " \n\n");
    folder.write("blank/users.jsonl", folder.read("export/users.jsonl"));
    folder.write("other/letter.txt", "Dear all");
    assert_snapshot!(refused(&folder, "run empty --mapping zendesk --simulate", 2), @"
    exit code 2
    --- stderr
    error: the folder empty holds no files

    hint: name the folder or the files that hold the export
    ");
    assert_snapshot!(refused(&folder, "run blank --mapping zendesk --simulate", 2), @r#"
    exit code 2
    --- stderr
    error: blank/tickets.jsonl is empty

    hint: export it again, or leave the file out
    "#);
    assert_snapshot!(refused(&folder, "run other --mapping zendesk --simulate", 2), @"
    exit code 2
    --- stderr
    error: no file in other is named like an export: looked for *tickets*.json*, *tickets*.ndjson*; there is letter.txt

    hint: name the files themselves, or choose another mapping with --mapping
    ");
}

#[test]
fn a_rehearsal_without_ids_says_how_to_rehearse() {
    let folder = small::folder();
    fs::remove_file(folder.file("export/ids.csv")).expect("it is there");
    assert_snapshot!(refused(&folder, RUN, 2), @"
    exit code 2
    --- stderr
    error: there is no ids file, and the simulator inside holds what an ids file names

    hint: to rehearse, put ids.csv (external_id,ticket_id,message_id) beside the export, or name it with --ids FILE: invented numbers will do, a line for each message
    ");
    assert_snapshot!(refused(&folder, "scan export --mapping zendesk --simulate", 2), @"
    exit code 2
    --- stderr
    error: the simulator inside has no account to read: it holds what an ids file names, once a run was made

    hint: `deskferry run EXPORT --mapping NAME --ids ids.csv --simulate` rehearses with invented ids; `deskferry simulator --messages FILE` serves an account that can be read, with --base-url
    ");
}

#[test]
fn standard_input_has_no_name_for_a_mapping_that_goes_by_names() {
    assert_snapshot!(refused(&Folder::new(), "plan - --mapping freshdesk", 2), @"
    exit code 2
    --- stderr
    error: the mapping freshdesk tells records apart by the names of their files

    hint: standard input has no name: put what it holds into files, and name those
    ");
}

#[test]
fn a_copied_mapping_is_named_by_its_file() {
    let folder = small::folder();
    folder.write("mine.toml", folder.run("mapping show zendesk").expect(0).out);
    fs::remove_file(folder.file("export/users.jsonl")).expect("it is there");
    let told = refused(&folder, &RUN.replace("zendesk", "mine.toml"), 2);
    assert!(told.contains("mine.toml needs the lookup `users`"), "{told}");
}

#[test]
fn a_lookup_that_is_missing_or_unknown() {
    let folder = small::folder();
    let _screen = settled(&folder);
    let users = folder.read("export/users.jsonl");
    fs::remove_file(folder.file("export/users.jsonl")).expect("a file less");
    folder.write("people.jsonl", users);
    assert_snapshot!(refused(&folder, RUN, 2), @"
    exit code 2
    --- stderr
    error: the mapping zendesk needs the lookup `users`, and no file for it is beside the export

    hint: export that, too, and put it there (it is looked for as users*.json* or users*.ndjson* or *_users*.json*), or name it with --lookup users=FILE
    ");
    assert_snapshot!(refused(&folder, &format!("{RUN} --lookup users=nope.jsonl"), 2), @"
    exit code 2
    --- stderr
    error: there is no file nope.jsonl, which --lookup names for `users`

    hint: check the name, and the folder that you are in
    ");
    assert_snapshot!(refused(&folder, &format!("{RUN} --lookup user=people.jsonl"), 2), @"
    exit code 2
    --- stderr
    error: the mapping zendesk has no lookup `user`

    hint: it has: users
    ");
    assert_snapshot!(refused(&folder, &format!("{RUN} --lookup people.jsonl"), 2), @"
    exit code 2
    --- stderr
    error: `--lookup people.jsonl` is not NAME=FILE

    hint: such as --lookup users=users.jsonl
    ");
    folder.run(&format!("{RUN} --lookup users=people.jsonl")).expect(0);
}

/// Runs `export` as it is now: exit code 3, and what `deskferry errors` says of the blocked messages.
#[track_caller]
fn blocked(folder: &Folder, run: &str, updated: u64, blocked: u64) -> String {
    folder.run(run).expect(3);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", updated), ("blocked", blocked)]));
    let errors = folder.run("errors").expect(0);
    let rows: Vec<_> = errors.out.lines().skip(1).collect();
    rows.join("\n")
}

#[test]
fn a_truncated_last_line_is_blocked_and_the_rest_arrives() {
    let folder = small::folder();
    let _screen = settled(&folder);
    let whole = folder.read("export/tickets.jsonl");
    folder.write("export/tickets.jsonl", &whole[..whole.len() - 40]);
    assert_snapshot!(blocked(&folder, RUN, 2, 1), @r#"[FOLDER]/export/tickets.jsonl,2,3,1,,,,,blocked,C1,the file ends in the middle of this record,"export it again, or mend the file at this place""#);
    folder.write("export/tickets.jsonl", whole);
    folder.run("retry --quiet").expect(0);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 3)]));
}

#[test]
fn broken_utf_8_is_blocked_and_the_rest_arrives() {
    let folder = small::folder();
    let _screen = settled(&folder);
    let mut bytes = folder.read("export/tickets.jsonl").into_bytes();
    let at = bytes.iter().position(|&byte| byte == b'?').expect("a question");
    bytes[at] = 0xE9;
    folder.write("export/tickets.jsonl", bytes);
    assert_snapshot!(blocked(&folder, RUN, 1, 1), @r#"[FOLDER]/export/tickets.jsonl,1,1,1,,,,,blocked,C1,not valid UTF-8 at byte 70 of the line,"export it again, or mend the file at this place""#);
}

#[test]
fn a_csv_row_that_is_too_short_is_blocked_and_the_rest_arrives() {
    let folder = Folder::new();
    let _screen = settled(&folder);
    let mut rows = csv::Reader::from_path(sample("zendesk-comments-csv").join("comments.csv")).expect("the CSV");
    let mut short = csv::Writer::from_writer(Vec::new());
    short.write_record(rows.headers().expect("a header")).expect("a row");
    for row in rows.records().take(2) {
        short.write_record(&row.expect("a row")).expect("a row");
    }
    let mut text = short.into_inner().expect("the rows");
    text.extend(b"32396827745,1,cut\n");
    folder.write("export/comments.csv", text);
    folder.write("export/ids.csv", fs::read(sample("zendesk-comments-csv").join("ids.csv")).expect("the ids"));
    let run = "run export --mapping zendesk-comments-csv --simulate --quiet";
    assert_snapshot!(blocked(&folder, run, 2, 1), @r#"[FOLDER]/export/comments.csv,12,3,1,,,,,blocked,C1,"row has 3 cells, the header has 14","export it again, or mend the file at this place""#);
}

#[test]
fn an_ids_file_that_can_not_be_used() {
    let folder = small::folder();
    let _screen = settled(&folder);
    folder.write("column.csv", "external_id,ticket,message_id\n301,1001,5001\n");
    folder.write("number.csv", "external_id,ticket_id,message_id\n301,1001,5001\n302,1001,3.3E+13\n");
    folder.write("blank.csv", "external_id,ticket_id,message_id\n301,1001,\n");
    assert_snapshot!(refused(&folder, &format!("{RUN} --ids column.csv"), 2), @"
    exit code 2
    --- stderr
    error: column.csv:1: the ids file has no column `ticket_id`; it has external_id, ticket, message_id

    hint: the ids file needs the columns external_id, ticket_id and message_id
    ");
    assert_snapshot!(refused(&folder, &format!("{RUN} --ids number.csv"), 2), @"
    exit code 2
    --- stderr
    error: number.csv:3: message_id `3.3E+13` is no whole number: a spreadsheet may have changed it

    hint: correct this row; spreadsheets must keep ids as text
    ");
    assert_snapshot!(refused(&folder, &format!("{RUN} --ids blank.csv"), 2), @"
    exit code 2
    --- stderr
    error: blank.csv:2: message_id is empty

    hint: correct this row; spreadsheets must keep ids as text
    ");
    assert_snapshot!(refused(&folder, &format!("{RUN} --ids numbr.csv"), 2), @"
    exit code 2
    --- stderr
    error: numbr.csv does not exist

    hint: did you mean `number.csv`?
    ");
}

// The mapping

#[test]
fn a_mapping_that_is_unknown_or_not_named() {
    let folder = small::folder();
    let _screen = settled(&folder);
    assert_snapshot!(refused(&folder, "run export --mapping zendeks --simulate", 2), @r#"
    exit code 2
    --- stderr
    error: there is no mapping `zendeks`, built in or as a file

    hint: did you mean `zendesk`? built in: aircall, freshdesk, freshdesk-export, front, generic-csv, generic-json, gorgias, gorgias-backup, help-scout, intercom, intercom-csv, kustomer, zammad, zendesk, zendesk-audits, zendesk-comments-csv, zendesk-incremental, zoho-desk
    "#);
    assert_snapshot!(refused(&folder, "run export --mapping mine.toml --simulate", 2), @r#"
    exit code 2
    --- stderr
    error: there is no mapping `mine.toml`, built in or as a file

    hint: built in: aircall, freshdesk, freshdesk-export, front, generic-csv, generic-json, gorgias, gorgias-backup, help-scout, intercom, intercom-csv, kustomer, zammad, zendesk, zendesk-audits, zendesk-comments-csv, zendesk-incremental, zoho-desk
    "#);
    assert_snapshot!(refused(&folder, "run export --simulate", 2), @r#"
    exit code 2
    --- stderr
    error: no mapping is named

    hint: --mapping NAME or FILE; built in: aircall, freshdesk, freshdesk-export, front, generic-csv, generic-json, gorgias, gorgias-backup, help-scout, intercom, intercom-csv, kustomer, zammad, zendesk, zendesk-audits, zendesk-comments-csv, zendesk-incremental, zoho-desk
    "#);
    assert_snapshot!(refused(&folder, "mapping show zendeks", 2), @r#"
    exit code 2
    --- stderr
    error: there is no built-in mapping `zendeks`

    hint: did you mean `zendesk`? built in: aircall, freshdesk, freshdesk-export, front, generic-csv, generic-json, gorgias, gorgias-backup, help-scout, intercom, intercom-csv, kustomer, zammad, zendesk, zendesk-audits, zendesk-comments-csv, zendesk-incremental, zoho-desk
    "#);
}

#[test]
fn every_mistake_of_a_mapping_is_shown_where_it_stands() {
    let folder = small::folder();
    let _screen = settled(&folder);
    let right = folder.run("mapping show zendesk").expect(0).out;
    let wrong = right.replace(r#"["datetime"]"#, r#"["datetme"]"#).replace("subject = {", "subjct = {");
    folder.write("mine.toml", wrong);
    let ran = folder.run("run export --mapping mine.toml --simulate").expect(2);
    assert_eq!(ran.out, "");
    assert_snapshot!(told(&ran), @r#"
    exit code 2
    --- stderr
    error: unknown transform `datetme`
       --> mine.toml:161:50
        |
    161 | sent_datetime = { from = "created_at", apply = ["datetme"], required = true }
        |                                                  ^^^^^^^ did you mean `datetime`?
        |
        = valid: trim, lowercase, uppercase, slice, truncate, prefix, suffix, replace, extract, split, join, item, addresses, email_address, display_name, message_id, phone, html_to_text, text_to_html, decode_entities, hash, to_string, integer, round, boolean, datetime, time_format, rfc2822, epoch_seconds, epoch_millis

    error: unknown field `subjct`
       --> mine.toml:166:1
        |
    166 | subjct = { from = "parent.subject" }
        | ^^^^^^ did you mean `subject`?
        |
        = valid: attachments, body_html, body_text, channel, external_id, failed_datetime, from_agent, message_id, receiver, sender, sent_datetime, source, subject, via
    "#);
    assert_eq!(folder.run("mapping check mine.toml").expect(2).err, ran.err);
    assert!(!folder.file("simulator.deskferry").exists());
}

// What is typed

#[test]
fn nonsense_in_an_option_is_refused_before_anything_is_read() {
    let folder = small::folder();
    let _screen = settled(&folder);
    assert_snapshot!(refused(&folder, &format!("{RUN} --rate nonsense"), 2), @"
    exit code 2
    --- stderr
    error: `nonsense` is no rate: it is written as requests/seconds, neither of them 0

    hint: 40/20s (API key), 80/20s (OAuth app), 40/10s (Enterprise), or none
    ");
    assert_snapshot!(refused(&folder, &format!("{RUN} --rate 0/20s"), 2), @"
    exit code 2
    --- stderr
    error: `0/20s` is no rate: it is written as requests/seconds, neither of them 0

    hint: 40/20s (API key), 80/20s (OAuth app), 40/10s (Enterprise), or none
    ");
    assert_snapshot!(refused(&folder, &format!("{RUN} --also atachments"), 2), @"
    exit code 2
    --- stderr
    error: `--also atachments` is not known

    hint: it is one of attachments, sender, receiver
    ");
    assert_snapshot!(refused(&folder, &format!("{RUN} --faults nonsense"), 2), @"
    exit code 2
    --- stderr
    error: `nonsense` is no fault with its chance: write it as in 500=0.05

    hint: such as --faults 500=0.05,429=0.02,reset=0.01
    ");
    assert_snapshot!(refused(&folder, &format!("{RUN} --faults 50=0.1"), 2), @"
    exit code 2
    --- stderr
    error: unknown fault `50`, did you mean `500`? (valid: 400, 401, 403, 404, 409, 413, 429, 500, 502, 503, 504, html404, redirect, reset, hang, truncated, empty, other-id, unreadable)

    hint: such as --faults 500=0.05,429=0.02,reset=0.01
    ");
    assert_snapshot!(refused(&folder, &format!("{RUN} --faults 500=2"), 2), @"
    exit code 2
    --- stderr
    error: the chance of `500` is `2`: it must be a number from 0 to 1

    hint: such as --faults 500=0.05,429=0.02,reset=0.01
    ");
    assert_snapshot!(refused(&folder, &format!("{RUN} --write some"), 2), @"
    exit code 2
    --- stderr
    error: `--write some` is not known

    hint: it is ids, missing or all
    ");
    assert!(!folder.file("simulator.deskferry").exists(), "not even a plan is made");
}

// The checkpoint

#[test]
fn no_checkpoint_or_several() {
    let folder = small::folder();
    let _screen = settled(&folder);
    let none = refused(&folder, "status", 2);
    assert_snapshot!(none, @"
    exit code 2
    --- stderr
    error: there is no checkpoint in this folder

    hint: go to the folder of the run, or name the file with --checkpoint
    ");
    for command in ["resume", "errors", "retry"] {
        assert_eq!(refused(&folder, command, 2), none, "{command}");
    }
    let missing = refused(&folder, "status --checkpoint night.deskferry", 2);
    assert_snapshot!(missing, @"
    exit code 2
    --- stderr
    error: there is no checkpoint at night.deskferry

    hint: `deskferry run EXPORT` makes one; `--checkpoint FILE` names another
    ");
    for command in ["resume", "errors", "retry"] {
        assert_eq!(refused(&folder, &format!("{command} --checkpoint night.deskferry"), 2), missing, "{command}");
    }
    folder.write("acme.deskferry", "");
    folder.write("zenith.deskferry", "");
    let several = refused(&folder, "status", 2);
    assert_snapshot!(several, @"
    exit code 2
    --- stderr
    error: there are several checkpoints in this folder: acme.deskferry, zenith.deskferry

    hint: name one with --checkpoint, or set GORGIAS_DOMAIN to the account that is meant
    ");
    for command in ["resume", "errors", "retry"] {
        assert_eq!(refused(&folder, command, 2), several, "{command}");
    }
}

#[test]
fn a_checkpoint_of_another_account_is_refused() {
    let folder = small::folder();
    let _screen = settled(&folder);
    let account = Account::start(Settings::default(), &folder.file("export/ids.csv"));
    folder.run(&format!("{RUN} --checkpoint c.deskferry")).expect(0);
    let before = folder.outcomes("c.deskferry");
    let other = format!("export --mapping zendesk --checkpoint c.deskferry {}", account.flag());
    for command in ["run", "plan"] {
        let ran = folder.run(&format!("{command} {other}")).expect(2);
        assert_one_clear_sentence(&ran);
        allow_duplicates! { assert_snapshot!(told(&ran), @"
        exit code 2
        --- stderr
        error: the checkpoint c.deskferry is for `simulator`, and this is `127.0.0.1:[PORT]`

        hint: use a checkpoint of its own for each account: --checkpoint FILE
        "); }
    }
    let ran = folder.run(&format!("resume --checkpoint c.deskferry {}", account.flag())).expect(2);
    assert_one_clear_sentence(&ran);
    assert_eq!(account.counters().requests, 0);
    assert_eq!(folder.outcomes("c.deskferry"), before);
}

#[test]
fn a_checkpoint_of_another_mapping_is_announced_as_a_delta_and_loses_nothing() {
    let folder = small::folder();
    let _screen = settled(&folder);
    folder.run(RUN).expect(0);
    let mine =
        folder.run("mapping show zendesk").expect(0).out.replace(r#"from = "parent.subject""#, r#"value = "Jug""#);
    folder.write("mine.toml", mine);
    let ran = folder.run("run export --mapping mine.toml --simulate --quiet").expect(0);
    assert_snapshot!(told(&ran), @r#"
    exit code 0
    --- stdout
    Plan: Zendesk to simulator (on this machine)

      verdict   ready: 3 messages to send
      export    [FOLDER]/export/tickets.jsonl, 2 records
      messages  3 messages in 2 tickets, sent 2024-05-01 to 2024-05-01 (UTC)
      times     message 301: "2024-05-01T10:00:00Z" in the export is 2024-05-01
                10:00:00 UTC
      matched   3 by the ids file
      delta     a new plan in an existing checkpoint: 3 changed

      to update         3  100.0 %
      messages          3  adds up

      kinds     incoming 2, outgoing 1
      channels  email 3

      writes    all: body_html 3, body_text 3, channel 3, external_id 3, from_agent
                3, sent_datetime 3, source 3, subject 3, via 3
      leaves    sender 3 as the account has them
      mail      0 messages blocked that Gorgias might have mailed
      time      4 requests, as fast as the other side answers: 1 greets the account;
                3 update

    Finished.
    The simulator sent 0 mails to customers.

      updated           3  100.0 %
      messages          3  adds up

      kinds     incoming 2, outgoing 1
      channels  email 3

      last run  finished; 4 requests in [DURATION] ([RATE])
      next      deskferry verify
    --- stderr
    The plan is made anew. What has changed: the mapping.
    "#);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 3)]));
}

#[test]
fn a_checkpoint_in_use_is_refused_with_who_uses_it() {
    let folder = small::folder();
    let _screen = settled(&folder);
    folder.run(&format!("{RUN} --limit 1")).expect(0);
    let holder =
        Holder { user: "mia".into(), machine: "harbour".into(), process: 7, since: "2026-05-01 22:00:00 UTC".into() };
    let lock = Lock::take(&folder.file("simulator.deskferry"), &holder).expect("the lock");
    for command in [RUN, "resume", "retry"] {
        let ran = folder.run(command).expect(1);
        assert_one_clear_sentence(&ran);
        allow_duplicates! { assert_snapshot!(told(&ran), @"
        exit code 1
        --- stderr
        error: the checkpoint simulator.deskferry is in use: held by mia on harbour (process [ID]) since [TIME]

        hint: wait for that run, or stop it (Ctrl-C there, or `deskferry stop`); it can be resumed
        "); }
    }
    // Looking is always allowed, and planning too: it works on a copy.
    let status = folder.run("status").expect(0);
    assert!(status.out.starts_with("Zendesk to simulator: a run is sending\n"), "{}", status.out);
    folder.run("errors").expect(0);
    folder.run("plan export --mapping zendesk --simulate").expect(0);
    drop(lock);
    folder.run("resume --quiet").expect(0);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 3)]));
}

#[test]
fn a_file_that_is_no_checkpoint_is_refused_and_left_alone() {
    let folder = small::folder();
    let _screen = settled(&folder);
    let other = folder.file("other.db");
    rusqlite::Connection::open(&other).and_then(|db| db.execute_batch("CREATE TABLE a (b)")).expect("a database");
    folder
        .write("letter.txt", "Dear checkpoint, this is a letter and no database. It is long enough to be one, though.");
    for file in ["other.db", "letter.txt", "export"] {
        let before = fs::read(folder.file(file)).ok();
        let told = refused(&folder, &format!("{RUN} --checkpoint {file}"), 2);
        assert_eq!(
            told,
            format!(
                "exit code 2\n--- stderr\nerror: {file} is not a deskferry checkpoint\n\nhint: name another file with --checkpoint"
            )
        );
        for command in ["status", "resume", "errors", "retry"] {
            assert_eq!(refused(&folder, &format!("{command} --checkpoint {file}"), 2), told);
        }
        assert_eq!(fs::read(folder.file(file)).ok(), before, "{file} is as it was");
    }
}

#[test]
fn a_checkpoint_of_a_newer_version_is_refused() {
    let folder = small::folder();
    let _screen = settled(&folder);
    folder.run(&format!("{RUN} --limit 1")).expect(0);
    let db = rusqlite::Connection::open(folder.file("simulator.deskferry")).expect("the checkpoint");
    db.pragma_update(None, "user_version", 99).expect("a newer version");
    db.close().expect("closed");
    for command in [RUN, "status", "resume", "errors", "retry"] {
        let ran = folder.run(command).expect(1);
        assert_one_clear_sentence(&ran);
        allow_duplicates! { assert_snapshot!(told(&ran), @r#"
        exit code 1
        --- stderr
        error: the checkpoint simulator.deskferry was written by a newer deskferry (format 99, this one knows 4)

        hint: update deskferry, or use the version that made it
        "#); }
    }
}

#[test]
fn a_damaged_checkpoint_is_named_with_what_helps() {
    let folder = small::folder();
    let _screen = settled(&folder);
    folder.run(RUN).expect(0);
    let whole = fs::read(folder.file("simulator.deskferry")).expect("the checkpoint");
    let mut scribbled = whole.clone();
    scribbled[8192..].fill(0x55);
    for damaged in [&whole[..whole.len() / 2], &whole[..50], &scribbled] {
        for command in ["status", "resume", "errors", "retry", RUN] {
            folder.write("simulator.deskferry", damaged);
            let ran = folder.run(command).expect(1);
            assert_one_clear_sentence(&ran);
            assert_eq!(ran.out, "");
            allow_duplicates! { assert_snapshot!(told(&ran), @"
            exit code 1
            --- stderr
            error: the checkpoint simulator.deskferry is damaged: database disk image is malformed

            hint: restore it from a copy, and delete the -wal and -shm beside it; without one, `deskferry run EXPORT --checkpoint NEW` plans anew and sends every message again, with the same effect
            "); }
        }
    }
    folder.write("simulator.deskferry", &whole);
    folder.run("status").expect(0);
}

#[test]
fn a_folder_that_takes_no_checkpoint_is_refused() {
    let folder = small::folder();
    let _screen = settled(&folder);
    assert_snapshot!(refused(&folder, &format!("{RUN} --checkpoint nowhere/night.deskferry"), 1), @"
    exit code 1
    --- stderr
    error: the checkpoint nowhere/night.deskferry can't be opened: No such file or directory (os error [N])

    hint: is the folder there, and may you write in it? `--checkpoint FILE` names another
    ");
    // Nobody may write in there, root neither.
    if cfg!(target_os = "linux") {
        refused(&folder, &format!("{RUN} --checkpoint /proc/nowhere/night.deskferry"), 1);
        refused(&folder, &format!("{RUN} --checkpoint /proc/night.deskferry"), 1);
    }
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = small::folder();
    let _screen = settled(&folder);
    let closed = folder.file("closed");
    fs::create_dir(&closed).expect("a folder");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).expect("closed");
    if fs::write(closed.join("probe"), "").is_ok() {
        // This user, root most likely, may write everywhere: there is nothing to see.
        return;
    }
    assert_snapshot!(refused(&folder, &format!("{RUN} --checkpoint closed/night.deskferry"), 1), @r"
    exit code 1
    --- stderr
    error: the checkpoint closed/night.deskferry.lock can't be opened: Permission denied (os error [N])

    hint: is the folder there, and may you write in it? `--checkpoint FILE` names another
    ");
}

#[test]
fn a_resume_after_the_export_changed_is_refused_and_a_run_goes_on() {
    let folder = small::folder();
    let _screen = settled(&folder);
    folder.run(&format!("{RUN} --limit 1")).expect(0);
    let sent = totals([("updated", 1), ("pending", 2)]);
    let before = folder.read("export/tickets.jsonl");
    folder.write("export/tickets.jsonl", before.replace("The jug", "The cup"));
    let ran = folder.run("resume --quiet").expect(2);
    assert_one_clear_sentence(&ran);
    assert_snapshot!(told(&ran), @"
    exit code 2
    --- stderr
    error: [FOLDER]/export/tickets.jsonl has changed since the plan was made

    hint: `deskferry run EXPORT` makes a new plan and sends only what is new or changed
    ");
    assert_eq!(folder.outcomes("simulator.deskferry"), sent);
    fs::rename(folder.file("export"), folder.file("elsewhere")).expect("moved");
    let ran = folder.run("resume --quiet").expect(2);
    assert_one_clear_sentence(&ran);
    assert_snapshot!(told(&ran), @"
    exit code 2
    --- stderr
    error: [FOLDER]/export/tickets.jsonl is gone: the plan was made from it

    hint: put it back, or `deskferry run EXPORT` with where it is now: what has arrived is not sent again
    ");
    assert_eq!(folder.outcomes("simulator.deskferry"), sent);
    folder.run("run elsewhere --mapping zendesk --simulate --quiet").expect(0);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 3)]));
}
