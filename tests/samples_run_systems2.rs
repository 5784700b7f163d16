//! The samples of Front, Help Scout, Intercom and Kustomer run to their end: the balance adds up, every kind of message
//! is told apart, and no customer is mailed.

mod support;

use serde_json::{Value, json};
use support::Folder;

/// System; messages, incoming, outgoing, notes, skipped, blocked.
const SAMPLES: [(&str, [u64; 6]); 5] = [
    ("front", [40, 19, 10, 10, 1, 0]),
    ("help-scout", [53, 19, 13, 9, 12, 0]),
    ("intercom", [88, 26, 18, 12, 36, 0]),
    ("intercom-csv", [72, 20, 13, 10, 33, 0]),
    ("kustomer", [41, 20, 12, 8, 2, 0]),
];

#[test]
fn every_sample_runs_clean() {
    for (system, [messages, incoming, outgoing, notes, skipped, blocked]) in SAMPLES {
        let folder = Folder::with_sample(system);
        let ran = folder.run(&format!("run export --mapping {system} --simulate")).expect(0);
        assert!(ran.out.contains("The simulator sent 0 mails to customers."), "{system}\n{}", ran.out);
        assert!(ran.out.contains("adds up"), "{system}\n{}", ran.out);
        let again = folder.run(&format!("run export --mapping {system} --simulate --json")).expect(0);
        println!("{}", again.json());
        let found = found(&again.json());
        assert_eq!(found, [messages, incoming, outgoing, notes, skipped, blocked], "{system}");
    }
}
