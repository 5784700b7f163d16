//! Unpacking, within limits: an archive that unpacks to hundreds of times its size is no export.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::ExportError;
use super::format::Packing;
use super::spool::{create, write_all};

/// The most bytes that one file is unpacked to.
const MOST_BYTES: u64 = 64 << 30;

/// The most bytes that one byte is unpacked to, once [`FREE_BYTES`] are reached.
const MOST_TIMES: u64 = 300;

/// So many bytes are unpacked whatever they come from: a small file of blanks is no bomb.
const FREE_BYTES: u64 = 100 << 20;

/// The most files in an archive.
const MOST_MEMBERS: usize = 2_000_000;

/// Unpacks the gzip or zstd file `path` into `to`.
pub(super) fn stream(path: &Path, to: File) -> Result<(), ExportError> {
    let io = |error| ExportError::io(path, error);
    let mut file = BufReader::new(File::open(path).map_err(io)?);
    let packed = file.get_ref().metadata().map_err(io)?.len();
    let mut first = [0; 4];
    file.get_mut().read_exact(&mut first).map_err(io)?;
    let whole = io::Cursor::new(first).chain(file);
    let unpacked: Box<dyn Read> = match Packing::of(&first) {
        Some(Packing::Zstd) => Box::new(zstd::Decoder::new(whole).map_err(io)?),
        _ => Box::new(MultiGzDecoder::new(whole)),
    };
    write_all(Limited::new(unpacked, packed), to, path).map(|_| ())
}

/// A file in an archive.
pub(super) struct Member {
    index: usize,
    /// Where in the archive it is.
    pub(super) path: PathBuf,
}

/// What is wanted of the archive `path`.
pub(super) fn members(path: &Path, wanted: &dyn Fn(&Path) -> bool) -> Result<Vec<Member>, ExportError> {
    let refused = |reason| refused(path, reason);
    let broken = |error| broken(path, &error);
    let mut archive = archive(path)?;
    let mut members = Vec::new();
    if archive.len() > MOST_MEMBERS {
        return Err(refused(format!("it holds {} files, more than {MOST_MEMBERS}", archive.len())));
    }
    for index in 0..archive.len() {
        // What nobody wants may be packed in whatever way.
        let member = archive.by_index_raw(index).map_err(broken)?;
        let name = member.name().map_err(broken)?.into_owned();
        let Some(inside) = member.enclosed_name() else {
            return Err(refused(format!("the name of a file in it leads out of it: {name}")));
        };
        let is_hidden = inside.components().any(|part| {
            let part = part.as_os_str().to_string_lossy();
            part.starts_with('.') || part == "__MACOSX"
        });
        if member.is_dir() || is_hidden || !wanted(&inside) {
            continue;
        }
        if member.encrypted() {
            return Err(refused(format!("{name} in it is encrypted")));
        }
        members.push(Member { index, path: inside });
    }
    Ok(members)
}

/// Unpacks `members` of the archive `path` into the folder `to`.
pub(super) fn zip(path: &Path, to: &Path, members: &[Member]) -> Result<(), ExportError> {
    let mut archive = archive(path)?;
    for member in members {
        let packed = archive.by_index(member.index).map_err(|error| broken(path, &error))?;
        let size = packed.compressed_size();
        write_all(Limited::new(packed, size), create(&to.join(&member.path))?, path)?;
    }
    Ok(())
}

fn archive(path: &Path) -> Result<zip::ZipArchive<BufReader<File>>, ExportError> {
    let file = File::open(path).map_err(|error| ExportError::io(path, error))?;
    zip::ZipArchive::new(BufReader::new(file)).map_err(|error| broken(path, &error))
}

fn broken(path: &Path, error: &zip::result::ZipError) -> ExportError {
    refused(path, error.to_string())
}

fn refused(path: &Path, reason: String) -> ExportError {
    ExportError::Unpacking { path: path.to_owned(), reason }
}

/// A reader that stops where it gives more than any export would.
struct Limited<R> {
    inner: R,
    packed: u64,
    given: u64,
}

impl<R: Read> Limited<R> {
    fn new(inner: R, packed: u64) -> Self {
        Self { inner, packed, given: 0 }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.given += count as u64;
        let is_bomb = self.given > FREE_BYTES && self.given / MOST_TIMES > self.packed;
        if self.given > MOST_BYTES || is_bomb {
            let reason = format!("it unpacks to more than {} bytes, from {} bytes", self.given, self.packed);
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        Ok(count)
    }
}
