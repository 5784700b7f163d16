//! What a mapping can say, one promise a test.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod mapping_support;

use std::path::Path;

use deskferry::export::{Content, Format, Header};
use deskferry::mapping::{Lookups, Mapped, MappedResult, Mapping, builtin};
use deskferry::record::{CauseKind, MessageId, Target, TicketId};
use deskferry::update::{Address, Attachment, Channel, Field, FieldName, Person, Source, Via};
use mapping_support::{blocked, compile, draft, lookups, map, map_row, map_with, set, skipped, small};

fn body(fields: &str, record: &str) -> Field<String> {
    draft(&map(&small("", fields), record)).body_text
}

#[test]
fn the_head_is_read() {
    let head = "format = \"json\"\nfiles = [\"*t?.json\"]\nrecords = \"tickets\"\n[lookups.users]\nfiles = [\"u*\"]\nkey = \"id\"\nrecords = \"users\"\noptional = true";
    let mapping = compile(&small(head, ""));
    assert_eq!((mapping.name(), mapping.system(), mapping.format()), ("acme", "Acme", Some(Format::Json)));
    assert_eq!((mapping.files(), mapping.records()), (&["*t?.json".to_owned()][..], Some("tickets")));
    let needs = mapping.lookups();
    assert_eq!((needs.len(), needs[0].name.as_str(), needs[0].optional), (1, "users", true));
    assert_eq!(needs[0].records.as_deref(), Some("users"));
}

#[test]
fn it_says_which_fields_it_may_set() {
    let mapping = compile(&small("", "subject = { from = \"s\" }\nsource.type = { value = \"email\" }"));
    let sets = [
        FieldName::Channel,
        FieldName::ExternalId,
        FieldName::FromAgent,
        FieldName::SentDatetime,
        FieldName::Source,
        FieldName::Subject,
        FieldName::Via,
    ];
    assert_eq!(mapping.sets(), sets);
}

#[test]
fn a_path_leads_through_objects() {
    assert_eq!(body(r#"body_text = { from = "a.b.c" }"#, r#"{"id":1,"a":{"b":{"c":"x"}}}"#), set("x"));
}

#[test]
fn a_path_takes_an_element_by_its_number() {
    assert_eq!(body(r#"body_text = { from = "a[1].b" }"#, r#"{"id":1,"a":[{"b":"x"},{"b":"y"}]}"#), set("y"));
}

#[test]
fn a_path_through_a_list_finds_nothing() {
    assert_eq!(body(r#"body_text = { from = "a.b" }"#, r#"{"id":1,"a":[{"b":"x"}]}"#), Field::Keep);
}

#[test]
fn a_key_with_spaces_or_of_digits_is_read() {
    assert_eq!(body(r#"body_text = { from = "'my key'.5" }"#, r#"{"id":1,"my key":{"5":"x"}}"#), set("x"));
}

#[test]
fn null_and_absent_are_both_missing_and_missing_keeps_the_field() {
    assert_eq!(body(r#"body_text = { from = "a" }"#, r#"{"id":1,"a":null}"#), Field::Keep);
    assert_eq!(body(r#"body_text = { from = "a" }"#, r#"{"id":1}"#), Field::Keep);
}

#[test]
fn paths_fall_back_in_order() {
    let fields = r#"body_text = { from = ["a", "b"] }"#;
    assert_eq!(body(fields, r#"{"id":1,"a":"x","b":"y"}"#), set("x"));
    assert_eq!(body(fields, r#"{"id":1,"a":null,"b":"y"}"#), set("y"));
}

#[test]
fn a_key_that_stands_twice_counts_as_last_written() {
    assert_eq!(body(r#"body_text = { from = "a" }"#, r#"{"id":1,"a":"x","\u0061":"y"}"#), set("y"));
}

#[test]
fn a_default_stands_in_for_what_is_missing() {
    assert_eq!(body(r#"body_text = { from = "a", default = "none" }"#, r#"{"id":1}"#), set("none"));
}

#[test]
fn a_missing_value_clears_or_blocks_where_the_mapping_says_so() {
    assert_eq!(body(r#"body_text = { from = "a", when_missing = "clear" }"#, r#"{"id":1}"#), Field::Clear);
    for spelling in ["required = true", "when_missing = \"block\""] {
        let text = small("", &format!("body_text = {{ from = [\"a\", \"b.c\"], {spelling} }}"));
        let mapped = map(&text, r#"{"id":1}"#);
        assert_eq!(blocked(&mapped), (CauseKind::Unmapped, "body_text: there is no `a`, there is no `b.c`"));
    }
}

#[test]
fn a_number_is_not_taken_for_text_unless_told() {
    let mapped = map(&small("", r#"body_text = { from = "a" }"#), r#"{"id":1,"a":5}"#);
    assert_eq!(blocked(&mapped).1, "body_text: a whole number, where text is needed: add `to_string`");
    assert_eq!(body(r#"body_text = { from = "a", apply = ["to_string"] }"#, r#"{"id":1,"a":5}"#), set("5"));
}

#[test]
fn an_object_where_a_value_is_needed_blocks() {
    let mapped = map(&small("", r#"body_text = { from = "a" }"#), r#"{"id":1,"a":{"b":1}}"#);
    assert_eq!(blocked(&mapped).1, "body_text: `a` is an object, where a single value is needed");
}

#[test]
fn an_id_stays_as_it_is_byte_for_byte() {
    let id = |json: &str| {
        let mapped = map(&small("", ""), &format!("{{\"id\":{json}}}"));
        (mapped[0].external_id.clone(), draft(&mapped).external_id)
    };
    for (json, text) in [
        ("33144692244499", "33144692244499"),
        ("18446744073709551615", "18446744073709551615"),
        ("\"0017\"", "0017"),
        ("\" a b \"", " a b "),
        ("\"5E10\"", "5E10"),
    ] {
        assert_eq!(id(json), (Some(text.to_owned()), set(text)));
    }
}

#[test]
fn an_id_that_a_spreadsheet_damaged_blocks() {
    for json in ["3.3E+13", "\"3.3E+13\""] {
        let mapped = map(&small("", ""), &format!("{{\"id\":{json}}}"));
        assert_eq!(
            blocked(&mapped),
            (CauseKind::Unmapped, "external_id: `to_string`: the number looks damaged by a spreadsheet (3.3E+13)")
        );
    }
}

#[test]
fn transforms_run_in_order() {
    let fields = r#"body_text = { from = "a", apply = ["trim", "uppercase"] }"#;
    assert_eq!(body(fields, r#"{"id":1,"a":" abc "}"#), set("ABC"));
}

#[test]
fn times_are_read_in_every_spelling_and_never_guessed() {
    let at = |apply: &str, json: &str| {
        let text = small("", &format!("sent_datetime = {{ from = \"t\", apply = [\"{apply}\"] }}"));
        map(&text, &format!("{{\"id\":1,\"t\":{json}}}"))
    };
    let expected = draft(&at("datetime", "\"2015-07-19T22:41:43Z\"")).sent_datetime;
    assert!(expected.is_sent());
    assert_eq!(draft(&at("datetime", "\"2015-07-20T00:41:43.000+02:00\"")).sent_datetime, expected);
    assert_eq!(draft(&at("epoch_seconds", "1437345703")).sent_datetime, expected);
    assert_eq!(draft(&at("epoch_millis", "\"1437345703000\"")).sent_datetime, expected);
    let naive = at("datetime", "\"2015-07-19 22:41:43\"");
    assert_eq!(
        blocked(&naive),
        (
            CauseKind::Unmapped,
            "sent_datetime: `datetime`: the time has no zone: it needs Z or an offset such as +02:00, or `timezone` in the mapping"
        )
    );
}

#[test]
fn a_boolean_is_read_from_words() {
    let from_agent = |json: &str| {
        map(&small("", r#"from_agent = { from = "a", apply = ["boolean"] }"#), &format!("{{\"id\":1,\"a\":{json}}}"))
    };
    assert_eq!(draft(&from_agent("\"Yes\"")).from_agent, Some(true));
    assert_eq!(draft(&from_agent("0")).from_agent, Some(false));
    assert_eq!(
        blocked(&from_agent("\"maybe\"")).1,
        "from_agent: `boolean`: none of true, false, yes, no, on, off, y, n, t, f, 1, 0"
    );
}

#[test]
fn is_and_is_not_compare_and_never_invent_a_value() {
    let from_agent = |spec: &str, record: &str| map(&small("", &format!("from_agent = {spec}")), record);
    let is_not = r#"{ from = "role", is_not = "end-user" }"#;
    assert_eq!(draft(&from_agent(is_not, r#"{"id":1,"role":"admin"}"#)).from_agent, Some(true));
    assert_eq!(draft(&from_agent(is_not, r#"{"id":1,"role":"end-user"}"#)).from_agent, Some(false));
    assert_eq!(blocked(&from_agent(is_not, r#"{"id":1}"#)).1, "from_agent: there is no `role`");
    let is = r#"{ from = "kind", is = 2 }"#;
    assert_eq!(draft(&from_agent(is, r#"{"id":1,"kind":2}"#)).from_agent, Some(true));
    assert_eq!(draft(&from_agent(is, r#"{"id":1,"kind":"3"}"#)).from_agent, Some(false));
}

const CHANNELS: &str = "[tables.channels]\nweb = \"contact_form\"\n\"4\" = \"email\"\ntrue = \"chat\"";

#[test]
fn a_table_finds_text_numbers_and_booleans_by_their_text_form() {
    let text = small(CHANNELS, r#"channel = { from = "c", table = "channels" }"#);
    for (json, channel) in
        [("\"web\"", Channel::ContactForm), ("4", Channel::Email), ("\"4\"", Channel::Email), ("true", Channel::Chat)]
    {
        assert_eq!(draft(&map(&text, &format!("{{\"id\":1,\"c\":{json}}}"))).channel, Some(channel));
    }
}

#[test]
fn a_value_without_a_row_blocks_and_is_named_if_it_is_short() {
    let text = small(CHANNELS, r#"channel = { from = "c", table = "channels" }"#);
    let mapped = map(&text, r#"{"id":1,"c":"pigeon"}"#);
    assert_eq!(blocked(&mapped), (CauseKind::Unmapped, "channel: `pigeon` is not in table channels"));
    let mapped = map(&text, &format!("{{\"id\":1,\"c\":\"{}\"}}", "x".repeat(41)));
    assert_eq!(blocked(&mapped).1, "channel: a value of 41 characters is not in table channels");
}

#[test]
fn a_default_also_stands_in_for_a_value_without_a_row() {
    let text = small(CHANNELS, r#"channel = { from = "c", table = "channels", default = "api" }"#);
    assert_eq!(draft(&map(&text, r#"{"id":1,"c":"pigeon"}"#)).channel, Some(Channel::Api));
}

#[test]
fn a_channel_that_gorgias_does_not_know_blocks() {
    let mapped = map(&small("", r#"channel = { from = "c" }"#), r#"{"id":1,"c":"pigeon"}"#);
    assert_eq!(blocked(&mapped).1, "channel: `pigeon` is no channel that Gorgias takes");
}

#[test]
fn the_first_alternative_that_holds_and_yields_something_wins() {
    let fields = r#"body_text = [ { when = "kind == 'a'", from = "x" }, { when = "kind == 'b'", value = "constant" }, { from = "z" } ]"#;
    assert_eq!(body(fields, r#"{"id":1,"kind":"a","x":"X","z":"Z"}"#), set("X"));
    assert_eq!(body(fields, r#"{"id":1,"kind":"a","z":"Z"}"#), set("Z"));
    assert_eq!(body(fields, r#"{"id":1,"kind":"b"}"#), set("constant"));
    assert_eq!(body(fields, r#"{"id":1}"#), Field::Keep);
}

#[test]
fn conditions_mean_what_they_say() {
    let record = r#"{"id":1,"t":"x","n":4,"b":false,"nul":null,"o":{"k":"v"},"l":[],"e":"","q":"it's"}"#;
    let holds = |when: &str| {
        let fields = format!("body_text = [ {{ when = '''{when}''', value = \"yes\" }}, {{ value = \"no\" }} ]");
        body(&fields, record) == set("yes")
    };
    for when in [
        "t == 'x'",
        "t == \"x\"",
        "q == \"it's\"",
        "t != 'y'",
        "n == 4",
        "n == '4'",
        "b == false",
        "b != true",
        "t in ['y', 'x']",
        "t not in ['y', 'z',]",
        "nul == null",
        "gone == null",
        "gone != 'x'",
        "gone not in ['x']",
        "gone in ['x', null]",
        "not gone == 'x'",
        "t exists",
        "e exists",
        "o exists",
        "l exists",
        "nul not exists",
        "o.gone not exists",
        "o != 'v'",
        "o.k == 'v'",
        "t == 'x' and n == 4",
        "t == 'y' or n == 4",
        "t == 'x' or t == 'y' and t == 'z'",
        "not (t == 'y' or n == 5)",
        "'t' == 'x'",
    ] {
        assert!(holds(when), "{when}");
    }
    for when in [
        "t == 'X'",
        "t != 'x'",
        "n == 5",
        "b == true",
        "gone == 'x'",
        "gone in []",
        "nul exists",
        "t not exists",
        "o == null",
        "(t == 'x' or t == 'y') and t == 'z'",
    ] {
        assert!(!holds(when), "{when}");
    }
}

const TICKETS: &str = r#"name = "acme"
system = "Acme"
[lookups.users]
files = ["users*"]
key = "id"
[[message]]
each = "comments"
skip = [
  { when = "parent.status == 'deleted'", reason = "deleted" },
  { when = "type != 'Comment'", reason = "not a message" },
]
newest = { from = "parent.stamp" }
[message.fields]
external_id = { from = "id", apply = ["to_string"] }
channel = { value = "email" }
via = { value = "zendesk" }
from_agent = { from = "@users[author].role", is_not = "end-user" }
sent_datetime = { from = "at", apply = ["datetime"], required = true }
subject = { from = "parent.subject" }
attachments = { each = "files", skip = "gone == true", fields = { url = { from = "u" }, name = { from = "parent.parent.subject" }, size = { from = "s" }, content_type = { from = "parent.type" } } }
[message.ticket]
external_id = { from = "parent.id", apply = ["to_string"] }
"#;

fn ticket(record: &str) -> Vec<Mapped> {
    let mapping = compile(TICKETS);
    let lookups = lookups(&mapping, &[("users", &[r#"{"id":17,"role":"agent"}"#, r#"{"id":"18","role":"end-user"}"#])]);
    map_with(&mapping, &lookups, record)
}

#[test]
fn each_makes_a_message_of_every_item_with_the_record_as_parent() {
    let mapped = ticket(
        r#"{"id":5,"stamp":99,"subject":"S","comments":[
            {"id":1,"type":"Comment","author":17,"at":"2024-01-01T00:00:00Z"},
            {"id":2,"type":"Comment","author":"18","at":"2024-01-01T00:00:00Z"},
            {"id":3,"type":"Change"}]}"#,
    );
    let seen: Vec<_> = mapped.iter().map(|one| (one.block, one.item, one.external_id.as_deref())).collect();
    assert_eq!(seen, [(0, 0, Some("1")), (0, 1, Some("2")), (0, 2, Some("3"))]);
    assert!(mapped.iter().all(|one| one.ticket.as_deref() == Some("5") && one.version == Some(99)));
    let first = draft(&mapped[..1]);
    assert_eq!((first.from_agent, first.subject, first.via), (Some(true), set("S"), Some(Via::Zendesk)));
    assert_eq!(draft(&mapped[1..2]).from_agent, Some(false));
    assert_eq!(skipped(&mapped[2..]), "not a message");
}

#[test]
fn a_lookup_that_finds_nobody_says_who_was_looked_for() {
    let mapped = ticket(r#"{"comments":[{"id":1,"type":"Comment","author":-1,"at":"2024-01-01T00:00:00Z"}]}"#);
    assert_eq!(blocked(&mapped), (CauseKind::Unmapped, "from_agent: no row with id -1 in lookup users"));
    let mapped = ticket(r#"{"comments":[{"id":1,"type":"Comment","at":"2024-01-01T00:00:00Z"}]}"#);
    assert_eq!(blocked(&mapped).1, "from_agent: there is no `author`");
}

#[test]
fn all_reasons_are_told_at_once_and_a_missing_time_makes_it_unsafe() {
    let mapped = ticket(r#"{"comments":[{"id":1,"type":"Comment","author":9}]}"#);
    assert_eq!(
        blocked(&mapped),
        (CauseKind::Unsafe, "from_agent: no row with id 9 in lookup users; sent_datetime: there is no `at`")
    );
}

#[test]
fn a_record_without_the_list_is_skipped_by_rules_about_the_record_or_blocked() {
    let mapped = ticket(r#"{"id":5,"status":"deleted"}"#);
    assert_eq!((skipped(&mapped), mapped[0].ticket.as_deref()), ("deleted", Some("5")));
    // "not a message" must not hide that the comments are gone.
    let mapped = ticket(r#"{"id":5,"comments":null}"#);
    assert_eq!(blocked(&mapped), (CauseKind::Unreadable, "the record has no `comments`"));
    assert_eq!(blocked(&ticket(r#"{"comments":7}"#)).1, "`comments` is not a list");
}

#[test]
fn an_empty_list_holds_no_message_and_one_object_is_a_list_of_one() {
    assert_eq!(ticket(r#"{"comments":[]}"#), []);
    assert_eq!(skipped(&ticket(r#"{"comments":{"type":"Change"}}"#)), "not a message");
}

#[test]
fn an_item_that_is_no_object_is_one_blocked_message() {
    let mapped = ticket(r#"{"comments":[null]}"#);
    assert_eq!(blocked(&mapped), (CauseKind::Unreadable, "an item of `comments` is not an object"));
}

#[test]
fn a_list_is_made_of_a_list_and_sees_what_is_around_it() {
    let mapped = ticket(
        r#"{"subject":"S","comments":[{"id":1,"type":"Comment","author":17,"at":"2024-01-01T00:00:00Z",
            "files":[{"u":"https://a/1","s":3},{"u":"https://a/2","gone":true}]}]}"#,
    );
    let file =
        Attachment { url: "https://a/1".into(), name: "S".into(), size: Some(3), content_type: "Comment".into() };
    assert_eq!(draft(&mapped).attachments, Field::Set(vec![file]));
}

#[test]
fn people_and_routing_are_made_of_their_parts() {
    let fields = r#"sender.id = { from = "s" }
receiver.email = { from = "r" }
source.type = { value = "email" }
source.from.address = { from = "f" }
source.to = { each = "to", fields = { name = { from = "n" }, address = { from = "a" } } }
source.cc = { each = "cc", fields = { address = { from = "." } } }"#;
    let made =
        draft(&map(&small("", fields), r#"{"id":1,"s":9,"r":"","f":"f@x","to":{"n":null,"a":"t@x"},"cc":["c@x",""]}"#));
    let address = |address: &str| Address { name: None, address: Some(address.into()) };
    assert_eq!(made.sender, Field::Set(Person { id: Some(9), email: None }));
    assert_eq!(made.receiver, Field::Keep, "an empty address is nobody");
    let source = Source {
        r#type: Some("email".into()),
        from: Some(address("f@x")),
        to: vec![address("t@x")],
        cc: vec![address("c@x")],
        bcc: vec![],
    };
    assert_eq!(made.source, Field::Set(source));
}

#[test]
fn an_export_may_say_itself_where_a_message_is() {
    let text =
        format!("{}[message.target]\nticket_id = {{ from = \"t\" }}\nmessage_id = {{ from = \"m\" }}\n", small("", ""));
    let target = Target { ticket: TicketId(4), message: MessageId(5) };
    assert_eq!(map(&text, r#"{"id":1,"t":4,"m":5}"#)[0].target, Some(target));
    assert_eq!(map(&text, r#"{"id":1,"t":4}"#)[0].target, None);
}

#[test]
fn without_newest_the_time_of_sending_tells_the_newer_copy() {
    let text = small("", r#"sent_datetime = { from = "t", apply = ["epoch_seconds"] }"#);
    assert_eq!(map(&text, r#"{"id":1,"t":3}"#)[0].version, Some(3_000_000));
}

#[test]
fn several_blocks_read_one_record() {
    let text = format!(
        "{}[[message]]\neach = \"notes\"\n[message.fields]\nexternal_id = {{ from = \"id\", apply = [\"to_string\"] }}\nchannel = {{ value = \"internal-note\" }}\nvia = {{ value = \"api\" }}\nfrom_agent = {{ value = true }}\n",
        small("", "")
    );
    let mapped = map(&text, r#"{"id":1,"notes":[{"id":2},{"id":3}]}"#);
    let seen: Vec<_> = mapped.iter().map(|one| (one.block, one.item, one.external_id.as_deref())).collect();
    assert_eq!(seen, [(0, 0, Some("1")), (1, 0, Some("2")), (1, 1, Some("3"))]);
}

#[test]
fn a_csv_is_read_by_its_header_and_an_empty_cell_is_missing() {
    let text = small("", "body_text = { from = \"'The body'\" }\nsubject = { from = \"subject\" }");
    let made = draft(&map_row(&text, &["subject", "more", "The body", "id"], &["", "x", "hello", "0017"]));
    assert_eq!((made.external_id, made.body_text, made.subject), (set("0017"), set("hello"), Field::Keep));
}

#[test]
fn a_csv_without_a_column_that_is_read_is_refused() {
    let mapping = compile(&small("", r#"subject = { from = "subject" }"#));
    let error = mapping.reader(Some(&Header(vec!["id".into(), "Subject".into()])), Path::new("a.csv")).unwrap_err();
    assert_eq!(error.diagnostics[0].message, "the export has no column `subject`");
    assert_eq!(error.diagnostics[0].label, "did you mean `Subject`?");
    assert_eq!(error.diagnostics[0].hint.as_deref(), Some("columns: id, Subject"));
}

#[test]
fn a_lookup_can_be_a_csv_and_its_last_row_wins() {
    let mapping = compile(TICKETS);
    let header = Header(vec!["role".into(), "id".into()]);
    let mut builder = mapping.lookup_builder("users").unwrap();
    for row in [["end-user", "17"], ["agent", "17"]] {
        builder.add(Content::Row(&csv::StringRecord::from(&row[..])), Some(&header)).unwrap();
    }
    let missing = builder.add(Content::Row(&csv::StringRecord::from(&["agent", ""][..])), Some(&header));
    assert_eq!(missing.unwrap_err(), "lookup users: a row has no `id`");
    let users = builder.finish();
    assert_eq!(users.len(), 1);
    let mut lookups = Lookups::default();
    lookups.add(users);
    let mapped = map_with(
        &mapping,
        &lookups,
        r#"{"comments":{"id":1,"type":"Comment","author":17,"at":"2024-01-01T00:00:00Z"}}"#,
    );
    assert_eq!(draft(&mapped).from_agent, Some(true));
    assert!(mapping.lookup_builder("people").is_none());
}

#[test]
fn a_broken_record_is_one_blocked_message() {
    for (record, detail) in [
        (r#"{"id":1,"comments":[{"id":2},{"#, "not valid JSON: EOF while parsing an object"),
        (r#"{"id":1} x"#, "not valid JSON: trailing characters"),
        ("17", "the record is not a JSON object"),
    ] {
        assert_eq!(blocked(&ticket(record)), (CauseKind::Unreadable, detail));
    }
}

#[test]
fn the_built_in_mappings_compile() {
    for mapping in builtin::all() {
        if let Err(error) = Mapping::compile(mapping.text, mapping.name) {
            panic!("{}", error.render());
        }
        assert_eq!(builtin::find(mapping.name), Some(mapping));
    }
}

#[test]
fn a_draft_is_a_message_only_if_nothing_stands_against_it() {
    let mapped = map(&small("", ""), r#"{"id":1}"#);
    assert!(matches!(mapped[0].result, MappedResult::Message(_)));
}

#[test]
fn a_damaged_ticket_id_or_target_blocks_and_a_missing_one_does_not() {
    let text = format!(
        "{}[message.ticket]\nexternal_id = {{ from = \"t\", apply = [\"to_string\"] }}\n[message.target]\nticket_id = {{ from = \"gt\" }}\nmessage_id = {{ from = \"gm\" }}\n",
        small("", "")
    );
    let mapped = map(&text, r#"{"id":1,"t":3.3E+13,"gt":-4}"#);
    assert_eq!(
        blocked(&mapped).1,
        "ticket.external_id: `to_string`: the number looks damaged by a spreadsheet (3.3E+13); \
         target.ticket_id: a negative number or one that is too large"
    );
    assert!(draft(&map(&text, r#"{"id":1}"#)).channel.is_some());
}

#[test]
fn a_condition_can_ask_whether_a_lookup_knows_somebody() {
    let head = "[lookups.users]\nfiles = \"u*\"\nkey = \"id\"";
    let mapping = compile(&small(
        head,
        r#"body_text = [ { when = "@users[a] exists", value = "known" }, { value = "unknown" } ]"#,
    ));
    let lookups = lookups(&mapping, &[("users", &[r#"{"id":"u-1"}"#])]);
    let body = |record: &str| draft(&map_with(&mapping, &lookups, record)).body_text;
    assert_eq!(body(r#"{"id":1,"a":"u-1"}"#), set("known"));
    assert_eq!(body(r#"{"id":1,"a":"u-2"}"#), set("unknown"));
}

#[test]
fn recipients_who_are_nobody_are_none() {
    let with = |more: &str| {
        small(
            "",
            &format!(
                "source.type = {{ value = 'email' }}\n\
                 source.to = {{ each = 'to', fields = {{ address = {{ from = 'address' }} }}{more} }}"
            ),
        )
    };
    let record = r#"{ "id": 1, "to": [{}, { "address": " " }] }"#;
    let made = draft(&map(&with(""), record));
    assert_eq!(made.source.value().map(|source| source.to.len()), Some(0));
    let needed = map(&with(", required = true"), record);
    assert_eq!(blocked(&needed), (CauseKind::Unmapped, "source.to: there is no `to`"));
}
