//! Text that is not UTF-8, and rows whose cells are not separated by commas, are read as they are written: as a mark says or
//! the operator, never as a guess would have it.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(clippy::needless_raw_string_hashes, reason = "all snapshots are quoted alike")]

#[path = "support/screen.rs"]
mod screen;
mod support;

use insta::assert_snapshot;
use proptest::prelude::*;
use screen::{assert_one_clear_sentence, settled, told};
use support::{Folder, totals};

const MAPPING: &str = r#"
name = "acme"
system = "Acme"
format = "csv"
files = ["*talk*"]
[[message]]
[message.fields]
external_id = { from = "id", apply = ["to_string"] }
channel = { value = "email" }
via = { value = "api" }
from_agent = { value = false }
sent_datetime = { from = "at", apply = ["datetime"], required = true }
body_text = { from = "text" }
[message.ticket]
external_id = { from = "ticket" }
"#;

const ROWS: &str = "id,ticket,at,text\n1,9,2024-05-31T10:00:00Z,Grüße aus Köln\n2,9,2024-05-31T10:01:00Z,\"Schöne, „neue“ Lampe\"\n3,9,2024-05-31T10:02:00Z,Für Änne\n";

fn folder(name: &str, content: impl AsRef<[u8]>) -> Folder {
    let folder = Folder::new();
    folder.write("acme.toml", MAPPING);
    folder.write("ids.csv", "external_id,ticket_id,message_id\n1,5,51\n2,5,52\n3,5,53\n");
    folder.write(name, content);
    folder
}

/// The texts that a run would send.
fn texts(folder: &Folder, more: &str) -> Vec<String> {
    let ran = folder.run(&format!("plan talk.csv --mapping acme.toml --simulate --show 9 {more}")).expect(0);
    let lines = ran.out.lines().filter_map(|line| line.trim().strip_prefix("\"body_text\": \""));
    lines.map(|line| line.trim_end_matches(['"', ',']).replace("\\\"", "\"")).collect()
}

const WANTED: [&str; 3] = ["Grüße aus Köln", "Schöne, „neue“ Lampe", "Für Änne"];

fn utf16(text: &str, is_big: bool) -> Vec<u8> {
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    units.flat_map(|unit: u16| if is_big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

fn in_encoding(text: &str, label: &str) -> Vec<u8> {
    let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).expect("a known one");
    encoding.encode(text).0.into_owned()
}

#[test]
fn a_byte_order_mark_says_what_it_is() {
    for content in [format!("\u{feff}{ROWS}").into_bytes(), utf16(ROWS, false), utf16(ROWS, true)] {
        assert_eq!(texts(&folder("talk.csv", content), ""), WANTED);
    }
}

#[test]
fn an_encoding_is_named_by_the_operator_or_by_the_mapping() {
    let content = in_encoding(ROWS, "windows-1252");
    assert_eq!(texts(&folder("talk.csv", &content), "--encoding windows-1252"), WANTED);
    let folder = folder("talk.csv", &content);
    folder.write("acme.toml", MAPPING.replace("[[message]]", "encoding = \"windows-1252\"\n[[message]]"));
    assert_eq!(texts(&folder, ""), WANTED);
}

#[test]
fn what_is_utf8_all_the_same_stays_so() {
    assert_eq!(texts(&folder("talk.csv", ROWS), "--encoding windows-1252"), WANTED);
}

#[test]
fn an_encoding_is_suggested_and_not_guessed() {
    let folder = folder("talk.csv", in_encoding(ROWS, "windows-1252"));
    let refused = folder.run("plan talk.csv --mapping acme.toml").expect(2);
    assert_one_clear_sentence(&refused);
    assert_snapshot!(told(&refused), @r#"
    exit code 2
    --- stderr
    error: talk.csv:2: not UTF-8 at byte 46; it looks like windows-1252

    hint: if that is so, --encoding windows-1252 reads it; look at some messages then: `deskferry plan` has --show 5
    "#);
}

#[test]
fn an_encoding_that_is_none_and_one_that_does_not_fit_are_refused() {
    let folder = folder("talk.csv", in_encoding(ROWS, "windows-1252"));
    assert_snapshot!(told(&folder.run("plan talk.csv --mapping acme.toml --encoding latin-9000")), @r#"
    exit code 2
    --- stderr
    error: `--encoding latin-9000` is not known

    hint: it is windows-1252, iso-8859-1, iso-8859-15, windows-1250, windows-1251, macintosh, utf-16le, utf-16be, shift_jis, gbk, …
    "#);
    assert_snapshot!(told(&folder.run("plan talk.csv --mapping acme.toml --encoding shift_jis")), @r#"
    exit code 2
    --- stderr
    error: talk.csv is not in Shift_JIS: some of its bytes mean nothing there

    hint: name another one, such as --encoding windows-1252
    "#);
    folder.write("acme.toml", MAPPING.replace("[[message]]", "encoding = \"windows-125\"\n[[message]]"));
    assert_snapshot!(told(&folder.run("plan talk.csv --mapping acme.toml")), @r#"
    exit code 2
    --- stderr
    error: unknown encoding `windows-125`
     --> acme.toml:6:13
      |
    6 | encoding = "windows-125"
      |             ^^^^^^^^^^^ did you mean `windows-1252`?
      |
      = valid: windows-1252, iso-8859-1, iso-8859-15, windows-1250, windows-1251, macintosh, utf-16le, utf-16be, shift_jis, gbk
    "#);
}

#[test]
fn a_single_stray_byte_breaks_its_record_alone() {
    let mut content = ROWS.as_bytes().to_vec();
    content.extend_from_slice(b"4,9,2024-05-31T10:03:00Z,caf\xE9\n");
    let plan = folder("talk.csv", content).run("plan talk.csv --mapping acme.toml --json").expect(3).json();
    assert_eq!((&plan["messages"], &plan["outcomes"]["blocked"]), (&4.into(), &1.into()));
}

#[test]
fn the_separator_is_found_where_only_one_fits() {
    let quoted = ROWS.replace("Köln\n", "\"Köln; a | b\"\n");
    for separator in [';', '\t', '|'] {
        let rows: String = quoted
            .lines()
            .map(|line| {
                let mut cells = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
                let row = cells.records().next().expect("a row").expect("a row");
                let mut written = csv::WriterBuilder::new().delimiter(separator as u8).from_writer(Vec::new());
                written.write_record(&row).expect("memory");
                String::from_utf8(written.into_inner().expect("memory")).expect("text")
            })
            .collect();
        assert_eq!(texts(&folder("talk.csv", rows), "").len(), 3, "{separator:?}");
    }
}

#[test]
fn the_separator_is_asked_for_where_two_fit() {
    let folder = folder("talk.csv", "id,at;ticket,text\n1,a;9,b\n");
    let refused = folder.run("plan talk.csv --mapping acme.toml").expect(2);
    assert_one_clear_sentence(&refused);
    assert_snapshot!(told(&refused), @r#"
    exit code 2
    --- stderr
    error: the cells of talk.csv may be separated by commas or by semicolons

    hint: say which one it is, such as --separator ';'
    "#);
    let named = folder.run("plan talk.csv --mapping acme.toml --separator ;").expect(2);
    assert!(named.err.contains("the export has no column `id`"), "{}", told(&named));
}

#[test]
fn a_separator_is_kept_for_the_second_pass_and_the_next_day() {
    let folder = folder("talk.csv", ROWS.replace(',', ";"));
    folder.write("talk.csv", "id;ticket;at;text\n1;9;2024-05-31T10:00:00Z;a, b\n2;9;2024-05-31T10:01:00Z;\"c; d\"\n");
    folder.run("run talk.csv --mapping acme.toml --simulate --quiet --limit 1").expect(0);
    let _screen = settled(&folder);
    folder.run("resume --simulate --quiet").expect(0);
    assert_eq!(folder.outcomes("simulator.deskferry"), support::totals([("updated", 2)]));
}

#[test]
fn each_file_keeps_its_own_separator_when_it_is_tried_again() {
    let folder = folder("talk-1.csv", "id,ticket,at,text\n1,9,some day,a\n2,9,2024-05-31T10:01:00Z,b\n");
    folder.write("talk-2.csv", "id;ticket;at;text\n3;9;some day;c\n");
    folder.run("run talk-1.csv talk-2.csv --mapping acme.toml --simulate --quiet").expect(3);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 1), ("blocked", 2)]));
    for name in ["talk-1.csv", "talk-2.csv"] {
        folder.write(name, folder.read(name).replace("some day", "2024-05-31T10:00:00Z"));
    }
    folder.run("retry --simulate --quiet").expect(0);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 3)]));
}

#[test]
fn ids_that_a_spreadsheet_has_damaged_are_blocked_with_that_reason() {
    let rows = "id,ticket,at,text\n3.3E+13,9,2024-05-31T10:00:00Z,a\n33144692244499.0,9,2024-05-31T10:01:00Z,b\n3,9,2024-05-31T10:02:00Z,c\n";
    let folder = folder("talk.csv", rows);
    let ran = folder.run("plan talk.csv --mapping acme.toml").expect(3);
    for shown in ["3.3E+13", "33144692244499.0"] {
        assert!(ran.out.contains(&format!("the number looks damaged by a spreadsheet ({shown})")), "{}", ran.out);
    }
}

#[test]
fn lines_with_a_comma_behind_them_and_a_list_around_them_are_read() {
    let lines = "{\"id\":1,\"ticket\":\"9\",\"at\":\"2024-05-31T10:00:00Z\",\"text\":\"a\"}";
    let mapping = MAPPING.replace("format = \"csv\"\n", "");
    for content in [
        format!("{lines},\n{}\n", lines.replace(":1,", ":2,")),
        format!("[\n{lines},\n{}\n]\n", lines.replace(":1,", ":2,")),
        format!("{{\"talks\":[\n{lines},\n{}\n]}}\n", lines.replace(":1,", ":2,")),
    ] {
        let folder = folder("talk.json", content);
        folder.write("acme.toml", &mapping);
        let plan = folder.run("plan talk.json --mapping acme.toml --json").expect(0).json();
        assert_eq!(plan["messages"], 2);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_comes_out_of_utf16_as_it_went_in(text in "[^\\p{C}\"\\\\]{1,40}") {
        prop_assume!(!text.trim().is_empty());
        let rows = format!("id,ticket,at,text\n1,9,2024-05-31T10:00:00Z,\"{text}\"\n");
        let plain = texts(&folder("talk.csv", &rows), "");
        prop_assert_eq!(texts(&folder("talk.csv", utf16(&rows, false)), ""), plain);
    }
}
