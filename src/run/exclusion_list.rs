//! A line of a list of what is left out.
//!
//! Such a list is made because people asked to be erased, so nothing in it is passed over: each line is understood as a
//! whole, or refused.

use crate::mapping::{address, addresses};

/// What one entry leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Entry {
    /// The message with this id.
    Message(String),
    /// The messages of this ticket.
    Ticket(String),
    /// The messages of whoever has this address, in lower case.
    Address(String),
}

/// What stands over columns: whoever exports a list leaves it there.
const HEADINGS: [&str; 12] = [
    "email",
    "emails",
    "e-mail",
    "mail",
    "address",
    "email address",
    "email_address",
    "name",
    "id",
    "external_id",
    "message_id",
    "ticket_id",
];

/// The entries of a line, which commas, semicolons and tabs separate; none of an empty line or a comment.
///
/// # Errors
/// With what is wrong, where a part of it is no entry; it does not repeat what stands there.
pub(super) fn entries(line: &str) -> Result<Vec<Entry>, &'static str> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(Vec::new());
    }
    let names_people = line.contains('@') && !is_prefixed(line);
    let parts: Vec<_> = if names_people { addresses(line) } else { line.split([',', ';', '\t']).collect() };
    let parts = parts.into_iter().map(unquoted).filter(|part| !part.is_empty());
    parts.map(|part| if names_people { person(part) } else { by_id(part) }).collect()
}

/// An address, which may stand behind a name.
fn person(part: &str) -> Result<Entry, &'static str> {
    let address = address(part).ok_or("a line with an @ must hold addresses only, such as kim@example.com")?;
    Ok(Entry::Address(address.to_lowercase()))
}

/// `ticket:ID`, `message:ID`, or a message's id.
fn by_id(part: &str) -> Result<Entry, &'static str> {
    if let Some((word, id)) = prefixed(part) {
        if id.is_empty() {
            return Err("the id is missing behind the colon");
        }
        return Ok(if word == "ticket" { Entry::Ticket(id.to_owned()) } else { Entry::Message(id.to_owned()) });
    }
    let lower = part.to_lowercase();
    if HEADINGS.contains(&lower.as_str()) {
        return Err("this is a heading and no entry: delete the line");
    }
    let names_ticket = lower.strip_prefix("ticket").is_some_and(|rest| rest.starts_with(['#', '=', ' ']));
    if names_ticket {
        return Err("a ticket is written ticket:ID");
    }
    if part.contains(char::is_whitespace) {
        return Err("this is no address and no id; an id with a space in it is written message:ID");
    }
    Ok(Entry::Message(part.to_owned()))
}

fn is_prefixed(line: &str) -> bool {
    prefixed(unquoted(line)).is_some()
}

/// The word before the colon, if it is one that says what follows, and the id behind it.
fn prefixed(part: &str) -> Option<(&'static str, &str)> {
    let (word, id) = part.split_once(':')?;
    let known = ["ticket", "message"].into_iter().find(|known| word.trim().eq_ignore_ascii_case(known))?;
    Some((known, id.trim()))
}

/// The part without the quotes that a CSV puts around a cell.
fn unquoted(part: &str) -> &str {
    let part = part.trim();
    part.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(part).trim()
}

#[cfg(test)]
mod tests {
    use super::{Entry, entries};

    fn address(text: &str) -> Entry {
        Entry::Address(text.to_owned())
    }

    #[test]
    fn a_line_is_read_as_a_whole() {
        let two = [address("kim@example.com"), address("ada@acme.example")];
        for line in [
            "kim@example.com,ada@acme.example",
            "Kim@Example.com ; ada@acme.example",
            "Kim <kim@example.com>, \"Ada, L.\" <ada@acme.example>",
            "\"kim@example.com\";\"ada@acme.example\"",
            "mailto:kim@example.com, ada@acme.example",
        ] {
            assert_eq!(entries(line).as_deref(), Ok(two.as_slice()), "{line}");
        }
        let (ticket, message) = (Entry::Ticket("900".into()), Entry::Message("<a@b>".into()));
        assert_eq!(entries("Ticket: 900; message:<a@b>"), Ok(vec![ticket, message]));
        assert_eq!(entries("msg-1, msg-2").map(|found| found.len()), Ok(2));
        assert_eq!(entries("# kim@example.com"), Ok(Vec::new()));
        assert_eq!(entries("  "), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_entry_is_refused() {
        for line in [
            "Kim,kim@example.com",
            "kim@example.com,2024-05-31",
            "@acme.example",
            "kim@",
            "kim lee@example.com",
            "Kim Lee",
            "ticket 900",
            "Ticket#900",
            "ticket:",
            "email",
            "Name,Email",
        ] {
            assert!(entries(line).is_err(), "{line}");
        }
    }
}
