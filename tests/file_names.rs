//! What an export says only by the names of its files is read from them.

mod mapping_support;
mod support;

use deskferry::mapping::Lookups;
use deskferry::update::Field;
use mapping_support::{compile, draft, lookups, map_in, set, small};
use support::Folder;

fn body(file: &str, path: &str) -> Field<String> {
    let mapping = compile(&small("", &format!("body_text = {{ from = \"{path}\" }}")));
    draft(&map_in(file, &mapping, &Lookups::default(), r#"{"id":1}"#)).body_text
}

#[test]
fn a_file_has_a_name_a_stem_a_folder_and_a_number() {
    for file in ["export/t-9/comments-123-4.json", "export.zip/t-9/comments-123-4.json.gz"] {
        assert_eq!(body(file, "@file.name"), set("comments-123-4.json"), "compressed or not");
        assert_eq!(body(file, "@file.stem"), set("comments-123-4"));
        assert_eq!(body(file, "@file.folder"), set("t-9"));
        assert_eq!(body(file, "@file.number"), set("123"));
    }
}

#[test]
fn without_a_number_in_the_name_it_is_the_folder_s() {
    assert_eq!(body("export/t-9/comments.json", "@file.number"), set("9"));
    assert_eq!(body("/export/comments.mp3", "@file.number"), Field::Keep, "an ending is no number");
}

#[test]
fn the_number_of_a_file_finds_rows_of_a_lookup() {
    let head = "[lookups.tickets]\nfiles = \"tickets*\"\nkey = \"id\"";
    let fields = "subject = { from = \"@tickets[@file.number].subject\" }\nbody_text = [{ when = \"@tickets[@file.number] exists\", value = \"known\" }, { value = \"unknown\" }]";
    let text = small(head, fields) + "[message.ticket]\nexternal_id = { from = \"@file.number\" }\n";
    let mapping = compile(&text);
    let rows = [r#"{"id":123,"subject":"S"}"#, r#"{"id":"0124","subject":"T"}"#];
    let lookups = lookups(&mapping, &[("tickets", &rows)]);
    let of = |file: &str| {
        let mapped = map_in(file, &mapping, &lookups, r#"{"id":1}"#);
        (draft(&mapped).subject, draft(&mapped).body_text, mapped[0].ticket.clone())
    };
    assert_eq!(of("comments/123.json"), (set("S"), set("known"), Some("123".to_owned())));
    assert_eq!(of("comments/0124.json"), (set("T"), set("known"), Some("0124".to_owned())));
    assert_eq!(of("comments/5.json"), (Field::Keep, set("unknown"), Some("5".to_owned())));
}

#[test]
fn a_run_reads_the_same_from_a_relative_and_an_absolute_path() {
    // The plan reads `.`, and pass 2 the same file by its absolute path; the folder must not differ.
    let folder = Folder::new();
    folder.write("acme.toml", small("", "subject = { from = \"@file.folder\", required = true }"));
    folder.write("123.jsonl", "{\"id\": 1}\n");
    folder.write("ids.csv", "external_id,ticket_id,message_id\n1,5,6\n");
    folder.run("run 123.jsonl --mapping acme.toml --simulate").expect(0);
}
