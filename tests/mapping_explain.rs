//! `deskferry mapping explain` tells how one message is mapped, as a run would map it, and shows no message content unless
//! asked.

#![allow(clippy::needless_raw_string_hashes, reason = "all snapshots are quoted alike")]
#![allow(clippy::expect_used, reason = "a test may panic")]

mod mapping_support;
#[path = "support/screen.rs"]
mod screen;
mod support;

use std::fs;
use std::path::Path;

use deskferry::export::Content;
use deskferry::mapping::{Mapping, builtin};
use insta::assert_snapshot;
use mapping_support::{block, head, lookups, map_with, small};
use screen::{assert_one_clear_sentence, told};
use serde_json::Value;
use support::{Folder, sample};

fn explained(sample: &str, record: &str) -> String {
    Folder::with_sample(sample)
        .run(&format!("mapping explain export --mapping zendesk --record {record}"))
        .expect(0)
        .out
}

/// The lines of a sample's file that are JSON.
fn records(name: &str, file: &str) -> Vec<(usize, Value)> {
    let bytes = fs::read(sample(name).join(file)).expect("the file");
    let lines = bytes.split(|&byte| byte == b'\n').enumerate();
    lines.filter_map(|(index, line)| Some((index + 1, serde_json::from_slice(line).ok()?))).collect()
}

#[test]
fn a_comment_of_a_customer() {
    assert_snapshot!(explained("zendesk", "32003199251"), @r#"
    tickets.jsonl:3, message 32003199251

      result    an update: incoming, contact_form
      ticket    18
      copies    of two, the one with the later `newest` is the newer

      channel: contact_form
        when public == false: no
        when public == true and via.channel == 'twitter' and via.source.rel ==
            'direct_message': no
        when public == true and via.channel == 'facebook' and via.source.rel ==
            'message': no
        when public == true and via.channel in ['web', 'web_form', 0] and
            @users[author_id].role != 'end-user': no
        when public == true: yes
        from `via.channel`: web
        table channels: contact_form

      external_id: 32003199251
        from `id`: 32003199251
        to_string: 32003199251

      from_agent: false
        when public == false: no
        when author_id == -1: no
        from `@users[author_id].role`: end-user
        table roles: false

      via: zendesk
        value: zendesk

      sent_datetime: 2019-04-02T21:05:40Z
        from `created_at`: 2019-04-02T21:05:40Z
        datetime: 2019-04-02T21:05:40Z

      attachments: not sent; Gorgias keeps what it has
        each `attachments`: 0 elements

      body_html: text, 233 characters
        from `html_body`: text, 233 characters

      body_text: text, 175 characters
        from `plain_body`: text, 175 characters

      message_id: not sent; Gorgias keeps what it has
        there is no `metadata.system.message_id`

      receiver.email: nothing
        when public == true and (author_id == -1 or @users[author_id].role !=
            'end-user'): no

      sender.email: text, 21 characters
        when @users[author_id].role == 'end-user': yes
        there is no `via.source.from.address`
        from `@users[author_id].email`: text, 21 characters

      source.from.name: nothing
        when public == true: yes
        there is no `via.source.from.name`

      source.from.address: nothing
        when public == true: yes
        there is no `via.source.from.address`
        there is no `via.source.from.phone`
        there is no `data.from`
        there is no `via.source.from.username`
        there is no `via.source.from.facebook_id`
        there is no `via.source.from.twitter_id`

      source.type: contact-form
        when public == false: no
        when via.channel == 'twitter' and via.source.rel == 'direct_message': no
        when via.channel == 'facebook' and via.source.rel == 'message': no
        when via.channel in ['web', 'web_form', 0] and @users[author_id].role !=
            'end-user': no
        from `via.channel`: web
        table source_types: contact-form

      source.to: nothing
        when public == true: yes
        each `via.source.to`: 1 element

      source.to[0].name: nothing
        there is no `name`

      source.to[0].address: nothing
        there is no `address`
        there is no `phone`
        there is no `username`
        there is no `facebook_id`
        there is no `twitter_id`

      subject: text, 29 characters
        from `parent.subject`: text, 29 characters

      ticket.external_id: 18
        from `parent.id`: 18
        to_string: 18

      newest: 1554631724
        from `parent.generated_timestamp`: 1554631724

      in Gorgias: ticket 48213558, message 3120040464, by the ids file
        ids: found
        then: to update
    "#);
}

#[test]
fn an_internal_note() {
    assert_snapshot!(explained("zendesk", "31977933817"), @r#"
    tickets.jsonl:2, message 31977933817

      result    an update: internal note
      ticket    9
      copies    of two, the one with the later `newest` is the newer

      channel: internal-note
        when public == false: yes
        value: internal-note

      external_id: 31977933817
        from `id`: 31977933817
        to_string: 31977933817

      from_agent: true
        when public == false: yes
        value: true

      via: zendesk
        value: zendesk

      sent_datetime: 2019-03-11T09:14:52Z
        from `created_at`: 2019-03-11T09:14:52Z
        datetime: 2019-03-11T09:14:52Z

      attachments: not sent; Gorgias keeps what it has
        each `attachments`: 0 elements

      body_html: text, 168 characters
        from `html_body`: text, 168 characters

      body_text: text, 120 characters
        from `plain_body`: text, 120 characters

      message_id: not sent; Gorgias keeps what it has
        there is no `metadata.system.message_id`

      receiver.email: nothing
        when public == true and (author_id == -1 or @users[author_id].role !=
            'end-user'): no

      sender.email: nothing
        when @users[author_id].role == 'end-user': no
        when author_id != -1: no

      source.from.name: nothing
        when public == true: no

      source.from.address: nothing
        when public == true: no

      source.type: internal-note
        when public == false: yes
        value: internal-note

      source.to: nothing
        when public == true: no

      subject: text, 40 characters
        from `parent.subject`: text, 40 characters

      ticket.external_id: 9
        from `parent.id`: 9
        to_string: 9

      newest: 1553024443
        from `parent.generated_timestamp`: 1553024443

      in Gorgias: ticket 48213353, message 3120040233, by the ids file
        ids: found
        then: to update
    "#);
}

#[test]
fn a_message_that_a_rule_leaves_out() {
    assert_snapshot!(explained("zendesk-troubled", "32639944211091"), @r#"
    tickets.jsonl:2, message 32639944211091

      result    skipped: an event, not a message
      rule      type exists and type not in ['Comment', 'VoiceComment',
                'TpeVoiceComment', 'FacebookComment']
      ticket    5211
      copies    of two, the one with the later `sent_datetime` is the newer
    "#);
}

#[test]
fn a_message_that_is_blocked_because_its_author_is_not_known() {
    assert_snapshot!(explained("zendesk-troubled", "32684314033427"), @r#"
    tickets.jsonl:7, message 32684314033427

      result    blocked (unmapped): from_agent: no row with id 20999912340019 in
                lookup users
      to do     mend the mapping, or the lookup it joins with, then retry
      ticket    5237
      copies    of two, the one with the later `newest` is the newer

      channel: email
        when public == false: no
        when public == true and via.channel == 'twitter' and via.source.rel ==
            'direct_message': no
        when public == true and via.channel == 'facebook' and via.source.rel ==
            'message': no
        when public == true and via.channel in ['web', 'web_form', 0] and
            @users[author_id].role != 'end-user': yes
        value: email

      external_id: 32684314033427
        from `id`: 32684314033427
        to_string: 32684314033427

      from_agent: blocked: no row with id 20999912340019 in lookup users
        when public == false: no
        when author_id == -1: no
        no row with id 20999912340019 in lookup users

      via: zendesk
        value: zendesk

      sent_datetime: 2025-03-06T12:00:59Z
        from `created_at`: 2025-03-06T12:00:59Z
        datetime: 2025-03-06T12:00:59Z

      attachments: not sent; Gorgias keeps what it has
        each `attachments`: 0 elements

      body_html: text, 102 characters
        from `html_body`: text, 102 characters

      body_text: text, 43 characters
        from `plain_body`: text, 43 characters

      message_id: not sent; Gorgias keeps what it has
        there is no `metadata.system.message_id`

      receiver.email: nothing
        when public == true and (author_id == -1 or @users[author_id].role !=
            'end-user'): yes
        there is no `via.source.to.address`

      sender.email: nothing
        when @users[author_id].role == 'end-user': no
        when author_id != -1: yes
        no row with id 20999912340019 in lookup users

      source.from.name: nothing
        when public == true: yes
        there is no `via.source.from.name`

      source.from.address: nothing
        when public == true: yes
        there is no `via.source.from.address`
        there is no `via.source.from.phone`
        there is no `data.from`
        there is no `via.source.from.username`
        there is no `via.source.from.facebook_id`
        there is no `via.source.from.twitter_id`

      source.type: email
        when public == false: no
        when via.channel == 'twitter' and via.source.rel == 'direct_message': no
        when via.channel == 'facebook' and via.source.rel == 'message': no
        when via.channel in ['web', 'web_form', 0] and @users[author_id].role !=
            'end-user': yes
        value: email

      source.to: nothing
        when public == true: yes
        each `via.source.to`: 1 element

      source.to[0].name: nothing
        there is no `name`

      source.to[0].address: nothing
        there is no `address`
        there is no `phone`
        there is no `username`
        there is no `facebook_id`
        there is no `twitter_id`

      subject: text, 20 characters
        from `parent.subject`: text, 20 characters

      ticket.external_id: 5237
        from `parent.id`: 5237
        to_string: 5237

      newest: 1741264275
        from `parent.generated_timestamp`: 1741264275
    "#);
}

#[test]
fn a_message_that_is_blocked_because_it_is_no_valid_update() {
    let told = explained("zendesk-troubled", "tickets.jsonl:10");
    let first: Vec<_> = told.lines().skip(1).take(6).collect();
    assert_snapshot!(first.join("\n"), @r#"
    result    blocked (invalid): external_id is longer than 255 characters, the
              most that Gorgias keeps
    to do     mend the mapping or the export, then retry
    ticket    5246
    copies    of two, the one with the later `newest` is the newer
    "#);
}

#[test]
fn records_that_can_not_be_read() {
    let all = ["17", "18", "19"].map(|line| explained("zendesk-troubled", line));
    assert_snapshot!(all.join("\n"), @r#"
    tickets.jsonl:17, a message without a readable id

      result    blocked (unreadable): not valid JSON: invalid number
      to do     export it again, or mend the file at this place
      ticket    not known

    tickets.jsonl:18, a message without a readable id

      result    blocked (unreadable): not valid UTF-8 at byte 394 of the line
      to do     export it again, or mend the file at this place
      ticket    not known

    tickets.jsonl:19, a message without a readable id

      result    blocked (unreadable): the record has no `comments`
      to do     export it again, or mend the file at this place
      ticket    5278
    "#);
}

#[test]
fn a_time_is_shown_and_what_is_no_time_is_not() {
    let field = |id| {
        let told = explained("zendesk-troubled", id);
        told.split("\n\n").find(|part| part.starts_with("  sent_datetime")).map(str::to_owned).unwrap_or_default()
    };
    assert_snapshot!([field("32846688001171"), field("32846904242835"), field("32846934340627")].join("\n\n"), @r#"
    sent_datetime: blocked: `datetime`: this is no time such as
        2024-05-31T12:00:00Z (`time_format` reads other forms)
      from `created_at`: text, 9 characters

    sent_datetime: blocked: `datetime`: the time has no zone: it needs Z or an
        offset such as +02:00, or `timezone` in the mapping
      from `created_at`: "2025-03-17 13:41:12"

    sent_datetime: 2025-03-17T13:44:09Z
      from `created_at`: 2025-03-17T14:44:09+01:00
      datetime: 2025-03-17T13:44:09Z
    "#);
}

#[test]
fn a_value_that_its_table_lacks_is_named_as_in_the_plan() {
    let told = explained("zendesk-troubled", "32696004594963");
    let field = told.split("\n\n").find(|part| part.starts_with("  channel"));
    assert_snapshot!(field.unwrap_or_default(), @r#"
    channel: blocked: `carrier_pigeon` is not in table channels
      when public == false: no
      when public == true and via.channel == 'twitter' and via.source.rel ==
          'direct_message': no
      when public == true and via.channel == 'facebook' and via.source.rel ==
          'message': no
      when public == true and via.channel in ['web', 'web_form', 0] and
          @users[author_id].role != 'end-user': no
      when public == true: yes
      from `via.channel`: text, 14 characters
      table channels: not in it
    "#);
}

#[test]
fn content_is_shown_when_asked_for() {
    let folder = Folder::with_sample("zendesk");
    let told = folder.run("mapping explain export --mapping zendesk --record 32003721158 --show-content").expect(0).out;
    let fields = ["body_text", "sender.email", "subject"].map(|name| {
        let found = told.split("\n\n").find(|part| part.starts_with(&format!("  {name}")));
        found.unwrap_or_default().to_owned()
    });
    assert_snapshot!(fields.join("\n\n"), @r#"
    body_text: "Morning Marcus,\n\nCaught it in time, the label now shows
        Lanternfield Row. Please check the address in your account too, that one I
        am not allowed to touch.\n\nAoife"
      from `plain_body`: "Morning Marcus,\n\nCaught it in time, the label now
          shows Lanternfield Row. Please check the address in your account too,
          that one I am not allowed to touch.\n\nAoife"

    sender.email: aoife.b@tallowmere.example.com
      when @users[author_id].role == 'end-user': no
      when author_id != -1: yes
      from `@users[author_id].email`: aoife.b@tallowmere.example.com

    subject: "Changing the delivery address"
      from `parent.subject`: "Changing the delivery address"
    "#);
}

#[test]
fn lists_lookups_of_tables_tests_and_defaults_are_told_step_by_step() {
    let folder = Folder::new();
    let fields = r#"from_agent = { from = "role", is_not = "customer" }
message_id = { from = "mid", when_missing = "clear" }
source.type = { value = "email" }
source.to = { each = "to", skip = "kind == 'hidden'", fields = { address = { from = "address" } } }
attachments = { when = "kind == 'file'", each = "files", required = true, fields = { url = { from = "url" }, name = { from = "name" }, content_type = { from = "type", default = "text/plain" } } }"#;
    folder.write("acme.toml", small("", fields));
    let record = serde_json::json!({
        "id": 7, "kind": "file", "role": "clerk", "files": [{ "url": "https://files.example/1", "name": "a.txt" }],
        "to": [{ "kind": "hidden", "address": "a@example.com" }, { "address": " " }, { "address": "b@example.com" }]
    });
    folder.write("export.jsonl", format!("{record}\n"));
    let told = folder.run("mapping explain export.jsonl --mapping acme.toml --record 7").expect(0).out;
    assert_snapshot!(told, @r#"
    export.jsonl:1, message 7

      result    an update: outgoing, email
      ticket    not known
      copies    of two, the one with the later `sent_datetime` is the newer

      channel: email
        value: email

      external_id: 7
        from `id`: 7
        to_string: 7

      from_agent: true
        from `role`: text, 5 characters
        is_not 'customer': true

      via: api
        value: api

      sent_datetime: 2024-05-01T10:00:00Z
        value: 2024-05-01T10:00:00Z
        datetime: 2024-05-01T10:00:00Z

      attachments: 1 element
        when kind == 'file': yes
        each `files`: 1 element

      attachments[0].url: text, 23 characters
        from `url`: text, 23 characters

      attachments[0].name: text, 5 characters
        from `name`: text, 5 characters

      attachments[0].content_type: text/plain
        there is no `type`
        default: text/plain

      message_id: cleared
        there is no `mid`

      source.type: email
        value: email

      source.to: 1 element
        each `to`: 3 elements
        [0] left out, as kind == 'hidden'

      source.to[1].address: nothing
        `address` is empty

      source.to[2].address: text, 13 characters
        from `address`: text, 13 characters
    "#);
}

#[test]
fn what_goes_into_an_id_is_shown_only_where_it_looks_like_one() {
    let folder = Folder::new();
    let fields =
        r#"external_id = { template = "{ticket}/{from}/{text}", apply = [{ hash = 16 }, { prefix = "csv-" }] }"#;
    folder.write("acme.toml", small("", fields));
    folder.write("export.jsonl", r#"{"ticket": "T-1", "from": "ann@example.com", "text": "Where is it"}"#);
    let told = folder.run("mapping explain export.jsonl --mapping acme.toml --record export.jsonl:1").expect(0).out;
    let of_id = told.split("\n\n").find(|field| field.contains("external_id: ")).expect("the field");
    assert_snapshot!(of_id, @r#"
    external_id: csv-1de38cf0c77c56ae
      from `ticket`: T-1
      from `from`: text, 15 characters
      from `text`: text, 11 characters
      template: text, 31 characters
      hash 16: 1de38cf0c77c56ae
      prefix 'csv-': csv-1de38cf0c77c56ae
    "#);
}

#[test]
fn nothing_that_people_wrote_and_no_address_is_shown_by_default() {
    let folder = Folder::with_sample("zendesk");
    let mut checked = 0;
    for (line, ticket) in records("zendesk", "tickets.jsonl") {
        let told = folder.run(&format!("mapping explain export --mapping zendesk --record tickets.jsonl:{line}"));
        let told = told.expect(0).out.replace("@users[", "");
        assert!(!told.contains('@'), "an address, or a Message-ID:\n{told}");
        assert!(!told.contains(ticket["subject"].as_str().expect("a subject")), "line {line}: the subject");
        for comment in ticket["comments"].as_array().expect("comments") {
            for words in comment["body"].as_str().unwrap_or_default().lines().filter(|line| line.len() > 12) {
                assert!(!told.contains(words), "line {line}: {words}");
                checked += 1;
            }
        }
    }
    assert!(checked > 500, "only {checked} lines of text were looked for");
}

#[test]
fn an_explanation_is_of_what_a_run_would_do() {
    let mapping = Mapping::compile(builtin::find("zendesk").expect("built in").text, "zendesk.toml").expect("right");
    for name in ["zendesk", "zendesk-troubled"] {
        let users: Vec<_> = records(name, "users.jsonl").into_iter().map(|(_, user)| user.to_string()).collect();
        let users: Vec<_> = users.iter().map(String::as_str).collect();
        let lookups = lookups(&mapping, &[("users", &users)]);
        let mut messages = 0;
        for (_, ticket) in records(name, "tickets.jsonl") {
            let ticket = ticket.to_string();
            let reader = mapping.reader(None, Path::new("a.jsonl")).expect("JSON needs no header");
            let stories = reader.explain(Content::Json(ticket.as_bytes()), &lookups);
            let told: Vec<_> = stories.into_iter().map(|story| story.mapped).collect();
            assert_eq!(told, map_with(&mapping, &lookups, &ticket));
            messages += told.len();
        }
        assert!(messages > 40, "{name}");
    }
}

#[test]
fn an_id_goes_before_a_place() {
    let folder = Folder::new();
    folder.write("acme.toml", small("", ""));
    folder.write("in/a.jsonl", "{\"id\": 2}\n{\"id\": 5}\n");
    folder.write("in/b.jsonl", "{\"id\": \"a.jsonl:2\"}\n{\"id\": 1}\n{\"id\": \"odd:3\"}\n");
    let heads = |record: &str| -> Vec<String> {
        let told = folder.run(&format!("mapping explain in --mapping acme.toml --record {record}")).expect(0).out;
        told.lines().filter(|line| line.contains(", message ")).map(str::to_owned).collect()
    };
    assert_eq!(heads("2"), ["a.jsonl:1, message 2"], "the id");
    assert_eq!(heads("3"), ["b.jsonl:3, message odd:3"], "the line, as no message has that id");
    assert_eq!(heads("a.jsonl:2"), ["b.jsonl:1, message a.jsonl:2"], "the id, be it like a place");
    assert_eq!(heads("b.jsonl:2"), ["b.jsonl:2, message 1"]);
    assert_eq!(heads("in/a.jsonl:2"), ["a.jsonl:2, message 5"]);
    assert_eq!(heads("odd:3"), ["b.jsonl:3, message odd:3"]);
}

#[test]
fn a_record_without_a_message() {
    assert_snapshot!(explained("zendesk", "tickets.jsonl:47"), @r#"The record at tickets.jsonl:47 holds no message."#);
}

#[test]
fn a_record_that_is_not_there() {
    let folder = Folder::with_sample("zendesk");
    let ran = folder.run("mapping explain export --mapping zendesk --record 4711");
    assert_one_clear_sentence(&ran);
    assert_snapshot!(told(&ran), @r#"
    exit code 2
    --- stderr
    error: the export has no message with the id 4711, and no record that starts at 4711

    hint: `deskferry plan` and `deskferry errors` name messages by file, line and id
    "#);
}

#[test]
fn a_kind_of_message_a_file_s_name_templates_and_lists_of_one_are_told() {
    let folder = Folder::new();
    let fields = r#"subject = { template = "Call {number} with {who.name}" }
body_text = { template = "{gone} and {number}", when_missing = "clear" }
message_id = { from = "@file.number" }
sender.email = { when = "@file.stem matches '^calls'", template = "{number}@{@file.folder}" }
source.type = { value = "phone" }
source.to = { fields = { address = { from = "who.mail" } } }
attachments = { each = "calls[].files", fields = { url = { from = "." }, name = { value = "n" }, content_type = { value = "t/t" } } }"#;
    folder.write(
        "acme.toml",
        head("")
            + &block("name = \"notes\"\nfiles = \"notes*\"", "")
            + &block("name = \"calls\"\nfiles = \"calls*\"", fields),
    );
    let record = serde_json::json!({
        "id": 7, "number": 123, "who": { "name": "Ann", "mail": "ann@example.com" },
        "calls": [{ "files": ["https://files.example/1"] }, {}]
    });
    folder.write("export/calls-4711.jsonl", format!("{record}\n"));
    let told = folder.run("mapping explain export --mapping acme.toml --record 7").expect(0).out;
    assert_snapshot!(told, @r#"
    calls-4711.jsonl:1, message 7

      result    an update: internal note
      kind      calls
      ticket    not known

      channel: internal-note
        value: internal-note

      external_id: 7
        from `id`: 7
        to_string: 7

      from_agent: true
        value: true

      via: api
        value: api

      attachments: 1 element
        each `calls[].files`: 1 element

      attachments[0].url: text, 23 characters
        from `.`: text, 23 characters

      attachments[0].name: n
        value: n

      attachments[0].content_type: t/t
        value: t/t

      body_text: cleared
        there is no `gone`

      message_id: 4711
        from `@file.number`: 4711

      sender.email: text, 10 characters
        when @file.stem matches '^calls': yes
        from `number`: a whole number
        from `@file.folder`: export
        template: text, 10 characters

      source.type: phone
        value: phone

      source.to: 1 element

      source.to[0].address: text, 15 characters
        from `who.mail`: text, 15 characters

      subject: text, 17 characters
        from `number`: a whole number
        from `who.name`: text, 3 characters
        template: text, 17 characters
    "#);
}

#[test]
fn a_message_that_is_left_out_for_what_is_missing_or_not_known() {
    let folder = Folder::new();
    let fields = "channel = { from = \"c\", table = \"channels\", when_missing = \"skip\", when_unknown = \"skip\" }";
    folder.write("acme.toml", small("[tables.channels]\nmail = \"email\"", fields));
    folder.write("export.jsonl", "{\"id\": 1, \"c\": \"line\"}\n{\"id\": 2}\n");
    let told = [1, 2].map(|id| {
        let told = folder.run(&format!("mapping explain export.jsonl --mapping acme.toml --record {id}")).expect(0).out;
        told.split("\n\n").take(3).collect::<Vec<_>>().join("\n\n")
    });
    assert_snapshot!(told.join("\n\n"), @r#"
    export.jsonl:1, message 1

      result    skipped: channel: `line` is not in table channels
      ticket    not known
      copies    of two, the one with the later `sent_datetime` is the newer

      channel: the message is skipped: `line` is not in table channels
        from `c`: text, 4 characters
        table channels: not in it

    export.jsonl:2, message 2

      result    skipped: channel: there is no `c`
      ticket    not known
      copies    of two, the one with the later `sent_datetime` is the newer

      channel: the message is skipped: there is no `c`
        there is no `c`
    "#);
}

#[test]
fn a_record_that_no_block_is_for() {
    let folder = Folder::new();
    folder.write("acme.toml", head("") + &block("when = \"kind == 'note'\"", ""));
    folder.write("export.jsonl", "{\"id\": 1}\n");
    assert_snapshot!(folder.run("mapping explain export.jsonl --mapping acme.toml --record 1").expect(0).out, @r#"
    export.jsonl:1, a message without a readable id

      result    blocked (unmapped): no [[message]] block of the mapping is for this
                record
      to do     mend the mapping, or the lookup it joins with, then retry
      ticket    not known
    "#);
}

#[test]
fn the_first_line_of_a_csv_is_no_record() {
    let export = support::sample("zendesk-comments-csv");
    let arguments = format!("mapping explain {} --mapping zendesk-comments-csv --record 1", export.display());
    let refused = Folder::new().run(&arguments).expect(2);
    assert!(refused.err.contains("line 1 of a CSV holds the names of its columns"), "{}", refused.err);
}
