//! A batch is done, partly done, failed or pending, and each word means one thing.

#![allow(clippy::expect_used, reason = "a test may stop at what it did not expect")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

#[path = "support/screen.rs"]
mod screen;
mod support;
#[path = "support/twelve.rs"]
mod twelve;

use deskferry::checkpoint::{Batch, Standing};
use deskferry::record::State;
use deskferry::report::batches_text;
use deskferry::simulator::Fault;
use insta::assert_snapshot;
use serde_json::json;
use twelve::{account, folder, run, then};

use State::{Absent, Blocked, Failed, Pending, Sending, Skipped, Unchanged, Unconfirmed, Updated};

fn standing(states: &[State]) -> Standing {
    Batch { number: 1, states: states.iter().map(|&state| (state, 1)).collect() }.standing()
}

#[test]
fn the_words_follow_from_the_states_of_the_messages() {
    // Every set of states: 512 of them.
    for set in 0..1_u32 << State::ALL.len() {
        let states: Vec<_> =
            (0..).zip(State::ALL).filter(|(at, _)| set & (1 << at) != 0).map(|(_, state)| state).collect();
        let has = |any: &[State]| states.iter().any(|state| any.contains(state));
        let waits = has(&[Pending, Sending, Unconfirmed]);
        let tried = has(&[Updated, Failed, Sending, Unconfirmed]);
        let expected = match (waits, tried, has(&[Failed, Blocked])) {
            (true, true, _) => Standing::PartlyDone,
            (true, false, _) => Standing::Pending,
            (false, _, true) => Standing::Failed,
            (false, _, false) => Standing::Done,
        };
        assert_eq!(standing(&states), expected, "{states:?}");
    }
    assert_eq!(standing(&[Updated, Unchanged, Skipped, Absent]), Standing::Done);
    assert_eq!(standing(&[Pending, Skipped, Blocked]), Standing::Pending, "a plan may know what is blocked");
}

#[test]
fn status_shows_each_batch_with_its_outcomes() {
    let folder = folder(|number| if number == 9 { json!({"type": "event"}) } else { json!({}) });
    let account = account(&folder, &[(5, Fault::BadRequest)]);
    run(&folder, &account, "--limit 7").expect(3);
    assert_snapshot!(then(&folder, "status --batches").expect(3).out, @r#"
    batch               messages
    1      done                3: 3 updated
    2      failed              3: 2 updated, 1 failed
    3      partly done         3: 1 updated, 1 skipped, 1 pending
    4      pending             3: 3 pending

    4 batches: 1 done, 1 partly done, 1 failed, 1 pending
    "#);
    let batches = then(&folder, "status --json").json()["by_batch"].clone();
    assert_eq!(batches.as_array().expect("batches").len(), 4);
    let third = json!({"batch": 3, "standing": "partly done", "messages": 3,
        "outcomes": {"updated": 1, "skipped": 1, "pending": 1}});
    assert_eq!(batches[2], third);
}

#[test]
fn two_thousand_batches_stay_readable() {
    let batch = |number: u64| {
        let states = match number {
            0..=1200 => vec![(Updated, 499), (Skipped, 1)],
            1201 => vec![(Updated, 490), (Failed, 10)],
            1202..=1210 => vec![(Updated, 500)],
            1211 => vec![(Updated, 100), (Pending, 400)],
            _ => vec![(Pending, 500)],
        };
        Batch { number, states }
    };
    let batches: Vec<_> = (1..=2000).map(batch).collect();
    assert_snapshot!(batches_text(&batches), @r#"
    batch                   messages
    1–1200     done          600,000: 598,800 updated, 1,200 skipped
    1201       failed            500: 490 updated, 10 failed
    1202–1210  done            4,500: 4,500 updated
    1211       partly done       500: 100 updated, 400 pending
    1212–2000  pending       394,500: 394,500 pending

    2,000 batches: 1,209 done, 1 partly done, 1 failed, 789 pending
    "#);
}
