//! Reading an export: what operators are promised about files as they come.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

use std::fs;
use std::path::PathBuf;

use deskferry::export::{
    Body, Content, ExportError, Format, Header, IdsFile, MAX_RECORD_BYTES, RawRecord, Reader, Rereader,
};
use tempfile::TempDir;

/// A file in a folder of its own.
struct File {
    _folder: TempDir,
    path: PathBuf,
}

impl File {
    fn new(name: &str, content: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        Self { _folder: folder, path }
    }

    fn open(&self, format: Format, records: Option<&str>) -> Result<Reader, ExportError> {
        Reader::open(&self.path, format, records)
    }

    /// All of the file, and a check that every record is found again at its place.
    fn read(&self, format: Format, records: Option<&str>) -> Result<Vec<Read>, ExportError> {
        let mut reader = self.open(format, records)?;
        let mut again = Rereader::open(&self.path, format, reader.header().cloned())?;
        let mut all = Vec::new();
        while let Some(chunk) = reader.next_chunk(40)? {
            for record in &chunk.records {
                let text = chunk.content(record).ok().map(shown);
                if text.is_some() {
                    let same = again.read(record.offset, record.length)?;
                    assert_eq!(same.content(&same.records[0]).ok().map(shown), text, "reread");
                }
                all.push(Read::new(record, text));
            }
        }
        let content = fs::read(&self.path).unwrap();
        assert_eq!(reader.digest(), Some(blake3::hash(&content)));
        assert_eq!(reader.bytes_read(), content.len() as u64);
        Ok(all)
    }

    fn error(&self, format: Format, records: Option<&str>) -> String {
        let error = self.read(format, records).expect_err("an error");
        let folder = self.path.parent().unwrap().to_string_lossy().into_owned();
        let hint = error.hint().unwrap_or_default();
        format!("{error} | {hint}").replace(&format!("{folder}/"), "")
    }
}

#[derive(Debug, PartialEq)]
struct Read {
    line: u64,
    offset: u64,
    length: u64,
    /// The record, or why it is broken.
    text: Result<String, String>,
}

impl Read {
    fn new(record: &RawRecord, text: Option<String>) -> Self {
        let text = match (&record.body, text) {
            (Body::Broken(cause), _) => Err(cause.detail.clone()),
            (_, text) => Ok(text.unwrap()),
        };
        let &RawRecord { line, offset, length, .. } = record;
        Self { line, offset, length, text }
    }
}

fn shown(content: Content<'_>) -> String {
    match content {
        Content::Json(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Content::Row(row) => row.iter().collect::<Vec<_>>().join("¦"),
    }
}

fn good(line: u64, offset: u64, length: u64, text: &str) -> Read {
    Read { line, offset, length, text: Ok(text.to_owned()) }
}

fn bad(line: u64, offset: u64, length: u64, why: &str) -> Read {
    Read { line, offset, length, text: Err(why.to_owned()) }
}

fn texts(read: Vec<Read>) -> Vec<Result<String, String>> {
    read.into_iter().map(|read| read.text).collect()
}

fn ok(texts: &[&str]) -> Vec<Result<String, String>> {
    texts.iter().map(|text| Ok((*text).to_owned())).collect()
}

#[test]
fn lines_have_exact_places_whatever_their_ends_and_blank_lines_are() {
    let file = File::new("t.jsonl", "\u{feff}{\"a\":1}\r\n\n  \t\r\n{\"b\":2}\n{\"c\":3}");
    assert_eq!(
        file.read(Format::JsonLines, None).unwrap(),
        [good(1, 3, 7, "{\"a\":1}"), good(4, 18, 7, "{\"b\":2}"), good(5, 26, 7, "{\"c\":3}")]
    );
}

#[test]
fn a_truncated_last_line_is_a_broken_record() {
    let file = File::new("t.jsonl", "{\"a\":1}\n{\"a\":\"tw");
    assert_eq!(
        file.read(Format::JsonLines, None).unwrap(),
        [good(1, 0, 7, "{\"a\":1}"), bad(2, 8, 8, "the file ends in the middle of this record")]
    );
}

#[test]
fn a_last_line_without_a_line_end_is_a_record_like_any_other() {
    let file = File::new("t.jsonl", "{\"a\":1}\n{\"a\":2}");
    assert_eq!(texts(file.read(Format::JsonLines, None).unwrap()), ok(&["{\"a\":1}", "{\"a\":2}"]));
}

#[test]
fn broken_utf8_breaks_one_line_and_no_other() {
    let file = File::new("t.jsonl", b"{\"a\":\"\xFF\"}\n{\"a\":2}\n");
    assert_eq!(
        file.read(Format::JsonLines, None).unwrap(),
        [bad(1, 0, 9, "not valid UTF-8 at byte 7 of the line"), good(2, 10, 7, "{\"a\":2}")]
    );
}

#[test]
fn a_line_that_is_no_json_is_left_to_the_mapping_and_a_comma_behind_a_record_is_none_of_it() {
    let file = File::new("t.jsonl", "{\"tickets\":[\n{\"a\":1},\n]}\n");
    assert_eq!(texts(file.read(Format::JsonLines, None).unwrap()), ok(&["{\"tickets\":[", "{\"a\":1}", "]}"]));
}

#[test]
fn a_record_beyond_the_limit_is_broken_and_says_how_long_it_is() {
    let file = File::new("t.jsonl", "{\"a\":1}\n");
    let end = MAX_RECORD_BYTES + 100;
    fs::OpenOptions::new().write(true).open(&file.path).unwrap().set_len(end).unwrap();
    let read = file.read(Format::JsonLines, None).unwrap();
    let long = end - 8;
    let why = format!("the record is {long} bytes long; at most {MAX_RECORD_BYTES} are read");
    assert_eq!(read, [good(1, 0, 7, "{\"a\":1}"), bad(2, 8, long, &why)]);
}

#[test]
fn the_elements_of_a_top_level_array_are_records() {
    let file = File::new("t.json", "[\n  {\"a\": \"]}\\\"\"},\n  {\"b\": [{}, {\"c\": 1}]}, 7, null\n]\n");
    assert_eq!(
        file.read(Format::Json, None).unwrap(),
        [
            good(2, 4, 13, "{\"a\": \"]}\\\"\"}"),
            good(3, 21, 21, "{\"b\": [{}, {\"c\": 1}]}"),
            good(3, 44, 1, "7"),
            good(3, 47, 4, "null"),
        ]
    );
}

#[test]
fn pages_one_after_another_are_read_as_one_export() {
    let pages = "{\"count\":2,\"comments\":[{\"id\":1},{\"id\":2}],\"next_page\":null}\n\u{feff}{\"comments\":[{\"id\":3}]}{\"comments\":[]}";
    let file = File::new("t.json", pages);
    let all = ok(&["{\"id\":1}", "{\"id\":2}", "{\"id\":3}"]);
    assert_eq!(texts(file.read(Format::Json, None).unwrap()), all);
    assert_eq!(texts(file.read(Format::Json, Some("comments")).unwrap()), all);
}

#[test]
fn records_may_lie_deep_and_in_every_page_of_an_array() {
    let file = File::new("t.json", "{\"data\":{\"x\":[{\"id\":9}],\"tickets\":[{\"id\":1}]}}");
    assert_eq!(texts(file.read(Format::Json, Some("data.tickets")).unwrap()), ok(&["{\"id\":1}"]));
    let file = File::new("t.json", "[{\"comments\":[{\"id\":1}]},{\"comments\":[{\"id\":2}]},{\"error\":1}]");
    let expected = [
        good(1, 14, 8, "{\"id\":1}"),
        good(1, 38, 8, "{\"id\":2}"),
        bad(1, 49, 11, "this part of the file holds no array or object at `*.comments`"),
    ];
    assert_eq!(file.read(Format::Json, Some("*.comments")).unwrap(), expected);
}

#[test]
fn an_object_where_an_array_could_be_is_one_record() {
    let file = File::new("t.json", "{\"ticket\": {\"id\": 1}}");
    assert_eq!(texts(file.read(Format::Json, Some("ticket")).unwrap()), ok(&["{\"id\": 1}"]));
    let file = File::new("t.json", "{\"id\":\n1}\n{\"id\":\n2}\n");
    assert_eq!(texts(file.read(Format::Json, Some(".")).unwrap()), ok(&["{\"id\":\n1}", "{\"id\":\n2}"]));
}

#[test]
fn an_error_page_among_the_pages_is_not_lost_in_silence() {
    let file = File::new("t.json", "{\"comments\":[{\"id\":1}]}\n{\"error\":\"TooMany\"}\n{\"comments\":[{\"id\":2}]}");
    let why = "this part of the file holds no array or object at `comments`";
    assert_eq!(
        file.read(Format::Json, Some("comments")).unwrap(),
        [good(1, 13, 8, "{\"id\":1}"), bad(2, 24, 19, why), good(3, 57, 8, "{\"id\":2}")]
    );
}

#[test]
fn a_truncated_document_ends_in_a_broken_record() {
    let cases = [
        ("[{\"a\":1},{\"a\":\"tw", "the file ends in the middle of this record"),
        ("[{\"a\":1}", "the file ends in the middle of the document: what came after is missing"),
        ("[{\"a\":1},", "the file ends in the middle of the document: what came after is missing"),
        ("[{\"a\":1} {\"a\":2}]", "expected `,` or `]` here, found `{`; what follows is not read"),
        ("[{\"a\":1},]", "expected a record here, found `]`; what follows is not read"),
        ("[{\"a\":1}]]", "expected a value here, found `]`; what follows is not read"),
    ];
    for (content, why) in cases {
        let file = File::new("t.json", content);
        let read = texts(file.read(Format::Json, None).unwrap());
        assert_eq!(read, [Ok("{\"a\":1}".to_owned()), Err(why.to_owned())], "{content}");
    }
}

#[test]
fn several_arrays_of_objects_are_a_question_and_not_a_guess() {
    let file = File::new("t.json", "{\"n\":[1],\"users\":[{}],\n\"e\":[],\"comments\":[{}]}");
    insta::assert_snapshot!(file.error(Format::Json, None), @r#"t.json:2: the document holds several arrays of objects, `users` and `comments` | say in the mapping which one holds the records, such as `records = "users"`"#);
    assert_eq!(texts(file.read(Format::Json, Some("comments")).unwrap()), ok(&["{}"]));
}

#[test]
fn a_document_without_records_says_what_it_has_instead() {
    let file = File::new("t.json", "{\"id\":1,\"subject\":\"x\"}");
    insta::assert_snapshot!(file.error(Format::Json, None), @r#"t.json holds no array of objects at its top level; its top-level keys are id, subject | set `records` in the mapping to the path of the array; "." takes each document as one record"#);
    insta::assert_snapshot!(file.error(Format::Json, Some("data.comments")), @r#"t.json holds no array or object at `data.comments`; its top-level keys are id, subject | set `records` in the mapping to the path of the array; "." takes each document as one record"#);
    insta::assert_snapshot!(file.error(Format::Json, Some("a..b")), @r#"`records = "a..b"` is no path | write keys joined by dots, such as "data.comments"; `*` is every element of an array, and "." is the document itself"#);
}

#[test]
fn rows_have_exact_places_with_bodies_of_many_lines() {
    let file = File::new("t.csv", "\u{feff}id, body\r\n\r\n1,\"two\r\nlines, \"\"quoted\"\"\"\r\n2,a\"b\n\"3\",\"\"");
    assert_eq!(
        file.read(Format::Csv, None).unwrap(),
        [good(3, 15, 26, "1¦two\r\nlines, \"quoted\""), good(5, 43, 5, "2¦a\"b"), good(6, 49, 6, "3¦"),]
    );
    let header = file.open(Format::Csv, None).unwrap().header().cloned();
    assert_eq!(header, Some(Header(vec!["id".to_owned(), "body".to_owned()])));
}

#[test]
fn a_row_of_the_wrong_width_is_broken_and_the_next_is_read() {
    let file = File::new("t.csv", "a,b,c\n1\n1,2,3\n1,2,3,4\n1,2");
    assert_eq!(
        file.read(Format::Csv, None).unwrap(),
        [
            bad(2, 6, 1, "row has 1 cell, the header has 3"),
            good(3, 8, 5, "1¦2¦3"),
            bad(4, 14, 7, "row has 4 cells, the header has 3"),
            bad(5, 22, 3, "row has 2 cells, the header has 3, and the file ends in it"),
        ]
    );
}

#[test]
fn broken_utf8_breaks_one_row_and_names_its_column() {
    let file = File::new("t.csv", b"a,b\n1,caf\xE9\n2,x\n");
    assert_eq!(
        file.read(Format::Csv, None).unwrap(),
        [bad(2, 4, 6, "not valid UTF-8 in column 2 (`b`)"), good(3, 11, 3, "2¦x")]
    );
}

#[test]
fn a_quote_that_is_never_closed_is_a_broken_record() {
    let file = File::new("t.csv", "a,b\n1,x\n2,\"open\n3,y\n");
    assert_eq!(
        file.read(Format::Csv, None).unwrap(),
        [good(2, 4, 3, "1¦x"), bad(3, 8, 12, "the file ends in the middle of this record, or a quote is not closed")]
    );
}

#[test]
fn old_line_ends_end_rows_too() {
    let file = File::new("t.csv", "a,b\r1,2\r3,4\r");
    let offsets: Vec<_> = file.read(Format::Csv, None).unwrap().iter().map(|read| read.offset).collect();
    assert_eq!(offsets, [4, 8]);
}

#[test]
fn a_header_that_can_not_be_used_is_refused() {
    let error = |content: &[u8]| File::new("t.csv", content).error(Format::Csv, None);
    insta::assert_snapshot!(error(b"id,body, id\n"), @r#"t.csv:1: the header names the column `id` twice, as columns 1 and 3 | rename one of the two in the file's first row"#);
    insta::assert_snapshot!(error(b"id,caf\xE9\n"), @r#"t.csv:1: the header row can't be read: not valid UTF-8 in column 2 | save it as UTF-8 with the column names in the first row and try again"#);
    insta::assert_snapshot!(error(b"id,\"body\n1,2\n"), @r#"t.csv:1: the header row can't be read: the file ends in the middle of this record, or a quote is not closed | save it as UTF-8 with the column names in the first row and try again"#);
}

#[test]
fn an_empty_file_is_empty_in_every_format() {
    for (format, content) in [
        (Format::JsonLines, ""),
        (Format::JsonLines, " \n\n"),
        (Format::Json, "\u{feff}"),
        (Format::Csv, ""),
        (Format::Csv, "\r\n\n"),
    ] {
        let error = File::new("t.x", content).error(format, None);
        assert_eq!(error, "t.x is empty | export it again, or leave the file out");
    }
}

#[test]
fn an_export_without_records_is_no_error() {
    assert_eq!(File::new("t.json", "[]").read(Format::Json, None).unwrap(), []);
    assert_eq!(File::new("t.json", "{\"comments\":[]}").read(Format::Json, None).unwrap(), []);
    assert_eq!(File::new("t.csv", "a,b\n").read(Format::Csv, None).unwrap(), []);
}

#[test]
fn what_is_packed_or_not_utf8_is_called_so() {
    let error = |content: &[u8]| File::new("t.json", content).error(Format::Json, None);
    insta::assert_snapshot!(error(b"\x1F\x8B\x08\x00"), @r#"t.json is a gzip file | unpack it first, and name the unpacked file"#);
    insta::assert_snapshot!(error(b"PK\x03\x04"), @r#"t.json is a zip file | unpack it first, and name the unpacked file"#);
    insta::assert_snapshot!(error(b"\xFF\xFE{\x00"), @r#"t.json is written in UTF-16, not in UTF-8 | save it as UTF-8 and try again"#);
}

#[test]
fn a_file_that_became_shorter_has_changed() {
    let file = File::new("t.jsonl", "{\"a\":1}\n");
    let mut again = Rereader::open(&file.path, Format::JsonLines, None).unwrap();
    assert!(again.read(0, 7).is_ok());
    assert!(matches!(again.read(4, 7), Err(ExportError::Changed { offset: 4, .. })));
}

#[test]
fn the_format_is_told_by_content_and_then_by_name() {
    let ticket = r#"{"url":"x","id":1,"comments":[{"id":2}]}"#;
    let page = r#"{"comments":[{"id":2,"ticket_id":1}],"next_page":null}"#;
    let cases = [
        ("a.json", format!("{ticket}\n{ticket}\n"), "json-lines"),
        ("a.json", ticket.to_owned(), "json-lines"),
        ("a.json", page.to_owned(), "json"),
        ("a.json", format!("{page}\n{page}\n"), "json"),
        ("a.jsonl", format!("{page}\n{page}\n"), "json-lines"),
        ("a.json", r#"{"comments":[],"count":0}"#.to_owned(), "json"),
        ("a.json", page[..30].to_owned(), "json"),
        ("a.json", "{\n  \"id\": 1\n}\n".to_owned(), "json"),
        ("a.jsonl", "{\n  \"id\": 1\n}\n".to_owned(), "json"),
        ("a.jsonl", "{oops\n{\"id\": 1}\n".to_owned(), "json-lines"),
        ("a.json", "\u{feff} [{}]".to_owned(), "json"),
        ("a.csv", "id\n1\n".to_owned(), "csv"),
        ("a.txt", "id,body\n1,x\n".to_owned(), "csv"),
        ("a.csv", "[{}]".to_owned(), "json"),
    ];
    for (name, content, expected) in cases {
        let file = File::new(name, &content);
        let format = Format::of_file(&file.path).unwrap();
        assert_eq!(format, Format::from_word(expected).unwrap(), "{name}: {content}");
    }
    assert!(matches!(Format::of_file(&File::new("a.txt", "hello").path), Err(ExportError::UnknownFormat { .. })));
}

fn ids(name: &str, content: &str) -> Vec<String> {
    let file = File::new(name, content);
    let folder = format!("{}/", file.path.parent().unwrap().display());
    let rows = match IdsFile::open(&file.path) {
        Ok(rows) => rows.collect(),
        Err(error) => vec![Err(error)],
    };
    rows.into_iter()
        .map(|row| match row {
            Ok(row) => format!("{}: `{}` {}", row.line, row.external_id, row.target),
            Err(error) => error.to_string().replace(&folder, ""),
        })
        .collect()
}

#[test]
fn an_ids_file_keeps_foreign_ids_as_they_are() {
    let csv = "name,message_id,ticket_id,external_id\n x,3,2,0071 \ny, 5 ,4,33000000000001\n";
    assert_eq!(ids("ids.csv", csv), ["2: `0071 ` ticket 2, message 3", "3: `33000000000001` ticket 4, message 5"]);
    let lines = "{\"external_id\":33000000000001,\"ticket_id\":\"2\",\"message_id\":3}\n\n{\"external_id\":\"007\",\"ticket_id\":4,\"message_id\":5,\"x\":[]}";
    assert_eq!(ids("ids.jsonl", lines), ["1: `33000000000001` ticket 2, message 3", "3: `007` ticket 4, message 5"]);
}

#[test]
fn a_wrong_ids_file_is_told_with_line_and_column() {
    insta::assert_snapshot!(ids("ids.csv", "external_id,ticket,message_id\n1,2,3\n").join("\n"), @r#"ids.csv:1: the ids file has no column `ticket_id`; it has external_id, ticket, message_id"#);
    insta::assert_snapshot!(ids("ids.jsonl", "{\"external_id\":\"1\",\"ticket_id\":3}\n").join("\n"), @r#"ids.jsonl:1: the ids file has no column `message_id`; it has external_id, ticket_id"#);
    let rows = "external_id,ticket_id,message_id\n1,3.3E+13,3\n2,,3\n3,2.0,3\n4,0,3\n5,x,3\n6,7\n ,1,2\n8,1,2\n";
    insta::assert_snapshot!(ids("ids.csv", rows).join("\n"), @r#"
    ids.csv:2: ticket_id `3.3E+13` is no whole number: a spreadsheet may have changed it
    ids.csv:3: ticket_id is empty
    ids.csv:4: ticket_id `2.0` is no whole number: a spreadsheet may have changed it
    ids.csv:5: ticket_id `0` is no id of Gorgias, which is a whole number
    ids.csv:6: ticket_id `x` is no id of Gorgias, which is a whole number
    ids.csv:7: row has 2 cells, the header has 3
    ids.csv:8: external_id is empty
    9: `8` ticket 1, message 2
    "#);
    insta::assert_snapshot!(ids("ids.jsonl", "{\"external_id\":3.3E+13,\"ticket_id\":3,\"message_id\":1}\n[1]\n").join("\n"), @r#"
    ids.jsonl:1: external_id `33000000000000.0` is no whole number
    ids.jsonl:2: the line holds no JSON object
    "#);
}
