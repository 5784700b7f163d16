//! Each built-in mapping's sample runs from a fresh clone: the balance adds up, nothing fails, no customer is mailed, and
//! agents, customers and notes are told apart.

#![allow(clippy::expect_used, reason = "a test may panic")]
#![allow(unreachable_pub, reason = "what tests share is public to them")]

mod support;

use support::{Folder, outcomes};

/// A sample, and what must come of it.
struct Sample {
    system: &'static str,
    messages: u64,
    incoming: u64,
    outgoing: u64,
    notes: u64,
    skipped: u64,
    blocked: u64,
}

const SAMPLES: [Sample; 18] = [
    Sample { system: "aircall", messages: 35, incoming: 11, outgoing: 8, notes: 14, skipped: 2, blocked: 0 },
    Sample { system: "freshdesk", messages: 35, incoming: 14, outgoing: 10, notes: 6, skipped: 5, blocked: 0 },
    Sample { system: "freshdesk-export", messages: 20, incoming: 7, outgoing: 8, notes: 4, skipped: 1, blocked: 0 },
    Sample { system: "front", messages: 40, incoming: 19, outgoing: 10, notes: 10, skipped: 1, blocked: 0 },
    Sample { system: "generic-csv", messages: 20, incoming: 10, outgoing: 8, notes: 2, skipped: 0, blocked: 0 },
    Sample { system: "generic-json", messages: 20, incoming: 10, outgoing: 8, notes: 2, skipped: 0, blocked: 0 },
    Sample { system: "gorgias", messages: 17, incoming: 7, outgoing: 5, notes: 4, skipped: 1, blocked: 0 },
    Sample { system: "gorgias-backup", messages: 17, incoming: 7, outgoing: 5, notes: 4, skipped: 1, blocked: 0 },
    Sample { system: "help-scout", messages: 53, incoming: 19, outgoing: 13, notes: 9, skipped: 12, blocked: 0 },
    Sample { system: "intercom", messages: 88, incoming: 24, outgoing: 17, notes: 11, skipped: 36, blocked: 0 },
    Sample { system: "intercom-csv", messages: 72, incoming: 18, outgoing: 12, notes: 9, skipped: 33, blocked: 0 },
    Sample { system: "kustomer", messages: 41, incoming: 20, outgoing: 11, notes: 8, skipped: 2, blocked: 0 },
    Sample { system: "zammad", messages: 20, incoming: 8, outgoing: 7, notes: 4, skipped: 1, blocked: 0 },
    Sample { system: "zendesk", messages: 270, incoming: 132, outgoing: 91, notes: 40, skipped: 7, blocked: 0 },
    Sample { system: "zendesk-audits", messages: 72, incoming: 13, outgoing: 9, notes: 6, skipped: 44, blocked: 0 },
    Sample {
        system: "zendesk-comments-csv",
        messages: 129,
        incoming: 66,
        outgoing: 46,
        notes: 17,
        skipped: 0,
        blocked: 0,
    },
    Sample {
        system: "zendesk-incremental",
        messages: 43,
        incoming: 20,
        outgoing: 13,
        notes: 9,
        skipped: 1,
        blocked: 0,
    },
    Sample { system: "zoho-desk", messages: 35, incoming: 16, outgoing: 12, notes: 5, skipped: 2, blocked: 0 },
];

#[test]
fn every_sample_runs_clean_and_each_kind_of_message_arrives_as_what_it_is() {
    for sample in SAMPLES {
        let system = sample.system;
        let folder = Folder::new();
        let code = if sample.blocked == 0 { 0 } else { 3 };
        let ran = folder
            .run(&format!("run {} --mapping {system} --simulate", support::sample(system).display()))
            .expect(code);
        assert!(ran.out.contains("The simulator sent 0 mails to customers."), "{system}\n{}", ran.out);
        let report = folder.run("status --json --checkpoint simulator.deskferry").json();
        let came = outcomes(&report);
        let of = |state: &str| came.get(state).copied().unwrap_or_default();
        let kind = |kind: &str| -> u64 {
            let rows = report["by_channel"].as_array().expect("the kinds").iter();
            let rows = rows.filter(|row| row["state"] == "updated" && row["kind"] == kind);
            rows.map(|row| row["messages"].as_u64().expect("a number")).sum()
        };
        assert_eq!(report["messages"], sample.messages, "{system}");
        let kinds = (kind("incoming"), kind("outgoing"), kind("internal note"));
        assert_eq!(kinds, (sample.incoming, sample.outgoing, sample.notes), "{system}: {}", report["by_channel"]);
        assert_eq!((of("skipped"), of("blocked")), (sample.skipped, sample.blocked), "{system}: {}", report["causes"]);
        let all = sample.incoming + sample.outgoing + sample.notes + sample.skipped + sample.blocked;
        assert_eq!(all, sample.messages, "{system}: nothing is absent, failed or unconfirmed");
    }
}

#[test]
fn every_built_in_mapping_has_a_sample() {
    let samples: Vec<_> = SAMPLES.iter().map(|sample| sample.system).collect();
    let mappings: Vec<_> = deskferry::mapping::builtin::all().iter().map(|built_in| built_in.name).collect();
    assert_eq!(samples, mappings);
}
