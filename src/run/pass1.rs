//! Pass 1: read and map the whole export on all cores, and settle the plan. It sends nothing.
//!
//! One thread reads chunks, the others map them, and the calling one takes their rows in the order of the export into
//! the staging table. The channels are bounded, so memory does not grow with the export.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use jiff::Timestamp;

use super::job::{CHUNK, Stamp, VERSION, digest, pin};
use super::reading::{excluded, stage, stage_broken, stage_excluded};
use super::{Job, Progress, RunError};
use crate::checkpoint::{Checkpoint, PinnedFile, PinnedScan, Pins, Role};
use crate::export::{Chunk, Format, Header, IdsFile, Reader};
use crate::mapping::{self, Surprises};
use crate::plan::{Delta, ScanAtHand, Staged, Staging, settle};
use crate::record::{InputId, Place};

/// What pass 1 hands on.
#[derive(Debug)]
pub struct Planning {
    /// The checkpoint, with the plan in it.
    pub checkpoint: Checkpoint,
    /// How the plan differs from the one before, if there was one.
    pub delta: Option<Delta>,
}

/// Makes the plan of `job` in `checkpoint`; fills in the headers of the job's files.
///
/// # Errors
/// When a file can't be read at all, the mapping does not fit it, or the checkpoint can't be written. The checkpoint
/// then holds what it held before.
pub fn make_plan(
    job: &mut Job,
    checkpoint: Checkpoint,
    now: Timestamp,
    progress: &Progress,
) -> Result<Planning, RunError> {
    job.exclusions.check(&job.mapping)?;
    let scan = job.scan.as_ref().map(|scan| (scan.path.as_path(), ScanAtHand { mode: scan.mode, began: scan.began }));
    let mut staging = Staging::start(checkpoint, scan)?;
    let read = read_all(job, &mut staging, progress)?;
    staging.note_surprises(&read.surprises)?;
    staging.leave_out(&job.exclusions.left_out(), &excluded())?;
    let mut files = Vec::new();
    for (input, read) in job.inputs.iter_mut().zip(read.files) {
        input.header.clone_from(&read.header);
        files.push(pin(Role::Export, &input.path, input.format, read.header, read.stamp, read.digest)?);
    }
    files.extend(pin_lookups(job)?);
    for path in job.exclusions.files() {
        let stamp = Stamp::of(path)?;
        files.push(pin(Role::Exclusions, path, Format::Csv, None, stamp, digest(path)?)?);
    }
    if let Some(path) = &job.ids {
        files.push(read_ids(path, &mut staging)?);
    }
    let pins = Pins {
        account: job.account.clone(),
        origin: job.origin.clone(),
        mapping_origin: job.mapping_origin.clone(),
        mapping_text: job.mapping.text().to_owned(),
        scan: job.scan.as_ref().map(|scan| PinnedScan {
            path: scan.path.clone(),
            id: scan.id.clone(),
            mode: scan.mode,
            began: scan.began,
        }),
        writes: job.writes.clone(),
        batch_size: job.batch_size,
        sequence: job.sequence,
        planned_at: now,
        version: VERSION.to_owned(),
        messages: read.messages,
        records: read.records,
        files,
    };
    let (checkpoint, delta) = settle(staging, &pins, job.mapping.matching(), job.mapping.doubles())?;
    Ok(Planning { checkpoint, delta })
}

fn pin_lookups(job: &Job) -> Result<Vec<PinnedFile>, RunError> {
    let pinned = job.lookup_files.iter().map(|file| {
        let stamp = file.stamp.map_or_else(|| Stamp::of(&file.path), Ok)?;
        let role = Role::Lookup(file.name.clone());
        pin(role, &file.path, Format::of_file(&file.path)?, None, stamp, digest(&file.path)?)
    });
    pinned.collect()
}

/// Takes the ids into the staging table, and pins their file.
fn read_ids(path: &Path, staging: &mut Staging) -> Result<PinnedFile, RunError> {
    let stamp = Stamp::of(path)?;
    let mut ids = IdsFile::open(path)?;
    for row in ids.by_ref() {
        let row = row?;
        staging.add_id(&row.external_id, row.target)?;
    }
    let digest = ids.digest().map_or([0; 32], Into::into);
    pin(Role::Ids, path, Format::of_file(path)?, None, stamp, digest)
}

/// What is known of the whole export once it has been read.
#[derive(Debug, Default)]
struct Read {
    files: Vec<ReadFile>,
    messages: u64,
    records: u64,
    surprises: Surprises,
}

#[derive(Debug)]
struct ReadFile {
    header: Option<Header>,
    // Taken before the first byte was read.
    stamp: Stamp,
    digest: [u8; 32],
}

/// A chunk on its way to be mapped, with its number in the order of the export.
struct Work<'a> {
    number: u64,
    input: InputId,
    reader: Arc<mapping::Reader<'a>>,
    chunk: Chunk,
}

/// What became of one chunk.
struct Done {
    number: u64,
    rows: Result<(Vec<Staged>, Surprises), RunError>,
    records: u64,
}

fn read_all(job: &Job, staging: &mut Staging, progress: &Progress) -> Result<Read, RunError> {
    let workers = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let (work, to_do) = sync_channel::<Work<'_>>(workers);
    let (done, finished) = sync_channel::<Done>(workers);
    // One for each chunk between the reader and the collector: a slow chunk holds up the reader, not the memory.
    let (ahead, behind) = sync_channel::<()>(workers * 4);
    let to_do = Mutex::new(Some(to_do));
    thread::scope(|scope| {
        let reading = scope.spawn(move || read_files(job, &work, &ahead, progress));
        let to_do = &to_do;
        for _ in 0..workers {
            let done = done.clone();
            scope.spawn(move || map_chunks(job, to_do, &done));
        }
        drop(done);
        let mut read = Read::default();
        let collected = collect(staging, &finished, &behind, &mut read, progress);
        // Whoever still wants to hand something in must not wait for ever.
        drop((finished, behind));
        read.files = reading.join().map_err(|_| RunError::Task("the reader panicked".into()))??;
        collected.map(|()| read)
    })
}

/// Reads every file, chunk by chunk; stops early where nobody takes the chunks any more.
fn read_files<'a>(
    job: &'a Job,
    work: &SyncSender<Work<'a>>,
    ahead: &SyncSender<()>,
    progress: &Progress,
) -> Result<Vec<ReadFile>, RunError> {
    let mut files = Vec::with_capacity(job.inputs.len());
    let mut number = 0;
    for (input, file) in (0..).map(InputId).zip(&job.inputs) {
        let stamp = Stamp::of(&file.path)?;
        let mut reader = Reader::open(&file.path, file.format, job.mapping.records())?;
        let mapping = Arc::new(job.mapping.reader(reader.header(), &file.path)?);
        let before = progress.bytes_read.load(Ordering::Relaxed);
        while let Some(chunk) = reader.next_chunk(CHUNK)? {
            progress.bytes_read.store(before + reader.bytes_read(), Ordering::Relaxed);
            let next = Work { number, input, reader: Arc::clone(&mapping), chunk };
            if ahead.send(()).is_err() || work.send(next).is_err() {
                return Ok(files);
            }
            number += 1;
        }
        let digest = reader.digest().map_or([0; 32], Into::into);
        let stamp = Stamp { size: reader.bytes_read(), ..stamp };
        files.push(ReadFile { header: reader.header().cloned(), stamp, digest });
    }
    Ok(files)
}

fn map_chunks(job: &Job, to_do: &Mutex<Option<Receiver<Work<'_>>>>, done: &SyncSender<Done>) {
    loop {
        let next = to_do.lock().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|work| work.recv().ok());
        let Some(work) = next else { return };
        let (number, records) = (work.number, work.chunk.records.len() as u64);
        // A bug in the mapping must end the run with a sentence, and not leave the collector waiting for this chunk.
        let rows = catch_unwind(AssertUnwindSafe(|| map_chunk(job, &work)));
        let rows = rows.map_err(|_| RunError::Task(format!("the mapping panicked in chunk {number}")));
        if done.send(Done { number, rows, records }).is_err() {
            to_do.lock().unwrap_or_else(PoisonError::into_inner).take();
            return;
        }
    }
}

fn map_chunk(job: &Job, work: &Work<'_>) -> (Vec<Staged>, Surprises) {
    let mut surprises = Surprises::default();
    let mut rows = Vec::with_capacity(work.chunk.records.len());
    for record in &work.chunk.records {
        // The ordinal is known once all rows before it are: `collect` fills it in.
        let place = Place {
            input: work.input,
            ordinal: 0,
            line: record.line,
            offset: record.offset,
            length: record.length,
            block: 0,
            item: 0,
        };
        match work.chunk.content(record) {
            Ok(content) => {
                work.reader.map_noticing(content, &job.lookups, &mut |mapped, noticed| {
                    let place = Place { block: mapped.block, item: mapped.item, ..place };
                    if job.exclusions.leave_out(&mapped) {
                        rows.push(stage_excluded(place));
                        return;
                    }
                    for surprise in noticed {
                        surprises.add(surprise, 1);
                    }
                    rows.push(stage(mapped, place, &job.writes, job.scan.is_some()));
                });
            }
            Err(cause) => rows.push(stage_broken(cause.clone(), place)),
        }
    }
    (rows, surprises)
}

/// Takes the chunks in the order of the export and counts their messages, file by file.
fn collect(
    staging: &mut Staging,
    finished: &Receiver<Done>,
    behind: &Receiver<()>,
    read: &mut Read,
    progress: &Progress,
) -> Result<(), RunError> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    let mut ordinal = (InputId(0), 0);
    for done in finished {
        early.insert(done.number, done);
        while let Some(done) = early.remove(&next) {
            next += 1;
            // The reader may go on by one chunk; it has put one in for each that it read.
            let _ = behind.recv();
            let (rows, surprises) = done.rows?;
            read.surprises.merge(surprises);
            read.records += done.records;
            read.messages += rows.len() as u64;
            progress.mapped.fetch_add(rows.len() as u64, Ordering::Relaxed);
            for mut row in rows {
                if row.place.input != ordinal.0 {
                    ordinal = (row.place.input, 0);
                }
                ordinal.1 += 1;
                row.place.ordinal = ordinal.1;
                staging.add(&row)?;
            }
        }
    }
    Ok(())
}
