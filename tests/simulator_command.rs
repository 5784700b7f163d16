//! `deskferry simulator` serves what its files and flags say, and refuses those that make no sense.

#![expect(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use serde_json::{Value, json};
use support::Folder;

/// A simulator in a process of its own, which ends with this.
struct Served {
    process: Child,
    address: String,
    greeting: String,
}

impl Served {
    fn start(folder: &Folder, arguments: &str) -> Self {
        let mut command = folder.command(&format!("simulator --bind 127.0.0.1:0 {arguments}"));
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut greeting = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut greeting).unwrap();
        let address = greeting.split_whitespace().find_map(|word| word.strip_prefix("http://")).unwrap().to_owned();
        Self { process, address, greeting }
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}");
        write!(stream, "{head}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const UPDATE: &str =
    r#"{"channel":"email","via":"zendesk","from_agent":true,"sent_datetime":"2024-01-01T10:00:00Z","external_id":"1"}"#;

#[test]
fn it_serves_what_its_files_and_flags_say_and_remembers_it() {
    let folder = Folder::new();
    let lines = [
        r#"{"ticket_id":1,"ticket":{"external_id":"Z-1"}}"#,
        r#"{"ticket_id":1,"message_id":10,"properties":{"channel":"acme-forum"}}"#,
        "",
        r#"{"ticket_id":2,"message_id":20}"#,
    ];
    folder.write("messages.jsonl", lines.join("\n"));
    folder.write("ids.csv", "external_id,ticket_id,message_id\na,1,10\nb,3,30\n");
    folder.write("rules.json", r#"[{"id":1,"name":"Close spam"}]"#);
    let flags = "--messages messages.jsonl --ids ids.csv --rules rules.json --reacts mails,reopens --cursor-life 0 \
                 --account account.jsonl";
    let served = Served::start(&folder, flags);
    assert!(served.greeting.contains("with 3 messages"), "{}", served.greeting);
    let found = served.ask("GET", "/api/tickets?external_id=Z-1", "").1;
    assert_eq!((&found["data"][0]["id"], &found["data"][0]["channel"]), (&json!(1), &json!("acme-forum")));
    assert_eq!(served.ask("GET", "/api/rules", "").1["data"][0]["name"], "Close spam");
    let page = served.ask("GET", "/api/messages?limit=1", "").1;
    let next = format!("/api/messages?cursor={}", page["meta"]["next_cursor"].as_str().unwrap());
    assert_eq!(served.ask("GET", &next, "").0, 400, "a cursor that lives no time");
    assert_eq!(served.ask("PUT", "/api/tickets/1/messages/10", UPDATE).0, 202);
    drop(served);

    let again = Served::start(&folder, flags);
    assert_eq!(again.ask("GET", "/api/tickets/1", "").1["status"], "open", "what came of it is not seeded over");
    let state = again.ask("GET", "/simulator/state", "").1;
    assert_eq!((&state["mails"], &state["messages"]), (&json!(1), &json!(3)));
}

#[test]
fn a_file_or_flag_that_makes_no_sense_is_refused_with_what_is_wrong() {
    let folder = Folder::new();
    folder.write("messages.jsonl", "{\"ticket_id\":1,\"message_id\":10}\n{\"ticket_id\":1,\"message\":11}\n");
    folder.write("rules.json", "{}");
    for (arguments, expected) in [
        ("--messages messages.jsonl", "line 2 of messages.jsonl is no message and no ticket: unknown field `message`"),
        ("--rules rules.json", "rules.json holds no rules: invalid type: map, expected a sequence"),
        ("--reacts mail", "unknown reaction `mail`, did you mean `mails`?"),
        ("--cursor-life soon", "invalid value 'soon' for '--cursor-life <SECONDS>'"),
    ] {
        let output = folder.command(&format!("simulator {arguments}")).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(expected), "{said}");
    }
}
