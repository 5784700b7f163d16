//! A template makes a text of several values, or nothing.

mod mapping_support;

use deskferry::mapping::Mapped;
use deskferry::update::Field;
use mapping_support::{blocked, compile, draft, lookups, map, map_row, map_with, set, small};

fn mapped(template: &str, record: &str) -> Vec<Mapped> {
    map(&small("", &format!("body_text = {{ template = '''{template}''' }}")), record)
}

fn body(template: &str, record: &str) -> Field<String> {
    draft(&mapped(template, record)).body_text
}

#[test]
fn paths_stand_in_braces() {
    assert_eq!(body("Call from {from.name}", r#"{"id":1,"from":{"name":"Bo"}}"#), set("Call from Bo"));
    assert_eq!(body("{id}/{to[-1]}.{'a }b'}", r#"{"id":1,"to":["x","y"],"a }b":"z"}"#), set("1/y.z"));
}

#[test]
fn numbers_and_booleans_are_written_as_they_are() {
    assert_eq!(
        body("{n} {m} {b}", r#"{"id":1,"n":-33144692244499,"m":"007","b":false}"#),
        set("-33144692244499 007 false")
    );
}

#[test]
fn a_brace_in_the_text_is_doubled() {
    assert_eq!(body("{{{id}}} }}{{", r#"{"id":1}"#), set("{1} }{"));
    assert_eq!(body("{{id}} {id}", r#"{"id":1}"#), set("{id} 1"));
}

#[test]
fn without_one_of_its_parts_there_is_nothing() {
    assert_eq!(body("{a} and {b}", r#"{"id":1,"a":"x"}"#), Field::Keep);
    let fields = r#"body_text = [{ template = "{a} and {b}" }, { template = "only {a}", default = "none" }]"#;
    let text = small("", fields);
    assert_eq!(draft(&map(&text, r#"{"id":1,"a":"x"}"#)).body_text, set("only x"));
    assert_eq!(draft(&map(&text, r#"{"id":1,"b":null}"#)).body_text, set("none"));
    let needed = small("", r#"body_text = { template = "{a} and {b}", required = true }"#);
    assert_eq!(blocked(&map(&needed, r#"{"id":1,"a":"x"}"#)).1, "body_text: there is no `b`");
    assert_eq!(draft(&map_row(&needed, &["id", "a", "b"], &["1", "x", "y"])).body_text, set("x and y"));
    assert_eq!(blocked(&map_row(&needed, &["id", "a", "b"], &["1", "", "y"])).1, "body_text: there is no `a`");
}

#[test]
fn a_number_that_a_spreadsheet_has_damaged_blocks() {
    for json in ["3.3E+13", "\"3.3E+13\""] {
        let mapped = mapped("t-{n}", &format!("{{\"id\":1,\"n\":{json}}}"));
        assert_eq!(blocked(&mapped).1, "body_text: `n`: the number looks damaged by a spreadsheet (3.3E+13)");
    }
}

#[test]
fn a_list_or_an_object_is_no_part_of_a_text() {
    assert_eq!(
        blocked(&mapped("{n}", r#"{"id":1,"n":[1]}"#)).1,
        "body_text: `n` is a list, where a single value is needed"
    );
}

#[test]
fn it_is_worked_on_like_any_other_text() {
    let fields = r#"sent_datetime = { template = "{day}T{hour}Z", apply = ["trim", "datetime"] }
from_agent = { template = "{a}-{b}", is = "x-y" }"#;
    let made = draft(&map(&small("", fields), r#"{"id":1,"day":"2024-05-31","hour":"10:00:00","a":"x","b":"y"}"#));
    assert!(made.sent_datetime.is_sent());
    assert_eq!(made.from_agent, Some(true));
}

#[test]
fn an_address_of_white_space_is_nobody() {
    let text = small("", r#"sender.email = { template = "{a} {b}" }"#);
    assert_eq!(draft(&map(&text, r#"{"id":1,"a":" ","b":""}"#)).sender, Field::Keep);
}

#[test]
fn it_reads_what_is_around_the_message_and_lookups() {
    let head = "[lookups.users]\nfiles = \"u*\"\nkey = \"id\"";
    let text = small(head, "subject = { template = \"{@users[who].name} in {@file.folder}\" }");
    let mapping = compile(&text);
    let lookups = lookups(&mapping, &[("users", &[r#"{"id":7,"name":"Ann"}"#])]);
    let made = draft(&map_with(&mapping, &lookups, r#"{"id":1,"who":7}"#));
    assert_eq!(made.subject, set("Ann in export"));
}
