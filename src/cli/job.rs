//! From arguments to a job: which mapping, which files, what to write.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::account::Destination;
use super::args::{ExportArgs, ReadingArgs, TextArgs};
use super::checkpoint::scan_path;
use super::failure::Failure;
use super::terminal::say;
use crate::checkpoint::Pins;
use crate::export::{Encoding, Format, Names, Spool, expand, find, is_unpacked, shown};
use crate::mapping::{Lookups, Mapping, builtin};
use crate::record::Sequence;
use crate::run::{Exclusions, InputFile, Job, LookupFile, ScanFile};
use crate::update::{Also, Write, Writes};

/// How many files that are not read are named.
const NAMED_UNREAD: usize = 5;

/// The job that `args` describe, for `destination`.
pub(super) fn job(args: &ExportArgs, destination: Option<&Destination>, spool: &Spool) -> Result<Job, Failure> {
    let (mapping, mapping_origin) = mapping(args.reading.mapping.as_deref())?;
    let writes = writes(args, destination)?;
    let lookup_files = named_lookups(&args.reading.lookup, &mapping, &mapping_origin)?;
    let mut job = Job {
        account: destination.map(|destination| destination.name().to_owned()).unwrap_or_default(),
        origin: destination.map(|destination| destination.origin().to_owned()).unwrap_or_default(),
        mapping,
        mapping_origin,
        inputs: Vec::new(),
        lookup_files,
        ids: args.ids.clone(),
        exclusions: exclusions(&args.exclude)?,
        scan: scan(args.scan.as_deref(), destination)?,
        writes,
        batch_size: args.batch_size,
        sequence: if args.newest_first { Sequence::NewestFirst } else { Sequence::AsExported },
        lookups: Lookups::default(),
    };
    find_files(&mut job, &args.reading.exports, &args.reading.text, &[], spool)?;
    Ok(job)
}

/// A job that only reads: nothing of it is kept or sent.
pub(super) fn reading_job(args: &ReadingArgs, spool: &Spool) -> Result<Job, Failure> {
    let (mapping, mapping_origin) = mapping(args.mapping.as_deref())?;
    let mut job = Job {
        account: String::new(),
        origin: String::new(),
        lookup_files: named_lookups(&args.lookup, &mapping, &mapping_origin)?,
        mapping,
        mapping_origin,
        inputs: Vec::new(),
        ids: None,
        exclusions: Exclusions::default(),
        scan: None,
        writes: Writes { write: Write::All, also: Vec::new(), replace_external_id: false },
        batch_size: 1,
        sequence: Sequence::default(),
        lookups: Lookups::default(),
    };
    find_files(&mut job, &args.exports, &args.text, &[], spool)?;
    Ok(job)
}

/// The scan that was named; else the one of the account in this folder, if there is one.
fn scan(named: Option<&Path>, destination: Option<&Destination>) -> Result<Option<ScanFile>, Failure> {
    let name = destination.map_or("", Destination::name);
    let origin = destination.map_or("", Destination::origin);
    let path = match named {
        Some(path) => path.to_owned(),
        None => match destination.map(|_| scan_path(name)).filter(|path| path.exists()) {
            Some(path) => path,
            None => return Ok(None),
        },
    };
    Ok(Some(ScanFile::at(&path, name, origin)?))
}

/// The job of a checkpoint, with its mapping and files as they are now.
pub(super) fn job_as_it_is_now(pins: &Pins, spool: &Spool) -> Result<Job, Failure> {
    let mut job = Job::of_pins(pins)?;
    if builtin::find(&pins.mapping_origin).is_some() || Path::new(&pins.mapping_origin).exists() {
        job.mapping = mapping(Some(&pins.mapping_origin))?.0;
    } else {
        say(&format!("The mapping {} is not there any more: the one in the checkpoint is used.", pins.mapping_origin));
    }
    if let Some(scan) = &job.scan {
        // The account may have been read again since.
        job.scan = if scan.path.exists() { Some(ScanFile::at(&scan.path, &pins.account, &pins.origin)?) } else { None };
    }
    job.exclusions = exclusions(job.exclusions.files())?;
    let before = std::mem::take(&mut job.inputs);
    if let Some(unpacked) = before.iter().find(|input| is_unpacked(&input.path)) {
        say(&format!(
            "Read as it was unpacked: {}. If you have changed the original, `deskferry run EXPORT` reads that.",
            shown(&unpacked.path)
        ));
    }
    let exports: Vec<_> = before.iter().map(|input| input.path.clone()).collect();
    let needs = job.mapping.lookups();
    job.lookup_files.retain(|file| needs.iter().any(|need| need.name == file.name));
    let text = TextArgs { encoding: None, separator: None };
    find_files(&mut job, &exports, &text, &before, spool)?;
    Ok(job)
}

/// Finds the files of `job` in `exports` and beside them, those that are not named already. What separates the cells of
/// those that were there `before` is known.
fn find_files(
    job: &mut Job,
    exports: &[PathBuf],
    text: &TextArgs,
    before: &[InputFile],
    spool: &Spool,
) -> Result<(), Failure> {
    let mapping = &job.mapping;
    let patterns: Vec<_> = mapping.lookups().iter().map(|need| (need.name.as_str(), need.files.as_slice())).collect();
    let (encoding, rows) = (encoding(text, mapping)?, separated(text, mapping)?);
    if mapping.tells_by_file() && exports.iter().any(|export| export.as_os_str() == "-") {
        return Err(Failure::usage(
            format!("the mapping {} tells records apart by the names of their files", called(&job.mapping_origin)),
            "standard input has no name: put what it holds into files, and name those",
        ));
    }
    let names = Names::new(mapping.files(), &patterns);
    let opened = expand(exports)?.into_iter().map(|export| spool.open(&export, &|path| names.know(path)));
    let mut found = find(&opened.collect::<Result<Vec<_>, _>>()?, mapping.files(), &patterns)?;
    // What is named for something else is no part of the export, unless it is named for that, too.
    let others = named_otherwise(job);
    found.inputs.retain(|path| exports.contains(path) || !others.contains(&canonical(path)));
    found.unread.retain(|path| !others.contains(&canonical(path)));
    if !found.unread.is_empty() {
        say(&not_read(&found.unread));
    }
    for need in mapping.lookups() {
        if job.lookup_files.iter().any(|file| file.name == need.name) {
            continue;
        }
        let files = found.lookups.get(&need.name).cloned().unwrap_or_default();
        if files.is_empty() && !need.optional {
            return Err(Failure::usage(
                format!(
                    "the mapping {} needs the lookup `{}`, and no file for it is beside the export",
                    called(&job.mapping_origin),
                    need.name
                ),
                format!(
                    "export that, too, and put it there (it is looked for as {}), or name it with --lookup {}=FILE",
                    need.files.join(" or "),
                    need.name
                ),
            ));
        }
        job.lookup_files.extend(files.into_iter().map(|path| LookupFile::new(&need.name, path)));
    }
    let separators: HashMap<_, _> =
        before.iter().filter(|input| input.format.has_rows()).map(|input| (&input.path, input.format)).collect();
    for path in &found.inputs {
        let path = spool.plain(path, encoding)?;
        let rows = separators.get(&path).copied().or(rows);
        let format = match (mapping.format(), rows) {
            (Some(format), None) if format.has_rows() => Format::of_rows(&path)?,
            (Some(format), rows) => rows.filter(|_| format.has_rows()).unwrap_or(format),
            (None, rows) => {
                let found = Format::of_file_with(&path, mapping.records()).or_else(|error| rows.ok_or(error))?;
                rows.filter(|_| found.has_rows()).unwrap_or(found)
            }
        };
        job.inputs.push(InputFile { path, format, header: None });
    }
    for file in &mut job.lookup_files {
        file.path = spool.plain(&file.path, encoding)?;
    }
    if job.ids.is_none() {
        job.ids = found.one_ids_file()?.map(ToOwned::to_owned);
    }
    job.ids = job.ids.take().map(|path| spool.plain(&path, encoding)).transpose()?;
    Ok(())
}

/// The files that are named for something else than being read as the export.
fn named_otherwise(job: &Job) -> Vec<PathBuf> {
    let lookups = job.lookup_files.iter().map(|file| &file.path);
    lookups.chain(job.exclusions.files()).chain(&job.ids).map(|path| canonical(path)).collect()
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Says which files are for nothing: what a typing error in a name leaves out must not be lost in silence.
fn not_read(files: &[PathBuf]) -> String {
    let names: Vec<_> = files.iter().take(NAMED_UNREAD).map(|path| shown(path)).collect();
    let more = files.len() - names.len();
    let and_more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("Not read, because none of the mapping's patterns fits: {}{and_more}.", names.join(", "))
}

/// What is left out, as the files say that were named.
fn exclusions(files: &[PathBuf]) -> Result<Exclusions, Failure> {
    let mut exclusions = Exclusions::default();
    for path in files {
        exclusions.read(path)?;
    }
    Ok(exclusions)
}

/// The encoding of text that is not UTF-8: as it was typed, else as the mapping says.
fn encoding(text: &TextArgs, mapping: &Mapping) -> Result<Option<Encoding>, Failure> {
    Ok(named_encoding(text)?.or_else(|| mapping.encoding()))
}

/// The encoding that was typed.
pub(super) fn named_encoding(text: &TextArgs) -> Result<Option<Encoding>, Failure> {
    let Some(name) = &text.encoding else { return Ok(None) };
    let named = Encoding::named(name).ok_or_else(|| {
        Failure::usage(format!("`--encoding {name}` is not known"), format!("it is {}, …", Encoding::COMMON.join(", ")))
    })?;
    Ok(Some(named))
}

/// The format of rows that was named: as it was typed, else as the mapping says.
fn separated(text: &TextArgs, mapping: &Mapping) -> Result<Option<Format>, Failure> {
    Ok(named_separator(text)?.or_else(|| mapping.separator()))
}

/// The format of rows that was typed.
pub(super) fn named_separator(text: &TextArgs) -> Result<Option<Format>, Failure> {
    let Some(sign) = &text.separator else { return Ok(None) };
    let named = Format::separated_by(sign);
    let unknown = || Failure::usage(format!("`--separator {sign}` is none that is known"), "it is , ; | or tab");
    Ok(Some(named.ok_or_else(unknown)?))
}

/// The mapping that is called `name`: a built-in one, or a file. Gives its origin as well.
pub(super) fn mapping(name: Option<&str>) -> Result<(Mapping, String), Failure> {
    let Some(name) = name else {
        return Err(Failure::usage("no mapping is named", format!("--mapping NAME or FILE; built in: {}", known())));
    };
    if let Some(built_in) = builtin::find(name) {
        return Ok((Mapping::compile(built_in.text, &format!("{name}.toml"))?, name.to_owned()));
    }
    let path = PathBuf::from(name);
    if !path.exists() {
        return Err(unknown_mapping(name, format!("there is no mapping `{name}`, built in or as a file")));
    }
    let text = fs::read_to_string(&path)
        .map_err(|error| Failure::error(format!("the mapping {name} can't be read: {error}"), None))?;
    let path = path.canonicalize().unwrap_or(path);
    Ok((Mapping::compile(&text, name)?, path.to_string_lossy().into_owned()))
}

/// A refusal that names the nearest built-in mapping, and all of them.
pub(super) fn unknown_mapping(name: &str, message: String) -> Failure {
    let near = builtin::all().iter().map(|built_in| built_in.name);
    let near = near.max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)));
    let guess = near.filter(|near| strsim::jaro_winkler(near, name) > 0.8);
    let guess = guess.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    Failure::usage(message, format!("{guess}built in: {}", known()))
}

fn known() -> String {
    let names: Vec<_> = builtin::all().iter().map(|built_in| built_in.name).collect();
    names.join(", ")
}

/// What a mapping is called: a built-in one by its name, another by its file, whatever name a copy still has in it.
fn called(origin: &str) -> String {
    if builtin::find(origin).is_some() { origin.to_owned() } else { shown(Path::new(origin)) }
}

/// Reads `NAME=FILE`, as often as it was given.
fn named_lookups(given: &[String], mapping: &Mapping, origin: &str) -> Result<Vec<LookupFile>, Failure> {
    let known: Vec<_> = mapping.lookups().iter().map(|need| need.name.as_str()).collect();
    let mut files = Vec::new();
    for text in given {
        let Some((name, file)) = text.split_once('=') else {
            return Err(Failure::usage(
                format!("`--lookup {text}` is not NAME=FILE"),
                "such as --lookup users=users.jsonl",
            ));
        };
        if !known.contains(&name) {
            return Err(Failure::usage(
                format!("the mapping {} has no lookup `{name}`", called(origin)),
                format!("it has: {}", if known.is_empty() { "none".to_owned() } else { known.join(", ") }),
            ));
        }
        let path = PathBuf::from(file);
        if !path.is_file() {
            return Err(Failure::usage(
                format!("there is no file {file}, which --lookup names for `{name}`"),
                "check the name, and the folder that you are in",
            ));
        }
        files.push(LookupFile::new(name, path));
    }
    Ok(files)
}

/// What to write: for a real account the operator must say so.
fn writes(args: &ExportArgs, destination: Option<&Destination>) -> Result<Writes, Failure> {
    let write = match &args.write {
        Some(word) => Write::from_word(word)
            .ok_or_else(|| Failure::usage(format!("`--write {word}` is not known"), "it is ids, missing or all"))?,
        None if destination.is_some_and(|destination| !destination.is_loopback()) => {
            return Err(Failure::usage(
                "what to write is not said: an update replaces what the account holds",
                "--write ids (external_id and message_id), --write missing (those, and what the account lacks) or --write all",
            ));
        }
        None => Write::All,
    };
    let also = args.also.iter().map(|word| {
        Also::from_word(word).ok_or_else(|| {
            let known: Vec<_> = Also::ALL.iter().map(|also| also.word()).collect();
            Failure::usage(format!("`--also {word}` is not known"), format!("it is one of {}", known.join(", ")))
        })
    });
    let mut also = also.collect::<Result<Vec<_>, _>>()?;
    also.sort_unstable();
    also.dedup();
    Ok(Writes { write, also, replace_external_id: args.replace_external_id })
}
