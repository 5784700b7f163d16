//! `deskferry verify --against MANIFEST`: a second person checks the account, without the checkpoint and the export.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::Exit;
use super::account::{Destination, destination};
use super::against_export::Records;
use super::args::{AccountArgs, LineArgs};
use super::ending::ended;
use super::failure::Failure;
use super::line::Line;
use super::pace::{cost, pace};
use super::reach::Reach;
use super::terminal::{print, say};
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
    (tickets, exports): (&[u64], &[PathBuf]),
    account: &AccountArgs,
    args: &LineArgs,
    json: bool,
    quiet: bool,
) -> Result<Exit, Failure> {
    let named = destination(account)?;
    let mut wanted: HashMap<u64, Vec<ManifestLine>> = HashMap::new();
    let mut unread = 0_u64;
    let mut lines = Vec::new();
    let (head, end) = read_manifest(manifest, |line| {
        let is_asked_for = tickets.is_empty() || line.ticket_id.is_some_and(|id| tickets.contains(&id));
        if is_asked_for && !exports.is_empty() {
            lines.push(line.clone());
        }
        let is_meant = is_asked_for && line.outcome == "updated";
        match (is_meant, line.ticket_id, &line.readback) {
            (true, Some(ticket), Some(_)) => wanted.entry(ticket).or_default().push(line),
            (true, ..) => unread += 1,
            (false, ..) => {}
        }
    })?;
    let destination = named.map_or_else(|| of_manifest(&head.account), Ok)?;
    if head.account != destination.name() {
        return Err(Failure::usage(
            format!("the manifest is of `{}`, and this is `{}`", head.account, destination.name()),
            "check GORGIAS_DOMAIN or --base-url",
        ));
    }
    let records = if exports.is_empty() { None } else { Some(Records::compare(lines, exports)?) };
    let reach = match destination {
        Destination::Simulator => Reach::kept(&kept_account(manifest)?, account)?,
        Destination::Account(_) => Reach::of(&destination, None, account)?,
    };
    let line = Line::to(&reach, args, pace(&args.pace, Some(&destination))?, quiet)?;
    let ids: Vec<_> = wanted.keys().copied().map(TicketId).collect();
    if !json && !quiet && !ids.is_empty() {
        let requests = ids.len() as u64;
        say(&format!(
            "Reading the {} of the manifest takes about {}.",
            count(requests, "ticket"),
            cost(requests, line.pace)
        ));
    }
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
    let outcome =
        Outcome { digest: end.digest, compared: compared.load(Ordering::Relaxed), unread, differing, records };
    print(&if json { outcome.json() } else { outcome.text() });
    Ok(if outcome.differs() { Exit::Troubled } else { Exit::Done })
}

/// The account that a manifest is of, where nobody names one. The simulator inside is on this machine; to any other,
/// credentials would go because a file says so.
fn of_manifest(account: &str) -> Result<Destination, Failure> {
    if account == "simulator" {
        return Ok(Destination::Simulator);
    }
    let hint = format!(
        "if it is the right one, set GORGIAS_DOMAIN={account}, with GORGIAS_EMAIL and GORGIAS_API_KEY; a server on this \
         machine is named with --base-url"
    );
    Err(Failure::usage(format!("no account is named; the manifest is of `{account}`"), hint))
}

/// Where the simulator's account is kept that a manifest was made of: beside it, as its checkpoint was.
fn kept_account(manifest: &Path) -> Result<PathBuf, Failure> {
    let name = manifest.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(".manifest.jsonl").unwrap_or("simulator");
    let path = manifest.with_file_name(format!("{stem}.deskferry.account"));
    if path.exists() {
        return Ok(path);
    }
    Err(Failure::usage(
        format!("the manifest is of the simulator inside, and its account is not there: {}", path.display()),
        "put the manifest beside the checkpoint of the rehearsal, where it was written",
    ))
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

/// What the comparison came to.
struct Outcome {
    digest: String,
    compared: u64,
    unread: u64,
    differing: Vec<(ManifestLine, &'static str)>,
    records: Option<Records>,
}

impl Outcome {
    fn differs(&self) -> bool {
        !self.differing.is_empty() || self.records.as_ref().is_some_and(|records| !records.differing.is_empty())
    }

    fn json(&self) -> String {
        let rows = |differing: &[(ManifestLine, &str)]| -> Vec<Value> {
            differing.iter().map(|(line, found)| json!({"found": found, "message": line})).collect()
        };
        let records = self.records.as_ref().map(|records| {
            let differing = rows(&records.differing);
            json!({"compared": records.compared, "without_source": records.unknown, "differing": differing})
        });
        let result = json!({
            "manifest": self.digest,
            "compared": self.compared,
            "without_readback": self.unread,
            "differing": rows(&self.differing),
            "records": records,
        });
        format!("{result:#}\n")
    }

    fn text(&self) -> String {
        let mut lines = vec![format!("compared  {}", count(self.compared, "updated message"))];
        if self.unread > 0 {
            lines.push(format!("unknown   {} without an answer of the account", count(self.unread, "message")));
        }
        list(&mut lines, self.compared, &self.differing);
        if let Some(records) = &self.records {
            lines.push(String::new());
            lines.push(format!("records   those of {}, in the export", count(records.compared, "message")));
            if records.unknown > 0 {
                lines.push(format!("unknown   {} without a hash in the manifest", count(records.unknown, "message")));
            }
            list(&mut lines, records.compared, &records.differing);
        }
        let lines: Vec<_> = lines.iter().map(|line| format!("  {line}").trim_end().to_owned()).collect();
        format!("Manifest: {}, whole and unchanged\n\n{}\n", self.digest, lines.join("\n"))
    }
}

/// How many of the `compared` messages differ, and the first of those.
fn list(lines: &mut Vec<String>, compared: u64, differing: &[(ManifestLine, &str)]) {
    lines.push(format!("the same  {}", grouped(compared - differing.len() as u64)));
    lines.push(format!("differing {}", grouped(differing.len() as u64)));
    for (line, found) in differing.iter().take(LISTED) {
        let id = line.external_id.as_deref().unwrap_or("?");
        lines.push(format!("  {}:{}, message {id}: {found}", line.file, line.line));
    }
    if differing.len() > LISTED {
        lines.push(format!("  and {} more: --json lists them", differing.len() - LISTED));
    }
}
