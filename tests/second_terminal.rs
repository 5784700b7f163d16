//! From a second terminal: a run is watched and stopped through its checkpoint, and a terminal that goes away takes
//! nothing with it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

#[path = "support/live.rs"]
mod live;
#[path = "support/night.rs"]
mod night;
#[path = "support/screen.rs"]
mod screen;
mod support;

use deskferry::checkpoint::{Control, Heartbeat, Holder, Lock};
use deskferry::simulator::{Fault, Faults, Moment, Settings, Strike};
use insta::assert_snapshot;
use jiff::Timestamp;
use live::Live;
use night::{SENT, Story};
use screen::{assert_one_clear_sentence, settled, told};
use serde_json::{Value, json};
use support::{Ran, totals};

impl Story {
    /// A run of the sample that is over already.
    fn sent() -> Self {
        let story = Self::new(Settings::default());
        story.folder.run(&story.command("--rate none")).expect(0);
        story
    }

    /// A run that has had 20 messages updated, and takes a minute.
    fn begun(&self) -> Live {
        let mut run = self.start("--rate 10/1s --undo off");
        self.waits_for(&mut run, 20);
        run
    }

    fn status(&self) -> Value {
        self.folder.run("status --json").json()
    }

    /// Goes on to the end, without sending anything twice.
    fn goes_on(&self) {
        self.resumes();
        assert_eq!(self.account.counters().repeated, 0, "nothing was sent twice");
    }

    /// The lock, taken by somebody on another machine.
    fn held(&self) -> Lock {
        let since = "2026-05-01 22:00:00 UTC".into();
        let holder = Holder { user: "mia".into(), machine: "harbour".into(), process: 7, since };
        Lock::take(&self.checkpoint(), &holder).expect("the lock")
    }

    /// What `heart` says so many seconds ago, in the place of a run.
    fn says(&self, seconds: i64, line: &str) {
        let control = Control::open(&self.checkpoint()).expect("the control row");
        control.begin().expect("a row");
        let at = Timestamp::now() - jiff::SignedDuration::from_secs(seconds);
        let said = json!({"line": line}).to_string();
        assert!(!control.beat(&Heartbeat { at, said }).expect("a beat"), "nobody asks");
    }
}

/// The label `now` of a status, with what follows it.
fn now(status: &str) -> String {
    let lines = status.lines().skip_while(|line| !line.starts_with("  now ")).take(2);
    lines.filter(|line| !line.starts_with("  next")).map(str::trim).collect::<Vec<_>>().join("\n")
}

#[test]
fn stop_drains_the_run_waits_for_its_end_and_says_how_to_go_on() {
    let story = Story::slow();
    let run = story.begun();
    let stop = story.folder.run("stop").expect(0);
    let _screen = settled(&story.folder);
    assert!(stop.out.contains("wait to be sent. Nothing is lost.\n\n  next      deskferry resume\n"), "{}", stop.out);
    assert!(stop.err.starts_with(&format!("Asking process {} on ", run.id())), "{}", stop.err);
    let ran = run.end().expect(130);
    assert!(
        ran.err.contains("Stopping, as asked from another terminal: waiting for what is on the wire."),
        "{}",
        ran.err
    );
    assert!(ran.out.contains("Interrupted; "), "{}", ran.out);
    assert!(ran.out.contains("next      deskferry resume"), "{}", ran.out);
    story.is_drained();
    story.goes_on();
}

#[test]
fn stop_where_no_run_is_alive_says_so_and_changes_nothing() {
    let story = Story::sent();
    let before = std::fs::read(story.checkpoint()).expect("the checkpoint");
    let stop = story.folder.run("stop").expect(0);
    assert_snapshot!(told(&stop), @"
    exit code 0
    --- stdout
    No run is alive with night.deskferry: nothing was stopped.
    ");
    assert_eq!(std::fs::read(story.checkpoint()).expect("the checkpoint"), before);
    assert_one_clear_sentence(&story.folder.run("stop --checkpoint other.deskferry").expect(2));
}

#[test]
fn an_old_question_does_not_stop_a_new_run() {
    let story = Story::slow();
    let run = story.begun();
    assert!(Control::open(&story.checkpoint()).expect("the control row").ask_to_stop().expect("asked"), "it listens");
    run.kill();
    story.folder.run("resume --rate none").expect(0);
    assert_eq!(story.outcomes(), totals([("updated", SENT), ("skipped", 7)]));
    let listens = Control::open(&story.checkpoint()).expect("the control row").ask_to_stop().expect("asked");
    assert!(!listens, "what has ended listens no more");
}

#[test]
fn stop_says_who_does_not_answer() {
    let story = Story::sent();
    let _screen = settled(&story.folder);
    let _lock = story.held();
    let stop = story.folder.run("stop").expect(1);
    assert_snapshot!(told(&stop), @"
    exit code 1
    --- stderr
    Asking process [ID] on harbour to stop.
    error: whoever works with the checkpoint does not listen: held by mia on harbour (process [ID]) since [TIME]

    hint: it may be planning: ask again when it sends, or stop it there with Ctrl-C; nothing is lost
    ");
    story.says(3600, "20 of 263");
    let stop = story.folder.run("stop").expect(1);
    assert_snapshot!(told(&stop), @"
    exit code 1
    --- stderr
    Asking process [ID] on harbour to stop.
    error: the run does not answer, and has given no sign of life for 1 h 0 min: held by mia on harbour (process [ID]) since [TIME]

    hint: it stops if it comes to life again; if it does not, end process [ID] on harbour: nothing is lost, and `deskferry resume` goes on
    ");
}

#[test]
fn a_verification_and_an_undo_can_be_stopped_too() {
    let story = Story::sent();
    for (command, goes_on) in [("verify", "`deskferry verify` begins it again"), ("undo --yes", "goes on with it")] {
        let requests = story.account.counters().requests;
        let mut live = Live::start(story.folder.command(&format!("{command} --rate 2/1s")));
        assert!(live.reaches(|| story.account.counters().requests > requests + 2), "{command} ended before");
        let stop = story.folder.run("stop").expect(0);
        assert!(stop.err.starts_with("Asking process"), "{command}: {}", stop.err);
        let ran = live.end().expect(130);
        assert!(ran.err.contains("Stopped, as asked from another terminal."), "{command}: {}", ran.err);
        assert!(ran.err.contains(goes_on), "{command}: {}", ran.err);
    }
}

#[test]
fn status_tells_what_the_run_waits_for_and_how_old_that_is() {
    let story = Story::slow();
    let mut run = story.begun();
    let mut said = Value::Null;
    let is_told = run.reaches(|| {
        said = story.status()["at_work"]["said"].clone();
        said["done"].as_u64() > Some(20)
    });
    assert!(is_told, "it ended before");
    assert_eq!((&said["to_send"], &said["rate"]), (&json!(SENT), &json!("10/1s")));
    assert!(said["per_second"].as_f64() > Some(0.0) && said["seconds_left"].as_u64() > Some(0), "{said}");
    assert!(said["waiting"].as_str().is_some_and(|waiting| waiting.starts_with("waiting: ")), "{said}");
    let status = story.folder.run("status").expect(0);
    let line = now(&status.out).replace('\n', " ");
    assert!(line.contains(" of 263 · ") && line.contains(" left · "), "{}", status.out);
    assert!(line.contains("waiting: ") && line.contains(" ago)"), "{}", status.out);
    run.kill();
    assert_eq!(story.status()["at_work"], Value::Null, "a dead one says nothing");
    assert_eq!(now(&story.folder.run("status").expect(0).out), "");
}

#[test]
fn status_tells_that_a_run_is_silent() {
    let story = Story::sent();
    let _screen = settled(&story.folder);
    let _lock = story.held();
    assert_snapshot!(now(&story.folder.run("status").expect(0).out), @"
    now       held by mia on harbour (process [ID]) since [TIME]; it
    says nothing of what it does, as while it plans
    ");
    story.says(0, "20 of 263 · waiting: rate limit");
    assert_snapshot!(now(&story.folder.run("status").expect(0).out), @"now       20 of 263 · waiting: rate limit ([AGE] ago)");
    story.says(3600, "20 of 263 · waiting: rate limit");
    assert_snapshot!(now(&story.folder.run("status").expect(0).out), @"
    now       has given no sign of life for 1 h 0 min; until then: 20 of 263 ·
    waiting: rate limit
    ");
    // Where the clock was put back since.
    story.says(-3600, "20 of 263 · waiting: rate limit");
    assert_snapshot!(now(&story.folder.run("status").expect(0).out), @"now       20 of 263 · waiting: rate limit ([AGE] ago)");
}

#[test]
fn watching_ends_with_the_run_and_shows_its_final_status() {
    let story = Story::slow();
    let run = story.begun();
    let watch = Live::start(story.folder.command("status --watch"));
    let watch_json = Live::start(story.folder.command("status --watch --json"));
    run.signal("INT");
    run.end().expect(130);
    let ran = watch.end().expect(0);
    let status = story.folder.run("status").expect(0);
    let (watched, last) = ran.out.split_once("Zendesk to ").expect("a status");
    assert_eq!(format!("Zendesk to {last}"), status.out, "the final status in full");
    assert!(watched.lines().all(|line| line.contains("waiting: ") && line.contains(" ago)")), "{}", ran.out);
    assert!(!ran.out.contains('\x1b'), "no escape codes where nobody looks");
    let ran = watch_json.end().expect(0);
    let objects: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    assert_eq!(objects.last().expect("the end")["report"], "status");
    assert!(objects.iter().rev().skip(1).all(|object| object["said"]["to_send"] == SENT), "{}", ran.out);
}

#[test]
fn watching_where_no_run_is_alive_shows_the_status_that_says_so() {
    let story = Story::sent();
    let status = story.folder.run("status").expect(0);
    assert!(status.out.contains("no run is sending"), "{}", status.out);
    assert_eq!(story.folder.run("status --watch").expect(0).out, status.out);
    let json = story.folder.run("status --watch --json").expect(0);
    assert_eq!(json.out.lines().count(), 1);
    assert_eq!(json.json()["at_work"], Value::Null);
}

#[test]
fn ctrl_c_ends_the_watching_and_not_the_run() {
    let story = Story::slow();
    let mut run = story.begun();
    let mut watch = Live::start(story.folder.command("status --watch"));
    assert!(watch.hears());
    watch.signal("INT");
    let ran = watch.end().expect(0);
    assert!(ran.err.contains("The watching has ended; the run goes on."), "{}", ran.err);
    let updates = story.account.counters().updates;
    assert!(run.reaches(|| story.account.counters().updates > updates + 5), "the run goes on");
}

/// Whether the tests themselves are under `nohup`: then every run is, too, and that has a test of its own.
fn is_under_nohup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // SIGHUP is the first signal, and so the last bit.
    ignored.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).is_ok_and(|mask| mask & 1 == 1))
}

/// The run gets `signals` while nobody reads what it prints any more.
fn drains_without_a_terminal(signals: &[&str]) {
    if is_under_nohup() {
        return;
    }
    let story = Story::slow();
    let run = story.begun().unheard();
    for signal in signals {
        run.signal(signal);
    }
    assert_eq!(run.code(), 130, "{signals:?}");
    story.is_drained();
    story.goes_on();
}

#[test]
fn a_terminal_that_closes_drains_the_run_and_takes_nothing_with_it() {
    drains_without_a_terminal(&["HUP"]);
}

#[test]
fn a_terminal_that_closes_is_told_twice_and_that_is_not_ctrl_c_twice() {
    drains_without_a_terminal(&["HUP", "HUP", "HUP"]);
}

#[test]
fn a_run_whose_reader_has_gone_ends_all_the_same() {
    let story = Story::new(Settings::default());
    assert_eq!(story.start("--rate 100/1s").unheard().code(), 0);
    assert_eq!(story.outcomes(), totals([("updated", SENT), ("skipped", 7)]));
}

#[test]
fn a_run_under_nohup_does_not_care_for_its_terminal() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let story = Story::slow();
    let deskferry = story.folder.command(&story.command("--rate 10/1s --undo off"));
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).arg(deskferry.get_program()).args(deskferry.get_args());
    command.current_dir(story.folder.path());
    let mut run = Live::start(command);
    story.waits_for(&mut run, 5);
    run.signal("HUP");
    let updates = story.account.counters().updates;
    assert!(run.reaches(|| story.account.counters().updates > updates + 5), "it goes on");
    run.signal("INT");
    run.end().expect(130);
    story.is_drained();
}

#[test]
fn a_run_that_waits_for_a_lost_answer_is_seen_at_work_and_stopped_by_a_second_ctrl_c() {
    let faults = Faults::script(vec![(Moment::Update(30), Strike::applied(Fault::Hang))]);
    let story = Story::new(Settings { faults, ..Settings::default() });
    let mut run = story.start("--rate none --concurrency 1 --undo off");
    story.waits_for(&mut run, 30);
    let mut stop = Live::start(story.folder.command("stop"));
    run.says("Stopping, as asked from another terminal");
    run.signal("INT");
    let ran: Ran = run.end().expect(130);
    assert!(ran.err.contains("Stopping now"), "{}", ran.err);
    stop.says("Asking process");
    let stopped = stop.end().expect(0);
    assert!(stopped.out.contains("next      deskferry resume"), "{}", stopped.out);
}
