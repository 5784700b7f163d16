//! The manifest: one line a message, from which somebody else can check one ticket or all, without trusting the run.
//!
//! Each line names the record in the export with the BLAKE3 hash of its bytes, the digest of the update that was made of
//! it, what became of it, and the digest of what the account holds. The first line names the account, and the last one
//! holds a hash of all lines before it.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::RunError;
use super::job::is_as_pinned;
use crate::checkpoint::{Checkpoint, Pins, Recorded, Role};
use crate::export::ExportError;
use crate::update::Digest;

/// What the first line says that it is.
const SCHEMA: &str = "deskferry.manifest/1";

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestHead {
    /// The form of the lines.
    pub schema: String,
    /// The account.
    pub account: String,
}

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
    /// The BLAKE3 hash of its record; `None` where the file is not there any more, or not the same.
    pub source: Option<String>,
    /// The digest of its update.
    pub update: Option<String>,
    /// The digest of the 14 fields that the account holds.
    pub readback: Option<String>,
    /// What verify found.
    pub verified: Option<String>,
    /// How it was settled, where nobody knew for a while whether it had arrived.
    pub settled: Option<String>,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestEnd {
    /// How many messages there are.
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
    /// Something follows the last line.
    #[error("the manifest {} goes on behind its end", path.display())]
    GoesOn {
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

/// A manifest that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenManifest {
    /// The BLAKE3 hash of all lines but the last.
    pub digest: String,
    /// Files of the export that are not what was planned any more: their records have no hash.
    pub changed: Vec<PathBuf>,
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
) -> Result<WrittenManifest, ManifestError> {
    let io = |source| ManifestError::Io { path: path.to_owned(), source };
    let mut sources = Sources::of(pins)?;
    let mut hasher = blake3::Hasher::new();
    let mut messages = 0;
    let mut write = |text: Vec<u8>| {
        hasher.update(&text);
        out.write_all(&text).map_err(io)
    };
    write(one_line(&ManifestHead { schema: SCHEMA.to_owned(), account: pins.account.clone() }).map_err(io)?)?;
    checkpoint.recorded::<ManifestError>(|recorded| {
        messages += 1;
        write(one_line(&line(recorded, &mut sources)?).map_err(io)?)
    })?;
    let digest = hasher.finalize().to_hex().to_string();
    let end = one_line(&ManifestEnd { messages, digest: digest.clone() }).map_err(io)?;
    out.write_all(&end).and_then(|()| out.flush()).map_err(io)?;
    Ok(WrittenManifest { digest, changed: sources.changed })
}

/// A line with its end.
fn one_line(line: &impl Serialize) -> std::io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    Ok(text)
}

/// Reads the manifest at `path` and checks that it is as it was written. Hands each message to `each`.
///
/// # Errors
/// When it can't be read, was cut off, or was changed.
pub fn read_manifest(
    path: &Path,
    mut each: impl FnMut(ManifestLine),
) -> Result<(ManifestHead, ManifestEnd), ManifestError> {
    let io = |source| ManifestError::Io { path: path.to_owned(), source };
    let wrong = |line| move |_| ManifestError::Line { path: path.to_owned(), line };
    let mut reader = BufReader::new(File::open(path).map_err(io)?);
    let mut hasher = blake3::Hasher::new();
    let mut text = Vec::new();
    reader.read_until(b'\n', &mut text).map_err(io)?;
    let head: ManifestHead = serde_json::from_slice(&text).map_err(wrong(1))?;
    hasher.update(&text);
    for number in 1.. {
        text.clear();
        if reader.read_until(b'\n', &mut text).map_err(io)? == 0 {
            break;
        }
        if let Ok(line) = serde_json::from_slice(&text) {
            hasher.update(&text);
            each(line);
            continue;
        }
        let end: ManifestEnd = serde_json::from_slice(&text).map_err(wrong(number + 1))?;
        let is_whole = end.digest == hasher.finalize().to_hex().as_str()
            && end.messages + 1 == number
            && one_line(&end).is_ok_and(|written| written == text);
        let goes_on = reader.read_until(b'\n', &mut text).map_err(io)? > 0;
        return match (is_whole, goes_on) {
            (false, _) => Err(ManifestError::Changed { path: path.to_owned() }),
            (true, true) => Err(ManifestError::GoesOn { path: path.to_owned() }),
            (true, false) => Ok((head, end)),
        };
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
        settled: recorded.settled.map(|settled| settled.words().to_owned()),
    })
}

/// The export's files, from which records are hashed; those of one record one after another are hashed once.
struct Sources {
    files: Vec<(PathBuf, Option<File>)>,
    // Those that are not what was planned any more.
    changed: Vec<PathBuf>,
    last: Option<((usize, u64), String)>,
}

impl Sources {
    fn of(pins: &Pins) -> Result<Self, RunError> {
        let mut sources = Self { files: Vec::new(), changed: Vec::new(), last: None };
        for file in pins.files.iter().filter(|file| file.role == Role::Export) {
            let is_same = file.path.exists() && is_as_pinned(file)?;
            if !is_same {
                sources.changed.push(file.path.clone());
            }
            let opened = is_same.then(|| File::open(&file.path).map_err(|source| ExportError::io(&file.path, source)));
            sources.files.push((file.path.clone(), opened.transpose()?));
        }
        Ok(sources)
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
