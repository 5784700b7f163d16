//! The records of an export, compared with what a manifest says that was read: is it the same export?

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::export::{ExportError, find};
use crate::run::{ManifestLine, hexadecimal};

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// Messages whose records were compared.
    pub(super) compared: u64,
    /// Messages of whose records the manifest has no hash.
    pub(super) unknown: u64,
    /// Messages whose records are not as they were, and how that shows.
    pub(super) differing: Vec<(ManifestLine, &'static str)>,
}

impl Records {
    /// Looks for the records of `lines` in `exports`, which are files and folders: in the files that are called as the
    /// manifest calls them.
    ///
    /// # Errors
    /// When a file can't be read, or a folder holds none of them.
    pub(super) fn compare(lines: Vec<ManifestLine>, exports: &[PathBuf]) -> Result<Self, Failure> {
        let mut records = Self::default();
        let names: BTreeSet<_> = lines.iter().map(|line| line.file.clone()).collect();
        // Without a name to look for, everything would be found.
        if names.is_empty() {
            return Ok(records);
        }
        let files = open(exports, &names.into_iter().collect::<Vec<_>>())?;
        for line in lines {
            let Some(source) = &line.source else {
                records.unknown += 1;
                continue;
            };
            records.compared += 1;
            let found = match files.get(&line.file) {
                Some(opened) if holds(opened, &line, source)? => continue,
                Some(_) => "its record in the export is another",
                None => "its file is not in the export",
            };
            records.differing.push((line, found));
        }
        Ok(records)
    }
}

/// The files of `exports` that are called one of `names`; several may have one name, in folders of their own.
fn open(exports: &[PathBuf], names: &[String]) -> Result<BTreeMap<String, Vec<(PathBuf, File)>>, ExportError> {
    let mut files: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for path in find(exports, names, &[])?.inputs {
        let file = File::open(&path).map_err(|source| ExportError::io(&path, source))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        files.entry(name.unwrap_or_default()).or_default().push((path, file));
    }
    Ok(files)
}

/// Whether one of `files` has a record with the hash `source` where `line` says.
fn holds(files: &[(PathBuf, File)], line: &ManifestLine, source: &str) -> Result<bool, ExportError> {
    for (path, file) in files {
        if hash(path, file, line)? == source {
            return Ok(true);
        }
    }
    Ok(false)
}

fn hash(path: &Path, mut file: &File, line: &ManifestLine) -> Result<String, ExportError> {
    let io = |source| ExportError::io(path, source);
    file.seek(SeekFrom::Start(line.offset)).map_err(io)?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file.take(line.length)).map_err(io)?;
    Ok(hexadecimal(hasher.finalize().as_bytes()))
}
