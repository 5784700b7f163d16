//! The manifest: one line a message, from which somebody else can check one ticket or all, without trusting the run.
//!
//! Each line names the record in the export with the BLAKE3 hash of its bytes, the digest of the update that was made of
//! it, what became of it, and the digest of what the account holds. The last line holds a hash of all lines before it.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::RunError;
use crate::checkpoint::{Checkpoint, Pins, Recorded, Role};
use crate::export::ExportError;
use crate::update::Digest;

/// A message, as the manifest has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestLine {
    /// Its file, by its name alone.
    pub file: String,
    /// The line on which its record starts.
    pub line: u64,
    /// Where its record starts, in bytes.
    pub offset: u64,
    /// How long its record is, in bytes.
    pub length: u64,
    /// Its own id, where it has one.
    pub external_id: Option<String>,
    /// Its ticket in the system it comes from.
    pub source_ticket: Option<String>,
    /// Its ticket in Gorgias.
    pub ticket_id: Option<u64>,
    /// Its message in Gorgias.
    pub message_id: Option<u64>,
    /// What became of it.
    pub outcome: String,
    /// The BLAKE3 hash of its record; `None` where the file is not there any more.
    pub source: Option<String>,
    /// The digest of its update.
    pub update: Option<String>,
    /// The digest of the 14 fields that the account holds.
    pub readback: Option<String>,
    /// What verify found.
    pub verified: Option<String>,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestEnd {
    /// The account.
    pub account: String,
    /// How many lines there are before it.
    pub messages: u64,
    /// The BLAKE3 hash of all lines before it, with their line ends.
    pub digest: String,
}

/// Why a manifest can't be trusted or used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It can't be read or written.
    #[error("the manifest {} can't be used: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line is none of a manifest's.
    #[error("{}:{line} is no line of a manifest", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
    /// The lines are not those that its digest was made of.
    #[error("the manifest {} was changed after it was written: its digest does not fit its lines", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The last line is missing.
    #[error("the manifest {} has no end: it was not written to its end, or cut off", path.display())]
    NoEnd {
        /// The file.
        path: PathBuf,
    },
    /// The export or the checkpoint can't be read.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl From<crate::checkpoint::CheckpointError> for ManifestError {
    fn from(error: crate::checkpoint::CheckpointError) -> Self {
        Self::Run(error.into())
    }
}

/// Writes the manifest of `checkpoint` to `out`, which stands at `path`.
///
/// # Errors
/// When the checkpoint or the export can't be read, or the manifest can't be written.
pub fn write_manifest(
    checkpoint: &Checkpoint,
    pins: &Pins,
    path: &Path,
    out: &mut impl Write,
) -> Result<ManifestEnd, ManifestError> {
    let io = |source| ManifestError::Io { path: path.to_owned(), source };
    let mut sources = Sources::of(pins);
    let mut hasher = blake3::Hasher::new();
    let mut messages = 0;
    checkpoint.recorded::<ManifestError>(|recorded| {
        let mut text = serde_json::to_vec(&line(recorded, &mut sources)?).map_err(|error| io(error.into()))?;
        text.push(b'\n');
        hasher.update(&text);
        messages += 1;
        out.write_all(&text).map_err(io)
    })?;
    let digest = hasher.finalize().to_hex().to_string();
    let end = ManifestEnd { account: pins.account.clone(), messages, digest };
    serde_json::to_writer(&mut *out, &end).map_err(|error| io(error.into()))?;
    out.write_all(b"\n").and_then(|()| out.flush()).map_err(io)?;
    Ok(end)
}

/// Reads the manifest at `path` and checks that it is as it was written. Hands each line to `each`.
///
/// # Errors
/// When it can't be read, was cut off, or was changed.
pub fn read_manifest(path: &Path, mut each: impl FnMut(ManifestLine)) -> Result<ManifestEnd, ManifestError> {
    let io = |source| ManifestError::Io { path: path.to_owned(), source };
    let mut reader = BufReader::new(File::open(path).map_err(io)?);
    let mut hasher = blake3::Hasher::new();
    let (mut text, mut number) = (Vec::new(), 0);
    while reader.read_until(b'\n', &mut text).map_err(io)? > 0 {
        number += 1;
        if let Ok(line) = serde_json::from_slice(&text) {
            hasher.update(&text);
            each(line);
        } else {
            let wrong = |_| ManifestError::Line { path: path.to_owned(), line: number };
            let end: ManifestEnd = serde_json::from_slice(&text).map_err(wrong)?;
            let is_whole = end.digest == hasher.finalize().to_hex().as_str() && end.messages + 1 == number;
            return if is_whole { Ok(end) } else { Err(ManifestError::Changed { path: path.to_owned() }) };
        }
        text.clear();
    }
    Err(ManifestError::NoEnd { path: path.to_owned() })
}

/// A digest as a manifest writes it.
pub fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(2 * digest.len()), |mut text, byte| {
        // Writing into a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn line(recorded: Recorded, sources: &mut Sources) -> Result<ManifestLine, RunError> {
    let place = recorded.place;
    let hex = |digest: Option<Digest>| digest.map(|digest| hexadecimal(&digest.0));
    Ok(ManifestLine {
        file: sources.name(place.input.0 as usize),
        line: place.line,
        offset: place.offset,
        length: place.length,
        external_id: recorded.external_id.map(|id| id.to_string()),
        source_ticket: recorded.source_ticket,
        ticket_id: recorded.target.map(|target| target.ticket.0),
        message_id: recorded.target.map(|target| target.message.0),
        outcome: recorded.state.word().to_owned(),
        source: sources.digest(place.input.0 as usize, place.offset, place.length)?,
        update: hex(recorded.digest),
        readback: hex(recorded.readback),
        verified: recorded.found.map(|found| found.word().to_owned()),
    })
}

/// The export's files, from which records are hashed; those of one record one after another are hashed once.
struct Sources {
    files: Vec<(PathBuf, Option<File>)>,
    last: Option<((usize, u64), String)>,
}

impl Sources {
    fn of(pins: &Pins) -> Self {
        let inputs = pins.files.iter().filter(|file| file.role == Role::Export);
        Self { files: inputs.map(|file| (file.path.clone(), File::open(&file.path).ok())).collect(), last: None }
    }

    fn name(&self, input: usize) -> String {
        let name = self.files.get(input).and_then(|(path, _)| path.file_name());
        name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    fn digest(&mut self, input: usize, offset: u64, length: u64) -> Result<Option<String>, RunError> {
        if let Some((_, digest)) = self.last.as_ref().filter(|(at, _)| *at == (input, offset)) {
            return Ok(Some(digest.clone()));
        }
        let Some((path, Some(file))) = self.files.get_mut(input) else { return Ok(None) };
        let io = |source| RunError::Export(ExportError::io(path, source));
        file.seek(SeekFrom::Start(offset)).map_err(io)?;
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(file.take(length)).map_err(io)?;
        let digest = hexadecimal(hasher.finalize().as_bytes());
        self.last = Some(((input, offset), digest.clone()));
        Ok(Some(digest))
    }
}
