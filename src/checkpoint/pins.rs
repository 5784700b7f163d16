//! What a plan was made from and for, so that a resume needs nothing else and notices when something changed.

use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Checkpoint, CheckpointError};
use crate::record::{Mode, Sequence};
use crate::update::{Also, Write, Writes};

/// What a file was for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// It holds messages.
    Export,
    /// It is joined with, under this name.
    Lookup(String),
    /// It says which id is which message in Gorgias.
    Ids,
    /// It names what is left out.
    Exclusions,
}

impl Role {
    fn to_text(&self) -> String {
        match self {
            Self::Export => "export".into(),
            Self::Lookup(name) => format!("lookup {name}"),
            Self::Ids => "ids".into(),
            Self::Exclusions => "exclusions".into(),
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        match text {
            "export" => Some(Self::Export),
            "ids" => Some(Self::Ids),
            "exclusions" => Some(Self::Exclusions),
            _ => text.strip_prefix("lookup ").map(|name| Self::Lookup(name.into())),
        }
    }
}

/// A file as it was when the plan was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedFile {
    /// What it was for.
    pub role: Role,
    /// Where it is, absolute.
    pub path: PathBuf,
    /// How it was read, in the word of the export stage.
    pub format: String,
    /// Its columns, where it has any.
    pub columns: Option<Vec<String>>,
    /// Its length in bytes.
    pub size: u64,
    /// When it was last changed, in microseconds since 1970.
    pub modified: i64,
    /// The BLAKE3 hash of its bytes.
    pub digest: [u8; 32],
}

/// The scan of the account as it was when the plan was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedScan {
    /// Where it is, absolute.
    pub path: PathBuf,
    /// By what it is known again.
    pub id: String,
    /// How the account was read.
    pub mode: Mode,
    /// When reading it began.
    pub began: Timestamp,
}

/// Everything that a plan depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pins {
    /// The account's name; a run against another one is refused. Empty for a plan that was made without one.
    pub account: String,
    /// Where it is: the origin that `/api/…` is added to. Empty for the simulator inside, which has a new one each
    /// time.
    pub origin: String,
    /// Where the mapping came from: a built-in one's name, or an absolute path.
    pub mapping_origin: String,
    /// The mapping's text, so that a resume needs no file.
    pub mapping_text: String,
    /// The scan of the account that targets were looked for in.
    pub scan: Option<PinnedScan>,
    /// What the plan sends.
    pub writes: Writes,
    /// Messages per batch.
    pub batch_size: u64,
    /// In which order tickets are sent.
    pub sequence: Sequence,
    /// When the plan was made.
    pub planned_at: Timestamp,
    /// The version of the tool that made the plan; blank once a record was found to have changed since.
    pub version: String,
    /// Messages that were read, as counted by the reader: what the balance must add up to.
    pub messages: u64,
    /// Records of the files: lines, array elements, rows. One may hold many messages.
    pub records: u64,
    /// The files, export files first and in their order.
    pub files: Vec<PinnedFile>,
}

impl Pins {
    /// The export files, as they were named, in their order.
    pub fn exports(&self) -> impl Iterator<Item = &PathBuf> {
        self.files.iter().filter(|file| file.role == Role::Export).map(|file| &file.path)
    }

    /// Stores these in place of what was pinned before.
    ///
    /// # Errors
    /// When the checkpoint can't be written.
    pub(crate) fn store(&self, connection: &Connection, beside: &Path) -> Result<(), CheckpointError> {
        connection.execute_batch(
            "DELETE FROM pin WHERE name NOT IN ('rate', 'reserve', 'limit', 'concurrency', 'undo'); DELETE FROM file;",
        )?;
        let also: Vec<_> = self.writes.also.iter().map(|also| also.word()).collect();
        let scan = |part: &dyn Fn(&PinnedScan) -> String| self.scan.as_ref().map(part).unwrap_or_default();
        for (name, value) in [
            ("account", self.account.clone()),
            ("origin", self.origin.clone()),
            ("mapping_origin", self.mapping_origin.clone()),
            ("mapping_text", self.mapping_text.clone()),
            ("write", self.writes.write.word().to_owned()),
            ("also", also.join(",")),
            ("replace_external_id", self.writes.replace_external_id.to_string()),
            ("scan", scan(&|scan| relative_to(&scan.path, beside).to_string_lossy().into_owned())),
            ("scan_id", scan(&|scan| scan.id.clone())),
            ("scan_mode", scan(&|scan| scan.mode.word().to_owned())),
            ("scan_began", scan(&|scan| scan.began.as_millisecond().to_string())),
            ("batch_size", self.batch_size.to_string()),
            ("sequence", self.sequence.word().to_owned()),
            ("planned_at", self.planned_at.to_string()),
            ("version", self.version.clone()),
            ("messages", self.messages.to_string()),
            ("records", self.records.to_string()),
        ] {
            connection.execute("INSERT INTO pin VALUES (?1, ?2)", params![name, value])?;
        }
        for (number, file) in self.files.iter().enumerate() {
            let columns = file.columns.as_ref().map(|columns| serde_json::json!(columns).to_string());
            let path = relative_to(&file.path, beside);
            connection.execute(
                "INSERT INTO file VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    file.role.to_text(),
                    number,
                    path.to_string_lossy(),
                    file.format,
                    columns,
                    file.size,
                    file.modified,
                    file.digest
                ],
            )?;
        }
        Ok(())
    }
}

impl Checkpoint {
    /// What the present plan was made from; `None` before there is one.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn pins(&self) -> Result<Option<Pins>, CheckpointError> {
        let connection = self.connection();
        let pin = |name: &str| {
            connection
                .query_row("SELECT value FROM pin WHERE name = ?1", [name], |row| row.get::<_, String>(0))
                .optional()
        };
        let Some(account) = pin("account")? else {
            return Ok(None);
        };
        let needed = |name: &str| pin(name)?.ok_or_else(|| CheckpointError::Corrupt { what: format!("no {name}") });
        let odd = |what: &str| CheckpointError::Corrupt { what: what.to_owned() };
        let also = needed("also")?;
        let also = also.split(',').filter(|word| !word.is_empty());
        Ok(Some(Pins {
            account,
            origin: needed("origin")?,
            mapping_origin: needed("mapping_origin")?,
            mapping_text: needed("mapping_text")?,
            writes: Writes {
                write: Write::from_word(&needed("write")?).ok_or_else(|| odd("an unknown --write"))?,
                also: also
                    .map(|word| Also::from_word(word).ok_or_else(|| odd("an unknown --also")))
                    .collect::<Result<_, _>>()?,
                replace_external_id: pin("replace_external_id")?.is_some_and(|text| text == "true"),
            },
            scan: pinned_scan(&pin, self.path())?,
            batch_size: needed("batch_size")?.parse().map_err(|_| odd("a batch size that is no number"))?,
            // Older plans have none: there was one order.
            sequence: pin("sequence")?
                .map_or(Some(Sequence::default()), |word| Sequence::from_word(&word))
                .ok_or_else(|| odd("an unknown order of tickets"))?,
            planned_at: needed("planned_at")?.parse().map_err(|_| odd("a time that is no time"))?,
            version: needed("version")?,
            messages: needed("messages")?.parse().map_err(|_| odd("a number that is no number"))?,
            records: needed("records")?.parse().map_err(|_| odd("a number that is no number"))?,
            files: pinned_files(connection, self.path())?,
        }))
    }
}

impl Checkpoint {
    /// The same, where there must be a plan.
    ///
    /// # Errors
    /// When there is none, or the checkpoint can't be read.
    pub fn planned_pins(&self) -> Result<Pins, CheckpointError> {
        self.pins()?.ok_or_else(|| CheckpointError::NoPlan { path: self.path().to_owned() })
    }

    /// Sets the number of messages per batch; batches follow from the order of sending, so nothing else changes.
    ///
    /// # Errors
    /// When the checkpoint can't be written.
    pub fn set_batch_size(&self, size: u64) -> Result<(), CheckpointError> {
        self.connection().execute("UPDATE pin SET value = ?1 WHERE name = 'batch_size'", [size.to_string()])?;
        Ok(())
    }

    /// Notes something; a new plan forgets that it was confirmed, and keeps the pace.
    ///
    /// # Errors
    /// When the checkpoint can't be written.
    pub fn note(&self, note: Note, value: &str) -> Result<(), CheckpointError> {
        self.connection().execute("INSERT OR REPLACE INTO pin VALUES (?1, ?2)", [note.name(), value])?;
        Ok(())
    }

    /// Forgets that the plan was confirmed: the next run asks.
    ///
    /// # Errors
    /// When the checkpoint can't be written.
    pub fn forget_confirmation(&self) -> Result<(), CheckpointError> {
        self.connection().execute("DELETE FROM pin WHERE name = ?1", [Note::Confirmed.name()])?;
        Ok(())
    }

    /// What was noted.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub fn noted(&self, note: Note) -> Result<Option<String>, CheckpointError> {
        let mut query = self.connection().prepare("SELECT value FROM pin WHERE name = ?1")?;
        Ok(query.query_row([note.name()], |row| row.get(0)).optional()?)
    }

    /// When the scan began that the plan looked into; `None` where there was none.
    ///
    /// # Errors
    /// When the checkpoint can't be read.
    pub(super) fn scan_began(&self) -> Result<Option<Timestamp>, CheckpointError> {
        let mut query = self.connection().prepare("SELECT value FROM pin WHERE name = 'scan_began'")?;
        let millis: Option<String> = query.query_row([], |row| row.get(0)).optional()?;
        Ok(millis.as_deref().and_then(time))
    }

    /// Notes that the plan does not fit the export any more: the next `run` makes a new one.
    ///
    /// # Errors
    /// When the checkpoint can't be written.
    pub fn mark_stale(&self) -> Result<(), CheckpointError> {
        self.connection().execute("UPDATE pin SET value = '' WHERE name = 'version'", [])?;
        Ok(())
    }
}

/// What is noted about a plan while it is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// The operator has seen it and named the account.
    Confirmed,
    /// The rate that was typed for the last run, which a resume keeps to.
    Rate,
    /// What the last run left to others, which a resume leaves to them.
    Reserve,
    /// How many requests the account's bucket takes, as its answers told.
    Limit,
    /// The concurrency of the last run, which a resume keeps to.
    Concurrency,
    /// Whether the last run kept what undo needs, which a resume keeps to.
    Undo,
    /// What the preflight of the last run found and what was waived, as JSON.
    Preflight,
}

impl Note {
    const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Rate => "rate",
            Self::Reserve => "reserve",
            Self::Limit => "limit",
            Self::Concurrency => "concurrency",
            Self::Undo => "undo",
            Self::Preflight => "preflight",
        }
    }
}

fn pinned_scan(
    pin: &impl Fn(&str) -> rusqlite::Result<Option<String>>,
    beside: &Path,
) -> Result<Option<PinnedScan>, CheckpointError> {
    let Some(id) = pin("scan_id")?.filter(|id| !id.is_empty()) else { return Ok(None) };
    let odd = || CheckpointError::Corrupt { what: "an unknown way to scan".into() };
    Ok(Some(PinnedScan {
        path: resolve(&folder_of(beside), Path::new(&pin("scan")?.unwrap_or_default())),
        id,
        mode: pin("scan_mode")?.and_then(|word| Mode::from_word(&word)).ok_or_else(odd)?,
        began: pin("scan_began")?.as_deref().and_then(time).ok_or_else(odd)?,
    }))
}

/// Reads milliseconds since 1970.
fn time(millis: &str) -> Option<Timestamp> {
    Timestamp::from_millisecond(millis.parse().ok()?).ok()
}

fn pinned_files(connection: &Connection, beside: &Path) -> Result<Vec<PinnedFile>, CheckpointError> {
    let mut query =
        connection.prepare("SELECT role, path, format, columns, size, modified, digest FROM file ORDER BY number")?;
    let mut rows = query.query([])?;
    let mut files = Vec::new();
    let odd = |what: &str| CheckpointError::Corrupt { what: what.to_owned() };
    let folder = folder_of(beside);
    while let Some(row) = rows.next()? {
        let columns: Option<String> = row.get("columns")?;
        let columns = columns.map(|text| serde_json::from_str(&text)).transpose();
        files.push(PinnedFile {
            role: Role::from_text(&row.get::<_, String>("role")?).ok_or_else(|| odd("an unknown role of a file"))?,
            path: resolve(&folder, Path::new(&row.get::<_, String>("path")?)),
            format: row.get("format")?,
            columns: columns.map_err(|_| odd("unreadable columns"))?,
            size: row.get("size")?,
            modified: row.get("modified")?,
            digest: row.get("digest")?,
        });
    }
    Ok(files)
}

fn folder_of(checkpoint: &Path) -> PathBuf {
    let absolute = std::path::absolute(checkpoint).unwrap_or_else(|_| checkpoint.to_owned());
    let folder = absolute.parent().map(Path::to_owned).unwrap_or_default();
    // The paths in it are without links and `..` as well.
    folder.canonicalize().unwrap_or(folder)
}

/// The reverse of [`relative_to`], for a checkpoint in `folder`.
fn resolve(folder: &Path, path: &Path) -> PathBuf {
    let mut resolved = folder.to_owned();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                resolved.pop();
            }
            other => resolved.push(other),
        }
    }
    resolved
}

/// `path` as seen from the checkpoint's folder, so that both can be moved together.
fn relative_to(path: &Path, checkpoint: &Path) -> PathBuf {
    let folder = folder_of(checkpoint);
    let shared = path.components().zip(folder.components()).take_while(|(a, b)| a == b).count();
    // On another drive, or with nothing but the root in common, the absolute path is the steadier one.
    if shared <= 1 {
        return path.to_owned();
    }
    let up = folder.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(path.components().skip(shared)).collect()
}
