//! The checkpoint fails under a run: one sentence says what happened and what to do, nothing is sent that could not be
//! recorded, and once the cause is gone a resume loses nothing. At most what was on the wire is in doubt.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

#[path = "support/live.rs"]
mod live;
#[path = "support/night.rs"]
mod night;
#[path = "support/screen.rs"]
mod screen;
mod support;

use std::fs;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use deskferry::record::State;
use insta::{allow_duplicates, assert_snapshot};
use live::{Live, in_state, rows};
use night::{SENT, Story};
use screen::{assert_one_clear_sentence, settled};
use support::{Ran, totals};

/// Requests that may be out at once.
const SLOTS: u64 = 4;

impl Story {
    /// The checkpoint is in a folder of its own.
    fn apart() -> Self {
        let story = Self::slow();
        fs::create_dir(story.folder.file("work")).expect("a folder");
        Self { at: "work/night.deskferry", ..story }
    }

    fn resume(&self) -> String {
        format!("resume --quiet --checkpoint {} --concurrency {SLOTS} --rate none", self.at)
    }

    /// The plan is made, and twenty messages are sent.
    fn planned(self) -> Self {
        self.folder.run(&self.command("--quiet --rate none --limit 20")).expect(0);
        self
    }

    /// A resume that is sending.
    fn sending(&self) -> Live {
        let updates = self.account.counters().updates;
        let command = format!("resume --quiet --checkpoint {} --concurrency {SLOTS} --rate 20/1s", self.at);
        let mut run = Live::start(self.folder.command(&command));
        assert!(run.reaches(|| self.account.counters().updates > updates + 20), "it ended before");
        run
    }

    /// Resumes; by then every message has arrived, and no more were sent twice than were on the wire when it failed.
    #[track_caller]
    fn goes_on(&self) {
        let before = rows(&self.checkpoint());
        let sending = in_state(&before, State::Sending).len() as u64;
        assert!(sending <= SLOTS, "{sending} were on the wire");
        let updated = in_state(&before, State::Updated).len() as u64;
        let written = self.account.updated().len() as u64;
        assert!(
            updated <= written && written <= updated + sending,
            "{updated}, {sending} on the wire, {written} there"
        );
        self.resumes();
        assert!(self.account.counters().repeated <= sending, "{} sent twice", self.account.counters().repeated);
    }

    /// The same, where the checkpoint knows less than the account: what has arrived is found there.
    fn resumes_from_an_older_copy(&self) {
        self.folder.run(&self.resume()).expect(0);
        let outcomes = self.outcomes();
        assert_eq!(outcomes["updated"] + outcomes["unchanged"], SENT, "{outcomes:?}");
        assert_eq!(self.account.updated().len() as u64, SENT);
        assert_eq!(self.account.counters().repeated, 0);
    }
}

/// Checks that it ended with exit code 1 and one sentence, which it gives back.
#[track_caller]
fn failed(ran: &Ran) -> String {
    assert_eq!(ran.code, 1, "{}\n{}", ran.out, ran.err);
    assert_one_clear_sentence(ran);
    assert!(!ran.out.contains("Finished"), "{}", ran.out);
    ran.err.clone()
}

/// A file system of its own, where this user may mount one. It goes when it is dropped.
struct Mount(PathBuf);

impl Mount {
    fn at(path: &Path) -> Option<Self> {
        let mount = Self(path.to_owned());
        mount.run("mount", &["-t", "tmpfs", "-o", "size=16m", "none"]).then_some(mount)
    }

    fn remount(&self, how: &str) {
        assert!(self.run("mount", &["-o", &format!("remount,{how}")]), "remounted");
    }

    fn run(&self, command: &str, arguments: &[&str]) -> bool {
        Command::new(command).args(arguments).arg(&self.0).output().is_ok_and(|output| output.status.success())
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        self.run("umount", &["-l"]);
    }
}

#[test]
fn a_file_that_may_not_grow_ends_the_run() {
    let story = Story::slow().planned();
    let _screen = settled(&story.folder);
    let deskferry = story.folder.command(&story.resume());
    let mut limited = Command::new("bash");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\""]).current_dir(story.folder.path());
    limited.arg(deskferry.get_program()).args(deskferry.get_args());
    let ran = Ran::of(limited.output().expect("bash starts"));
    assert_snapshot!(failed(&ran), @"
    error: the checkpoint night.deskferry can't be written: the disk is full, fails, or lets no file grow so large (disk I/O error)

    hint: make room on that disk, or mend it; then the same command again, or `deskferry resume`: nothing is lost
    ");
    assert!(story.account.counters().updates < SENT, "it ended in the middle");
    story.goes_on();
}

#[test]
fn a_full_disk_ends_the_run() {
    let story = Story::apart();
    let Some(_mount) = Mount::at(&story.folder.file("work")) else { return };
    let story = story.planned();
    let _screen = settled(&story.folder);
    let run = story.sending();
    // As much as there is room for.
    let filler = fs::File::create(story.folder.file("work/filler")).expect("a file");
    let mut size = 0;
    while filler.write_all_at(&[1; 4096], size).is_ok() {
        size += 4096;
    }
    assert_snapshot!(failed(&run.end()), @"
    error: the checkpoint work/night.deskferry can't be written: the disk is full

    hint: make room on that disk, or mend it; then the same command again, or `deskferry resume`: nothing is lost
    ");
    drop(filler);
    fs::remove_file(story.folder.file("work/filler")).expect("room again");
    story.goes_on();
}

#[test]
fn a_full_disk_is_told_before_anything_is_sent() {
    let story = Story::apart();
    let Some(_mount) = Mount::at(&story.folder.file("work")) else { return };
    let _screen = settled(&story.folder);
    let filler = story.folder.file("work/filler");
    fs::write(&filler, vec![1; 16 * 1024 * 1024 - 32 * 1024]).expect("most of it");
    let ran = story.folder.run(&story.command("--quiet --rate none"));
    assert_snapshot!(failed(&ran), @"
    error: the checkpoint work/night.deskferry can't be written: the disk is full, fails, or lets no file grow so large (disk I/O error)

    hint: make room on that disk, or mend it; then the same command again, or `deskferry resume`: nothing is lost
    ");
    assert_eq!(story.account.counters().requests, 0);
    fs::remove_file(filler).expect("room again");
    story.folder.run(&story.command("--quiet --rate none")).expect(0);
    assert_eq!(story.outcomes(), totals([("updated", SENT), ("skipped", 7)]));
}

#[test]
fn a_disk_that_became_read_only_is_told_before_anything_is_sent() {
    let story = Story::apart();
    let Some(mount) = Mount::at(&story.folder.file("work")) else { return };
    let story = story.planned();
    let _screen = settled(&story.folder);
    let requests = story.account.counters().requests;
    mount.remount("ro");
    assert_snapshot!(failed(&story.folder.run(&story.resume())), @"
    error: the checkpoint work/night.deskferry.lock can't be opened: Read-only file system (os error [N])

    hint: is the folder there, and may you write in it? `--checkpoint FILE` names another
    ");
    assert_eq!(story.account.counters().requests, requests, "nothing was sent");
    mount.remount("rw");
    story.goes_on();
}

#[test]
fn a_file_that_the_user_may_only_read_is_told_before_anything_is_sent() {
    let story = Story::apart().planned();
    let _screen = settled(&story.folder);
    let requests = story.account.counters().requests;
    let mode = |mode| fs::set_permissions(story.checkpoint(), fs::Permissions::from_mode(mode)).expect("its mode");
    mode(0o444);
    let mut resume = story.folder.command(&story.resume());
    let is_root = fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0);
    if is_root {
        // Root may write everywhere; somebody else may not, if they may start the tool at all.
        const NOBODY: u32 = 65534;
        for path in ["", "work", "work/night.deskferry.lock", "work/night.deskferry"] {
            std::os::unix::fs::chown(story.folder.file(path), Some(NOBODY), None).expect("another owner");
        }
        resume.uid(NOBODY);
    }
    let Ok(output) = resume.output() else { return };
    assert_snapshot!(failed(&Ran::of(output)), @"
    error: the checkpoint work/night.deskferry can't be written: it is read-only

    hint: may you write to the file, and in its folder? Then the same command again
    ");
    assert_eq!(story.account.counters().requests, requests, "nothing was sent");
    mode(0o600);
    story.goes_on();
}

#[test]
fn a_checkpoint_removed_under_a_run_ends_it_and_its_outcomes_are_saved() {
    let story = Story::apart().planned();
    let _screen = settled(&story.folder);
    let run = story.sending();
    fs::remove_file(story.checkpoint()).expect("removed");
    assert_snapshot!(failed(&run.end()), @"
    error: the checkpoint's file work/night.deskferry was removed, moved or replaced while it was in use

    hint: nothing is lost: rename work/night.deskferry.rescued to the checkpoint's name, then resume
    ");
    let rescued = story.folder.file("work/night.deskferry.rescued");
    assert_eq!(fs::metadata(&rescued).expect("the copy").permissions().mode() & 0o777, 0o600, "its owner's alone");
    fs::rename(rescued, story.checkpoint()).expect("put back");
    story.goes_on();
}

#[test]
fn a_checkpoint_moved_under_a_run_is_whole_where_it_is_now() {
    let story = Story::apart().planned();
    let run = story.sending();
    let elsewhere = story.folder.file("elsewhere.deskferry");
    fs::rename(story.checkpoint(), &elsewhere).expect("moved");
    failed(&run.end());
    fs::rename(elsewhere, story.checkpoint()).expect("moved back");
    story.goes_on();
}

#[test]
fn a_checkpoint_replaced_under_a_run_ends_it_and_neither_is_lost() {
    let story = Story::apart().planned();
    let _screen = settled(&story.folder);
    let copy = story.folder.file("copy");
    fs::copy(story.checkpoint(), &copy).expect("a copy");
    let run = story.sending();
    fs::rename(&copy, story.checkpoint()).expect("replaced");
    assert_snapshot!(failed(&run.end()), @"
    error: the checkpoint's file work/night.deskferry was removed, moved or replaced while it was in use

    hint: nothing is lost: rename work/night.deskferry.rescued to the checkpoint's name, then resume
    ");
    let outcomes = story.outcomes();
    assert_eq!(outcomes, totals([("updated", 20), ("pending", SENT - 20), ("skipped", 7)]), "nothing got into it");
    fs::rename(story.folder.file("work/night.deskferry.rescued"), story.checkpoint()).expect("put back");
    story.goes_on();
}

#[test]
fn a_log_removed_under_a_run_ends_it_and_nothing_is_lost() {
    let story = Story::apart().planned();
    let _screen = settled(&story.folder);
    let run = story.sending();
    fs::remove_file(story.folder.file("work/night.deskferry-wal")).expect("removed");
    assert_snapshot!(failed(&run.end()), @"
    error: the checkpoint's file work/night.deskferry-wal was removed, moved or replaced while it was in use

    hint: `deskferry resume` goes on, and nothing is lost; leave the files beside it where they are
    ");
    story.goes_on();
}

#[test]
fn a_folder_removed_under_a_run_ends_it() {
    let story = Story::apart().planned();
    let _screen = settled(&story.folder);
    let copy = story.folder.file("copy");
    let run = story.sending();
    fs::copy(story.checkpoint(), &copy).expect("a copy");
    fs::remove_dir_all(story.folder.file("work")).expect("removed");
    let updates = story.account.counters().updates;
    assert_snapshot!(failed(&run.end()), @"
    error: the checkpoint's file work/night.deskferry was removed, moved or replaced while it was in use

    hint: put it back, or a copy of it, then resume; without one, `deskferry run EXPORT --checkpoint NEW` plans anew and sends every message again, with the same effect
    ");
    assert!(story.account.counters().updates <= updates + 2 * SLOTS, "it ended at once");
    fs::create_dir(story.folder.file("work")).expect("a folder");
    fs::rename(copy, story.checkpoint()).expect("an older copy");
    story.resumes_from_an_older_copy();
}

/// Overwrites all of the checkpoint but its head.
fn scribble(path: &Path) {
    let file = fs::OpenOptions::new().write(true).open(path).expect("the checkpoint");
    let length = usize::try_from(file.metadata().expect("its length").len()).expect("a small file");
    file.write_all_at(&vec![0x55; length - 8192], 8192).expect("overwritten");
}

#[test]
fn a_checkpoint_overwritten_under_a_run_ends_it_and_a_copy_goes_on() {
    let story = Story::apart().planned();
    let _screen = settled(&story.folder);
    let copy = story.folder.file("copy");
    fs::copy(story.checkpoint(), &copy).expect("a copy");
    let run = story.sending();
    scribble(&story.checkpoint());
    assert_snapshot!(failed(&run.end()), @"
    error: the checkpoint work/night.deskferry is damaged: database disk image is malformed

    hint: restore it from a copy, and delete the -wal and -shm beside it; without one, `deskferry run EXPORT --checkpoint NEW` plans anew and sends every message again, with the same effect
    ");
    assert!(story.account.counters().updates < SENT, "it ended in the middle");
    for command in ["status", "resume"] {
        let ran = story.folder.run(&format!("{command} --checkpoint {}", story.at));
        allow_duplicates! { assert_snapshot!(failed(&ran), @"
        error: the checkpoint work/night.deskferry is damaged: database disk image is malformed

        hint: restore it from a copy, and delete the -wal and -shm beside it; without one, `deskferry run EXPORT --checkpoint NEW` plans anew and sends every message again, with the same effect
        ") };
    }
    // As the hint says.
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(story.folder.file(&format!("{}{suffix}", story.at)));
    }
    fs::rename(copy, story.checkpoint()).expect("the copy");
    story.resumes_from_an_older_copy();
}
