//! What is odd in Freshdesk's exports, and what becomes of it: one quirk a test.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod mapping_support;

use deskferry::mapping::{Lookups, Mapped, Mapping, builtin};
use deskferry::update::{Address, Channel, Draft};
use mapping_support::{blocked, change, compile, draft, lookups, map_in, set, skipped};
use serde_json::{Value, json};

fn mapping(name: &str) -> Mapping {
    compile(builtin::find(name).expect("a built-in mapping").text)
}

/// The agent 1 and the contact 2.
fn people(mapping: &Mapping) -> Lookups {
    lookups(
        mapping,
        &[
            ("agents", &[r#"{"id": 1, "email": "ada@shop.example", "contact": {"name": "Ada"}}"#]),
            ("contacts", &[r#"{"id": 2, "email": "cleo@home.example", "name": "Cleo"}"#]),
        ],
    )
}

fn conversation(changes: &Value) -> Value {
    let mut record = json!({
        "id": 80_020_349_450_u64, "ticket_id": 8, "body": "<div>One<br>two</div>", "body_text": "One   two", "incoming": false,
        "private": false, "user_id": 1, "support_email": null, "source": 0, "category": 3,
        "to_emails": ["\"Cleo Lee\" <cleo@home.example>"], "from_email": "\"Shop\" <help@shop.example>", "cc_emails": [],
        "bcc_emails": null, "created_at": "2020-01-09T09:17:08Z", "updated_at": "2020-01-09T09:17:08Z", "attachments": [],
    });
    change(&mut record, changes.clone());
    record
}

fn mapped(changes: &Value) -> Vec<Mapped> {
    let mapping = mapping("freshdesk");
    let people = people(&mapping);
    map_in("conversations-8.json", &mapping, &people, &conversation(changes).to_string())
}

fn made(changes: &Value) -> Draft {
    draft(&mapped(changes))
}

fn ticket(changes: &Value) -> Draft {
    let mapping = mapping("freshdesk");
    let mut record = json!({
        "id": 8, "subject": "Lost", "description": "<p>Where?</p>", "description_text": "Where?", "requester_id": 2,
        "source": 1, "created_at": "2020-01-09T09:10:00Z", "updated_at": "2020-01-09T09:17:08Z",
    });
    change(&mut record, changes.clone());
    draft(&map_in("tickets-1.json", &mapping, &people(&mapping), &record.to_string()))
}

#[test]
fn the_tickets_description_is_the_first_message_and_no_conversation_has_its_id() {
    let first = ticket(&json!({}));
    assert_eq!((first.external_id, first.subject), (set("ticket-8"), set("Lost")));
    assert_eq!((first.from_agent, first.channel), (Some(false), Some(Channel::Email)));
    assert_eq!(made(&json!({"id": 8})).external_id, set("8"), "a conversation may have the number of a ticket");
}

#[test]
fn a_tickets_source_is_another_list_than_a_conversations() {
    assert_eq!(ticket(&json!({"source": 9})).channel, Some(Channel::ContactForm));
    assert_eq!(made(&json!({"source": 9})).channel, Some(Channel::Phone));
    assert_eq!(ticket(&json!({"source": 2})).channel, Some(Channel::ContactForm), "2 is the portal, not a note");
    let outbound = ticket(&json!({"source": 10}));
    assert_eq!((outbound.channel, outbound.from_agent), (Some(Channel::Email), Some(true)));
}

#[test]
fn what_an_agent_wrote_first_is_not_from_the_customer() {
    let outbound = ticket(&json!({"source": 10, "responder_id": 1}));
    assert_eq!(outbound.sender.value().and_then(|person| person.email.as_deref()), Some("ada@shop.example"));
    let nobody = ticket(&json!({"source": 10, "responder_id": 99}));
    assert_eq!((nobody.from_agent, nobody.sender.value()), (Some(true), None), "not the customer");
}

#[test]
fn a_note_that_the_customer_may_see_is_none_and_one_that_says_nothing_is_private() {
    assert_eq!(made(&json!({"source": 2, "private": false})).channel, Some(Channel::ContactForm));
    let unsaid = made(&json!({"source": 2, "private": null}));
    assert_eq!((unsaid.channel, unsaid.from_agent), (Some(Channel::InternalNote), Some(true)));
}

#[test]
fn conversations_may_lie_in_a_folder_of_that_name() {
    let mapping = mapping("freshdesk");
    let record = conversation(&json!({"ticket_id": null})).to_string();
    let mapped = map_in("export/conversations/8.json", &mapping, &people(&mapping), &record);
    assert_eq!(mapped[0].ticket.as_deref(), Some("8"), "and are called by their ticket");
}

#[test]
fn a_contacts_message_is_a_customers_even_if_it_says_that_it_did_not_come_in() {
    let odd = made(&json!({"user_id": 2, "category": 1, "incoming": false}));
    assert_eq!(odd.from_agent, Some(false));
    assert_eq!(odd.sender.value().and_then(|person| person.email.as_deref()), Some("cleo@home.example"));
}

#[test]
fn an_author_who_is_in_neither_list_is_told_by_the_category_and_then_by_the_direction() {
    for (changes, from_agent) in [
        (json!({"user_id": 99, "category": 1, "incoming": false}), false),
        (json!({"user_id": 99, "category": 3, "incoming": true}), true),
        (json!({"user_id": 99, "category": null, "incoming": true}), false),
        (json!({"user_id": 99, "category": null, "incoming": false}), true),
    ] {
        assert_eq!(made(&changes).from_agent, Some(from_agent), "{changes}");
    }
    let (_, why) = (0, mapped(&json!({"user_id": 99, "category": null, "incoming": null})));
    assert!(blocked(&why).1.starts_with("from_agent: "), "{}", blocked(&why).1);
}

#[test]
fn an_answer_to_a_survey_is_no_message() {
    let survey = json!({"source": 6, "incoming": true, "body": "<div></div>", "body_text": "", "to_emails": null});
    assert_eq!(skipped(&mapped(&survey)), "an answer to a survey");
}

#[test]
fn a_private_one_is_a_note_whatever_its_source_says() {
    let note = made(&json!({"private": true, "source": 0, "category": 2, "from_email": "help@shop.example"}));
    assert_eq!((note.channel, note.from_agent), (Some(Channel::InternalNote), Some(true)));
    let source = note.source.value().expect("a source");
    assert_eq!((source.r#type.as_deref(), &source.from), (Some("internal-note"), &None));
}

#[test]
fn recipients_may_be_null_and_names_may_have_more_than_two_words() {
    let nobody = made(&json!({"to_emails": null, "cc_emails": null}));
    assert_eq!(nobody.source.value().map(|source| source.to.len()), Some(0));
    let to = made(&json!({"to_emails": ["Anna Maria de Graaf <anna@home.example>", "bo@home.example"]}));
    let address = |name: Option<&str>, address: &str| Address {
        name: name.map(str::to_owned),
        address: Some(address.to_owned()),
    };
    let wanted = vec![address(Some("Anna Maria de Graaf"), "anna@home.example"), address(None, "bo@home.example")];
    assert_eq!(to.source.value().map(|source| source.to.clone()), Some(wanted));
}

#[test]
fn from_and_to_are_not_swapped_for_what_an_agent_sends() {
    let sent = made(&json!({}));
    let source = sent.source.value().expect("a source");
    assert_eq!(source.from.as_ref().and_then(|from| from.address.as_deref()), Some("help@shop.example"));
    assert_eq!(source.to[0].address.as_deref(), Some("cleo@home.example"));
    assert_eq!(sent.receiver.value().and_then(|person| person.email.as_deref()), Some("cleo@home.example"));
}

#[test]
fn the_plain_text_is_made_of_the_html_because_its_own_has_lost_its_line_ends() {
    assert_eq!(made(&json!({})).body_text, set("One\ntwo"));
}

#[test]
fn the_ticket_is_told_by_the_conversation_and_otherwise_by_the_files_name() {
    assert_eq!(mapped(&json!({}))[0].ticket.as_deref(), Some("8"));
    assert_eq!(mapped(&json!({"ticket_id": null}))[0].ticket.as_deref(), Some("8"), "of conversations-8.json");
}

#[test]
fn a_source_that_nobody_knows_blocks_its_message_and_is_named() {
    assert_eq!(
        blocked(&mapped(&json!({"source": 42}))).1,
        "channel: `42` is not in table channels; source.type: `42` is not in table source_types"
    );
}

fn exported(notes: &Value, changes: &Value) -> Vec<Mapped> {
    let mut ticket = json!({
        "id": 88001, "display_id": 301, "subject": "Lost", "description": "Where?", "description_html": "<p>Where?</p>",
        "created_at": "2014-04-30T08:30:30+09:00", "source_name": "Email", "notes": notes,
    });
    change(&mut ticket, changes.clone());
    let record = json!({"helpdesk_ticket": ticket}).to_string();
    map_in("Tickets0.json", &mapping("freshdesk-export"), &Lookups::default(), &record)
}

fn note(id: u64) -> Value {
    json!({"id": id, "body": "a", "created_at": "2014-04-30T08:31:00+09:00", "private": false, "incoming": true, "source": 0})
}

fn ids(mapped: &[Mapped]) -> Vec<&str> {
    mapped.iter().filter_map(|one| one.external_id.as_deref()).collect()
}

#[test]
fn an_exports_ticket_says_its_source_by_name_or_by_number() {
    for (ticket, channel, from_agent) in [
        (json!({"source_name": "Outbound Email"}), Channel::Email, true),
        (json!({"source_name": null, "source": 10}), Channel::Email, true),
        (json!({"source_name": null, "source": 2}), Channel::ContactForm, false),
    ] {
        let first = draft(&exported(&json!([]), &ticket));
        assert_eq!((first.channel, first.from_agent), (Some(channel), Some(from_agent)), "{ticket}");
    }
}

#[test]
fn an_exports_notes_are_found_in_either_wrapper_and_as_one_object_or_many() {
    for notes in [
        json!([{"helpdesk_note": note(1)}, {"helpdesk_note": note(2)}]),
        json!([{"note": note(1)}, {"note": note(2)}]),
        json!([note(1), note(2)]),
        json!({"helpdesk_note": [note(1), note(2)]}),
    ] {
        assert_eq!(ids(&exported(&notes, &json!({}))), ["ticket-301", "1", "2"], "{notes}");
    }
    for notes in [json!({"helpdesk_note": note(1)}), json!([{"note": note(1)}])] {
        assert_eq!(ids(&exported(&notes, &json!({}))), ["ticket-301", "1"], "{notes}");
    }
    assert_eq!(ids(&exported(&json!([]), &json!({}))), ["ticket-301"]);
}

#[test]
fn an_exports_ticket_is_known_by_its_display_id_and_a_note_inside_is_not_taken_for_it() {
    let mapped = exported(&json!([{"note": note(88001)}]), &json!({}));
    assert_eq!(ids(&mapped), ["ticket-301", "88001"]);
    assert!(mapped.iter().all(|one| one.ticket.as_deref() == Some("301")));
}

#[test]
fn an_exports_times_carry_the_offset_of_the_account() {
    let mapped = exported(&json!([]), &json!({}));
    assert_eq!(draft(&mapped).sent_datetime.value().map(ToString::to_string).as_deref(), Some("2014-04-29T23:30:30Z"));
}
