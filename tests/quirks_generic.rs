//! The mappings for exports that say everything in Gorgias's own words: generic-csv and generic-json.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

mod mapping_support;
mod support;

use std::path::Path;

use deskferry::export::Header;
use deskferry::mapping::{Lookups, Mapped, Mapping, builtin};
use deskferry::record::{CauseKind, MessageId, Target, TicketId};
use deskferry::update::{Attachment, Channel, Draft, Field, FieldName, Kind, Person, Source, Update, Via};
use mapping_support::{at, blocked, change, compile, draft, kind, map_row, map_with, set};
use serde_json::{Value, json};
use support::{Folder, totals};

/// The columns without which nothing can be said.
const NEEDED: [&str; 4] = ["external_id", "channel", "from_agent", "sent_datetime"];

fn text(name: &str) -> &'static str {
    builtin::find(name).expect("it ships inside").text
}

/// A row of the needed columns and of these, which may replace them.
fn row(cells: &[(&str, &str)]) -> Vec<Mapped> {
    let mut all = vec![
        ("external_id", "m-7"),
        ("channel", "email"),
        ("from_agent", "no"),
        ("sent_datetime", "2024-05-31T12:00:00Z"),
    ];
    for cell in cells {
        match all.iter_mut().find(|(column, _)| *column == cell.0) {
            Some(other) => *other = *cell,
            None => all.push(*cell),
        }
    }
    let (header, cells): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    map_row(text("generic-csv"), &header, &cells)
}

/// A record with what is needed, and with these keys, which may replace it.
fn record(changes: Value) -> Vec<Mapped> {
    let mut record =
        json!({"external_id": "m-7", "channel": "email", "from_agent": false, "sent_datetime": "2024-05-31T12:00:00Z"});
    change(&mut record, changes);
    map_with(&compile(text("generic-json")), &Lookups::default(), &record.to_string())
}

/// Every column of the generic CSV, and what its cell says.
const FULL: [(&str, &str); 27] = [
    ("external_id", "m-7"),
    ("ticket_external_id", "T 1"),
    ("channel", " Email "),
    ("via", "Helpdesk"),
    ("from_agent", "Yes"),
    ("sent_datetime", "2024-05-31T14:00:00+02:00"),
    ("failed_datetime", "2024-05-31T12:00:09.5Z"),
    ("subject", "Lost parcel"),
    ("body_html", "<p>A &amp; B</p>"),
    ("body_text", "A & B, as text"),
    ("message_id", "abc@mail.example"),
    ("sender_id", "31"),
    ("sender_email", " ada@shop.example"),
    ("receiver_id", "32"),
    ("receiver_email", "cleo@home.example"),
    ("source_type", "app"),
    ("source_from_name", "The shop"),
    ("source_from_address", "help@shop.example"),
    ("source_to", "\"Lee, Cleo\" <cleo@home.example>, bo@home.example"),
    ("source_cc", "cy@home.example"),
    ("source_bcc", "dee@home.example; eve@home.example"),
    ("attachment_url", "https://files.example/1"),
    ("attachment_name", "a.png"),
    ("attachment_size", "12"),
    ("attachment_content_type", "image/png"),
    ("gorgias_ticket_id", "501"),
    ("gorgias_message_id", "9001"),
];

/// What [`FULL`] says.
fn full() -> Draft {
    Draft {
        attachments: Field::Set(vec![Attachment {
            url: "https://files.example/1".into(),
            name: "a.png".into(),
            size: Some(12),
            content_type: "image/png".into(),
        }]),
        body_html: set("<p>A &amp; B</p>"),
        body_text: set("A & B, as text"),
        channel: Some(Channel::Email),
        external_id: set("m-7"),
        failed_datetime: Field::Set("2024-05-31T12:00:09.5Z".parse().expect("a time")),
        from_agent: Some(true),
        message_id: set("<abc@mail.example>"),
        receiver: Field::Set(Person { id: Some(32), email: Some("cleo@home.example".into()) }),
        sender: Field::Set(Person { id: Some(31), email: Some("ada@shop.example".into()) }),
        sent_datetime: Field::Set("2024-05-31T12:00:00Z".parse().expect("a time")),
        source: Field::Set(Source {
            r#type: Some("app".into()),
            from: Some(at("The shop", "help@shop.example")),
            to: vec![at("Lee, Cleo", "cleo@home.example"), at("", "bo@home.example")],
            cc: vec![at("", "cy@home.example")],
            bcc: vec![at("", "dee@home.example"), at("", "eve@home.example")],
        }),
        subject: set("Lost parcel"),
        via: Some(Via::Helpdesk),
    }
}

#[test]
fn every_field_of_an_update_has_a_column_and_arrives() {
    let mapped = row(&FULL);
    assert_eq!(draft(&mapped), full());
    assert_eq!((mapped[0].external_id.as_deref(), mapped[0].ticket.as_deref()), (Some("m-7"), Some("T 1")));
    let target = Target { ticket: TicketId(501), message: MessageId(9001) };
    assert_eq!(mapped[0].target, Some(target));
    for name in ["generic-csv", "generic-json"] {
        assert_eq!(compile(text(name)).sets().len(), FieldName::ALL.len(), "{name}");
    }
}

#[test]
fn every_field_of_an_update_has_a_key_and_arrives_nested_or_flat() {
    let nested = json!({
        "external_id": "m-7", "ticket": {"external_id": "T 1"}, "channel": "email", "via": "helpdesk", "from_agent": true,
        "sent_datetime": "2024-05-31T14:00:00+02:00", "failed_datetime": "2024-05-31T12:00:09.5Z",
        "subject": "Lost parcel", "body_html": "<p>A &amp; B</p>", "body_text": "A & B, as text",
        "message_id": "<abc@mail.example>", "sender": {"id": 31, "email": "ada@shop.example"},
        "receiver": {"id": 32, "email": "cleo@home.example"},
        "source": {
            "type": "app", "from": {"name": "The shop", "address": "help@shop.example"},
            "to": [{"name": "Lee, Cleo", "address": "cleo@home.example"}, {"address": "bo@home.example"}],
            "cc": [{"name": null, "address": "cy@home.example"}],
            "bcc": [{"address": "dee@home.example"}, {"address": "eve@home.example"}],
        },
        "attachments": [{"url": "https://files.example/1", "name": "a.png", "size": 12, "content_type": "image/png"}],
        "gorgias_ticket_id": 501, "gorgias_message_id": 9001,
    });
    let mapped = record(nested);
    assert_eq!(draft(&mapped), full());
    let target = Target { ticket: TicketId(501), message: MessageId(9001) };
    assert_eq!((mapped[0].ticket.as_deref(), mapped[0].target), (Some("T 1"), Some(target)));

    // The columns of the CSV as they come out of a script that makes JSON of it.
    let flat = FULL.iter().map(|(column, cell)| ((*column).to_owned(), json!(cell)));
    let mapped = record(Value::Object(flat.collect()));
    assert_eq!((draft(&mapped), mapped[0].ticket.as_deref()), (full(), Some("T 1")));
    assert_eq!(mapped[0].target, Some(target));
}

#[test]
fn columns_that_are_absent_are_no_error_and_leave_their_fields_as_they_are() {
    for mapped in
        [row(&[]), row(&[("subject", ""), ("source_to", ""), ("attachment_url", "")]), record(json!({"subject": null}))]
    {
        let made = draft(&mapped);
        let expected = Draft {
            channel: Some(Channel::Email),
            external_id: set("m-7"),
            from_agent: Some(false),
            sent_datetime: Field::Set("2024-05-31T12:00:00Z".parse().expect("a time")),
            via: Some(Via::Api),
            ..Draft::default()
        };
        assert_eq!((made, mapped[0].target), (expected, None));
    }
}

#[test]
fn a_file_without_a_needed_column_is_refused_with_its_name() {
    let mapping = Mapping::compile(text("generic-csv"), "generic-csv.toml").expect("it compiles");
    for lacking in NEEDED {
        let header = NEEDED.iter().filter(|column| **column != lacking).map(|&column| column.to_owned());
        let error = mapping.reader(Some(&Header(header.collect())), Path::new("a.csv")).expect_err("it is needed");
        let messages: Vec<_> = error.diagnostics.iter().map(|one| one.message.clone()).collect();
        assert_eq!(messages, [format!("the export has no column `{lacking}`")]);
    }
}

#[test]
fn booleans_come_in_words() {
    for (word, expected) in [
        ("yes", true),
        ("TRUE", true),
        ("1", true),
        ("y", true),
        ("on", true),
        ("No", false),
        ("false", false),
        ("0", false),
        ("n", false),
        ("off", false),
    ] {
        assert_eq!(draft(&row(&[("from_agent", word)])).from_agent, Some(expected), "{word}");
        assert_eq!(draft(&record(json!({"from_agent": word}))).from_agent, Some(expected), "{word}");
    }
    for mapped in [row(&[("from_agent", "agent")]), record(json!({"from_agent": null}))] {
        let (kind, why) = blocked(&mapped);
        assert!(kind == CauseKind::Unmapped && why.contains("from_agent"), "{why}");
    }
}

#[test]
fn a_note_is_an_agents_unless_the_file_says_otherwise_which_is_refused() {
    assert_eq!(kind(&draft(&row(&[("channel", "internal-note"), ("from_agent", "")]))), Kind::InternalNote);
    assert_eq!(kind(&draft(&record(json!({"channel": "internal-note", "from_agent": null})))), Kind::InternalNote);
    let contradicting = draft(&row(&[("channel", "internal-note"), ("from_agent", "no")]));
    assert!(Update::new(contradicting).is_err());
}

#[test]
fn times_are_rfc_3339_and_one_without_a_zone_needs_it_stated() {
    for (time, utc) in [
        ("2024-05-31T12:00:00Z", "2024-05-31T12:00:00Z"),
        ("2024-05-31 14:00:00+02:00", "2024-05-31T12:00:00Z"),
        ("2024-05-31T21:00:00.250+09:00", "2024-05-31T12:00:00.25Z"),
    ] {
        let made = draft(&row(&[("sent_datetime", time)]));
        assert_eq!(made.sent_datetime, Field::Set(utc.parse().expect("a time")), "{time}");
    }
    let mapped = row(&[("sent_datetime", "2024-05-31 12:00:00")]);
    assert!(blocked(&mapped).1.contains("sent_datetime: "), "{:?}", blocked(&mapped));
    // As the comment in the mapping says: the `#` is taken away.
    let mine = text("generic-csv").replace("# timezone = ", "timezone = ");
    let mapped = map_row(&mine, &NEEDED, &["m-7", "email", "no", "2024-05-31 14:00:00"]);
    assert_eq!(draft(&mapped).sent_datetime, Field::Set("2024-05-31T12:00:00Z".parse().expect("a time")));
}

#[test]
fn a_message_without_a_time_is_blocked_as_unsafe() {
    assert_eq!(blocked(&row(&[("sent_datetime", "")])).0, CauseKind::Unsafe);
    assert_eq!(blocked(&record(json!({"sent_datetime": null}))).0, CauseKind::Unsafe);
}

#[test]
fn a_channel_that_gorgias_does_not_know_blocks_and_is_named() {
    for mapped in [row(&[("channel", "E-Mail")]), record(json!({"channel": "E-Mail"}))] {
        assert_eq!(blocked(&mapped), (CauseKind::Unmapped, "channel: `e-mail` is no channel that Gorgias takes"));
    }
    let mapped = row(&[("via", "pigeon")]);
    assert_eq!(blocked(&mapped).1, "via: `pigeon` is no via that Gorgias takes");
}

#[test]
fn every_channel_has_its_source_type_where_the_file_does_not_say_it() {
    for channel in Channel::ALL {
        let cells = [("channel", channel.name()), ("from_agent", "yes"), ("source_from_address", "x")];
        let made = draft(&row(&cells));
        let kind = made.source.value().and_then(|source| source.r#type.clone());
        assert!(kind.is_some_and(|kind| !kind.is_empty()), "{}", channel.name());
        let said = json!({"channel": channel.name(), "from_agent": true, "source": {"from": {"address": "x"}}});
        assert_eq!(draft(&record(said)), made);
    }
}

#[test]
fn telephone_numbers_are_addresses_too() {
    let cells = [("channel", "phone"), ("source_from_address", "+1 503-555-0118"), ("source_to", "+1 503-555-0140")];
    let made = draft(&row(&cells));
    let source = made.source.value().expect("a source");
    assert_eq!((&source.from, &source.to[..]), (&Some(at("", "+1 503-555-0118")), &[at("", "+1 503-555-0140")][..]));
}

#[test]
fn where_one_body_is_given_the_other_is_made_of_it() {
    let made = draft(&row(&[("body_text", "a < b\nc")]));
    assert_eq!((made.body_text, made.body_html), (set("a < b\nc"), set("a &lt; b<br>c")));
    let made = draft(&record(json!({"body_html": "<p>a &amp; b</p>"})));
    assert_eq!((made.body_text, made.body_html), (set("a & b"), set("<p>a &amp; b</p>")));
}

#[test]
fn an_id_that_a_spreadsheet_has_damaged_is_refused() {
    for mapped in [row(&[("external_id", "3.3E+13")]), record(json!({"external_id": 3.3e13}))] {
        assert!(blocked(&mapped).1.contains("damaged by a spreadsheet"), "{:?}", blocked(&mapped));
    }
    assert_eq!(draft(&record(json!({"external_id": 33_144_692_244_499_i64}))).external_id, set("33144692244499"));
}

#[test]
fn a_copy_with_an_operators_own_column_names_works_as_the_comment_says() {
    let folder = Folder::new();
    let mine = text("generic-csv")
        .replace("from = \"external_id\"", "from = \"'Message ID'\"")
        .replace("from = \"ticket_external_id\"", "from = \"'Ticket ID'\"")
        .replace("\"ticket_external_id\", ", "");
    folder.write("mine.toml", mine);
    folder.write(
        "export/messages.csv",
        "Ticket ID,Message ID,channel,from_agent,sent_datetime,body_text,Rating\n5,m1,email,no,2024-05-31T12:00:00Z,Hello,3\n",
    );
    folder.write("export/ids.csv", "external_id,ticket_id,message_id\nm1,1,11\n");
    folder.run("run export --mapping mine.toml --simulate").expect(0);
    assert_eq!(folder.outcomes("simulator.deskferry"), totals([("updated", 1)]));
}

#[test]
fn the_export_itself_may_say_where_its_messages_are_and_then_needs_no_ids_file() {
    let folder = Folder::new();
    folder.write(
        "export/messages.csv",
        "external_id,channel,from_agent,sent_datetime,gorgias_ticket_id,gorgias_message_id\nm1,email,no,2024-05-31T12:00:00Z,1,11\n",
    );
    let line = json!({"external_id": "m2", "channel": "email", "from_agent": false, "sent_datetime": "2024-05-31T12:00:00Z", "gorgias_ticket_id": 1, "gorgias_message_id": 12});
    folder.write("lines/messages.jsonl", format!("{line}\n"));
    for (export, mapping) in [("export", "generic-csv"), ("lines", "generic-json")] {
        folder.run(&format!("run {export} --mapping {mapping} --simulate --checkpoint {export}.deskferry")).expect(0);
        assert_eq!(folder.outcomes(&format!("{export}.deskferry")), totals([("updated", 1)]));
    }
}
