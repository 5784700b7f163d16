//! A run that is stopped: by a signal, by a limit, or because another one is at work. It always says how to go on, and
//! nothing is lost.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

#[path = "support/live.rs"]
mod live;
#[path = "support/night.rs"]
mod night;
mod support;

use std::fs;
use std::time::{Duration, Instant};

use deskferry::record::State;
use deskferry::simulator::{Fault, Faults, Moment, Settings, Strike};
use live::{agree, in_state, rows};
use night::{SENT, Story};
use support::{Folder, Ran, totals};

impl Story {
    /// An account in which one fault strikes one update.
    fn with_fault(update: u64, strike: Strike, retry_after: Duration) -> Self {
        let faults = Faults::script(vec![(Moment::Update(update), strike)]);
        Self::new(Settings { faults, retry_after, ..Settings::default() })
    }
}

/// Checks that it was interrupted and says what is left and how to go on.
#[track_caller]
fn says_how_to_resume(ran: Ran) -> Ran {
    let ran = ran.expect(130);
    assert!(ran.out.contains("wait to be sent. Nothing is lost."), "{}", ran.out);
    assert!(ran.out.contains("adds up"), "{}", ran.out);
    assert!(ran.out.contains("next      deskferry resume"), "{}", ran.out);
    ran
}

fn a_signal_drains(signal: &str) {
    let story = Story::slow();
    // At this rate the whole run would take 6 seconds: it can't be over before the signal comes.
    let mut run = story.start("--rate 40/1s");
    story.waits_for(&mut run, 20);
    run.signal(signal);
    let ran = says_how_to_resume(run.end());
    assert!(ran.err.contains("Stopping: waiting for what is on the wire."), "{}", ran.err);
    story.is_drained();
    story.resumes();
    assert_eq!(story.account.counters().repeated, 0, "nothing was sent twice");
}

#[test]
fn ctrl_c_waits_for_what_is_on_the_wire_and_says_how_to_resume() {
    a_signal_drains("INT");
}

#[test]
fn sigterm_does_the_same() {
    a_signal_drains("TERM");
}

#[test]
fn ctrl_c_twice_stops_at_once_and_the_resume_settles_what_was_on_the_wire() {
    let (on_the_wire, repeated) = ctrl_c_twice("--undo off");
    assert!((1..=on_the_wire).contains(&repeated), "{repeated} repeated");
    let (_, repeated) = ctrl_c_twice("--undo on");
    assert_eq!(repeated, 0, "what was on the wire was read, and found to have arrived");
}

/// How many were on the wire, and how many of them were sent again.
fn ctrl_c_twice(options: &str) -> (u64, u64) {
    // An answer that never comes would be waited for a minute.
    let story = Story::with_fault(100, Strike::applied(Fault::Hang), Duration::ZERO);
    let began = Instant::now();
    let mut run = story.start(&format!("--rate none {options}"));
    story.waits_for(&mut run, 100);
    run.signal("INT");
    run.says("Stopping: waiting for what is on the wire. Ctrl-C again stops at once; nothing is lost.");
    run.signal("INT");
    let ran = says_how_to_resume(run.end());
    assert!(ran.err.contains("Stopping now; what is on the wire is settled by the next run."), "{}", ran.err);
    assert!(began.elapsed() < Duration::from_secs(50), "nobody waited for the time-out");
    let on_the_wire = in_state(&rows(&story.checkpoint()), State::Sending).len() as u64;
    assert!((1..=16).contains(&on_the_wire), "{on_the_wire} on the wire");
    agree(&story.checkpoint(), &story.account);
    story.resumes();
    (on_the_wire, story.account.counters().repeated)
}

#[test]
fn ctrl_c_does_not_wait_for_a_pause_that_the_account_asked_for() {
    let story = Story::with_fault(30, Strike::unapplied(Fault::Throttled), Duration::from_secs(50));
    let began = Instant::now();
    let mut run = story.start("--rate none");
    assert!(run.reaches(|| story.account.counters().throttled_by_fault == 1));
    run.signal("INT");
    says_how_to_resume(run.end());
    assert!(began.elapsed() < Duration::from_secs(40), "the pause was not waited for");
    assert_eq!(in_state(&rows(&story.checkpoint()), State::Sending), [0; 0], "nothing was on the wire");
    assert_eq!(story.outcomes().get("unconfirmed"), None, "a 429 says that nothing was written");
    story.resumes();
    assert_eq!(story.account.counters().repeated, 0);
}

#[test]
fn a_run_on_a_checkpoint_in_use_is_refused_with_who_holds_it() {
    let story = Story::with_fault(1, Strike::unapplied(Fault::Hang), Duration::ZERO);
    let mut live = story.start("--rate none --concurrency 1");
    assert!(live.reaches(|| story.account.counters().update_requests == 1));
    let requests = story.account.counters().requests;
    for command in ["resume", "retry", &story.command("")] {
        let refused = story.folder.run(command).expect(1);
        let holder = format!("(process {}) since ", live.id());
        let sentences: Vec<_> = refused.err.lines().filter(|line| line.starts_with("error: ")).collect();
        assert_eq!(sentences.len(), 1, "{command}: one sentence\n{}", refused.err);
        assert!(sentences[0].starts_with("error: the checkpoint night.deskferry is in use: held by "), "{sentences:?}");
        assert!(sentences[0].contains(&holder), "{sentences:?}");
        assert!(refused.err.contains("hint: wait for that run, or stop it"), "{}", refused.err);
        assert_eq!(refused.out, "", "{command}");
    }
    assert_eq!(story.account.counters().requests, requests, "nothing was sent");
    let status = story.folder.run("status").expect(0);
    assert!(status.out.contains("a run is sending"), "whoever asks is told\n{}", status.out);
    live.kill();
    let status = story.folder.run("status").expect(0);
    assert!(status.out.contains("no run is sending"), "a killed run holds nothing\n{}", status.out);
    story.resumes();
}

#[test]
fn a_limit_sends_so_many_and_leaves_the_rest_for_the_resume() {
    let story = Story::new(Settings::default());
    let ran = story.folder.run(&story.command("--rate none --limit 20")).expect(0);
    assert!(ran.out.contains("Stopped at the limit; 243 messages wait to be sent."), "{}", ran.out);
    assert!(ran.out.contains("next      deskferry resume"), "{}", ran.out);
    assert_eq!(story.outcomes(), totals([("updated", 20), ("pending", 243), ("skipped", 7)]));
    assert_eq!(story.account.counters().update_requests, 20);
    story.folder.run("resume --rate none --limit 20").expect(0);
    assert_eq!(story.outcomes(), totals([("updated", 40), ("pending", 223), ("skipped", 7)]));
    story.resumes();
    assert_eq!(story.account.counters().update_requests, SENT, "each was sent once");
}

#[test]
fn a_checkpoint_copied_with_its_export_to_another_folder_is_resumed_there() {
    let story = Story::new(Settings::default());
    story.folder.run(&story.command("--rate none --limit 20")).expect(0);
    let colleague = Folder::with_sample("zendesk");
    fs::copy(story.checkpoint(), colleague.file("night.deskferry")).expect("a copy");
    fs::remove_dir_all(story.folder.file("export")).expect("the export is gone from where it was");
    fs::remove_file(story.checkpoint()).expect("so is the checkpoint");
    let moved = Story { folder: colleague, account: story.account, at: story.at };
    moved.resumes();
    assert_eq!(moved.account.counters().repeated, 0, "nothing was sent twice");
}

#[test]
fn a_folder_moved_after_a_kill_is_resumed_where_it_is_now() {
    let story = Story::slow();
    let mut run = story.start("--rate 40/1s");
    story.waits_for(&mut run, 20);
    run.kill();
    let before = rows(&story.checkpoint());
    let elsewhere = Folder::new();
    for entry in fs::read_dir(story.folder.path()).expect("the folder") {
        let entry = entry.expect("an entry");
        fs::rename(entry.path(), elsewhere.file(&entry.file_name().to_string_lossy())).expect("moved");
    }
    let moved = Story { folder: elsewhere, account: story.account, at: story.at };
    let after = rows(&moved.checkpoint());
    assert_eq!(in_state(&before, State::Updated), in_state(&after, State::Updated));
    moved.resumes();
    let on_the_wire = in_state(&before, State::Sending).len() as u64;
    assert!(moved.account.counters().repeated <= on_the_wire);
}
