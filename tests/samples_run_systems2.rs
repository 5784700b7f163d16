//! The samples of Front, Help Scout, Intercom and Kustomer run to their end: the balance adds up, every kind of message
//! is told apart, and no customer is mailed.

mod support;

use serde_json::Value;
use support::{Folder, outcomes};

/// System; messages, of which incoming, outgoing and notes arrive, and the rest is skipped or blocked.
const SAMPLES: [(&str, [u64; 6]); 5] = [
    ("front", [40, 19, 10, 10, 1, 0]),
    ("help-scout", [53, 19, 13, 9, 12, 0]),
    ("intercom", [88, 24, 17, 11, 36, 0]),
    ("intercom-csv", [72, 18, 12, 9, 33, 0]),
    ("kustomer", [41, 20, 11, 8, 2, 0]),
];

#[test]
fn every_sample_runs_clean() {
    for (system, [messages, incoming, outgoing, notes, skipped, blocked]) in SAMPLES {
        let folder = Folder::with_sample(system);
        let ran = folder.run(&format!("run export --mapping {system} --simulate")).expect(0);
        assert!(ran.out.contains("The simulator sent 0 mails to customers."), "{system}\n{}", ran.out);
        assert!(ran.out.contains("adds up"), "{system}\n{}", ran.out);
        let status = folder.run("status --json --checkpoint simulator.deskferry").expect(0).json();
        let of = |state| outcomes(&status).get(state).copied().unwrap_or(0);
        let [carried_in, carried_out, carried_notes] =
            ["incoming", "outgoing", "internal note"].map(|k| kind(&status, k));
        assert_eq!(of("updated"), carried_in + carried_out + carried_notes, "{system}: all that is sent arrives");
        let total = outcomes(&status).values().sum::<u64>();
        let found = [total, carried_in, carried_out, carried_notes, of("skipped"), of("blocked")];
        assert_eq!(found, [messages, incoming, outgoing, notes, skipped, blocked], "{system}");
    }
}

/// How many messages of a kind were updated.
fn kind(status: &Value, kind: &str) -> u64 {
    let rows = status["by_channel"].as_array().into_iter().flatten();
    let of_kind = rows.filter(|row| row["kind"] == kind && row["state"] == "updated");
    of_kind.filter_map(|row| row["messages"].as_u64()).sum()
}
