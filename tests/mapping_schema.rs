//! `deskferry mapping schema` gives editors what the compiler goes by: it takes every built-in mapping, refuses the usual
//! mistakes, and knows every key, field, transform and word that the compiler knows.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(clippy::needless_raw_string_hashes, reason = "all mistakes are quoted alike")]

mod mapping_support;
mod support;

use std::collections::BTreeSet;

use deskferry::mapping::{Mapping, SCHEMA_FILE, Transform, builtin, schema};
use jsonschema::Validator;
use mapping_support::small;
use serde_json::{Map, Value, json};
use support::Folder;
use toml::de::{DeTable, DeValue};

fn validator() -> Validator {
    jsonschema::draft202012::new(&schema()).expect("a schema")
}

/// A mapping as an editor sees it.
fn document(text: &str) -> Value {
    let table = DeTable::parse(text).expect("TOML");
    object(table.get_ref())
}

fn object(table: &DeTable<'_>) -> Value {
    let entries = table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref())));
    Value::Object(entries.collect::<Map<_, _>>())
}

fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => json!(text),
        DeValue::Boolean(value) => json!(value),
        DeValue::Integer(number) => json!(number.as_str().parse::<i64>().expect("a whole number")),
        DeValue::Float(number) => json!(number.as_str().parse::<f64>().expect("a number")),
        DeValue::Datetime(at) => json!(at.to_string()),
        DeValue::Array(list) => list.iter().map(|value| json(value.get_ref())).collect(),
        DeValue::Table(table) => object(table),
    }
}

#[test]
fn it_is_a_schema_and_the_command_prints_it() {
    jsonschema::draft202012::meta::validate(&schema()).expect("a schema of draft 2020-12");
    assert_eq!(Folder::new().run("mapping schema").expect(0).json(), schema());
}

#[test]
fn every_built_in_mapping_names_it_and_fits_it() {
    let validator = validator();
    for built_in in builtin::all() {
        let first = built_in.text.lines().next();
        assert_eq!(first, Some(&*format!("#:schema ./{SCHEMA_FILE}")), "{}", built_in.name);
        let mistakes: Vec<_> = validator
            .iter_errors(&document(built_in.text))
            .map(|one| format!("{}: {one}", one.instance_path()))
            .collect();
        assert!(mistakes.is_empty(), "{}: {}", built_in.name, mistakes.join("\n"));
    }
}

#[test]
fn what_the_compiler_accepts_fits() {
    let validator = validator();
    let accepted = [
        ("", r#"subject = [{ when = "a exists", from = ["a", "b"], apply = "trim" }, { value = "none" }]"#),
        ("", r#"subject = { from = "a", when_missing = "clear" }"#),
        ("[tables.t]\na = \"email\"\n4 = \"chat\"", r#"channel = { value = "a", table = "t", default = "sms" }"#),
        ("[tables.t]\na = true", r#"from_agent = { from = "a", table = "t", required = true }"#),
        ("", r#"from_agent = { value = "a", is_not = "b" }"#),
        (
            "",
            r#"attachments = { each = "f", skip = "x exists", fields = { url = { from = "u" }, name = { value = "n" }, content_type = { value = "t" } }, when_missing = "clear" }"#,
        ),
        (
            "",
            "source.type = { value = \"email\" }\nsource.from.address = { from = \"a\" }\nsource.cc = [{ each = \"c\", fields = { address = { from = \".\" } } }]",
        ),
        ("[match]\nrules = \"ids\"\nwithin = \"90s\"", ""),
        (
            "[lookups.users]\nfiles = \"users.json\"\nkey = \"id\"\noptional = true",
            "sender.id = { from = \"@users[a].b\", apply = [\"integer\"] }",
        ),
    ];
    for (head, fields) in accepted {
        let text = small(head, fields);
        mapping_support::compile(&text);
        let mistakes: Vec<_> = validator.iter_errors(&document(&text)).map(|one| one.to_string()).collect();
        assert!(mistakes.is_empty(), "{text}\n{}", mistakes.join("\n"));
    }
}

#[test]
fn the_usual_mistakes_are_refused_by_both() {
    let validator = validator();
    let refused = [
        ("formt = \"csv\"", ""),
        ("format = \"xml\"", ""),
        ("files = 7", ""),
        ("[lookups.users]\nfiles = [\"users.json\"]", ""),
        ("[lookups.users]\nkey = \"id\"\nfile = \"users.json\"", ""),
        ("[tables.t]\na = 1.5", ""),
        ("[match]\nrules = [\"id\"]", ""),
        ("[match]\nrules = []", ""),
        ("[match]\nwithin = \"soon\"", ""),
        ("", r#"subjct = { from = "s" }"#),
        ("", r#"action = { value = "force" }"#),
        ("", r#"subject = "s""#),
        ("", "subject = []"),
        ("", "subject = {}"),
        ("", r#"subject = { form = "s" }"#),
        ("", r#"subject = { from = "s", value = "s" }"#),
        ("", r#"subject = { from = "s", apply = ["lowercse"] }"#),
        ("", r#"subject = { from = "s", is = "a", is_not = "b" }"#),
        ("", r"subject = { value = 7 }"),
        ("", r#"channel = { value = "e-mail" }"#),
        ("", r#"channel = { from = "c", default = "e-mail" }"#),
        ("", r#"via = { value = "zendes" }"#),
        ("", r#"from_agent = { value = "yes" }"#),
        ("", r#"sent_datetime = { from = "t", apply = ["datetime"], when_missing = "clear" }"#),
        ("", r#"subject = { from = "s", when_missing = "drop" }"#),
        ("", r#"subject = { from = "s", required = "yes" }"#),
        ("", r#"sender.mail = { from = "s" }"#),
        ("", r#"source.from.address = { from = "s" }"#),
        (
            "",
            "source.type = { value = \"email\" }\nsource.to = { each = \"to\", fields = { name = { from = \"n\" } } }",
        ),
        ("", r#"attachments = { each = "f" }"#),
    ];
    for (head, fields) in refused {
        let text = small(head, fields);
        assert!(Mapping::compile(&text, "acme.toml").is_err(), "the compiler takes\n{text}");
        assert!(!validator.is_valid(&document(&text)), "the schema takes\n{text}");
    }
    for missing in ["name", "system", "message"] {
        let mut document = document(&small("", ""));
        document.as_object_mut().expect("a table").remove(missing);
        assert!(!validator.is_valid(&document), "without {missing}");
    }
    for missing in ["external_id", "channel", "via", "from_agent"] {
        let mut document = document(&small("", ""));
        document["message"][0]["fields"].as_object_mut().expect("fields").remove(missing);
        assert!(!validator.is_valid(&document), "without {missing}");
    }
}

/// The valid names that the compiler lists where it meets `oops`.
fn valid(head: &str, block: &str, fields: &str) -> BTreeSet<String> {
    let text = small(head, fields).replace("[[message]]", &format!("[[message]]\n{block}"));
    let error = Mapping::compile(&text, "acme.toml").expect_err("`oops` is no name");
    let about_oops = error.diagnostics.iter().find(|one| one.message.contains("`oops`")).expect("it is noticed");
    let hint = about_oops.hint.as_deref().and_then(|hint| hint.strip_prefix("valid: ")).expect("the valid names");
    hint.split(", ").map(ToOwned::to_owned).collect()
}

/// The schema at `pointer`, with what is one or a list taken for one.
fn at(pointer: &str) -> Value {
    let schema = schema();
    let meant = |inner: &Value| {
        let reference = inner["$ref"].as_str().and_then(|reference| reference.strip_prefix("#"));
        let inner = reference.map_or(inner, |reference| schema.pointer(reference).expect("what it refers to"));
        inner.get("anyOf").map_or(inner, |ways| &ways[0]).clone()
    };
    pointer.split('/').fold(schema.clone(), |inner, step| meant(&meant(&inner)[step]))
}

#[test]
fn every_key_that_the_compiler_knows_is_in_it_and_says_what_it_is() {
    let block = "properties/message/items/properties";
    let fields = format!("{block}/fields/properties");
    let list = r#"attachments = { oops = 1, each = "f", fields = { url = { from = "u" }, name = { from = "n" }, content_type = { from = "t" } } }"#;
    let cases = [
        (valid("oops = 1", "", ""), "properties".to_owned()),
        (
            valid("[lookups.u]\nkey = \"id\"\noops = 1", "", ""),
            "properties/lookups/additionalProperties/properties".to_owned(),
        ),
        (valid("[match]\noops = 1", "", ""), "properties/match/properties".to_owned()),
        (valid("", "oops = 1", ""), block.to_owned()),
        (
            valid("", "skip = [{ when = \"a exists\", reason = \"b\", oops = 1 }]", ""),
            format!("{block}/skip/items/properties"),
        ),
        (valid("", "ticket.oops = 1", ""), format!("{block}/ticket/properties")),
        (
            valid("", "target = { ticket_id = { from = \"a\" }, message_id = { from = \"b\" }, oops = 1 }", ""),
            format!("{block}/target/properties"),
        ),
        (valid("", "", "oops = 1"), fields.clone()),
        (valid("", "", "subject = { from = \"s\", oops = 1 }"), format!("{fields}/subject/properties")),
        (valid("", "", "sender = { oops = 1 }"), format!("{fields}/sender/properties")),
        (valid("", "", "source = { type = { value = \"a\" }, oops = 1 }"), format!("{fields}/source/properties")),
        (
            valid("", "", "source = { type = { value = \"a\" }, from = { oops = 1 } }"),
            format!("{fields}/source/properties/from/properties"),
        ),
        (valid("", "", list), format!("{fields}/attachments/properties")),
        (
            valid("", "", "attachments = { each = \"f\", fields = { oops = 1 } }"),
            format!("{fields}/attachments/properties/fields/properties"),
        ),
    ];
    for (valid, pointer) in cases {
        let schema = at(&pointer);
        let known = schema.as_object().unwrap_or_else(|| panic!("nothing at {pointer}"));
        assert_eq!(known.keys().cloned().collect::<BTreeSet<_>>(), valid, "{pointer}");
        for (key, schema) in known {
            assert!(schema.as_object().is_some_and(|schema| !schema.is_empty()), "{pointer}/{key} takes anything");
        }
    }
}

#[test]
fn every_transform_and_every_word_is_in_it() {
    let steps = schema()["$defs"]["step"]["oneOf"].as_array().expect("steps").clone();
    for transform in Transform::ALL {
        // By its name alone, or with an argument under it.
        let is_named = |step: &&Value| {
            [&step["const"], &step["required"][0], &step["anyOf"][0]["const"]].contains(&&json!(transform.name))
        };
        let step = steps.iter().find(is_named).unwrap_or_else(|| panic!("no {}", transform.name));
        let about = step["description"].as_str().expect("what it does");
        assert!(about.starts_with(transform.about), "{about}");
    }
    let words = |pointer: &str| -> BTreeSet<String> {
        let words = at(pointer)["enum"].as_array().expect("words").clone();
        words.into_iter().map(|word| word.as_str().expect("a word").to_owned()).collect()
    };
    let fields = "properties/message/items/properties/fields/properties";
    let oops = |field: &str| format!("{field} = {{ from = \"a\", default = \"oops\" }}");
    assert_eq!(words(&format!("{fields}/channel/properties/default")), valid("", "", &oops("channel")));
    assert_eq!(words(&format!("{fields}/via/properties/default")), valid("", "", &oops("via")));
    assert_eq!(words("properties/format"), valid("format = \"oops\"", "", ""));
    assert_eq!(words("properties/match/properties/rules"), valid("[match]\nrules = [\"oops\"]", "", ""));
    let missing = valid("", "", "subject = { from = \"a\", when_missing = \"oops\" }");
    assert_eq!(words(&format!("{fields}/subject/properties/when_missing")), missing);
}
