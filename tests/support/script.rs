//! An account that answers from a table: in virtual time, or behind real HTTP on this machine.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use deskferry::gorgias::{Answer, Lost, Method, Request, Transport};
use serde_json::{Value, json};

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    is_unreachable: bool,
}

impl Reply {
    /// An answer of the API.
    pub(crate) fn new(status: u16, body: &Value) -> Self {
        let headers = vec![("Content-Type", "application/json".to_owned())];
        Self { status, headers, body: body.to_string(), is_unreachable: false }
    }

    pub(crate) fn error(status: u16, message: &str) -> Self {
        Self::new(status, &json!({"error": {"msg": message}}))
    }

    /// A web page.
    pub(crate) fn html(status: u16) -> Self {
        let headers = vec![("Content-Type", "text/html".to_owned())];
        Self { status, headers, body: "<!doctype html>".into(), is_unreachable: false }
    }

    /// None: there is no connection.
    pub(crate) fn unreachable() -> Self {
        Self { is_unreachable: true, ..Self::html(0) }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// The only page of a list.
pub(crate) fn page(rows: &[Value]) -> Reply {
    Reply::new(200, &json!({"object": "list", "data": rows, "meta": {"prev_cursor": null, "next_cursor": null}}))
}

/// An account with everything as it should be, at 8 o'clock on 2027-01-15.
pub(crate) fn quiet() -> Script {
    let account = Reply::new(200, &json!({"domain": "acme"}))
        .header("X-Gorgias-Account-Api-Call-Limit", "1/40")
        .header("Date", "Fri, 15 Jan 2027 08:00:00 GMT");
    Script { table: Vec::new(), asked: Arc::default() }
        .with("/api/account", account)
        .with("/api/users", page(&[json!({"email": "ann@acme.example", "role": {"name": "admin"}})]))
        .with("/api/rules", page(&[json!({"name": "Off", "deactivated_datetime": "2026-05-01T10:00:00"})]))
        .with("/api/integrations", page(&[json!({"name": "Mail", "type": "email"})]))
}

/// The table: a path with its query, or any query of a path.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    table: Vec<(&'static str, Reply)>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Script {
    /// The same, with this answer to `path`.
    pub(crate) fn with(mut self, path: &'static str, reply: Reply) -> Self {
        self.table.retain(|(known, _)| *known != path);
        self.table.push((path, reply));
        self
    }

    /// Everything that was asked.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no test panics in here").clone()
    }

    fn reply(&self, method: &str, path: &str) -> Reply {
        self.asked.lock().expect("no test panics in here").push(format!("{method} {path}"));
        let find = |wanted: &str| self.table.iter().find(|(known, _)| *known == wanted).map(|(_, reply)| reply.clone());
        let plain = path.split('?').next().unwrap_or_default();
        find(path).or_else(|| find(plain)).unwrap_or_else(|| Reply::error(404, "Not found."))
    }

    /// Serves it until the process ends; gives its origin.
    pub(crate) fn serve(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("its address"));
        let script = self.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                // A client that has gone away is none of ours.
                let _ = stream.and_then(|stream| script.serve_one(&stream));
            }
        });
        origin
    }

    fn serve_one(&self, mut stream: &TcpStream) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream).lines();
        let first = lines.next().transpose()?.unwrap_or_default();
        for line in lines {
            if line?.is_empty() {
                break;
            }
        }
        let mut words = first.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let reply = self.reply(method, path);
        let mut text = format!("HTTP/1.1 {} x\r\nConnection: close\r\n", reply.status);
        for (name, value) in &reply.headers {
            text = format!("{text}{name}: {value}\r\n");
        }
        write!(stream, "{text}Content-Length: {}\r\n\r\n{}", reply.body.len(), reply.body)
    }
}

impl Transport for Script {
    async fn send(&self, request: Request) -> Result<Answer, Lost> {
        let method = match request.method {
            Method::Get => "GET",
            Method::Put => "PUT",
        };
        let reply = self.reply(method, &request.path);
        if reply.is_unreachable {
            return Err(Lost::NotReached("connection refused".into()));
        }
        let header = |name: &str| {
            let mut found = reply.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
            found.next().map(|(_, value)| value.as_str())
        };
        Ok(Answer { body: reply.body.clone().into_bytes(), ..Answer::head(reply.status, header) })
    }
}
