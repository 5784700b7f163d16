//! What verify found, for a person and for a machine; both from one model.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::lines::line;
use super::{count, grouped, plural};
use crate::checkpoint::{Agreed, Checkpoint, CheckpointError, Differing, Found, Pins, Role};
use crate::update::{Class, FieldName};

/// Differing messages that are listed on a screen.
const LISTED: usize = 20;

/// Everything that a verification says.
#[derive(Debug, Clone)]
pub struct VerifyReport {
    /// The account.
    pub account: String,
    /// How the answers to the updates agreed with what was sent.
    pub answers: Vec<(Option<Agreed>, u64)>,
    /// What the account holds now; nothing where only the answers were looked at.
    pub findings: Vec<(Found, u16, u64)>,
    /// The messages that differ, each with its file's name.
    pub differing: Vec<(String, Differing)>,
    /// Messages of the plan, and whether each is in exactly one state.
    pub balance: (u64, bool),
    /// Where the manifest is, and its digest.
    pub manifest: Option<(PathBuf, String)>,
    /// Only the answers were looked at.
    pub is_of_answers: bool,
    /// Only the messages of these tickets were looked at; all of them where there are none.
    pub tickets: Vec<u64>,
}

impl VerifyReport {
    /// Reads everything from `checkpoint`.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn gather(checkpoint: &Checkpoint, pins: &Pins, is_of_answers: bool) -> Result<Self, CheckpointError> {
        let files: Vec<_> = pins.files.iter().filter(|file| file.role == Role::Export).collect();
        let name = |input: usize| {
            let name = files.get(input).and_then(|file| file.path.file_name());
            name.map_or_else(|| "?".to_owned(), |name| name.to_string_lossy().into_owned())
        };
        let mut differing = Vec::new();
        let totals = checkpoint.totals()?;
        if !is_of_answers {
            checkpoint.differing(|message| differing.push((name(message.place.input.0 as usize), message)))?;
        }
        Ok(Self {
            account: pins.account.clone(),
            answers: checkpoint.answers()?,
            findings: if is_of_answers { Vec::new() } else { checkpoint.findings()? },
            differing,
            balance: (totals.messages, totals.balance()),
            manifest: None,
            is_of_answers,
            tickets: Vec::new(),
        })
    }

    /// Whether anything is not as it should be.
    pub fn differs(&self) -> bool {
        let answered = self.of_answers(Some(Agreed::Different));
        !self.differing.is_empty() || !self.balance.1 || self.is_of_answers && answered > 0
    }

    /// How many updated messages were found so.
    pub fn of(&self, found: Found) -> u64 {
        self.findings.iter().filter(|(is, ..)| *is == found).map(|(_, _, count)| count).sum()
    }

    /// How many answers agreed so.
    pub fn of_answers(&self, agreed: Option<Agreed>) -> u64 {
        self.answers.iter().filter(|(is, _)| *is == agreed).map(|(_, count)| count).sum()
    }

    /// In how many messages each class of what is only written otherwise occurs.
    pub fn classes(&self) -> Vec<(Class, u64)> {
        let with = |class: Class| {
            let has = self.findings.iter().filter(|(_, classes, _)| classes & (1 << class.code()) != 0);
            has.map(|(_, _, count)| count).sum()
        };
        Class::ALL.iter().map(|&class| (class, with(class))).filter(|&(_, count)| count > 0).collect()
    }

    fn updated(&self) -> u64 {
        self.answers.iter().map(|(_, count)| count).sum()
    }
}

/// The report of a verification, for a person.
pub fn verify_text(report: &VerifyReport) -> String {
    let mut text = String::new();
    // Writing into a string can't fail.
    let _ = write_text(&mut text, report);
    text
}

fn write_text(text: &mut String, report: &VerifyReport) -> std::fmt::Result {
    if report.tickets.is_empty() {
        writeln!(text, "Verify: {}, {}\n", report.account, count(report.updated(), "updated message"))?;
    } else {
        let tickets: Vec<_> = report.tickets.iter().map(u64::to_string).collect();
        let plural = plural(tickets.len() as u64, "ticket");
        writeln!(text, "Verify: {}, only {plural} {} in Gorgias\n", report.account, tickets.join(", "))?;
    }
    let answers = [
        (Some(Agreed::Equal), "equal"),
        (Some(Agreed::Normalised), "equal after normalisation"),
        (Some(Agreed::Different), "different"),
        (None, "without an answer that tells"),
    ];
    let answers = answers.map(|(agreed, word)| (report.of_answers(agreed), word));
    let answers: Vec<_> = answers
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", grouped(*count)))
        .collect();
    if report.tickets.is_empty() {
        line(text, "answers", &if answers.is_empty() { "none".to_owned() } else { answers.join(", ") })?;
    }
    if !report.is_of_answers {
        for found in Found::ALL.into_iter().filter(|found| *found == Found::Equal || report.of(*found) > 0) {
            let label = if found == Found::Equal { "now" } else { "" };
            line(text, label, &format!("{} {}", grouped(report.of(found)), found.word()))?;
        }
        for (class, count) in report.classes() {
            line(text, "", &format!("  {} {}", grouped(count), class.sentence()))?;
        }
    }
    let (messages, adds_up) = report.balance;
    let verdict = if adds_up { "adds up" } else { "DOES NOT ADD UP: this is a bug" };
    line(text, "balance", &format!("{}, {verdict}", count(messages, "message")))?;
    if let Some((path, digest)) = &report.manifest {
        writeln!(text, "  {:<9} {}", "manifest", path.display())?;
        writeln!(text, "  {:<9} {digest}", "digest")?;
    }
    if report.differing.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n  differs")?;
    for (file, message) in report.differing.iter().take(LISTED) {
        let fields = fields(message.finding.fields);
        let fields = if fields.is_empty() { String::new() } else { format!(": {}", fields.join(", ")) };
        writeln!(
            text,
            "    {file}:{}, message {} (ticket {} in Gorgias): {}{fields}",
            message.place.line,
            message.external_id,
            message.target.ticket.0,
            message.finding.found.word()
        )?;
    }
    if let Some(rest) = report.differing.len().checked_sub(LISTED).filter(|rest| *rest > 0) {
        writeln!(text, "    and {}: `deskferry verify --json` lists them", count(rest as u64, "more message"))?;
    }
    if report.of(Found::EditedSince) > 0 {
        writeln!(text)?;
        let stays = "what somebody changed in Gorgias stays, also in an undo; only a plan made from a newer scan would \
                     replace it, and says so";
        line(text, "edits", stays)?;
    }
    Ok(())
}

fn fields(bits: u16) -> Vec<&'static str> {
    FieldName::ALL.into_iter().filter(|field| bits & field.bit() != 0).map(FieldName::name).collect()
}

/// The report of a verification, for a machine.
pub fn verify_json(report: &VerifyReport) -> Value {
    let differing: Vec<_> = report
        .differing
        .iter()
        .map(|(file, message)| {
            json!({
                "file": file,
                "line": message.place.line,
                "number": message.place.ordinal,
                "external_id": message.external_id,
                "ticket_id": message.target.ticket.0,
                "message_id": message.target.message.0,
                "found": message.finding.found.word(),
                "fields": fields(message.finding.fields),
            })
        })
        .collect();
    let found: serde_json::Map<_, _> =
        Found::ALL.into_iter().map(|found| (found.word().to_owned(), report.of(found).into())).collect();
    let classes: serde_json::Map<_, _> =
        report.classes().into_iter().map(|(class, count)| (class.word().to_owned(), count.into())).collect();
    json!({
        "schema": "deskferry.verify/1",
        "account": report.account,
        "updated": report.updated(),
        "answers": {
            "equal": report.of_answers(Some(Agreed::Equal)),
            "normalised": report.of_answers(Some(Agreed::Normalised)),
            "different": report.of_answers(Some(Agreed::Different)),
            "unknown": report.of_answers(None),
        },
        "now": if report.is_of_answers { Value::Null } else { Value::Object(found) },
        "classes": classes,
        "messages": report.balance.0,
        "balanced": report.balance.1,
        "manifest": report.manifest.as_ref().map(|(path, digest)| json!({"file": path.display().to_string(), "digest": digest})),
        "differing": differing,
    })
}
