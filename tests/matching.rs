//! Which message of the account each message of an export is: found by rules, in their order, and never guessed.

#![allow(clippy::expect_used, reason = "a test may panic")]

mod support;

use std::time::Duration;

use deskferry::simulator::{Settings, Target};
use serde_json::{Value, json};
use support::desk::{Desk, Plan, Said, said};
use support::imported::{Found, MAPPING, Scanning, bring, candidates, scan, targets, ticket_of};
use support::virtual_account::VirtualAccount;
use support::wire::Wire;

/// An operator, and an account without messages yet.
fn begin() -> (Desk, VirtualAccount) {
    let mut desk = Desk::new();
    MAPPING.clone_into(&mut desk.mapping);
    (desk, VirtualAccount::new(Settings::default(), Duration::ZERO, []))
}

/// The plan for `export`, with the account scanned.
async fn plan(desk: &mut Desk, account: &VirtualAccount, export: &[Said]) -> Plan {
    scan(desk, account).await;
    desk.export(export);
    desk.plan()
}

fn found(id: &str, rule: &'static str, target: (u64, u64)) -> Found {
    (id.to_owned(), Some(rule), Some(target))
}

fn nowhere(id: &str) -> Found {
    (id.to_owned(), None, None)
}

/// The cause of each message that has one.
fn causes(plan: &Plan) -> Vec<(String, String)> {
    let rows = plan.rows().into_iter().filter(|(_, _, cause)| !cause.is_empty());
    rows.map(|(id, state, cause)| (id, format!("{} {cause}", state.word()))).collect()
}

fn cause(id: &str, cause: &str) -> (String, String) {
    (id.to_owned(), cause.to_owned())
}

/// What the mapping says about matching. A mapping that does not ask where the export says that a message is may not
/// name it.
fn rules(desk: &mut Desk, said: &str) {
    let target = MAPPING.find("[message.target]").expect("a target");
    let asks = said.contains("'export'") || !said.contains("rules");
    let mapping = if asks { MAPPING } else { &MAPPING[..target] };
    desk.mapping = format!("{mapping}\n[match]\n{said}\n");
}

/// A message of which the account has nothing: of ticket 1, at noon, with a Message-ID.
fn one() -> Said {
    said("m1", 1, 43_200).with("ref", "<m1@shop.example>")
}

#[tokio::test(start_paused = true)]
async fn each_rule_finds_the_message_by_itself() {
    let (mut desk, account) = begin();
    bring(&account, &one(), 5_001, &json!({"external_id": "m1", "message_id": "m1@shop.example"}));
    desk.ids(&[("m1", ticket_of(1), 5_001)]);
    let here = one().to(ticket_of(1), 5_001);
    for rule in ["export", "ids", "external_id", "message_id", "ticket"] {
        rules(&mut desk, &format!("rules = ['{rule}']"));
        let plan = plan(&mut desk, &account, std::slice::from_ref(&here)).await;
        assert_eq!(targets(&plan), [found("m1", rule, (ticket_of(1), 5_001))]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_rule_that_finds_anything_decides_and_the_mapping_says_which_is_first() {
    let (mut desk, account) = begin();
    // Each rule would find another one.
    bring(&account, &one().with("text", "by id"), 5_001, &json!({"external_id": "m1", "message_id": null}));
    bring(&account, &one().with("text", "by reference"), 5_002, &json!({}));
    bring(&account, &one(), 5_003, &json!({"message_id": null}));
    bring(&account, &one().with("text", "by the ids file"), 5_004, &json!({"message_id": null}));
    desk.ids(&[("m1", ticket_of(1), 5_004)]);
    for (order, rule, message) in [
        ("'export', 'ids', 'external_id', 'message_id', 'ticket'", "ids", 5_004),
        ("'external_id', 'message_id', 'ids', 'ticket'", "external_id", 5_001),
        ("'message_id', 'external_id', 'ticket'", "message_id", 5_002),
        ("'ticket', 'external_id', 'message_id'", "ticket", 5_003),
        // This one finds nothing: the export does not say where it is.
        ("'export', 'message_id'", "message_id", 5_002),
    ] {
        rules(&mut desk, &format!("rules = [{order}]"));
        let plan = plan(&mut desk, &account, &[one()]).await;
        assert_eq!(targets(&plan), [found("m1", rule, (ticket_of(1), message))], "{order}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_the_account_has_twice_is_the_one_in_the_messages_own_ticket() {
    let (mut desk, account) = begin();
    bring(&account, &one().with("ticket", 2), 5_001, &json!({}));
    bring(&account, &one(), 5_002, &json!({}));
    let plan = plan(&mut desk, &account, &[one()]).await;
    assert_eq!(targets(&plan), [found("m1", "message_id", (ticket_of(1), 5_002))]);
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_the_account_has_twice_elsewhere_is_for_the_operator_to_choose() {
    let (mut desk, account) = begin();
    bring(&account, &one().with("ticket", 2), 5_001, &json!({}));
    bring(&account, &one().with("ticket", 3), 5_002, &json!({}));
    let plan = plan(&mut desk, &account, &[one()]).await;
    assert_eq!(targets(&plan), [nowhere("m1")]);
    assert_eq!(causes(&plan), [cause("m1", "blocked ambiguous: several messages of the account may be this one")]);
    assert_eq!(candidates(&plan), [("m1".into(), ticket_of(2), 5_001), ("m1".into(), ticket_of(3), 5_002)]);
}

#[tokio::test(start_paused = true)]
async fn two_records_of_one_mail_find_each_the_copy_in_its_own_ticket() {
    let (mut desk, account) = begin();
    let other = one().with("id", "m2").with("ticket", 2);
    bring(&account, &one(), 5_001, &json!({}));
    bring(&account, &other, 5_002, &json!({}));
    let plan = plan(&mut desk, &account, &[other, one()]).await;
    let expected = [found("m2", "message_id", (ticket_of(2), 5_002)), found("m1", "message_id", (ticket_of(1), 5_001))];
    assert_eq!(targets(&plan), expected);
}

/// One text in the forms in which Zendesk has it, and those in which Gorgias may.
const ZENDESK: [(&str, &str); 4] = [
    ("text", "Thanks & bye :wink:\n\n10:30 tomorrow"),
    ("text", "Thanks & bye 😉\r\n10:30 tomorrow "),
    (
        "html",
        "<div class=\"zd-comment\" dir=\"auto\"><p>Thanks &amp; bye <img alt=\":wink:\" src=\"https://x.example/w.png\"></p>\n<p>10:30&nbsp;tomorrow</p></div>",
    ),
    ("text", "Thanks &amp; bye :wink: 10:30&nbsp;tomorrow"),
];

#[tokio::test(start_paused = true)]
async fn a_text_is_recognised_in_each_form_of_either_side() {
    let held: [Value; 5] = [
        json!({"body_text": "Thanks & bye 😉 10:30 tomorrow", "body_html": null}),
        json!({"body_text": null, "body_html": "<p>Thanks &#38; bye &#128521;<br>10:30 tomorrow</p>"}),
        json!({"body_text": "Thanks & bye\n10:30 tomorrow", "body_html": "<div>something else</div>"}),
        json!({"body_text": "Thanks & bye :wink: 10:30 tomorrow", "body_html": ""}),
        json!({"body_text": "", "body_html": "<html><body><div><b>Thanks</b> &amp; bye<br/>10:30 tomorrow</div></body></html>"}),
    ];
    for content in &held {
        for (name, text) in ZENDESK {
            let (mut desk, account) = begin();
            bring(&account, &said("m1", 1, 60), 5_001, content);
            bring(&account, &said("m2", 1, 60), 5_002, &json!({}));
            let record = said("m1", 1, 60).with("text", ()).with(name, text);
            let plan = plan(&mut desk, &account, &[record]).await;
            assert_eq!(targets(&plan), [found("m1", "ticket", (ticket_of(1), 5_001))], "{text} in {content}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn another_text_kind_or_ticket_is_another_message() {
    let (mut desk, account) = begin();
    bring(&account, &said("m1", 1, 60), 5_001, &json!({}));
    let other = said("m1", 1, 60);
    for record in [
        other.clone().with("text", "text of m2"),
        other.clone().with("agent", false),
        other.clone().with("channel", "internal-note"),
        other.clone().with("ticket", 2),
        other.clone().with("ticket", ()),
        other.clone().with("text", ""),
        other.clone().with("text", ":wink:"),
    ] {
        let plan = plan(&mut desk, &account, &[record]).await;
        assert_eq!(targets(&plan), [nowhere("m1")]);
    }
    let same = plan(&mut desk, &account, &[other]).await;
    assert_eq!(targets(&same), [found("m1", "ticket", (ticket_of(1), 5_001))]);
}

#[tokio::test(start_paused = true)]
async fn messages_on_a_channel_of_the_accounts_own_are_found_by_their_text_too() {
    let (mut desk, account) = begin();
    bring(&account, &said("m1", 1, 60), 5_001, &json!({"channel": "shop-floor"}));
    let plan = plan(&mut desk, &account, &[said("m1", 1, 60)]).await;
    assert_eq!(targets(&plan), [found("m1", "ticket", (ticket_of(1), 5_001))]);
}

#[tokio::test(start_paused = true)]
async fn times_may_lie_as_far_apart_as_the_mapping_says() {
    let (mut desk, account) = begin();
    bring(&account, &said("m1", 1, 1_000), 5_001, &json!({}));
    for (within, second, is_found) in [
        ("", 1_060, true),
        ("", 940, true),
        ("", 1_061, false),
        ("", 939, false),
        ("within = '5m'", 1_300, true),
        ("within = '5m'", 1_301, false),
        ("within = '0s'", 1_000, true),
        ("within = '0s'", 1_001, false),
    ] {
        rules(&mut desk, within);
        let record = said("m1", 1, second);
        let plan = plan(&mut desk, &account, &[record]).await;
        let expected = if is_found { found("m1", "ticket", (ticket_of(1), 5_001)) } else { nowhere("m1") };
        assert_eq!(targets(&plan), [expected], "{within} {second}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_was_imported_without_a_sent_time_is_found_by_when_it_was_created() {
    let (mut desk, account) = begin();
    bring(&account, &said("m1", 1, 60), 5_001, &json!({"sent_datetime": null}));
    let plan = plan(&mut desk, &account, &[said("m1", 1, 60)]).await;
    assert_eq!(targets(&plan), [found("m1", "ticket", (ticket_of(1), 5_001))]);
}

fn thanks(id: &str, second: u64) -> Said {
    said(id, 1, second).with("text", "Thanks!")
}

#[tokio::test(start_paused = true)]
async fn the_very_second_counts_before_a_near_one() {
    let (mut desk, account) = begin();
    for (message, second) in [(5_001, 100), (5_002, 120), (5_003, 140)] {
        bring(&account, &thanks("x", second), message, &json!({}));
    }
    let plan = plan(&mut desk, &account, &[thanks("m3", 140), thanks("m1", 100), thanks("m2", 120)]).await;
    let expected = [("m3", 5_003), ("m1", 5_001), ("m2", 5_002)];
    assert_eq!(targets(&plan), expected.map(|(id, message)| found(id, "ticket", (ticket_of(1), message))));
}

#[tokio::test(start_paused = true)]
async fn the_same_text_twice_in_a_minute_is_for_the_operator_to_tell_apart() {
    for seconds in [[100, 100], [103, 123]] {
        let (mut desk, account) = begin();
        for (message, second) in [(5_001, seconds[0]), (5_002, seconds[1])] {
            bring(&account, &thanks("x", second), message, &json!({}));
        }
        let records = [thanks("m1", 100), thanks("m2", seconds[1] - seconds[0] + 100)];
        let plan = plan(&mut desk, &account, &records).await;
        assert_eq!(targets(&plan), [nowhere("m1"), nowhere("m2")]);
        let why = "blocked ambiguous: several messages of the account may be this one";
        assert_eq!(causes(&plan), [cause("m1", why), cause("m2", why)]);
        let listed = [("m1", 5_001), ("m1", 5_002), ("m2", 5_001), ("m2", 5_002)];
        assert_eq!(candidates(&plan), listed.map(|(id, message)| (id.to_owned(), ticket_of(1), message)));
        // Filled in by hand, the list is an ids file.
        desk.ids(&[("m1", ticket_of(1), 5_001), ("m2", ticket_of(1), 5_002)]);
        drop(plan);
        let plan = desk.plan();
        let expected = [("m1", 5_001), ("m2", 5_002)];
        assert_eq!(targets(&plan), expected.map(|(id, message)| found(id, "ids", (ticket_of(1), message))));
        assert!(candidates(&plan).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_a_surer_rule_has_found_is_no_rival() {
    let (mut desk, account) = begin();
    bring(&account, &thanks("m1", 100), 5_001, &json!({"external_id": "m1"}));
    bring(&account, &thanks("m2", 100), 5_002, &json!({}));
    let records = [thanks("m1", 100), thanks("m2", 100)];
    let both = plan(&mut desk, &account, &records).await;
    let expected = [found("m1", "external_id", (ticket_of(1), 5_001)), found("m2", "ticket", (ticket_of(1), 5_002))];
    assert_eq!(targets(&both), expected);
    // Where the account lacks the second one, that is absent; the first one is not blocked for it.
    let gone = Target { ticket_id: ticket_of(1), message_id: 5_002 };
    drop(both);
    account.with(|simulator| simulator.delete_message(gone).expect("it goes"));
    let plan = plan(&mut desk, &account, &records).await;
    assert_eq!(targets(&plan), [found("m1", "external_id", (ticket_of(1), 5_001)), nowhere("m2")]);
    let why = "absent not-in-ticket: its ticket is in the account, and not this message";
    assert_eq!(causes(&plan), [cause("m2", why)]);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_holds_another_id_is_blocked_unless_the_operator_allows_it() {
    let (mut desk, account) = begin();
    bring(&account, &one(), 5_001, &json!({"external_id": "theirs"}));
    desk.ids(&[("m1", ticket_of(1), 5_001)]);
    for rule in ["ids", "message_id", "ticket"] {
        rules(&mut desk, &format!("rules = ['{rule}']"));
        desk.writes.replace_external_id = false;
        let kept = plan(&mut desk, &account, &[one()]).await;
        let why = "blocked other-external-id: its target already holds another external_id";
        assert_eq!(causes(&kept), [cause("m1", why)], "{rule}");
        drop(kept);
        desk.writes.replace_external_id = true;
        let replaced = desk.plan();
        assert_eq!(replaced.totals(), [("pending", 1)].into(), "{rule}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_without_an_id_is_preferred_to_one_that_holds_another() {
    let (mut desk, account) = begin();
    bring(&account, &thanks("x", 100), 5_001, &json!({"external_id": "theirs"}));
    bring(&account, &thanks("x", 120), 5_002, &json!({}));
    let plan = plan(&mut desk, &account, &[thanks("m1", 100)]).await;
    assert_eq!(targets(&plan), [found("m1", "ticket", (ticket_of(1), 5_002))]);
}

#[tokio::test(start_paused = true)]
async fn two_messages_for_one_target_are_both_blocked_and_both_named() {
    let (mut desk, account) = begin();
    bring(&account, &thanks("x", 100), 5_001, &json!({}));
    bring(&account, &said("m3", 1, 200), 5_002, &json!({"external_id": "m3"}));
    desk.ids(&[("m4", ticket_of(1), 5_002)]);
    let records = [thanks("m1", 100), thanks("m2", 110), said("m3", 1, 200), said("m4", 1, 300)];
    let plan = plan(&mut desk, &account, &records).await;
    let (first, second) = (
        "blocked shared-target: message 5001 in Gorgias would be written by m1 and m2",
        "blocked shared-target: message 5002 in Gorgias would be written by m3 and m4",
    );
    assert_eq!(causes(&plan), [cause("m1", first), cause("m2", first), cause("m3", second), cause("m4", second)]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_moved_with_its_ticket_is_written_where_it_is_now() {
    let (mut desk, account) = begin();
    bring(&account, &one(), 5_001, &json!({}));
    bring(&account, &said("m2", 2, 60), 5_002, &json!({}));
    desk.ids(&[("m1", ticket_of(1), 5_001)]);
    account.with(|simulator| simulator.merge(ticket_of(1), ticket_of(2)).expect("merged"));
    let plan = plan(&mut desk, &account, &[one()]).await;
    assert_eq!(targets(&plan), [found("m1", "ids", (ticket_of(2), 5_001))]);
}

#[tokio::test(start_paused = true)]
async fn an_ids_file_that_names_a_message_which_the_account_lacks_is_told_so() {
    let (mut desk, account) = begin();
    bring(&account, &one(), 5_001, &json!({}));
    desk.ids(&[("m1", ticket_of(1), 9_999)]);
    let plan = plan(&mut desk, &account, &[one()]).await;
    let why = "absent no-target: the account has no message with the id that is given for it";
    assert_eq!(causes(&plan), [cause("m1", why)]);
}

#[tokio::test(start_paused = true)]
async fn what_is_absent_is_told_why() {
    let (mut desk, account) = begin();
    // Ticket 1 came with its first 250 messages.
    let long: Vec<Said> = (0..260).map(|n| said(&format!("m{n}"), 1, 10_000 + 60 * n)).collect();
    for (n, message) in (0..).zip(&long[..250]) {
        bring(&account, message, 5_000 + n, &json!({}));
    }
    let mut export = long;
    export.extend([
        said("old", 1, 9_000),
        said("elsewhere", 2, 20_000),
        said("missing", 1, 10_030),
        said("homeless", 1, 20_000).with("ticket", ()),
    ]);
    let plan = plan(&mut desk, &account, &export).await;
    let beyond = "absent beyond-limit: it comes after the 250th message of its ticket";
    // `old` and `missing` are messages of the ticket as well.
    let mut expected: Vec<_> = (250..260).map(|n| cause(&format!("m{n}"), beyond)).collect();
    expected.extend([
        cause("old", "absent too-old: it is older than every message of the account"),
        cause("elsewhere", "absent no-ticket: the account has no ticket with the foreign id of its ticket"),
        cause("missing", "absent not-in-ticket: its ticket is in the account, and not this message"),
        cause(
            "homeless",
            "absent no-target: no message of the account is this one, and the export does not say its ticket",
        ),
    ]);
    assert_eq!(causes(&plan), expected);
    assert_eq!(plan.totals(), [("absent", 14), ("pending", 250)].into());
}

#[tokio::test(start_paused = true)]
async fn what_was_not_looked_for_is_not_called_missing() {
    let (mut desk, account) = begin();
    bring(&account, &said("m1", 1, 60), 5_001, &json!({}));
    bring(&account, &said("m2", 2, 60), 5_002, &json!({}));
    let wanted = ["1".to_owned(), "3".to_owned()];
    Scanning::along(&desk, &Wire::plain(&account)).by_ticket(&wanted).await.expect("a scan");
    desk.scan = Some(desk.path("virtual.scan"));
    desk.ids(&[("m5", ticket_of(7), 7_000)]);
    let other = said("m4", 1, 60).with("text", "not there");
    desk.export(&[said("m1", 1, 60), said("m2", 2, 60), said("m3", 3, 1), other, said("m5", 2, 60)]);
    let plan = desk.plan();
    let expected = [
        cause("m2", "absent not-scanned: the scan did not look for its ticket"),
        cause("m3", "absent no-ticket: the account has no ticket with the foreign id of its ticket"),
        cause("m4", "absent not-in-ticket: its ticket is in the account, and not this message"),
    ];
    assert_eq!(causes(&plan), expected);
    // What the ids file says of a ticket that nobody looked into is taken at its word.
    assert_eq!(targets(&plan)[4], found("m5", "ids", (ticket_of(7), 7_000)));
}
