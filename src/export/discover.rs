//! The files of an export, found by the mapping's patterns.
//!
//! A file that is named is read, whatever it is called; in a folder, and in the folders inside it, those are read whose
//! names match. Lookups and the ids file are found in the same places: in the folder, or beside the file. Hidden files
//! and folders are left alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::spool::{is_spool, without_packing};
use super::{ExportError, natural, pattern};

/// What ids files are called.
const IDS_NAMES: [&str; 3] = ["ids.csv", "ids.jsonl", "ids.ndjson"];

/// What is taken for an export where the mapping does not say it.
const ANY_INPUT: [&str; 5] = ["*.json", "*.jsonl", "*.ndjson", "*.csv", "*.tsv"];

/// The files of an export, by what they are for. Each list is in natural order, without doubles.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The files that hold records.
    pub inputs: Vec<PathBuf>,
    /// The files of each lookup; a lookup without files is there, with none.
    pub lookups: BTreeMap<String, Vec<PathBuf>>,
    /// The ids files.
    pub ids: Vec<PathBuf>,
    /// JSON and CSV files in the folders that are for nothing: they are not read.
    pub unread: Vec<PathBuf>,
}

impl Found {
    /// The ids file, if there is just one or none.
    pub fn one_ids_file(&self) -> Result<Option<&Path>, ExportError> {
        match self.ids.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            [first, second, ..] => Err(ExportError::SeveralIds { first: first.clone(), second: second.clone() }),
        }
    }
}

/// Finds the files of `exports`, which are files and folders.
///
/// Patterns are for file names, or for `folder/name`, with `*` and `?`. `input_patterns` may be empty: then any JSON or CSV file in a folder
/// is an input that is neither a lookup nor an ids file.
pub fn find(
    exports: &[PathBuf],
    input_patterns: &[String],
    lookup_patterns: &[(&str, &[String])],
) -> Result<Found, ExportError> {
    let mut search = Search {
        names: Names::new(input_patterns, lookup_patterns),
        named: BTreeSet::new(),
        seen: BTreeSet::new(),
        found: Found::default(),
    };
    for (name, _) in lookup_patterns {
        search.found.lookups.insert((*name).to_owned(), Vec::new());
    }
    // Named files first: one of them is an input even where a folder's pattern would call it a lookup.
    let (folders, files): (Vec<_>, Vec<_>) = exports.iter().partition(|path| path.is_dir());
    for file in &files {
        search.named_file(file)?;
    }
    let around: BTreeSet<_> = files.iter().map(|file| folder_of(file)).collect();
    for folder in around {
        search.beside(folder)?;
    }
    for folder in folders {
        search.folder(folder)?;
    }
    Ok(search.finish())
}

/// The files that `exports` mean: a path with `*` or `?` in it stands for all that are like it, unless there is a file of
/// that very name.
///
/// # Errors
/// When no file is like it, or a folder on the way can't be read.
pub fn expand(exports: &[PathBuf]) -> Result<Vec<PathBuf>, ExportError> {
    let mut expanded = Vec::new();
    for export in exports {
        if export.exists() || !export.to_string_lossy().contains(['*', '?']) {
            expanded.push(export.clone());
            continue;
        }
        let mut found = like(export)?;
        if found.is_empty() {
            return Err(ExportError::NoneLike { pattern: export.display().to_string() });
        }
        found.sort_by(|a, b| natural::order(&a.to_string_lossy(), &b.to_string_lossy()));
        expanded.append(&mut found);
    }
    Ok(expanded)
}

/// The paths that are like `pattern`, part by part.
fn like(pattern: &Path) -> Result<Vec<PathBuf>, ExportError> {
    let mut found = vec![PathBuf::new()];
    for part in pattern.components() {
        let name = part.as_os_str().to_string_lossy().into_owned();
        if !name.contains(['*', '?']) {
            for path in &mut found {
                path.push(part);
            }
            found.retain(|path| path.exists());
            continue;
        }
        let mut next = Vec::new();
        for folder in &found {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            if folder.is_dir() {
                next.extend(entries(folder)?.into_iter().filter(|path| pattern::matches(&name, &name_of(path))));
            }
        }
        found = next;
    }
    Ok(found)
}

/// What files are called, by what they are for.
pub struct Names<'a> {
    input_patterns: Vec<String>,
    lookup_patterns: &'a [(&'a str, &'a [String])],
}

impl<'a> Names<'a> {
    /// By patterns, as [`find`] takes them.
    pub fn new(input_patterns: &[String], lookup_patterns: &'a [(&'a str, &'a [String])]) -> Self {
        let mut input_patterns = input_patterns.to_vec();
        if input_patterns.is_empty() {
            input_patterns = ANY_INPUT.map(str::to_owned).to_vec();
        }
        Self { input_patterns, lookup_patterns }
    }

    /// Whether the file at `path` is to be opened: it is for something, or looks like a part of an export that nothing is
    /// for, which is to be said.
    pub fn know(&self, path: &Path) -> bool {
        self.use_of(path).is_some() || is_data(path)
    }

    fn use_of(&self, path: &Path) -> Option<Use<'a>> {
        let like = |patterns: &[String]| patterns.iter().any(|pattern| is_like(pattern, path));
        if IDS_NAMES.contains(&without_packing(&name_of(path)).to_lowercase().as_str()) {
            return Some(Use::Ids);
        }
        let lookup = self.lookup_patterns.iter().find(|(_, patterns)| like(patterns));
        match lookup {
            Some((name, _)) => Some(Use::Lookup(name)),
            None => like(&self.input_patterns).then_some(Use::Input),
        }
    }
}

/// Whether the file at `path` is meant by `pattern`; either may say that it is packed. A pattern with a `/` in it is for the
/// file's folder as well.
pub(crate) fn is_like(pattern: &str, path: &Path) -> bool {
    let mut names = path.components().rev().map(|part| part.as_os_str().to_string_lossy());
    let Some(name) = names.next().map(|name| without_packing(&name)) else { return false };
    let pattern = without_packing(pattern);
    let mut parts = pattern.rsplit('/');
    let file_is = parts.next().is_some_and(|part| pattern::matches(part, &name));
    file_is && parts.all(|part| names.next().is_some_and(|name| pattern::matches(part, &name)))
}

/// Whether the file at `path` looks like a part of an export.
fn is_data(path: &Path) -> bool {
    ANY_INPUT.iter().any(|pattern| is_like(pattern, path))
}

/// A search under way.
struct Search<'a> {
    names: Names<'a>,
    /// The named files, by their true paths.
    named: BTreeSet<PathBuf>,
    /// What has been looked at, by its true path: no doubles, and no endless circle of links.
    seen: BTreeSet<PathBuf>,
    found: Found,
}

/// What a file is by its name.
enum Use<'a> {
    Ids,
    Lookup(&'a str),
    Input,
    Nothing,
}

impl Search<'_> {
    fn named_file(&mut self, file: &Path) -> Result<(), ExportError> {
        if self.named.insert(true_path(file)?) {
            self.found.inputs.push(file.to_owned());
        }
        Ok(())
    }

    /// Finds lookups and ids in a folder that holds named files.
    fn beside(&mut self, folder: &Path) -> Result<(), ExportError> {
        for path in entries(folder)? {
            if path.is_file() && matches!(self.names.use_of(&path), Some(Use::Ids | Use::Lookup(_))) {
                self.file(path)?;
            }
        }
        Ok(())
    }

    /// Finds everything in a named folder, which must hold an input.
    fn folder(&mut self, folder: &Path) -> Result<(), ExportError> {
        let inputs_before = self.found.inputs.len();
        let named_inside = self.holds_named(folder)?;
        let mut files = Vec::new();
        let newly_seen = self.walk(folder, &mut files)?;
        let names: Vec<String> = files.iter().map(|path| name_of(path)).collect();
        for path in files {
            self.file(path)?;
        }
        if self.found.inputs.len() > inputs_before || named_inside || !newly_seen {
            Ok(())
        } else if names.is_empty() {
            Err(ExportError::EmptyFolder { path: folder.to_owned() })
        } else {
            Err(ExportError::NothingMatches {
                path: folder.to_owned(),
                patterns: self.names.input_patterns.clone(),
                there: names,
            })
        }
    }

    fn holds_named(&self, folder: &Path) -> Result<bool, ExportError> {
        let folder = true_path(folder)?;
        Ok(self.named.iter().any(|file| file.starts_with(&folder)))
    }

    /// Collects the files in `folder` and below; false if it was searched before.
    fn walk(&mut self, folder: &Path, files: &mut Vec<PathBuf>) -> Result<bool, ExportError> {
        let mut waiting = vec![folder.to_owned()];
        let mut any = false;
        while let Some(folder) = waiting.pop() {
            if !self.seen.insert(true_path(&folder)?) {
                continue;
            }
            any = true;
            for path in entries(&folder)? {
                if path.is_dir() {
                    // A run in the folder of the export unpacks into it, too.
                    if !is_spool(&path) {
                        waiting.push(path);
                    }
                } else if path.is_file() {
                    files.push(path);
                }
            }
        }
        Ok(any)
    }

    /// Puts a file where its name says it belongs.
    fn file(&mut self, path: PathBuf) -> Result<(), ExportError> {
        let used = match self.names.use_of(&path) {
            Some(used) => used,
            None if is_data(&path) => Use::Nothing,
            None => return Ok(()),
        };
        let true_path = true_path(&path)?;
        if self.named.contains(&true_path) || !self.seen.insert(true_path) {
            return Ok(());
        }
        match used {
            Use::Ids => self.found.ids.push(path),
            Use::Lookup(name) => self.found.lookups.entry(name.to_owned()).or_default().push(path),
            Use::Input => self.found.inputs.push(path),
            Use::Nothing => self.found.unread.push(path),
        }
        Ok(())
    }

    fn finish(mut self) -> Found {
        let found = &mut self.found;
        for paths in
            [&mut found.inputs, &mut found.ids, &mut found.unread].into_iter().chain(found.lookups.values_mut())
        {
            paths.sort_by(|a, b| natural::order(&a.to_string_lossy(), &b.to_string_lossy()));
        }
        self.found
    }
}

/// The folder that a file is in.
fn folder_of(file: &Path) -> &Path {
    // The parent of a bare name is the empty path, which no system can list.
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What is in `folder`, without what is hidden or only there for a Mac.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, ExportError> {
    let io = |error| ExportError::io(folder, error);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(io)? {
        let entry = entry.map_err(io)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') || name == "__MACOSX" {
            continue;
        }
        // `read_dir(".")` would put `./` before every name.
        paths.push(if folder == Path::new(".") { PathBuf::from(entry.file_name()) } else { entry.path() });
    }
    paths.sort();
    Ok(paths)
}

fn true_path(path: &Path) -> Result<PathBuf, ExportError> {
    path.canonicalize().map_err(|error| ExportError::io(path, error))
}

/// The name in the same folder that is most like a missing path's, if one is like it at all.
pub(super) fn nearest(path: &Path) -> Option<String> {
    let wanted = name_of(path).to_lowercase();
    entries(folder_of(path))
        .ok()?
        .iter()
        .map(|path| name_of(path))
        .map(|name| (strsim::jaro_winkler(&wanted, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}
