//! What a run works on: which files, read by which mapping, written how, to which account.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use jiff::Timestamp;

use super::{Exclusions, RunError};
use crate::checkpoint::{CheckpointError, PinnedFile, Pins, Role};
use crate::export::{ExportError, Format, Header, Reader};
use crate::mapping::{LookupBuilder, Lookups, Mapping};
use crate::record::{Mode, Sequence};
use crate::scan::{Scan, ScanError};
use crate::update::Writes;

/// How much of a file is read at a time, in bytes.
pub(super) const CHUNK: usize = 1024 * 1024;

/// The version that a plan is pinned to: an upgrade plans anew, and sends only what it would write differently.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Whether a file is of one kind.
type IsKind = fn(&Role) -> bool;

/// A file that holds messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// Where it is.
    pub path: PathBuf,
    /// How it is read.
    pub format: Format,
    /// Its columns; known once it has been read.
    pub header: Option<Header>,
}

/// A file of a lookup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupFile {
    /// The lookup's name in the mapping.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    // Taken before the first byte was read.
    pub(super) stamp: Option<Stamp>,
}

impl LookupFile {
    /// A file of the lookup `name`.
    pub fn new(name: &str, path: PathBuf) -> Self {
        Self { name: name.to_owned(), path, stamp: None }
    }
}

/// A scan of the account, as it was when the plan looked into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanFile {
    /// Where it is.
    pub path: PathBuf,
    /// By what that very reading of the account is known again.
    pub id: String,
    /// How it was read.
    pub mode: Mode,
    /// When reading it began.
    pub began: Timestamp,
}

impl ScanFile {
    /// The complete scan at `path` of the account `account` at `origin`.
    ///
    /// # Errors
    /// When it is not complete, of another account, or can't be read.
    pub fn at(path: &Path, account: &str, origin: &str) -> Result<Self, ScanError> {
        let scan = Scan::open(path)?;
        let incomplete = || ScanError::Incomplete { path: path.to_owned() };
        let marks = scan.marks()?.ok_or_else(incomplete)?;
        if !account.is_empty() && (marks.account.as_str(), marks.origin.as_str()) != (account, origin) {
            let (path, wanted) = (path.to_owned(), account.to_owned());
            return Err(ScanError::OtherAccount { path, found: marks.account, wanted });
        }
        if marks.finished.is_none() {
            return Err(incomplete());
        }
        Ok(Self { path: absolute(path), id: marks.id(), mode: marks.mode, began: marks.started })
    }

    /// The scan, if it is still there and the same; what it knew is read from the account otherwise.
    pub(super) fn open_if_same(&self) -> Result<Option<Scan>, ScanError> {
        if !self.path.exists() {
            return Ok(None);
        }
        let scan = Scan::open(&self.path)?;
        let is_same = scan.marks()?.is_some_and(|marks| marks.id() == self.id);
        Ok(is_same.then_some(scan))
    }
}

/// What both passes work on.
#[derive(Debug)]
pub struct Job {
    /// The account's name; empty for a plan without one.
    pub account: String,
    /// Where the account is; see [`Pins::origin`].
    pub origin: String,
    /// The mapping, compiled.
    pub mapping: Mapping,
    /// Where it came from: a built-in one's name, or an absolute path.
    pub mapping_origin: String,
    /// The files that hold messages, in the order in which they are read.
    pub inputs: Vec<InputFile>,
    /// The files that records are joined with.
    pub lookup_files: Vec<LookupFile>,
    /// The file that says which id is which message in Gorgias.
    pub ids: Option<PathBuf>,
    /// What is left out on the operator's word.
    pub exclusions: Exclusions,
    /// The local copy of the account that targets are looked for in.
    pub scan: Option<ScanFile>,
    /// How much of each update is sent.
    pub writes: Writes,
    /// Messages per batch.
    pub batch_size: u64,
    /// In which order tickets are sent.
    pub sequence: Sequence,
    /// What `lookup_files` hold, as far as the mapping reads it; empty until [`Job::load_lookups`].
    pub lookups: Lookups,
}

impl Job {
    /// The job that `pins` were made by, to follow its plan without being told anything again.
    ///
    /// # Errors
    /// When the pinned mapping does not compile, as after an upgrade that no longer knows its language.
    pub fn of_pins(pins: &Pins) -> Result<Self, RunError> {
        let mapping = Mapping::compile(&pins.mapping_text, &pins.mapping_origin)?;
        let mut job = Self {
            account: pins.account.clone(),
            origin: pins.origin.clone(),
            mapping,
            mapping_origin: pins.mapping_origin.clone(),
            inputs: Vec::new(),
            lookup_files: Vec::new(),
            ids: None,
            exclusions: Exclusions::default(),
            scan: pins.scan.as_ref().map(|scan| ScanFile {
                path: scan.path.clone(),
                id: scan.id.clone(),
                mode: scan.mode,
                began: scan.began,
            }),
            writes: pins.writes.clone(),
            batch_size: pins.batch_size,
            sequence: pins.sequence,
            lookups: Lookups::default(),
        };
        for file in &pins.files {
            let path = file.path.clone();
            match &file.role {
                Role::Export => {
                    let format = Format::from_word(&file.format)
                        .ok_or_else(|| CheckpointError::Corrupt { what: format!("the format \"{}\"", file.format) })?;
                    job.inputs.push(InputFile { path, format, header: file.columns.clone().map(Header) });
                }
                Role::Lookup(name) => job.lookup_files.push(LookupFile::new(name, path)),
                Role::Ids => job.ids = Some(path),
                Role::Exclusions => job.exclusions.name(path),
            }
        }
        Ok(job)
    }

    /// What has changed since a plan with these `pins` was made, in words; nothing if it can be followed without
    /// reading again.
    ///
    /// # Errors
    /// When a file can't be read.
    pub fn differences(&self, pins: &Pins) -> Result<Vec<&'static str>, RunError> {
        let mut differences = Vec::new();
        if self.mapping.text() != pins.mapping_text {
            differences.push("the mapping");
        }
        if self.writes != pins.writes {
            differences.push("what to write");
        }
        if self.sequence != pins.sequence {
            differences.push("the order of the tickets");
        }
        let kinds: [(&str, IsKind); 4] = [
            ("the export", |role| *role == Role::Export),
            ("a lookup", |role| matches!(role, Role::Lookup(_))),
            ("the ids file", |role| *role == Role::Ids),
            ("what is excluded", |role| *role == Role::Exclusions),
        ];
        let mine = self.files();
        for (what, is_kind) in kinds {
            let mut now: Vec<_> = mine.iter().filter(|(role, _)| is_kind(role)).cloned().collect();
            let pinned: Vec<_> = pins.files.iter().filter(|file| is_kind(&file.role)).collect();
            let mut then: Vec<_> = pinned.iter().map(|file| (file.role.clone(), file.path.clone())).collect();
            now.sort();
            then.sort();
            if now != then || first_changed(pinned)?.is_some() {
                differences.push(what);
            }
        }
        let scanned = |id: Option<&String>| id.cloned().unwrap_or_default();
        if scanned(self.scan.as_ref().map(|scan| &scan.id)) != scanned(pins.scan.as_ref().map(|scan| &scan.id)) {
            differences.push("the scan of the account");
        }
        if differences.is_empty() && pins.version != VERSION {
            differences.push("deskferry itself, or a record that it found changed");
        }
        Ok(differences)
    }

    /// Every file that it reads.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.files().into_iter().map(|(_, path)| path).collect()
    }

    /// Every file that the plan depends on, with its path as it is pinned.
    fn files(&self) -> Vec<(Role, PathBuf)> {
        let inputs = self.inputs.iter().map(|input| (Role::Export, &input.path));
        let lookups = self.lookup_files.iter().map(|file| (Role::Lookup(file.name.clone()), &file.path));
        let ids = self.ids.iter().map(|path| (Role::Ids, path));
        let exclusions = self.exclusions.files().iter().map(|path| (Role::Exclusions, path));
        inputs.chain(lookups).chain(ids).chain(exclusions).map(|(role, path)| (role, absolute(path))).collect()
    }

    /// Reads the lookups into memory: of each row what the mapping reads.
    ///
    /// # Errors
    /// When a file can't be read, or a row has no key.
    pub fn load_lookups(&mut self) -> Result<(), RunError> {
        for need in self.mapping.lookups() {
            let Some(mut builder) = self.mapping.lookup_builder(&need.name) else {
                continue;
            };
            for file in self.lookup_files.iter_mut().filter(|file| file.name == need.name) {
                file.stamp = Some(Stamp::of(&file.path)?);
                fill(&mut builder, file, need.records.as_deref())?;
            }
            self.lookups.add(builder.finish());
        }
        Ok(())
    }
}

/// Adds the rows of `file` to a lookup.
fn fill(builder: &mut LookupBuilder<'_>, file: &LookupFile, records: Option<&str>) -> Result<(), RunError> {
    let mut reader = Reader::open(&file.path, Format::of_file(&file.path)?, records)?;
    while let Some(chunk) = reader.next_chunk(CHUNK)? {
        for record in &chunk.records {
            let added = match chunk.content(record) {
                Ok(content) => builder.add(content, reader.header()),
                Err(cause) => Err(cause.detail.clone()),
            };
            added.map_err(|reason| RunError::Lookup { path: file.path.clone(), line: record.line, reason })?;
        }
    }
    Ok(())
}

/// Whether every file of the plan is still what it was.
///
/// # Errors
/// With the first one that is not, or can't be read.
pub fn check_unchanged(pins: &Pins) -> Result<(), RunError> {
    first_changed(&pins.files)?.map_or(Ok(()), |path| Err(RunError::Changed { path }))
}

/// Whether `file` is still what it was.
///
/// One of the same length and time is taken for the same; one of another time is read.
pub(super) fn is_as_pinned(file: &PinnedFile) -> Result<bool, RunError> {
    let stamp = Stamp::of(&file.path).map_err(|error| match error {
        ExportError::Missing { path, .. } => RunError::Gone { path },
        other => other.into(),
    })?;
    Ok(stamp.size == file.size && (stamp.modified == file.modified || digest(&file.path)? == file.digest))
}

/// The first of `files` that is no longer what it was; `None` if all are.
fn first_changed<'a>(files: impl IntoIterator<Item = &'a PinnedFile>) -> Result<Option<PathBuf>, RunError> {
    for file in files {
        if !is_as_pinned(file)? {
            return Ok(Some(file.path.clone()));
        }
    }
    Ok(None)
}

/// By what a file is taken for the same without being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) size: u64,
    pub(super) modified: i64,
}

impl Stamp {
    pub(super) fn of(path: &Path) -> Result<Self, ExportError> {
        let metadata = path.metadata().map_err(|source| ExportError::io(path, source))?;
        let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified = since.and_then(|since| since.as_micros().try_into().ok()).unwrap_or(0);
        Ok(Self { size: metadata.len(), modified })
    }
}

/// A file of which `stamp` was taken before it was read; `digest` is of what was read.
pub(super) fn pin(
    role: Role,
    path: &Path,
    format: Format,
    header: Option<Header>,
    stamp: Stamp,
    digest: [u8; 32],
) -> Result<PinnedFile, RunError> {
    // A download that is still going on must not be taken for the whole file.
    if Stamp::of(path)? != stamp {
        return Err(RunError::Growing { path: path.to_owned() });
    }
    Ok(PinnedFile {
        role,
        path: absolute(path),
        format: format.word().to_owned(),
        columns: header.map(|header| header.0),
        size: stamp.size,
        modified: stamp.modified,
        digest,
    })
}

pub(super) fn digest(path: &Path) -> Result<[u8; 32], ExportError> {
    let io = |source| ExportError::io(path, source);
    let file = std::fs::File::open(path).map_err(io)?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file).map_err(io)?;
    Ok(hasher.finalize().into())
}

fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
