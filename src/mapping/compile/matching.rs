//! `[match]`: by what messages are found in the account.

use std::time::Duration;

use toml::de::{DeTable, DeValue};

use super::Compiler;
use super::dom::{self, Value, Written};
use crate::mapping::matching::Matching;
use crate::record::{MatchRule, time_span};

/// Two times that lie further apart are not those of one message.
const LONGEST: Duration = Duration::from_hours(24);

/// The keys of `[match]`.
pub(super) const KEYS: &[&str] = &["rules", "within"];

impl Compiler<'_> {
    /// Compiles `[match]`; what it leaves out is as it is by default.
    pub(super) fn matching(&mut self, document: &DeTable<'_>) -> Matching {
        let mut matching = Matching::default();
        let Some(table) = self.findings.table_at(document, "match") else {
            return matching;
        };
        self.findings.check_keys(table, "key", " of [match]", KEYS);
        if let Some(rules) = dom::get(table, "rules") {
            let written = self.findings.texts_at(table, "rules");
            if written.as_ref().is_some_and(Vec::is_empty) {
                self.findings.add_hinted(
                    rules.span(),
                    "`rules` is empty: no message would be found in the account",
                    "at least one rule is needed",
                    Some(format!("without `rules`, all are tried: {}", MatchRule::ALL.map(MatchRule::word).join(", "))),
                );
            }
            matching.rules = self.rules(&written.unwrap_or_default(), document);
            if !matching.rules.is_empty() && !matching.rules.contains(&MatchRule::Export) {
                self.check_no_target(document);
            }
        }
        if let Some(within) = self.findings.text_at(table, "within").and_then(|written| self.within(&written)) {
            matching.within = within;
        }
        matching
    }

    fn rules(&mut self, written: &[Written], document: &DeTable<'_>) -> Vec<MatchRule> {
        let mut rules = Vec::with_capacity(written.len());
        for word in written {
            let Some(rule) = MatchRule::from_word(&word.text) else {
                let message = format!("unknown match rule `{}`", word.text);
                self.findings.add_unknown(word.inner(), message, &word.text, MatchRule::ALL.map(MatchRule::word));
                continue;
            };
            if rules.contains(&rule) {
                let message = format!("match rule `{}` stands twice", rule.word());
                self.findings.add(word.inner(), message, "it would find nothing more the second time");
                continue;
            }
            if let Some((lacks, label)) = lacks(rule, document) {
                let message = format!("match rule `{}` can find nothing: {lacks}", rule.word());
                self.findings.add(word.inner(), message, label);
            }
            rules.push(rule);
        }
        rules
    }

    /// Refuses targets in the export that nobody would look at.
    fn check_no_target(&mut self, document: &DeTable<'_>) {
        for target in blocks(document).iter().filter_map(|block| dom::get(block.get_ref().as_table()?, "target")) {
            let message = "[message.target] is never used: the match rule `export` is not among the `rules`";
            self.findings.add(target.span(), message, "add `export` to `rules`, or leave this out");
        }
    }

    fn within(&mut self, written: &Written) -> Option<Duration> {
        let Some(within) = time_span(&written.text) else {
            let message = format!("`{}` is no time", written.text);
            self.findings.add(written.inner(), message, "a number with s, m or h behind it, such as 90s");
            return None;
        };
        if within > LONGEST {
            self.findings.add(written.inner(), "`within` is longer than a day", "at most 24h");
            return None;
        }
        Some(within)
    }
}

/// What `rule` needs of the blocks and no block has, and how it is mended.
fn lacks(rule: MatchRule, document: &DeTable<'_>) -> Option<(&'static str, &'static str)> {
    let (is_there, lacks, label) = match rule {
        MatchRule::Export => {
            (is_mapped(document, &["target"]), "no block has [message.target]", "map it, or leave this rule out")
        }
        MatchRule::MessageId => (
            is_mapped(document, &["fields", "message_id"]),
            "no block maps `message_id`",
            "map it, or leave this rule out",
        ),
        MatchRule::Ticket => (
            is_mapped(document, &["ticket", "external_id"]),
            "no block says which ticket a message belongs to",
            "map `external_id` in [message.ticket], or leave this rule out",
        ),
        // The ids file is the operator's, and every block must map `external_id` anyway.
        MatchRule::Ids | MatchRule::ExternalId => return None,
    };
    (!is_there).then_some((lacks, label))
}

/// Whether some block has something at `path`, be it right or wrong: a wrong one is blamed where it stands.
fn is_mapped(document: &DeTable<'_>, path: &[&str]) -> bool {
    blocks(document).iter().any(|block| {
        let inside = path.iter().try_fold(block, |value, key| dom::get(value.get_ref().as_table()?, key));
        inside.is_some()
    })
}

/// The blocks as they are written.
fn blocks<'a, 'i>(document: &'a DeTable<'i>) -> &'a [Value<'i>] {
    match dom::get(document, "message").map(Value::get_ref) {
        Some(DeValue::Array(blocks)) => blocks,
        _ => &[],
    }
}
