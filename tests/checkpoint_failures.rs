//! The checkpoint fails under a run: one sentence says what happened and what to do, nothing is sent that could not be
//! recorded, and once the cause is gone a resume loses nothing. At most what was on the wire is in doubt.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

#[path = "support/live.rs"]
mod live;
#[path = "support/screen.rs"]
mod screen;
mod support;

use std::fs;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use deskferry::record::State;
use deskferry::simulator::Settings;
use insta::{allow_duplicates, assert_snapshot};
use live::{Live, agree, in_state, rows};
use screen::{assert_one_clear_sentence, settled};
use support::{Account, Folder, Ran, totals};

/// Messages of the sample that are sent.
const SENT: u64 = 263;
/// Requests that may be out at once.
const SLOTS: u64 = 4;

/// A run of the sample whose checkpoint is at `at` in the operator's folder.
struct Story {
    folder: Folder,
    account: Account,
    at: &'static str,
}

impl Story {
    fn new(at: &'static str) -> Self {
        let folder = Folder::with_sample("zendesk");
        fs::create_dir(folder.file("work")).expect("a folder");
        let settings = Settings { latency: Duration::from_millis(20), ..Settings::default() };
        let account = Account::start(settings, &folder.file("export/ids.csv"));
        Self { folder, account, at }
    }

    fn checkpoint(&self) -> PathBuf {
        self.folder.file(self.at)
    }

    fn command(&self, options: &str) -> String {
        let to = self.account.flag();
        format!("run export --mapping zendesk --quiet --checkpoint {} --concurrency {SLOTS} {to} {options}", self.at)
    }

    fn resume(&self) -> String {
        format!("resume --quiet --checkpoint {} --concurrency {SLOTS} --rate none", self.at)
    }

    /// The plan is made, and twenty messages are sent.
    fn planned(self) -> Self {
        self.folder.run(&self.command("--rate none --limit 20")).expect(0);
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

    /// Checks that the run ended with one sentence, which it gives back, and that it sent nothing more than what was on
    /// the wire.
    #[track_caller]
    fn failed(&self, ran: &Ran) -> String {
        assert_eq!(ran.code, 1, "{}\n{}", ran.out, ran.err);
        assert_one_clear_sentence(ran);
        assert!(!ran.out.contains("Finished"), "{}", ran.out);
        ran.err.clone()
    }

    /// Resumes; by then every message has arrived, and no more were sent twice than were on the wire when it failed.
    #[track_caller]
    fn resumes(&self) {
        let before = rows(&self.checkpoint());
        let sending = in_state(&before, State::Sending).len() as u64;
        assert!(sending <= SLOTS, "{sending} were on the wire");
        let updated = in_state(&before, State::Updated).len() as u64;
        let written = self.account.updated().len() as u64;
        assert!(updated <= written && written <= updated + sending, "{updated}, {sending} on the wire, {written} there");
        self.folder.run(&self.resume()).expect(0);
        assert_eq!(self.folder.outcomes(self.at), totals([("updated", SENT), ("skipped", 7)]));
        agree(&self.checkpoint(), &self.account);
        assert_eq!(self.account.updated().len() as u64, SENT);
        assert!(self.account.counters().repeated <= sending, "{} sent twice", self.account.counters().repeated);
    }
}

/// A file system of its own, where this user may mount one. It goes when it is dropped.
struct Mount(PathBuf);

impl Mount {
    fn at(path: &Path) -> Option<Self> {
        let mount = Self(path.to_owned());
        mount.run("mount", &["-t", "tmpfs", "-o", "size=2m", "none"]).then_some(mount)
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
    let story = Story::new("night.deskferry").planned();
    let _screen = settled(&story.folder);
    let deskferry = story.folder.command(&story.resume());
    let mut limited = Command::new("bash");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\""]).current_dir(story.folder.path());
    limited.arg(deskferry.get_program()).args(deskferry.get_args());
    let ran = Ran::of(limited.output().expect("bash starts"));
    assert_snapshot!(story.failed(&ran), @"");
    assert!(story.account.counters().updates < SENT, "it ended in the middle");
    story.resumes();
}

#[test]
fn a_full_disk_ends_the_run() {
    let story = Story::new("work/night.deskferry");
    let Some(_mount) = Mount::at(&story.folder.file("work")) else { return };
    let story = story.planned();
    let _screen = settled(&story.folder);
    let run = story.sending();
    // As much as there is room for.
    let filler = fs::File::create(story.folder.file("work/filler")).expect("a file");
    let mut size = 0;
    while filler.write_all_at(&[1; 512], size).is_ok() {
        size += 512;
    }
    assert_snapshot!(story.failed(&run.end()), @"");
    fs::remove_file(story.folder.file("work/filler")).expect("room again");
    story.resumes();
}

#[test]
fn a_full_disk_is_told_before_anything_is_sent() {
    let story = Story::new("work/night.deskferry");
    let Some(_mount) = Mount::at(&story.folder.file("work")) else { return };
    let _screen = settled(&story.folder);
    let filler = story.folder.file("work/filler");
    fs::write(&filler, vec![1; 2 * 1024 * 1024 - 32 * 1024]).expect("most of it");
    let ran = story.folder.run(&story.command("--rate none"));
    assert_snapshot!(story.failed(&ran), @"");
    assert_eq!(story.account.counters().requests, 0);
    fs::remove_file(filler).expect("room again");
    story.folder.run(&story.command("--rate none")).expect(0);
    assert_eq!(story.folder.outcomes(story.at), totals([("updated", SENT), ("skipped", 7)]));
}

#[test]
fn a_disk_that_became_read_only_is_told_before_anything_is_sent() {
    let story = Story::new("work/night.deskferry");
    let Some(mount) = Mount::at(&story.folder.file("work")) else { return };
    let story = story.planned();
    let _screen = settled(&story.folder);
    let requests = story.account.counters().requests;
    mount.remount("ro");
    assert_snapshot!(story.failed(&story.folder.run(&story.resume())), @"");
    assert_eq!(story.account.counters().requests, requests, "nothing was sent");
    mount.remount("rw");
    story.resumes();
}

#[test]
fn a_file_that_the_user_may_only_read_is_told_before_anything_is_sent() {
    let story = Story::new("work/night.deskferry").planned();
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
    assert_snapshot!(story.failed(&Ran::of(output)), @"");
    assert_eq!(story.account.counters().requests, requests, "nothing was sent");
    mode(0o600);
    story.resumes();
}

#[test]
fn a_checkpoint_removed_under_a_run_ends_it_and_its_outcomes_are_saved() {
    let story = Story::new("work/night.deskferry").planned();
    let _screen = settled(&story.folder);
    let run = story.sending();
    fs::remove_file(story.checkpoint()).expect("removed");
    assert_snapshot!(story.failed(&run.end()), @"");
    let rescued = story.folder.file("work/night.deskferry.rescued");
    assert_eq!(fs::metadata(&rescued).expect("the copy").permissions().mode() & 0o777, 0o600, "its owner's alone");
    fs::rename(rescued, story.checkpoint()).expect("put back");
    story.resumes();
}

#[test]
fn a_checkpoint_moved_under_a_run_is_whole_where_it_is_now() {
    let story = Story::new("work/night.deskferry").planned();
    let run = story.sending();
    let elsewhere = story.folder.file("elsewhere.deskferry");
    fs::rename(story.checkpoint(), &elsewhere).expect("moved");
    story.failed(&run.end());
    fs::rename(elsewhere, story.checkpoint()).expect("moved back");
    story.resumes();
}

#[test]
fn a_checkpoint_replaced_under_a_run_ends_it_and_neither_is_lost() {
    let story = Story::new("work/night.deskferry").planned();
    let _screen = settled(&story.folder);
    let copy = story.folder.file("copy");
    fs::copy(story.checkpoint(), &copy).expect("a copy");
    let run = story.sending();
    fs::rename(&copy, story.checkpoint()).expect("replaced");
    assert_snapshot!(story.failed(&run.end()), @"");
    let outcomes = story.folder.outcomes(story.at);
    assert_eq!(outcomes, totals([("updated", 20), ("pending", SENT - 20), ("skipped", 7)]), "nothing got into it");
    fs::rename(story.folder.file("work/night.deskferry.rescued"), story.checkpoint()).expect("put back");
    story.resumes();
}

#[test]
fn a_log_removed_under_a_run_ends_it_and_nothing_is_lost() {
    let story = Story::new("work/night.deskferry").planned();
    let _screen = settled(&story.folder);
    let run = story.sending();
    fs::remove_file(story.folder.file("work/night.deskferry-wal")).expect("removed");
    assert_snapshot!(story.failed(&run.end()), @"");
    story.resumes();
}

#[test]
fn a_folder_removed_under_a_run_ends_it() {
    let story = Story::new("work/night.deskferry").planned();
    let _screen = settled(&story.folder);
    let copy = story.folder.file("copy");
    let run = story.sending();
    fs::copy(story.checkpoint(), &copy).expect("a copy");
    fs::remove_dir_all(story.folder.file("work")).expect("removed");
    let updates = story.account.counters().updates;
    assert_snapshot!(story.failed(&run.end()), @"");
    assert!(story.account.counters().updates <= updates + 2 * SLOTS, "it ended at once");
    fs::create_dir(story.folder.file("work")).expect("a folder");
    fs::rename(copy, story.checkpoint()).expect("an older copy");
    // What the copy does not know is sent again, with the same effect.
    story.folder.run(&story.resume()).expect(0);
    agree(&story.checkpoint(), &story.account);
    assert_eq!(story.account.updated().len() as u64, SENT);
}

/// Overwrites all of the checkpoint but its head.
fn scribble(path: &Path) {
    let file = fs::OpenOptions::new().write(true).open(path).expect("the checkpoint");
    let length = usize::try_from(file.metadata().expect("its length").len()).expect("a small file");
    file.write_all_at(&vec![0x55; length - 8192], 8192).expect("overwritten");
}

#[test]
fn a_checkpoint_overwritten_under_a_run_ends_it_and_a_copy_goes_on() {
    let story = Story::new("work/night.deskferry").planned();
    let _screen = settled(&story.folder);
    let copy = story.folder.file("copy");
    fs::copy(story.checkpoint(), &copy).expect("a copy");
    let run = story.sending();
    scribble(&story.checkpoint());
    assert_snapshot!(story.failed(&run.end()), @"");
    assert!(story.account.counters().updates < SENT, "it ended in the middle");
    for command in ["status", "resume", "stop"] {
        let ran = story.folder.run(&format!("{command} --checkpoint {}", story.at));
        if command != "stop" {
            allow_duplicates! { assert_snapshot!(story.failed(&ran), @"") };
        }
    }
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(story.folder.file(&format!("{}{suffix}", story.at)));
    }
    fs::rename(copy, story.checkpoint()).expect("the copy");
    story.folder.run(&story.resume()).expect(0);
    agree(&story.checkpoint(), &story.account);
    assert_eq!(story.account.updated().len() as u64, SENT);
}
