//! The splitters beside the parsers that they must agree with, on inputs that nobody thought of.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::io::{self, Read, Write};
use std::path::Path;

use deskferry::export::{Body, Content, Format, Reader, Rereader};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// A source that gives as few bytes at a time as it is told to.
struct Drips {
    bytes: io::Cursor<Vec<u8>>,
    sizes: Vec<usize>,
    next: usize,
}

impl Read for Drips {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.next % self.sizes.len()].min(buffer.len());
        self.next += 1;
        self.bytes.read(&mut buffer[..size])
    }
}

/// Every record of `bytes`, as text; rows as JSON arrays. Fails on a broken one, and where a record is not found again at its place.
fn read(bytes: &[u8], sizes: &[usize], target: usize, format: Format, records: Option<&str>) -> Vec<Value> {
    let path = Path::new("export");
    let drips = Drips { bytes: io::Cursor::new(bytes.to_vec()), sizes: sizes.to_vec(), next: 0 };
    let mut reader = Reader::from_read(Box::new(drips), path, format, records).unwrap();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let mut again = Rereader::open(file.path(), format, reader.header().cloned()).unwrap();
    let mut all = Vec::new();
    while let Some(chunk) = reader.next_chunk(target).unwrap() {
        for record in &chunk.records {
            assert!(!matches!(record.body, Body::Broken(_)), "{record:?}");
            let start = usize::try_from(record.offset).unwrap();
            let lines_before = memchr::memchr_iter(b'\n', &bytes[..start]).count() as u64;
            assert_eq!(record.line, lines_before + 1);
            let same = again.read(record.offset, record.length).unwrap();
            let value = value(chunk.content(record).unwrap());
            assert_eq!(same.content(&same.records[0]).map(self::value), Ok(value.clone()));
            all.push(value);
        }
    }
    assert_eq!(reader.digest(), Some(blake3::hash(bytes)));
    all
}

fn value(content: Content<'_>) -> Value {
    match content {
        Content::Json(bytes) => serde_json::from_slice(bytes).unwrap(),
        Content::Row(row) => row.iter().map(Value::from).collect(),
    }
}

/// Texts in which everything that could mislead a splitter is likely.
fn text() -> impl Strategy<Value = String> {
    let sign = prop_oneof![
        3 => prop::sample::select(vec!['"', '\\', '{', '}', '[', ']', ',', ':', '\n', '\r', '\t', ' ', '\'', '\u{feff}', 'é', '😀', '\0']),
        2 => any::<char>(),
    ];
    prop::collection::vec(sign, 0..12).prop_map(String::from_iter)
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(|number: f64| Value::from(number.round() / 4.0)),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn object() -> impl Strategy<Value = Value> {
    prop::collection::vec((text(), json()), 0..4).prop_map(|members| Value::Object(members.into_iter().collect()))
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1..40_usize, 1..8)
}

fn written(value: &Value, pretty: bool) -> String {
    if pretty { serde_json::to_string_pretty(value).unwrap() } else { value.to_string() }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn the_elements_of_an_array_are_those_of_serde_json(
        elements in prop::collection::vec(json(), 0..8), pretty: bool, sizes in sizes(), target in 1..200_usize,
    ) {
        let document = written(&Value::from(elements.clone()), pretty);
        prop_assert_eq!(read(document.as_bytes(), &sizes, target, Format::Json, None), elements);
    }

    #[test]
    fn pages_give_the_elements_of_their_array_and_nothing_else(
        pages in prop::collection::vec((prop::collection::vec(object(), 0..4), json(), json()), 1..4),
        pretty: bool, sizes in sizes(), target in 1..200_usize,
    ) {
        let mut file = String::new();
        for (records, before, after) in &pages {
            // serde_json sorts keys, so the array stands between the two others.
            let mut page = Map::new();
            page.insert("a".into(), before.clone());
            page.insert("data".into(), serde_json::json!({"x": before, "y\"": Value::from(records.clone()), "z": after}));
            page.insert("e".into(), after.clone());
            file.push_str(&written(&Value::Object(page), pretty));
        }
        let expected: Vec<_> = pages.into_iter().flat_map(|(records, ..)| records).collect();
        prop_assert_eq!(read(file.as_bytes(), &sizes, target, Format::Json, Some("data.y\"")), expected);
    }

    #[test]
    fn lines_are_the_values_that_were_written(
        values in prop::collection::vec(json(), 1..8), ends in prop::collection::vec("(\r?\n)( {0,2}\r?\n){0,2}", 8), sizes in sizes(), target in 1..200_usize,
    ) {
        let mut file = String::new();
        for (value, end) in values.iter().zip(&ends) {
            file.push_str(&value.to_string());
            file.push_str(end);
        }
        prop_assert_eq!(read(file.as_bytes(), &sizes, target, Format::JsonLines, None), values);
    }

    #[test]
    fn rows_are_the_cells_that_were_written(
        rows in prop::collection::vec(prop::collection::vec(text(), 3), 0..8),
        crlf: bool, always_quoted: bool, sizes in sizes(), target in 1..200_usize,
    ) {
        let mut writer = csv::WriterBuilder::new()
            .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .quote_style(if always_quoted { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary })
            .from_writer(Vec::new());
        writer.write_record(["id", "body", "time"]).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let file = writer.into_inner().unwrap();
        let expected: Vec<Value> = rows.into_iter().map(Value::from).collect();
        prop_assert_eq!(read(&file, &sizes, target, Format::Csv, None), expected);
    }

    #[test]
    fn rows_are_split_where_the_csv_crate_splits_them(
        garbage in "[a,\"\r\n é]{0,60}", sizes in sizes(), target in 1..50_usize,
    ) {
        let file = format!("x,y\n{garbage}");
        let mut oracle = csv::ReaderBuilder::new().flexible(true).from_reader(file.as_bytes());
        let expected: Vec<Vec<String>> = oracle.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        let drips = Drips { bytes: io::Cursor::new(file.into_bytes()), sizes, next: 0 };
        let mut reader = Reader::from_read(Box::new(drips), Path::new("t.csv"), Format::Csv, None).unwrap();
        let mut rows = Vec::new();
        while let Some(chunk) = reader.next_chunk(target).unwrap() {
            rows.extend(chunk.records.into_iter().map(|record| record.body));
        }
        prop_assert_eq!(rows.len(), expected.len());
        for (row, cells) in rows.iter().zip(&expected) {
            match row {
                Body::Row(row) => prop_assert_eq!(&row.iter().map(str::to_owned).collect::<Vec<_>>(), cells),
                // The last one may also be a quote that is not closed.
                Body::Broken(cause) => prop_assert!(cells.len() != 2 || cause.detail.contains("a quote is not closed")),
                Body::Json(_) => prop_assert!(false),
            }
        }
    }

    #[test]
    fn no_bytes_at_all_make_a_reader_fail_or_hang(
        bytes in prop::collection::vec(prop::sample::select(b"{}[]\",:\\\n\r 1ax\xFF\xEF\xBB\xBF".to_vec()), 1..80), sizes in sizes(),
    ) {
        for format in Format::ALL {
            for records in [None, Some("a"), Some("*.a"), Some(".")] {
                let drips = Drips { bytes: io::Cursor::new(bytes.clone()), sizes: sizes.clone(), next: 0 };
                let Ok(mut reader) = Reader::from_read(Box::new(drips), Path::new("t"), format, records) else { continue };
                while let Ok(Some(chunk)) = reader.next_chunk(9) {
                    prop_assert!(!chunk.records.is_empty());
                }
                prop_assert!(reader.bytes_read() <= bytes.len() as u64);
            }
        }
    }
}
