//! A `[[message]]` block, and the proofs that it must pass.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::Compiler;
use super::dom::{self, Value};
use super::resolve::Scope;
use super::want::Want;
use crate::mapping::recipe::{Each, Fields, Message, Origin, Path, Recipe, SkipRule};
use crate::mapping::value::Constant;
use crate::update::Channel;

/// The keys of a block.
pub(super) const KEYS: &[&str] =
    &["name", "files", "when", "each", "optional", "skip", "newest", "fields", "ticket", "target"];
/// The keys of a skip rule, all of which are needed.
pub(super) const SKIP_KEYS: &[&str] = &["when", "reason"];
/// The keys of `[message.ticket]`.
pub(super) const TICKET_KEYS: &[&str] = &["external_id"];
/// The keys of `[message.target]`, all of which are needed.
pub(super) const TARGET_KEYS: &[&str] = &["ticket_id", "message_id"];
/// The fields that every block must map.
pub(super) const NEEDED: [&str; 4] = ["external_id", "channel", "via", "from_agent"];

impl Compiler<'_> {
    /// Compiles all blocks.
    pub(super) fn messages(&mut self, document: &DeTable<'_>) -> Vec<Message> {
        let Some(value) = dom::get(document, "message") else {
            self.findings.add(0..0, "the mapping has no [[message]]", "at least one block says how a message is made");
            return Vec::new();
        };
        let DeValue::Array(blocks) = value.get_ref() else {
            self.findings.add(value.span(), "`message` is written once for each kind of message", "write [[message]]");
            return Vec::new();
        };
        let mut messages: Vec<Message> = Vec::with_capacity(blocks.len());
        for (block, value) in (0_u16..).zip(blocks) {
            self.block = block;
            let name = self.block_name(block, value, blocks);
            messages.extend(self.message(value, name));
        }
        messages
    }

    /// What reports call the messages of the block with this number.
    fn block_name(&mut self, block: u16, value: &Value<'_>, blocks: &[Value<'_>]) -> String {
        let by_number = format!("message {}", block + 1);
        let Some(written) = value.get_ref().as_table().and_then(|table| self.findings.text_at(table, "name")) else {
            return by_number;
        };
        let is_taken = blocks.iter().take(block.into()).any(|other| {
            let name = other.get_ref().as_table().and_then(|table| dom::get(table, "name")?.get_ref().as_str());
            name == Some(&*written.text)
        });
        if is_taken {
            let message = format!("two blocks are called `{}`", written.text);
            self.findings.add(written.inner(), message, "reports could not tell them apart");
        }
        if written.text.trim().is_empty() {
            self.findings.add(written.inner(), "the block has an empty name", "name it, or leave `name` out");
        }
        written.text
    }

    fn message(&mut self, value: &Value<'_>, name: String) -> Option<Message> {
        let span = value.span();
        let DeValue::Table(block) = value.get_ref() else {
            self.findings.add_wrong_type("message", value, "a block: [[message]]");
            return None;
        };
        self.findings.check_keys(block, "key", " of [[message]]", KEYS);
        let files = self.block_files(block);
        let record = Scope::record();
        let when = self.when(block, &record);
        let each = self.messages_at(block, &record)?;
        let scope = if each.is_empty() { record } else { record.each(&each) };
        let optional = self.findings.flag_at(block, "optional");
        if let Some(value) = dom::get(block, "optional").filter(|_| optional && each.is_empty()) {
            self.findings.add(value.span(), "`optional` without `each`", "the record itself is the message here");
        }
        let skip = self.skip_rules(block, &scope);
        let newest = dom::get(block, "newest").and_then(|value| self.recipe("newest", value, Want::Version, &scope));
        let fields = if let Some(table) = self.findings.table_at(block, "fields") {
            let fields = self.fields(table, &scope);
            self.prove(&fields, table, &span);
            fields
        } else {
            if dom::get(block, "fields").is_none() {
                self.findings.add(span, "the block has no [message.fields]", "nothing is mapped here");
            }
            Fields::default()
        };
        let ticket = self.ticket(block, &scope);
        let target = self.target(block, &scope);
        Some(Message { name, files, when: when?, each, optional, skip, newest, fields, ticket, target })
    }

    /// Patterns of the files that a block is for.
    fn block_files(&mut self, block: &DeTable<'_>) -> Vec<String> {
        let files = self.files(block);
        if let Some(value) = dom::get(block, "files")
            && value.get_ref().as_array().is_some_and(|list| list.is_empty())
        {
            self.findings.add(value.span(), "`files` is empty: the block is for no file", "leave it out for all files");
        }
        files
    }

    /// The paths to the messages of a block; none where the record is the message.
    fn messages_at(&mut self, block: &DeTable<'_>, record: &Scope) -> Option<Vec<Each>> {
        let Some(value) = dom::get(block, "each") else {
            return Some(Vec::new());
        };
        let written = self.findings.texts_at(block, "each")?;
        if written.is_empty() {
            self.findings.add(value.span(), "`each` is empty", "at least one path is needed");
        }
        // All of them, so that each mistake is found.
        let each: Vec<_> = written.iter().map(|path| self.each(path, record)).collect();
        let each = each.into_iter().collect::<Option<Vec<_>>>();
        each.filter(|each| !each.is_empty())
    }

    fn skip_rules(&mut self, block: &DeTable<'_>, scope: &Scope) -> Vec<SkipRule> {
        let Some(value) = dom::get(block, "skip") else {
            return Vec::new();
        };
        let DeValue::Array(rules) = value.get_ref() else {
            self.findings.add_wrong_type("skip", value, "a list of { when = \"…\", reason = \"…\" }");
            return Vec::new();
        };
        rules.iter().filter_map(|rule| self.skip_rule(rule, scope)).collect()
    }

    fn skip_rule(&mut self, rule: &Value<'_>, scope: &Scope) -> Option<SkipRule> {
        let DeValue::Table(table) = rule.get_ref() else {
            self.findings.add_wrong_type("skip", rule, "a list of { when = \"…\", reason = \"…\" }");
            return None;
        };
        self.findings.check_keys(table, "key", " of a skip rule", SKIP_KEYS);
        for key in SKIP_KEYS {
            if dom::get(table, key).is_none() {
                self.findings.add(
                    rule.span(),
                    format!("a skip rule without `{key}`"),
                    "both `when` and `reason` are needed",
                );
            }
        }
        let when = self.findings.text_at(table, "when").and_then(|written| self.condition(&written, scope));
        let reason = self.findings.text_at(table, "reason")?.text;
        let when = when?;
        let about_parent = when.condition.all_paths(&|path: &Path| path.is_outside(scope.depth()));
        Some(SkipRule { when, reason, about_parent })
    }

    fn ticket(&mut self, block: &DeTable<'_>, scope: &Scope) -> Option<Recipe> {
        let table = self.findings.table_at(block, "ticket")?;
        self.findings.check_keys(table, "key", " of [message.ticket]", TICKET_KEYS);
        self.recipe("ticket.external_id", dom::get(table, "external_id")?, Want::Filled, scope)
    }

    fn target(&mut self, block: &DeTable<'_>, scope: &Scope) -> Option<(Recipe, Recipe)> {
        let table = self.findings.table_at(block, "target")?;
        self.findings.check_keys(table, "key", " of [message.target]", TARGET_KEYS);
        let mut part = |name: &str, key: &str| {
            let Some(value) = dom::get(table, key) else {
                let span = dom::get(block, "target").map_or(0..0, Value::span);
                self.findings.add(span, format!("[message.target] has no `{key}`"), "both ids are needed");
                return None;
            };
            self.recipe(name, value, Want::Integer, scope)
        };
        let ticket = part("target.ticket_id", "ticket_id");
        let message = part("target.message_id", "message_id");
        Some((ticket?, message?))
    }

    /// Refuses a block that could make no valid update, or an unsafe one.
    fn prove(&mut self, fields: &Fields, table: &DeTable<'_>, span: &Range<usize>) {
        for name in NEEDED {
            if dom::get(table, name).is_none() {
                self.findings.add(
                    span.clone(),
                    format!("`{name}` is not mapped"),
                    format!("every [[message]] must map `{name}`"),
                );
            }
        }
        if dom::get(table, "sent_datetime").is_none() && !is_always_note(fields.channel.as_ref()) {
            self.findings.add_hinted(
                span.clone(),
                "refused: a message that is not an internal note must have sent_datetime: without it Gorgias may mail the customer",
                "`sent_datetime` is not mapped",
                Some("map it from the time at which the message was sent, with `required = true`".to_owned()),
            );
        }
    }
}

/// Whether every message of the block is an internal note.
fn is_always_note(channel: Option<&Recipe>) -> bool {
    channel.is_some_and(|channel| {
        channel.alternatives.iter().all(|alternative| {
            matches!(&alternative.origin, Origin::Constant(Constant::Text(text)) if text == Channel::InternalNote.name())
                && alternative.table.is_none()
                && alternative.apply.is_empty()
        })
    })
}
