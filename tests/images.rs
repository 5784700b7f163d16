//! What a message was before the first update of it is kept, whatever happens: a kill, a fault, a retry, a second plan, an
//! agent who edits meanwhile. And what the tool believes of a message that it has written is what the account holds.

#![allow(clippy::expect_used, reason = "a test that can't go on has failed")]
#![allow(clippy::print_stdout, reason = "a failure names its seed")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

#[path = "support/live.rs"]
mod live;
mod support;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use deskferry::checkpoint::{Access, Checkpoint, Image, Written};
use deskferry::record::{MessageId, State};
use deskferry::simulator::{Fault, Faults, Moment, Seed, Settings, Strike, Target};
use deskferry::update::{Agreement, FieldName, compare};
use live::{Live, in_state, rows};
use serde_json::{Map, Value, json};
use support::{Account, Folder, targets, totals};

/// Messages of the sample that are sent.
const SENT: u64 = 263;

/// An export, the account that it goes to, and what that held at the start.
struct Story {
    folder: Folder,
    account: Account,
    start: BTreeMap<u64, Map<String, Value>>,
}

impl Story {
    fn new(settings: Settings) -> Self {
        let folder = Folder::with_sample("zendesk");
        folder.write("mine.toml", folder.run("mapping show zendesk").expect(0).out);
        folder.write("none.csv", "external_id,ticket_id,message_id\n");
        let account = Account::start(settings, &folder.file("none.csv"));
        for (ticket, message) in targets(&folder.file("export/ids.csv")).into_values() {
            let properties = json!({"from_agent": message % 2 == 0, "subject": format!("As it was: {message}")});
            let properties = properties.as_object().expect("an object").clone();
            account
                .with(|simulator| simulator.seed(Seed { ticket_id: ticket, message_id: message, properties }))
                .expect("taken");
        }
        let start = held(&account);
        Self { folder, account, start }
    }

    fn checkpoint(&self) -> PathBuf {
        self.folder.file("night.deskferry")
    }

    /// From now on the mapping says `line` of this field.
    fn maps(&self, field: &str, line: &str) {
        let text = self.folder.read("mine.toml");
        let start = format!("{field} =");
        assert!(text.contains(&format!("\n{start}")), "the mapping has a {field}");
        let lines = text.lines().map(|old| if old.starts_with(&start) { line } else { old });
        self.folder.write("mine.toml", lines.collect::<Vec<_>>().join("\n"));
    }

    /// From now on the mapping gives every message the subject `subject`.
    fn maps_subject(&self, subject: &str) {
        self.maps("subject", &format!("subject = {{ value = \"{subject}\" }}"));
    }

    /// From now on the mapping leaves this field as the account has it.
    fn leaves(&self, field: &str) {
        self.maps(field, "");
    }

    fn command(&self, options: &str) -> String {
        format!(
            "run export --mapping mine.toml --checkpoint night.deskferry --rate none {options} {}",
            self.account.flag()
        )
    }

    fn runs(&self, options: &str, code: i32) {
        self.folder.run(&self.command(options)).expect(code);
    }

    /// Runs, and is killed when so many updates more were asked for or applied, or ends before.
    fn is_killed(&self, options: &str, dice: &mut fastrand::Rng) {
        let (after, is_applied) = (dice.u64(1..60), dice.bool());
        let seen = || {
            let counters = self.account.counters();
            if is_applied { counters.updates } else { counters.update_requests }
        };
        let before = seen();
        let mut run = Live::start(self.folder.command(&self.command(options)));
        run.reaches(|| seen() >= before + after);
        run.kill();
    }

    fn image(&self, message: u64) -> Option<Image> {
        let checkpoint = Checkpoint::open(&self.checkpoint(), Access::Read).expect("the checkpoint");
        checkpoint.image(MessageId(message)).expect("it can be read")
    }

    /// Fails unless the image of each message that was updated is the message at the start, and what is believed of it is
    /// so.
    #[track_caller]
    fn images_are_true(&self, what: &str) {
        let checkpoint = Checkpoint::open(&self.checkpoint(), Access::Read).expect("the checkpoint");
        let now = held(&self.account);
        for message in self.account.updated().into_keys() {
            let image = checkpoint.image(MessageId(message)).expect("it can be read");
            let image = image.unwrap_or_else(|| panic!("{what}: message {message} was updated and has no image"));
            for field in FieldName::ALL {
                let name = field.name();
                let (kept, was) = (image.before.get(name), self.start[&message].get(name));
                let (kept, was) = (kept.unwrap_or(&Value::Null), was.unwrap_or(&Value::Null));
                assert_eq!(kept, was, "{what}: {name} of message {message} as it was");
            }
            if matches!(checkpoint.written(MessageId(message), None).expect("it can be read"), Written::As(_)) {
                let believed = compare(&image.after(), &now[&message]);
                let wrong: Vec<_> =
                    believed.iter().filter(|(_, agreement)| *agreement == Agreement::Different).collect();
                assert!(wrong.is_empty(), "{what}: message {message} is believed to hold something else: {wrong:?}");
            }
            let sent = image.sent.expect("it was not undone");
            for field in FieldName::ALL.map(FieldName::name) {
                let is_changed = self.start[&message].get(field) != now[&message].get(field);
                assert!(!is_changed || sent.contains_key(field), "{what}: undo knows of {field} of message {message}");
            }
        }
    }

    fn outcomes(&self) -> BTreeMap<String, u64> {
        self.folder.outcomes("night.deskferry")
    }
}

/// All messages of the account.
fn held(account: &Account) -> BTreeMap<u64, Map<String, Value>> {
    account.with(|simulator| {
        let messages = simulator.account().messages().map(|message| {
            let content = serde_json::to_value(message).expect("JSON");
            (message.target().message_id, content.as_object().expect("an object").clone())
        });
        messages.collect()
    })
}

fn slow() -> Settings {
    Settings { latency: Duration::from_millis(2), ..Settings::default() }
}

fn all_updated() -> BTreeMap<String, u64> {
    totals([("updated", SENT), ("skipped", 7)])
}

#[test]
fn through_kills_and_a_second_plan_that_is_killed_too() {
    for seed in 1..=4 {
        println!("seed {seed}");
        let mut dice = fastrand::Rng::with_seed(seed);
        let story = Story::new(slow());
        for kill in 1..=4 {
            story.is_killed("", &mut dice);
            story.images_are_true(&format!("kill {kill}"));
        }
        // The export is not yet all there, and the mapping changes.
        story.maps_subject("The second plan");
        for kill in 5..=7 {
            story.is_killed("", &mut dice);
            story.images_are_true(&format!("kill {kill}"));
        }
        story.runs("", 0);
        story.images_are_true("the second plan is done");
        assert_eq!(story.outcomes(), all_updated());
        story.maps_subject("The third plan");
        story.is_killed("", &mut dice);
        story.images_are_true("the third plan was killed");
        story.runs("", 0);
        story.images_are_true("the third plan is done");
        assert_eq!(story.outcomes(), all_updated());
        assert!(story.account.updated().values().all(|now| now.message["subject"] == "The third plan"));
        assert_eq!(story.account.counters().mails, 0);
    }
}

#[test]
fn through_faults_and_retries() {
    const ALL: &str = "500=0.1,reset=0.1,truncated=0.1,other-id=0.1,unreadable=0.1,redirect=0.05,400=0.05,404=0.05";
    let faults = ALL.parse().expect("faults");
    let story = Story::new(Settings { faults, retry_after: Duration::ZERO, ..Settings::default() });
    let mut round = 0;
    let mut ran = story.folder.run(&story.command("--max-outage 1h"));
    while story.outcomes() != all_updated() {
        assert_eq!(ran.code, 3, "{}\n{}", ran.out, ran.err);
        story.images_are_true(&format!("round {round}"));
        round += 1;
        assert!(round < 20, "the retries get further");
        ran = story.folder.run("retry --rate none --max-outage 1h");
    }
    assert!(round > 0, "something failed");
    story.images_are_true("everything has arrived");
}

#[test]
fn a_field_that_only_the_first_update_wrote_is_still_known_after_the_second() {
    let story = Story::new(Settings::default());
    story.maps_subject("The first plan");
    story.runs("", 0);
    story.leaves("subject");
    story.maps("body_text", "body_text = { value = \"The second plan\" }");
    story.runs("", 0);
    story.images_are_true("the second plan leaves the subject");
    let (message, now) = story.account.updated().into_iter().next().expect("an update");
    assert_eq!(now.message["body_text"], "The second plan");
    assert_eq!(now.message["subject"], "The first plan");
    assert_eq!(story.image(message).expect("an image").sent.expect("sent")["subject"], "The first plan");
}

#[test]
fn a_run_without_undo_in_between_is_noted_where_there_is_an_image() {
    let story = Story::new(slow());
    story.runs("--undo on", 0);
    story.maps_subject("The second plan");
    story.is_killed("--undo off", &mut fastrand::Rng::with_seed(7));
    story.images_are_true("killed without undo");
    story.runs("--undo off", 0);
    story.images_are_true("without undo");
    story.maps_subject("As it is in the first one");
    story.runs("--undo on", 0);
    story.images_are_true("with undo again");
    assert_eq!(story.outcomes(), all_updated());
    assert!(story.account.updated().values().all(|now| now.message["subject"] == "As it is in the first one"));
}

#[test]
fn what_was_written_without_undo_is_never_kept_as_what_was_there_before() {
    let story = Story::new(slow());
    story.is_killed("--undo off", &mut fastrand::Rng::with_seed(3));
    let touched = story.account.updated();
    assert!(!touched.is_empty() && (touched.len() as u64) < SENT, "it was killed in the middle");
    story.maps_subject("The second plan");
    story.runs("--undo on", 0);
    assert_eq!(story.outcomes(), all_updated());
    let mut kept = 0;
    for message in story.account.updated().into_keys() {
        let image = story.image(message);
        assert!(image.is_none() || !touched.contains_key(&message), "what message {message} was, nobody knows");
        if let Some(image) = image {
            kept += 1;
            assert_eq!(image.before["subject"], self::subject(&story.start[&message]));
        }
    }
    assert!(kept > 0, "the others are kept");
    let checkpoint = Checkpoint::open(&story.checkpoint(), Access::Read).expect("the checkpoint");
    assert_eq!(checkpoint.without_image().expect("it can be read"), SENT - kept, "and it is told");
}

fn subject(message: &Map<String, Value>) -> &str {
    message["subject"].as_str().expect("a text")
}

#[test]
fn an_edit_while_an_update_was_unconfirmed_is_left_alone_until_a_retry_writes_over_it() {
    let faults = Faults::script(vec![(Moment::Update(30), Strike::unapplied(Fault::Hang))]);
    let story = Story::new(Settings { faults, ..Settings::default() });
    let mut run = Live::start(story.folder.command(&story.command("--concurrency 1")));
    assert!(run.reaches(|| story.account.counters().update_requests == 30));
    run.kill();
    let [message] = in_state(&rows(&story.checkpoint()), State::Sending)[..] else { panic!("one is on the wire") };
    let ticket_id = story.start[&message]["ticket_id"].as_u64().expect("its ticket");
    let edit = json!({"subject": "An agent was here"}).as_object().expect("an object").clone();
    let target = Target { ticket_id, message_id: message };
    assert!(story.account.with(|simulator| simulator.edit(target, edit)).expect("an edit"));
    story.folder.run("resume --rate none").expect(3);
    assert_eq!(story.outcomes(), totals([("updated", SENT - 1), ("blocked", 1), ("skipped", 7)]));
    assert_eq!(subject(&held(&story.account)[&message]), "An agent was here");
    story.images_are_true("the edited one is blocked");
    story.folder.run("retry --rate none").expect(0);
    assert_eq!(story.outcomes(), all_updated());
    assert_ne!(subject(&held(&story.account)[&message]), "An agent was here");
    story.images_are_true("and was written over");
}
