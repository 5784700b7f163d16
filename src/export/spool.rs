//! What can't be read again at an offset, written once as plain text beside the checkpoint.
//!
//! The second pass seeks in an export. That goes for plain UTF-8 files, which are read where they are. What is packed, in
//! another encoding, or comes from standard input is unpacked into a folder of its own, named after what it was made
//! from, so that the same export is found there again, and a changed one is another:
//!
//! ```text
//! acme.deskferry.spool/6f2c…/export.zip/tickets.json
//! ```
//!
//! It holds message content, so it is for its owner alone. A folder is whole or not there: it is made under another name.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::ExportError;
use super::encoding::{Encoding, decoded, is_utf8};
use super::format::Packing;
use super::unpack;

/// How standard input is named as an export.
pub const STANDARD_INPUT: &str = "-";

/// What it is called where people read it.
const STANDARD_INPUT_NAME: &str = "standard input";

/// How the names of spool folders end.
const SUFFIX: &str = ".spool";

/// How the names of folders in it begin that are not whole.
const UNFINISHED: &str = "unfinished-";

/// Where unpacked files are kept.
#[derive(Debug)]
pub struct Spool {
    /// Where new ones are written.
    folder: PathBuf,
    /// Where they may be already.
    known: Vec<PathBuf>,
}

impl Spool {
    /// The spool of the checkpoint at `path`.
    pub fn of_checkpoint(path: &Path) -> Self {
        let folder = folder_of(path);
        Self { known: vec![folder.clone()], folder }
    }

    /// A spool for what leaves nothing behind, in `folder`; what the checkpoint `existing` has unpacked is taken from there.
    pub fn temporary(folder: &Path, existing: Option<&Path>) -> Self {
        let folder = folder.join(format!("plan{SUFFIX}"));
        let known = existing.map(folder_of).into_iter().chain([folder.clone()]).collect();
        Self { folder, known }
    }

    /// Where the files of `export` are: itself, or the folder that its archive or standard input was unpacked into.
    ///
    /// # Errors
    /// When it can't be read or unpacked, or the spool can't be written.
    pub fn open(&self, export: &Path, wanted: &dyn Fn(&Path) -> bool) -> Result<PathBuf, ExportError> {
        let path = if export == Path::new(STANDARD_INPUT) { self.standard_input()? } else { export.to_owned() };
        if !path.is_file() || packing(&path)? != Some(Packing::Zip) {
            return Ok(path);
        }
        let members = unpack::members(&path, wanted)?;
        // Another mapping may want others: what was unpacked for one must not be taken for all there is.
        let mut names = blake3::Hasher::new();
        for member in &members {
            names.update(member.path.to_string_lossy().as_bytes()).update(b"\0");
        }
        let what = format!("zip {}", names.finalize());
        self.made(&path, &what, |folder| unpack::zip(&path, &folder.join(file_name(&path)), &members))
    }

    /// The plain UTF-8 text of `path`: itself, or what was unpacked from it. Text in another encoding than UTF-8 is in
    /// `encoding`.
    ///
    /// # Errors
    /// When it can't be read or unpacked, is in another encoding than was named, or the spool can't be written.
    pub fn plain(&self, path: &Path, encoding: Option<Encoding>) -> Result<PathBuf, ExportError> {
        let packed = packing(path)?;
        if packed.is_some() {
            let name = without_packing(&file_name(path));
            let inside = wrapped(path, &name);
            let folder = self.made(path, "text", |folder| unpack::stream(path, create(&folder.join(&inside))?))?;
            return self.plain(&folder.join(inside), encoding);
        }
        if is_utf8(path, encoding)? {
            return Ok(path.to_owned());
        }
        let inside = wrapped(path, &file_name(path));
        let what = encoding.map_or("utf-16", Encoding::name);
        let folder = self.made(path, what, |folder| decoded(path, encoding, create(&folder.join(&inside))?))?;
        Ok(folder.join(inside))
    }

    /// The raw bytes of standard input, in a file.
    fn standard_input(&self) -> Result<PathBuf, ExportError> {
        let temporary = self.begin()?;
        let path = temporary.join(STANDARD_INPUT_NAME);
        let io = |error| ExportError::io(&path, error);
        let written = create(&path).and_then(|mut file| {
            io::copy(&mut io::stdin().lock(), &mut file).and_then(|_| file.sync_all()).map_err(io)?;
            digest(&path)
        });
        let folder = self.finish(&temporary, &written.inspect_err(|_| discard(&temporary))?)?;
        Ok(folder.join(STANDARD_INPUT_NAME))
    }

    /// The folder of what `make` makes of the file `path`; made only if it is not there yet.
    fn made(
        &self,
        path: &Path,
        what: &str,
        make: impl FnOnce(&Path) -> Result<(), ExportError>,
    ) -> Result<PathBuf, ExportError> {
        let place = wrapped(path, what);
        let digest = blake3::hash(format!("{} {}", digest(path)?, place.display()).as_bytes()).to_string();
        let there = self.known.iter().map(|known| known.join(short(&digest))).find(|folder| folder.is_dir());
        if let Some(folder) = there {
            return Ok(folder);
        }
        let temporary = self.begin()?;
        make(&temporary).inspect_err(|_| discard(&temporary))?;
        self.finish(&temporary, &digest)
    }

    /// A new folder under a name that nobody takes for a whole one.
    fn begin(&self) -> Result<PathBuf, ExportError> {
        let path = self.folder.join(format!("{UNFINISHED}{}-{:08x}", std::process::id(), fastrand::u32(..)));
        make_folder(&path)?;
        Ok(path)
    }

    fn finish(&self, temporary: &Path, digest: &str) -> Result<PathBuf, ExportError> {
        let folder = self.folder.join(short(digest));
        match fs::rename(temporary, &folder) {
            Ok(()) => Ok(folder),
            // It was there already: the same bytes, from a process beside this one or an earlier standard input.
            Err(_) if folder.is_dir() => {
                discard(temporary);
                Ok(folder)
            }
            Err(error) => Err(ExportError::io(&folder, error)),
        }
    }

    /// Removes what none of `used` stands in, once a plan is made that needs no more. What can't be removed stays.
    pub fn keep_only(&self, used: &[PathBuf]) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let folders: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        let is_used = |folder: &PathBuf| {
            let folder = folder.canonicalize().unwrap_or_else(|_| folder.clone());
            used.iter().any(|path| path.canonicalize().is_ok_and(|path| path.starts_with(&folder)))
        };
        for folder in folders.iter().filter(|folder| !is_used(folder)) {
            let _ = fs::remove_dir_all(folder);
        }
        // Fails where something is in it, which is right.
        let _ = fs::remove_dir(&self.folder);
    }
}

/// The spool folder of the checkpoint at `path`.
fn folder_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(SUFFIX);
    PathBuf::from(name)
}

/// A file as an operator knows it: what was unpacked is named by what it was unpacked from.
pub fn shown(path: &Path) -> String {
    match inside(path) {
        None => path.display().to_string(),
        // One file that came of one: that one's name says it.
        Some(names) if is_wrapped(&names) => names[..names.len() - 1].join("/"),
        Some(names) => names.join("/"),
    }
}

/// Whether a file is what was unpacked of another, or came from standard input.
pub fn is_unpacked(path: &Path) -> bool {
    inside(path).is_some()
}

/// Where a file stood before it was unpacked, as far as its own name and its folder's go.
pub(crate) fn origin(path: &Path) -> PathBuf {
    let is_wrapped = inside(path).is_some_and(|names| is_wrapped(&names));
    let around = path.parent().and_then(Path::parent).filter(|_| is_wrapped);
    around.map_or_else(|| path.to_owned(), |folder| folder.join(file_name(path)))
}

/// The name of the folder that a file stood in; none where it came from standard input.
pub(crate) fn folder_name(path: &Path) -> Option<String> {
    // A path that is relative today is absolute when the plan is followed: the folder must be the same.
    let path = origin(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    let folder = path.parent()?.file_name()?.to_string_lossy().into_owned();
    Some(folder).filter(|folder| !is_short(folder))
}

/// Where `name`, which is made of the file `path`, is put in a folder of the spool: its own folder's name and its own may
/// say which ticket it is of.
fn wrapped(path: &Path, name: &str) -> PathBuf {
    PathBuf::from(folder_name(path).unwrap_or_default()).join(file_name(path)).join(name)
}

/// Whether the last of `names` is a file that came of one.
fn is_wrapped(names: &[String]) -> bool {
    matches!(names, [.., from, file] if from == file || without_packing(from) == *file)
}

/// The names on the way to a file in a spool, from what was unpacked; none if it is in none.
fn inside(path: &Path) -> Option<Vec<String>> {
    let names: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    let spool = names.windows(2).position(|two| two[0].ends_with(SUFFIX) && is_short(&two[1]))?;
    names.get(spool + 2..).filter(|inside| !inside.is_empty()).map(<[String]>::to_vec)
}

/// The name of a file without what says that it is packed.
pub(super) fn without_packing(name: &str) -> String {
    let shorter = [".gz", ".zst", ".GZ", ".ZST"].iter().find_map(|ending| name.strip_suffix(ending));
    shorter.filter(|name| !name.is_empty()).unwrap_or(name).to_owned()
}

/// Whether `folder` is a spool: it is called like one, and holds what one holds.
pub(super) fn is_spool(folder: &Path) -> bool {
    let is_named = folder.file_name().is_some_and(|name| name.to_string_lossy().ends_with(SUFFIX));
    is_named
        && fs::read_dir(folder).is_ok_and(|mut entries| {
            entries.all(|entry| {
                let name = entry.map(|entry| entry.file_name().to_string_lossy().into_owned()).unwrap_or_default();
                is_short(&name) || name.starts_with(UNFINISHED)
            })
        })
}

/// Removes what was begun and is nothing to anybody; what can't be removed stays.
fn discard(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
}

fn packing(path: &Path) -> Result<Option<Packing>, ExportError> {
    let mut first = Vec::new();
    let read = File::open(path).and_then(|file| file.take(4).read_to_end(&mut first));
    read.map_err(|error| ExportError::io(path, error))?;
    Ok(Packing::of(&first))
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Whether a folder's name is what [`short`] makes.
fn is_short(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Half of a digest tells two exports apart, and keeps paths short.
fn short(digest: &str) -> &str {
    &digest[..32]
}

fn digest(path: &Path) -> Result<String, ExportError> {
    let mut hasher = blake3::Hasher::new();
    File::open(path)
        .and_then(|file| hasher.update_reader(file).map(|hasher| hasher.finalize().to_string()))
        .map_err(|error| ExportError::io(path, error))
}

/// A new file for its owner alone, with the folders around it.
pub(super) fn create(path: &Path) -> Result<File, ExportError> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| ExportError::io(path, error))
}

fn make_folder(path: &Path) -> Result<(), ExportError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| ExportError::io(path, error))
}

/// Writes all of `reader` into `file`, and on to the disk.
pub(super) fn write_all(mut reader: impl Read, mut file: File, path: &Path) -> Result<u64, ExportError> {
    let written = io::copy(&mut reader, &mut file).and_then(|count| file.flush().map(|()| count));
    let written = written.and_then(|count| file.sync_all().map(|()| count));
    written.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            ExportError::Unpacking { path: path.to_owned(), reason: error.to_string() }
        }
        _ => ExportError::io(path, error),
    })
}
