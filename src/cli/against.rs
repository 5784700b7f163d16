//! `deskferry verify --against MANIFEST`: a second person checks the account, without the checkpoint and the export.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::Exit;
use super::account::needed_destination;
use super::args::{AccountArgs, LineArgs};
use super::ending::ended;
use super::failure::Failure;
use super::line::Line;
use super::pace::rate;
use super::reach::Reach;
use super::terminal::print;
use crate::account::{ReadError, walk_tickets};
use crate::checkpoint::Found;
use crate::record::TicketId;
use crate::report::{count, grouped};
use crate::run::{ManifestLine, RunError, hexadecimal, read_manifest};
use crate::update::Digest;

/// Differing messages that are listed on a screen.
const LISTED: usize = 20;

pub(super) fn run(
    manifest: &Path,
    tickets: &[u64],
    account: &AccountArgs,
    args: &LineArgs,
    json: bool,
    quiet: bool,
) -> Result<Exit, Failure> {
    let destination = needed_destination(account)?;
    let mut wanted: HashMap<u64, Vec<ManifestLine>> = HashMap::new();
    let mut unread = 0_u64;
    let (head, end) = read_manifest(manifest, |line| {
        let is_meant =
            line.outcome == "updated" && (tickets.is_empty() || line.ticket_id.is_some_and(|id| tickets.contains(&id)));
        match (is_meant, line.ticket_id, &line.readback) {
            (true, Some(ticket), Some(_)) => wanted.entry(ticket).or_default().push(line),
            (true, ..) => unread += 1,
            (false, ..) => {}
        }
    })?;
    if head.account != destination.name() {
        return Err(Failure::usage(
            format!("the manifest is of `{}`, and this is `{}`", head.account, destination.name()),
            "check GORGIAS_DOMAIN or --base-url",
        ));
    }
    let reach = Reach::of(&destination, None, account)?;
    let line = Line::to(&reach, args, rate(args.rate.as_deref(), Some(&destination))?, quiet)?;
    let ids: Vec<_> = wanted.keys().copied().map(TicketId).collect();
    let compared = Arc::new(AtomicU64::new(0));
    let (shown, counted) = (Arc::clone(&compared), Arc::clone(&compared));
    let concurrency = line.concurrency;
    let mut differing = Vec::new();
    let looked = line.hold(
        move || format!("{} compared", count(shown.load(Ordering::Relaxed), "message")),
        async |courier| {
            let walked = walk_tickets(courier, ids, concurrency, async |ticket, read| {
                let messages = read.map(|whole| whole.messages).unwrap_or_default();
                for line in wanted.remove(&ticket.0).unwrap_or_default() {
                    let message =
                        messages.iter().find(|message| message.get("id").and_then(Value::as_u64) == line.message_id);
                    let now = message.map(|message| hexadecimal(&Digest::of_held(message).0));
                    counted.fetch_add(1, Ordering::Relaxed);
                    if let Some(found) = differs(&line, now.as_ref()) {
                        differing.push((line, found));
                    }
                }
                Ok::<_, ReadError>(())
            });
            walked.await.map_err(RunError::from)
        },
    )?;
    ended(looked, destination.name(), "the verification was interrupted; begin it again")?;
    differing.sort_by(|(a, _), (b, _)| (&a.file, a.line, &a.external_id).cmp(&(&b.file, b.line, &b.external_id)));
    tell(&end.digest, compared.load(Ordering::Relaxed), unread, &differing, json);
    Ok(if differing.is_empty() { Exit::Done } else { Exit::Troubled })
}

/// How what the account holds now differs from what was sent, as far as the manifest tells that.
fn differs(line: &ManifestLine, now: Option<&String>) -> Option<&'static str> {
    let was_right = line
        .verified
        .as_deref()
        .is_none_or(|found| [Found::Equal, Found::Normalised].map(Found::word).contains(&found));
    match now {
        None => Some("gone"),
        Some(now) if line.readback.as_ref() != Some(now) => Some("changed since"),
        Some(_) if !was_right => Some("not what was sent, as the manifest says itself"),
        Some(_) => None,
    }
}

fn tell(digest: &str, compared: u64, unread: u64, differing: &[(ManifestLine, &str)], is_json: bool) {
    if is_json {
        let rows: Vec<_> = differing.iter().map(|(line, found)| json!({"found": found, "message": line})).collect();
        print(&format!(
            "{:#}\n",
            json!({"manifest": digest, "compared": compared, "without_readback": unread, "differing": rows})
        ));
        return;
    }
    let mut text =
        format!("Manifest: {digest}, whole and unchanged\n\n  compared  {}\n", count(compared, "updated message"));
    let mut say = |line: String| {
        text.push_str("  ");
        text.push_str(&line);
        text.push('\n');
    };
    if unread > 0 {
        say(format!("unknown   {} without an answer of the account", count(unread, "message")));
    }
    say(format!("the same  {}", grouped(compared - differing.len() as u64)));
    say(format!("differing {}", grouped(differing.len() as u64)));
    for (line, found) in differing.iter().take(LISTED) {
        let id = line.external_id.as_deref().unwrap_or("?");
        say(format!("  {}:{}, message {id}: {found}", line.file, line.line));
    }
    if differing.len() > LISTED {
        say(format!("  and {} more: --json lists them", differing.len() - LISTED));
    }
    print(&text);
}
