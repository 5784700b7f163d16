//! Which checkpoint a command works with, and who says so in its lock.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::account::variable;
use super::failure::Failure;
use crate::checkpoint::Holder;

/// The checkpoint of the account `name`, in the current folder.
pub(super) fn default_path(name: &str) -> PathBuf {
    PathBuf::from(format!("{}.deskferry", name.replace([':', '[', ']'], "-")))
}

/// The scan of the account `name`, in the current folder.
pub(super) fn scan_path(name: &str) -> PathBuf {
    default_path(name).with_extension("scan")
}

/// The checkpoint that was named; else the one of the account in the environment, else the only one in the current
/// folder.
pub(super) fn named_or_only(named: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(path) = named {
        return Ok(path.to_owned());
    }
    let of_account = variable("GORGIAS_DOMAIN").map(|domain| default_path(&domain));
    if let Some(path) = of_account.filter(|path| path.exists()) {
        return Ok(path);
    }
    let entries =
        fs::read_dir(".").map_err(|error| Failure::error(format!("this folder can't be read: {error}"), None))?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(PathBuf::from(entry.ok()?.file_name())))
        .filter(|path| path.extension().is_some_and(|extension| extension == "deskferry"))
        .collect();
    found.sort();
    match found.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(Failure::usage(
            "there is no checkpoint in this folder",
            "go to the folder of the run, or name the file with --checkpoint",
        )),
        several => {
            let list: Vec<_> = several.iter().map(|path| path.display().to_string()).collect();
            Err(Failure::usage(
                format!("there are several checkpoints in this folder: {}", list.join(", ")),
                "name one with --checkpoint, or set GORGIAS_DOMAIN to the account that is meant",
            ))
        }
    }
}

/// A file that its owner alone can read, empty at first.
pub(super) fn owners_file(path: &Path) -> Result<fs::File, Failure> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| Failure::error(format!("{} can't be written: {error}", path.display()), None))
}

/// Who holds the checkpoint: this process.
pub(super) fn holder() -> Holder {
    let user = env::var("USER").or_else(|_| env::var("USERNAME")).or_else(|_| env::var("LOGNAME"));
    let machine = fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(|| env::var("HOSTNAME").ok());
    Holder {
        user: user.unwrap_or_else(|_| "somebody".into()),
        machine: machine.map_or_else(|| "this machine".into(), |name| name.trim().to_owned()),
        process: std::process::id(),
        since: Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    }
}
