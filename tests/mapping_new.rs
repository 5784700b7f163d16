//! `deskferry mapping new` recognises a known system, and for an unknown export proposes a mapping with its reasons: what
//! it can't tell is a question, and no message content stands in it unless asked.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(clippy::needless_raw_string_hashes, reason = "all snapshots are quoted alike")]

#[path = "support/screen.rs"]
mod screen;
mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use deskferry::mapping::builtin;
use insta::assert_snapshot;
use screen::{assert_one_clear_sentence, told};
use serde_json::json;
use support::{Folder, sample};

/// The export of a helpdesk that nobody knows: conversations with their parts inside, and people beside them.
fn unknown() -> Folder {
    let folder = Folder::new();
    let words = ["mail", "web", "phone", "fax"];
    let conversations: Vec<_> = (0..12_usize)
        .map(|ticket| {
            let parts: Vec<_> = (0..3_usize)
                .map(|part| {
                    let id = 100 + 3 * ticket + part;
                    json!({
                        "uid": id, "author_id": 1 + id % 5, "private": part == 2,
                        "posted_at": format!("2024-05-{:02}T10:{part:02}:00Z", 1 + ticket),
                        "html": format!("<p>Where is my parcel, number {id}, which I wait for?</p>"),
                        "mail": {"message_id": format!("<m{id}@mail.example>"), "from": format!("p{id}@example.com")},
                    })
                })
                .collect();
            json!({
                "id": ticket + 1, "subject": format!("Parcel {ticket} is late"), "channel": words[ticket % 4],
                "opened": "2024-05-01T00:00:00Z", "parts": parts,
            })
        })
        .collect();
    folder.write("export/conversations.json", json!({ "conversations": conversations }).to_string());
    let people = (1..=5).fold(String::new(), |mut lines, id| {
        let role = if id < 3 { "agent" } else { "customer" };
        let person = json!({"id": id, "role": role, "email": format!("u{id}@example.com")});
        writeln!(lines, "{person}").expect("text");
        lines
    });
    folder.write("export/people.jsonl", people);
    folder
}

#[test]
fn an_unknown_export_is_proposed_a_mapping_with_reasons_and_questions() {
    let ran = unknown().run("mapping new export").expect(0);
    assert_snapshot!(told(&ran), @r#"
    exit code 0
    --- stdout
    #:schema ./deskferry-mapping.schema.json
    # A proposal, made from 36 objects in `parts`. Above each line stands what speaks for it; a line
    # with QUESTION can't be answered from the export: answer it, then check the file with
    # `deskferry mapping check FILE EXPORT`.

    name = "mine"
    # QUESTION: what is the system called? Reports use the name.
    system = "the old helpdesk"
    format = "json"
    files = ["conversations.json"]

    # Who wrote a message: `author_id` is `100` of a row here for id % of the authors.
    [lookups.people]
    files = ["people.jsonl"]
    key = "id"

    # The values of `parent.channel`, and what they are in Gorgias. One that is not here blocks its messages.
    [tables.channels]
    # QUESTION: what is this in Gorgias? It is there 3 times.
    # "fax" = "…"
    "mail" = "email"   # 3 times
    "phone" = "phone"   # 3 times
    "web" = "contact_form"   # 3 times

    # The values of `@people[author_id].role`: true is who writes for the company. One that is not here blocks its messages.
    [tables.roles]
    "customer" = false   # 3 times
    "agent" = true   # 2 times

    [[message]]
    each = "parts"
    # QUESTION: are there events, drafts or deleted messages among them, to be left out?
    # skip = [{ when = "type == 'event'", reason = "an event, not a message" }]

    [message.fields]
    # score  97  `uid`: in each, whole numbers, none twice, such as 100, 101, 102
    external_id = { from = "uid", apply = ["to_string"] }
    # What brought it into Gorgias; `zendesk`, `helpdesk` or another of the list may say it better.
    via = { value = "api" }
    # score  94  `parent.channel`: in each, short words, such as mail, web, phone
    # score 100  `private`: in each, true or false, such as false, true
    channel = [
      { when = "private == true", value = "internal-note" },
      { from = "parent.channel", table = "channels" },
    ]
    from_agent = [
      { when = "private == true", value = true },
      { from = "@people[author_id].role", table = "roles" },
    ]
    # score  94  `posted_at`: in each, times with a zone, none twice, such as 2024-05-01T10:00:00Z, 2024-05-01T10:01:00Z, 2024-05-01T10:02:00Z
    sent_datetime = { from = "posted_at", apply = ["datetime"], required = true }
    # score  97  `html`: in each, HTML, none twice
    body_html = { from = "html" }
    # score 100  `parent.subject`: in each, text, none twice
    subject = { from = "parent.subject" }
    # score  98  `mail.message_id`: in each, Message-IDs, none twice
    message_id = { from = "mail.message_id" }
    # score  96  `mail.from`: in each, email addresses, none twice
    sender.email = { from = "mail.from" }

    [message.ticket]
    # score 100  `parent.id`: in each, whole numbers, none twice, such as 1, 2, 3
    external_id = { from = "parent.id", apply = ["to_string"] }
    --- stderr

    3 questions for you to answer in it: look for QUESTION.
    "#);
}

#[test]
fn no_content_stands_in_a_proposal_unless_asked() {
    let folder = unknown();
    let shown = folder.run("mapping new export --show-content").expect(0).out;
    let hidden = folder.run("mapping new export").expect(0).out;
    for content in ["parcel", "Parcel", "@example.com", "@mail.example"] {
        assert!(shown.contains(content), "{content} is shown when asked");
        assert!(!hidden.contains(content), "{content} is not shown otherwise:\n{hidden}");
    }
}

#[test]
fn a_proposal_is_ready_once_its_questions_are_answered() {
    let folder = unknown();
    let proposal = folder.run("mapping new export").expect(0).out;
    folder.write("mine.toml", &proposal);
    let ran = folder.run("plan export --mapping mine.toml").expect(3);
    assert!(ran.out.contains("`fax` is not in table channels"), "the open question blocks its messages: {}", ran.out);
    let answered = proposal.replace("# \"fax\" = \"…\"", "\"fax\" = \"phone\"");
    assert_ne!(answered, proposal);
    folder.write("mine.toml", answered);
    let plan = folder.run("plan export --mapping mine.toml --json").expect(0).json();
    assert_eq!(plan["messages"], 36, "{plan}");
}

#[test]
fn what_nothing_tells_is_left_as_a_question_and_refused_until_it_is_answered() {
    let folder = Folder::new();
    let rows: String = (0..30).fold("code,when,words\n".to_owned(), |mut rows, row| {
        writeln!(rows, "A{row},2024-05-31 10:{row:02}:00,\"A long text, such as people write it, number {row}\"")
            .expect("text");
        rows
    });
    folder.write("talk.csv", rows);
    let ran = folder.run("mapping new talk.csv").expect(0);
    assert_snapshot!(told(&ran), @r#"
    exit code 0
    --- stdout
    #:schema ./deskferry-mapping.schema.json
    # A proposal, made from 30 records. Above each line stands what speaks for it; a line
    # with QUESTION can't be answered from the export: answer it, then check the file with
    # `deskferry mapping check FILE EXPORT`.

    name = "mine"
    # QUESTION: what is the system called? Reports use the name.
    system = "the old helpdesk"
    format = "csv"
    files = ["talk.csv"]
    # QUESTION: its times have no zone. Which one is meant? Without an answer they block their messages.
    # timezone = "UTC"

    [[message]]
    # QUESTION: are there events, drafts or deleted messages among them, to be left out?
    # skip = [{ when = "type == 'event'", reason = "an event, not a message" }]

    [message.fields]
    # QUESTION: which of these is the message's own id?
    # score  50  `code`: in each, short words, none twice, such as A0, A1, A2
    # external_id = { from = "code", apply = ["to_string"] }
    # What brought it into Gorgias; `zendesk`, `helpdesk` or another of the list may say it better.
    via = { value = "api" }
    # QUESTION: nothing says by which channel messages came. Is it one of these for all?
    #   aircall, api, chat, contact_form, email, facebook
    #   facebook-mention, facebook-messenger, facebook-recommendations, help-center, instagram-ad-comment, instagram-comment
    #   instagram-direct-message, instagram-mention, internal-note, phone, sms, twitter
    #   twitter-direct-message, whatsapp, yotpo-review
    # QUESTION: nothing says which messages are internal notes. Are there none?
    # channel = { value = "email" }
    # QUESTION: nothing says who writes for the company, and who to it. What does?
    # from_agent = { from = "…", is = "…" }
    # QUESTION: when was it sent?
    # score  50  `when`: in each, times without a zone, none twice, such as 2024-05-31 10:00:00, 2024-05-31 10:01:00, 2024-05-31 10:02:00
    # sent_datetime = { from = "when", apply = ["datetime"], required = true }
    # score  50  `words`: in each, text, none twice
    body_text = { from = "words" }

    [message.ticket]
    # QUESTION: which ticket does a message belong to?
    # external_id = { from = "…", apply = ["to_string"] }
    --- stderr

    9 questions for you to answer in it: look for QUESTION.
    "#);
    folder.write("mine.toml", ran.out);
    let refused = folder.run("mapping check mine.toml").expect(2);
    for field in ["external_id", "channel", "from_agent", "sent_datetime"] {
        assert!(refused.err.contains(&format!("`{field}` is not mapped")), "{}", told(&refused));
    }
}

#[test]
fn the_sample_of_each_built_in_mapping_is_recognised() {
    for built_in in builtin::all() {
        let folder = sample(built_in.name);
        let exports = if folder.is_dir() { folder } else { continue };
        let ran = Folder::new().run(&format!("mapping new {}", exports.display())).expect(0);
        let name = built_in.name;
        // Pages of Gorgias are the same whatever they are for: it is asked.
        let wanted = if name == "gorgias-backup" { "gorgias" } else { name };
        assert_eq!(ran.err.contains("One question for you"), wanted == "gorgias", "{name}: {}", ran.err);
        assert!(
            ran.err.contains(&format!("the built-in mapping {wanted};")),
            "{name}: {}\n{}",
            ran.err,
            &ran.out[..300]
        );
        let last = built_in.text.lines().rev().find(|line| !line.is_empty()).expect("a line");
        assert!(wanted != name || ran.out.contains(last), "{name} is copied whole");
    }
}

#[test]
fn a_system_may_be_named_whatever_the_export_looks_like() {
    let folder = unknown();
    let ran = folder.run("mapping new export --like Zendesk").expect(0);
    assert!(ran.out.contains("This is a copy of the built-in mapping zendesk"), "{}", ran.out);
    let refused = folder.run("mapping new export --like zendsk").expect(2);
    assert_one_clear_sentence(&refused);
    assert!(refused.err.contains("did you mean `zendesk`?"), "{}", refused.err);
}

#[test]
fn an_export_without_messages_is_refused_in_one_sentence() {
    let folder = Folder::new();
    folder.write("rates.csv", "country,rate\nAT,20\nDE,19\n");
    let ran = folder.run("mapping new rates.csv").expect(2);
    assert_one_clear_sentence(&ran);
    assert_snapshot!(told(&ran), @r#"
    exit code 2
    --- stderr
    error: nothing in the export looks like a message: no time, no text, no id; there are country, rate

    hint: name the files that hold the messages, or start from `deskferry mapping show generic-json`
    "#);
}

#[test]
fn a_folder_of_numbered_files_offers_the_number_as_the_ticket() {
    let folder = Folder::new();
    for ticket in [12, 345] {
        let notes: Vec<_> = (0..4)
            .map(|note| {
                json!({"id": format!("{ticket}-{note}"), "created_at": format!("2024-05-31T10:0{note}:00+02:00"),
                    "body": "A text that is long enough to be one of those that people write", "public": note != 3})
            })
            .collect();
        folder.write(&format!("export/notes/{ticket}.json"), json!(notes).to_string());
    }
    assert!(Path::new(&folder.file("export/notes/12.json")).exists());
    let out = folder.run("mapping new export").expect(0).out;
    assert!(out.contains("# external_id = { from = \"@file.number\" }"), "{out}");
    assert!(out.contains("{ when = \"public == false\", value = \"internal-note\" }"), "{out}");
    assert!(fs::read_dir(folder.path()).expect("the folder").count() == 1, "nothing is left behind");
}

/// A table under `header`, with `rows` as they are.
fn table(folder: &Folder, header: &str, rows: &[&str]) {
    folder.write("talk.csv", format!("{header}\n{}\n", rows.join("\n")));
}

#[test]
fn what_is_called_by_its_name_is_found_however_short_it_is() {
    let folder = Folder::new();
    table(&folder, "id,created_at,body", &["1001,2024-03-01T10:00:00Z,Hello", "1002,2024-03-01T11:00:00Z,Thanks"]);
    let out = folder.run("mapping new talk.csv").expect(0).out;
    for line in
        ["external_id = { from = \"id\"", "sent_datetime = { from = \"created_at\"", "body_text = { from = \"body\""]
    {
        assert!(out.lines().any(|one| one.starts_with(line)), "{line} in {out}");
    }
    assert!(!out.contains("Thanks"), "a text is content, however short: {out}");
}

#[test]
fn what_is_not_there_is_a_question_with_the_keys_that_are() {
    let folder = Folder::new();
    let text = "Hello my lamp broke yesterday and I want a new one";
    for (header, row, lacking) in [
        ("id,body", format!("1,{text}"), "sent_datetime"),
        ("id,created_at", "1,2024-03-01T10:00:00Z".to_owned(), "body_text"),
        ("created_at,body", format!("2024-03-01T10:00:00Z,{text}"), "external_id"),
    ] {
        table(&folder, header, &[&row, &row]);
        let out = folder.run("mapping new talk.csv").expect(0).out;
        assert!(out.contains(&format!("# {lacking} = {{ from = \"…\"")), "{header}: {out}");
        assert!(out.contains("# There are: `"), "{header}: {out}");
    }
}

#[test]
fn days_as_people_write_them_are_times_and_their_form_is_asked_where_it_is_not_plain() {
    let folder = Folder::new();
    let text = "Hello my lamp broke yesterday and I want a new one";
    for (day, wanted) in [
        ("01.03.2024 10:00", "\nsent_datetime = { from = \"date\", apply = [{ time_format = \"%d.%m.%Y %H:%M\" }]"),
        ("03/31/2024 10:00", "\nsent_datetime = { from = \"date\", apply = [{ time_format = \"%m/%d/%Y %H:%M\" }]"),
        ("03/01/2024 10:00", "\n# sent_datetime = { from = \"date\", apply = [{ time_format = \"%m/%d/%Y %H:%M\" }]"),
    ] {
        table(&folder, "id,date,body", &[&format!("1,{day},{text}"), &format!("2,{day},{text} too")]);
        let out = folder.run("mapping new talk.csv").expect(0).out;
        assert!(out.contains(wanted), "{day}: {out}");
        assert!(out.contains("QUESTION: its times have no zone"), "{day}: {out}");
    }
}

/// Rows in German, their cells separated by semicolons, in Windows-1252.
fn german() -> Folder {
    let folder = Folder::new();
    let row = |row: usize| {
        let (role, note) = (["Kunde", "Agent"][row % 2], if row % 3 == 2 { "ja" } else { "nein" });
        let text = "Ich warte seit über zwei Wochen auf meine Lampe";
        format!("M-{row};F{};{:02}.03.2024 08:15;{role};{note};{text}, Nummer {row}\n", row / 3, 1 + row)
    };
    let rows = (0..24).map(row).fold("Msg#;Fall-Nr;Wann;Rolle;Intern?;Inhalt\n".to_owned(), |text, row| text + &row);
    folder.write("de.csv", rows.chars().map(|sign| u8::try_from(sign).unwrap_or(b'?')).collect::<Vec<_>>());
    folder
}

#[test]
fn a_question_offers_what_the_export_has_in_the_words_of_the_export() {
    let ran = german().run("mapping new de.csv --encoding windows-1252").expect(0);
    assert_snapshot!(ran.out, @r#"
    #:schema ./deskferry-mapping.schema.json
    # A proposal, made from 24 records. Above each line stands what speaks for it; a line
    # with QUESTION can't be answered from the export: answer it, then check the file with
    # `deskferry mapping check FILE EXPORT`.

    name = "mine"
    # QUESTION: what is the system called? Reports use the name.
    system = "the old helpdesk"
    format = "csv"
    files = ["de.csv"]
    separator = ";"
    encoding = "windows-1252"
    # QUESTION: its times have no zone. Which one is meant? Without an answer they block their messages.
    # timezone = "UTC"

    [[message]]
    # QUESTION: are there events, drafts or deleted messages among them, to be left out?
    # skip = [{ when = "type == 'event'", reason = "an event, not a message" }]

    [message.fields]
    # QUESTION: which of these is the message's own id?
    # score  50  `'Msg#'`: in each, short words, none twice, such as M-0, M-1, M-2
    # external_id = { from = "'Msg#'", apply = ["to_string"] }
    # What brought it into Gorgias; `zendesk`, `helpdesk` or another of the list may say it better.
    via = { value = "api" }
    # QUESTION: nothing says by which channel messages came. Is it one of these for all?
    #   aircall, api, chat, contact_form, email, facebook
    #   facebook-mention, facebook-messenger, facebook-recommendations, help-center, instagram-ad-comment, instagram-comment
    #   instagram-direct-message, instagram-mention, internal-note, phone, sms, twitter
    #   twitter-direct-message, whatsapp, yotpo-review
    # QUESTION: nothing says which messages are internal notes. Are there none?
    #   `'Intern?'`: nein 16 times, ja 8 times
    #   `Rolle`: Agent 12 times, Kunde 12 times
    #   { when = "'Intern?' == 'ja'", value = "internal-note" }
    # channel = { value = "email" }
    # QUESTION: nothing says who writes for the company, and who to it. What does?
    #   `'Intern?'`: nein 16 times, ja 8 times
    #   `Fall-Nr`: F0 3 times, F1 3 times, F2 3 times, F3 3 times, F4 3 times, F5 3 times, F6 3 times, F7 3 times
    #   `Rolle`: Agent 12 times, Kunde 12 times
    # from_agent = { from = "Rolle", is = "Agent" }
    # QUESTION: when was it sent?
    # score  50  `Wann`: in each, times in a form of their own, none twice, such as 01.03.2024 08:15, 02.03.2024 08:15, 03.03.2024 08:15
    # sent_datetime = { from = "Wann", apply = [{ time_format = "%d.%m.%Y %H:%M" }], required = true }
    # score  50  `Inhalt`: in each, text, none twice
    body_text = { from = "Inhalt" }

    [message.ticket]
    # QUESTION: which ticket does a message belong to?
    #   `Fall-Nr`: F0 3 times, F1 3 times, F2 3 times, F3 3 times, F4 3 times, F5 3 times, F6 3 times, F7 3 times
    #   `'Intern?'`: nein 16 times, ja 8 times
    #   `Rolle`: Agent 12 times, Kunde 12 times
    # external_id = { from = "Fall-Nr", apply = ["to_string"] }
    "#);
}

#[test]
fn the_file_says_how_the_export_is_to_be_read_and_is_written_only_when_there_is_a_mapping() {
    let folder = german();
    folder.run("mapping new de.csv --encoding windows-1252 --output mine.toml").expect(0);
    let proposal = folder.read("mine.toml");
    assert!(proposal.contains("format = \"csv\"\n"), "{proposal}");
    let answers = [
        ("# external_id = { from = \"'Msg#'\"", "external_id = { from = \"'Msg#'\""),
        ("# external_id = { from = \"Fall-Nr\"", "external_id = { from = \"Fall-Nr\""),
        ("# channel = ", "channel = "),
        ("# from_agent = ", "from_agent = "),
        ("# sent_datetime = ", "sent_datetime = "),
        ("# timezone = ", "timezone = "),
    ];
    let answered = answers.iter().fold(proposal, |text, (question, answer)| text.replace(question, answer));
    folder.write("answered.toml", answered);
    let checked = folder.run("mapping check answered.toml de.csv").expect(0);
    assert!(checked.out.contains("incoming          12"), "{}", checked.out);
    assert!(!checked.out.contains("Fall-Nr"), "the ticket is mapped: {}", checked.out);

    let refused = folder.run("mapping new de.csv --encoding windows-1252 --output mine.toml").expect(2);
    assert_one_clear_sentence(&refused);
    assert!(refused.err.contains("mine.toml is there already"), "{}", refused.err);
    folder.write("rates.csv", "country,rate\nAT,20\nDE,19\n");
    folder.run("mapping new rates.csv --output rates.toml").expect(2);
    assert!(!folder.file("rates.toml").exists());
    let refused = folder.run("mapping new de.csv --encoding windows-12520").expect(2);
    assert_one_clear_sentence(&refused);
}

#[test]
fn a_separator_that_was_named_stands_in_the_file() {
    let folder = Folder::new();
    let text = "Hello my lamp broke and I want a new one";
    table(&folder, "id;a,created_at;b,body;c", &[&format!("1;a,2024-03-01T10:00:00Z;b,{text};c")]);
    let out = folder.run("mapping new talk.csv --separator , --like zendesk-comments-csv").expect(0).out;
    assert!(out.contains("separator = \",\""), "{out}");
    let out = folder.run("mapping new talk.csv --separator ;").expect(0).out;
    assert!(out.contains("separator = \";\""), "{out}");
}

#[test]
fn pages_whose_records_stand_deep_inside_are_recognised() {
    let folder = Folder::new();
    let thread = |id: u64| {
        json!({"id": id, "type": "customer", "status": "active", "state": "published", "body": "My lamp broke",
            "source": {"type": "email", "via": "customer"}, "createdBy": {"id": 41, "type": "customer",
            "email": "kim@example.com"}, "createdAt": "2024-03-01T09:00:00Z", "to": ["desk@acme.example"]})
    };
    let conversation = json!({"id": 500, "threads": 2, "type": "email", "subject": "Lamp",
        "_embedded": {"threads": [thread(1), thread(2)]}});
    let page = json!({"_embedded": {"conversations": [conversation]}, "page": {"number": 1}});
    for text in [page.to_string(), format!("{page:#}")] {
        folder.write("export/conversations-1.json", text);
        let ran = folder.run("mapping new export").expect(0);
        assert!(ran.err.contains("the built-in mapping help-scout;"), "{}", told(&ran));
    }
}

#[test]
fn a_troubled_export_of_a_web_form_is_recognised_though_it_has_no_addresses() {
    let export = sample("zendesk-troubled");
    let ran = Folder::new().run(&format!("mapping new {}", export.display())).expect(0);
    assert!(ran.err.contains("the built-in mapping zendesk;"), "{}", ran.err);
}

#[test]
fn a_single_file_with_a_number_in_its_name_is_named_as_it_is() {
    let folder = Folder::new();
    folder.write("d5.json", r#"[{"id":1,"created_at":"2024-03-01T10:00:00Z","body":"Hello"}]"#);
    let out = folder.run("mapping new d5.json").expect(0).out;
    assert!(out.contains("files = [\"d5.json\"]") && !out.contains("records = "), "{out}");
}

#[test]
fn yes_and_no_are_written_as_the_export_writes_them() {
    let folder = Folder::new();
    let row = |id: usize, private: &str| format!("{id},2024-03-01T10:00:00Z,Hello,{private}");
    table(&folder, "id,created_at,body,private", &[&row(1, "No"), &row(2, "Yes"), &row(3, "No")]);
    let out = folder.run("mapping new talk.csv").expect(0).out;
    assert!(out.contains("when = \"private == 'Yes'\""), "{out}");
    table(&folder, "id,created_at,body,private", &[&row(1, "No"), &row(2, "No")]);
    let out = folder.run("mapping new talk.csv").expect(0).out;
    assert!(out.contains("when = \"private exists and private != 'No'\""), "{out}");
}
