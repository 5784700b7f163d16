//! Finding an export: which files are read, and what is said when there are none.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};

use deskferry::export::{ExportError, Found, find};
use tempfile::TempDir;

/// A folder with empty files in it.
struct Tree(TempDir);

impl Tree {
    fn new(files: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Searches as a mapping does whose inputs are tickets and whose lookup are users.
    fn find(&self, exports: &[&str]) -> Result<Found, ExportError> {
        let exports: Vec<_> = exports.iter().map(|export| self.path().join(export)).collect();
        find(&exports, &["tickets*.json*".to_owned()], &[("users", &["users*".to_owned()])])
    }

    fn names(&self, paths: &[PathBuf]) -> Vec<String> {
        paths.iter().map(|path| path.strip_prefix(self.path()).unwrap().to_string_lossy().into_owned()).collect()
    }

    fn error(&self, exports: &[&str]) -> String {
        let error = self.find(exports).expect_err("an error");
        let hint = error.hint().unwrap_or_default();
        format!("{error} | {hint}").replace(&*self.path().to_string_lossy(), "FOLDER")
    }
}

#[test]
fn a_folder_gives_inputs_lookups_and_ids_in_natural_order() {
    let tree = Tree::new(&[
        "tickets_10.json",
        "Tickets_2.JSON",
        "tickets_1.json",
        "more/tickets_3.jsonl",
        "users_1.json",
        "more/users_2.json",
        "ids.csv",
        "readme.txt",
        ".hidden.json",
        ".git/tickets.json",
        "__MACOSX/tickets.json",
    ]);
    let found = tree.find(&[""]).unwrap();
    assert_eq!(
        tree.names(&found.inputs),
        ["more/tickets_3.jsonl", "tickets_1.json", "Tickets_2.JSON", "tickets_10.json"]
    );
    assert_eq!(tree.names(&found.lookups["users"]), ["more/users_2.json", "users_1.json"]);
    assert_eq!(tree.names(&found.ids), ["ids.csv"]);
}

#[test]
fn a_pattern_may_name_the_folder_as_well() {
    let tree = Tree::new(&["tickets.json", "comments/8.json", "x/Comments/9.json.gz", "notes/8.json", "comments.json"]);
    let patterns = ["comments/*.json".to_owned(), "tickets*".to_owned()];
    let found = find(&[tree.path().to_owned()], &patterns, &[]).unwrap();
    assert_eq!(tree.names(&found.inputs), ["comments/8.json", "tickets.json", "x/Comments/9.json.gz"]);
}

#[test]
fn data_that_no_pattern_fits_is_found_to_be_named() {
    let tree = Tree::new(&["tickets.json", "comments/8.json", "comment.csv.gz", "readme.txt", "users.json"]);
    assert_eq!(tree.names(&tree.find(&[""]).unwrap().unread), ["comment.csv.gz", "comments/8.json"]);
    let named = tree.find(&["tickets.json"]).unwrap();
    assert!(named.unread.is_empty(), "beside a file that is named lies what nobody asked for");
}

#[test]
fn a_named_file_is_read_whatever_it_is_called_with_what_lies_beside_it() {
    let tree = Tree::new(&["export.txt", "tickets.json", "users.json", "ids.jsonl", "deeper/users.json"]);
    let found = tree.find(&["export.txt"]).unwrap();
    assert_eq!(tree.names(&found.inputs), ["export.txt"]);
    assert_eq!(tree.names(&found.lookups["users"]), ["users.json"]);
    assert_eq!(found.one_ids_file().unwrap(), Some(tree.path().join("ids.jsonl").as_path()));
}

#[test]
fn a_named_file_is_an_input_even_if_it_looks_like_a_lookup() {
    let tree = Tree::new(&["users.json", "ids.csv"]);
    let found = tree.find(&["users.json", "ids.csv"]).unwrap();
    assert_eq!(tree.names(&found.inputs), ["ids.csv", "users.json"]);
    assert!(found.lookups["users"].is_empty());
    assert!(found.ids.is_empty());
}

#[test]
fn nothing_is_read_twice() {
    let tree = Tree::new(&["a/tickets.json", "a/users.json"]);
    let found = tree.find(&["a/tickets.json", "a", "a/../a/tickets.json", "."]).unwrap();
    assert_eq!(tree.names(&found.inputs), ["a/tickets.json"]);
    assert_eq!(tree.names(&found.lookups["users"]), ["a/users.json"]);
}

#[cfg(unix)]
#[test]
fn links_that_go_round_in_circles_are_walked_once() {
    let tree = Tree::new(&["a/tickets.json"]);
    std::os::unix::fs::symlink(tree.path(), tree.path().join("a/up")).unwrap();
    let found = tree.find(&["a"]).unwrap();
    assert_eq!(found.inputs.len(), 1);
}

#[test]
fn without_patterns_any_export_in_the_folder_is_an_input() {
    let tree = Tree::new(&["x.csv", "y.ndjson", "users.json", "ids.csv", "notes.txt"]);
    let found = find(&[tree.path().to_owned()], &[], &[("users", &["users.json".to_owned()])]).unwrap();
    assert_eq!(tree.names(&found.inputs), ["x.csv", "y.ndjson"]);
}

#[test]
fn two_ids_files_are_a_question() {
    let tree = Tree::new(&["tickets.json", "ids.csv", "old/ids.csv"]);
    let error = tree.find(&[""]).unwrap().one_ids_file().expect_err("an error");
    assert!(matches!(error, ExportError::SeveralIds { .. }));
    assert_eq!(error.hint().unwrap(), "say which one it is with --ids FILE");
}

#[test]
fn what_is_not_there_is_said_with_what_is() {
    let tree = Tree::new(&["tickets.json", "other/notes.txt", "other/list.json"]);
    fs::create_dir(tree.path().join("empty")).unwrap();
    insta::assert_snapshot!(tree.error(&["tikets.json"]), @r#"FOLDER/tikets.json does not exist | did you mean `tickets.json`?"#);
    insta::assert_snapshot!(tree.error(&["zzz"]), @r#"FOLDER/zzz does not exist | check the name, and the folder that you are in"#);
    insta::assert_snapshot!(tree.error(&["nowhere/zzz"]), @r#"FOLDER/nowhere/zzz does not exist | check the name, and the folder that you are in"#);
    insta::assert_snapshot!(tree.error(&["tickets.json/x"]), @r#"FOLDER/tickets.json/x does not exist | check the name, and the folder that you are in"#);
    insta::assert_snapshot!(tree.error(&["empty"]), @r#"the folder FOLDER/empty holds no files | name the folder or the files that hold the export"#);
    insta::assert_snapshot!(tree.error(&["other"]), @r#"no file in FOLDER/other is named like an export: looked for tickets*.json*; there is list.json, notes.txt | name the files themselves, or choose another mapping with --mapping"#);
}
