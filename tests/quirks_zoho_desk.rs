//! The built-in Zoho Desk mapping, quirk by quirk.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

mod mapping_support;
mod support;

use deskferry::mapping::{Mapped, Mapping, builtin};
use deskferry::record::CauseKind;
use deskferry::simulator::Settings;
use deskferry::update::{Channel, Draft, Field, Kind, Via};
use mapping_support::{at, blocked, change, compile, draft, kind, lookups, map_in, person, set, skipped, source};
use serde_json::{Value, json};
use support::{Account, Folder, totals};

/// The ticket that both files are of.
const TICKET: &str = "1158213000004410713";
const TICKETS: [&str; 1] = [r#"{"id":"1158213000004410713","subject":"Two candles"}"#];

fn zoho() -> Mapping {
    compile(builtin::find("zoho-desk").expect("it ships inside").text)
}

fn map(file: &str, record: &Value) -> Vec<Mapped> {
    let mapping = zoho();
    map_in(file, &mapping, &lookups(&mapping, &[("tickets", &TICKETS)]), &record.to_string())
}

fn with(mut record: Value, changes: Value) -> Value {
    change(&mut record, changes);
    record
}

/// What comes of a customer's email, with some keys replaced.
fn thread(changes: Value) -> Vec<Mapped> {
    let thread = json!({
        "id": "1158213000004411021", "channel": "EMAIL", "contentType": "text/html", "status": "SUCCESS",
        "summary": "Two of the", "author": {"name": "Cleo Lee", "email": "cleo@home.example", "id": "9", "type": "END_USER"},
        "isDescriptionThread": false, "visibility": "public", "createdTime": "2014-11-28T10:25:13.000Z", "direction": "in",
        "fromEmailAddress": "\"Lee, Cleo\"<cleo@work.example>", "to": "help@shop.example", "cc": "", "bcc": "",
        "content": "<div>Two of the six &amp; more</div>", "isContentTruncated": false,
    });
    map(&format!("threads-{TICKET}.json"), &with(thread, changes))
}

/// What comes of an agent's private comment, with some keys replaced.
fn comment(changes: Value) -> Vec<Mapped> {
    let comment = json!({
        "id": "1892000000366001", "content": "See <b>parcel</b>", "contentType": "html", "isPublic": false,
        "commentedTime": "2014-11-28T11:00:00.000Z", "commenterId": "1892000000042001",
        "commenter": {"name": "Ada", "email": "ada@shop.example", "type": "AGENT"},
    });
    map(&format!("comments-{TICKET}.json"), &with(comment, changes))
}

#[test]
fn a_customers_email_arrives_field_by_field() {
    let mapped = thread(json!({}));
    assert_eq!(mapped[0].external_id.as_deref(), Some("1158213000004411021"));
    assert_eq!(mapped[0].ticket.as_deref(), Some(TICKET));
    let made = draft(&mapped);
    assert_eq!(kind(&made), Kind::Incoming);
    assert_eq!((made.channel, made.via), (Some(Channel::Email), Some(Via::Api)));
    assert_eq!(made.sent_datetime, Field::Set("2014-11-28T10:25:13Z".parse().expect("a time")));
    assert_eq!(made.subject, set("Two candles"));
    assert_eq!(made.body_html, set("<div>Two of the six &amp; more</div>"));
    assert_eq!(made.body_text, set("Two of the six & more"));
    assert_eq!((&made.sender, &made.receiver), (&person("cleo@work.example"), &Field::Keep));
    assert_eq!(source(&made).from, Some(at("Lee, Cleo", "cleo@work.example")));
    assert_eq!(source(&made).to, [at("", "help@shop.example")]);
    assert_eq!((source(&made).cc.len(), source(&made).bcc.len()), (0, 0));
}

#[test]
fn direction_in_and_out_tell_customer_from_agent_whoever_the_author_is() {
    for (direction, author, expected) in [
        ("in", "END_USER", Kind::Incoming),
        ("in", "AGENT", Kind::Incoming),
        ("out", "AGENT", Kind::Outgoing),
        ("out", "SYSTEM", Kind::Outgoing),
    ] {
        let made = draft(&thread(json!({"direction": direction, "author": {"type": author}})));
        assert_eq!(kind(&made), expected, "{direction} by {author}");
    }
    let made = draft(&thread(json!({"direction": null, "author": {"type": "AGENT"}})));
    assert_eq!(kind(&made), Kind::Outgoing, "without a direction, the author tells");
    for unknown in [json!({"direction": "sideways"}), json!({"direction": null, "author": {"type": "BOT"}})] {
        let mapped = thread(unknown);
        let (kind, why) = blocked(&mapped);
        assert!(kind == CauseKind::Unmapped && why.contains("from_agent"), "{why}");
    }
}

#[test]
fn the_description_thread_is_a_message_like_any_other() {
    assert_eq!(draft(&thread(json!({"isDescriptionThread": true}))), draft(&thread(json!({}))));
}

#[test]
fn a_body_that_is_cut_is_not_sent_and_everything_else_is() {
    let whole = draft(&thread(json!({})));
    let cut = draft(&thread(json!({"isContentTruncated": true})));
    assert_eq!((&cut.body_html, &cut.body_text), (&Field::Keep, &Field::Keep));
    assert_eq!(Draft { body_html: whole.body_html.clone(), body_text: whole.body_text.clone(), ..cut }, whole);
    let listed = draft(&thread(json!({"content": null})));
    assert_eq!(listed.body_text, Field::Keep, "a summary is no body");
}

#[test]
fn of_a_cut_thread_and_its_whole_copy_the_whole_one_counts_wherever_it_stands() {
    let copies = [thread(json!({"content": null})), thread(json!({"isContentTruncated": true})), thread(json!({}))];
    let versions = copies.map(|copy| copy[0].version);
    assert!(versions[0] < versions[1] && versions[1] < versions[2], "{versions:?}");

    let folder = Folder::new();
    let copy = |content: &str, cut: bool| {
        json!({"id": "1158213000004411021", "channel": "EMAIL", "direction": "in", "content": content,
               "createdTime": "2014-11-28T10:25:13.000Z", "isContentTruncated": cut})
    };
    // A page as the API answers, and one record a line.
    folder.write(&format!("export/threads-{TICKET}.json"), json!({"data": [copy("<p>all o", true)]}).to_string());
    let line = format!("{}\n", copy("<p>all of it</p>", false));
    folder.write(&format!("export/threads-{TICKET}-whole.jsonl"), line);
    let ids = folder.write("export/ids.csv", "external_id,ticket_id,message_id\n1158213000004411021,1,11\n");
    let account = Account::start(Settings::default(), &ids);
    let command = format!("run export --mapping zoho-desk --checkpoint a.deskferry --rate none {}", account.flag());
    folder.run(&command).expect(0);
    assert_eq!(folder.outcomes("a.deskferry"), totals([("updated", 1), ("skipped", 1)]));
    assert_eq!(account.updated()[&11].body["body_html"], "<p>all of it</p>");
}

#[test]
fn to_cc_and_bcc_are_texts_with_several_addresses() {
    let made = draft(&thread(json!({
        "direction": "out", "fromEmailAddress": "Shop<help@shop.example>",
        "to": "\"Lee, Cleo\" <cleo@home.example>, bo@home.example", "cc": "cy@home.example", "bcc": null,
    })));
    assert_eq!(source(&made).to, [at("Lee, Cleo", "cleo@home.example"), at("", "bo@home.example")]);
    assert_eq!(source(&made).cc, [at("", "cy@home.example")]);
    assert_eq!(source(&made).bcc, []);
    assert_eq!((made.receiver, made.sender), (person("cleo@home.example"), person("help@shop.example")));
}

#[test]
fn a_channel_without_addresses_has_the_authors_name_and_an_unknown_one_blocks() {
    let author = json!({"name": "@ferns", "email": null, "type": "END_USER"});
    let made = draft(&thread(json!({
        "channel": "TWITTER_DM", "fromEmailAddress": null, "to": null, "contentType": "text/plain",
        "content": "a < b", "author": author,
    })));
    assert_eq!(made.channel, Some(Channel::TwitterDirectMessage));
    assert_eq!(source(&made).from, Some(at("@ferns", "")));
    assert_eq!((made.body_text, made.body_html), (set("a < b"), set("a &lt; b")));
    assert_eq!(made.sender, Field::Keep);
    let mapped = thread(json!({"channel": "PIGEON"}));
    assert!(blocked(&mapped).1.contains("`pigeon` is not in table channels"), "{:?}", blocked(&mapped));
}

#[test]
fn a_form_is_a_form_only_where_a_customer_writes() {
    assert_eq!(draft(&thread(json!({"channel": "WEB"}))).channel, Some(Channel::ContactForm));
    let answer = draft(&thread(json!({"channel": "WEB", "direction": "out"})));
    assert_eq!((answer.channel, source(&answer).r#type.as_deref()), (Some(Channel::Email), Some("email")));
}

#[test]
fn a_draft_was_never_sent() {
    assert_eq!(skipped(&thread(json!({"status": "DRAFT", "direction": "out"}))), "a draft that was never sent");
}

#[test]
fn a_thread_without_its_time_is_blocked_as_unsafe() {
    assert_eq!(blocked(&thread(json!({"createdTime": null}))).0, CauseKind::Unsafe);
}

#[test]
fn ids_of_19_digits_stay_exact_as_text_and_as_number_and_rounded_ones_are_refused() {
    for id in [json!("1158213000004411021"), json!(1_158_213_000_004_411_021_i64)] {
        assert_eq!(draft(&thread(json!({"id": id}))).external_id, set("1158213000004411021"));
    }
    for id in [json!("1.892E+15"), json!(1.892e15)] {
        let mapped = thread(json!({"id": id}));
        assert!(blocked(&mapped).1.contains("damaged by a spreadsheet"), "{:?}", blocked(&mapped));
    }
}

#[test]
fn the_ticket_is_in_the_files_name_or_in_the_record_and_a_pages_number_is_none() {
    assert_eq!(thread(json!({"ticketId": "77"}))[0].ticket.as_deref(), Some("77"));
    let record = json!({"id": "1", "commentedTime": "2014-11-28T11:00:00.000Z", "isPublic": false});
    let ticket = |file: &str| map(file, &record)[0].ticket.clone();
    assert_eq!(ticket("comments/1158213000004410713.json").as_deref(), Some(TICKET));
    assert_eq!(ticket("comments-2.json"), None);
}

#[test]
fn comments_are_told_by_commented_time_private_ones_are_notes_and_public_ones_messages() {
    let mapped = comment(json!({}));
    assert_eq!(
        (mapped[0].external_id.as_deref(), mapped[0].ticket.as_deref()),
        (Some("1892000000366001"), Some(TICKET))
    );
    let note = draft(&mapped);
    assert_eq!(kind(&note), Kind::InternalNote);
    assert_eq!(note.sent_datetime, Field::Set("2014-11-28T11:00:00Z".parse().expect("a time")));
    assert_eq!((note.body_html, note.body_text), (set("See <b>parcel</b>"), set("See parcel")));
    assert_eq!(note.subject, set("Two candles"));
    for (author, expected) in [("AGENT", Kind::Outgoing), ("END_USER", Kind::Incoming)] {
        let made = draft(&comment(json!({"isPublic": true, "commenter": {"name": "X", "type": author}})));
        assert_eq!((kind(&made), made.channel), (expected, Some(Channel::HelpCenter)), "{author}");
    }
    let mapped = comment(json!({"isPublic": null}));
    assert!(blocked(&mapped).1.contains("channel"), "neither public nor private: {:?}", blocked(&mapped));
}

#[test]
fn a_public_comment_of_an_unknown_sort_of_author_is_blocked() {
    let mapped = comment(json!({"isPublic": true, "commenter": {"type": "LIGHT_AGENT"}}));
    assert!(blocked(&mapped).1.contains("`light_agent` is not in table people"), "{:?}", blocked(&mapped));
}

#[test]
fn mentions_lose_their_markup_and_keep_whom_they_name() {
    let content = "Sample zsu[@user:55616589]zsu and zsu[@team:31138000001254025_new team]zsu";
    let made = draft(&comment(json!({"content": content})));
    assert_eq!(made.body_text, set("Sample @55616589 and @new team"));
    assert_eq!(made.body_html, set("Sample @55616589 and @new team"));
    let plain = draft(&comment(json!({"content": "zsu[@user:5]zsu <3", "contentType": "plainText"})));
    assert_eq!((plain.body_text, plain.body_html), (set("@5 <3"), set("@5 &lt;3")));
}
