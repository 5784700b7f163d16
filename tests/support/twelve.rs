//! Twelve messages in four tickets, a day apart from 2024-05-01 on: with three in a batch, each ticket is a batch.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeSet;

use deskferry::simulator::{Fault, Faults, Moment, Seed, Settings, Strike};
use serde_json::{Value, json};

use crate::support::desk::MAPPING;
use crate::support::{Account, Folder, Ran};

/// The message `m1` and so on, with what `more` says otherwise; it is message 101 and so on in Gorgias.
pub fn message(number: u64, more: &Value) -> Value {
    let ticket = (number - 1) / 3 + 1;
    let mut line = json!({
        "id": format!("m{number}"),
        "ticket": ticket,
        "at": format!("2024-05-{number:02}T10:00:00Z"),
        "text": format!("text of m{number}"),
        "to_ticket": ticket,
        "to_message": 100 + number,
    });
    for (name, value) in more.as_object().expect("an object") {
        line[name] = value.clone();
    }
    line
}

/// The export is now these lines.
pub fn write(folder: &Folder, lines: &[Value]) {
    folder.write("export/messages.jsonl", lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n"));
}

/// A folder with the twelve messages, of which `more` says what is otherwise.
pub fn folder(more: impl Fn(u64) -> Value) -> Folder {
    let folder = Folder::new();
    write(&folder, &(1..=12).map(|number| message(number, &more(number))).collect::<Vec<_>>());
    folder.write("acme.toml", MAPPING);
    folder
}

/// A folder with just the twelve messages.
pub fn plain() -> Folder {
    folder(|_| json!({}))
}

/// An account that holds their targets, where the first update of each of these messages meets a fault.
pub fn account(folder: &Folder, faults: &[(u64, Fault)]) -> Account {
    let strikes = faults.iter().map(|&(number, fault)| (number, Strike::unapplied(fault)));
    account_with(folder, strikes.collect())
}

/// The same, with what is struck said in full.
pub fn account_with(folder: &Folder, strikes: Vec<(u64, Strike)>) -> Account {
    let script = strikes
        .into_iter()
        .map(|(number, strike)| (Moment::Attempt { message_id: 100 + number, attempt: 1 }, strike))
        .collect();
    let ids = folder.write("none.csv", "external_id,ticket_id,message_id\n");
    let account = Account::start(Settings { faults: Faults::script(script), ..Settings::default() }, &ids);
    for number in 1..=12 {
        let mut seed = Seed::new((number - 1) / 3 + 1, 100 + number);
        seed.properties.insert("from_agent".into(), json!(true));
        account.with(|simulator| simulator.seed(seed)).expect("the account takes it");
    }
    account
}

/// `deskferry run export` with these options, three messages a batch.
pub fn run(folder: &Folder, account: &Account, options: &str) -> Ran {
    let flag = account.flag();
    folder.run(&format!(
        "run export --mapping acme.toml --batch-size 3 --rate none --quiet --checkpoint a.deskferry {flag} {options}"
    ))
}

/// Another command that goes on with that.
pub fn then(folder: &Folder, command: &str) -> Ran {
    let pace = if command.starts_with("status") { "" } else { " --rate none --quiet" };
    folder.run(&format!("{command}{pace} --checkpoint a.deskferry"))
}

/// The numbers of the messages that the account has taken an update of.
pub fn arrived(account: &Account) -> BTreeSet<u64> {
    account.updated().into_keys().map(|message| message - 100).collect()
}

/// The code of the cause whose detail holds `words`.
pub fn code(folder: &Folder, words: &str) -> String {
    let status = then(folder, "status --json").json();
    let causes = status["causes"].as_array().expect("causes");
    let cause = causes.iter().find(|cause| cause["detail"].as_str().is_some_and(|detail| detail.contains(words)));
    cause.unwrap_or_else(|| panic!("no cause says {words}: {causes:?}"))["code"].as_str().expect("a code").to_owned()
}
