//! A record may hold several kinds of message: each `[[message]]` block says which records and which part of them it is
//! for, and what no block is for is not lost.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod mapping_support;

use deskferry::mapping::{Doubles, Lookups, Mapped, MappedResult};
use deskferry::record::CauseKind;
use deskferry::update::Field;
use mapping_support::{block, blocked, compile, draft, head, lookups, map, map_in, map_row, map_with, skipped, small};

/// A mapping of one block with `keys`, whose messages have an id and a text.
fn one(keys: &str) -> String {
    head("") + &block(keys, "body_text = { from = \"body\" }")
}

/// Block, item and id of each message; `None` for the id of one that can't be read.
fn seen(mapped: &[Mapped]) -> Vec<(u16, u32, Option<&str>)> {
    mapped.iter().map(|one| (one.block, one.item, one.external_id.as_deref())).collect()
}

fn reason(mapped: &Mapped) -> (CauseKind, &str) {
    match &mapped.result {
        MappedResult::Blocked(cause) | MappedResult::Skipped(cause) => (cause.kind, &cause.detail),
        MappedResult::Message(draft) => panic!("a message: {draft:#?}"),
    }
}

const UNREADABLE: CauseKind = CauseKind::Unreadable;

#[test]
fn a_kind_has_a_name_or_else_a_number() {
    let text = head("") + &block("", "") + &block("name = \"notes\"", "") + &block("", "");
    assert_eq!(compile(&text).block_names(), ["message 1", "notes", "message 3"]);
}

#[test]
fn the_head_says_whether_it_is_experimental_and_which_double_counts() {
    let plain = compile(&small("", ""));
    assert_eq!((plain.is_experimental(), plain.doubles()), (false, Doubles::Newest));
    assert!(compile(&small("experimental = true", "")).is_experimental());
    for doubles in Doubles::ALL {
        let head = format!("doubles = \"{}\"", doubles.word());
        assert_eq!(compile(&small(&head, "")).doubles(), doubles);
    }
}

#[test]
fn a_record_is_read_by_every_block_that_is_for_it() {
    let text = head("") + &block("when = \"kind != 'note'\"", "") + &block("when = \"body exists\"", "");
    let mapping = compile(&text);
    let blocks = |record: &str| {
        let mapped = map_with(&mapping, &Lookups::default(), record);
        mapped.iter().map(|one| one.block).collect::<Vec<_>>()
    };
    assert_eq!(blocks(r#"{"id":1,"body":"x"}"#), [0, 1]);
    assert_eq!(blocks(r#"{"id":1}"#), [0]);
    assert_eq!(blocks(r#"{"id":1,"kind":"note","body":"x"}"#), [1]);
}

#[test]
fn a_record_that_no_block_is_for_is_one_blocked_message() {
    let text = head("") + &block("when = \"kind == 'a'\"", "") + &block("when = \"kind == 'b'\"\neach = \"list\"", "");
    let reason = "no [[message]] block of the mapping is for this record";
    assert_eq!(blocked(&map(&text, r#"{"id":1,"kind":"c"}"#)), (CauseKind::Unmapped, reason));
}

#[test]
fn a_block_is_for_the_files_that_it_names() {
    let mapping =
        compile(&(head("") + &block("files = [\"*notes*.json\", \"x?.json\"]", "") + &block("files = \"t*\"", "")));
    let blocks = |file: &str| {
        let mapped = map_in(file, &mapping, &Lookups::default(), r#"{"id":1}"#);
        mapped.iter().map(|one| (one.block, one.external_id.is_some())).collect::<Vec<_>>()
    };
    assert_eq!(blocks("in/my-notes-2.json"), [(0, true)]);
    assert_eq!(blocks("in/my-notes-2.json.gz"), [(0, true)]);
    assert_eq!(blocks("export.zip/notes/NOTES.json.zst"), [(0, true)]);
    assert_eq!(blocks("in/x1.json"), [(0, true)]);
    assert_eq!(blocks("in/tickets.json"), [(1, true)]);
    assert_eq!(blocks("in/t-notes.json"), [(0, true), (1, true)]);
    assert_eq!(blocks("notes/users.json"), [(0, false)], "blocked: it is the file's name that counts");
}

#[test]
fn a_csv_needs_the_columns_of_the_blocks_for_it_and_no_others() {
    let notes = block("files = \"*notes*\"", "body_text = { from = \"note\" }");
    let text = head("") + &notes + &block("files = \"*tickets*\"", "body_text = { from = \"text\" }");
    let made = draft(&map_row(&text, &["text", "id"], &["hello", "1"]));
    assert_eq!(made.body_text, Field::Set("hello".to_owned()));
    let header = deskferry::export::Header(vec!["text".into(), "id".into()]);
    let refused = compile(&text).reader(Some(&header), "notes.csv".as_ref()).err();
    let refused = refused.map(|error| error.diagnostics[0].message.clone());
    assert_eq!(refused.as_deref(), Some("the export has no column `note`"));
}

#[test]
fn an_optional_list_that_is_not_there_holds_no_message() {
    let text = one("each = \"notes\"\noptional = true");
    assert_eq!(map(&text, r#"{"id":1}"#), []);
    assert_eq!(map(&text, r#"{"id":1,"notes":null}"#), []);
    assert_eq!(map(&text, r#"{"id":1,"notes":[]}"#), []);
    assert_eq!(seen(&map(&text, r#"{"notes":[{"id":2}]}"#)), [(0, 0, Some("2"))]);
    assert_eq!(blocked(&map(&text, r#"{"notes":"none"}"#)).1, "`notes` is not a list", "it is there");
}

#[test]
fn of_several_lists_the_first_that_is_there_counts() {
    let text = one("each = [\"a\", \"b.c\"]");
    let ids = |record: &str| {
        let mapped = map(&text, record);
        mapped.into_iter().filter_map(|one| one.external_id).collect::<Vec<_>>()
    };
    let both = r#"{"a":[{"id":1}],"b":{"c":[{"id":2},{"id":3}]}}"#;
    assert_eq!(ids(both), ["1"]);
    for a in ["null", "\"\"", "7", "false"] {
        assert_eq!(ids(&both.replace("[{\"id\":1}]", a)), ["2", "3"], "{a} is no list and another follows");
    }
    assert!(ids(r#"{"a":[],"b":{"c":[{"id":2}]}}"#).is_empty(), "an empty list is there");
    assert_eq!(ids(r#"{"b":{"c":{"id":2}}}"#), ["2"]);
    assert_eq!(blocked(&map(&text, r#"{"b":{}}"#)), (UNREADABLE, "the record has no `a` or `b.c`"));
    assert_eq!(blocked(&map(&text, r#"{"b":{"c":5}}"#)).1, "`b.c` is not a list");
}

#[test]
fn fields_read_the_same_keys_wherever_the_messages_are() {
    // The second list has been read before, and its keys in another order.
    let first = block("", "subject = { from = \"b.y\" }\nmessage_id = { from = \"b.body\" }");
    let second = block(
        "each = [\"a\", \"b\"]\nskip = [{ when = \"x == 'no'\", reason = \"no\" }]",
        "body_text = { from = \"body\" }\nsubject = { from = \"y.z\" }",
    );
    let text = head("") + &first + &second;
    for list in ["a", "b"] {
        let record =
            format!(r#"{{"id":0,"{list}":[{{"id":1,"body":"B","y":{{"z":"Z"}},"x":1}},{{"id":2,"x":"no"}}]}}"#);
        let mapped = map(&text, &record);
        let made = draft(&mapped[1..2]);
        assert_eq!((made.body_text, made.subject), (Field::Set("B".into()), Field::Set("Z".into())), "{list}");
        assert_eq!(skipped(&mapped[2..]), "no");
    }
}

#[test]
fn a_path_goes_into_each_element_of_a_list_and_its_messages_are_numbered_through() {
    let text = one("each = \"notes[].note\"") + "[message.ticket]\nexternal_id = { from = \"parent.ticket\" }";
    let mapped = map(
        &text,
        r#"{"ticket":"7","notes":[{"note":{"id":1}},{"note":[{"id":2},{"id":3},4]},{},{"note":"x"},5,{"note":{"id":6}}]}"#,
    );
    assert_eq!(
        seen(&mapped),
        [
            (0, 0, Some("1")),
            (0, 1, Some("2")),
            (0, 2, Some("3")),
            (0, 3, None),
            (0, 4, None),
            (0, 5, None),
            (0, 6, None),
            (0, 7, Some("6")),
        ]
    );
    assert!(mapped.iter().all(|one| one.ticket.as_deref() == Some("7")), "the record is around each message");
    let reasons: Vec<_> = mapped[3..7].iter().map(reason).collect();
    assert_eq!(
        reasons,
        [
            (UNREADABLE, "an item of `notes[].note` is not an object"),
            (UNREADABLE, "an item of `notes` has no `note`"),
            (CauseKind::Unmapped, "`notes[].note` is not a list"),
            (UNREADABLE, "an item of `notes` has no `note`"),
        ]
    );
}

#[test]
fn a_path_goes_through_several_lists() {
    let text = one("each = \"a[].b.c[].d\"\noptional = true");
    let mapped = map(&text, r#"{"a":[{"b":{"c":[{"d":{"id":1}},{"d":[{"id":2}]},{}]}},{"b":null},{}]}"#);
    let ids: Vec<_> = seen(&mapped).into_iter().map(|(_, _, id)| id).collect();
    assert_eq!(ids, [Some("1"), Some("2"), None, None, None], "only the first list may be missing");
    assert_eq!(map(&text, "{}"), []);
    let itself = map(&one("each = \".\""), r#"{"id":1,"body":"x"}"#);
    assert_eq!((seen(&itself), draft(&itself).body_text), (vec![(0, 0, Some("1"))], Field::Set("x".into())));
    let plain = one("each = \"notes[]\"");
    assert_eq!(seen(&map(&plain, r#"{"notes":[{"id":1}]}"#)), [(0, 0, Some("1"))], "the same as `notes`");
    assert_eq!(seen(&map(&text, r#"{"a":{"b":{"c":{"d":{"id":1}}}}}"#)), [(0, 0, Some("1"))], "one of each");
    let mapped = map(&text, r#"{"a":["x",{"b":{"c":5}}]}"#);
    let reasons: Vec<_> = mapped.iter().map(|one| reason(one).1).collect();
    assert_eq!(reasons, ["an item of `a` has no `b.c`", "`a[].b.c[].d` is not a list"]);
}

#[test]
fn an_element_is_taken_from_either_end() {
    let body = |path: &str| {
        let text = small("", &format!("body_text = {{ from = \"{path}\" }}"));
        draft(&map(&text, r#"{"id":1,"to":["a","b",{"c":["d"]}]}"#)).body_text
    };
    assert_eq!(body("to[-3]"), Field::Set("a".into()));
    assert_eq!(body("to[-2]"), Field::Set("b".into()));
    assert_eq!(body("to[-1].c[-1]"), Field::Set("d".into()));
    assert_eq!(body("to[-4]"), Field::Keep);
    assert_eq!(body("to[-9223372036854775808]"), Field::Keep);
    assert_eq!(body("to[2].c[1]"), Field::Keep);
}

#[test]
fn a_condition_knows_regular_expressions() {
    let record = r#"{"id":1,"t":"internal-note","n":417,"b":true,"o":{"k":"v"},"e":""}"#;
    let holds = |when: &str| {
        let fields = format!("body_text = [ {{ when = '''{when}''', value = \"yes\" }}, {{ value = \"no\" }} ]");
        draft(&map(&small("", &fields), record)).body_text == Field::Set("yes".into())
    };
    for when in [
        "t matches '^internal'",
        "t matches \"-n.te$\"",
        "t matches '(?i)NAL'",
        r"n matches '^\d{3}$'",
        "b matches 'true'",
        "e matches '^$'",
        "t not matches '^note' and not t matches 'x'",
    ] {
        assert!(holds(when), "{when}");
    }
    for when in ["t matches '^note'", "gone matches '.*'", "o matches '.*'", "n matches '^17'"] {
        assert!(!holds(when), "{when}");
    }
}

#[test]
fn a_list_without_each_has_one_element_or_none() {
    let fields = r#"source.type = { value = "email" }
source.to = { fields = { name = { from = "name" }, address = { from = "mail" } } }
source.cc = { when = "copied == true", skip = "mail == 'x'", fields = { address = { from = "mail" } } }
attachments = { fields = { url = { from = "call.recording" }, name = { value = "call.mp3" }, content_type = { value = "audio/mpeg" } } }"#;
    let made = |record: &str| draft(&map(&small("", fields), record));
    let full = made(r#"{"id":1,"name":"Bo","mail":"bo@x","copied":true,"call":{"recording":"https://r/1"}}"#);
    let source = full.source.value().cloned().unwrap_or_default();
    assert_eq!((source.to.len(), source.to[0].name.as_deref()), (1, Some("Bo")));
    assert_eq!((source.cc.len(), source.cc[0].address.as_deref()), (1, Some("bo@x")));
    assert_eq!(full.attachments.value().map(|files| files[0].url.as_str()), Some("https://r/1"));
    let none = made(r#"{"id":1,"mail":" ","copied":false,"call":{"recording":null}}"#);
    let source = none.source.value().cloned().unwrap_or_default();
    assert_eq!((source.to.len(), source.cc.len(), none.attachments), (0, 0, Field::Keep));
    assert_eq!(made(r#"{"id":1,"mail":"x","copied":true}"#).source.value().map(|source| source.cc.len()), Some(0));
}

#[test]
fn a_list_may_be_made_of_the_elements_of_lists_and_of_another_way_where_it_is_empty() {
    let fields = r#"source.type = { value = "email" }
source.to = [
  { each = "parts[].to", fields = { address = { from = "a" } } },
  { each = "all", fields = { address = { from = "." } } },
  { fields = { address = { from = "only" } } },
]"#;
    let to = |record: &str| {
        let source = draft(&map(&small("", fields), record)).source;
        let to = source.value().map(|source| source.to.clone()).unwrap_or_default();
        to.into_iter().filter_map(|one| one.address).collect::<Vec<_>>()
    };
    assert_eq!(
        to(r#"{"id":1,"parts":[{"to":[{"a":"x"},{"a":"y"}]},{},{"to":{"a":"z"}}],"only":"o"}"#),
        ["x", "y", "z"]
    );
    assert_eq!(to(r#"{"id":1,"parts":[{"to":[]}],"all":["v",""],"only":"o"}"#), ["v"]);
    assert_eq!(to(r#"{"id":1,"only":"o"}"#), ["o"]);
}

#[test]
fn lookups_are_joined_over_each_other() {
    let more = "[lookups.tickets]\nfiles = \"t*\"\nkey = \"id\"\n[lookups.users]\nfiles = \"u*\"\nkey = \"name.short\"";
    let mapping = compile(&small(more, "sender.email = { from = \"@users[@tickets[t].who[-1]].mail\" }"));
    let tickets = [r#"{"id":7,"who":["x","bo"]}"#];
    let lookups = lookups(&mapping, &[("tickets", &tickets), ("users", &[r#"{"mail":"b@x","name":{"short":"bo"}}"#])]);
    let made = draft(&map_with(&mapping, &lookups, r#"{"id":1,"t":"7"}"#));
    assert_eq!(made.sender.value().and_then(|sender| sender.email.clone()).as_deref(), Some("b@x"));
}
