//! How messages are found in the account is declared in the mapping, and what can't be right there is refused.

#![allow(clippy::needless_raw_string_hashes, reason = "all snapshots are quoted alike")]
#![allow(clippy::expect_used, reason = "a test may panic")]

mod mapping_support;

use std::time::Duration;

use deskferry::mapping::{Mapping, Matching, builtin};
use deskferry::record::MatchRule;
use deskferry::update::FieldName;
use insta::assert_snapshot;
use mapping_support::{compile, small};

/// Everything that a rule may need.
const COMPLETE: &str = r#"message_id = { from = "mid" }
[message.ticket]
  external_id = { from = "ticket", apply = ["to_string"] }
[message.target]
ticket_id = { from = "gorgias_ticket" }
message_id = { from = "gorgias_message" }"#;

fn matching(head: &str) -> Matching {
    compile(&small(head, COMPLETE)).matching().clone()
}

fn refusal(head: &str, fields: &str) -> String {
    Mapping::compile(&small(head, fields), "mappings/acme.toml").expect_err("a wrong mapping is refused").render()
}

#[test]
fn a_mapping_that_says_nothing_tries_every_rule_the_surest_first() {
    use MatchRule::{Export, ExternalId, Ids, MessageId, Ticket};
    let default = Matching { rules: vec![Export, Ids, ExternalId, MessageId, Ticket], within: Duration::from_mins(1) };
    assert_eq!(compile(&small("", "")).matching(), &default, "also where it has nothing for some of them");
    assert_eq!(matching("[match]"), default);
}

#[test]
fn a_mapping_says_which_rules_and_in_which_order() {
    use MatchRule::{Export, ExternalId, Ids, MessageId, Ticket};
    let said = matching("[match]\nrules = ['ticket', 'message_id', 'external_id', 'ids', 'export']\nwithin = '90s'");
    assert_eq!(
        said,
        Matching { rules: vec![Ticket, MessageId, ExternalId, Ids, Export], within: Duration::from_secs(90) }
    );
    assert_eq!(matching("[match]\nrules = 'export'").rules, [Export], "one rule needs no list");
    assert_eq!(matching("[match]\nwithin = '24h'").within, Duration::from_hours(24));
    assert_eq!(matching("[match]\nwithin = '0s'").within, Duration::ZERO);
}

#[test]
fn a_rule_that_another_block_provides_for_is_accepted() {
    let second = r#"[[message]]
[message.fields]
  external_id = { from = "id" }
  channel = { value = "internal-note" }
  via = { value = "api" }
  from_agent = { value = true }
[message.ticket]
  external_id = { from = "ticket" }"#;
    let mapping = compile(&small("[match]\nrules = ['ticket']", second));
    assert_eq!(mapping.matching().rules, [MatchRule::Ticket]);
}

#[test]
fn the_built_in_mappings_find_messages_by_ticket_too() {
    for built_in in builtin::all() {
        let mapping = Mapping::compile(built_in.text, built_in.name).expect("a built-in mapping");
        // Neither a call nor a backup has a ticket to be found by.
        let by_ticket = !["aircall", "gorgias-backup"].contains(&built_in.name);
        assert_eq!(mapping.matching().rules.contains(&MatchRule::Ticket), by_ticket, "{}", built_in.name);
        // Not every system exports the Message-ID; a backup needs none.
        let by_message_id = mapping.sets().contains(&FieldName::MessageId) && built_in.name != "gorgias-backup";
        assert_eq!(mapping.matching().rules.contains(&MatchRule::MessageId), by_message_id, "{}", built_in.name);
    }
}

#[test]
fn names_and_codes_lead_back_to_their_rule() {
    for rule in MatchRule::ALL {
        assert_eq!(MatchRule::from_word(rule.word()), Some(rule));
        assert_eq!(MatchRule::from_code(rule.code()), Some(rule));
    }
    assert_eq!(MatchRule::from_word("text"), None);
    assert_eq!(MatchRule::from_code(5), None);
}

#[test]
fn an_unknown_key_of_match() {
    assert_snapshot!(refusal("[match]\nrule = ['ids']", ""), @r#"
    error: unknown key `rule` of [match]
     --> mappings/acme.toml:4:1
      |
    4 | rule = ['ids']
      | ^^^^ did you mean `rules`?
      |
      = valid: rules, within
    "#);
}

#[test]
fn match_is_a_table() {
    assert_snapshot!(refusal("match = ['ids']", ""), @r#"
    error: `match` must be a table
     --> mappings/acme.toml:3:9
      |
    3 | match = ['ids']
      |         ^^^^^^^ this is a list
    "#);
}

#[test]
fn an_unknown_rule_names_the_nearest() {
    assert_snapshot!(refusal("[match]\nrules = ['ids', 'mesage-id']", ""), @r#"
    error: unknown match rule `mesage-id`
     --> mappings/acme.toml:4:18
      |
    4 | rules = ['ids', 'mesage-id']
      |                  ^^^^^^^^^ did you mean `message_id`?
      |
      = valid: export, ids, external_id, message_id, ticket
    "#);
}

#[test]
fn a_rule_that_stands_twice() {
    assert_snapshot!(refusal("[match]\nrules = ['ids', 'external_id', 'ids']", ""), @r#"
    error: match rule `ids` stands twice
     --> mappings/acme.toml:4:33
      |
    4 | rules = ['ids', 'external_id', 'ids']
      |                                 ^^^ it would find nothing more the second time
    "#);
}

#[test]
fn no_rule_at_all() {
    assert_snapshot!(refusal("[match]\nrules = []", ""), @r#"
    error: `rules` is empty: no message would be found in the account
     --> mappings/acme.toml:4:9
      |
    4 | rules = []
      |         ^^ at least one rule is needed
      |
      = without `rules`, all are tried: export, ids, external_id, message_id, ticket
    "#);
}

#[test]
fn a_within_that_is_no_time() {
    assert_snapshot!(refusal("[match]\nwithin = '1 minute'", ""), @r#"
    error: `1 minute` is no time
     --> mappings/acme.toml:4:11
      |
    4 | within = '1 minute'
      |           ^^^^^^^^ a number with s, m or h behind it, such as 90s
    "#);
}

#[test]
fn a_within_that_is_a_number() {
    assert_snapshot!(refusal("[match]\nwithin = 60", ""), @r#"
    error: `within` must be text in quotes
     --> mappings/acme.toml:4:10
      |
    4 | within = 60
      |          ^^ this is a whole number
    "#);
}

#[test]
fn a_within_of_more_than_a_day() {
    assert_snapshot!(refusal("[match]\nwithin = '25h'", ""), @r#"
    error: `within` is longer than a day
     --> mappings/acme.toml:4:11
      |
    4 | within = '25h'
      |           ^^^ at most 24h
    "#);
}

#[test]
fn rules_that_no_block_provides_for() {
    assert_snapshot!(refusal("[match]\nrules = ['export', 'message_id', 'ticket']", ""), @r#"
    error: match rule `export` can find nothing: no block has [message.target]
     --> mappings/acme.toml:4:11
      |
    4 | rules = ['export', 'message_id', 'ticket']
      |           ^^^^^^ map it, or leave this rule out

    error: match rule `message_id` can find nothing: no block maps `message_id`
     --> mappings/acme.toml:4:21
      |
    4 | rules = ['export', 'message_id', 'ticket']
      |                     ^^^^^^^^^^ map it, or leave this rule out

    error: match rule `ticket` can find nothing: no block says which ticket a message belongs to
     --> mappings/acme.toml:4:35
      |
    4 | rules = ['export', 'message_id', 'ticket']
      |                                   ^^^^^^ map `external_id` in [message.ticket], or leave this rule out
    "#);
}

#[test]
fn a_ticket_that_is_mapped_wrongly_is_blamed_once_where_it_stands() {
    let ticket = "[message.ticket]\n  external_id = { form = 'ticket' }";
    assert_snapshot!(refusal("[match]\nrules = ['ticket']", ticket), @r#"
    error: unknown key `form` of `ticket.external_id`
      --> mappings/acme.toml:13:19
       |
    13 |   external_id = { form = 'ticket' }
       |                   ^^^^ did you mean `from`?
       |
       = valid: from, value, template, expr, with, when, apply, table, is, is_not, default, required, when_missing, when_unknown
    "#);
}

#[test]
fn targets_in_the_export_that_no_rule_looks_at() {
    assert_snapshot!(refusal("[match]\nrules = ['ids']", COMPLETE), @r#"
    error: [message.target] is never used: the match rule `export` is not among the `rules`
      --> mappings/acme.toml:15:1
       |
    15 | [message.target]
       | ^^^^^^^^^^^^^^^^ add `export` to `rules`, or leave this out
    "#);
}
