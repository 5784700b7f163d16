//! `--report DIR`: the report, and the lists for whoever works on what is left, as files.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::failure::Failure;
use super::terminal::say;
use crate::checkpoint::{Checkpoint, Role};
use crate::report::{ListingError, Report, count, to_json, write_ambiguous, write_missing};

/// Writes `report.json`, `missing.jsonl` and, where anything is ambiguous, `ambiguous.csv` into `folder`, where one is
/// named.
pub(super) fn write_report(
    report: &Report,
    checkpoint: &Checkpoint,
    kind: &str,
    folder: Option<&Path>,
) -> Result<(), Failure> {
    let Some(folder) = folder else { return Ok(()) };
    let path = folder.join("report.json");
    let text = format!("{:#}\n", to_json(report, kind));
    fs::create_dir_all(folder)
        .and_then(|()| for_owner(&path)?.write_all(text.as_bytes()))
        .map_err(|error| unwritable(&path, &error))?;
    say(&format!("Report: {}", path.display()));
    let path = folder.join("missing.jsonl");
    let missing = listed(&path, |file| write_missing(checkpoint, file))?;
    if missing > 0 {
        say(&format!("Absent: {}, {}", path.display(), count(missing, "message")));
    }
    write_candidates(report, checkpoint, &folder.join("ambiguous.csv"))
}

fn write_candidates(report: &Report, checkpoint: &Checkpoint, path: &Path) -> Result<(), Failure> {
    if report.ambiguous() == 0 {
        return Ok(());
    }
    // Filled in by hand and given back: it must not be written over.
    let is_in_use = |role: &Role, used: &Path| *role == Role::Ids && path.canonicalize().is_ok_and(|path| path == used);
    if report.pins.files.iter().any(|file| is_in_use(&file.role, &file.path)) {
        say(&format!("Ambiguous: {} is the ids file, and stays as it is", path.display()));
        return Ok(());
    }
    let candidates = listed(path, |file| write_ambiguous(checkpoint, file))?;
    say(&format!("Ambiguous: {}, {}", path.display(), count(candidates, "candidate")));
    Ok(())
}

fn listed(path: &Path, write: impl FnOnce(BufWriter<File>) -> Result<u64, ListingError>) -> Result<u64, Failure> {
    let file = for_owner(path).map_err(|error| unwritable(path, &error))?;
    write(BufWriter::new(file)).map_err(|error| failed(path, error))
}

fn failed(path: &Path, error: ListingError) -> Failure {
    match error {
        ListingError::Checkpoint(error) => error.into(),
        ListingError::Io(error) => unwritable(path, &error),
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::error(format!("{} can't be written: {error}", path.display()), None)
}

/// A new or emptied file that its owner alone may read: it holds the ids of customers' messages.
fn for_owner(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    // One that was there keeps its permissions otherwise.
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}
