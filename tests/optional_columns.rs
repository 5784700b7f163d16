//! A CSV may lack the columns that its mapping calls optional, and no others.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(clippy::needless_raw_string_hashes, reason = "all snapshots are quoted alike")]

mod mapping_support;

use std::path::Path;

use deskferry::export::Header;
use deskferry::mapping::Mapping;
use deskferry::update::Field;
use insta::assert_snapshot;
use mapping_support::{compile, draft, map_row, small};

const FIELDS: &str = "subject = { from = [\"subject\", \"'Old subject'\"] }\nbody_text = { from = \"body\" }";

fn optional() -> String {
    small(r#"optional_columns = ["subject", "Old subject"]"#, FIELDS)
}

fn refused(header: &[&str]) -> String {
    let mapping = compile(&optional());
    let header = Header(header.iter().map(|&column| column.to_owned()).collect());
    mapping.reader(Some(&header), Path::new("a.csv")).expect_err("a column is missing").render()
}

fn refusal(head: &str) -> String {
    Mapping::compile(&small(head, FIELDS), "acme.toml").expect_err("a wrong mapping").render()
}

#[test]
fn a_column_that_is_absent_is_an_empty_one() {
    let made = draft(&map_row(&optional(), &["body", "id"], &["hello", "7"]));
    assert_eq!((made.body_text, made.subject), (Field::Set("hello".into()), Field::Keep));
    // The others stand where they stand, whatever is absent before them.
    let made = draft(&map_row(&optional(), &["body", "Old subject", "id"], &["hello", "Lamp", "7"]));
    assert_eq!((made.external_id, made.subject), (Field::Set("7".into()), Field::Set("Lamp".into())));
}

#[test]
fn any_other_column_must_be_there() {
    assert_snapshot!(refused(&["id", "text"]), @r#"
    error: the export has no column `body`
      --> acme.toml:12:23
       |
    12 | body_text = { from = "body" }
       |                       ^^^^ read here
       |
       = columns: id, text
    "#);
}

#[test]
fn an_optional_one_must_not_hide_in_another_spelling() {
    assert_snapshot!(refused(&["id", "body", "Subject"]), @r#"
    error: the export has no column `subject`
      --> acme.toml:11:22
       |
    11 | subject = { from = ["subject", "'Old subject'"] }
       |                      ^^^^^^^ did you mean `Subject`?
       |
       = columns: id, body, Subject
    "#);
    // One that is read under its own name is nobody else's.
    let text = small(r#"optional_columns = ["subject"]"#, "subject = { from = [\"subject\", \"Subject\"] }");
    let made = draft(&map_row(&text, &["id", "Subject"], &["7", "Lamp"]));
    assert_eq!(made.subject, Field::Set("Lamp".into()));
}

#[test]
fn a_name_that_no_field_reads_is_a_mistake_in_the_mapping() {
    assert_snapshot!(refusal(r#"optional_columns = ["subject", "bdy"]"#), @r#"
    error: no field reads the column `bdy`
     --> acme.toml:3:33
      |
    3 | optional_columns = ["subject", "bdy"]
      |                                 ^^^ did you mean `body`?
      |
      = valid: id, subject, Old subject, body
    "#);
}

#[test]
fn json_has_no_columns() {
    assert_snapshot!(refusal("format = \"json-lines\"\noptional_columns = [\"subject\"]"), @r#"
    error: `optional_columns` is for CSV only
     --> acme.toml:4:20
      |
    4 | optional_columns = ["subject"]
      |                    ^^^^^^^^^^^ in JSON every key may be absent
    "#);
}
