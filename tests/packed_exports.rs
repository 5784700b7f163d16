//! An export is read as it comes: packed, in a zip as it was downloaded, from standard input, by a pattern of names. What is
//! unpacked is unpacked once, found again, and for its owner alone.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(clippy::needless_raw_string_hashes, reason = "all snapshots are quoted alike")]

#[path = "support/screen.rs"]
mod screen;
mod support;

use std::fs::{self, File};
use std::io::{Cursor, Write};
use std::path::Path;
use std::process::Stdio;

use insta::assert_snapshot;
use screen::{assert_one_clear_sentence, told};
use support::{Folder, Ran, sample, totals};

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(content).expect("memory");
    packed.finish().expect("memory")
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, content) in files {
        zip.start_file(*name, options).expect("memory");
        zip.write_all(content).expect("memory");
    }
    zip.finish().expect("memory").into_inner()
}

/// The bytes of a file of the Zendesk sample.
fn zendesk(file: &str) -> Vec<u8> {
    fs::read(sample("zendesk").join(file)).expect("the sample")
}

/// The Zendesk sample as one zip.
fn zendesk_zip() -> Vec<u8> {
    let (tickets, users, ids) = (zendesk("tickets.jsonl"), zendesk("users.jsonl"), zendesk("ids.csv"));
    zipped(&[
        ("export-2025/tickets.jsonl", &tickets),
        ("export-2025/users.jsonl", &users),
        ("export-2025/ids.csv", &ids),
        ("export-2025/readme.txt", b"nothing of interest"),
        ("__MACOSX/export-2025/._tickets.jsonl", b"\x00\x05\x16"),
    ])
}

const RUN: &str = "--mapping zendesk --simulate --quiet";

#[test]
fn a_zip_is_carried_over_as_it_was_downloaded_and_a_second_run_sends_nothing() {
    let folder = Folder::new();
    folder.write("export.zip", zendesk_zip());
    let first = folder.run(&format!("run export.zip {RUN}")).expect(0);
    assert!(first.out.contains("export.zip/export-2025/tickets.jsonl"), "the export has its own name: {}", first.out);
    assert!(!first.out.contains(".spool"), "{}", first.out);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 263), ("skipped", 7)]));
    let again = folder.run(&format!("run export.zip {RUN}")).expect(0);
    assert!(again.out.contains("Nothing to send") || again.out.contains("nothing"), "{}", again.out);
    assert!(!again.err.contains("made anew"), "{}", again.err);
}

#[test]
fn what_a_zip_holds_is_found_again_without_the_zip() {
    let folder = Folder::new();
    folder.write("export.zip", zendesk_zip());
    folder.run(&format!("run export.zip {RUN} --limit 20")).expect(0);
    fs::remove_file(folder.file("export.zip")).expect("it is there");
    folder.run("resume --simulate --quiet").expect(0);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 263), ("skipped", 7)]));
}

#[test]
fn a_zip_whose_unpacked_files_are_gone_is_unpacked_again() {
    let folder = Folder::new();
    folder.write("export.zip", zendesk_zip());
    folder.run(&format!("run export.zip {RUN} --limit 20")).expect(0);
    fs::remove_dir_all(folder.file("simulator.deskferry.spool")).expect("it is there");
    let refused = folder.run("resume --simulate --quiet").expect(2);
    assert_one_clear_sentence(&refused);
    assert_snapshot!(told(&refused), @r#"
    exit code 2
    --- stderr
    error: export.zip/export-2025/tickets.jsonl is gone: the plan was made from it

    hint: put it back, or `deskferry run EXPORT` with where it is now: what has arrived is not sent again
    "#);
    folder.run(&format!("run export.zip {RUN}")).expect(0);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 263), ("skipped", 7)]));
}

#[test]
fn a_mapping_that_wants_more_of_a_zip_gets_it() {
    let folder = Folder::new();
    let (tickets, users, ids) = (zendesk("tickets.jsonl"), zendesk("users.jsonl"), zendesk("ids.csv"));
    let one = tickets.split_inclusive(|&byte| byte == b'\n').next().expect("a line");
    let files: [(&str, &[u8]); 4] =
        [("tickets.jsonl", one), ("talk.export", &tickets), ("users.jsonl", &users), ("ids.csv", &ids)];
    folder.write("export.zip", zipped(&files));
    let mapping = folder.run("mapping show zendesk").expect(0).out;
    folder.write("acme.toml", &mapping);
    let run = "run export.zip --mapping acme.toml --simulate --quiet";
    folder.run(run).expect(0);
    let files_line = mapping.lines().find(|line| line.starts_with("files = ")).expect("a mapping names its files");
    folder.write("acme.toml", mapping.replacen(files_line, "files = [\"*.export\"]", 1));
    folder.run(run).expect(0);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 263), ("skipped", 7)]));
}

#[test]
fn a_run_in_the_folder_of_the_export_does_not_read_what_it_unpacked() {
    let folder = Folder::new();
    folder.write("export.zip", zendesk_zip());
    folder.write("tickets.jsonl.gz", gzip(&zendesk("tickets.jsonl")));
    folder.write("users.jsonl", zendesk("users.jsonl"));
    folder.write("ids.csv", zendesk("ids.csv"));
    folder.run(&format!("run . {RUN}")).expect(0);
    let again = folder.run(&format!("run . {RUN}")).expect(0);
    assert!(!again.err.contains("made anew"), "{}", told(&again));
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 263), ("skipped", 7)]));
}

/// A mapping that says by the folder or the file which ticket a message is of.
const NOTES: &str = r#"
name = "acme"
system = "Acme"
files = ["notes/*.json*", "*/page.json*"]
[[message]]
files = ["notes/*", "*/page.json"]
[message.fields]
external_id = { template = "{@file.number}-{id}" }
channel = { value = "email" }
via = { value = "api" }
from_agent = { value = true }
sent_datetime = { value = "2024-05-31T10:00:00Z", apply = ["datetime"] }
body_text = { from = "text" }
[message.ticket]
external_id = { from = "@file.number" }
"#;

#[test]
fn what_is_unpacked_keeps_the_name_of_its_folder() {
    let folder = Folder::new();
    folder.write("acme.toml", NOTES);
    let note = gzip(br#"[{"id": 1, "text": "a"}]"#);
    for name in ["notes/8.json.gz", "9/page.json.gz", "10/page.json.gz"] {
        folder.write(&format!("export/{name}"), &note);
    }
    folder.write("export/ids.csv", "external_id,ticket_id,message_id\n8-1,5,51\n9-1,5,52\n10-1,5,53\n");
    let ran = folder.run("run export --mapping acme.toml --simulate --quiet").expect(0);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 3)]), "{}", told(&ran));
    assert!(ran.out.contains("9/page.json.gz"), "{}", ran.out);
}

#[test]
fn a_retry_says_that_it_does_not_read_the_original() {
    let folder = Folder::new();
    folder.write("export.zip", zendesk_zip());
    folder.run(&format!("run export.zip {RUN} --limit 20")).expect(0);
    let ran = folder.run("retry --simulate --quiet");
    assert!(ran.err.contains("Read as it was unpacked: export.zip/export-2025/tickets.jsonl."), "{}", told(&ran));
}

#[test]
fn gzip_and_zstd_are_read_like_what_is_in_them() {
    for (ending, pack) in
        [("gz", gzip as fn(&[u8]) -> Vec<u8>), ("zst", |content| zstd::encode_all(content, 1).expect("memory"))]
    {
        let folder = Folder::new();
        for file in ["tickets.jsonl", "users.jsonl"] {
            folder.write(&format!("export/{file}.{ending}"), pack(&zendesk(file)));
        }
        folder.write("export/ids.csv", zendesk("ids.csv"));
        let ran = folder.run(&format!("run export {RUN}")).expect(0);
        assert!(ran.out.contains(&format!("tickets.jsonl.{ending}")), "{}", ran.out);
        assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 263), ("skipped", 7)]));
    }
}

#[test]
fn joined_gzip_files_and_packed_files_in_a_zip_are_read_to_their_end() {
    let folder = Folder::new();
    let tickets = zendesk("tickets.jsonl");
    let half = tickets.iter().position(|&byte| byte == b'\n').expect("a line") + 1;
    let joined = [gzip(&tickets[..half]), gzip(&tickets[half..])].concat();
    let users = gzip(&zendesk("users.jsonl"));
    folder.write("export.zip", zipped(&[("tickets.jsonl.gz", &joined), ("users.jsonl.gz", &users)]));
    let plan = folder.run("plan export.zip --mapping zendesk --json").expect(0).json();
    assert_eq!(plan["messages"], 270);
}

#[test]
fn standard_input_is_an_export_and_resumes_without_it() {
    let folder = Folder::new();
    folder.write("users.jsonl", zendesk("users.jsonl"));
    folder.write("ids.csv", zendesk("ids.csv"));
    let arguments = format!("run - {RUN} --lookup users=users.jsonl --ids ids.csv --limit 5");
    let input = File::open(sample("zendesk").join("tickets.jsonl")).expect("the sample");
    let ran = Ran::of(folder.command(&arguments).stdin(Stdio::from(input)).output().expect("it starts")).expect(0);
    assert!(ran.out.contains("standard input, 64 records"), "{}", ran.out);
    folder.run("resume --simulate --quiet").expect(0);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 263), ("skipped", 7)]));
}

#[test]
fn a_pattern_stands_for_all_files_that_are_like_it() {
    let folder = Folder::new();
    for number in [1, 2, 10] {
        folder.write(&format!("export/tickets-{number}.jsonl"), zendesk("tickets.jsonl"));
    }
    folder.write("export/users.jsonl", zendesk("users.jsonl"));
    let plan = folder.run("plan export/tickets-?.jsonl --mapping zendesk --json").expect(0).json();
    assert_eq!(plan["inputs"].as_array().map(Vec::len), Some(2), "{}", plan["inputs"]);
    let refused = folder.run("plan export/talk-*.jsonl --mapping zendesk").expect(2);
    assert_one_clear_sentence(&refused);
    assert_snapshot!(told(&refused), @r#"
    exit code 2
    --- stderr
    error: there is no file like export/talk-*.jsonl

    hint: check the pattern, and the folder that you are in
    "#);
}

#[cfg(unix)]
#[test]
fn what_was_unpacked_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    fn check(path: &Path, seen: &mut u32) {
        let mode = fs::metadata(path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", path.display());
        *seen += 1;
        if path.is_dir() {
            fs::read_dir(path).expect("a folder").for_each(|entry| check(&entry.expect("an entry").path(), seen));
        }
    }
    let folder = Folder::new();
    folder.write("export.zip", zendesk_zip());
    folder.run(&format!("run export.zip {RUN}")).expect(0);
    let mut seen = 0;
    check(&folder.file("simulator.deskferry.spool"), &mut seen);
    assert_eq!(seen, 7, "the spool, one folder of it with two more, and three files");
}

#[test]
fn a_new_export_takes_the_place_of_the_old_ones_unpacked_files() {
    let folder = Folder::new();
    folder.write("export.zip", zendesk_zip());
    folder.run(&format!("run export.zip {RUN} --limit 5")).expect(0);
    let (tickets, users, ids) = (zendesk("tickets.jsonl"), zendesk("users.jsonl"), zendesk("ids.csv"));
    let newer = zipped(&[("tickets.jsonl", &tickets), ("users.jsonl", &users), ("ids.csv", &ids)]);
    folder.write("export.zip", newer);
    folder.run(&format!("run export.zip {RUN}")).expect(0);
    let spool = fs::read_dir(folder.file("simulator.deskferry.spool")).expect("the spool");
    assert_eq!(spool.count(), 1, "what the new plan does not need is gone");
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 263), ("skipped", 7)]));
}

#[test]
fn a_run_that_is_refused_leaves_nothing_behind() {
    let folder = Folder::new();
    let (tickets, users) = (zendesk("tickets.jsonl"), zendesk("users.jsonl"));
    folder.write("export.zip", zipped(&[("tickets.jsonl", &tickets), ("users.jsonl", &users)]));
    let refused = folder.run(&format!("run export.zip {RUN}")).expect(2);
    assert!(refused.err.contains("there is no ids file"), "{}", told(&refused));
    let names: Vec<_> =
        fs::read_dir(folder.path()).expect("the folder").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names, ["export.zip"]);
}

#[test]
fn a_plan_leaves_nothing_behind() {
    let folder = Folder::new();
    folder.write("export.zip", zendesk_zip());
    folder.run("plan export.zip --mapping zendesk").expect(0);
    let names: Vec<_> =
        fs::read_dir(folder.path()).expect("the folder").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names, ["export.zip"]);
}

#[test]
fn an_archive_that_is_broken_or_leads_out_of_itself_is_refused() {
    let folder = Folder::new();
    let whole = zendesk_zip();
    folder.write("cut.zip", &whole[..whole.len() / 2]);
    folder.write("out.zip", zipped(&[("../tickets.jsonl", b"{}")]));
    folder.write("cut/tickets.jsonl.gz", &gzip(&zendesk("tickets.jsonl"))[..500]);
    folder.write("cut/users.jsonl", zendesk("users.jsonl"));
    for export in ["cut.zip", "out.zip", "cut"] {
        let refused = folder.run(&format!("plan {export} --mapping zendesk")).expect(2);
        assert_one_clear_sentence(&refused);
        assert!(refused.err.contains("can't be unpacked"), "{}", told(&refused));
    }
    assert_snapshot!(told(&folder.run("plan out.zip --mapping zendesk")), @r#"
    exit code 2
    --- stderr
    error: out.zip can't be unpacked: the name of a file in it leads out of it: ../tickets.jsonl

    hint: fetch it again, or unpack it yourself and name the unpacked files
    "#);
}

#[test]
fn what_unpacks_to_more_than_any_export_is_refused() {
    let folder = Folder::new();
    let blanks = gzip(&vec![b'{'; 160 << 20]);
    folder.write("export/tickets.jsonl.gz", blanks);
    folder.write("export/users.jsonl", zendesk("users.jsonl"));
    let refused = folder.run("plan export --mapping zendesk").expect(2);
    assert_one_clear_sentence(&refused);
    assert!(refused.err.contains("it unpacks to more than"), "{}", told(&refused));
}
