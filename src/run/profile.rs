//! A first look at an export that no mapping is known for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::RunError;
use super::job::CHUNK;
use crate::export::{Format, Reader};
use crate::mapping::proposal::{Profile, places};

/// So many records of each file are looked at: enough to see what is in them, and soon done.
const LOOKED_AT: usize = 2000;

/// What the first 2,000 records of each of `files` hold, and the files that can't be read, each with its reason. `rows` is
/// the format of those that hold rows, where it is known.
///
/// # Errors
/// When none of them can be read: with the reason for the first.
pub fn profile(files: &[PathBuf], rows: Option<Format>) -> Result<(Profile, Vec<String>), RunError> {
    let mut profile = Profile::default();
    let places = places();
    let mut refused = Vec::new();
    let mut first = None;
    for path in files {
        if let Err(error) = look_at(&mut profile, path, rows, &places) {
            refused.push(error.to_string());
            first.get_or_insert(error);
        }
    }
    match first {
        Some(error) if refused.len() == files.len() => Err(error),
        _ => Ok((profile, refused)),
    }
}

fn look_at(
    profile: &mut Profile,
    path: &Path,
    rows: Option<Format>,
    places: &BTreeSet<String>,
) -> Result<(), RunError> {
    let found = Format::of_file(path).or_else(|error| rows.ok_or(error))?;
    let mut format = rows.filter(|_| found.has_rows()).unwrap_or(found);
    // A page may hold its records where only a mapping that knows the system looks for them.
    let mut place = None;
    if !format.has_rows() {
        for known in places {
            if Format::has_records_at(path, known)? {
                (format, place) = (Format::Json, Some(known.as_str()));
            }
        }
    }
    let mut reader = Reader::open(path, format, place)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut file = profile.file(&name, format, place, reader.header());
    let mut seen = 0;
    while seen < LOOKED_AT
        && let Some(chunk) = reader.next_chunk(CHUNK)?
    {
        for content in chunk.records.iter().filter_map(|record| chunk.content(record).ok()).take(LOOKED_AT - seen) {
            file.see(content);
            seen += 1;
        }
    }
    Ok(())
}
