//! Any mapping that the language allows, and records that it meets.

use proptest::prelude::*;
use proptest::sample::select;

/// A mapping and records for it, as text.
pub(crate) fn any_mapping() -> BoxedStrategy<String> {
    let head = select(vec!["", "doubles = \"last\"", "experimental = true\ndoubles = \"block\"", "records = \"rows\""]);
    (head, prop::collection::vec(any_block(), 1..4))
        .prop_map(|(head, blocks)| format!("name = \"any\"\nsystem = \"Any\"\n{head}\n{BESIDE}\n{}", blocks.join("\n")))
        .boxed()
}

/// What a mapping is about besides its messages.
pub(crate) const BESIDE: &str = r#"[lookups.users]
files = "users*"
key = "id"
[tables.channels]
x = "email"
1 = "internal-note"
true = "chat"
[tables.words]
x = "y"
"" = "empty"
1 = "one"
[tables.flags]
x = true
y = false
"#;

/// Rows of the lookup.
pub(crate) const USERS: [&str; 3] =
    [r#"{"id":1,"a":"agent","b":{"c":"x"}}"#, r#"{"id":"x","a":"end-user"}"#, r#"{"id":"12","a":null,"l":["y"]}"#];

fn any_block() -> BoxedStrategy<String> {
    let each = select(vec!["", "", "o", "l", "l[]", "l[].o", "o.l[].o.l", "['o.o', 'l']", "['b', 'l[].o', 'l']"]);
    each.prop_flat_map(|each| {
        // Without `each` the record itself is the message and has nothing around it.
        let is_inside = !each.is_empty();
        let depth = usize::from(is_inside);
        let keys = (
            opt(Just("files = ['*.jsonl', 't*']".to_owned()).boxed()),
            opt(condition(0).prop_map(|when| format!("when = '''{when}'''")).boxed()),
            opt(prop::collection::vec(condition(depth), 0..3).prop_map(|rules| skip_rules(&rules)).boxed()),
            opt(source(depth, Want::Integer).prop_map(|from| format!("newest = {{ {from} }}")).boxed()),
            any::<bool>(),
        );
        (keys, fields(depth), tail(depth)).prop_map(move |((files, when, skip, newest, optional), fields, tail)| {
            let mut lines = vec!["[[message]]".to_owned(), files, when, skip, newest];
            if is_inside {
                let quoted = if each.starts_with('[') { each.to_owned() } else { format!("'{each}'") };
                lines.push(format!("each = {quoted}\noptional = {optional}"));
            }
            lines.push(format!("[message.fields]\n{fields}\n{tail}"));
            lines.join("\n")
        })
    })
    .boxed()
}

fn skip_rules(conditions: &[String]) -> String {
    let rules: Vec<_> = conditions.iter().map(|when| format!("{{ when = '''{when}''', reason = 'r' }}")).collect();
    format!("skip = [{}]", rules.join(", "))
}

fn tail(depth: usize) -> BoxedStrategy<String> {
    let ticket = opt(field(depth, "external_id", Want::Text, false)
        .prop_map(|line| format!("[message.ticket]\n{line}"))
        .boxed());
    let ids = (field(depth, "ticket_id", Want::Integer, false), field(depth, "message_id", Want::Integer, false));
    let target = opt(ids.prop_map(|(ticket, message)| format!("[message.target]\n{ticket}\n{message}")).boxed());
    (ticket, target).prop_map(|(ticket, target)| format!("{ticket}\n{target}")).boxed()
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Want {
    Text,
    Time,
    Boolean,
    Integer,
    Channel,
    Via,
}

fn fields(depth: usize) -> BoxedStrategy<String> {
    // Mostly right, or nothing would ever be accepted.
    let id = if depth == 0 { "['id', 'a']" } else { "['id', 'parent.id']" };
    let needed =
        |name, want, right: String| prop_oneof![3 => Just(right), 1 => field(depth, name, want, false)].boxed();
    let needed = (
        needed("external_id", Want::Text, format!("external_id = {{ from = {id}, apply = ['to_string'] }}")),
        needed("channel", Want::Channel, "channel = { value = 'email' }".to_owned()),
        needed("via", Want::Via, "via = { value = 'helpdesk' }".to_owned()),
        needed("from_agent", Want::Boolean, "from_agent = { from = 'id', is = 7 }".to_owned()),
        needed("sent_datetime", Want::Time, "sent_datetime = { from = 'at', apply = ['datetime'] }".to_owned()),
    );
    let more = (
        opt(field(depth, "subject", Want::Text, true)),
        opt(field(depth, "body_text", Want::Text, true)),
        opt(field(depth, "message_id", Want::Text, true)),
        opt(field(depth, "failed_datetime", Want::Time, true)),
        opt(field(depth, "sender.email", Want::Text, false)),
        opt(field(depth, "receiver.id", Want::Integer, false)),
        opt(routing(depth)),
        opt(list(depth, "attachments", &["url", "name", "content_type"])),
    );
    (needed, more)
        .prop_map(|((a, b, c, d, e), (f, g, h, i, j, k, l, m))| [a, b, c, d, e, f, g, h, i, j, k, l, m].join("\n"))
        .boxed()
}

fn routing(depth: usize) -> BoxedStrategy<String> {
    let parts = (
        field(depth, "source.type", Want::Text, false),
        opt(field(depth, "source.from.address", Want::Text, false)),
        opt(list(depth, "source.to", &["address", "name"])),
        opt(list(depth, "source.bcc", &["address"])),
    );
    parts.prop_map(|(a, b, c, d)| [a, b, c, d].join("\n")).boxed()
}

fn list(depth: usize, name: &'static str, parts: &'static [&'static str]) -> BoxedStrategy<String> {
    let each = select(vec!["", "l", "o", "l[].o", "o.l[].l", "a", "b"]);
    let way = (each, opt(condition(depth)), missing()).prop_flat_map(move |(each, when, missing)| {
        // A single value becomes a list of texts.
        let apply = match each {
            "a" => "apply = ['to_string', { split = ',' }]",
            "b" => "apply = ['to_string', 'addresses']",
            _ => "",
        };
        let depth = depth + usize::from(!each.is_empty());
        let fields: Vec<_> = parts.iter().map(|part| field(depth, part, Want::Text, false)).collect();
        (fields, opt(condition(depth))).prop_map(move |(fields, skip)| {
            let keys = [
                [quoted("each", each), apply.to_owned()]
                    .iter()
                    .filter(|key| !key.is_empty())
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(", "),
                quoted("when", &when),
                quoted("skip", &skip),
                missing_words(missing, name == "attachments"),
                format!("fields = {{ {} }}", fields.join(", ")),
            ];
            table(keys)
        })
    });
    prop::collection::vec(way, 1..3).prop_map(move |ways| format!("{name} = [{}]", ways.join(", "))).boxed()
}

/// A field with one way to make it, or several.
fn field(depth: usize, name: &'static str, want: Want, may_clear: bool) -> BoxedStrategy<String> {
    let way = (source(depth, want), missing(), condition(depth), any::<bool>());
    prop::collection::vec(way, 1..4)
        .prop_map(move |ways| {
            let last = ways.len() - 1;
            let way = |(index, (source, missing, when, has_when)): (usize, (String, _, String, bool))| {
                // One that always yields something hides what follows it.
                let when = if index < last || has_when { quoted("when", &when) } else { String::new() };
                table([when, source, missing_words(missing, may_clear), String::new(), String::new()])
            };
            let ways: Vec<_> = ways.into_iter().enumerate().map(way).collect();
            format!("{name} = [{}]", ways.join(", "))
        })
        .boxed()
}

/// Where the value comes from, and what is done to it.
fn source(depth: usize, want: Want) -> BoxedStrategy<String> {
    let from = || {
        prop::collection::vec(path(depth), 1..3).prop_map(|paths| format!("from = ['''{}''']", paths.join("''', '''")))
    };
    let template = || {
        let piece = prop_oneof![
            select(vec!["Call ", "{{", "}}", "T", "é"]).prop_map(str::to_owned),
            path(depth).prop_map(|path| format!("{{{path}}}"))
        ];
        (path(depth), prop::collection::vec(piece, 0..3))
            .prop_map(|(path, pieces)| format!("template = '''{}{{{path}}}'''", pieces.concat()))
    };
    let expression = || {
        let expr = select(vec![
            "v",
            "v | default('d')",
            "v ~ '-' if v else none",
            "v | string | length",
            "(v | list)[0]",
            "v if v is number else 'x'",
        ]);
        (expr, path(depth)).prop_map(|(expr, path)| {
            format!("expr = \"{expr}\", with = {{ v = \"\"\"{}\"\"\" }}", path.replace('\\', ""))
        })
    };
    let read = prop_oneof![4 => from(), 1 => template(), 1 => expression()].boxed();
    let with = |read: BoxedStrategy<String>, more: Vec<&'static str>| {
        (read, select(more)).prop_map(|(read, more)| format!("{read}{more}")).boxed()
    };
    match want {
        Want::Text => prop_oneof![
            4 => with(read, vec!["", ", apply = ['to_string']", ", apply = ['to_string', 'trim']", ", default = 'd'",
                ", apply = ['to_string', { slice = [0, 3] }, { truncate = 2 }, { prefix = 'p-' }]",
                ", apply = ['to_string', { replace = ['[a-z]', '$0$0'] }, { extract = '(x+)' }]",
                ", apply = ['to_string', { split = 'x' }, { item = -1 }, 'to_string']", 
                ", apply = ['to_string', 'addresses', { join = ';' }, 'html_to_text', { suffix = 's' }]",
                ", apply = ['to_string', 'email_address']", ", apply = ['to_string', 'display_name', 'text_to_html']",
                ", apply = ['to_string', 'phone']", ", apply = ['to_string', 'message_id', 'decode_entities']",
                ", apply = ['to_string', { hash = 12 }, 'uppercase']",
                ", table = 'words'", ", table = 'words', default = 'd'", ", table = 'words', when_unknown = 'skip'",
                ", table = 'words', default = 'd', when_unknown = 'block'"]),
            1 => Just("value = 'constant'".to_owned()),
            1 => select(vec!["from = ['l', 'a'], apply = [{ join = ', ' }]", "from = 'l', apply = [{ item = 0 }, 'to_string']"])
                .prop_map(str::to_owned),
        ]
        .boxed(),
        Want::Time => prop_oneof![
            2 => Just("value = '2024-05-31T10:00:00Z', apply = ['datetime']".to_owned()),
            2 => with(read, vec![", apply = ['datetime']", ", apply = ['trim', 'datetime']", ", apply = ['epoch_seconds']",
                ", apply = [{ datetime = 'Europe/Berlin' }]", ", apply = [{ time_format = ['%Y-%m-%d %H:%M', 'UTC'] }]",
                ", apply = ['rfc2822']", ", apply = ['epoch_millis']"]),
        ]
        .boxed(),
        Want::Boolean => prop_oneof![
            2 => with(read, vec![", apply = ['boolean']", ", is = 'x'", ", is_not = 1", ", table = 'flags'",
                ", table = 'words', default = true, is = 'y'", ", table = 'flags', when_unknown = 'skip'"]),
            1 => select(vec!["value = true", "value = false"]).prop_map(str::to_owned),
        ]
        .boxed(),
        Want::Integer => prop_oneof![3 => with(read, vec![", apply = ['integer']", ", apply = ['round']"]), 1 => Just("value = 7".to_owned())].boxed(),
        Want::Channel => prop_oneof![
            1 => with(read, vec!["", ", table = 'channels'", ", table = 'channels', default = 'api'",
                ", table = 'channels', when_unknown = 'skip'"]),
            2 => select(vec!["value = 'email'", "value = 'internal-note'", "value = 'chat'"]).prop_map(str::to_owned),
        ]
        .boxed(),
        Want::Via => prop_oneof![1 => with(read, vec!["", ", default = 'api'"]), 3 => Just("value = 'helpdesk'".to_owned())].boxed(),
    }
}

/// A path that can start at `depth` values around it.
fn path(depth: usize) -> BoxedStrategy<String> {
    let key = || {
        select(vec!["a", "a", "b", "id", "id", "at", "o", "l", "'x y'", "o.a", "l[0]", "l[-1].a", "l[-2].b", "o.o.b"])
    };
    let key = || key().prop_map(str::to_owned);
    let parents: Vec<String> = (0..=depth).map(|up| "parent.".repeat(up)).collect();
    let plain = move || (select(parents.clone()), key()).prop_map(|(parents, key)| format!("{parents}{key}"));
    let file = || select(vec!["@file.name", "@file.stem", "@file.folder", "@file.number"]).prop_map(str::to_owned);
    let lookup_key = prop_oneof![plain(), file()];
    let row = (lookup_key, key()).prop_map(|(by, key)| format!("@users[{by}].{key}"));
    let nested = (plain(), key(), key()).prop_map(|(by, key, next)| format!("@users[@users[{by}].{key}].{next}"));
    prop_oneof![8 => plain(), 1 => file(), 2 => row, 1 => nested, 1 => Just(".".to_owned())].boxed()
}

fn condition(depth: usize) -> BoxedStrategy<String> {
    let constant = || select(vec!["'x'", "1", "-3", "true", "null", "''", "\"it's\""]);
    let one = (path(depth), constant(), constant(), 0..8).prop_map(|(path, a, b, kind)| match kind {
        0 => format!("{path} == {a}"),
        1 => format!("{path} != {a}"),
        2 => format!("{path} in [{a}, {b}]"),
        3 => format!("{path} not in [{a},]"),
        4 => format!("{path} exists"),
        5 => format!("{path} not exists"),
        6 => format!("{path} matches '^[x-z]|\\d+$'"),
        _ => format!("{path} not matches '(?i)X'"),
    });
    one.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} and {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
    .boxed()
}

/// Something, or an empty text.
fn opt(some: BoxedStrategy<String>) -> BoxedStrategy<String> {
    prop_oneof![1 => some, 3 => Just(String::new())].boxed()
}

fn quoted(key: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{key} = '''{text}'''") }
}

/// A number for [`missing_words`]; mostly none.
fn missing() -> BoxedStrategy<Option<usize>> {
    prop_oneof![4 => Just(None), 1 => (0..5_usize).prop_map(Some)].boxed()
}

fn missing_words(missing: Option<usize>, may_clear: bool) -> String {
    match missing {
        Some(0) => "required = true".to_owned(),
        Some(1) => "when_missing = 'block'".to_owned(),
        Some(2) => "when_missing = 'skip'".to_owned(),
        Some(3) if may_clear => "when_missing = 'clear'".to_owned(),
        Some(_) => "when_missing = 'keep'".to_owned(),
        None => String::new(),
    }
}

fn table(keys: [String; 5]) -> String {
    let keys: Vec<_> = keys.into_iter().filter(|key| !key.is_empty()).collect();
    format!("{{ {} }}", keys.join(", "))
}

/// A record with the keys that the mappings read.
pub(crate) fn any_record() -> BoxedStrategy<serde_json::Value> {
    use serde_json::{Value, json};
    let leaf = prop_oneof![
        6 => select(vec![json!("x"), json!("y"), json!(1), json!(true), json!(12), json!("12"), json!("email"), json!("")]),
        2 => select(vec![json!("2024-05-31T10:00:00Z"), json!(1_717_149_600), json!("https://files.example/1"), json!("a@example.com")]),
        1 => select(vec![Value::Null, json!(3.3e13), json!("3.3E+13"), json!(-5), json!(u64::MAX), json!("é{}'\"")]),
        1 => "\\PC{0,8}".prop_map(Value::from),
    ];
    let value = leaf.clone().prop_recursive(4, 40, 4, |inner| {
        let keys = select(vec!["a", "b", "id", "o", "l", "x y"]).prop_map(str::to_owned);
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            2 => prop::collection::vec((keys, inner), 0..6).prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    });
    let single = prop_oneof![6 => leaf, 1 => value.clone()];
    let entry = |l: BoxedStrategy<Value>, o: BoxedStrategy<Value>| {
        (any::<u16>(), single.clone(), single.clone(), l, o)
            .prop_map(|(id, a, b, l, o)| json!({ "id": id, "at": "2024-05-31T10:00:00Z", "a": a, "b": b, "l": l, "o": o, "x y": "x" }))
            .boxed()
    };
    let any = || value.clone().boxed();
    let inner = entry(any(), any());
    let list = prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from).boxed();
    let middle = entry(list, inner.clone());
    let list = prop::collection::vec(prop_oneof![4 => middle.clone(), 1 => any()], 0..4).prop_map(Value::from);
    entry(prop_oneof![3 => list, 1 => any()].boxed(), prop_oneof![3 => middle, 1 => any()].boxed())
}
